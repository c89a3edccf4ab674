/* SPDX-License-Identifier: Apache-2.0
 * mmap, and the ways of userfaultfd that Thaw is compared with: each as small as it can be, without checksums,
 * bookkeeping or events.
 */
#include "bench.h"

#include <stdio.h>

#include "track/track.h"

#define MESSAGES	32u
#define COPYING_THREADS	2u		/* as many as Thaw has */
#define BACKED_MORE	(64ull << 20)

static int uffd = -1;
static uint64_t region;
static uint64_t region_pages;

static struct stager {
	uint8_t *buffer;
	uint64_t unit;			/* bytes */
	bool move;
} stager;

uint64_t map_region(uint64_t bytes, uint64_t alignment)
{
	uint64_t size = bytes + alignment, start, aligned;

	start = (uint64_t)must(sys_mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
			       "mmap");
	aligned = align_up(start, alignment);
	if (aligned > start)
		sys_munmap(start, aligned - start);
	if (start + size > aligned + bytes)
		sys_munmap(aligned + bytes, start + size - aligned - bytes);
	return aligned;
}

void back_memory(uint64_t pages)
{
	uint64_t bytes = pages * THAW_PAGE_SIZE + BACKED_MORE, at;

	if (options.unbacked)
		return;
	at = map_region(bytes, HUGE_BYTES);
	sys_madvise(at, bytes, MADV_HUGEPAGE);
	must(sys_madvise(at, bytes, MADV_POPULATE_WRITE), "MADV_POPULATE_WRITE");
	sys_munmap(at, bytes);
}

/* At an address that is aligned as the file's pages are: the kernel may map whatever folios it has. */
uint64_t begin_mmap(const struct setup *s)
{
	uint64_t bytes = (s->pages + 1) * THAW_PAGE_SIZE, at = map_region(bytes, HUGE_BYTES);

	must(sys_mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, image.fd, 0), "mmap");
	return at + THAW_PAGE_SIZE;
}

/* Every other huge page. */
static void copy_part(unsigned int index, void *data)
{
	for (uint64_t page = index * PAGES_PER_HUGE; page < region_pages; page += COPYING_THREADS * PAGES_PER_HUGE)
		image_read(page, min_u64(PAGES_PER_HUGE, region_pages - page), (uint8_t *)data + page * THAW_PAGE_SIZE);
}

uint64_t begin_read_whole(const struct setup *s)
{
	uint64_t bytes = s->pages * THAW_PAGE_SIZE, at = map_region(bytes, HUGE_BYTES);

	region_pages = s->pages;
	sys_madvise(at, bytes, MADV_HUGEPAGE);
	host_threads(COPYING_THREADS, copy_part, (void *)at);
	return at;
}

static void open_for(const struct setup *s, uint64_t at, uint64_t features)
{
	uint32_t mode;

	region = at;
	region_pages = s->pages;
	uffd = (int)must(uffd_open(features, &mode), "userfaultfd");
	must(uffd_register(uffd, at, at + s->pages * THAW_PAGE_SIZE, UFFDIO_REGISTER_MODE_MISSING), "UFFDIO_REGISTER");
}

static void copy(uint64_t to, const void *from, uint64_t bytes)
{
	struct uffdio_copy c = { .dst = to, .src = (uint64_t)from, .len = bytes };
	struct uffdio_range range = { to, bytes };
	long error = sys_ioctl(uffd, UFFDIO_COPY, &c);

	if (error == -EEXIST)
		sys_ioctl(uffd, UFFDIO_WAKE, &range);
	else
		must(error, "UFFDIO_COPY");
}

/* The whole unit is brought in: the last one may be shorter. */
static void serve(uint64_t address)
{
	uint64_t offset = (address - region) & ~(stager.unit - 1);
	uint64_t bytes = min_u64(stager.unit, region_pages * THAW_PAGE_SIZE - offset);

	image_read(offset >> THAW_PAGE_SHIFT, bytes >> THAW_PAGE_SHIFT, stager.buffer);
	if (stager.move) {
		struct uffdio_move move = { .dst = region + offset, .src = (uint64_t)stager.buffer, .len = bytes };
		struct uffdio_range range = { region + offset, bytes };
		long error = sys_ioctl(uffd, UFFDIO_MOVE, &move);

		if (error == -EEXIST)
			sys_ioctl(uffd, UFFDIO_WAKE, &range);
		else
			must(error, "UFFDIO_MOVE");
	} else {
		copy(region + offset, stager.buffer, bytes);
	}
}

static void handle(void *unused)
{
	struct uffd_msg messages[MESSAGES];

	(void)unused;
	for (;;) {
		struct pollfd poll = { .fd = uffd, .events = POLLIN };
		long got;

		sys_poll(&poll, 1, -1);
		got = sys_read(uffd, messages, sizeof(messages));
		for (long i = 0; i < got / (long)sizeof(messages[0]); i++)
			serve(messages[i].arg.pagefault.address);
	}
}

static uint64_t begin_by_thread(const struct setup *s, uint64_t at, uint64_t features, uint64_t unit)
{
	stager.unit = unit;
	stager.buffer = (uint8_t *)map_region(unit, unit);
	open_for(s, at, features);
	host_background(handle, NULL);
	return at;
}

