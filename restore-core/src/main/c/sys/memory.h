/* SPDX-License-Identifier: Apache-2.0
 * Bytes and strings without libc; gcc may emit calls of the first four by itself.
 */
#ifndef THAW_SYS_MEMORY_H
#define THAW_SYS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

size_t string_length(const char *s);
bool string_equal(const char *a, const char *b);
bool string_starts(const char *s, const char *prefix);
bool string_ends(const char *s, const char *suffix);
/* Copies at most bytes - 1 characters and ends with NUL. */
void string_copy(char *ret, const char *from, size_t bytes);
/* Reads digits at *s up to the first that is none and moves *s behind them. */
uint64_t parse_decimal(const char **s);
uint64_t parse_hex(const char **s);
uint64_t parse_octal(const char **s);

/* A text that is cut, never overrun. */
struct text {
	char *buffer;
	size_t size, length;
};
void text_open(struct text *t, char *buffer, size_t size);
void text_string(struct text *t, const char *s);
void text_decimal(struct text *t, uint64_t value);
void text_padded(struct text *t, uint64_t value, int digits);
void text_hex(struct text *t, uint64_t value);
/* value / 10^decimals with that many digits behind the point */
void text_fixed(struct text *t, uint64_t value, int decimals);
/* "No space left on device (ENOSPC)" for errno 28; "errno 123" for one it does not know */
void text_errno(struct text *t, int error);

static inline uint64_t min_u64(uint64_t a, uint64_t b) { return a < b ? a : b; }
static inline uint64_t max_u64(uint64_t a, uint64_t b) { return a > b ? a : b; }
static inline uint64_t align_up(uint64_t value, uint64_t unit) { return (value + unit - 1) & ~(unit - 1); }

#endif
