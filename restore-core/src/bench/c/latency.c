/* SPDX-License-Identifier: Apache-2.0
 * How long one access waits, and how many faults are served a second, when 1 to 64 threads fault at once: alone, and
 * while two other threads map, protect and unmap memory beside them.
 *
 * Every access is the first to its aligned 64 KB, the window of the engine: each is a fault. Of mmap fewer are, where
 * the kernel has larger folios in the page cache and maps them whole.
 */
#include "bench.h"

#include <stdio.h>

#define STRIDE		LOAD_WINDOW_PAGES
#define MOST_PAGES	(128u << 8)
#define NEIGHBOURS	2u
#define NEIGHBOUR_BYTES	(1u << 20)

struct latency {
	const struct variant *variant;
	uint32_t threads;
	bool beside;
	uint64_t ns, faults, p50, p99, max;
};

static struct {
	uint64_t region;
	uint32_t *waited;		/* ns, by access */
	uint64_t wrong;
	uint64_t turns[NEIGHBOURS];
} run;

static void disturb(void *data)
{
	uint64_t *turns = data;

	for (;;) {
		uint64_t at = (uint64_t)must(sys_mmap(0, NEIGHBOUR_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
						      -1, 0), "mmap");

		*(volatile uint64_t *)at = 1;
		must(sys_mprotect(at, NEIGHBOUR_BYTES / 2, PROT_READ), "mprotect");
		must(sys_munmap(at, NEIGHBOUR_BYTES), "munmap");
		__atomic_fetch_add(turns, 1, __ATOMIC_RELAXED);
	}
}

static void start_neighbours(void)
{
	for (uint32_t i = 0; i < NEIGHBOURS; i++)
		host_background(disturb, &run.turns[i]);
	for (uint32_t i = 0; i < NEIGHBOURS; i++)
		while (!__atomic_load_n(&run.turns[i], __ATOMIC_RELAXED))
			sys_sched_yield();
}

static uint64_t pages(void)
{
	return min_u64(options.pages, MOST_PAGES);
}

static uint64_t accesses(void)
{
	return pages() / STRIDE;
}

/* The access i is to the i-th window in the shuffled order of pages, of which every STRIDE-th stands for one. */
static void work(unsigned int index, void *data)
{
	const struct latency *l = data;
	uint64_t wrong = 0, number = 0;

	for (uint64_t i = 0; i < image.pages; i++) {
		uint64_t page = image.order[i], before;

		if (page % STRIDE || page / STRIDE >= accesses() || number++ % l->threads != index)
			continue;
		before = host_now();
		wrong += *(volatile uint64_t *)(run.region + page * THAW_PAGE_SIZE) != image_word(page, 0);
		run.waited[number - 1] = (uint32_t)min_u64(host_now() - before, ~0u);
	}
	__atomic_fetch_add(&run.wrong, wrong, __ATOMIC_RELAXED);
}

static void measure(void *data)
{
	struct latency *l = data;
	struct setup setup = l->variant->setup;
	uint64_t count = accesses();

	image_remember();
	image_open_anew();
	back_memory(pages());
	run.waited = (uint32_t *)must(sys_mmap(0, count * sizeof(uint32_t), PROT_READ | PROT_WRITE,
					       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0), "mmap");
	if (l->beside)
		start_neighbours();
	setup.pages = pages();
	run.region = l->variant->begin(&setup);
	l->ns = host_threads(l->threads, work, l);
	if (run.wrong)
		host_fail("%s, %u threads: %lu words are not what they must be", l->variant->name, l->threads, run.wrong);
	host_sort(run.waited, count);
	l->faults = count;
	l->p50 = run.waited[count / 2];
	l->p99 = run.waited[count * 99 / 100];
	l->max = run.waited[count - 1];
}

static void measure_variant(struct latency *l, const struct variant *v, uint32_t threads, bool beside)
{
	char column[16], name[96];

	*l = (struct latency){ .variant = v, .threads = threads, .beside = beside };
	snprintf(column, sizeof(column), "%u", threads);
	snprintf(name, sizeof(name), "%s%s", v->name, beside ? ", beside others" : "");
	host_in_child(measure, l);
	sample("scaling", name, column, "faults/s", (double)l->faults * 1e9 / (double)l->ns);
	sample("latency-p50", name, column, "us", (double)l->p50 / 1e3);
	sample("latency-p99", name, column, "us", (double)l->p99 / 1e3);
	sample("latency-max", name, column, "us", (double)l->max / 1e3);
}

void fault_latency(void)
{
	static const struct variant variants[] = {
		{ .name = "mmap, private", .begin = begin_mmap },
		{ .name = "userfaultfd 4 KB, handler thread", .begin = begin_thread },
		{ .name = "userfaultfd 4 KB, SIGBUS", .begin = begin_sigbus },
		{ .name = "Thaw, window 4 KB", .begin = begin_thaw, .setup = { .tracked = true, .window = 1 } },
		{ .name = "Thaw, window 64 KB", .begin = begin_thaw, .setup = { .tracked = true } },
	};
	const uint32_t count = sizeof(variants) / sizeof(variants[0]);
	struct latency *l = host_shared(sizeof(*l));

	for (uint32_t round = 0; round < options.rounds; round++)
		for (uint32_t t = 0; t < options.thread_counts; t++)
			for (uint32_t i = 0; i < 2 * count; i++)
				if (is_included(variants[(i / 2 + round) % count].name))
					measure_variant(l, &variants[(i / 2 + round) % count], options.threads[t], i % 2);
}
