/* SPDX-License-Identifier: Apache-2.0
 * What the steps of bringing a page in cost, one by one, in one thread.
 */
#include "bench.h"

#include "image/crc.h"
#include "track/track.h"

#define HUGE	MADV_HUGEPAGE
#define SMALL	MADV_NOHUGEPAGE

struct costs {
	uint32_t unit;			/* pages at once */
	double ns;
	void (*body)(struct costs *c, uint64_t region, void *buffer);
	int advice, uffd;
	uint64_t mode;
};

static uint64_t sink;

static void read_file(struct costs *c, uint64_t region, void *buffer)
{
	(void)region;
	for (uint64_t page = 0; page + c->unit <= options.pages; page += c->unit)
		image_read(page, c->unit, buffer);
}

static void check_crc(struct costs *c, uint64_t region, void *buffer)
{
	(void)region;
	for (uint64_t page = 0; page + c->unit <= options.pages; page += c->unit)
		for (uint32_t i = 0; i < c->unit; i++)
			sink += crc32c_page((uint8_t *)buffer + i * THAW_PAGE_SIZE);
}

static void copy_in(struct costs *c, uint64_t region, void *buffer)
{
	for (uint64_t page = 0; page + c->unit <= options.pages; page += c->unit) {
		struct uffdio_copy copy = { .dst = region + page * THAW_PAGE_SIZE, .src = (uint64_t)buffer,
					    .len = (uint64_t)c->unit * THAW_PAGE_SIZE, .mode = c->mode };

		must(sys_ioctl(c->uffd, UFFDIO_COPY, &copy), "UFFDIO_COPY");
	}
}

static void touch_first(struct costs *c, uint64_t region, void *buffer)
{
	(void)c, (void)buffer;
	for (uint64_t page = 0; page < options.pages; page++)
		*(volatile uint64_t *)(region + page * THAW_PAGE_SIZE) = page;
}

static void read_in_place(struct costs *c, uint64_t region, void *buffer)
{
	(void)buffer;
	for (uint64_t page = 0; page + c->unit <= options.pages; page += c->unit)
		image_read(page, c->unit, (void *)(region + page * THAW_PAGE_SIZE));
}

static void move_in(struct costs *c, uint64_t region, void *buffer)
{
	for (uint64_t page = 0; page + c->unit <= options.pages; page += c->unit) {
		struct uffdio_move move = { .dst = region + page * THAW_PAGE_SIZE, .src = (uint64_t)buffer,
					    .len = (uint64_t)c->unit * THAW_PAGE_SIZE };

		image_read(page, c->unit, buffer);
		must(sys_ioctl(c->uffd, UFFDIO_MOVE, &move), "UFFDIO_MOVE");
	}
}

static void measure(void *data)
{
	struct costs *c = data;
	uint64_t bytes = options.pages * THAW_PAGE_SIZE, region = map_region(bytes, HUGE_BYTES), start;
	void *buffer = (void *)map_region(HUGE_BYTES, HUGE_BYTES);
	uint32_t mode;

	image_remember();
	back_memory(options.pages);
	sys_madvise(region, bytes, c->advice);
	sys_madvise((uint64_t)buffer, HUGE_BYTES, c->advice);
	memset(buffer, 1, HUGE_BYTES);
	if (c->uffd) {
		c->uffd = (int)must(uffd_open(UFFD_FEATURE_MOVE | UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED
					      | UFFD_FEATURE_PAGEFAULT_FLAG_WP, &mode), "userfaultfd");
		must(uffd_register(c->uffd, region, region + bytes, UFFDIO_REGISTER_MODE_MISSING
				   | (c->mode ? UFFDIO_REGISTER_MODE_WP : 0)), "UFFDIO_REGISTER");
	}
	start = host_now();
	c->body(c, region, buffer);
	c->ns = (double)(host_now() - start) / (double)(options.pages / c->unit * c->unit);
}

void page_costs(void)
{
	static const struct {
		const char *name;
		struct costs costs;
	} steps[] = {
		{ "pread of 4 KB", { .unit = 1, .body = read_file, .advice = SMALL } },
		{ "pread of 64 KB", { .unit = 16, .body = read_file, .advice = SMALL } },
		{ "pread of 256 KB", { .unit = 64, .body = read_file, .advice = SMALL } },
		{ "CRC32C", { .unit = 64, .body = check_crc, .advice = SMALL } },
		{ "UFFDIO_COPY of 4 KB", { .unit = 1, .body = copy_in, .advice = SMALL, .uffd = 1 } },
		{ "UFFDIO_COPY of 64 KB", { .unit = 16, .body = copy_in, .advice = SMALL, .uffd = 1 } },
		{ "UFFDIO_COPY of 256 KB", { .unit = 64, .body = copy_in, .advice = SMALL, .uffd = 1 } },
		{ "UFFDIO_COPY of 256 KB, write-protected", { .unit = 64, .body = copy_in, .advice = SMALL, .uffd = 1,
							      .mode = UFFDIO_COPY_MODE_WP } },
		{ "UFFDIO_COPY of 2 MB", { .unit = 512, .body = copy_in, .advice = SMALL, .uffd = 1 } },
		{ "first write to fresh memory, 4 KB pages", { .unit = 1, .body = touch_first, .advice = SMALL } },
		{ "first write to fresh memory, 2 MB pages", { .unit = 1, .body = touch_first, .advice = HUGE } },
		{ "pread of 256 KB into fresh memory, 4 KB pages", { .unit = 64, .body = read_in_place, .advice = SMALL } },
		{ "pread of 2 MB into fresh memory, 2 MB pages", { .unit = 512, .body = read_in_place, .advice = HUGE } },
		{ "pread into a 2 MB page, UFFDIO_MOVE", { .unit = 512, .body = move_in, .advice = HUGE, .uffd = 1 } },
	};
	struct costs *c = host_shared(sizeof(*c));

	for (uint32_t round = 0; round < options.rounds; round++) {
		for (uint32_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
			if (!is_included(steps[i].name))
				continue;
			*c = steps[i].costs;
			host_in_child(measure, c);
			sample("costs", steps[i].name, "a page", "ns", c->ns);
		}
	}
}
