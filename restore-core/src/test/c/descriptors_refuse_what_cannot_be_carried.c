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

static void other_sockets_by_kind(void)
{
	int pair[2];

	at_number(sys_socket(AF_INET, SOCK_DGRAM, 0), 50);
	at_number(sys_socket(AF_NETLINK, SOCK_RAW, 0), 51);
	at_number(sys_socket(AF_UNIX, SOCK_DGRAM, 0), 52);
	MUST(sys_socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	capture();
	expect(50, REFUSE_SOCKET, "UDP socket");
	expect(51, REFUSE_SOCKET, "netlink socket");
	expect(52, REFUSE_SOCKET, "AF_UNIX datagram socket");
	expect(pair[0], REFUSE_UNIX_CONNECTION, NULL);
	expect(pair[1], REFUSE_UNIX_CONNECTION, NULL);
	only(5);
	for (int fd = 50; fd <= 52; fd++)
		sys_close(fd);
	sys_close(pair[0]);
	sys_close(pair[1]);
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
	MUST(sys_unlink(deleted));
	make_file(deleted, "another");
	MUST(sys_rename(deleted, replaced));
	capture();
	expect(50, REFUSE_WRITABLE_FILE, writable);
	expect(51, REFUSE_DELETED_FILE, deleted);
	expect(52, REFUSE_DELETED_FILE, NULL);
	expect(53, REFUSE_DEVICE, NULL);
	expect(54, REFUSE_WRITABLE_FILE, "/memfd:x");
	only(5);
	for (int fd = 50; fd <= 54; fd++)
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
	const uint64_t none = 0;
	char fifo[64];

	at_number((int)SYSCALL1(__NR_inotify_init1, 0), 50);
	at_number((int)SYSCALL4(__NR_signalfd4, -1, &none, sizeof(none), 0), 51);
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
	expect(51, REFUSE_ANON_INODE, "anon_inode:[signalfd]");
	expect(52, REFUSE_DEVICE, NULL);
	expect(53, REFUSE_PIPE, fifo);
	CHECK(refused(&f, 54) && refused(&f, 54)->reason == REFUSE_EPOLL_WATCH, "stale watch, free number");
	only(5);
	at_number(sys_open("/dev/null", O_RDONLY), ends[0]);
	capture();
	CHECK(refused(&f, 54) && refused(&f, 54)->reason == REFUSE_EPOLL_WATCH, "stale watch, reused number");
	only(5);
	for (int fd = 50; fd <= 55; fd++)
		sys_close(fd);
	sys_close(ends[0]);
	sys_close(ends[1]);
	sys_unlink(fifo);
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
	an_attach_connection_of_another_process();
	files_by_name();
	kernel_objects_by_the_kernels_name();
	a_watch_whose_number_another_eventfd_has();
	pipes_that_lead_elsewhere_and_children();
	return failures ? 1 : 0;
}
