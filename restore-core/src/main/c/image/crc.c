/* SPDX-License-Identifier: Apache-2.0 */
#include "image/crc.h"

#include "image/format.h"

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

/*
 * To append the 1024 zero bytes of a lane multiplies a CRC by x^(8 * 1024) modulo the polynomial: by nibbles, the lowest first.
 * The unit test crc_of_a_page checks it against the plain loop.
 */
static const uint32_t LANE_OF_ZEROS[8][16] = {
	{ 0x00000000, 0xfe314258, 0xf98ef241, 0x07bfb019, 0xf6f19273, 0x08c0d02b, 0x0f7f6032, 0xf14e226a,
	  0xe80f5217, 0x163e104f, 0x1181a056, 0xefb0e20e, 0x1efec064, 0xe0cf823c, 0xe7703225, 0x1941707d },
	{ 0x00000000, 0xd5f2d2df, 0xae09d34f, 0x7bfb0190, 0x59ffd06f, 0x8c0d02b0, 0xf7f60320, 0x2204d1ff,
	  0xb3ffa0de, 0x660d7201, 0x1df67391, 0xc804a14e, 0xea0070b1, 0x3ff2a26e, 0x4409a3fe, 0x91fb7121 },
	{ 0x00000000, 0x6213374d, 0xc4266e9a, 0xa63559d7, 0x8da0abc5, 0xefb39c88, 0x4986c55f, 0x2b95f212,
	  0x1ead217b, 0x7cbe1636, 0xda8b4fe1, 0xb89878ac, 0x930d8abe, 0xf11ebdf3, 0x572be424, 0x3538d369 },
	{ 0x00000000, 0x3d5a42f6, 0x7ab485ec, 0x47eec71a, 0xf5690bd8, 0xc833492e, 0x8fdd8e34, 0xb287ccc2,
	  0xef3e6141, 0xd26423b7, 0x958ae4ad, 0xa8d0a65b, 0x1a576a99, 0x270d286f, 0x60e3ef75, 0x5db9ad83 },
	{ 0x00000000, 0xdb90b473, 0xb2cd1e17, 0x695daa64, 0x60764adf, 0xbbe6feac, 0xd2bb54c8, 0x092be0bb,
	  0xc0ec95be, 0x1b7c21cd, 0x72218ba9, 0xa9b13fda, 0xa09adf61, 0x7b0a6b12, 0x1257c176, 0xc9c77505 },
	{ 0x00000000, 0x84355d8d, 0x0d86cdeb, 0x89b39066, 0x1b0d9bd6, 0x9f38c65b, 0x168b563d, 0x92be0bb0,
	  0x361b37ac, 0xb22e6a21, 0x3b9dfa47, 0xbfa8a7ca, 0x2d16ac7a, 0xa923f1f7, 0x20906191, 0xa4a53c1c },
	{ 0x00000000, 0x6c366f58, 0xd86cdeb0, 0xb45ab1e8, 0xb535cb91, 0xd903a4c9, 0x6d591521, 0x016f7a79,
	  0x6f87e1d3, 0x03b18e8b, 0xb7eb3f63, 0xdbdd503b, 0xdab22a42, 0xb684451a, 0x02def4f2, 0x6ee89baa },
	{ 0x00000000, 0xdf0fc3a6, 0xbbf3f1bd, 0x64fc321b, 0x720b958b, 0xad04562d, 0xc9f86436, 0x16f7a790,
	  0xe4172b16, 0x3b18e8b0, 0x5fe4daab, 0x80eb190d, 0x961cbe9d, 0x49137d3b, 0x2def4f20, 0xf2e08c86 },
};

static inline uint32_t append_lane(uint32_t crc)
{
	uint32_t product = 0;

	for (int i = 0; i < 8; i++)
		product ^= LANE_OF_ZEROS[i][crc >> 4 * i & 15];
	return product;
}

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
	b ^= append_lane((uint32_t)a);
	c ^= append_lane((uint32_t)b);
	return ~(append_lane((uint32_t)c) ^ (uint32_t)d);
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

static inline uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * ODD;
	return h ^ h >> 29;
}

static inline uint64_t step(uint64_t h, uint64_t word)
{
	h += word;
	return h << 29 | h >> 35;
}

static inline uint64_t two_steps(uint64_t h, uint64_t first, uint64_t second)
{
	return step(step(h, first), second) * ODD;
}

/* Eight lanes, as two steps take seven cycles. Each is one to one; sums carry, so it is not linear over bits. */
uint64_t page_hash(const void *page)
{
	const uint64_t *w = page;
	uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8;

	for (int i = 0; i < 512; i += 16) {
		a = two_steps(a, w[i], w[i + 8]);
		b = two_steps(b, w[i + 1], w[i + 9]);
		c = two_steps(c, w[i + 2], w[i + 10]);
		d = two_steps(d, w[i + 3], w[i + 11]);
		e = two_steps(e, w[i + 4], w[i + 12]);
		f = two_steps(f, w[i + 5], w[i + 13]);
		g = two_steps(g, w[i + 6], w[i + 14]);
		h = two_steps(h, w[i + 7], w[i + 15]);
	}
	return mix(mix(mix(mix(mix(mix(mix(a, b), c), d), e), f), g), h);
}
