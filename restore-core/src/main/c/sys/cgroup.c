/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/cgroup.h"

#include "sys/memory.h"
#include "sys/syscall.h"

#define PATH_BYTES	512u
#define HUNDRED		100u

static bool read_text(const char *path, char *ret, size_t bytes)
{
	int fd = sys_open(path, O_RDONLY | O_CLOEXEC);
	long got = fd < 0 ? fd : sys_read(fd, ret, bytes - 1);

	if (fd >= 0)
		sys_close(fd);
	ret[got > 0 ? got : 0] = 0;
	return got > 0;
}

static bool read_file(const char *folder, const char *name, char *ret, size_t bytes)
{
	char path[PATH_BYTES];
	struct text t;

	text_open(&t, path, sizeof(path));
	text_string(&t, folder);
	text_string(&t, name);
	return t.length + 1 < sizeof(path) && read_text(path, ret, bytes);
}

/* "max 100000" or "50000 100000"; version 1 has -1 for no limit, in two files. */
static uint32_t limit_of(const char *folder)
{
	char quota[64], period[64];
	const char *q = quota, *p = period;
	uint64_t quota_us, period_us;

	if (read_file(folder, "/cpu.max", quota, sizeof(quota))) {
		if (*q < '0' || *q > '9')
			return 0;
		quota_us = parse_decimal(&q);
		if (*q == ' ')
			q++;
		period_us = parse_decimal(&q);
	} else {
		if (!read_file(folder, "/cpu.cfs_quota_us", quota, sizeof(quota)) || *q == '-'
		    || !read_file(folder, "/cpu.cfs_period_us", period, sizeof(period)))
			return 0;
		quota_us = parse_decimal(&q);
		period_us = parse_decimal(&p);
	}
	return period_us ? (uint32_t)max_u64(1, quota_us * HUNDRED / period_us) : 0;
}

/*
 * From the group up to the mount. In a container the list may name a path of the host, which is not there: then only the
 * mount itself counts, which is the container's own.
 */
static uint32_t least_limit(const char *mount, const char *group)
{
	char folder[PATH_BYTES];
	size_t root = string_length(mount), length;
	uint32_t least = 0;
	struct text t;

	text_open(&t, folder, sizeof(folder));
	text_string(&t, mount);
	text_string(&t, group);
	length = min_u64(t.length, sizeof(folder) - 1);
	for (;;) {
		uint32_t limit;

		while (length > root && folder[length - 1] == '/')
			length--;
		folder[length] = 0;
		limit = limit_of(folder);
		if (limit && (!least || limit < least))
			least = limit;
		if (length <= root)
			return least;
		while (length > root && folder[length - 1] != '/')
			length--;
	}
}

/* Whether the line's controllers, between its two colons, have "cpu". */
static bool has_cpu(const char *s)
{
	while (*s && *s != ':') {
		const char *next = s;

		while (*next && *next != ',' && *next != ':')
			next++;
		if (next - s == 3 && memcmp(s, "cpu", 3) == 0)
			return true;
		s = *next == ',' ? next + 1 : next;
	}
	return false;
}

static uint32_t least_of_line(const char *line, const char *mounts)
{
	const char *controllers = line, *group;
	char mount[PATH_BYTES];
	struct text t;

	while (*controllers && *controllers != ':')
		controllers++;
	if (!*controllers++)
		return 0;
	for (group = controllers; *group && *group != ':';)
		group++;
	if (!*group++)
		return 0;
	if (*controllers == ':')		/* version 2 */
		return least_limit(mounts, group);
	if (!has_cpu(controllers))
		return 0;
	text_open(&t, mount, sizeof(mount));
	text_string(&t, mounts);
	text_string(&t, "/cpu");		/* where several are mounted as one it is a link */
	return least_limit(mount, group);
}

uint32_t cgroup_cpu_limit(const char *list, const char *mounts, char *buffer, size_t bytes)
{
	char *line = buffer;
	uint32_t least = 0;

	if (!read_text(list, buffer, bytes))
		return 0;
	for (char *s = buffer; *s; s++) {
		uint32_t limit;

		if (*s != '\n')
			continue;
		*s = 0;
		limit = least_of_line(line, mounts);
		if (limit && (!least || limit < least))
			least = limit;
		line = s + 1;
	}
	return least;
}
