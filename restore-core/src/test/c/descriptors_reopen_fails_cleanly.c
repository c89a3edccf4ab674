/* SPDX-License-Identifier: Apache-2.0
 * Each failure of a reopening is one sentence, and leaves neither a file nor a descriptor behind.
 */
#include "descriptors_fixture.h"

int failures;
static struct fixture f;
static char why[256], path[64], expected[256];

static struct image_view record(void)
{
	fixture_open(&f);
	CHECK(descriptors_capture(&f.builder) == 0, "capture");
	CHECK(f.result.refusal_count == 0, "fd %d: %s", f.result.refusals[0].fd, f.result.refusals[0].name);
	return fixture_view(&f);
}

static void fails_with(const struct image_view *view, const char *sentence)
{
	struct reopened reopened;
	struct text t;

	text_open(&t, why, sizeof(why));
	CHECK(descriptors_reopen(view, sys_getpid(), &reopened, &t) < 0, "it did not fail");
	CHECK(string_equal(why, sentence), "it says '%s', expected '%s'", why, sentence);
	for (int fd = reopened.first_free; fd < reopened.first_free + 50; fd++)
		CHECK(sys_fcntl(fd, F_GETFD, 0) == -EBADF, "fd %d is open", fd);
}

static bool exists(const char *suffix)
{
	struct stat st;
	char name[64];

	return sys_lstat(own_name(name, sizeof(name), "/tmp/.java_pid", suffix), &st) == 0;
}

static const char *sentence(const char *before, const char *name, const char *after)
{
	struct text t;

	text_open(&t, expected, sizeof(expected));
	text_string(&t, before);
	text_string(&t, name);
	text_string(&t, after);
	return expected;
}

static void a_file_that_is_gone(void)
{
	char attach[64];
	struct image_view view;

	own_name(path, sizeof(path), "/tmp/thaw-test-", ".gone");
	unix_listener_at(own_name(attach, sizeof(attach), "/tmp/.java_pid", ".tmp2"), 10);
	make_file(path, "x");
	at_number(sys_open(path, O_RDONLY), 11);
	view = record();
	MUST(sys_close_range(3, ~0u));
	sys_unlink(path);
	sys_unlink(attach);
	fails_with(&view, sentence("cannot open ", path, " again: No such file or directory (ENOENT)"));
	CHECK(!exists("") && !exists(".thaw"), "an attach socket stayed behind");
}

static void a_port_that_is_taken(void)
{
	uint8_t address[128];
	unsigned int bytes = sizeof(address);
	char name[64];
	struct image_view view;
	struct text t;

	listener_at(10);
	MUST(sys_getsockname(10, address, &bytes));
	text_open(&t, name, sizeof(name));
	address_text(&t, address, bytes);
	CHECK(string_starts(name, "127.0.0.1:"), "%s", name);
	view = record();
	fails_with(&view, sentence("cannot listen on ", name, " again: Address already in use (EADDRINUSE)"));
	sys_close(10);
}

static void a_socket_file_somebody_listens_on(void)
{
	struct image_view view;
	struct reopened reopened;
	struct text t;
	struct stat st;

	own_name(path, sizeof(path), "/tmp/thaw-test-", ".socket");
	unix_listener_at(path, 10);
	view = record();
	fails_with(&view, sentence("cannot listen on ", path, " again: Address already in use (EADDRINUSE)"));
	/* Nobody does any more: its file is taken over. */
	sys_close(10);
	CHECK(sys_lstat(path, &st) == 0, "the file");
	text_open(&t, why, sizeof(why));
	CHECK(descriptors_reopen(&view, sys_getpid(), &reopened, &t) == 0, "%s", why);
	CHECK(unix_connect(path) >= 0, "connect");
	MUST(sys_close_range(3, ~0u));
	sys_unlink(path);
}

/* From an earlier process of this pid: in nobody's way. */
static void a_stale_attach_socket_of_our_own(const struct image_view *view)
{
	struct reopened reopened;
	struct text t;

	text_open(&t, why, sizeof(why));
	CHECK(descriptors_reopen(view, sys_getpid(), &reopened, &t) == 0, "%s", why);
	CHECK(unix_connect(path) >= 0, "connect");
	descriptors_remove_names(view, sys_getpid());
	CHECK(!exists(".hs"), "it was not removed");
	MUST(sys_close_range(3, ~0u));
}

