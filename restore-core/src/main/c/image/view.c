/* SPDX-License-Identifier: Apache-2.0 */
#include "image/view.h"

#include "image/crc.h"
#include "sys/abi.h"
#include "sys/memory.h"

static const uint32_t ENTRY_BYTES[SECTION_COUNT] = {
	sizeof(struct image_source), sizeof(struct image_region), sizeof(struct image_extent), sizeof(uint32_t),
	sizeof(struct image_thread), sizeof(struct image_file), sizeof(struct image_descriptor),
	sizeof(struct image_watch), sizeof(struct image_sigaction), 1, 1,
};

static bool sections_fit(const struct image_header *h)
{
	for (int i = 0; i < SECTION_COUNT; i++) {
		const struct image_span *s = &h->sections[i];

		if (s->offset % 8 || s->offset < sizeof(*h) || s->offset > h->meta_bytes
		    || s->count > (h->meta_bytes - s->offset) / ENTRY_BYTES[i])
			return false;
	}
	return true;
}

static void set_pointers(struct image_view *v, const uint8_t *meta)
{
	const struct image_span *s = v->header->sections;

#define SECTION(id) ((const void *)(meta + s[id].offset))
	v->sources = SECTION(SECTION_SOURCES), v->source_count = s[SECTION_SOURCES].count;
	v->regions = SECTION(SECTION_REGIONS), v->region_count = s[SECTION_REGIONS].count;
	v->extents = SECTION(SECTION_EXTENTS), v->extent_count = s[SECTION_EXTENTS].count;
	v->crcs = SECTION(SECTION_CRCS), v->crc_count = s[SECTION_CRCS].count;
	v->threads = SECTION(SECTION_THREADS), v->thread_count = s[SECTION_THREADS].count;
	v->files = SECTION(SECTION_FILES), v->file_count = s[SECTION_FILES].count;
	v->descriptors = SECTION(SECTION_DESCRIPTORS), v->descriptor_count = s[SECTION_DESCRIPTORS].count;
	v->watches = SECTION(SECTION_WATCHES), v->watch_count = s[SECTION_WATCHES].count;
	v->signals = SECTION(SECTION_SIGNALS);
	v->strings = SECTION(SECTION_STRINGS), v->string_bytes = s[SECTION_STRINGS].count;
	v->blobs = SECTION(SECTION_BLOBS), v->blob_bytes = s[SECTION_BLOBS].count;
#undef SECTION
}

/* Extents lie in their region, ascend, and their pages' checksums and sources exist; *crc counts the checksums. */
static bool extents_fit(const struct image_view *v, const struct image_region *r, uint64_t *crc)
{
	uint64_t at = r->start;

	if (r->extents > v->extent_count - r->first_extent)
		return false;
	for (uint64_t i = r->first_extent; i < r->first_extent + r->extents; i++) {
		const struct image_extent *e = &v->extents[i];
		uint64_t bytes = (uint64_t)e->pages << THAW_PAGE_SHIFT;

		if (e->start % THAW_PAGE_SIZE || e->start < at || e->start > r->end || !e->pages || bytes > r->end - e->start
		    || e->source >= v->source_count || e->source_page == 0
		    || e->source_page > v->sources[e->source].pages
		    || e->pages - 1 > v->sources[e->source].pages - e->source_page
		    || e->first_crc != *crc || e->pages > v->crc_count - *crc)
			return false;
		at = e->start + bytes;
		*crc += e->pages;
	}
	return true;
}

static bool may_map_shared(const struct image_view *v, const struct image_region *r)
{
	return !(r->prot & PROT_WRITE) || v->files[r->file].mode & FILE_WRITTEN;
}

static bool region_fits(const struct image_view *v, const struct image_region *r)
{
	bool from_file = r->kind == REGION_FILE || r->kind == REGION_FILE_SHARED;

	return r->end > r->start && (r->start | r->end) % THAW_PAGE_SIZE == 0 && r->kind <= REGION_MEMFD
	       && !(r->prot & ~(uint32_t)(PROT_READ | PROT_WRITE | PROT_EXEC))
	       && (!from_file || (r->file < v->file_count && r->offset % THAW_PAGE_SIZE == 0))
	       && (r->kind != REGION_MEMFD || r->offset % THAW_PAGE_SIZE == 0)
	       && (r->kind != REGION_FILE_SHARED || (r->extents == 0 && may_map_shared(v, r)))
	       && (r->kind != REGION_PERFDATA || r->offset < v->string_bytes);
}