uint64_t begin_thread(const struct setup *s)
{
	return begin_by_thread(s, map_region(s->pages * THAW_PAGE_SIZE, HUGE_BYTES), 0, THAW_PAGE_SIZE);
}

static void serve_here(uint64_t address)
{
	uint8_t buffer[THAW_PAGE_SIZE];
	uint64_t page = (address - region) >> THAW_PAGE_SHIFT;

	if (page >= region_pages)
		host_fail("SIGBUS at 0x%lx", address);
	image_read(page, 1, buffer);
	copy(region + page * THAW_PAGE_SIZE, buffer, sizeof(buffer));
}

uint64_t begin_sigbus(const struct setup *s)
{
	host_on_sigbus(serve_here);
	open_for(s, map_region(s->pages * THAW_PAGE_SIZE, HUGE_BYTES), UFFD_FEATURE_SIGBUS);
	return region;
}

/* UFFDIO_COPY makes 4 KB pages of it in anonymous memory, whatever MADV_HUGEPAGE says. */
uint64_t begin_huge(const struct setup *s)
{
	return begin_by_thread(s, map_region(s->pages * THAW_PAGE_SIZE, HUGE_BYTES), 0, HUGE_BYTES);
}

/*
 * A transparent huge page is read into and then moved whole. The region has MADV_HUGEPAGE, too: else the fault makes a
 * page table before it is a message, and the huge page is split to fit in there.
 */
uint64_t begin_moved(const struct setup *s)
{
	uint64_t at = map_region(s->pages * THAW_PAGE_SIZE, HUGE_BYTES);

	sys_madvise(at, s->pages * THAW_PAGE_SIZE, MADV_HUGEPAGE);
	stager.move = true;
	begin_by_thread(s, at, UFFD_FEATURE_MOVE, HUGE_BYTES);
	sys_madvise((uint64_t)stager.buffer, HUGE_BYTES, MADV_HUGEPAGE);
	return region;
}

uint64_t count_pages(uint64_t start, uint64_t pages, uint64_t categories)
{
	struct page_region ranges[64];
	struct pm_scan_arg arg = {
		.size = sizeof(arg), .start = start, .end = start + pages * THAW_PAGE_SIZE, .vec = (uint64_t)ranges,
		.vec_len = 64, .category_mask = categories, .return_mask = categories,
	};
	int pagemap = (int)must(sys_open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), "pagemap");
	uint64_t count = 0;

	while (arg.start < arg.end) {
		long found = must(sys_ioctl(pagemap, PAGEMAP_SCAN, &arg), "PAGEMAP_SCAN");

		for (long i = 0; i < found; i++)
			count += (ranges[i].end - ranges[i].start) >> THAW_PAGE_SHIFT;
		arg.start = arg.walk_end;
	}
	sys_close(pagemap);
	return count;
}

void after_huge_pages(uint64_t at, const struct setup *s, uint64_t written)
{
	uint64_t huge = count_pages(at, s->pages, PAGE_IS_HUGE);

	(void)written;
	if (huge < s->pages - s->pages % PAGES_PER_HUGE)
		note("huge pages: only %lu of %lu pages are in huge pages", huge, s->pages);
}

#define MAP_HUGETLB	0x40000
#define RESERVED_FILE	"/proc/sys/vm/nr_hugepages"

static uint64_t reserved_before;
static bool reserved;

static bool write_reserved(uint64_t count)
{
	int fd = sys_openat(AT_FDCWD, RESERVED_FILE, O_WRONLY | O_CLOEXEC, 0);
	char line[32];
	struct text t;
	long done;

	if (fd < 0)
		return false;
	text_open(&t, line, sizeof(line));
	text_decimal(&t, count);
	done = sys_write(fd, line, t.length);
	sys_close(fd);
	return done > 0;
}

static uint64_t read_reserved(const char *file)
{
	char line[64] = "";
	const char *at = line;
	int fd = sys_open(file, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		sys_read(fd, line, sizeof(line) - 1);
		sys_close(fd);
	}
	return parse_decimal(&at);
}

bool hugetlb_reserve(uint64_t pages)
{
	uint64_t wanted = (pages + PAGES_PER_HUGE - 1) / PAGES_PER_HUGE;
	uint64_t there = read_reserved("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");

	if (there >= wanted)
		return true;
	reserved_before = read_reserved(RESERVED_FILE);
	if (!write_reserved(reserved_before + wanted - there)) {
		note("no hugetlb: %lu pages of 2 MB are free, %lu wanted, and only root can reserve more", there, wanted);
		return false;
	}
	reserved = true;
	host_before_end(hugetlb_release);
	there = read_reserved("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");
	if (there >= wanted)
		return true;
	note("no hugetlb: the kernel found only %lu of %lu pages of 2 MB", there, wanted);
	hugetlb_release();
	return false;
}

void hugetlb_release(void)
{
	if (reserved)
		write_reserved(reserved_before);
	reserved = false;
}

uint64_t begin_hugetlb(const struct setup *s)
{
	struct setup whole = *s;
	uint64_t at;

	whole.pages = align_up(s->pages, PAGES_PER_HUGE);
	at = (uint64_t)must(sys_mmap(0, whole.pages * THAW_PAGE_SIZE, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0), "mmap of hugetlb pages");
	return begin_by_thread(&whole, at, 0, HUGE_BYTES);
}
