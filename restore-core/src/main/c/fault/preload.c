/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/fault.h"
#include "fault/working_set.h"
#include "image/crc.h"

bool working_set_path(char *ret, size_t bytes, const char *tail)
{
	struct text t;

	text_open(&t, ret, bytes);
	text_string(&t, engine->parent.folder);
	text_string(&t, "/");
	text_padded(&t, engine->parent.number, 4);
	text_string(&t, "/working-set");
	text_string(&t, tail);
	return t.length + 1 < bytes;
}

uint32_t working_set_crc(const struct working_set_header *h)
{
	struct working_set_header plain = *h;

	plain.crc = 0;
	return crc32c(crc32c(0, &plain, sizeof(plain)), h + 1, h->runs * sizeof(struct page_run));
}

static bool is_usable(const struct working_set_header *h, const struct page_run *runs, uint64_t bytes)
{
	const struct image_view *v = &engine->parent.view;

	if (bytes < sizeof(*h) || h->magic != WORKING_SET_MAGIC || memcmp(h->id, v->header->id, THAW_ID_BYTES) != 0
	    || bytes != sizeof(*h) + (uint64_t)h->runs * sizeof(*runs) || h->early > h->runs
	    || working_set_crc(h) != h->crc)
		return false;
	for (uint32_t i = 0; i < h->runs; i++)
		if (runs[i].first >= v->crc_count || runs[i].pages > v->crc_count - runs[i].first)
			return false;
	return true;
}

static void use(const struct working_set_header *h)
{
	struct preload *p = &engine->fault.preload;

	p->runs = (struct page_run *)(h + 1);
	p->count = h->runs;
	p->early = h->early;
	p->rounds = h->rounds;
	for (uint32_t i = 0; i < h->runs; i++)
		p->pages += p->runs[i].pages;
}

void preload_read(void)
{
	struct working_set_header *h;
	char path[448];
	struct stat st;
	long memory = -1;
	int fd = working_set_path(path, sizeof(path), "") ? sys_open(path, O_RDONLY | O_CLOEXEC) : -ENOENT;

	if (fd < 0)
		return;
	if (sys_fstat(fd, &st) == 0 && (uint64_t)st.st_size <= WORKING_SET_MOST_BYTES)
		memory = zone_map(&engine->zone_next, (uint64_t)st.st_size + 1);
	h = (struct working_set_header *)memory;
	if (memory > 0 && sys_pread(fd, h, (size_t)st.st_size, 0) == st.st_size
	    && is_usable(h, (struct page_run *)(h + 1), (uint64_t)st.st_size))
		use(h);
	else if (memory > 0)
		zone_unmap((uint64_t)memory, (uint64_t)st.st_size + 1);
	sys_close(fd);
}
