/* SPDX-License-Identifier: Apache-2.0
 * The address space: out with the launcher's, in with the snapshot's.
 */
#include "image/crc.h"
#include "restore/launcher.h"

extern char __executable_start[], _end[];

static struct image_vdso own_vdso;

struct vdso_line {
	const char *name;
	uint64_t *start, *end;
};

static void note_line(const char *line, struct image_vdso *ret)
{
	const struct vdso_line known[] = {
		{ "[vvar]", &ret->vvar_start, &ret->vvar_end },
		{ "[vvar_vclock]", &ret->vclock_start, &ret->vclock_end },
		{ "[vdso]", &ret->vdso_start, &ret->vdso_end },
	};

	for (int i = 0; i < 3; i++) {
		const char *s = line;

		if (!string_ends(line, known[i].name))
			continue;
		*known[i].start = parse_hex(&s);
		s++;
		*known[i].end = parse_hex(&s);
	}
}

void vdso_read(struct image_vdso *ret)
{
	static char maps[65536];
	char *line = maps;
	int fd = sys_open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	long length = 0, got;

	memset(ret, 0, sizeof(*ret));
	if (fd < 0)
		die(EXIT_REFUSED, "/proc/self/maps cannot be read", "", fd);
	while ((got = sys_read(fd, maps + length, sizeof(maps) - 1 - (size_t)length)) > 0)
		length += got;
	sys_close(fd);
	for (char *s = maps; *s; s++) {
		if (*s == '\n') {
			*s = 0;
			note_line(line, ret);
			line = s + 1;
		}
	}
	if (ret->vdso_end)
		ret->vdso_crc = crc32c(0, (const void *)ret->vdso_start, ret->vdso_end - ret->vdso_start);
}

void space_check(const struct restore *r)
{
	for (uint64_t i = 0; i < r->view.region_count; i++) {
		const struct image_region *g = &r->view.regions[i];

		if (g->end > USER_END || (g->start < ZONE_END && g->end > ZONE_START))
			die(EXIT_REFUSED, "the process has memory at an address Thaw keeps for itself", "", 0);
	}
}

static void lost(const char *what, uint64_t address, long error)
{
	static char operand[64];
	struct text t;

	text_open(&t, operand, sizeof(operand));
	text_hex(&t, address);
	die(EXIT_LOST, what, operand, error);
}

