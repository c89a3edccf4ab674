/* SPDX-License-Identifier: Apache-2.0
 * A builder over plain arrays.
 */
#ifndef DESCRIPTORS_FIXTURE_H
#define DESCRIPTORS_FIXTURE_H

#include "descriptors/descriptors.h"
#include "descriptors/reopen.h"
#include "sys/syscall.h"

#include "check.h"

#define MAX_ENTRIES	512
#define TEXT_BYTES	(1 << 16)
#define PIPE_BYTES	(1 << 21)

struct fixture {
	struct builder builder;
	struct thaw_result result;
	struct thaw_refusal spare;
	struct file_identity identities[IDENTITY_SLOTS];
	char attach_prefix[64];
	struct image_header header;
	struct image_descriptor descriptors[MAX_ENTRIES];
	struct image_watch watches[MAX_ENTRIES];
	struct image_file files[MAX_ENTRIES];
	char strings[TEXT_BYTES];
	uint8_t blobs[PIPE_BYTES];
};

static inline void fixture_table(struct fixture *f, enum image_section section, void *base, uint64_t capacity,
				 uint32_t entry_bytes)
{
	f->builder.tables[section] = (struct table){ base, 0, capacity, entry_bytes };
}

static inline void fixture_open(struct fixture *f)
{
	struct text t;

	memset(f, 0, sizeof(*f));
	fixture_table(f, SECTION_DESCRIPTORS, f->descriptors, MAX_ENTRIES, sizeof(f->descriptors[0]));
	fixture_table(f, SECTION_WATCHES, f->watches, MAX_ENTRIES, sizeof(f->watches[0]));
	fixture_table(f, SECTION_FILES, f->files, MAX_ENTRIES, sizeof(f->files[0]));
	fixture_table(f, SECTION_STRINGS, f->strings, TEXT_BYTES, 1);
	fixture_table(f, SECTION_BLOBS, f->blobs, PIPE_BYTES, 1);
	f->builder.tables[SECTION_STRINGS].count = 1;
	f->builder.result = &f->result;
	f->builder.spare = &f->spare;
	f->builder.identities = f->identities;
	f->builder.attach_prefix = f->attach_prefix;
	f->builder.reply_fd = -1;
	text_open(&t, f->attach_prefix, sizeof(f->attach_prefix));
	text_string(&t, "/tmp/.java_pid");
	text_decimal(&t, (uint64_t)sys_getpid());
}

static inline struct image_view fixture_view(struct fixture *f)
{
	uint64_t count = f->builder.tables[SECTION_DESCRIPTORS].count;

	f->header.highest_fd = count ? (uint32_t)f->descriptors[count - 1].fd : 0;
	f->header.umask = 022;
	return (struct image_view){
		.header = &f->header,
		.descriptors = f->descriptors, .descriptor_count = count,
		.watches = f->watches, .watch_count = f->builder.tables[SECTION_WATCHES].count,
		.files = f->files, .file_count = f->builder.tables[SECTION_FILES].count,
		.strings = f->strings, .string_bytes = f->builder.tables[SECTION_STRINGS].count,
		.blobs = f->blobs, .blob_bytes = f->builder.tables[SECTION_BLOBS].count,
	};
}

static inline struct image_descriptor *captured(struct fixture *f, int fd)
{
	for (uint64_t i = 0; i < f->builder.tables[SECTION_DESCRIPTORS].count; i++)
		if (f->descriptors[i].fd == fd)
			return &f->descriptors[i];
	return NULL;
}

static inline struct thaw_refusal *refused(struct fixture *f, int fd)
{
	for (uint32_t i = 0; i < f->result.refusal_count && i < THAW_MAX_REFUSALS; i++)
		if (f->result.refusals[i].fd == fd)
			return &f->result.refusals[i];
	return NULL;
}

static inline int at_number(int fd, int number)
{
	MUST(fd);
	if (fd != number) {
		MUST(sys_dup3(fd, number, sys_fcntl(fd, F_GETFD, 0) & FD_CLOEXEC ? O_CLOEXEC : 0));
		sys_close(fd);
	}
	return number;
}

/* However it was started: 0-2 open, nothing else. */
static inline void start_clean(void)
{
	MUST(sys_close_range(3, ~0u));
	while (MUST(sys_open("/dev/null", O_RDWR)) <= 2)
		;
	sys_close(3);
}

