/* SPDX-License-Identifier: Apache-2.0
 * "Dirty 1 MB of a region, reset it, again", by many threads of one process, each with a region of its own: the
 * experiments of faasm and wasmtime.
 */
#include "bench.h"

#include <stdio.h>

#include "track/track.h"

#define NEVER_TIMES	100u		/* so much faster is it without a reset, and getrusage tells milliseconds */
#define WORDS		(THAW_PAGE_SIZE / 8)

struct way {
	const char *name;
	void (*begin)(void);
	void (*reset)(uint64_t region);
	bool never;			/* resets: nothing to be checked */
};

static struct {
	const struct way *way;
	uint32_t threads;
	uint64_t base;			/* of the first thread's region; the others follow */
	uint8_t *content;		/* what a region is reset to */
	int memfd, uffd, pagemap;
	uint64_t wrong;
} loop;

struct reset_result {
	const struct way *way;
	uint32_t threads;
	uint64_t ns, cpu_ns, resets;
};

static uint64_t all_bytes(void)
{
	return loop.threads * options.region_bytes;
}

static void make_content(void)
{
	uint64_t bytes = options.region_bytes;

	loop.memfd = (int)must(SYSCALL2(__NR_memfd_create, "content", MFD_CLOEXEC), "memfd_create");
	must(sys_ftruncate(loop.memfd, bytes), "ftruncate");
	loop.content = (uint8_t *)must(sys_mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, loop.memfd, 0), "mmap");
	for (uint64_t page = 0; page < bytes >> THAW_PAGE_SHIFT; page++)
		for (uint32_t word = 0; word < WORDS; word++)
			((uint64_t *)loop.content)[page * WORDS + word] = image_word(page, word);
}

static void map_content(uint64_t region)
{
	must(sys_mmap(region, options.region_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, loop.memfd, 0), "mmap");
}

static void begin_mapped(void)
{
	for (uint32_t i = 0; i < loop.threads; i++)
		map_content(loop.base + i * options.region_bytes);
}

static void begin_copied(void)
{
	for (uint32_t i = 0; i < loop.threads; i++)
		host_copy((void *)(loop.base + i * options.region_bytes), loop.content, options.region_bytes);
}

static void reset_never(uint64_t region)
{
	(void)region;
}

static void reset_by_mmap(uint64_t region)
{
	sys_munmap(region, options.region_bytes);
	map_content(region);
}

static void reset_by_discard(uint64_t region)
{
	must(sys_madvise(region, options.region_bytes, MADV_DONTNEED), "madvise");
}

/* Nobody may touch an instance between two uses. */
static void reset_by_protection(uint64_t region)
{
	must(sys_mprotect(region, options.region_bytes, PROT_NONE), "mprotect");
	reset_by_discard(region);
	must(sys_mprotect(region, options.region_bytes, PROT_READ | PROT_WRITE), "mprotect");
}

static void reset_by_copy(uint64_t region)
{
	host_copy((void *)region, loop.content, options.region_bytes);
}

/* From the mapped content: no read, no second copy. */
static void copy_page(uint64_t address)
{
	uint64_t page = address & ~(uint64_t)(THAW_PAGE_SIZE - 1), offset = (page - loop.base) % options.region_bytes;
	struct uffdio_copy copy = { .dst = page, .src = (uint64_t)loop.content + offset, .len = THAW_PAGE_SIZE };
	struct uffdio_range range = { page, THAW_PAGE_SIZE };
	long error = sys_ioctl(loop.uffd, UFFDIO_COPY, &copy);

	if (error == -EEXIST)
		sys_ioctl(loop.uffd, UFFDIO_WAKE, &range);
	else if (error != -EAGAIN)	/* another thread's discard is under way: the access is made again */
		must(error, "UFFDIO_COPY");
	else
		sys_ioctl(loop.uffd, UFFDIO_WAKE, &range);
}

static void handle(void *unused)
{
	(void)unused;
	for (;;) {
		struct pollfd poll = { .fd = loop.uffd, .events = POLLIN };
		struct uffd_msg messages[32];
		long got;

		sys_poll(&poll, 1, -1);
		got = sys_read(loop.uffd, messages, sizeof(messages));
		for (long i = 0; i < got / (long)sizeof(messages[0]); i++)
			copy_page(messages[i].arg.pagefault.address);
	}
}

static void register_all(uint64_t features)
{
	uint32_t mode;

	loop.uffd = (int)must(uffd_open(features, &mode), "userfaultfd");
	must(uffd_register(loop.uffd, loop.base, loop.base + all_bytes(), UFFDIO_REGISTER_MODE_MISSING), "UFFDIO_REGISTER");
}

static void begin_lazy(void)
{
	register_all(0);
	host_background(handle, NULL);
}

static void begin_lazy_sigbus(void)
{
	host_on_sigbus(copy_page);
	register_all(UFFD_FEATURE_SIGBUS);
}

static void copy_region(uint64_t region)
{
	for (uint64_t done = 0; done < options.region_bytes;) {
		struct uffdio_copy copy = { .dst = region + done, .src = (uint64_t)loop.content + done,
					    .len = options.region_bytes - done };
		long error = sys_ioctl(loop.uffd, UFFDIO_COPY, &copy);

		if (error != -EAGAIN)		/* another thread's discard is under way */
			must(error, "UFFDIO_COPY");
		if (copy.copy > 0)
			done += (uint64_t)copy.copy;
	}
}

