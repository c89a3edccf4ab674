/* SPDX-License-Identifier: Apache-2.0
 * What was decided about a descriptor holds, as long as it is still the same file.
 */
#include "descriptors_fixture.h"

int failures;
static struct fixture f;
static struct thaw_decision decisions[16];
static uint64_t decided;

static void start(void)
{
	fixture_open(&f);
	f.builder.decisions = decisions;
	decided = 0;
}

static void decide(int fd, enum thaw_action action)
{
	struct stat st;

	MUST(sys_fstat(fd, &st));
	decisions[decided++] = (struct thaw_decision){ fd, action, st.st_dev, st.st_ino };
	f.builder.decision_count = decided;
}

static void capture(void)
{
	CHECK(descriptors_capture(&f.builder) == 0, "capture");
}

static void is_refused(int fd, enum thaw_refusal_reason reason, const char *name)
{
	struct thaw_refusal *r = refused(&f, fd);

	CHECK(r, "fd %d is not refused", fd);
	CHECK(!captured(&f, fd), "fd %d is in the snapshot", fd);
	if (r)
		CHECK(r->reason == reason && string_equal(r->name, name), "fd %d: reason %u, '%s'", fd, r->reason, r->name);
}

static void error_refuses_what_would_be_carried(void)
{
	char path[64];

	make_file(own_name(path, sizeof(path), "/tmp/thaw-test-", ".file"), "x");
	at_number(sys_open(path, O_RDONLY), 50);
	listener_at(51);
	at_number(sys_eventfd2(0, 0), 52);
	at_number(sys_open("/dev/zero", O_RDONLY), 53);
	start();
	for (int fd = 50; fd <= 53; fd++)
		decide(fd, ACTION_ERROR);
	decide(1, ACTION_ERROR);
	capture();
	is_refused(50, REFUSE_FILE_POLICY, path);
	is_refused(51, REFUSE_SOCKET_POLICY, "TCP socket");
	is_refused(52, REFUSE_RESOURCE_POLICY, "anon_inode:[eventfd]");
	is_refused(53, REFUSE_FILE_POLICY, "/dev/zero");
	CHECK(f.result.refusal_count == 4, "%u refusals", f.result.refusal_count);
	sys_unlink(path);
	MUST(sys_close_range(3, ~0u));
}

static void a_decision_about_another_file_does_not_hold(void)
{
	at_number(sys_open("/dev/zero", O_RDONLY), 50);
	start();
	decide(50, ACTION_ERROR);
	decisions[0].inode++;
	capture();
	CHECK(f.result.refusal_count == 0 && captured(&f, 50), "inode");
	start();
	decide(50, ACTION_ERROR);
	decisions[0].device++;
	capture();
	CHECK(f.result.refusal_count == 0 && captured(&f, 50), "device");
	MUST(sys_close_range(3, ~0u));
}

/* Closes all, and makes again what was captured. */
static void restore(void)
{
	struct image_view view = fixture_view(&f);
	struct reopened reopened;
	char why[256];
	struct text t;

	for (uint32_t i = 0; i < f.result.refusal_count; i++)
		CHECK(false, "fd %d is refused: %s", f.result.refusals[i].fd, f.result.refusals[i].name);
	MUST(sys_close_range(3, ~0u));
	text_open(&t, why, sizeof(why));
	CHECK(descriptors_reopen(&view, sys_getpid(), &reopened, &t) == 0, "%s", why);
	CHECK(descriptors_install(&view, &reopened, &t) == 0, "%s", why);
}

static void restore_fails(const char *sentence)
{
	struct image_view view = fixture_view(&f);
	struct reopened reopened;
	char why[256];
	struct text t;

	text_open(&t, why, sizeof(why));
	CHECK(descriptors_reopen(&view, sys_getpid(), &reopened, &t) < 0, "it did not fail");
	CHECK(string_starts(why, "cannot open /tmp/thaw-test-") && string_ends(why, sentence), "%s", why);
}

