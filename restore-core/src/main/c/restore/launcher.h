/* SPDX-License-Identifier: Apache-2.0
 * The `thaw` executable: turns itself into the JVM of a snapshot. One thread, no libc; static variables and
 * buffers are its own and end with it.
 */
#ifndef THAW_RESTORE_LAUNCHER_H
#define THAW_RESTORE_LAUNCHER_H

#include "descriptors/descriptors.h"
#include "engine/zone.h"
#include "image/view.h"
#include "restore/context.h"
#include "sys/memory.h"
#include "sys/syscall.h"

#define EXIT_REFUSED	1
#define EXIT_USAGE	2
#define EXIT_LOST	85		/* after the point of no return */
#define EXIT_PAGE	86

enum time_namespace {
	TIME_NAMESPACE_AUTO,		/* where it is needed, if this user may make one */
	TIME_NAMESPACE_USER,		/* the same, and if not, one in a user namespace */
	TIME_NAMESPACE_OFF,
};

enum cpu_check {
	CPU_COMPATIBLE,
	CPU_EXACT,
	CPU_SKIP,
};

struct restore {
	const char *path;		/* as given */
	int snapshot_fd;		/* DIR/NNNN */
	uint8_t *meta;
	struct image_view view;
	struct resume_context *context;	/* in the zone */
	int *files;			/* fds by index into FILES, -1 where not mapped */
	int *perfdata;			/* fds by index of region, -1 */
	struct reopened descriptors;
	bool has_names;			/* sockets of the snapshot have their files again */
	enum time_namespace time_namespace;
	uint64_t zone_next;
	char **environment;
	const char *required_labels;	/* NULL: none */
	enum cpu_check cpu_check;
	const char *cpu_message;	/* NULL: our own */
	char **or_else;			/* argv, NULL: nothing to run instead */
	uint64_t soft_limit;		/* of open files, before it was raised; 0: it was not */
	char start_folder[THAW_PATH_BYTES];	/* for or_else */
};

/* "thaw: what: text of errno" and the exit status. error 0: no errno. */
void die(int status, const char *what, const char *operand, long error) __attribute__((noreturn));
/* After a sentence of its own: ends with this status, or runs what is to run instead of a refused restore. */
void give_up(int status) __attribute__((noreturn));
void usage(int fd, int status) __attribute__((noreturn));

/* options.c */
void options_parse(struct restore *r, int argc, char **argv);
const char *environment(char **envp, const char *name);

/* fallback.c */
void fallback_exec(struct restore *r) __attribute__((noreturn));

/* labels.c */
struct label_difference {
	char name[256], wanted[1024], found[1024];
	bool is_there;
};
/* Whether the snapshot in this folder has all required labels; the first that differs is told. Damaged ones are refused. */
bool labels_match(const struct restore *r, int snapshot_fd, struct label_difference *ret);
/* "the label foo is …, … is required" */
void labels_describe(const struct label_difference *difference, struct text *ret);

/* snapshot.c: finds, reads and verifies; every refusal ends the process here */
void snapshot_open(struct restore *r);
void snapshot_open_sources(struct restore *r);
/* Absolute path of an open folder. */
void snapshot_path_of(int fd, char *ret);
/* The newest number in the folder below this one, 0: none. */
int snapshot_newest(int folder_fd, int below);

/* injections.c: enum injection by their names, as in "short-read,eagain" */
uint32_t injections_of(const char *list);

/* machine.c: the CPU, kernel and files are those the snapshot needs */
void machine_check(const struct restore *r);
void machine_open_files(struct restore *r);

/* time.c: before anything is armed for a time, and after all that may be refused: it cannot be taken back */
void time_continue(struct restore *r);

/* space.c */
void space_check(const struct restore *r);
/* The point of no return: the old address space in place of this one. Runs on a stack in the zone. */
void space_replace(struct restore *r);
/* struct image_vdso of this process, its checksum included. */
void vdso_read(struct image_vdso *ret);

/* tools.c */
void tools_exec(int argc, char **argv, char **envp) __attribute__((noreturn));

/* Moves an fd above all that the snapshot will use. */
int launcher_move_up(const struct restore *r, int fd);

void jump_on_stack(void *argument, void (*function)(void *), uint64_t stack_top) __attribute__((noreturn));
void launcher_main(uint64_t *stack) __attribute__((noreturn));

#endif