static void move(uint64_t from, uint64_t to, uint64_t bytes)
{
	long got;

	if (!bytes || from == to)
		return;
	got = sys_mremap(from, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (got < 0)
		lost("the kernel's vdso cannot be moved to ", to, got);
}

/* All three keep their distances: [vvar] finds its data, [vdso] finds [vvar] (arch/x86/entry/vdso/vma.c). */
static void move_vdso(uint64_t base, struct image_vdso *v)
{
	uint64_t shift = base - v->vvar_start;

	move(v->vvar_start, v->vvar_start + shift, v->vvar_end - v->vvar_start);
	move(v->vclock_start, v->vclock_start + shift, v->vclock_end - v->vclock_start);
	move(v->vdso_start, v->vdso_start + shift, v->vdso_end - v->vdso_start);
	v->vvar_start += shift, v->vvar_end += shift;
	if (v->vclock_end)
		v->vclock_start += shift, v->vclock_end += shift;
	v->vdso_start += shift, v->vdso_end += shift;
}

static int mapping_flags(const struct image_region *g)
{
	int flags = MAP_FIXED_NOREPLACE;

	if (g->kind == REGION_ANON_SHARED)
		return flags | MAP_SHARED | MAP_ANONYMOUS;
	if (g->kind == REGION_FILE_SHARED || g->kind == REGION_MEMFD)
		return flags | MAP_SHARED;
	flags |= MAP_PRIVATE;
	if (g->kind == REGION_ANON)
		flags |= MAP_ANONYMOUS;
	if (g->flags & REGION_GROWSDOWN)
		flags |= MAP_GROWSDOWN;
	/* Reserved address space is not charged: HotSpot reserves with MAP_NORESERVE and commits without. */
	if (!(g->prot & PROT_WRITE))
		flags |= MAP_NORESERVE;
	return flags;
}

static void advise(const struct image_region *g)
{
	static const struct {
		uint32_t flag;
		int advice;
	} ADVICE[] = {
		{ REGION_NOHUGE, MADV_NOHUGEPAGE }, { REGION_HUGE, MADV_HUGEPAGE },
		{ REGION_DONTFORK, MADV_DONTFORK }, { REGION_DONTDUMP, MADV_DONTDUMP },
		{ REGION_WIPEONFORK, MADV_WIPEONFORK },
	};

	for (unsigned int i = 0; i < sizeof(ADVICE) / sizeof(ADVICE[0]); i++)
		if (g->flags & ADVICE[i].flag)
			sys_madvise(g->start, g->end - g->start, ADVICE[i].advice);
}

static void map_region(const struct restore *r, uint64_t i)
{
	const struct image_region *g = &r->view.regions[i];
	int flags = mapping_flags(g), fd = -1, prot = (int)g->prot;
	uint64_t offset = 0;
	long got;

	if (g->kind == REGION_FILE || g->kind == REGION_FILE_SHARED) {
		fd = r->files[g->file];
		offset = g->offset;
	} else if (g->kind == REGION_MEMFD) {
		fd = (int)g->file;	/* the process' own, in place already */
		offset = g->offset;
	} else if (g->kind == REGION_PERFDATA) {
		fd = r->perfdata[i];
		flags = fd < 0 ? MAP_FIXED_NOREPLACE | MAP_PRIVATE | MAP_ANONYMOUS : MAP_FIXED_NOREPLACE | MAP_SHARED;
	}
	if (g->extents && !(prot & PROT_WRITE))
		prot |= PROT_READ | PROT_WRITE;	/* thaw_resume takes it back when the content is there */
	got = sys_mmap(g->start, g->end - g->start, prot, flags, fd, offset);
	if (got < 0)
		lost("memory cannot be mapped at ", g->start, got);
	advise(g);
}

static void fill_library(const struct restore *r, const struct image_region *g)
{
	for (uint64_t i = g->first_extent; i < g->first_extent + g->extents; i++) {
		const struct image_extent *e = &r->view.extents[i];

		uint8_t *at = (uint8_t *)e->start;
		uint64_t bytes = (uint64_t)e->pages << THAW_PAGE_SHIFT;
		long got = sys_pread(r->context->sources[e->source], at, bytes, e->source_page << THAW_PAGE_SHIFT);
		bool right = got == (long)bytes;

		for (uint32_t page = 0; right && page < e->pages; page++)
			right = crc32c_page(at + (uint64_t)page * THAW_PAGE_SIZE) == r->view.crcs[e->first_crc + page];
		if (!right)
			die(EXIT_PAGE, "page data of libthaw.so is damaged or cannot be read in the pages files of ",
			    r->context->folder, got < 0 ? got : 0);
	}
}

static void close_files(const struct restore *r)
{
	for (uint64_t i = 0; i < r->view.file_count + r->view.region_count; i++)
		if (r->files[i] >= 0)
			sys_close(r->files[i]);
}

/*
 * Whose stack: one in the zone. May not touch: the kernel's initial stack, argv and envp once they are unmapped.
 * Never returns.
 */
void space_replace(struct restore *r)
{
	const struct image_header *h = r->view.header;
	uint64_t shelter = r->context->zone_next + 0x100000;

	vdso_read(&own_vdso);
	move_vdso(shelter, &own_vdso);
	sys_munmap(0, ZONE_START);
	sys_munmap(ZONE_END, USER_END - ZONE_END);
	for (uint64_t i = 0; i < r->view.region_count; i++)
		map_region(r, i);
	move_vdso(h->vdso.vvar_start, &own_vdso);
	close_files(r);
	for (uint64_t i = 0; i < r->view.region_count; i++)
		if (r->view.regions[i].flags & REGION_ENGINE)
			fill_library(r, &r->view.regions[i]);
	sys_umask(h->umask);
	r->context->launcher_start = (uint64_t)__executable_start;
	r->context->launcher_end = align_up((uint64_t)_end, THAW_PAGE_SIZE);
	((resume_entry)h->resume_entry)(r->context);
}