static inline void pipe_at(int read_end, int write_end, int flags)
{
	int ends[2], high[2];

	MUST(sys_pipe2(ends, flags));
	high[0] = (int)MUST(sys_fcntl(ends[0], F_DUPFD_CLOEXEC, 300));
	high[1] = (int)MUST(sys_fcntl(ends[1], F_DUPFD_CLOEXEC, 300));
	sys_close(ends[0]);
	sys_close(ends[1]);
	MUST(sys_dup3(high[0], read_end, flags & O_CLOEXEC));
	MUST(sys_dup3(high[1], write_end, flags & O_CLOEXEC));
	sys_close(high[0]);
	sys_close(high[1]);
}

static inline struct sockaddr_in loopback(void)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr = { 127, 0, 0, 1 } };
}

static inline int listener_at(int number)
{
	struct sockaddr_in address = loopback();
	int fd = at_number(sys_socket(AF_INET, SOCK_STREAM, 0), number), one = 1;

	MUST(sys_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	MUST(sys_bind(fd, &address, sizeof(address)));
	MUST(sys_listen(fd, 7));
	return fd;
}

static inline int accept_one(int listener)
{
	return (int)MUST(SYSCALL4(__NR_accept4, listener, 0, 0, 0));
}

/* Both ends of a TCP connection through the listener. */
static inline void connection_at(int listener, int client, int server)
{
	uint8_t address[128];
	unsigned int bytes = sizeof(address);

	MUST(sys_getsockname(listener, address, &bytes));
	at_number(sys_socket(AF_INET, SOCK_STREAM, 0), client);
	MUST(sys_connect(client, address, bytes));
	at_number(accept_one(listener), server);
}

static inline void unix_name(const char *path, struct sockaddr_un *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->sun_family = AF_UNIX;
	string_copy(ret->sun_path, path, sizeof(ret->sun_path));
}

static inline int unix_listener_at(const char *path, int number)
{
	struct sockaddr_un address;
	int fd = at_number(sys_socket(AF_UNIX, SOCK_STREAM, 0), number);

	unix_name(path, &address);
	sys_unlink(path);
	MUST(sys_bind(fd, &address, sizeof(address)));
	MUST(sys_listen(fd, 5));
	return fd;
}

static inline int unix_connect(const char *path)
{
	struct sockaddr_un address;
	int fd = (int)MUST(sys_socket(AF_UNIX, SOCK_STREAM, 0)), error;

	unix_name(path, &address);
	error = sys_connect(fd, &address, sizeof(address));
	if (error < 0)
		sys_close(fd);
	return error < 0 ? error : fd;
}

/* "<prefix><pid><suffix>" */
static inline char *own_name(char *ret, size_t bytes, const char *prefix, const char *suffix)
{
	struct text t;

	text_open(&t, ret, bytes);
	text_string(&t, prefix);
	text_decimal(&t, (uint64_t)sys_getpid());
	text_string(&t, suffix);
	return ret;
}

/* Makes the file with this content, closed again. */
static inline void make_file(const char *path, const char *content)
{
	int fd = (int)MUST(sys_openat(AT_FDCWD, path, O_CREAT | O_TRUNC | O_WRONLY, 0600));

	MUST(sys_write(fd, content, string_length(content)));
	sys_close(fd);
}

static inline void check_bytes(int fd, const char *expected)
{
	char buffer[64] = { 0 };
	long got = sys_read(fd, buffer, sizeof(buffer) - 1);

	CHECK(got >= 0 && string_equal(buffer, expected), "fd %d gives %ld, '%s', expected '%s'", fd, got, buffer, expected);
}

struct filter { uint16_t code; uint8_t jt, jf; uint32_t k; };

/* seccomp: kcmp fails with EPERM, as in old container runtimes. */
static inline void forbid_kcmp(void)
{
	static const struct filter program[] = {
		{ 0x20, 0, 0, 0 },			/* load the system call's number */
		{ 0x15, 0, 1, __NR_kcmp },
		{ 0x06, 0, 0, 0x00050000 | EPERM },	/* SECCOMP_RET_ERRNO */
		{ 0x06, 0, 0, 0x7fff0000 },		/* SECCOMP_RET_ALLOW */
	};
	struct { uint16_t length; const struct filter *program; } set = { 4, program };

	MUST(sys_prctl(38 /* PR_SET_NO_NEW_PRIVS */, 1, 0, 0, 0));
	MUST(sys_prctl(22 /* PR_SET_SECCOMP */, 2, (uint64_t)&set, 0, 0));
}

int fork(void);

#endif
