/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/capture.h"
#include "sys/directory.h"
#include "sys/syscall.h"

#define PROC_TASK	"/proc/self/task"

/* "1234 (name, which may hold any character) S ...": the name in ret, and the state. */
static char parse_stat(char *stat, struct text *ret)
{
	char *name = stat, *end = NULL;

	while (*name && *name != '(')
		name++;
	for (char *s = name; *s; s++)
		if (*s == ')')
			end = s;
	if (!end)
		return 0;
	*end = 0;
	text_string(ret, name + 1);
	return end[1] == ' ' ? end[2] : 0;
}

static void refuse_child(struct capture *c, int pid)
{
	char path[64], name[96];
	struct lines lines;
	struct text t;
	char *stat;

	text_open(&t, path, sizeof(path));
	text_string(&t, "/proc/");
	text_decimal(&t, (uint64_t)pid);
	text_string(&t, "/stat");
	text_open(&t, name, sizeof(name));
	if (lines_open(&lines, path) == 0) {
		stat = lines_next(&lines);
		if (stat && parse_stat(stat, &t) == 'Z')
			text_string(&t, " (ended, not yet waited for)");
		lines_close(&lines);
	}
	builder_refuse(c->b, REFUSE_CHILD, -1, name)->pid = pid;
}

/* "1234 1235 ", in pieces of any length */
static void parse_children(struct capture *c, int file)
{
	char buffer[256];
	int pid = 0;
	long got;

	while ((got = sys_read(file, buffer, sizeof(buffer))) > 0) {
		for (long i = 0; i < got; i++) {
			if (buffer[i] >= '0' && buffer[i] <= '9') {
				pid = pid * 10 + (buffer[i] - '0');
			} else if (pid) {
				refuse_child(c, pid);
				pid = 0;
			}
		}
	}
	if (pid)
		refuse_child(c, pid);
}

static bool visit_task(const char *name, void *data)
{
	char path[64];
	struct text t;
	int file;

	text_open(&t, path, sizeof(path));
	text_string(&t, PROC_TASK "/");
	text_string(&t, name);
	text_string(&t, "/children");
	file = sys_open(path, O_RDONLY | O_CLOEXEC);
	if (file >= 0) {
		parse_children(data, file);
		sys_close(file);
	}
	return true;
}

/* One that has ended but was not waited for is a child too: a thread of the JVM is about to collect it. */
void capture_children(struct capture *c)
{
	struct siginfo info;
	uint32_t before = c->b->result->refusal_count;
	int directory;

	if (sys_waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | WALL) == -ECHILD)
		return;
	directory = sys_open(PROC_TASK, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory >= 0) {
		directory_walk(directory, visit_task, c);
		sys_close(directory);
	}
	if (c->b->result->refusal_count == before)
		builder_refuse(c->b, REFUSE_CHILD, -1, "");
}
