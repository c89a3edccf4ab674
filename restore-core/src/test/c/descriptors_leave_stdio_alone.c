/* SPDX-License-Identifier: Apache-2.0
 * Whatever 0-2 are, they are not checked, nor is what refers to the same; a restore has the launcher's.
 * The program makes its own 0-2, so failures go to a copy of the stdout it was started with.
 */
#include "descriptors_fixture.h"

#define REPORT_FD	100

int failures;
static struct fixture f;
static char log_path[64];

static void capture(void)
{
	static const int engine_fds[] = { REPORT_FD, -1 };

	fixture_open(&f);
	f.builder.engine_fds = engine_fds;
	CHECK(descriptors_capture(&f.builder) == 0, "capture");
}

static void expect(int fd, enum descriptor_kind kind, int same_as)
{
	struct image_descriptor *d = captured(&f, fd);

	CHECK(d && d->kind == kind && d->same_as == same_as, "fd %d: kind %d, same as %d; expected %u, %d", fd,
	      d ? (int)d->kind : -1, d ? d->same_as : -1, (unsigned int)kind, same_as);
}

static void report(void)
{
	MUST(sys_dup3(REPORT_FD, 1, 0));
	fflush(stdout);
}

static void any_kind_of_file(void)
{
	int outside[2], kept, pair[2];

	MUST(sys_pipe2(outside, O_CLOEXEC));
	kept = (int)MUST(sys_fcntl(outside[1], F_DUPFD_CLOEXEC, 110));
	MUST(sys_dup3(outside[0], 0, 0));
	sys_close(outside[0]);
	sys_close(outside[1]);
	MUST(sys_socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	at_number(pair[0], 2);
	at_number(pair[1], 120);
	at_number(sys_openat(AT_FDCWD, log_path, O_CREAT | O_WRONLY | O_APPEND, 0600), 10);
	MUST(sys_dup3(10, 1, 0));
	MUST(sys_dup3(2, 11, O_CLOEXEC));
	at_number(sys_openat(AT_FDCWD, log_path, O_WRONLY, 0), 12);
	at_number(sys_open(log_path, O_RDONLY), 13);
	MUST(sys_dup3(0, 14, 0));
	capture();
	for (int fd = 0; fd <= 2; fd++)
		expect(fd, DESCRIPTOR_STDIO, fd);
	expect(10, DESCRIPTOR_STDIO, 1);
	expect(11, DESCRIPTOR_STDIO, 2);
	expect(12, DESCRIPTOR_STDIO, 1);
	expect(13, DESCRIPTOR_FILE, -1);
	expect(14, DESCRIPTOR_STDIO, 0);
	/* The other ends are ordinary: one's partner is the launcher's affair, so both are refused. */
	CHECK(refused(&f, kept) && refused(&f, kept)->reason == REFUSE_PIPE, "write end of stdin");
	CHECK(refused(&f, 120) && refused(&f, 120)->reason == REFUSE_UNIX_CONNECTION, "other end of stderr");
	CHECK(f.result.refusal_count == 2, "%u", f.result.refusal_count);
	report();
	MUST(sys_close_range(3, REPORT_FD - 1));
	MUST(sys_close_range(REPORT_FD + 1, ~0u));
}

static void the_null_device_stays_the_null_device(void)
{
	at_number(sys_open("/dev/null", O_RDWR), 3);
	MUST(sys_dup3(3, 0, 0));
	MUST(sys_dup3(3, 2, 0));
	sys_close(3);
	at_number(sys_open("/dev/null", O_RDWR), 10);
	MUST(sys_dup3(2, 11, 0));
	capture();
	expect(10, DESCRIPTOR_DEVICE, -1);
	CHECK(captured(&f, 11) && captured(&f, 11)->kind == DESCRIPTOR_STDIO, "duplicate of stderr");
	report();
}

/* Recorded open, closed at the restore: /dev/null stands in. Closed at the checkpoint: left to the launcher. */
static void closed_ones(void)
{
	struct image_view view;
	struct reopened reopened;
	char why[256];
	struct text t;
	struct stat st;

	text_open(&t, why, sizeof(why));
	MUST(sys_fcntl(0, F_SETFD, FD_CLOEXEC));
	sys_close(2);
	capture();
	CHECK(!captured(&f, 2), "a closed stderr was captured");
	view = fixture_view(&f);
	MUST(sys_close_range(3, REPORT_FD - 1));
	sys_close(0);
	CHECK(descriptors_reopen(&view, sys_getpid(), &reopened, &t) == 0, "%s", why);
	CHECK(descriptors_install(&view, &reopened, &t) == 0, "%s", why);
	CHECK(sys_fstat(0, &st) == 0 && st.st_rdev == (MEM_MAJOR << 8 | 3), "stdin is not /dev/null");
	CHECK(sys_fcntl(0, F_GETFD, 0) == FD_CLOEXEC, "close-on-exec of stdin");
	CHECK(sys_fcntl(2, F_GETFD, 0) == -EBADF, "stderr was opened");
	expect(10, DESCRIPTOR_DEVICE, -1);
	CHECK(sys_fstat(10, &st) == 0 && st.st_rdev == (MEM_MAJOR << 8 | 3), "fd 10");
	report();
}

/* As in a JVM that was started with all three closed: they come back as any other file does. */
static void files_of_the_jvm(void)
{
	char folder[64], lib[80], modules[96];

	own_name(folder, sizeof(folder), "/tmp/thaw-test-", "");
	own_name(lib, sizeof(lib), "/tmp/thaw-test-", "/lib");
	own_name(modules, sizeof(modules), "/tmp/thaw-test-", "/lib/modules");
	MUST(sys_mkdir(folder, 0700));
	MUST(sys_mkdir(lib, 0700));
	make_file(modules, "modules");
	sys_close(0);
	sys_close(2);
	at_number(sys_open(modules, O_RDONLY), 0);
	at_number(sys_open(log_path, O_RDONLY), 2);
	MUST(sys_dup3(2, 11, 0));
	capture();
	expect(0, DESCRIPTOR_FILE, -1);
	expect(2, DESCRIPTOR_FILE, -1);
	expect(11, DESCRIPTOR_SAME, 2);
	report();
	sys_close(11);
	sys_unlink(modules);
	sys_unlinkat(AT_FDCWD, lib, AT_REMOVEDIR);
	sys_unlinkat(AT_FDCWD, folder, AT_REMOVEDIR);
}

static void jcmds_connection_is_dead(void)
{
	int pair[2];

	MUST(sys_socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	at_number(pair[0], 20);
	sys_close(pair[1]);
	listener_at(21);
	connection_at(21, 22, 23);
	fixture_open(&f);
	f.builder.reply_fd = 23;
	CHECK(descriptors_capture(&f.builder) == 0, "capture");
	expect(23, DESCRIPTOR_DEAD_SOCKET, -1);
	CHECK(!refused(&f, 23), "the reply's connection is refused");
}

int main(void)
{
	start_clean();
	own_name(log_path, sizeof(log_path), "/tmp/thaw-test-", ".log");
	MUST(sys_dup3(1, REPORT_FD, O_CLOEXEC));
	any_kind_of_file();
	the_null_device_stays_the_null_device();
	closed_ones();
	files_of_the_jvm();
	jcmds_connection_is_dead();
	report();
	sys_unlink(log_path);
	return failures ? 1 : 0;
}
