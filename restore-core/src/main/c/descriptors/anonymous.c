/* SPDX-License-Identifier: Apache-2.0
 * Objects of the kernel that have no other name than their kind's.
 */
#include "descriptors/capture.h"
#include "sys/syscall.h"

static void capture_eventfd(struct subject *s)
{
	struct fdinfo_eventfd info;
	int error = fdinfo_eventfd(s->d->fd, &info);

	if (error < 0)
		capture_failed(s->c, error);
	s->d->kind = DESCRIPTOR_EVENTFD;
	s->d->position = info.count;
	s->d->options = info.semaphore ? OPTION_SEMAPHORE : 0;
}

/* The time of an expiry stays the same: what waits for it knows it by the clock. */
static void capture_timerfd(struct subject *s)
{
	struct fdinfo_timerfd info;
	struct image_timer timer = { 0 };
	struct timespec now;
	int error = fdinfo_timerfd(s->d->fd, &info);

	if (error < 0)
		capture_failed(s->c, error);
	if (info.clock != CLOCK_REALTIME && info.clock != CLOCK_MONOTONIC && info.clock != CLOCK_BOOTTIME) {
		capture_refuse(s, REFUSE_ANON_INODE, capture_path(s));	/* alarm clocks wake a machine */
		return;
	}
	sys_clock_gettime((int)info.clock, &now);
	timer.clock = info.clock;
	timer.flags = info.flags;
	timer.ticks = info.ticks;
	timer.interval_ns = info.interval_ns;
	if (info.value_ns)
		timer.next_ns = (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec + info.value_ns;
	s->d->kind = DESCRIPTOR_TIMERFD;
	s->d->address_bytes = sizeof(timer);
	memset(s->d->address, 0, sizeof(s->d->address));
	memcpy(s->d->address, &timer, sizeof(timer));
}

static void capture_signalfd(struct subject *s)
{
	int error = fdinfo_signalfd(s->d->fd, &s->d->position);

	if (error < 0)
		capture_failed(s->c, error);
	s->d->kind = DESCRIPTOR_SIGNALFD;
}

void capture_anonymous(struct subject *s)
{
	if (string_equal(capture_path(s), "anon_inode:[eventpoll]"))
		s->d->kind = DESCRIPTOR_EPOLL;
	else if (string_equal(capture_path(s), "anon_inode:[eventfd]"))
		capture_eventfd(s);
	else if (string_equal(capture_path(s), "anon_inode:[timerfd]"))
		capture_timerfd(s);
	else if (string_equal(capture_path(s), "anon_inode:[signalfd]"))
		capture_signalfd(s);
	else if (string_equal(capture_path(s), "anon_inode:inotify"))
		capture_inotify(s);
	else
		capture_refuse(s, REFUSE_ANON_INODE, capture_path(s));
}