static void carry_reopens_a_written_file_at_its_offset(void)
{
	char path[64];

	make_file(own_name(path, sizeof(path), "/tmp/thaw-test-", ".file"), "0123456789");
	at_number(sys_open(path, O_WRONLY), 50);
	at_number(sys_open(path, O_RDWR | O_TRUNC), 51);
	MUST(sys_write(51, "0123456789", 10));
	MUST(sys_lseek(50, 3, SEEK_SET));
	MUST(sys_lseek(51, 5, SEEK_SET));
	start();
	decide(50, ACTION_CARRY);
	decide(51, ACTION_CARRY);
	capture();
	restore();
	MUST(sys_write(50, "abc", 3));
	check_bytes(51, "c6789");
	CHECK(sys_fcntl(50, F_GETFL, 0) == (O_WRONLY | O_LARGEFILE) || sys_fcntl(50, F_GETFL, 0) == O_WRONLY, "flags");
	/* Gone, it is not created: what was written there before the checkpoint would be missing. */
	MUST(sys_close_range(3, ~0u));
	sys_unlink(path);
	restore_fails(" again: No such file or directory (ENOENT)");
	MUST(SYSCALL3(__NR_mknod, path, S_IFIFO | 0600, 0));
	restore_fails(" again: it is another kind of file now, or nobody reads it");
	sys_unlink(path);
	MUST(sys_close_range(3, ~0u));
}

static void carry_does_not_hold_for_a_deleted_file(void)
{
	char path[64];

	at_number(sys_openat(AT_FDCWD, own_name(path, sizeof(path), "/tmp/thaw-test-", ".gone"), O_CREAT | O_RDWR, 0600), 50);
	at_number(sys_open(path, O_WRONLY | O_APPEND), 51);
	sys_unlink(path);
	start();
	decide(50, ACTION_CARRY);
	decide(51, ACTION_CARRY);
	capture();
	is_refused(50, REFUSE_DELETED_FILE, path);
	is_refused(51, REFUSE_DELETED_FILE, path);
	MUST(sys_close_range(3, ~0u));
}

/* Opening an end whose other end is not open would wait for ever. */
static void carry_reopens_fifos_without_waiting(void)
{
	char path[64], other[64];

	own_name(path, sizeof(path), "/tmp/thaw-test-", ".fifo");
	own_name(other, sizeof(other), "/tmp/thaw-test-", ".fifo2");
	MUST(SYSCALL3(__NR_mknod, path, S_IFIFO | 0600, 0));
	MUST(SYSCALL3(__NR_mknod, other, S_IFIFO | 0600, 0));
	at_number(sys_open(path, O_RDWR), 49);
	at_number(sys_open(path, O_WRONLY), 50);
	at_number(sys_open(path, O_RDONLY | O_NONBLOCK), 51);
	sys_close(49);
	at_number(sys_open(other, O_RDWR), 49);
	at_number(sys_open(other, O_WRONLY), 52);
	sys_close(49);
	start();
	for (int fd = 50; fd <= 52; fd++)
		decide(fd, ACTION_CARRY);
	capture();
	restore();
	CHECK(!(sys_fcntl(50, F_GETFL, 0) & O_NONBLOCK), "the writer does not wait");
	CHECK(sys_fcntl(51, F_GETFL, 0) & O_NONBLOCK, "the reader waits");
	MUST(sys_write(50, "through", 7));
	check_bytes(51, "through");
	sys_unlink(path);
	sys_unlink(other);
	MUST(sys_close_range(3, ~0u));
}

static void carry_reopens_what_the_kernel_makes_up(void)
{
	char first[16] = { 0 };

	at_number(sys_open("/proc/meminfo", O_RDONLY), 50);
	at_number(sys_open("/proc/self/maps", O_RDONLY), 51);
	start();
	decide(50, ACTION_CARRY);
	decide(51, ACTION_CARRY);
	capture();
	CHECK(refused(&f, 51) && refused(&f, 51)->reason == REFUSE_DEVICE, "this process's own");
	f.result.refusal_count = 0;
	restore();
	CHECK(sys_read(50, first, 8) == 8 && string_equal(first, "MemTotal"), "%s", first);
	MUST(sys_close_range(3, ~0u));
}

static void open_closed_ones(const char *path)
{
	struct sockaddr_in address = loopback();
	struct epoll_event event = { POLLIN, 1 };

	at_number(sys_openat(AT_FDCWD, path, O_CREAT | O_RDWR | O_CLOEXEC, 0600), 50);
	listener_at(51);
	at_number(sys_socket(AF_INET, SOCK_DGRAM, 0), 52);
	MUST(sys_bind(52, &address, sizeof(address)));
	at_number(sys_inotify_init1(0), 53);
	MUST(sys_inotify_add_watch(53, "/", 0x100));
	MUST(sys_dup3(53, 54, 0));
	at_number(sys_epoll_create1(0), 55);
	for (int fd = 51; fd <= 54; fd++)
		if (fd != 52)
			MUST(sys_epoll_ctl(55, EPOLL_CTL_ADD, fd, &event));
	pipe_at(56, 57, 0);
	pipe_at(58, 59, 0);
	MUST(sys_write(59, "rest", 4));
}

