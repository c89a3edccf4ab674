/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/reopen.h"
#include "sys/syscall.h"

#define LOWEST_BASE	64
/* Numbers the launcher itself needs meanwhile: snapshots of a chain are counted in with room to spare. */
#define LAUNCHER_FDS	64

int reopen_failed(const struct reopening *r, const char *verb, const char *name, long error)
{
	text_string(r->why, "cannot ");
	text_string(r->why, verb);
	text_string(r->why, " ");
	text_string(r->why, name);
	text_string(r->why, " again: ");
	text_errno(r->why, (int)-error);
	return (int)error;
}

int reopen_move_up(const struct reopening *r, int fd)
{
	int up;

	if (fd < 0 || fd >= r->base)
		return fd;
	up = sys_fcntl(fd, F_DUPFD_CLOEXEC, r->base);
	sys_close(fd);
	return up;
}

void reopen_set_blocking(int fd, uint32_t open_flags)
{
	int flags = sys_fcntl(fd, F_GETFL, 0);

	sys_fcntl(fd, F_SETFL, (flags & ~O_NONBLOCK) | (int)(open_flags & O_NONBLOCK));
}

int descriptors_close_inherited(int keep_from)
{
	return keep_from > 3 ? sys_close_range(3, (unsigned int)keep_from - 1) : 0;
}

static int open_eventfd(const struct reopening *r, const struct image_descriptor *d)
{
	int semaphore = d->options & OPTION_SEMAPHORE ? EFD_SEMAPHORE : 0;
	int fd = sys_eventfd2(0, O_CLOEXEC | semaphore);

	if (fd < 0)
		return reopen_failed(r, "make", "an eventfd", fd);
	if (d->position)
		sys_write(fd, &d->position, sizeof(d->position));
	reopen_set_blocking(fd, d->open_flags);
	return fd;
}

static struct timespec time_of(uint64_t ns)
{
	return (struct timespec){ .tv_sec = (int64_t)(ns / 1000000000), .tv_nsec = (int64_t)(ns % 1000000000) };
}

static int open_timerfd(const struct reopening *r, const struct image_descriptor *d)
{
	struct image_timer t;
	int fd;

	memcpy(&t, d->address, sizeof(t));
	fd = sys_timerfd_create((int)t.clock, O_CLOEXEC);
	if (fd < 0)
		return reopen_failed(r, "make", "a timerfd", fd);
	reopen_set_blocking(fd, d->open_flags);
	return fd;
}

/* For the time it had; one that had expired unread expires at once, as often as it had. */
static int arm_timer(int fd, const struct image_descriptor *d)
{
	struct image_timer t;
	struct itimerspec spec;
	uint64_t first;

	memcpy(&t, d->address, sizeof(t));
	first = t.next_ns;
	if (t.ticks)
		first = t.next_ns > t.ticks * t.interval_ns && t.interval_ns ? t.next_ns - t.ticks * t.interval_ns : 1;
	spec = (struct itimerspec){ time_of(t.interval_ns), time_of(first) };
	return first ? sys_timerfd_settime(fd, TFD_TIMER_ABSTIME | (int)t.flags, &spec) : 0;
}

static int open_signalfd(const struct reopening *r, const struct image_descriptor *d)
{
	int fd = sys_signalfd4(-1, &d->position, O_CLOEXEC);

	if (fd < 0)
		return reopen_failed(r, "make", "a signalfd", fd);
	reopen_set_blocking(fd, d->open_flags);
	return fd;
}

static int open_epoll(const struct reopening *r)
{
	int fd = sys_epoll_create1(O_CLOEXEC);

	return fd < 0 ? reopen_failed(r, "make", "an epoll", fd) : fd;
}

/* A new descriptor at any number, or -errno with the sentence written. */
static int open_one(const struct reopening *r, const struct image_descriptor *d)
{
	switch (d->kind) {
	case DESCRIPTOR_FILE:
	case DESCRIPTOR_DEVICE:
	case DESCRIPTOR_WRITABLE_FILE:
	case DESCRIPTOR_FIFO:
		return reopen_by_name(r, d);
	case DESCRIPTOR_EPOLL:
		return open_epoll(r);
	case DESCRIPTOR_EVENTFD:
		return open_eventfd(r, d);
	case DESCRIPTOR_TIMERFD:
		return open_timerfd(r, d);
	case DESCRIPTOR_MEMFD:
		return reopen_memfd(r, d);
	case DESCRIPTOR_SOCKET:
		return reopen_socket(r, d);
	case DESCRIPTOR_UDP:
		return reopen_udp(r, d);
	case DESCRIPTOR_UNIX_DATAGRAM:
		return reopen_unix_datagram(r, d);
	case DESCRIPTOR_UNIX_LISTENER:
		return reopen_unix_listener(r, d);
	case DESCRIPTOR_INOTIFY:
		return reopen_inotify(r, d);
	case DESCRIPTOR_SIGNALFD:
		return open_signalfd(r, d);
	case DESCRIPTOR_DEAD_SOCKET:
		return reopen_dead_socket(r, d);
	case DESCRIPTOR_CLOSED:
		return reopen_closed(r);
	default:
		return reopen_failed(r, "make", "a descriptor of a kind this version does not know", -EINVAL);
	}
}

