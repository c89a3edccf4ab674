/* SPDX-License-Identifier: Apache-2.0
 * /proc/self/maps into regions. proc(5).
 */
#include "checkpoint/checkpoint.h"
#include "descriptors/descriptors.h"

extern char __ehdr_start[], _end[];	/* ld: this library's first and last byte */

uint64_t own_library_start(void) { return (uint64_t)__ehdr_start; }
uint64_t own_library_end(void) { return align_up((uint64_t)_end, THAW_PAGE_SIZE); }

/* Smaps can be longer than memory should be: read in pieces, line by line. */
struct line_reader {
	int fd;
	uint32_t at, filled;
	char *buffer;			/* STAGING_PAGES pages */
};

static const char *next_line(struct line_reader *r)
{
	for (;;) {
		uint32_t end = r->at;
		long got;

		while (end < r->filled && r->buffer[end] != '\n')
			end++;
		if (end < r->filled) {
			const char *line = r->buffer + r->at;

			r->buffer[end] = 0;
			r->at = end + 1;
			return line;
		}
		memmove(r->buffer, r->buffer + r->at, r->filled - r->at);
		r->filled -= r->at;
		r->at = 0;
		got = sys_read(r->fd, r->buffer + r->filled, STAGING_PAGES * THAW_PAGE_SIZE - r->filled);
		if (got <= 0)
			return NULL;
		r->filled += (uint32_t)got;
	}
}