static void close_leaves_what_fails_every_use(void)
{
	char path[64], byte = 0;
	struct epoll_event events[4];

	open_closed_ones(own_name(path, sizeof(path), "/tmp/thaw-test-", ".file"));
	start();
	for (int fd = 50; fd <= 54; fd++)
		decide(fd, ACTION_CLOSE);
	decide(56, ACTION_CLOSE);
	decide(59, ACTION_CLOSE);
	decide(2, ACTION_CLOSE);
	capture();
	CHECK(captured(&f, 2) && captured(&f, 2)->kind == DESCRIPTOR_STDIO, "stderr");
	CHECK(captured(&f, 57)->peer == -1 && captured(&f, 58)->peer == -1, "a peer that is no end of the pipe");
	restore();
	for (int fd = 50; fd <= 54; fd++)
		CHECK(sys_read(fd, &byte, 1) == -EBADF && sys_write(fd, &byte, 1) == -EBADF, "fd %d", fd);
	CHECK(SYSCALL4(__NR_accept4, 51, 0, 0, 0) == -EBADF, "accept");
	CHECK(sys_fcntl(50, F_GETFD, 0) == FD_CLOEXEC, "close-on-exec");
	CHECK(SYSCALL6(__NR_epoll_pwait, 55, events, 4, 0, 0, 8) == 0, "an event of a closed one");
	/* The other ends of closed pipes. */
	check_bytes(58, "rest");
	check_bytes(58, "");
	CHECK(sys_read(56, &byte, 1) == -EBADF && sys_write(59, &byte, 1) == -EBADF, "closed ends");
	sys_unlink(path);
	MUST(sys_close_range(3, ~0u));
}

/* What the peer reads last, without waiting for it longer than the loopback takes. */
static long end_of(int fd)
{
	struct pollfd poll = { fd, POLLIN, 0 };
	char byte;

	CHECK(sys_poll(&poll, 1, 10000) == 1, "nothing comes");
	return sys_recv(fd, &byte, 1, MSG_DONTWAIT);
}

static void close_ends_connections_and_tells_their_peers(void)
{
	struct epoll_event event = { POLLIN, 7 }, events[4];
	int pair[2];
	char byte;

	listener_at(50);
	connection_at(50, 51, 52);
	MUST(sys_socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	at_number(pair[0], 53);
	at_number(pair[1], 54);
	MUST(sys_write(53, "unread", 6));
	at_number(sys_epoll_create1(0), 55);
	MUST(sys_epoll_ctl(55, EPOLL_CTL_ADD, 52, &event));
	MUST(sys_dup3(51, 300, 0));	/* the peer, as if in another process */
	const int engine[] = { 51, 300, -1 };

	start();
	f.builder.engine_fds = engine;
	decide(52, ACTION_CLOSE);
	decide(53, ACTION_CLOSE);
	capture();
	descriptors_reset_peers(&f.builder);
	sys_close(55);
	sys_close(52);
	CHECK(end_of(300) == -ECONNRESET, "the peer sees no reset");
	CHECK(captured(&f, 54)->peer == -1, "a peer that is no end of the pair");
	restore();
	CHECK(sys_recv(52, &byte, 1, 0) == 0 && sys_recv(53, &byte, 1, 0) == 0, "no end");
	CHECK(sys_send(52, "x", 1, MSG_NOSIGNAL) == -EPIPE && sys_send(53, "x", 1, MSG_NOSIGNAL) == -EPIPE, "no EPIPE");
	CHECK(SYSCALL6(__NR_epoll_pwait, 55, events, 4, 0, 0, 8) == 1 && events[0].data == 7, "no event");
	check_bytes(54, "unread");
	check_bytes(54, "");
	MUST(sys_close_range(3, ~0u));
}

int main(void)
{
	start_clean();
	error_refuses_what_would_be_carried();
	a_decision_about_another_file_does_not_hold();
	carry_reopens_a_written_file_at_its_offset();
	carry_does_not_hold_for_a_deleted_file();
	carry_reopens_fifos_without_waiting();
	carry_reopens_what_the_kernel_makes_up();
	close_leaves_what_fails_every_use();
	close_ends_connections_and_tells_their_peers();
	return failures ? 1 : 0;
}
