/* SPDX-License-Identifier: Apache-2.0
 * What Java has decided, of descriptors that may since have become others.
 */
#include "descriptors/capture.h"
#include "descriptors/descriptors.h"
#include "sys/syscall.h"

enum thaw_action capture_action(const struct subject *s)
{
	const struct builder *b = s->c->b;

	for (uint64_t i = 0; i < b->decision_count; i++) {
		const struct thaw_decision *d = &b->decisions[i];

		if (d->fd == s->d->fd && d->device == s->st.st_dev && d->inode == s->st.st_ino)
			return (enum thaw_action)d->action;
	}
	return ACTION_COUNT;
}

static void refuse(struct subject *s)
{
	uint32_t type = s->st.st_mode & S_IFMT;

	if (type == S_IFSOCK)
		capture_refuse_socket_by_policy(s);
	else if (type == S_IFREG || type == S_IFDIR || type == S_IFCHR || type == S_IFBLK)
		capture_refuse_file(s, REFUSE_FILE_POLICY);
	else
		capture_refuse(s, REFUSE_RESOURCE_POLICY, capture_path(s));
}

static void leave_closed(struct subject *s)
{
	bool is_socket = (s->st.st_mode & S_IFMT) == S_IFSOCK && !(s->d->open_flags & O_PATH);

	s->d->position = 0;
	s->d->kind = is_socket && capture_is_stream_with_peer(s) ? DESCRIPTOR_DEAD_SOCKET : DESCRIPTOR_CLOSED;
}

void capture_decided(struct subject *s)
{
	enum thaw_action action = capture_action(s);

	if (s->d->fd == s->c->b->reply_fd)
		return;
	if (action == ACTION_ERROR)
		refuse(s);
	else if (action == ACTION_CLOSE)
		leave_closed(s);
}

void descriptors_reset_peers(const struct builder *b)
{
	const struct linger now = { 1, 0 };

	for (uint64_t i = 0; i < b->tables[SECTION_DESCRIPTORS].count; i++) {
		const struct image_descriptor *d = BUILDER_AT(b, SECTION_DESCRIPTORS, struct image_descriptor, i);
		int under_way = 0;

		if (d->kind == DESCRIPTOR_DEAD_SOCKET && d->options & OPTION_RESET
		    && sys_ioctl(d->fd, SIOCOUTQ, &under_way) == 0 && under_way == 0)
			sys_setsockopt(d->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	}
}
