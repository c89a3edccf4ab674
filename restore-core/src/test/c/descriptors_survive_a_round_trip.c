/* SPDX-License-Identifier: Apache-2.0
 * Opens one of everything that can be carried, captures it, closes all, makes it again from the record and
 * compares: first the records, then what can be done with the descriptors. Once more where kcmp(2) is forbidden.
 */
#include "descriptors_fixture.h"

#define PIPE_CONTENT	100000
#define ENGINE_FD	90

int failures;
static struct fixture before, after;
static const int engine_fds[] = { ENGINE_FD, -1 };
static char log_path[64], watched[64];
static const struct thaw_watch_path watch_paths[] = {
	{ 70, 3, (uint64_t)"/" }, { 70, 17, (uint64_t)watched },
};
static char file_path[64], socket_path[64], attach_vm[64], attach_agent[64];

static void open_files(void)
{
	make_file(file_path, "0123456789");
	at_number(sys_open(file_path, O_RDONLY), 10);
	MUST(sys_lseek(10, 5, SEEK_SET));
	MUST(sys_dup3(10, 11, O_CLOEXEC));
	at_number(sys_open(file_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), 12);
	MUST(sys_lseek(12, 2, SEEK_SET));
	at_number(sys_open("/tmp", O_RDONLY | O_DIRECTORY), 13);
	at_number(sys_open(file_path, O_PATH), 14);
	at_number(sys_open("/dev/urandom", O_RDONLY), 15);
	at_number(sys_open("/dev/null", O_RDWR), 16);
	at_number(sys_open(file_path, O_RDWR), ENGINE_FD);
}

static void open_log(void)
{
	at_number(sys_openat(AT_FDCWD, log_path, O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0640), 17);
	MUST(sys_write(17, "before ", 7));
}

/* Numbers go up, and are not used again. */
static void watch_at(int inotify, const char *path, uint32_t mask, int wanted)
{
	int wd;

	while ((wd = (int)MUST(sys_inotify_add_watch(inotify, path, mask))) < wanted)
		MUST(sys_inotify_rm_watch(inotify, wd));
	CHECK(wd == wanted, "wd %d", wd);
}

static void open_inotify(void)
{
	uint8_t events[4096];
	uint64_t mask = 1 << 9;		/* SIGUSR1 */

	at_number(sys_signalfd4(-1, &mask, O_CLOEXEC | O_NONBLOCK), 71);
	at_number(sys_inotify_init1(O_NONBLOCK), 70);
	watch_at(70, "/", 0x100 /* IN_CREATE */, 3);
	watch_at(70, watched, 0x300 /* and IN_DELETE */, 17);
	MUST(sys_read(70, events, sizeof(events)));
}

static void open_udp(void)
{
	struct sockaddr_in address = loopback();
	struct sockaddr_in6 address6 = { .sin6_family = AF_INET6, .sin6_addr = { [15] = 1 } };
	uint8_t bound[128];
	unsigned int bytes = sizeof(bound);
	int one = 1, nine = 9, size = 30000;

	at_number(sys_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), 80);
	MUST(sys_setsockopt(80, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	MUST(sys_setsockopt(80, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)));
	MUST(sys_setsockopt(80, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)));
	MUST(sys_setsockopt(80, IPPROTO_IP, IP_MULTICAST_TTL, &nine, sizeof(nine)));
	MUST(sys_setsockopt(80, IPPROTO_IP, IP_MULTICAST_IF, address.sin_addr, 4));
	MUST(sys_bind(80, &address, sizeof(address)));
	MUST(sys_getsockname(80, bound, &bytes));
	at_number(sys_socket(AF_INET, SOCK_DGRAM, 0), 81);
	MUST(sys_connect(81, bound, bytes));
	at_number(sys_socket(AF_INET, SOCK_DGRAM, 0), 82);
	if (sys_socket(AF_INET6, SOCK_DGRAM, 0) < 0)
		return;
	at_number(sys_socket(AF_INET6, SOCK_DGRAM, 0), 83);
	MUST(sys_setsockopt(83, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &nine, sizeof(nine)));
	MUST(sys_setsockopt(83, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)));
	MUST(sys_bind(83, &address6, sizeof(address6)));
}

