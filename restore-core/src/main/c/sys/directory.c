/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/directory.h"

#include "sys/memory.h"
#include "sys/syscall.h"

static bool is_dot(const char *name)
{
	return string_equal(name, ".") || string_equal(name, "..");
}

int directory_walk(int fd, directory_visit visit, void *data)
{
	char buffer[768] __attribute__((aligned(8)));
	long got = sys_lseek(fd, 0, SEEK_SET);

	if (got < 0)
		return (int)got;
	while ((got = sys_getdents64(fd, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < got;) {
			struct linux_dirent64 *entry = (struct linux_dirent64 *)(buffer + at);

			at += entry->d_reclen;
			if (!is_dot(entry->d_name) && !visit(entry->d_name, data))
				return 0;
		}
	}
	return (int)got;
}

int directory_number(const char *name)
{
	const char *s = name;
	uint64_t value = parse_decimal(&s);

	if (s == name || *s || string_length(name) > 10 || value >= DIRECTORY_NUMBER_END)
		return -1;
	return (int)value;
}