/* All searches rely on it: regions ascend, and extents and checksums follow each other without gap or rest. */
static bool regions_fit(const struct image_view *v)
{
	uint64_t at = 0, extent = 0, crc = 0;

	for (uint64_t i = 0; i < v->region_count; i++) {
		const struct image_region *r = &v->regions[i];

		if (r->start < at || r->first_extent != extent || !region_fits(v, r) || !extents_fit(v, r, &crc))
			return false;
		at = r->end;
		extent += r->extents;
	}
	return extent == v->extent_count && crc == v->crc_count;
}

const struct image_region *view_region_at(const struct image_view *v, uint64_t address)
{
	uint64_t low = 0, high = v->region_count;

	while (low < high) {
		uint64_t middle = (low + high) / 2;

		if (v->regions[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < v->region_count && v->regions[low].start <= address ? &v->regions[low] : NULL;
}

static const struct image_region *region_with(const struct image_view *v, uint64_t address, uint64_t bytes)
{
	const struct image_region *r = view_region_at(v, address);

	return r && bytes <= r->end - address ? r : NULL;
}

static bool is_word(const struct image_view *v, uint64_t address)	/* written to by the restore; 0: there is none */
{
	const struct image_region *r = address ? region_with(v, address, 4) : NULL;

	return !address || (r && (r->prot & PROT_WRITE));
}

static bool threads_fit(const struct image_view *v)
{
	for (uint64_t i = 0; i < v->thread_count; i++) {
		const struct image_thread *t = &v->threads[i];
		const struct image_region *stack = region_with(v, t->frame, sizeof(struct ucontext));

		if (!stack || !(stack->prot & PROT_WRITE) || !is_word(v, t->tid_address) || !is_word(v, t->rseq)
		    || !is_word(v, t->vm_tid_address))
			return false;
	}
	return v->thread_count > 0;
}

/* The kernel's pages go where no region is. */
static bool span_is_free(const struct image_view *v, uint64_t start, uint64_t end)
{
	if (start > end || (start | end) % THAW_PAGE_SIZE)
		return false;
	for (uint64_t i = 0; i < v->region_count; i++)
		if (v->regions[i].start < end && v->regions[i].end > start)
			return false;
	return true;
}

static bool header_fits(const struct image_view *v)
{
	const struct image_header *h = v->header;
	const uint32_t strings[] = { h->boot_id, h->cwd, h->java_home, h->agent_jar, h->vm_version, h->thaw_version };
	const struct image_region *resume = view_region_at(v, h->resume_entry);

	for (unsigned int i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		if (strings[i] >= v->string_bytes)
			return false;
	return h->highest_fd < 0x7fffff00u && h->mm.auxv_bytes <= sizeof(h->mm.auxv_words) && h->page_crc_kind == 1
	       && resume && (resume->flags & REGION_ENGINE) && (resume->prot & PROT_EXEC)
	       && span_is_free(v, h->vdso.vvar_start, h->vdso.vvar_end)
	       && span_is_free(v, h->vdso.vclock_start, h->vdso.vclock_end)
	       && span_is_free(v, h->vdso.vdso_start, h->vdso.vdso_end);
}

static const struct image_descriptor *descriptor_of(const struct image_view *v, int32_t fd, uint64_t before)
{
	uint64_t low = 0, high = before;

	while (low < high) {
		uint64_t middle = (low + high) / 2;

		if (v->descriptors[middle].fd < fd)
			low = middle + 1;
		else
			high = middle;
	}
	return low < before && v->descriptors[low].fd == fd ? &v->descriptors[low] : NULL;
}

/* Both ends name each other, so that neither is made twice. */
static bool peer_fits(const struct image_view *v, const struct image_descriptor *d)
{
	const struct image_descriptor *peer;
	uint32_t kind = d->kind == DESCRIPTOR_PIPE_READ ? DESCRIPTOR_PIPE_WRITE
		      : d->kind == DESCRIPTOR_PIPE_WRITE ? DESCRIPTOR_PIPE_READ : DESCRIPTOR_UNIX_PAIR;

	if (d->peer == -1)
		return true;
	if (kind == DESCRIPTOR_UNIX_PAIR && d->kind != kind)
		return false;
	peer = descriptor_of(v, d->peer, v->descriptor_count);
	return peer && peer != d && peer->kind == kind && peer->peer == d->fd;
}

static bool inotify_fits(const struct image_view *v, const struct image_descriptor *d)
{
	struct image_inotify_watch w;
	int32_t last = 0;

	for (uint64_t at = 0; at < d->blob_bytes; at += sizeof(w)) {
		if (d->blob_bytes - at < sizeof(w))
			return false;
		memcpy(&w, v->blobs + d->blob_offset + at, sizeof(w));
		if (w.wd <= last || w.path >= v->string_bytes)
			return false;
		last = w.wd;
	}
	return true;
}

static bool descriptor_fits(const struct image_view *v, uint64_t i)
{
	const struct image_descriptor *d = &v->descriptors[i];

	if (d->fd < 0 || (uint32_t)d->fd > v->header->highest_fd || (i && d->fd <= v->descriptors[i - 1].fd)
	    || d->kind >= DESCRIPTOR_COUNT || d->path >= v->string_bytes
	    || d->blob_offset > v->blob_bytes || d->blob_bytes > v->blob_bytes - d->blob_offset
	    || d->address_bytes > sizeof(d->address) || (d->file != THAW_NONE && d->file >= v->file_count))
		return false;
	if (d->kind == DESCRIPTOR_STDIO)
		return d->same_as >= 0 && d->same_as <= 2;
	if (d->kind == DESCRIPTOR_SAME)		/* dup3 finds it in place already */
		return descriptor_of(v, d->same_as, i) != NULL;
	return (d->fd > 2 || d->kind == DESCRIPTOR_FILE) && peer_fits(v, d)
	       && (d->kind != DESCRIPTOR_INOTIFY || inotify_fits(v, d))
	       && (d->kind != DESCRIPTOR_UDP || d->address_bytes <= sizeof(((struct image_udp *)0)->local));
}

/* A touch behind the end of the memfd would be SIGBUS. */
static bool memfd_fits(const struct image_view *v, const struct image_region *r)
{
	const struct image_descriptor *d = r->file > v->header->highest_fd
		? NULL : descriptor_of(v, (int32_t)r->file, v->descriptor_count);
	uint64_t size = 0;

	if (!d || d->kind != DESCRIPTOR_MEMFD)
		return false;
	memcpy(&size, d->address, sizeof(size));
	return r->end - r->start <= size && r->offset <= size - (r->end - r->start);
}

static bool descriptors_fit(const struct image_view *v)
{
	for (uint64_t i = 0; i < v->descriptor_count; i++)
		if (!descriptor_fits(v, i))
			return false;
	for (uint64_t i = 0; i < v->region_count; i++)
		if (v->regions[i].kind == REGION_MEMFD && !memfd_fits(v, &v->regions[i]))
			return false;
	for (uint64_t i = 0; i < v->watch_count; i++)
		if (!descriptor_of(v, v->watches[i].epoll_fd, v->descriptor_count)
		    || !descriptor_of(v, v->watches[i].target_fd, v->descriptor_count))
			return false;
	return true;
}

static bool contents_fit(const struct image_view *v)
{
	if (v->source_count == 0 || v->source_count > THAW_MAX_SOURCES || v->sources[0].number != 0
	    || v->header->sections[SECTION_SIGNALS].count != SIGNAL_COUNT
	    || v->string_bytes == 0 || v->strings[0] != 0 || v->strings[v->string_bytes - 1] != 0)
		return false;
	for (uint64_t i = 0; i < v->source_count; i++)
		if (v->sources[i].pages >> 40 || (i && (v->sources[i].number == 0 || v->sources[i].number > 0x7fffffff)))
			return false;
	for (uint64_t i = 0; i < v->file_count; i++)
		if (v->files[i].path >= v->string_bytes)
			return false;
	return regions_fit(v) && threads_fit(v) && header_fits(v) && descriptors_fit(v);
}

enum view_result view_open(struct image_view *ret, uint8_t *meta, uint64_t bytes)
{
	struct image_header *h = (struct image_header *)meta;
	uint32_t expected;

	ret->header = h;
	if (bytes < 16)
		return VIEW_SHORT;
	if (h->magic != THAW_META_MAGIC)
		return VIEW_MAGIC;
	if (h->version != THAW_FORMAT_VERSION)
		return VIEW_VERSION;
	if (bytes < sizeof(*h) || h->meta_bytes != bytes)
		return VIEW_SHORT;
	expected = h->meta_crc;
	h->meta_crc = 0;
	if (crc32c(0, meta, bytes) != expected)
		return VIEW_CRC;
	h->meta_crc = expected;
	if (h->header_bytes != sizeof(*h) || !sections_fit(h))
		return VIEW_INCONSISTENT;
	set_pointers(ret, meta);
	return contents_fit(ret) ? VIEW_OK : VIEW_INCONSISTENT;
}
