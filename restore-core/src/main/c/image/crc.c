/* SPDX-License-Identifier: Apache-2.0 */
#include "image/crc.h"

#include "image/format.h"

#define POLYNOMIAL	0x82f63b78u	/* Castagnoli, reflected */
#define LANES		4
#define LANE_BYTES	(THAW_PAGE_SIZE / LANES)

static inline uint64_t step8(uint64_t crc, uint64_t word)
{
	return __builtin_ia32_crc32di(crc, word);
}

uint32_t crc32c(uint32_t seed, const void *bytes, size_t count)
{
	const uint8_t *p = bytes;
	uint64_t crc = ~seed;

	for (; count >= 8; count -= 8, p += 8) {
		uint64_t word;

		__builtin_memcpy(&word, p, 8);
		crc = step8(crc, word);
	}
	for (; count; count--, p++)
		crc = __builtin_ia32_crc32qi((uint32_t)crc, *p);
	return ~(uint32_t)crc;
}

/* a * b modulo the polynomial, both reflected: bit 31 is x^0. */
static uint32_t multiply(uint32_t a, uint32_t b)
{
	uint32_t product = 0;

	for (int i = 0; i < 32; i++) {
		if (a & 0x80000000u)
			product ^= b;
		a <<= 1;
		b = (b >> 1) ^ (b & 1 ? POLYNOMIAL : 0);
	}
	return product;
}

/*
 * Appending n zero bytes multiplies a CRC by x^(8n); x^(8 * 1024), 2048 and 3072 modulo the polynomial.
 * The unit test crc_of_a_page checks them against the plain loop.
 */
#define X8192	0xe4172b16u
#define X16384	0x0d65762au
#define X24576	0x5f60970fu

uint32_t crc32c_page(const void *page)
{
	const uint64_t *w = page;
	uint64_t a = 0xffffffffu, b = 0, c = 0, d = 0;

	for (unsigned int i = 0; i < LANE_BYTES / 8; i++) {
		a = step8(a, w[i]);
		b = step8(b, w[i + LANE_BYTES / 8]);
		c = step8(c, w[i + 2 * LANE_BYTES / 8]);
		d = step8(d, w[i + 3 * LANE_BYTES / 8]);
	}
	return ~(multiply(X24576, (uint32_t)a) ^ multiply(X16384, (uint32_t)b) ^ multiply(X8192, (uint32_t)c)
		 ^ (uint32_t)d);
}

int page_is_zero(const void *page)
{
	const uint64_t *w = page;

	for (unsigned int i = 0; i < THAW_PAGE_SIZE / 8; i += 8)
		if (w[i] | w[i + 1] | w[i + 2] | w[i + 3] | w[i + 4] | w[i + 5] | w[i + 6] | w[i + 7])
			return 0;
	return 1;
}

#define ODD	0x9e3779b97f4a7c15ull

static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * ODD;
	return h ^ h >> 29;
}

/* Four lanes: a multiplication takes three cycles, and one begins in each. Every step is one to one. */
uint64_t page_hash(const void *page)
{
	const uint64_t *words = page;
	uint64_t a = 1, b = 2, c = 3, d = 4;

	for (int i = 0; i < 512; i += 4) {
		a = mix(a, words[i]);
		b = mix(b, words[i + 1]);
		c = mix(c, words[i + 2]);
		d = mix(d, words[i + 3]);
	}
	return mix(mix(mix(a, b), c), d);
}
