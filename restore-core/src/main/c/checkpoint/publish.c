/* SPDX-License-Identifier: Apache-2.0
 * A snapshot is written in DIR/.partial-PID-RANDOM and renamed to the next free number when it is complete.
 * The writer holds a lock (flock) on that folder: one without a lock was left by a writer that died.
 */
#include "checkpoint/checkpoint.h"
#include "image/crc.h"
#include "sys/directory.h"

#define PARTIAL_PREFIX	".partial-"

static bool fail_path(struct checkpoint *c, enum thaw_step step, long error)
{
	return checkpoint_fail(c, step, error, 0, c->result.path);
}

static void remove_folder(int to_fd, const char *name, int fd)
{
	sys_unlinkat(fd, "pages", 0);
	sys_unlinkat(fd, "meta", 0);
	sys_unlinkat(fd, "working-set", 0);
	sys_unlinkat(fd, "tags", 0);
	sys_unlinkat(fd, "score", 0);
	sys_unlinkat(to_fd, name, AT_REMOVEDIR);
}

static bool clean_leftover(const char *name, void *data)
{
	int to_fd = *(int *)data, fd;

	if (!string_starts(name, PARTIAL_PREFIX))
		return true;
	fd = sys_openat(to_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0)
		return true;
	if (sys_flock(fd, LOCK_EX | LOCK_NB) == 0)
		remove_folder(to_fd, name, fd);
	sys_close(fd);
	return true;
}

/* The folder, locked. Another checkpoint may take it for a leftover between mkdir and flock: then again. */
static int make_partial(struct checkpoint *c)
{
	for (int tries = 0; tries < 100; tries++) {
		struct stat st;
		uint32_t random = 0;
		struct text t;
		int error;

		sys_getrandom(&random, sizeof(random), 0);
		text_open(&t, c->partial_name, sizeof(c->partial_name));
		text_string(&t, PARTIAL_PREFIX);
		text_decimal(&t, (uint64_t)sys_getpid());
		text_string(&t, "-");
		text_decimal(&t, random);
		error = sys_mkdirat(c->to_fd, c->partial_name, 0700);
		if (error == -EEXIST)
			continue;
		if (error)
			return error;
		c->partial_fd = sys_openat(c->to_fd, c->partial_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
		if (c->partial_fd < 0)
			return c->partial_fd;
		if (sys_flock(c->partial_fd, LOCK_EX | LOCK_NB) == 0 && sys_fstat(c->partial_fd, &st) == 0
		    && st.st_nlink > 0)
			return 0;
		sys_close(c->partial_fd);
		c->partial_fd = -1;
	}
	return -EEXIST;
}

/* Durable at once, while the application runs: not a part of the pause. */
static int write_text(struct checkpoint *c, const char *name, const char *text, uint64_t bytes)
{
	int fd = sys_openat(c->partial_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), error = fd;
	uint64_t done = 0;

	while (fd >= 0 && done < bytes) {
		long written = sys_pwrite(fd, text + done, bytes - done, done);

		if (written <= 0) {
			sys_close(fd);
			return written ? (int)written : -EIO;
		}
		done += (uint64_t)written;
	}
	if (fd < 0)
		return error;
	error = sys_fsync(fd);
	sys_close(fd);
	return error;
}

static bool write_texts(struct checkpoint *c)
{
	const struct thaw_request *r = &c->request;
	int error = 0;

	c->header.tags_crc = crc32c(0, r->tags, r->tags_bytes);
	c->header.score_crc = crc32c(0, r->score, r->score_bytes);
	if (r->tags_bytes)
		error = write_text(c, "tags", r->tags, r->tags_bytes);
	if (!error && r->score_bytes)
		error = write_text(c, "score", r->score, r->score_bytes);
	return error ? fail_path(c, STEP_WRITE, error) : true;
}

bool publish_open(struct checkpoint *c)
{
	int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, error;

	string_copy(c->result.path, c->request.to, sizeof(c->result.path));
	c->to_fd = sys_open(c->request.to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->to_fd < 0)
		return fail_path(c, STEP_CREATE, c->to_fd);
	directory_walk(c->to_fd, clean_leftover, &c->to_fd);
	error = make_partial(c);
	if (error)
		return fail_path(c, STEP_CREATE, error);
	c->writer.fd = sys_openat(c->partial_fd, "pages", flags, 0600);
	c->meta_fd = sys_openat(c->partial_fd, "meta", flags, 0600);
	if (c->writer.fd < 0 || c->meta_fd < 0)
		return fail_path(c, STEP_CREATE, c->writer.fd < 0 ? c->writer.fd : c->meta_fd);
	return write_texts(c);
}

static bool visit_number(const char *name, void *data)
{
	int *highest = data, number = directory_number(name);

	if (number > *highest)
		*highest = number;
	return true;
}

static int rename_to_free_number(struct checkpoint *c)
{
	int number = 0, error;

	directory_walk(c->to_fd, visit_number, &number);
	do {
		char name[16];
		struct text t;

		text_open(&t, name, sizeof(name));
		text_padded(&t, (uint64_t)++number, 4);
		error = sys_renameat2(c->to_fd, c->partial_name, c->to_fd, name, RENAME_NOREPLACE);
	} while (error == -EEXIST);
	return error ? error : number;
}

bool publish_commit(struct checkpoint *c)
{
	uint64_t start = now_ns(CLOCK_MONOTONIC);
	int error = sys_fsync(c->writer.fd), number;
	struct text t;

	if (!error)
		error = sys_fsync(c->meta_fd);
	if (!error)
		error = shared_files_sync(c);
	if (!error)
		error = sys_fsync(c->partial_fd);
	if (error)
		return fail_path(c, STEP_SYNC, error);
	number = rename_to_free_number(c);
	if (number < 0)
		return fail_path(c, STEP_PUBLISH, number);
	sys_fsync(c->to_fd);
	c->partial_name[0] = 0;
	c->result.number = (uint32_t)number;
	text_open(&t, c->result.path, sizeof(c->result.path));
	text_string(&t, c->request.to);
	text_string(&t, "/");
	text_padded(&t, (uint64_t)number, 4);
	c->result.sync_ns = now_ns(CLOCK_MONOTONIC) - start;
	return true;
}

void publish_discard(struct checkpoint *c)
{
	if (c->partial_name[0] && c->partial_fd >= 0)
		remove_folder(c->to_fd, c->partial_name, c->partial_fd);
	for (int i = 0; i < 4; i++) {
		int fd = (int[]){ c->writer.fd, c->meta_fd, c->partial_fd, c->to_fd }[i];

		if (fd >= 0)
			sys_close(fd);
	}
}

static bool remove_entry(const char *name, void *data)
{
	sys_unlinkat(*(const int *)data, name, 0);
	return true;
}

void publish_remove(const char *path)
{
	int folder;

	if (sys_unlink(path) != -EISDIR)
		return;
	folder = sys_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return;
	directory_walk(folder, remove_entry, &folder);
	sys_close(folder);
	sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}