static void pair_at(int type, int a, int b)
{
	int pair[2];

	MUST(sys_socketpair(AF_UNIX, type, 0, pair));
	at_number(pair[0], a);
	at_number(pair[1], b);
}

static void open_pairs(void)
{
	uint8_t content[1000] = { 1, 2, 3 };
	uint32_t length = sizeof(content);

	pair_at(SOCK_STREAM | SOCK_NONBLOCK, 72, 73);
	for (int i = 0; i < 50; i++)
		MUST(sys_write(72, content, length));
	MUST(sys_write(73, "answer", 6));
	MUST(sys_shutdown(72, SHUT_WR));
	pair_at(SOCK_DGRAM, 74, 75);
	MUST(sys_write(74, "one", 3));
	MUST(sys_write(74, "", 0));
	MUST(sys_write(74, "three", 5));
	pair_at(SOCK_STREAM, 76, 77);
	MUST(sys_write(77, "last", 4));
	sys_close(77);
	at_number(sys_socket(AF_UNIX, SOCK_DGRAM, 0), 78);
}

static void open_pipes(void)
{
	uint8_t content[1000];

	pipe_at(20, 21, O_NONBLOCK | O_CLOEXEC);
	MUST(sys_fcntl(21, F_SETPIPE_SZ, 1 << 17));
	for (int i = 0; i < PIPE_CONTENT; i += (int)sizeof(content)) {
		for (size_t j = 0; j < sizeof(content); j++)
			content[j] = (uint8_t)((i + (int)j) * 7 % 251);
		MUST(sys_write(21, content, sizeof(content)));
	}
	pipe_at(23, 22, 0);
	MUST(sys_write(22, "few", 3));
	MUST(sys_dup3(22, 24, 0));
	pipe_at(25, 26, 0);
	MUST(sys_write(26, "last words", 10));
	sys_close(26);
	pipe_at(28, 27, 0);
	sys_close(28);
}

static void open_events(void)
{
	uint64_t most = 0xfffffffffffffffeull;
	struct epoll_event event = { POLLIN, 0xdeadbeefcafe0005ull }, once = { 0x40000001, 20 }, nested = { POLLIN, 40 };

	at_number(sys_eventfd2(3, EFD_SEMAPHORE | O_NONBLOCK), 30);
	at_number(sys_eventfd2(0, 0), 31);
	MUST(sys_write(31, &most, sizeof(most)));
	MUST(sys_dup3(30, 32, 0));
	at_number(sys_epoll_create1(O_CLOEXEC), 40);
	at_number(sys_epoll_create1(0), 39);
	MUST(sys_epoll_ctl(40, EPOLL_CTL_ADD, 31, &event));
	MUST(sys_epoll_ctl(40, EPOLL_CTL_ADD, 20, &once));
	MUST(sys_epoll_ctl(39, EPOLL_CTL_ADD, 40, &nested));
}

static void open_timers(void)
{
	const struct itimerspec far = { { 5, 7 }, { 100000, 0 } }, past = { { 0, 0 }, { 0, 1 } }, often = { { 0, 1000 }, { 0, 1 } };

	at_number(sys_timerfd_create(CLOCK_MONOTONIC, O_CLOEXEC | O_NONBLOCK), 33);
	MUST(sys_timerfd_settime(33, 0, &far));
	at_number(sys_timerfd_create(CLOCK_REALTIME, O_NONBLOCK), 34);
	MUST(sys_timerfd_settime(34, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &past));
	at_number(sys_timerfd_create(CLOCK_BOOTTIME, 0), 35);
	at_number(sys_timerfd_create(CLOCK_MONOTONIC, O_NONBLOCK), 36);
	MUST(sys_timerfd_settime(36, 0, &often));
}

