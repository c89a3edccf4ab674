/* SPDX-License-Identifier: Apache-2.0
 * What Java has decided, of descriptors that may since have become others.
 */
#include "descriptors/capture.h"

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

void capture_refuse_by_policy(struct subject *s)
{
	uint32_t type = s->st.st_mode & S_IFMT;

	if (type == S_IFSOCK)
		capture_refuse_socket_by_policy(s);
	else if (type == S_IFREG || type == S_IFDIR || type == S_IFCHR || type == S_IFBLK)
		capture_refuse_file(s, REFUSE_FILE_POLICY);
	else
		capture_refuse(s, REFUSE_RESOURCE_POLICY, capture_path(s));
}
