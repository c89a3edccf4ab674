/* SPDX-License-Identifier: Apache-2.0
 * Each thing that a checkpoint must name instead of carrying.
 */
#include "descriptors_fixture.h"

int failures;
static struct fixture f;

static void capture(void)
{
	fixture_open(&f);
	CHECK(descriptors_capture(&f.builder) == 0, "capture");
}

static void expect(int fd, enum thaw_refusal_reason reason, const char *name)
{
	struct thaw_refusal *r = refused(&f, fd);

	CHECK(r, "fd %d is not refused", fd);
	if (!r)
		return;
	CHECK(r->reason == reason, "fd %d: reason %u, expected %u", fd, r->reason, (unsigned int)reason);
	CHECK(!name || string_equal(r->name, name), "fd %d is named '%s', expected '%s'", fd, r->name, name);
	CHECK(!captured(&f, fd), "fd %d is in the snapshot", fd);
}

static void only(uint32_t count)
{
	CHECK(f.result.refusal_count == count, "%u refusals, expected %u", f.result.refusal_count, count);
	for (uint32_t i = 0; failures && i < f.result.refusal_count; i++)
		printf("refused: fd %d, reason %u, %s\n", f.result.refusals[i].fd, f.result.refusals[i].reason,
		       f.result.refusals[i].name);
}

static bool same_address(int fd, bool peer, const uint8_t *address)
{
	uint8_t actual[128] = { 0 };
	unsigned int bytes = sizeof(actual);

	MUST(peer ? sys_getpeername(fd, actual, &bytes) : sys_getsockname(fd, actual, &bytes));
	return memcmp(actual, address, sizeof(actual)) == 0;
}

static void established_connections_with_both_addresses(void)
{
	struct thaw_refusal *r;
	int epoll = at_number(sys_epoll_create1(0), 53);
	struct epoll_event event = { POLLIN, 1 };

	listener_at(50);
	connection_at(50, 51, 52);
	MUST(sys_epoll_ctl(epoll, EPOLL_CTL_ADD, 52, &event));
	capture();
	expect(51, REFUSE_CONNECTION, NULL);
	expect(52, REFUSE_CONNECTION, NULL);
	only(2);
	for (int fd = 51; fd <= 52 && (r = refused(&f, fd)); fd++) {
		CHECK(r->address_bytes == sizeof(struct sockaddr_in), "%u", r->address_bytes);
		CHECK(same_address(fd, false, r->local), "local address of %d", fd);
		CHECK(same_address(fd, true, r->remote), "remote address of %d", fd);
	}
	sys_close(53);
	/* Closed by the peer, but one byte is left to read. */
	MUST(sys_write(51, "x", 1));
	sys_close(51);
	capture();
	expect(52, REFUSE_CONNECTION, NULL);
	only(1);
	sys_close(52);
	sys_close(50);
}

/* SCM_RIGHTS: a descriptor as a message. */
static void send_descriptor(int through, int fd)
{
	struct { uint64_t length; int level, type, fd, pad; } control = { 20, SOL_SOCKET, 1, fd, 0 };
	char byte = 'x';
	struct iovec iov = { &byte, 1 };
	struct msghdr message = { .iov = &iov, .iov_count = 1, .control = &control, .control_bytes = sizeof(control) };

	MUST(SYSCALL3(__NR_sendmsg, through, &message, 0));
}