static int reopen_one(const struct reopening *r, uint64_t i)
{
	const struct image_descriptor *d = &r->view->descriptors[i];
	int fd, up;

	if (d->kind == DESCRIPTOR_STDIO || d->kind == DESCRIPTOR_SAME)
		return 0;
	if (d->kind == DESCRIPTOR_PIPE_READ || d->kind == DESCRIPTOR_PIPE_WRITE)
		return reopen_pipe(r, d, i);
	if (d->kind == DESCRIPTOR_UNIX_PAIR)
		return reopen_pair(r, d, i);
	fd = open_one(r, d);
	if (fd < 0)
		return fd;
	up = reopen_move_up(r, fd);
	if (up < 0) {
		if (d->kind == DESCRIPTOR_UNIX_LISTENER)
			reopen_remove_name(d, r->new_pid);
		return reopen_failed(r, "open", "file descriptors", up);
	}
	r->to->fds[i] = up;
	return 0;
}

/* All of the old numbers and as many new ones above them. */
static int raise_limit(const struct reopening *r)
{
	struct rlimit limit;
	uint64_t needed = (uint64_t)r->base + r->view->descriptor_count + LAUNCHER_FDS;
	int error = sys_getrlimit(RLIMIT_NOFILE, &limit);

	if (error < 0 || limit.soft >= needed)
		return 0;
	if (limit.hard < needed) {
		text_string(r->why, "needs ");
		text_decimal(r->why, needed);
		text_string(r->why, " file descriptors, but the hard limit (ulimit -Hn) is ");
		text_decimal(r->why, limit.hard);
		return -EMFILE;
	}
	limit.soft = limit.hard;
	error = sys_setrlimit(RLIMIT_NOFILE, &limit);
	return error < 0 ? reopen_failed(r, "raise", "the limit of file descriptors", error) : 0;
}

/* The launcher has no heap; its memory goes as a whole when the image takes over. */
static int make_table(const struct reopening *r)
{
	uint64_t bytes = align_up((r->view->descriptor_count + 1) * sizeof(int), THAW_PAGE_SIZE);
	long at = sys_mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at < 0 && at > -4096)
		return reopen_failed(r, "open", "file descriptors", at);
	r->to->fds = (int *)at;
	r->to->count = r->view->descriptor_count;
	for (uint64_t i = 0; i < r->to->count; i++)
		r->to->fds[i] = -1;
	return 0;
}

static void undo(const struct reopening *r, uint64_t done)
{
	for (uint64_t i = 0; i < done; i++)
		if (r->view->descriptors[i].kind == DESCRIPTOR_UNIX_LISTENER)
			reopen_remove_name(&r->view->descriptors[i], r->new_pid);
	for (uint64_t i = 0; i < r->to->count; i++)
		if (r->to->fds[i] >= 0)
			sys_close(r->to->fds[i]);
	r->to->count = 0;
}

void descriptors_remove_names(const struct image_view *view, int new_pid)
{
	for (uint64_t i = 0; i < view->descriptor_count; i++)
		if (view->descriptors[i].kind == DESCRIPTOR_UNIX_LISTENER)
			reopen_remove_name(&view->descriptors[i], new_pid);
}

static int find_base(const struct image_view *view)
{
	uint64_t ret = max_u64((uint64_t)view->header->highest_fd + 1, LOWEST_BASE);

	if (view->descriptor_count)
		ret = max_u64(ret, (uint64_t)view->descriptors[view->descriptor_count - 1].fd + 1);
	return (int)ret;
}

int descriptors_reopen(const struct image_view *view, int new_pid, struct reopened *ret, struct text *ret_why)
{
	const struct reopening r = { view, new_pid, find_base(view), ret, ret_why };
	int error = raise_limit(&r);

	ret->fds = NULL;
	ret->count = 0;
	ret->first_free = r.base;
	if (!error)
		error = make_table(&r);
	for (uint64_t i = 0; !error && i < ret->count; i++) {
		error = reopen_one(&r, i);
		if (error)
			undo(&r, i);
	}
	for (uint64_t i = 0; i < ret->count; i++)
		if (ret->fds[i] >= ret->first_free)
			ret->first_free = ret->fds[i] + 1;
	return error;
}

int descriptors_arm_timers(const struct image_view *view, const struct reopened *reopened, struct text *ret_why)
{
	const struct reopening r = { .why = ret_why };

	for (uint64_t i = 0; i < reopened->count; i++) {
		int error = view->descriptors[i].kind != DESCRIPTOR_TIMERFD ? 0
			: arm_timer(reopened->fds[i], &view->descriptors[i]);

		if (error)
			return reopen_failed(&r, "arm", "a timerfd", error);
	}
	return 0;
}
