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

int main(void)
{
	start_clean();
	error_refuses_what_would_be_carried();
	a_decision_about_another_file_does_not_hold();
	return failures ? 1 : 0;
}
