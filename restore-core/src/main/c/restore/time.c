/* SPDX-License-Identifier: Apache-2.0
 * The process's CLOCK_MONOTONIC and CLOCK_BOOTTIME go on from where they stood: on the same boot they have gone on by
 * themselves, after another one a time namespace adds what is missing, or takes off what is too much.
 */
#include "restore/launcher.h"
#include "sys/time_offsets.h"

#define BOOT_ID_BYTES	36

struct clocks {
	uint64_t realtime_ns, monotonic_ns, boottime_ns;
};

static uint64_t clock_ns(int clock)
{
	struct timespec t = { 0 };

	sys_clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static bool is_same_boot(const struct restore *r)
{
	const char *then = view_string(&r->view, r->view.header->boot_id);
	char now[BOOT_ID_BYTES + 1] = { 0 };
	int fd = sys_open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	sys_read(fd, now, BOOT_ID_BYTES);
	sys_close(fd);
	return now[0] && string_equal(then, now);
}

/*
 * What the offsets must be. On the same boot those of the checkpoint: so the clocks go on exactly. A virtual machine
 * that was set back has the same boot id, but an older clock.
 */
static void plan(const struct restore *r, const struct clocks *now, struct time_offsets *offsets)
{
	const struct image_header *h = r->view.header;
	uint64_t machine_then = h->monotonic_ns - (uint64_t)h->monotonic_offset_ns;
	uint64_t machine_now = now->monotonic_ns - (uint64_t)offsets->monotonic_ns, gap;

	if (is_same_boot(r) && machine_now >= machine_then) {
		*offsets = (struct time_offsets){ h->monotonic_offset_ns, h->boottime_offset_ns };
		return;
	}
	gap = now->realtime_ns > h->realtime_ns ? now->realtime_ns - h->realtime_ns : 0;
	offsets->monotonic_ns = (int64_t)((uint64_t)offsets->monotonic_ns + h->monotonic_ns + gap - now->monotonic_ns);
	offsets->boottime_ns = (int64_t)((uint64_t)offsets->boottime_ns + h->boottime_ns + gap - now->boottime_ns);
}

/* setns, not exec: the process stays what it is. Its time namespace changes for a single thread only. */
static int enter(void)
{
	int fd = sys_open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC), error;

	if (fd < 0)
		return fd;
	error = sys_setns(fd, CLONE_NEWTIME);
	sys_close(fd);
	return error;
}

static int write_proc(const char *path, const struct text *t)
{
	int fd = sys_open(path, O_WRONLY | O_CLOEXEC);
	long put;

	if (fd < 0)
		return fd;
	put = sys_write(fd, t->buffer, t->length);
	sys_close(fd);
	return put < 0 ? (int)put : 0;
}

static int map_id(const char *path, unsigned int id)
{
	char buffer[64];
	struct text t;

	text_open(&t, buffer, sizeof(buffer));
	text_decimal(&t, id);
	text_string(&t, " ");
	text_decimal(&t, id);
	text_string(&t, " 1");
	return write_proc(path, &t);
}

/* The same uid and gid, the same capabilities; these hold in the new namespace only. */
static int enter_with_user(const struct time_offsets *offsets)
{
	struct capability_header version = { CAPABILITY_VERSION_3, 0 };
	struct capability_sets sets[2];
	char deny[] = "deny";
	struct text t = { deny, sizeof(deny), sizeof(deny) - 1 };
	unsigned int uid = sys_geteuid(), gid = sys_getegid();
	int error = sys_capget(&version, sets);

	if (!error)
		error = sys_unshare(CLONE_NEWUSER | CLONE_NEWTIME);
	if (!error)
		error = map_id("/proc/self/uid_map", uid);
	if (!error)
		error = write_proc("/proc/self/setgroups", &t);
	if (!error)
		error = map_id("/proc/self/gid_map", gid);
	if (!error)
		error = time_offsets_write(offsets);
	if (!error)
		error = enter();
	return error ? error : sys_capset(&version, sets);
}

static int change(const struct restore *r, const struct time_offsets *offsets)
{
	int error = sys_unshare(CLONE_NEWTIME);

	if (!error)
		error = time_offsets_write(offsets);
	if (!error)
		error = enter();
	return error && r->time_namespace == TIME_NAMESPACE_USER ? enter_with_user(offsets) : error;
}

static void refuse(const struct restore *r, uint64_t wanted_ns, uint64_t now_ns, int error)
{
	static char operand[256];
	struct text t;

	text_open(&t, operand, sizeof(operand));
	text_fixed(&t, wanted_ns / 1000000, 3);
	text_string(&t, " s, this machine's is at ");
	text_fixed(&t, now_ns / 1000000, 3);
	text_string(&t, " s");
	if (r->time_namespace == TIME_NAMESPACE_OFF)
		die(EXIT_REFUSED, "--time-namespace=off would set time back: the process's monotonic clock must go on at ", operand, 0);
	text_string(&t, "; restore with CAP_SYS_ADMIN and CAP_SYS_TIME (root)");
	if (r->time_namespace == TIME_NAMESPACE_AUTO)
		text_string(&t, ", or in a user namespace with --time-namespace=user");
	if (now_ns >= r->view.header->monotonic_ns)
		text_string(&t, ", or let time jump ahead with --time-namespace=off");
	die(EXIT_REFUSED, "no time namespace can be made: the process's monotonic clock must go on at ", operand, error);
}

void time_continue(struct restore *r)
{
	struct clocks now = { clock_ns(CLOCK_REALTIME), clock_ns(CLOCK_MONOTONIC), clock_ns(CLOCK_BOOTTIME) };
	struct time_offsets own, wanted;
	uint64_t shift;
	int error = 0;

	if (r->time_namespace == TIME_NAMESPACE_OFF && now.monotonic_ns >= r->view.header->monotonic_ns)
		return;
	time_offsets_read(&own);
	wanted = own;
	plan(r, &now, &wanted);
	shift = (uint64_t)wanted.monotonic_ns - (uint64_t)own.monotonic_ns;
	if (shift == 0 && wanted.boottime_ns == own.boottime_ns)
		return;
	if (r->time_namespace != TIME_NAMESPACE_OFF)
		error = change(r, &wanted);
	if (error || r->time_namespace == TIME_NAMESPACE_OFF)
		refuse(r, now.monotonic_ns + shift, now.monotonic_ns, error);
	r->context->start_ns += shift;
}