static uint32_t parse_vm_flags(const char *s)
{
	static const struct {
		char code[3];
		uint32_t flag;
	} CODES[] = {
		{ "gd", REGION_GROWSDOWN }, { "nh", REGION_NOHUGE }, { "hg", REGION_HUGE },
		{ "dc", REGION_DONTFORK }, { "dd", REGION_DONTDUMP }, { "wf", REGION_WIPEONFORK },
		{ "lo", REGION_LOCKED },
	};
	uint32_t flags = 0;

	for (; *s; s++)
		for (uint32_t i = 0; i < sizeof(CODES) / sizeof(CODES[0]); i++)
			if (s[0] == CODES[i].code[0] && s[1] == CODES[i].code[1] && (s[2] == ' ' || !s[2]))
				flags |= CODES[i].flag;
	return flags;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool maps_read_flags(struct checkpoint *c)
{
	struct line_reader r = { .buffer = (char *)c->staging };
	struct vma_flags *last = NULL;
	const char *line;

	r.fd = sys_open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
	if (r.fd < 0)
		return checkpoint_fail(c, STEP_MAPS, r.fd, 0, "/proc/self/smaps");
	while ((line = next_line(&r))) {
		if (string_starts(line, "VmFlags:")) {
			if (last)
				last->flags = parse_vm_flags(line + 8);
		} else if (is_hex(line[0]) && c->vma_flag_count < c->vma_flag_capacity) {
			last = &c->vma_flags[c->vma_flag_count++];
			last->start = parse_hex(&line);
			line++;
			last->end = parse_hex(&line);
		}
	}
	sys_close(r.fd);
	return true;
}

/* Mappings made since the flags were read count as having none. */
static uint32_t flags_of(const struct checkpoint *c, uint64_t start)
{
	uint64_t low = 0, high = c->vma_flag_count;

	while (low < high) {
		uint64_t middle = (low + high) / 2;

		if (c->vma_flags[middle].end <= start)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->vma_flag_count && c->vma_flags[low].start <= start ? c->vma_flags[low].flags : 0;
}

struct mapping {
	uint64_t start, end, offset, ino;
	uint64_t dev_major, dev_minor;
	bool read, write, execute, shared;
	const char *path;
};

static void parse_mapping(const char *line, struct mapping *ret)
{
	ret->start = parse_hex(&line), line++;
	ret->end = parse_hex(&line), line++;
	ret->read = line[0] == 'r';
	ret->write = line[1] == 'w';
	ret->execute = line[2] == 'x';
	ret->shared = line[3] == 's';
	line += 5;
	ret->offset = parse_hex(&line), line++;
	ret->dev_major = parse_hex(&line), line++;
	ret->dev_minor = parse_hex(&line), line++;
	ret->ino = parse_decimal(&line);
	while (*line == ' ')
		line++;
	ret->path = line;
}

static uint64_t dev_major(uint64_t dev) { return ((dev >> 8) & 0xfff) | ((dev >> 32) & ~0xfffull); }
static uint64_t dev_minor(uint64_t dev) { return (dev & 0xff) | ((dev >> 12) & ~0xffull); }

static bool is_written(const struct mapping *m) { return m->shared && m->write; }

/* The file at the path is the mapped one: its FILES index, else THAW_NONE. */
static uint32_t same_file(struct checkpoint *c, const struct mapping *m, enum thaw_refusal_reason *ret_reason)
{
	struct stat st;
	uint32_t index = THAW_NONE;
	int fd;

	if (m->path[0] != '/' || string_ends(m->path, " (deleted)"))
		return THAW_NONE;
	fd = sys_open(m->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return THAW_NONE;
	/* Overlayfs and btrfs show another device in maps than stat gives; the inode number is the same. */
	if (sys_fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == S_IFREG && st.st_ino == m->ino
	    && (dev_major(st.st_dev) != 0 ? dev_major(st.st_dev) == m->dev_major && dev_minor(st.st_dev) == m->dev_minor
					  : m->dev_major == 0))
		index = is_written(m) ? shared_file(c, fd, m->path, &st, ret_reason)
				      : builder_file(&c->builder, fd, m->path, &st);
	sys_close(fd);
	return index;
}

static bool note_kernel_mapping(struct checkpoint *c, const struct mapping *m)
{
	struct image_vdso *v = &c->header.vdso;

	if (string_equal(m->path, "[vvar]"))
		v->vvar_start = m->start, v->vvar_end = m->end;
	else if (string_equal(m->path, "[vvar_vclock]"))
		v->vclock_start = m->start, v->vclock_end = m->end;
	else if (string_equal(m->path, "[vdso]"))
		v->vdso_start = m->start, v->vdso_end = m->end;
	else
		return string_equal(m->path, "[vsyscall]");
	return true;
}

static bool is_anonymous(const struct mapping *m)
{
	return !m->shared && (!m->path[0] || string_equal(m->path, "[heap]") || string_equal(m->path, "[stack]")
			      || string_starts(m->path, "[anon:") || string_equal(m->path, "/dev/zero"));
}

static void refuse_mapping(struct checkpoint *c, const struct mapping *m, enum thaw_refusal_reason reason)
{
	builder_refuse(&c->builder, reason, -1, m->path)->mapping = m->start;
}

/* Kind and file of the region; false: refused. */
static bool classify(struct checkpoint *c, const struct mapping *m, struct image_region *r)
{
	enum thaw_refusal_reason reason = REFUSE_SHARED_MAPPING;

	if (is_anonymous(m)) {
		r->kind = REGION_ANON;
		return true;
	}
	if (is_written(m) && string_starts(m->path, "/tmp/hsperfdata_")) {
		r->kind = REGION_PERFDATA;
		r->offset = builder_string(&c->builder, m->path);
		return true;
	}
	if (m->shared && string_equal(m->path, "/dev/zero (deleted)")) {
		r->kind = REGION_ANON_SHARED;
		return true;
	}
	if (m->shared && string_equal(m->path, HEAP_MEMFD)) {
		r->kind = REGION_MEMFD;
		r->offset = m->offset;
		r->first_extent = m->ino;	/* until its descriptor is found */
		return true;
	}
	if (m->path[0] != '/') {
		refuse_mapping(c, m, REFUSE_MAPPING);
		return false;
	}
	r->file = same_file(c, m, &reason);
	if (r->file == THAW_NONE && is_written(m)) {
		refuse_mapping(c, m, reason);
		return false;
	}
	r->offset = m->offset;
	r->kind = m->shared ? REGION_FILE_SHARED : REGION_FILE;
	if (r->file == THAW_NONE) {
		r->kind = REGION_ANON;
		r->flags |= REGION_REBUILT;
	}
	return true;
}

/* Two anonymous neighbours that differ only in what userfaultfd made of them. */
static bool continues(const struct image_region *last, const struct image_region *r)
{
	return last && last->kind == REGION_ANON && r->kind == REGION_ANON && last->end == r->start
	       && last->prot == r->prot && last->flags == r->flags && !(r->flags & (REGION_GROWSDOWN | REGION_REBUILT));
}

static bool add_region(struct checkpoint *c, struct image_region *r)
{
	struct table *t = &c->builder.tables[SECTION_REGIONS];
	struct image_region *last = t->count ? BUILDER_AT(&c->builder, SECTION_REGIONS, struct image_region, t->count - 1)
					     : NULL;

	if (continues(last, r)) {
		last->end = r->end;
		return true;
	}
	last = builder_add(&c->builder, SECTION_REGIONS);
	if (last)
		*last = *r;
	return last != NULL;
}

static bool add_mapping(struct checkpoint *c, const struct mapping *m)
{
	struct image_region r = { .start = m->start, .end = m->end, .file = THAW_NONE };
	uint64_t own_end = own_library_end();

	r.prot = (m->read ? PROT_READ : 0) | (m->write ? PROT_WRITE : 0) | (m->execute ? PROT_EXEC : 0);
	r.flags = flags_of(c, m->start);
	if (!classify(c, m, &r))
		return true;
	if (r.kind == REGION_ANON && r.start >= c->header.heap_start && r.end <= c->header.heap_end)
		r.flags = REGION_HEAP | (engine->fault.blocks.advised ? r.flags & ~(uint32_t)(REGION_HUGE | REGION_NOHUGE) : r.flags);
	if (r.start >= own_library_start() && r.start < own_end) {
		struct image_region rest;

		if (r.kind == REGION_FILE)	/* unpacked from thaw.jar, it must not depend on a file */
			r.kind = REGION_ANON, r.file = THAW_NONE, r.offset = 0, r.flags |= REGION_REBUILT;
		rest = r;
		/* Its .bss may have been joined with an anonymous neighbour. */
		r.flags |= REGION_ENGINE;
		r.end = min_u64(r.end, own_end);
		rest.start = r.end;
		return add_region(c, &r) && (rest.start == rest.end || add_region(c, &rest));
	}
	return add_region(c, &r);
}

static long read_maps(struct checkpoint *c)
{
	int fd = sys_open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	long length = 0, got;

	if (fd < 0)
		return fd;
	while ((got = sys_read(fd, c->maps + length, MAPS_BYTES - 1 - (size_t)length)) > 0)
		length += got;
	sys_close(fd);
	c->maps[length] = 0;
	return got < 0 ? got : length;
}

bool maps_capture(struct checkpoint *c)
{
	long length = read_maps(c);
	char *line = c->maps;

	if (length <= 0)
		return checkpoint_fail(c, STEP_MAPS, length, 0, "/proc/self/maps");
	while (*line) {
		char *end = line;
		struct mapping m;

		while (*end && *end != '\n')
			end++;
		if (!*end)
			return checkpoint_fail(c, STEP_MAPS, -EIO, 0, line);
		*end = 0;
		parse_mapping(line, &m);
		if (m.start >= ZONE_START && m.end <= ZONE_END) {
			line = end + 1;
			continue;
		}
		if (!note_kernel_mapping(c, &m) && !add_mapping(c, &m))
			return checkpoint_fail(c, STEP_MEMORY, -ENOMEM, c->builder.tables[SECTION_REGIONS].capacity, "");
		line = end + 1;
	}
	return true;
}