static void open_tcp(void)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
	struct sockaddr_in address = loopback();
	int size = 70000;

	listener_at(50);
	MUST(sys_setsockopt(50, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)));
	if (sys_socket(AF_INET6, SOCK_STREAM, 0) >= 0) {
		int off = 0;

		at_number(sys_socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0), 51);
		MUST(sys_setsockopt(51, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)));
		MUST(sys_bind(51, &any, sizeof(any)));
		MUST(sys_listen(51, 50));
	}
	at_number(sys_socket(AF_INET, SOCK_STREAM, 0), 52);
	at_number(sys_socket(AF_INET, SOCK_STREAM, 0), 53);
	MUST(sys_bind(53, &address, sizeof(address)));
	connection_at(50, 250, 55);
	sys_close(250);
}

/* A connection that was reset, and a refused attempt, after which the kernel's socket is as new. */
static void open_broken(void)
{
	struct { int on, seconds; } linger = { 1, 0 };
	struct sockaddr_in nobody = loopback();

	connection_at(50, 250, 56);
	MUST(sys_setsockopt(250, SOL_SOCKET, 13 /* SO_LINGER */, &linger, sizeof(linger)));
	sys_close(250);
	at_number(sys_socket(AF_INET, SOCK_STREAM, 0), 57);
	nobody.sin_port[1] = 1;
	CHECK(sys_connect(57, &nobody, sizeof(nobody)) == -ECONNREFUSED, "port 1 is taken");
}