static void begin_eager(void)
{
	register_all(0);
	for (uint32_t i = 0; i < loop.threads; i++)
		copy_region(loop.base + i * options.region_bytes);
}

static void reset_eager(uint64_t region)
{
	reset_by_discard(region);
	copy_region(region);
}

static void begin_engine(void)
{
	uint32_t mode;

	begin_copied();
	loop.uffd = (int)must(uffd_open(UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED | UFFD_FEATURE_PAGEFAULT_FLAG_WP,
					&mode), "userfaultfd");
	loop.pagemap = (int)must(sys_open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), "pagemap");
	must(track_hold(loop.uffd, loop.base, loop.base + all_bytes()), "track_hold");
}

static void reset_by_engine(uint64_t region)
{
	long pages = must(track_reset(loop.uffd, loop.pagemap, region, region + options.region_bytes, loop.content),
			  "track_reset");

	if ((uint64_t)pages != options.dirty_bytes >> THAW_PAGE_SHIFT)
		host_fail("track_reset brought %ld pages back, not %lu", pages, options.dirty_bytes >> THAW_PAGE_SHIFT);
}

/* One word a page; another part of the region each time. Then one page is looked at. */
static uint64_t turn(uint64_t region, uint64_t number)
{
	uint64_t pages = options.dirty_bytes >> THAW_PAGE_SHIFT, parts = options.region_bytes / options.dirty_bytes;
	uint64_t first = number % parts * pages, looked = first + number * 31 % pages;

	for (uint64_t page = first; page < first + pages; page++)
		*(volatile uint64_t *)(region + page * THAW_PAGE_SIZE) = number;
	loop.way->reset(region);
	return !loop.way->never && *(volatile uint64_t *)(region + looked * THAW_PAGE_SIZE) != image_word(looked, 0);
}

static void work(unsigned int index, void *data)
{
	struct reset_result *r = data;
	uint64_t region = loop.base + index * options.region_bytes, wrong = 0, turns = r->resets / loop.threads;

	for (uint64_t i = 0; i < turns; i++)
		wrong += turn(region, i);
	__atomic_fetch_add(&loop.wrong, wrong, __ATOMIC_RELAXED);
}

static void check(void)
{
	for (uint64_t i = 0; i < loop.threads * (options.region_bytes / 8); i++)
		loop.wrong += ((uint64_t *)loop.base)[i] != ((uint64_t *)loop.content)[i % (options.region_bytes / 8)];
	if (loop.wrong)
		host_fail("%s, %u threads: %lu words are not what they must be", loop.way->name, loop.threads, loop.wrong);
}

static void measure(void *data)
{
	struct reset_result *r = data;
	uint64_t cpu;

	loop.way = r->way;
	loop.threads = r->threads;
	make_content();
	loop.base = map_region(all_bytes(), HUGE_BYTES);
	/* Instances have small pages: a huge page would be copied, split or thrown away whole. */
	sys_madvise(loop.base, all_bytes(), MADV_NOHUGEPAGE);
	r->resets -= r->resets % r->threads;
	loop.way->begin();
	cpu = host_cpu_ns();
	r->ns = host_threads(r->threads, work, r);
	r->cpu_ns = host_cpu_ns() - cpu;
	if (!r->way->never)
		check();
}

static uint64_t processors(void)
{
	uint64_t mask[16] = { 0 }, count = 0;
	long bytes = SYSCALL3(__NR_sched_getaffinity, 0, sizeof(mask), mask);

	for (long i = 0; i < bytes / 8; i++)
		count += (uint64_t)__builtin_popcountl(mask[i]);
	return count ? count : 1;
}

static void measure_way(struct reset_result *r, const struct way *way, uint32_t threads)
{
	char column[16];
	uint64_t resets = (uint64_t)options.resets * (way->never ? NEVER_TIMES : 1);

	*r = (struct reset_result){ .way = way, .threads = threads, .resets = max_u64(resets, threads) };
	snprintf(column, sizeof(column), "%u", threads);
	host_in_child(measure, r);
	sample("reset", way->name, column, "resets/s", (double)r->resets * 1e9 / (double)r->ns);
	sample("reset-cpu", way->name, column, "%", 100.0 * (double)r->cpu_ns / (double)r->ns / (double)processors());
}

void reset_loop(void)
{
	static const struct way ways[] = {
		{ "a fresh mmap each time", begin_mapped, reset_by_mmap, false },
		{ "mmap reused, MADV_DONTNEED", begin_mapped, reset_by_discard, false },
		{ "mmap reused, mprotect, MADV_DONTNEED", begin_mapped, reset_by_protection, false },
		{ "memcpy of the whole region", begin_copied, reset_by_copy, false },
		{ "userfaultfd eager, the whole region", begin_eager, reset_eager, false },
		{ "userfaultfd lazy, handler thread", begin_lazy, reset_by_discard, false },
		{ "userfaultfd lazy, SIGBUS", begin_lazy_sigbus, reset_by_discard, false },
		{ "Thaw, track_reset", begin_engine, reset_by_engine, false },
		{ "no reset at all", begin_copied, reset_never, true },
	};
	const uint32_t count = sizeof(ways) / sizeof(ways[0]);
	struct reset_result *r = host_shared(sizeof(*r));

	for (uint32_t round = 0; round < options.rounds; round++)
		for (uint32_t t = 0; t < options.thread_counts; t++)
			for (uint32_t i = 0; i < count; i++)
				if (is_included(ways[(i + round) % count].name))
					measure_way(r, &ways[(i + round) % count], options.threads[t]);
}
