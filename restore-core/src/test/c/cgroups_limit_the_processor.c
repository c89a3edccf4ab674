/* SPDX-License-Identifier: Apache-2.0
 * Limits of both versions, nested, in a container and without any, as files in the working directory.
 */
#include "sys/cgroup.h"
#include "sys/memory.h"

#include "check.h"

int failures;

static void put(const char *path, const char *text)
{
	int fd = (int)MUST(sys_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));

	MUST(sys_write(fd, text, string_length(text)));
	sys_close(fd);
}

static void folder(const char *path) { MUST(sys_mkdir(path, 0700)); }

static void limit_is(uint32_t expected, const char *list)
{
	char buffer[4096];
	uint32_t limit;

	put("list", list);
	limit = cgroup_cpu_limit("list", "mounts", buffer, sizeof(buffer));
	CHECK(limit == expected, "%u instead of %u by\n%s", limit, expected, list);
}

int main(void)
{
	char buffer[64];

	CHECK(cgroup_cpu_limit("no list", "mounts", buffer, sizeof(buffer)) == 0, "there is no list");
	folder("mounts");
	folder("mounts/a");
	folder("mounts/a/b");
	limit_is(0, "0::/a/b\n");
	put("mounts/a/b/cpu.max", "max 100000\n");
	limit_is(0, "0::/a/b\n");
	put("mounts/a/b/cpu.max", "250000 100000\n");
	limit_is(250, "0::/a/b\n");
	limit_is(0, "0::/a\n");
	put("mounts/a/cpu.max", "30000 60000\n");	/* of a group above: it holds, too */
	limit_is(50, "0::/a/b\n");
	limit_is(50, "0::/a/\n");
	put("mounts/a/cpu.max", "100 1000000\n");
	limit_is(1, "0::/a/b\n");
	put("mounts/a/cpu.max", "max 100000\n");

	folder("mounts/cpu");
	folder("mounts/cpu/c");
	put("mounts/cpu/cpu.cfs_quota_us", "-1\n");
	put("mounts/cpu/cpu.cfs_period_us", "100000\n");
	put("mounts/cpu/c/cpu.cfs_quota_us", "150000\n");
	put("mounts/cpu/c/cpu.cfs_period_us", "100000\n");
	limit_is(150, "3:cpuset:/\n2:cpu,cpuacct:/c\n");
	limit_is(150, "2:cpuacct,cpu:/c\n0::/\n");
	limit_is(0, "3:cpuset:/c\n2:cpuacct:/c\n1:name=cpu:/c\n");
	limit_is(0, "1:cpu:/\n");
	limit_is(150, "1:cpu:/c\n0::/a/b\n");
	/* In a container: the list has the host's path, the mount is the container's own group. */
	put("mounts/cpu/cpu.cfs_quota_us", "20000\n");
	limit_is(20, "1:cpu:/docker/0123456789\n");
	limit_is(0, "nonsense\n\n::\n7\n");
	return failures != 0;
}