static void open_unix(void)
{
	int pair[2];

	unix_listener_at(attach_vm, 60);
	unix_listener_at(attach_agent, 61);
	at_number(unix_connect(attach_agent), 62);
	at_number(accept_one(61), 63);
	sys_unlink(attach_vm);
	sys_unlink(attach_agent);
	unix_listener_at(socket_path, 64);
	MUST(sys_socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	sys_close(pair[1]);
	at_number(pair[0], 65);
	at_number(sys_socket(AF_UNIX, SOCK_STREAM, 0), 66);
	MUST(sys_dup3(1, 67, O_CLOEXEC));
	MUST(sys_dup3(31, 200, 0));	/* above the numbers reopening begins at */
}

static void expect(int fd, enum descriptor_kind kind, int same_as)
{
	struct image_descriptor *d = captured(&before, fd);

	CHECK(d, "fd %d is missing", fd);
	if (!d)
		return;
	CHECK(d->kind == kind, "fd %d: kind %u, expected %u", fd, d->kind, (unsigned int)kind);
	CHECK(d->same_as == same_as, "fd %d: same as %d, expected %d", fd, d->same_as, same_as);
}

static void check_record(void)
{
	static const struct { int fd; enum descriptor_kind kind; int same_as; } EXPECTED[] = {
		{ 10, DESCRIPTOR_FILE, -1 }, { 11, DESCRIPTOR_SAME, 10 }, { 12, DESCRIPTOR_FILE, -1 },
		{ 13, DESCRIPTOR_FILE, -1 }, { 14, DESCRIPTOR_FILE, -1 }, { 15, DESCRIPTOR_DEVICE, -1 },
		{ 16, DESCRIPTOR_DEVICE, -1 }, { 20, DESCRIPTOR_PIPE_READ, -1 }, { 21, DESCRIPTOR_PIPE_WRITE, -1 },
		{ 22, DESCRIPTOR_PIPE_WRITE, -1 }, { 23, DESCRIPTOR_PIPE_READ, -1 }, { 24, DESCRIPTOR_SAME, 22 },
		{ 25, DESCRIPTOR_PIPE_READ, -1 }, { 27, DESCRIPTOR_PIPE_WRITE, -1 }, { 30, DESCRIPTOR_EVENTFD, -1 },
		{ 31, DESCRIPTOR_EVENTFD, -1 }, { 32, DESCRIPTOR_SAME, 30 }, { 33, DESCRIPTOR_TIMERFD, -1 },
		{ 34, DESCRIPTOR_TIMERFD, -1 }, { 35, DESCRIPTOR_TIMERFD, -1 }, { 36, DESCRIPTOR_TIMERFD, -1 }, { 39, DESCRIPTOR_EPOLL, -1 },
		{ 40, DESCRIPTOR_EPOLL, -1 }, { 50, DESCRIPTOR_SOCKET, -1 }, { 52, DESCRIPTOR_SOCKET, -1 },
		{ 53, DESCRIPTOR_SOCKET, -1 }, { 55, DESCRIPTOR_DEAD_SOCKET, -1 }, { 56, DESCRIPTOR_DEAD_SOCKET, -1 },
		{ 57, DESCRIPTOR_SOCKET, -1 }, { 60, DESCRIPTOR_UNIX_LISTENER, -1 },
		{ 61, DESCRIPTOR_UNIX_LISTENER, -1 }, { 62, DESCRIPTOR_DEAD_SOCKET, -1 },
		{ 63, DESCRIPTOR_DEAD_SOCKET, -1 }, { 64, DESCRIPTOR_UNIX_LISTENER, -1 },
		{ 17, DESCRIPTOR_WRITABLE_FILE, -1 }, { 70, DESCRIPTOR_INOTIFY, -1 }, { 71, DESCRIPTOR_SIGNALFD, -1 },
		{ 72, DESCRIPTOR_UNIX_PAIR, -1 }, { 73, DESCRIPTOR_UNIX_PAIR, -1 }, { 74, DESCRIPTOR_UNIX_PAIR, -1 },
		{ 75, DESCRIPTOR_UNIX_PAIR, -1 }, { 76, DESCRIPTOR_UNIX_PAIR, -1 }, { 78, DESCRIPTOR_UNIX_DATAGRAM, -1 },
		{ 80, DESCRIPTOR_UDP, -1 }, { 81, DESCRIPTOR_UDP, -1 }, { 82, DESCRIPTOR_UDP, -1 },
		{ 65, DESCRIPTOR_DEAD_SOCKET, -1 }, { 66, DESCRIPTOR_SOCKET, -1 }, { 200, DESCRIPTOR_SAME, 31 },
	};

	for (size_t i = 0; i < sizeof(EXPECTED) / sizeof(EXPECTED[0]); i++)
		expect(EXPECTED[i].fd, EXPECTED[i].kind, EXPECTED[i].same_as);
	CHECK(captured(&before, 67) && captured(&before, 67)->kind == DESCRIPTOR_STDIO, "duplicate of stdout");
	CHECK(!captured(&before, ENGINE_FD), "the engine's own file is in the record");
	CHECK(before.result.refusal_count == 0, "%u refusals, the first of fd %d, reason %u, '%s'",
	      before.result.refusal_count, before.result.refusals[0].fd, before.result.refusals[0].reason,
	      before.result.refusals[0].name);
	CHECK(captured(&before, 50)->backlog == 7, "backlog %u", captured(&before, 50)->backlog);
	CHECK(captured(&before, 60)->options & OPTION_ATTACH_VM, "HotSpot's attach socket");
	CHECK(!(captured(&before, 61)->options & OPTION_ATTACH_VM), "the agent's attach socket");
	CHECK(captured(&before, 61)->options & OPTION_ATTACH, "the agent's attach socket");
	CHECK(before.builder.tables[SECTION_WATCHES].count == 3, "watches");
}

static const char *string_of(struct fixture *f, uint32_t offset)
{
	return f->strings + offset;
}

/* The time of the next expiry is read beside a clock that goes on; a fast one has expired more often by now. */
static void compare_timers(const struct image_descriptor *a, const struct image_descriptor *b)
{
	struct image_timer x, y;
	int64_t later;

	memcpy(&x, a->address, sizeof(x));
	memcpy(&y, b->address, sizeof(y));
	later = (int64_t)(y.next_ns - x.next_ns);
	CHECK(x.clock == y.clock && x.flags == y.flags && x.interval_ns == y.interval_ns, "fd %d", a->fd);
	CHECK((x.next_ns == 0) == (y.next_ns == 0), "fd %d: %lu became %lu", a->fd, x.next_ns, y.next_ns);
	CHECK(x.interval_ns == 1000 || (later < 1000000000 && later > -1000000000), "fd %d: %ld ns later", a->fd, later);
	CHECK(x.interval_ns == 1000 ? y.ticks >= x.ticks : y.ticks == x.ticks, "fd %d: %lu ticks became %lu", a->fd,
	      x.ticks, y.ticks);
}

/* Attach sockets have new names, dead ones are of another family now. */
static void compare_one(const struct image_descriptor *a, const struct image_descriptor *b)
{
	bool named_anew = a->options & OPTION_ATTACH;

	CHECK(a->kind == b->kind, "fd %d: kind %u became %u", a->fd, a->kind, b->kind);
	CHECK(a->open_flags == b->open_flags, "fd %d: flags 0%o became 0%o", a->fd, a->open_flags, b->open_flags);
	CHECK(a->same_as == b->same_as && a->peer == b->peer, "fd %d", a->fd);
	CHECK(a->position == b->position, "fd %d", a->fd);
	CHECK(string_equal(string_of(&before, a->path), string_of(&after, b->path)), "fd %d", a->fd);
	CHECK((a->file == THAW_NONE) == (b->file == THAW_NONE), "fd %d", a->fd);
	CHECK(a->blob_bytes == b->blob_bytes, "fd %d", a->fd);
	CHECK(memcmp(before.blobs + a->blob_offset, after.blobs + b->blob_offset, a->blob_bytes) == 0, "fd %d", a->fd);
	if (a->kind == DESCRIPTOR_TIMERFD)
		compare_timers(a, b);
	if (a->kind == DESCRIPTOR_DEAD_SOCKET || a->kind == DESCRIPTOR_TIMERFD || named_anew)
		return;
	CHECK(a->options == b->options, "fd %d: options %x became %x", a->fd, a->options, b->options);
	CHECK(a->backlog == b->backlog, "fd %d", a->fd);
	CHECK(a->family == b->family && a->type == b->type && a->protocol == b->protocol, "fd %d", a->fd);
	CHECK(a->receive_buffer == b->receive_buffer && a->send_buffer == b->send_buffer, "fd %d", a->fd);
	CHECK(a->address_bytes == b->address_bytes && memcmp(a->address, b->address, 128) == 0, "fd %d", a->fd);
}

/* The kernel orders them by the addresses of its own structures. */
static bool has_watch(const struct image_view *view, const struct image_watch *watch)
{
	for (uint64_t i = 0; i < view->watch_count; i++)
		if (memcmp(&view->watches[i], watch, sizeof(*watch)) == 0)
			return true;
	return false;
}

static void compare_records(void)
{
	struct image_view a = fixture_view(&before), b = fixture_view(&after);

	CHECK(a.descriptor_count == b.descriptor_count, "%d, then %d", (int)a.descriptor_count, (int)b.descriptor_count);
	for (uint64_t i = 0; i < a.descriptor_count; i++) {
		struct image_descriptor *again = captured(&after, a.descriptors[i].fd);

		CHECK(again, "fd %d has gone", a.descriptors[i].fd);
		if (again)
			compare_one(&a.descriptors[i], again);
	}
	CHECK(a.watch_count == b.watch_count, "%d watches, then %d", (int)a.watch_count, (int)b.watch_count);
	for (uint64_t i = 0; i < a.watch_count; i++)
		CHECK(has_watch(&b, &a.watches[i]), "epoll %d, fd %d", a.watches[i].epoll_fd, a.watches[i].target_fd);
}

static void use_files(void)
{
	check_bytes(11, "56789");
	check_bytes(10, "");
	check_bytes(12, "23456789");
	check_bytes(23, "few");
	MUST(sys_write(24, "more", 4));
	check_bytes(23, "more");
	check_bytes(25, "last words");
	check_bytes(25, "");
	for (int fd = 55; fd <= 56; fd++)
		check_bytes(fd, "");
	check_bytes(65, "");
}

static void use_events(void)
{
	struct epoll_event events[4];
	uint64_t count = 0;

	CHECK(SYSCALL6(__NR_epoll_pwait, 39, events, 4, 0, 0, 8) == 1 && events[0].data == 40, "nested epoll");
	CHECK(SYSCALL6(__NR_epoll_pwait, 40, events, 4, 0, 0, 8) == 2, "both watches are ready");
	CHECK(SYSCALL6(__NR_epoll_pwait, 40, events, 4, 0, 0, 8) == 1, "one of them once");
	CHECK(events[0].data == 0xdeadbeefcafe0005ull, "data");
	CHECK(sys_read(32, &count, sizeof(count)) == sizeof(count) && count == 1, "semaphore");
	CHECK(sys_read(200, &count, sizeof(count)) == sizeof(count) && count == 0xfffffffffffffffeull, "count");
}

static void use_timers(void)
{
	uint64_t ticks = 0;

	CHECK(sys_read(33, &ticks, sizeof(ticks)) == -EAGAIN, "%lu ticks of a timer that has time", ticks);
	CHECK(sys_read(34, &ticks, sizeof(ticks)) == sizeof(ticks) && ticks == 1, "%lu ticks of an expired one", ticks);
	CHECK(sys_read(36, &ticks, sizeof(ticks)) == sizeof(ticks) && ticks > 1, "%lu ticks of a fast one", ticks);
}

static void use_sockets(void)
{
	char path[64];
	struct stat st;
	int fd;

	connection_at(50, 250, 251);
	MUST(sys_write(250, "hello", 5));
	check_bytes(251, "hello");
	fd = unix_connect(socket_path);
	CHECK(fd >= 0, "%s: %d", socket_path, fd);
	fd = unix_connect(own_name(path, sizeof(path), "/tmp/.java_pid", ".hs"));
	CHECK(fd >= 0, "%s: %d", path, fd);
	CHECK(sys_stat(path, &st) == 0 && (st.st_mode & 077) == 0, "mode %o", st.st_mode);
	fd = unix_connect(own_name(path, sizeof(path), "/tmp/.java_pid", ""));
	CHECK(fd >= 0, "%s: %d", path, fd);
	accept_one(61);
	CHECK(sys_stat(path, &st) == 0 && (st.st_mode & 077) == 0, "mode %o", st.st_mode);
}

/* It was moved away meanwhile, as logs are. */
static void use_log(void)
{
	struct stat st;
	int fd;

	MUST(sys_write(17, "after", 5));
	fd = (int)MUST(sys_open(log_path, O_RDONLY));
	check_bytes(fd, "after");
	CHECK(sys_fstat(fd, &st) == 0 && (st.st_mode & 0777) == 0640, "mode %o", st.st_mode);
	sys_close(fd);
	sys_unlink(log_path);
}

static void use_inotify(void)
{
	struct { int wd; uint32_t mask, cookie, length; char name[240]; } event;
	char file[80];

	CHECK(sys_read(70, &event, sizeof(event)) == -EAGAIN, "an event of nothing");
	own_name(file, sizeof(file), "/tmp/thaw-test-", ".dir/x");
	make_file(file, "");
	CHECK(sys_read(70, &event, sizeof(event)) > 0 && event.wd == 17 && event.mask == 0x100, "wd %d", event.wd);
	CHECK(string_equal(event.name, "x"), "%s", event.name);
	sys_unlink(file);
	MUST(sys_unlinkat(AT_FDCWD, watched, AT_REMOVEDIR));
}

static void use_pairs(void)
{
	uint8_t content[200000];

	CHECK(sys_read(73, content, sizeof(content)) == 50000 && content[49002] == 3, "what 73 had not read");
	CHECK(sys_read(73, content, sizeof(content)) == 0, "72 has ended");
	check_bytes(72, "answer");
	MUST(sys_write(73, "still open", 10));
	check_bytes(72, "still open");
	check_bytes(75, "one");
	check_bytes(75, "");
	check_bytes(75, "three");
	check_bytes(76, "last");
	check_bytes(76, "");
}

static void open_everything(void)
{
	own_name(file_path, sizeof(file_path), "/tmp/thaw-test-", ".file");
	own_name(socket_path, sizeof(socket_path), "/tmp/thaw-test-", ".socket");
	own_name(attach_vm, sizeof(attach_vm), "/tmp/.java_pid", ".tmp");
	own_name(attach_agent, sizeof(attach_agent), "/tmp/.java_pid", ".tmp2");
	MUST(sys_close_range(3, ~0u));
	own_name(log_path, sizeof(log_path), "/tmp/thaw-test-", ".log");
	own_name(watched, sizeof(watched), "/tmp/thaw-test-", ".dir");
	MUST(sys_mkdir(watched, 0700));
	open_files();
	open_log();
	open_inotify();
	open_udp();
	open_pairs();
	open_pipes();
	open_events();
	open_timers();
	open_tcp();
	open_broken();
	open_unix();
	/* The loopback delivers at once, but in a softirq that may be another thread's. */
	sys_nanosleep(&(struct timespec){ 0, 20000000 });
	MUST(sys_close_range(3, 9));
}

static void check_names_are_removed(struct image_view *view)
{
	char path[64];
	struct stat st;

	descriptors_remove_names(view, sys_getpid());
	CHECK(sys_stat(socket_path, &st) == -ENOENT, "%s", socket_path);
	CHECK(sys_stat(own_name(path, sizeof(path), "/tmp/.java_pid", ""), &st) == -ENOENT, "%s", path);
	CHECK(sys_stat(own_name(path, sizeof(path), "/tmp/.java_pid", ".hs"), &st) == -ENOENT, "%s", path);
	CHECK(sys_stat(own_name(path, sizeof(path), "/tmp/.java_pid", ".thaw"), &st) == -ENOENT, "%s", path);
	sys_unlink(file_path);
}

static void round_trip(void)
{
	struct image_view view;
	struct reopened reopened;
	char why[256];
	struct text t;

	text_open(&t, why, sizeof(why));
	open_everything();
	fixture_open(&before);
	before.builder.engine_fds = engine_fds;
	before.builder.watch_paths = watch_paths;
	before.builder.watch_path_count = 2;
	CHECK(descriptors_capture(&before.builder) == 0, "capture");
	check_record();
	view = fixture_view(&before);
	CHECK(descriptors_close_inherited(1000) == 0, "close");
	sys_unlink(log_path);
	CHECK(descriptors_reopen(&view, sys_getpid(), &reopened, &t) == 0, "%s", why);
	for (uint64_t i = 0; i < reopened.count; i++)
		CHECK(reopened.fds[i] < 0 || (reopened.fds[i] > 200 && reopened.fds[i] < reopened.first_free), "index %d",
		      (int)i);
	CHECK(descriptors_arm_timers(&view, &reopened, &t) == 0, "%s", why);
	CHECK(descriptors_install(&view, &reopened, &t) == 0, "%s", why);
	fixture_open(&after);
	after.builder.watch_paths = watch_paths;
	after.builder.watch_path_count = 2;
	CHECK(descriptors_capture(&after.builder) == 0, "capture");
	CHECK(after.result.refusal_count == 0, "%u refusals, fd %d %s", after.result.refusal_count,
	      after.result.refusals[0].fd, after.result.refusals[0].name);
	compare_records();
	use_files();
	use_events();
	use_timers();
	use_sockets();
	use_log();
	use_inotify();
	use_pairs();
	check_names_are_removed(&view);
}

int main(void)
{
	struct siginfo info;
	int child;

	start_clean();
	round_trip();
	MUST(sys_close_range(3, ~0u));
	fflush(stdout);
	child = fork();
	if (child == 0) {
		failures = 0;
		forbid_kcmp();
		round_trip();
		fflush(stdout);
		sys_exit_group(failures ? 1 : 0);
	}
	MUST(sys_waitid(P_ALL, 0, &info, WEXITED));
	/* si_status follows si_uid; si_code 1 is CLD_EXITED. */
	CHECK(info.si_code == 1 && *(int *)info.rest == 0, "without kcmp");
	return failures ? 1 : 0;
}
