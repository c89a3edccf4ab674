/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/fdinfo.h"

#include "sys/memory.h"
#include "sys/syscall.h"

int lines_open(struct lines *ret, const char *path)
{
	ret->begin = ret->end = 0;
	ret->file = sys_open(path, O_RDONLY | O_CLOEXEC);
	return ret->file < 0 ? ret->file : 0;
}

/* Moves what is left to the front and reads more behind it. */
static bool lines_fill(struct lines *lines)
{
	uint32_t left = lines->end - lines->begin;
	long got;

	memmove(lines->buffer, lines->buffer + lines->begin, left);
	lines->begin = 0;
	lines->end = left;
	got = sys_read(lines->file, lines->buffer + left, sizeof(lines->buffer) - 1 - left);
	if (got > 0)
		lines->end += (uint32_t)got;
	return got > 0;
}

char *lines_next(struct lines *lines)
{
	uint32_t at = lines->begin;
	char *line;

	for (;; at++) {
		if (at == lines->end) {
			uint32_t seen = at - lines->begin;
			bool more = seen < sizeof(lines->buffer) - 1 && lines_fill(lines);

			at = lines->begin + seen;
			if (!more)
				break;
		}
		if (lines->buffer[at] == '\n')
			break;
	}
	if (at == lines->end && at == lines->begin)
		return NULL;
	line = lines->buffer + lines->begin;
	lines->begin = at < lines->end ? at + 1 : at;
	lines->buffer[at] = 0;
	return line;
}

void lines_close(struct lines *lines)
{
	sys_close(lines->file);
}

int fdinfo_open(int fd, struct lines *ret)
{
	char path[64];
	struct text t;

	text_open(&t, path, sizeof(path));
	text_string(&t, "/proc/thread-self/fdinfo/");
	text_decimal(&t, (uint64_t)fd);
	return lines_open(ret, path);
}

static void skip_blanks(const char **s)
{
	while (**s == ' ' || **s == '\t')
		(*s)++;
}

/* Moves *s behind the key and the blanks around it. */
static bool skip_key(const char **s, const char *key)
{
	skip_blanks(s);
	if (!string_starts(*s, key))
		return false;
	*s += string_length(key);
	skip_blanks(s);
	return true;
}

int fdinfo_eventfd(int fd, struct fdinfo_eventfd *ret)
{
	struct lines lines;
	const char *line;
	int error = fdinfo_open(fd, &lines);

	memset(ret, 0, sizeof(*ret));
	if (error < 0)
		return error;
	while ((line = lines_next(&lines))) {
		if (skip_key(&line, "eventfd-count:"))
			ret->count = parse_hex(&line);
		else if (skip_key(&line, "eventfd-semaphore:"))
			ret->semaphore = parse_decimal(&line) != 0;
	}
	lines_close(&lines);
	return 0;
}

/* "(49406829, 999999999)": seconds and nanoseconds. */
static uint64_t parse_time(const char *s)
{
	uint64_t seconds;

	if (*s == '(')
		s++;
	seconds = parse_decimal(&s);
	while (*s == ',' || *s == ' ')
		s++;
	return seconds * 1000000000ull + parse_decimal(&s);
}

/* fs/timerfd.c, timerfd_show(): the flags are octal; the only one that outlives settime is 2. */
int fdinfo_timerfd(int fd, struct fdinfo_timerfd *ret)
{
	struct lines lines;
	const char *line;
	int error = fdinfo_open(fd, &lines);

	memset(ret, 0, sizeof(*ret));
	if (error < 0)
		return error;
	while ((line = lines_next(&lines))) {
		if (skip_key(&line, "clockid:"))
			ret->clock = (uint32_t)parse_decimal(&line);
		else if (skip_key(&line, "ticks:"))
			ret->ticks = parse_decimal(&line);
		else if (skip_key(&line, "settime flags:"))
			ret->flags = (uint32_t)parse_decimal(&line) & TFD_TIMER_CANCEL_ON_SET;
		else if (skip_key(&line, "it_value:"))
			ret->value_ns = parse_time(line);
		else if (skip_key(&line, "it_interval:"))
			ret->interval_ns = parse_time(line);
	}
	lines_close(&lines);
	return 0;
}

int fdinfo_signalfd(int fd, uint64_t *ret_mask)
{
	struct lines lines;
	const char *line;
	int error = fdinfo_open(fd, &lines);

	*ret_mask = 0;
	if (error < 0)
		return error;
	while ((line = lines_next(&lines)))
		if (skip_key(&line, "sigmask:"))
			*ret_mask = parse_hex(&line);
	lines_close(&lines);
	return 0;
}

/* "inotify wd:1 ino:3f7e8 sdev:fe00000 mask:300 ignored_mask:0 ..." */
bool fdinfo_parse_inotify(const char *line, struct fdinfo_inotify *ret)
{
	if (!skip_key(&line, "inotify") || !skip_key(&line, "wd:"))
		return false;
	ret->wd = (int)parse_hex(&line);
	if (!skip_key(&line, "ino:"))
		return false;
	ret->inode = parse_hex(&line);
	if (!skip_key(&line, "sdev:"))
		return false;
	ret->device = parse_hex(&line);
	if (!skip_key(&line, "mask:"))
		return false;
	ret->mask = (uint32_t)parse_hex(&line);
	return true;
}

/* "tfd:        5 events:       19 data:    7f0000000005  pos:0 ino:2 sdev:f" */
bool fdinfo_parse_watch(const char *line, struct fdinfo_watch *ret)
{
	if (!skip_key(&line, "tfd:"))
		return false;
	ret->target = (int)parse_decimal(&line);
	if (!skip_key(&line, "events:"))
		return false;
	ret->events = (uint32_t)parse_hex(&line);
	if (!skip_key(&line, "data:"))
		return false;
	ret->data = parse_hex(&line);
	if (!skip_key(&line, "pos:"))
		return false;
	parse_decimal(&line);
	if (!skip_key(&line, "ino:"))
		return false;
	ret->inode = parse_hex(&line);
	return true;
}
