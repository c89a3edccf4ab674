/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/memory.h"

#include <linux/errno.h>

void *memcpy(void *to, const void *from, size_t bytes)
{
	void *ret = to;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
	return ret;
}

void *memmove(void *to, const void *from, size_t bytes)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	if (t <= f || t >= f + bytes)
		return memcpy(to, from, bytes);
	while (bytes--)
		t[bytes] = f[bytes];
	return to;
}

void *memset(void *to, int value, size_t bytes)
{
	void *ret = to;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
	return ret;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
	const uint8_t *x = a, *y = b;

	for (size_t i = 0; i < bytes; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

size_t string_length(const char *s)
{
	size_t length = 0;

	while (s[length])
		length++;
	return length;
}

bool string_equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

bool string_starts(const char *s, const char *prefix)
{
	while (*prefix)
		if (*s++ != *prefix++)
			return false;
	return true;
}

bool string_ends(const char *s, const char *suffix)
{
	size_t length = string_length(s), tail = string_length(suffix);

	return length >= tail && memcmp(s + length - tail, suffix, tail) == 0;
}

void string_copy(char *ret, const char *from, size_t bytes)
{
	size_t i = 0;

	for (; i + 1 < bytes && from[i]; i++)
		ret[i] = from[i];
	ret[i] = 0;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return 99;
}

static uint64_t parse_digits(const char **s, int base)
{
	uint64_t value = 0;

	for (; digit_value(**s) < base; (*s)++)
		value = value * (uint64_t)base + (uint64_t)digit_value(**s);
	return value;
}

uint64_t parse_decimal(const char **s) { return parse_digits(s, 10); }
uint64_t parse_hex(const char **s) { return parse_digits(s, 16); }
uint64_t parse_octal(const char **s) { return parse_digits(s, 8); }

void text_open(struct text *t, char *buffer, size_t size)
{
	t->buffer = buffer;
	t->size = size;
	t->length = 0;
	buffer[0] = 0;
}

void text_string(struct text *t, const char *s)
{
	while (*s && t->length + 1 < t->size)
		t->buffer[t->length++] = *s++;
	t->buffer[t->length] = 0;
}

static void text_digits(struct text *t, uint64_t value, unsigned int base, int digits)
{
	char buffer[24];
	int i = 23;

	buffer[i] = 0;
	do {
		buffer[--i] = "0123456789abcdef"[value % base];
		value /= base;
		digits--;
	} while (value || (digits > 0 && i > 0));
	text_string(t, buffer + i);
}

void text_decimal(struct text *t, uint64_t value) { text_digits(t, value, 10, 1); }
void text_padded(struct text *t, uint64_t value, int digits) { text_digits(t, value, 10, digits); }

void text_hex(struct text *t, uint64_t value)
{
	text_string(t, "0x");
	text_digits(t, value, 16, 1);
}

void text_fixed(struct text *t, uint64_t value, int decimals)
{
	uint64_t unit = 1;

	for (int i = 0; i < decimals; i++)
		unit *= 10;
	text_decimal(t, value / unit);
	text_string(t, ".");
	text_digits(t, value % unit, 10, decimals);
}

/* glibc's texts, so that a user finds them where such texts are explained. */
static const struct {
	int error;
	char text[56];
} ERRORS[] = {
	{ EPERM, "Operation not permitted (EPERM)" },
	{ ENOENT, "No such file or directory (ENOENT)" },
	{ ESRCH, "No such process (ESRCH)" },
	{ EINTR, "Interrupted system call (EINTR)" },
	{ EIO, "Input/output error (EIO)" },
	{ EBADF, "Bad file descriptor (EBADF)" },
	{ EAGAIN, "Resource temporarily unavailable (EAGAIN)" },
	{ ENOMEM, "Cannot allocate memory (ENOMEM)" },
	{ EACCES, "Permission denied (EACCES)" },
	{ EFAULT, "Bad address (EFAULT)" },
	{ EBUSY, "Device or resource busy (EBUSY)" },
	{ EEXIST, "File exists (EEXIST)" },
	{ ENOTDIR, "Not a directory (ENOTDIR)" },
	{ EISDIR, "Is a directory (EISDIR)" },
	{ EINVAL, "Invalid argument (EINVAL)" },
	{ ENFILE, "Too many open files in system (ENFILE)" },
	{ EMFILE, "Too many open files (EMFILE)" },
	{ EFBIG, "File too large (EFBIG)" },
	{ ENOSPC, "No space left on device (ENOSPC)" },
	{ EROFS, "Read-only file system (EROFS)" },
	{ EPIPE, "Broken pipe (EPIPE)" },
	{ ENAMETOOLONG, "File name too long (ENAMETOOLONG)" },
	{ ENOSYS, "Function not implemented (ENOSYS)" },
	{ ELOOP, "Too many levels of symbolic links (ELOOP)" },
	{ ETIMEDOUT, "Connection timed out (ETIMEDOUT)" },
	{ EADDRINUSE, "Address already in use (EADDRINUSE)" },
	{ EADDRNOTAVAIL, "Cannot assign requested address (EADDRNOTAVAIL)" },
	{ EAFNOSUPPORT, "Address family not supported (EAFNOSUPPORT)" },
	{ EDQUOT, "Disk quota exceeded (EDQUOT)" },
};

void text_errno(struct text *t, int error)
{
	for (size_t i = 0; i < sizeof(ERRORS) / sizeof(ERRORS[0]); i++) {
		if (ERRORS[i].error == error) {
			text_string(t, ERRORS[i].text);
			return;
		}
	}
	text_string(t, "errno ");
	text_decimal(t, (uint64_t)error);
}
