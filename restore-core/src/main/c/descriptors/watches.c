/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/capture.h"
#include "sys/syscall.h"

/* How many watches of this epoll are registered under that number already: the kernel counts them alike. */
static uint32_t earlier_under(const struct builder *b, int epoll, int target)
{
	uint32_t ret = 0;

	for (uint64_t i = b->tables[SECTION_WATCHES].count; i-- > 0;) {
		const struct image_watch *w = BUILDER_AT(b, SECTION_WATCHES, struct image_watch, i);

		if (w->epoll_fd != epoll)
			break;
		ret += w->target_fd == target;
	}
	return ret;
}

/*
 * An epoll watches an open file, and only remembers the number it had. When that was closed while a duplicate
 * lives, the watch goes on under a number that may since have been given to another file.
 */
static bool leads_to_target(struct capture *c, int epoll, const struct fdinfo_watch *watch)
{
	struct kcmp_epoll_slot slot = { (uint32_t)epoll, (uint32_t)watch->target, 0 };
	struct stat st;
	int order;

	if (c->kcmp) {
		slot.toff = earlier_under(c->b, epoll, watch->target);
		order = sys_kcmp(c->tid, c->tid, KCMP_EPOLL_TFD, (uint64_t)watch->target, (uint64_t)&slot);
		if (order != -EOPNOTSUPP)
			return order == 0;
	}
	return sys_fstat(watch->target, &st) == 0 && st.st_ino == watch->inode;
}

static void refuse_watch(struct capture *c, struct image_descriptor *epoll, int target)
{
	char name[48];
	struct text t;

	text_open(&t, name, sizeof(name));
	text_string(&t, "fd ");
	text_decimal(&t, (uint64_t)target);
	builder_refuse(c->b, REFUSE_EPOLL_WATCH, epoll->fd, name);
}

static bool is_closed(struct builder *b, const struct image_descriptor *d)
{
	if (d->kind == DESCRIPTOR_SAME)
		d = capture_find(b, d->same_as);
	return d && d->kind == DESCRIPTOR_CLOSED;
}

static void capture_watch(struct capture *c, struct image_descriptor *epoll, const struct fdinfo_watch *watch)
{
	struct image_watch *w;
	const struct image_descriptor *target = capture_find(c->b, watch->target);

	if (!target || !leads_to_target(c, epoll->fd, watch)) {
		refuse_watch(c, epoll, watch->target);
		return;
	}
	if (is_closed(c->b, target))	/* closing takes it out of the epoll, too */
		return;
	w = builder_add(c->b, SECTION_WATCHES);
	if (!w)
		return;
	w->epoll_fd = epoll->fd;
	w->target_fd = watch->target;
	w->events = watch->events;
	w->data = watch->data;
}

static void capture_epoll(struct capture *c, struct image_descriptor *epoll)
{
	struct lines lines;
	struct fdinfo_watch watch;
	const char *line;
	int error = fdinfo_open(epoll->fd, &lines);

	if (error < 0) {
		capture_failed(c, error);
		return;
	}
	while ((line = lines_next(&lines)))
		if (fdinfo_parse_watch(line, &watch))
			capture_watch(c, epoll, &watch);
	lines_close(&lines);
}

void capture_watches(struct capture *c)
{
	for (uint64_t i = 0; i < c->b->tables[SECTION_DESCRIPTORS].count; i++) {
		struct image_descriptor *d = BUILDER_AT(c->b, SECTION_DESCRIPTORS, struct image_descriptor, i);

		if (d->kind == DESCRIPTOR_EPOLL)
			capture_epoll(c, d);
	}
}
