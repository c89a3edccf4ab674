/* SPDX-License-Identifier: Apache-2.0
 * /proc/self/timens_offsets: two lines, "monotonic SECONDS NANOSECONDS" and "boottime SECONDS NANOSECONDS".
 * Seconds may be negative, nanoseconds never are (time_namespaces(7)).
 */
#include "sys/time_offsets.h"

#include "sys/memory.h"
#include "sys/syscall.h"

#define NS	1000000000

static const char PATH[] = "/proc/self/timens_offsets";

static int64_t parse_signed(const char **s)
{
	int64_t sign = 1;

	while (**s == ' ')
		(*s)++;
	if (**s == '-') {
		sign = -1;
		(*s)++;
	}
	return sign * (int64_t)parse_decimal(s);
}

static const char *parse_line(const char *s, int64_t *ret)
{
	int64_t seconds;

	while (*s && *s != ' ')
		s++;
	seconds = parse_signed(&s);
	*ret = (int64_t)((uint64_t)seconds * NS + (uint64_t)parse_signed(&s));
	while (*s && *s != '\n')
		s++;
	return *s ? s + 1 : s;
}

void time_offsets_read(struct time_offsets *ret)
{
	char text[256];
	int fd = sys_open(PATH, O_RDONLY | O_CLOEXEC);
	long got = fd < 0 ? fd : sys_read(fd, text, sizeof(text) - 1);

	ret->monotonic_ns = ret->boottime_ns = 0;
	if (fd >= 0)
		sys_close(fd);
	if (got <= 0)
		return;
	text[got] = 0;
	parse_line(parse_line(text, &ret->monotonic_ns), &ret->boottime_ns);
}

static void text_offset(struct text *t, const char *clock, int64_t ns)
{
	int64_t seconds = ns / NS, rest = ns % NS;

	if (rest < 0) {
		seconds--;
		rest += NS;
	}
	text_string(t, clock);
	text_string(t, seconds < 0 ? " -" : " ");
	text_decimal(t, seconds < 0 ? 0 - (uint64_t)seconds : (uint64_t)seconds);
	text_string(t, " ");
	text_decimal(t, (uint64_t)rest);
	text_string(t, "\n");
}

int time_offsets_write(const struct time_offsets *offsets)
{
	char buffer[256];
	struct text t;
	int fd = sys_open(PATH, O_WRONLY | O_CLOEXEC);
	long put;

	if (fd < 0)
		return fd;
	text_open(&t, buffer, sizeof(buffer));
	text_offset(&t, "monotonic", offsets->monotonic_ns);
	text_offset(&t, "boottime", offsets->boottime_ns);
	put = sys_write(fd, buffer, t.length);
	sys_close(fd);
	return put < 0 ? (int)put : 0;
}