/* Of an ended process that had our pid; root may remove it. */
static void a_stale_attach_socket_of_another_user(void)
{
	char attach[64];
	struct image_view view;

	unix_listener_at(own_name(attach, sizeof(attach), "/tmp/.java_pid", ".tmp"), 10);
	view = record();
	MUST(sys_close_range(3, ~0u));
	sys_unlink(attach);
	own_name(path, sizeof(path), "/tmp/.java_pid", ".hs");
	make_file(path, "");
	SYSCALL3(__NR_chown, path, 65534, 65534);
	a_stale_attach_socket_of_our_own(&view);
}

static void addresses_are_written_as_people_do(void)
{
	static const struct { uint8_t bytes[16]; const char *text; } KNOWN[] = {
		{ { 0 }, "[::]:8080" },
		{ { [15] = 1 }, "[::1]:8080" },
		{ { [0] = 0xfe, [1] = 0x80, [15] = 1 }, "[fe80::1]:8080" },
		{ { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 }, "[2001:db8:0:1::]:8080" },
		{ { 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8 }, "[1:2:3:4:5:6:7:8]:8080" },
		{ { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1 }, "[::ffff:10.0.0.1]:8080" },
	};
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = { 8080 >> 8, 8080 & 255 } };
	struct text t;

	for (size_t i = 0; i < sizeof(KNOWN) / sizeof(KNOWN[0]); i++) {
		memcpy(in6.sin6_addr, KNOWN[i].bytes, 16);
		text_open(&t, why, sizeof(why));
		address_text(&t, (const uint8_t *)&in6, sizeof(in6));
		CHECK(string_equal(why, KNOWN[i].text), "'%s', expected '%s'", why, KNOWN[i].text);
	}
}

static void a_watch_on_what_is_now_a_file(void)
{
	struct epoll_event event = { POLLIN, 0 };
	struct reopened reopened;
	struct image_view view;
	struct text t;
	int ends[2], null = (int)MUST(sys_fcntl(sys_open("/dev/null", O_RDWR), F_DUPFD_CLOEXEC, 100)), stdin_before;

	stdin_before = (int)MUST(sys_fcntl(0, F_DUPFD_CLOEXEC, 100));
	MUST(sys_pipe2(ends, 0));
	MUST(sys_dup3(ends[0], 0, 0));
	sys_close(ends[0]);
	sys_close(ends[1]);
	sys_close(3);
	at_number(sys_epoll_create1(0), 10);
	MUST(sys_epoll_ctl(10, EPOLL_CTL_ADD, 0, &event));
	const int engine[] = { null, stdin_before, -1 };

	fixture_open(&f);
	f.builder.engine_fds = engine;
	CHECK(descriptors_capture(&f.builder) == 0 && f.result.refusal_count == 0, "capture");
	view = fixture_view(&f);
	MUST(sys_dup3(null, 0, 0));
	text_open(&t, why, sizeof(why));
	CHECK(descriptors_reopen(&view, sys_getpid(), &reopened, &t) == 0, "%s", why);
	CHECK(descriptors_install(&view, &reopened, &t) == -EPERM, "it did not fail");
	CHECK(string_equal(why, "cannot watch file descriptor 0 by epoll 10 again, it is now a file without events: "
			   "Operation not permitted (EPERM)"), "%s", why);
	MUST(sys_dup3(stdin_before, 0, 0));
	MUST(sys_close_range(3, ~0u));
}

static void too_few_descriptors(void)
{
	struct rlimit limit;
	struct image_view view;

	at_number(sys_open("/dev/null", O_RDONLY), 500);
	view = record();
	MUST(sys_close_range(3, ~0u));
	MUST(sys_getrlimit(RLIMIT_NOFILE, &limit));
	limit.soft = limit.hard = 510;
	MUST(sys_setrlimit(RLIMIT_NOFILE, &limit));
	CHECK(view.descriptor_count == 4, "%d", (int)view.descriptor_count);
	fails_with(&view, "needs 569 file descriptors, but the hard limit (ulimit -Hn) is 510");
}

int main(void)
{
	start_clean();
	a_file_that_is_gone();
	a_port_that_is_taken();
	a_socket_file_somebody_listens_on();
	a_stale_attach_socket_of_another_user();
	addresses_are_written_as_people_do();
	a_watch_on_what_is_now_a_file();
	too_few_descriptors();
	return failures ? 1 : 0;
}
