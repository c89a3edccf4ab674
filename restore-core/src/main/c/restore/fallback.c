/* SPDX-License-Identifier: Apache-2.0
 * `thaw restore DIR --or-else CMD args…`: the command in place of a restore that was refused.
 */
#include "restore/launcher.h"

/* What the checks have changed of this process is as it was. */
static void undo(const struct restore *r)
{
	struct rlimit limit;

	SYSCALL3(__NR_close_range, 3, ~0u, 0);
	if (r->start_folder[0])
		sys_chdir(r->start_folder);
	if (r->soft_limit && sys_getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.soft = r->soft_limit;
		sys_setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static bool has_slash(const char *name)
{
	for (; *name; name++)
		if (*name == '/')
			return true;
	return false;
}

/* As execvp: each folder of PATH, an empty one is the working directory. */
static int exec_in_path(const struct restore *r, const char *path)
{
	static char file[THAW_PATH_BYTES];
	int result = -ENOENT, error;

	while (path) {
		const char *end = path;
		struct text t;

		while (*end && *end != ':')
			end++;
		text_open(&t, file, sizeof(file));
		string_copy(file, path, min_u64(sizeof(file), (uint64_t)(end - path) + 1));
		t.length = string_length(file);
		text_string(&t, t.length ? "/" : "./");
		text_string(&t, r->or_else[0]);
		error = sys_execve(file, r->or_else, r->environment);
		if (error != -ENOENT && error != -ENOTDIR)
			result = error;
		path = *end ? end + 1 : NULL;
	}
	return result;
}

void fallback_exec(struct restore *r)
{
	const char *path = environment(r->environment, "PATH"), *command = r->or_else[0];
	int error;

	undo(r);
	error = has_slash(command) ? sys_execve(command, r->or_else, r->environment)
		: exec_in_path(r, path ? path : "/bin:/usr/bin");
	r->or_else = NULL;
	die(EXIT_REFUSED, "the command after --or-else cannot be started: ", command, error);
}
