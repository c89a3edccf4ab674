/* SPDX-License-Identifier: Apache-2.0
 * thaw list, inspect, verify …: the same command line to dev.thaw.tools.Main, with the Java and the thaw.jar that
 * the snapshot names, else with JAVA_HOME's, else with the PATH's.
 */
#include "restore/launcher.h"
#include "sys/directory.h"

static char java[THAW_PATH_BYTES], jar[THAW_PATH_BYTES];
static struct image_header header;
static char strings[1 << 16];

#define OLDEST_JAVA	22u

static char too_old[THAW_PATH_BYTES];	/* the first java that was passed over */

static bool exists(const char *path)
{
	struct stat st;

	return sys_stat(path, &st) == 0 && (st.st_mode & S_IFMT) == S_IFREG;
}

/* Of the JDK or JRE that java belongs to, by its release file (JAVA_VERSION="25.0.3"); 0: not known. */
static uint64_t java_version(const char *path)
{
	static char real[THAW_PATH_BYTES], release[8192];
	static const char KEY[] = "JAVA_VERSION=\"";
	char link[32];
	struct text t;
	int fd = sys_open(path, O_PATH | O_CLOEXEC);
	long got;

	text_open(&t, link, sizeof(link));
	text_string(&t, "/proc/self/fd/");
	text_decimal(&t, (uint64_t)fd);
	got = fd < 0 ? -1 : sys_readlink(link, real, sizeof(real) - 16);
	if (fd >= 0)
		sys_close(fd);
	if (got < 9)
		return 0;
	real[got - 9] = 0;		/* without "/bin/java" */
	text_open(&t, real + got - 9, 16);
	text_string(&t, "/release");
	fd = sys_open(real, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : sys_read(fd, release, sizeof(release) - 1);
	if (fd >= 0)
		sys_close(fd);
	for (const char *s = release; got > 0 && *s; s++) {
		if (string_starts(s, KEY)) {
			s += sizeof(KEY) - 1;
			return parse_decimal(&s);
		}
	}
	return 0;
}

/* There, and able to run the tools. */
static bool is_usable_java(const char *path)
{
	uint64_t version;

	if (!exists(path))
		return false;
	version = java_version(path);
	if (!version || version >= OLDEST_JAVA)
		return true;
	if (!too_old[0])
		string_copy(too_old, path, sizeof(too_old));
	return false;
}

/* A string of the snapshot's that is not verified: a hint, used only if it names a file. */
static void take_hint(uint32_t offset, const char *tail, char *ret)
{
	struct text t;

	if (ret[0] || !offset || offset >= sizeof(strings) - 1)
		return;
	text_open(&t, ret, THAW_PATH_BYTES);
	text_string(&t, strings + offset);
	text_string(&t, tail);
	if (!exists(ret))
		ret[0] = 0;
}

static int open_meta(const char *path)
{
	char name[24];
	struct text t;
	int folder = sys_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;

	if (folder < 0)
		return folder;
	fd = sys_openat(folder, "meta", O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0) {
		text_open(&t, name, sizeof(name));
		text_padded(&t, (uint64_t)snapshot_newest(folder, DIRECTORY_NUMBER_END), 4);
		text_string(&t, "/meta");
		fd = sys_openat(folder, name, O_RDONLY | O_CLOEXEC, 0);
	}
	sys_close(folder);
	return fd;
}

static void read_hints(const char *path)
{
	int fd = open_meta(path);

	if (fd < 0)
		return;
	if (sys_pread(fd, &header, sizeof(header), 0) == sizeof(header) && header.magic == THAW_META_MAGIC) {
		sys_pread(fd, strings, sizeof(strings) - 1, header.sections[SECTION_STRINGS].offset);
		take_hint(header.java_home, "/bin/java", java);
		take_hint(header.agent_jar, "", jar);
	}
	sys_close(fd);
}

/* thaw.jar beside the executable, or where the build leaves it. */
static void find_jar(void)
{
	static const char *const PLACES[] = { "/thaw.jar", "/../lib/thaw.jar", "/../../agent/target/thaw.jar" };
	char self[1024 - 256];
	long got = sys_readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (got < 0)
		return;
	while (got > 0 && self[got - 1] != '/')
		got--;
	self[got ? got - 1 : 0] = 0;
	for (unsigned int i = 0; i < 3 && !jar[0]; i++) {
		struct text t;

		text_open(&t, jar, sizeof(jar));
		text_string(&t, self);
		text_string(&t, PLACES[i]);
		if (!exists(jar))
			jar[0] = 0;
	}
}

static void find_java(char **envp)
{
	const char *home = environment(envp, "JAVA_HOME"), *path = environment(envp, "PATH");
	struct text t;

	if (home) {
		text_open(&t, java, sizeof(java));
		text_string(&t, home);
		text_string(&t, "/bin/java");
		if (is_usable_java(java))
			return;
		java[0] = 0;
	}
	while (path && *path) {
		text_open(&t, java, sizeof(java));
		for (; *path && *path != ':'; path++) {
			char c[2] = { *path, 0 };

			text_string(&t, c);
		}
		text_string(&t, "/java");
		if (is_usable_java(java))
			return;
		java[0] = 0;
		path += *path == ':';
	}
}

void tools_exec(int argc, char **argv, char **envp)
{
	static char *arguments[256];
	int count = 0, error;

	for (int i = 2; i < argc && !(java[0] && jar[0]); i++)
		read_hints(argv[i]);
	if (!java[0])
		find_java(envp);
	if (!jar[0])
		find_jar();
	if (!java[0] && too_old[0])
		die(EXIT_REFUSED, "the tools need Java 22 or newer, set JAVA_HOME to one; too old is ", too_old, 0);
	if (!java[0] || !jar[0])
		die(EXIT_USAGE, java[0] ? "thaw.jar is not found: put it beside the thaw executable"
					: "no java is found: set JAVA_HOME", "", 0);
	arguments[count++] = java;
	arguments[count++] = (char *)"-XX:TieredStopAtLevel=1";
	arguments[count++] = (char *)"-cp";
	arguments[count++] = jar;
	arguments[count++] = (char *)"dev.thaw.tools.Main";
	for (int i = 1; i < argc && count < 255; i++)
		arguments[count++] = argv[i];
	error = sys_execve(java, arguments, envp);
	die(EXIT_USAGE, "java cannot be started: ", java, error);
}
