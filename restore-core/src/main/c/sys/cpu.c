/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/cpu.h"

#include "sys/memory.h"

#define LEAF1_ECX_OSXSAVE	(1u << 27)

static void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t ret[4])
{
	__asm__ volatile("cpuid" : "=a"(ret[0]), "=b"(ret[1]), "=c"(ret[2]), "=d"(ret[3]) : "a"(leaf), "c"(subleaf));
}

void cpu_read(struct image_cpu *ret)
{
	uint32_t r[4], highest;

	memset(ret, 0, sizeof(*ret));
	cpuid(0, 0, r);
	highest = r[0];
	cpuid(1, 0, r);
	ret->leaf1_ecx = r[2];
	ret->leaf1_edx = r[3];
	if (highest >= 7) {
		cpuid(7, 0, r);
		ret->leaf7_ebx = r[1], ret->leaf7_ecx = r[2], ret->leaf7_edx = r[3];
		cpuid(7, 1, r);
		ret->leaf7_1_eax = r[0];
	}
	cpuid(0x80000001u, 0, r);
	ret->ext1_ecx = r[2], ret->ext1_edx = r[3];
	if (ret->leaf1_ecx & LEAF1_ECX_OSXSAVE) {
		uint32_t low, high;

		__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
		ret->xcr0 = (uint64_t)high << 32 | low;
		cpuid(0xd, 0, r);
		ret->xsave_bytes = r[1];
	}
}

const char *cpu_layout_differs(const struct image_cpu *old, const struct image_cpu *now)
{
	if (old->xcr0 != now->xcr0 || old->xsave_bytes != now->xsave_bytes)
		return "the layout of saved vector registers (XCR0)";	/* it is in every thread's signal frame */
	return NULL;
}

const char *cpu_missing(const struct image_cpu *old, const struct image_cpu *now)
{
	if (old->leaf1_ecx & ~now->leaf1_ecx)
		return "CPUID 1 ECX (SSE3 to AVX)";
	if (old->leaf1_edx & ~now->leaf1_edx)
		return "CPUID 1 EDX";
	if (old->leaf7_ebx & ~now->leaf7_ebx)
		return "CPUID 7 EBX (AVX2, BMI, AVX-512)";
	if (old->leaf7_ecx & ~now->leaf7_ecx)
		return "CPUID 7 ECX";
	if (old->leaf7_1_eax & ~now->leaf7_1_eax)
		return "CPUID 7.1 EAX";
	if (old->ext1_ecx & ~now->ext1_ecx || old->ext1_edx & ~now->ext1_edx)
		return "CPUID 80000001";
	return cpu_layout_differs(old, now);
}

static void words_of(const struct image_cpu *cpu, uint32_t ret[8])
{
	uint32_t words[8] = { cpu->leaf1_ecx, cpu->leaf1_edx, cpu->leaf7_ebx, cpu->leaf7_ecx, cpu->leaf7_edx,
			      cpu->leaf7_1_eax, cpu->ext1_ecx, cpu->ext1_edx };

	memcpy(ret, words, sizeof(words));
}

static void text_words(struct text *ret, const uint32_t words[8])
{
	for (int i = 0; i < 64; i++) {
		char digit[2] = { "0123456789abcdef"[words[i / 8] >> (28 - i % 8 * 4) & 15], 0 };

		text_string(ret, digit);
	}
}

void cpu_text(struct text *ret, const struct image_cpu *cpu)
{
	uint32_t words[8];

	words_of(cpu, words);
	text_words(ret, words);
}

void cpu_text_missing(struct text *ret, const struct image_cpu *old, const struct image_cpu *now)
{
	uint32_t words[8], have[8];

	words_of(old, words);
	words_of(now, have);
	for (int i = 0; i < 8; i++)
		words[i] &= ~have[i];
	text_words(ret, words);
}