static void other_sockets_by_kind(void)
{
	struct sockaddr_un bound = { .sun_family = AF_UNIX };
	int pair[2], open;

	at_number(sys_socket(AF_NETLINK, SOCK_RAW, 0), 51);
	at_number(sys_socket(AF_UNIX, SOCK_DGRAM, 0), 52);
	MUST(sys_bind(52, &bound, sizeof(bound.sun_family)));
	MUST(sys_socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	send_descriptor(pair[0], 51);
	capture();
	expect(51, REFUSE_SOCKET, "netlink socket");
	expect(52, REFUSE_SOCKET, "AF_UNIX datagram socket");
	expect(pair[1], REFUSE_SOCKET, "AF_UNIX socket with file descriptors or credentials in flight");
	only(3);
	/* A look at it must not have opened it here. */
	open = sys_open("/dev/null", O_RDONLY);
	CHECK(open == pair[1] + 1, "fd %d is open", pair[1] + 1);
	sys_close(open);
	for (int fd = 51; fd <= 52; fd++)
		sys_close(fd);
	sys_close(pair[0]);
	sys_close(pair[1]);
}

static void a_socketpair_whose_other_end_is_elsewhere(void)
{
	int pair[2], child, status;
	struct siginfo info;

	MUST(sys_socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	fflush(stdout);
	child = fork();
	if (child == 0) {
		char byte;

		sys_close(pair[0]);
		sys_read(pair[1], &byte, 1);
		sys_exit_group(0);
	}
	sys_close(pair[1]);
	capture();
	expect(pair[0], REFUSE_UNIX_CONNECTION, NULL);
	sys_close(pair[0]);
	status = MUST(sys_waitid(P_ALL, 0, &info, WEXITED));
	CHECK(status == 0, "wait");
}

/* The names of process 12's attach sockets begin like those of process 123. */
static void an_attach_connection_of_another_process(void)
{
	char path[64];

	own_name(path, sizeof(path), "/tmp/.java_pid", "9.tmp");
	unix_listener_at(path, 50);
	at_number(unix_connect(path), 51);
	at_number(accept_one(50), 52);
	capture();
	expect(51, REFUSE_UNIX_CONNECTION, NULL);
	expect(52, REFUSE_UNIX_CONNECTION, NULL);
	only(2);
	CHECK(captured(&f, 50) && !(captured(&f, 50)->options & OPTION_ATTACH), "its listener");
	for (int fd = 50; fd <= 52; fd++)
		sys_close(fd);
	sys_unlink(path);
}

static void files_by_name(void)
{
	char writable[64], deleted[64], replaced[64];

	own_name(writable, sizeof(writable), "/tmp/thaw-test-", ".log");
	own_name(deleted, sizeof(deleted), "/tmp/thaw-test-", ".gone");
	own_name(replaced, sizeof(replaced), "/tmp/thaw-test-", ".new");
	make_file(deleted, "gone");
	make_file(replaced, "old");
	at_number(sys_openat(AT_FDCWD, writable, O_CREAT | O_RDWR, 0600), 50);
	at_number(sys_open(deleted, O_RDONLY), 51);
	at_number(sys_open(replaced, O_RDONLY), 52);
	at_number(sys_open("/proc/self/maps", O_RDONLY), 53);
	at_number((int)SYSCALL2(__NR_memfd_create, "x", 0), 54);
	at_number(sys_memfd_create("java_heap", 0), 55);	/* nothing is mapped from it */
	MUST(sys_unlink(deleted));
	make_file(deleted, "another");
	MUST(sys_rename(deleted, replaced));
	capture();
	expect(50, REFUSE_WRITABLE_FILE, writable);
	expect(51, REFUSE_DELETED_FILE, deleted);
	expect(52, REFUSE_DELETED_FILE, NULL);
	expect(53, REFUSE_DEVICE, NULL);
	expect(54, REFUSE_WRITABLE_FILE, "/memfd:x");
	expect(55, REFUSE_WRITABLE_FILE, "/memfd:java_heap");
	only(6);
	for (int fd = 50; fd <= 55; fd++)
		sys_close(fd);
	sys_unlink(writable);
	sys_unlink(replaced);
}

/* An anonymous inode is one for all: only kcmp tells the new eventfd from the one that is watched. */
static void a_watch_whose_number_another_eventfd_has(void)
{
	struct epoll_event event = { POLLIN, 1 };

	at_number(sys_epoll_create1(0), 50);
	at_number(sys_eventfd2(0, 0), 51);
	MUST(sys_epoll_ctl(50, EPOLL_CTL_ADD, 51, &event));
	MUST(sys_dup3(51, 52, 0));
	at_number(sys_eventfd2(0, 0), 53);
	MUST(sys_dup3(53, 51, 0));
	capture();
	CHECK(refused(&f, 50) && refused(&f, 50)->reason == REFUSE_EPOLL_WATCH, "stale watch");
	only(1);
	/* Both are watched under 51 now. */
	MUST(sys_epoll_ctl(50, EPOLL_CTL_ADD, 51, &event));
	capture();
	CHECK(refused(&f, 50) && refused(&f, 50)->reason == REFUSE_EPOLL_WATCH, "stale watch beside a live one");
	for (int fd = 50; fd <= 53; fd++)
		sys_close(fd);
}

static void kernel_objects_by_the_kernels_name(void)
{
	int ends[2], epoll;
	struct epoll_event event = { POLLIN, 1 };
	char fifo[64];

	at_number(sys_inotify_init1(0), 50);
	MUST(sys_inotify_add_watch(50, "/", IN_ALL_EVENTS & 0x100));
	at_number(sys_open("/dev/ptmx", O_RDWR | O_NOCTTY), 52);
	own_name(fifo, sizeof(fifo), "/tmp/thaw-test-", ".fifo");
	MUST(SYSCALL3(__NR_mknod, fifo, S_IFIFO | 0600, 0));
	at_number(sys_open(fifo, O_RDWR), 53);
	/* An epoll whose target's number was closed while a duplicate lives: first free, then used again. */
	MUST(sys_pipe2(ends, 0));
	epoll = at_number(sys_epoll_create1(0), 54);
	MUST(sys_epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event));
	MUST(sys_dup3(ends[0], 55, 0));
	sys_close(ends[0]);
	capture();
	expect(50, REFUSE_ANON_INODE, "anon_inode:inotify");
	expect(52, REFUSE_DEVICE, NULL);
	expect(53, REFUSE_PIPE, fifo);
	CHECK(refused(&f, 54) && refused(&f, 54)->reason == REFUSE_EPOLL_WATCH, "stale watch, free number");
	only(4);
	at_number(sys_open("/dev/null", O_RDONLY), ends[0]);
	capture();
	CHECK(refused(&f, 54) && refused(&f, 54)->reason == REFUSE_EPOLL_WATCH, "stale watch, reused number");
	only(4);
	for (int fd = 50; fd <= 55; fd++)
		sys_close(fd);
	sys_close(ends[0]);
	sys_close(ends[1]);
	sys_unlink(fifo);
}

static void an_inotify_whose_folder_has_moved_or_has_events(void)
{
	char folder[64], moved[64], file[80];
	struct thaw_watch_path path = { 50, 1, (uint64_t)folder };

	own_name(folder, sizeof(folder), "/tmp/thaw-test-", ".dir");
	own_name(moved, sizeof(moved), "/tmp/thaw-test-", ".moved");
	own_name(file, sizeof(file), folder, "");
	MUST(sys_mkdir(folder, 0700));
	at_number(sys_inotify_init1(O_NONBLOCK), 50);
	CHECK(sys_inotify_add_watch(50, folder, 0x100 /* IN_CREATE */) == 1, "wd");
	MUST(sys_rename(folder, moved));
	MUST(sys_mkdir(folder, 0700));
	fixture_open(&f);
	f.builder.watch_paths = &path;
	f.builder.watch_path_count = 1;
	CHECK(descriptors_capture(&f.builder) == 0, "capture");
	CHECK(refused(&f, 50) && string_starts(refused(&f, 50)->name, "anon_inode:inotify that watches what is no longer "
	      "at /tmp/thaw-test-"), "%s", refused(&f, 50) ? refused(&f, 50)->name : "carried");
	MUST(sys_unlinkat(AT_FDCWD, folder, AT_REMOVEDIR));
	MUST(sys_rename(moved, folder));
	own_name(file, sizeof(file), "/tmp/thaw-test-", ".dir/x");
	make_file(file, "");
	fixture_open(&f);
	f.builder.watch_paths = &path;
	f.builder.watch_path_count = 1;
	CHECK(descriptors_capture(&f.builder) == 0, "capture");
	expect(50, REFUSE_UNREAD_EVENTS, "anon_inode:inotify");
	sys_unlink(file);
	MUST(sys_unlinkat(AT_FDCWD, folder, AT_REMOVEDIR));
	sys_close(50);
}

static uint32_t refused_children(void)
{
	uint32_t ret = 0;

	for (uint32_t i = 0; i < f.result.refusal_count; i++)
		ret += f.result.refusals[i].reason == REFUSE_CHILD;
	return ret;
}

static void pipes_that_lead_elsewhere_and_children(void)
{
	int here[2], child;
	struct siginfo info;
	struct thaw_refusal *r = &f.result.refusals[0];

	MUST(sys_pipe2(here, 0));
	fflush(stdout);
	child = fork();
	if (child == 0) {
		char byte;

		sys_close(here[1]);
		sys_read(here[0], &byte, 1);
		sys_exit_group(0);
	}
	sys_close(here[0]);
	capture();
	CHECK(refused_children() == 1, "%u children", refused_children());
	expect(here[1], REFUSE_PIPE, NULL);
	for (uint32_t i = 0; i < f.result.refusal_count; i++)
		if (f.result.refusals[i].reason == REFUSE_CHILD)
			r = &f.result.refusals[i];
	CHECK(r->pid == child, "pid %d, expected %d", r->pid, child);
	CHECK(string_starts(r->name, "descriptors_ref"), "name %s", r->name);
	sys_close(here[1]);
	MUST(sys_waitid(P_ALL, 0, &info, WEXITED | WNOWAIT));
	capture();
	CHECK(refused_children() == 1, "%u children", refused_children());
	CHECK(string_ends(f.result.refusals[0].name, " (ended, not yet waited for)"), "name %s", f.result.refusals[0].name);
	MUST(sys_waitid(P_ALL, 0, &info, WEXITED));
	capture();
	only(0);
}

int main(void)
{
	start_clean();
	capture();
	only(0);
	established_connections_with_both_addresses();
	other_sockets_by_kind();
	a_socketpair_whose_other_end_is_elsewhere();
	an_attach_connection_of_another_process();
	files_by_name();
	kernel_objects_by_the_kernels_name();
	an_inotify_whose_folder_has_moved_or_has_events();
	a_watch_whose_number_another_eventfd_has();
	pipes_that_lead_elsewhere_and_children();
	return failures ? 1 : 0;
}
