/* SPDX-License-Identifier: Apache-2.0
 * The file that all variants bring into memory, laid out as a snapshot's pages file.
 */
#include "bench.h"

#include "image/crc.h"

#define CHUNK_PAGES	256u
#define FORGET_NS	10000000000ull
#define ADVICE_DONTNEED	4		/* POSIX_FADV_DONTNEED */

struct image image = { .fd = -1 };

uint64_t image_word(uint64_t page, uint32_t word)
{
	uint64_t x = (page * (THAW_PAGE_SIZE / 8) + word + 1) * 0x9e3779b97f4a7c15ull;

	return x ^ x >> 29;
}

static void fill_page(uint64_t page, uint64_t *to)
{
	for (uint32_t word = 0; word < THAW_PAGE_SIZE / 8; word++)
		to[word] = image_word(page, word);
}

static void shuffle(void)
{
	uint64_t seed = 42;

	for (uint64_t i = 0; i < image.pages; i++)
		image.order[i] = (uint32_t)i;
	for (uint64_t i = image.pages - 1; i > 0; i--) {
		uint64_t other;
		uint32_t page = image.order[i];

		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		other = (seed >> 33) % (i + 1);
		image.order[i] = image.order[other];
		image.order[other] = page;
	}
}

static void *array(uint64_t bytes)
{
	return (void *)must(sys_mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), "mmap");
}

static void write_all(const void *buffer, uint64_t bytes, uint64_t offset)
{
	for (uint64_t done = 0; done < bytes;)
		done += (uint64_t)must(sys_pwrite(image.fd, (const char *)buffer + done, bytes - done, offset + done),
				       "writing the file");
}

void image_make(void)
{
	uint64_t *buffer = array(CHUNK_PAGES * THAW_PAGE_SIZE);
	char path[THAW_PATH_BYTES];
	struct text t;

	image.pages = max_u64(options.pages, options.cold_pages);
	image.crcs = array(image.pages * sizeof(uint32_t));
	image.order = array(image.pages * sizeof(uint32_t));
	text_open(&t, path, sizeof(path));
	text_string(&t, options.folder);
	text_string(&t, "/faultbench-pages-");
	text_decimal(&t, (uint64_t)sys_getpid());
	image.fd = (int)must(sys_openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600), path);
	sys_unlink(path);		/* nothing is left of it, however this ends */
	write_all(buffer, THAW_PAGE_SIZE, 0);
	for (uint64_t page = 0; page < image.pages;) {
		uint64_t pages = min_u64(CHUNK_PAGES, image.pages - page), first = page;

		for (; page < first + pages; page++) {
			uint64_t *at = buffer + (page - first) * (THAW_PAGE_SIZE / 8);

			fill_page(page, at);
			image.crcs[page] = crc32c_page(at);
			at[0] ^= page == options.damage;
		}
		write_all(buffer, pages * THAW_PAGE_SIZE, (first + 1) * THAW_PAGE_SIZE);
	}
	must(sys_fsync(image.fd), "fsync");	/* dirty pages would stay in the page cache */
	sys_munmap((uint64_t)buffer, CHUNK_PAGES * THAW_PAGE_SIZE);
	shuffle();
}

void image_open_anew(void)
{
	char path[32];
	struct text t;

	text_open(&t, path, sizeof(path));
	text_string(&t, "/proc/self/fd/");
	text_decimal(&t, (uint64_t)image.fd);
	image.fd = (int)must(sys_open(path, O_RDONLY | O_CLOEXEC), path);
}

/* Pages of the file that are in the page cache; mincore(2). */
static uint64_t cached_pages(void)
{
	uint64_t bytes = (image.pages + 1) * THAW_PAGE_SIZE, cached = 0;
	uint64_t map = (uint64_t)must(sys_mmap(0, bytes, PROT_READ, MAP_SHARED, image.fd, 0), "mmap");
	uint8_t *present = array(image.pages + 1);

	must(SYSCALL3(__NR_mincore, map, bytes, present), "mincore");
	for (uint64_t i = 0; i <= image.pages; i++)
		cached += present[i] & 1;
	sys_munmap((uint64_t)present, image.pages + 1);
	sys_munmap(map, bytes);
	return cached;
}

/* Again and again: reads ahead that are still under way keep their pages. */
bool image_forget(void)
{
	uint64_t end = now_ns(CLOCK_MONOTONIC) + FORGET_NS;

	do {
		must(SYSCALL4(__NR_fadvise64, image.fd, 0, 0, ADVICE_DONTNEED), "posix_fadvise");
		if (cached_pages() <= image.pages / 1000)
			return true;
	} while (now_ns(CLOCK_MONOTONIC) < end);
	return false;
}

void image_remember(void)
{
	void *buffer = array(CHUNK_PAGES * THAW_PAGE_SIZE);

	for (uint64_t page = 0; page < image.pages; page += CHUNK_PAGES)
		image_read(page, min_u64(CHUNK_PAGES, image.pages - page), buffer);
	sys_munmap((uint64_t)buffer, CHUNK_PAGES * THAW_PAGE_SIZE);
}

void image_read(uint64_t page, uint64_t pages, void *to)
{
	uint64_t bytes = pages * THAW_PAGE_SIZE;

	for (uint64_t done = 0; done < bytes;) {
		long got = sys_pread(image.fd, (char *)to + done, bytes - done, (page + 1) * THAW_PAGE_SIZE + done);

		if (got <= 0)
			host_fail("reading the file: errno %ld", -got);
		done += (uint64_t)got;
	}
}
