/* SPDX-License-Identifier: Apache-2.0
 * Many threads fault on one page at once, or on the pages of one window: each page comes in once, is counted once, and no
 * write to it is lost, whichever threads of the engine bring it in. The threads that touch are of the engine's kind, too:
 * <pthread.h> cannot be had besides its headers.
 */
#include "fault/inject.h"
#include "image_fixture.h"

#define THREADS		16u
#define BLOCKS		10u
#define PAGES		(BLOCKS * BLOCK_PAGES)
#define TURNS		(BLOCK_PAGES / AHEAD_WINDOW_PAGES)	/* in each block, so far apart that none follows another */
#define WORDS		(THAW_PAGE_SIZE / 8)
#define COUNTER		(WORDS - 1)
#define MOST_RANGES	64u

_Static_assert(THREADS == LOAD_WINDOW_PAGES, "a thread for each page of a window");

int failures;

static uint32_t crcs[PAGES];
static uint64_t content[WORDS];
static struct engine_thread touching[THREADS];
static int fdinfo;

static uint32_t go, done;		/* futexes: turns begun, touches done */
static uint32_t started, touched;	/* threads; the page of this turn, or the first thread's */
static bool each_its_own;
static uint64_t wrong;
static uint64_t adds[PAGES];

static uint64_t *words_of(uint32_t page)
{
	return (uint64_t *)(region.start + page * (uint64_t)THAW_PAGE_SIZE);
}

static uint64_t stored(uint32_t page, uint32_t word)
{
	return word == COUNTER ? 0 : page * (uint64_t)WORDS + word + 1;
}

static int make_file(void)
{
	int fd = (int)sys_memfd_create("pages", 0);

	MUST(fd);
	for (uint32_t page = 0; page < PAGES; page++) {
		for (uint32_t word = 0; word < WORDS; word++)
			content[word] = stored(page, word);
		fixture_write_page(fd, page, content, crcs);
	}
	return fd;
}

static void open_fdinfo(int fd)
{
	char path[64];
	struct text t;

	text_open(&t, path, sizeof(path));
	text_string(&t, "/proc/self/fdinfo/");
	text_decimal(&t, (uint64_t)fd);
	fdinfo = (int)MUST(sys_open(path, O_RDONLY | O_CLOEXEC));
}

static void begin(int uffd, uint32_t mode)
{
	fixture_begin(uffd, mode, make_file(), PAGES, crcs);
	open_fdinfo(uffd);
	fixture_start_threads();
}

static void wait_for(uint32_t *futex, uint32_t value)
{
	uint32_t now;

	while ((now = __atomic_load_n(futex, __ATOMIC_ACQUIRE)) != value)
		sys_futex(futex, FUTEX_WAIT | FUTEX_PRIVATE, now, NULL);
}

static void count_up(uint32_t *futex)
{
	__atomic_fetch_add(futex, 1, __ATOMIC_RELEASE);
	sys_futex(futex, FUTEX_WAKE | FUTEX_PRIVATE, 0x7fffffff, NULL);
}

/* Every other one writes first of all, the others look at what has come. */
static void touch(uint32_t thread)
{
	uint32_t page = each_its_own ? touched + thread : touched;
	uint64_t *words = words_of(page), differ = 0;

	if (thread % 2)
		__atomic_fetch_add(&words[COUNTER], 1, __ATOMIC_RELAXED);
	for (uint32_t word = 0; word < COUNTER; word++)
		differ += __atomic_load_n(&words[word], __ATOMIC_RELAXED) != stored(page, word);
	__atomic_fetch_add(&wrong, differ, __ATOMIC_RELAXED);
}

static void touch_main(void *data)
{
	uint32_t thread = __atomic_fetch_add(&started, 1, __ATOMIC_RELAXED);

	(void)data;
	for (uint32_t turn = 1; turn <= BLOCKS * TURNS; turn++) {
		wait_for(&go, turn);
		touch(thread);
		count_up(&done);
	}
	SYSCALL1(__NR_exit, 0);
}

/* Faults that nobody has read: fs/userfaultfd.c, userfaultfd_show_fdinfo(). */
static uint64_t pending(void)
{
	char text[512] = "";
	const char *at = text;

	MUST(sys_pread(fdinfo, text, sizeof(text) - 1, 0));
	while (*at && !string_starts(at, "pending:\t"))
		at++;
	MUST(*at ? 0 : -ENOENT);
	at += string_length("pending:\t");
	return parse_decimal(&at);
}

static void begin_turn(uint32_t block, uint32_t turn, bool own)
{
	touched = block * BLOCK_PAGES + turn * AHEAD_WINDOW_PAGES + (own ? 0 : 5);
	each_its_own = own;
	for (uint32_t i = 1; i < THREADS; i += 2)
		adds[own ? touched + i : touched]++;
	count_up(&go);
}

/* Without the lock the server answers none of them before all are there. */
static void all_at_once(uint32_t block, uint32_t turn, bool own, void (*then)(void))
{
	struct lock *lock = &engine->fault.lock;

	lock_take(lock);
	begin_turn(block, turn, own);
	while (pending() != THREADS)
		sys_sched_yield();
	if (then)
		then();
	lock_release(lock);
	wait_for(&done, go * THREADS);
}

static void in_turns(uint32_t block, bool own, void (*then)(void))
{
	for (uint32_t turn = 0; turn < TURNS; turn++)
		all_at_once(block, turn, own, then);
}

/* As after_thaw() of the benchmark, and for each page; the pages that are there, since others may still be loaded. */
static uint64_t expect_counted_once(const char *when)
{
	struct fault_state *f = &engine->fault;
	uint64_t of[PAGE_DROPPED + 1] = { 0 }, loaded, counted;

	lock_take(&f->lock);
	for (uint32_t page = 0; page < PAGES; page++)
		of[engine->parent.states[page]]++;
	loaded = of[PAGE_LOADED] + of[PAGE_UNTRACKED];
	counted = f->pages_first + f->pages_demand + f->pages_ahead;
	CHECK(counted == loaded, "%s: %lu pages are loaded, %lu are counted", when, loaded, counted);
	CHECK(f->missing == of[PAGE_MISSING] && f->missing + counted == PAGES, "%s: %lu pages are missing, %lu are counted so",
	      when, of[PAGE_MISSING], f->missing);
	CHECK(!f->pages_dropped && !f->pages_zero && !f->moved.count, "%s: %lu pages dropped, %lu zero, %lu moved", when,
	      f->pages_dropped, f->pages_zero, f->moved.count);
	lock_release(&f->lock);
	CHECK(__atomic_load_n(&wrong, __ATOMIC_RELAXED) == 0, "%s: %lu words were not the image's", when, wrong);
	return loaded;
}

/* The server alone: one window for each turn, and an answer to each thread. */
static void expect_windows(uint32_t blocks, const char *when)
{
	const struct fault_state *f = &engine->fault;
	uint64_t loaded = expect_counted_once(when);

	CHECK(loaded == blocks * TURNS * LOAD_WINDOW_PAGES && f->pages_demand == loaded, "%s: %lu pages came in", when, loaded);
	CHECK(f->faults == blocks * TURNS * THREADS, "%s: %lu faults", when, f->faults);
}

static void a_page_is_loaded_once(void)
{
	in_turns(0, false, NULL);
	expect_windows(1, "one page");
}

static void a_window_is_loaded_once(void)
{
	in_turns(1, true, NULL);
	expect_windows(2, "one window");
}

/* One for each disk thread, before the server has read any of them. */
static void hand_over(void)
{
	CHECK(disk_hand_over(region.start + touched * (uint64_t)THAW_PAGE_SIZE), "the queue is full");
	CHECK(disk_hand_over(region.start + (touched + THREADS / 2) * (uint64_t)THAW_PAGE_SIZE), "the queue is full");
}

/* The server and the disk threads bring in the same window; and then in pieces. */
static void by_several_threads(void)
{
	in_turns(2, false, hand_over);
	expect_counted_once("one page, three threads");
	in_turns(3, true, hand_over);
	expect_counted_once("one window, three threads");
	engine->fault.injections.wanted = INJECT_SHORT_READ | INJECT_SLOW_DISK | INJECT_EAGAIN | INJECT_PARTIAL_COPY;
	in_turns(4, false, hand_over);
	expect_counted_once("one page, slow disk");
	in_turns(5, true, hand_over);
	expect_counted_once("one window, slow disk");
}

/* The loader and its helper, too. No EAGAIN: amid install_rest() it lets others find pages there that are not counted yet. */
static void while_all_is_loaded(void)
{
	engine->fault.injections.wanted &= ~(uint32_t)INJECT_EAGAIN;
	all_at_once(6, 0, false, fault_hurry);
	for (uint32_t turn = 1; turn < (BLOCKS - 6) * TURNS; turn++) {
		begin_turn(6 + turn / TURNS, turn % TURNS, turn % 2);
		wait_for(&done, go * THREADS);
		expect_counted_once("while all is loaded");
	}
	if (failures)			/* what is miscounted may never be all */
		return;
	fault_load_all();
	protect_all();
	CHECK(expect_counted_once("all loaded") == PAGES, "not all");
}

static void every_write_is_there(void)
{
	for (uint32_t page = 0; page < PAGES; page++) {
		const uint64_t *words = words_of(page);
		uint64_t differ = 0;

		for (uint32_t word = 0; word < COUNTER; word++)
			differ += words[word] != stored(page, word);
		CHECK(!differ && words[COUNTER] == adds[page], "page %u: %lu words differ, %lu writes of %lu", page, differ,
		      words[COUNTER], adds[page]);
	}
}

/* And the kernel knows of each, and of no other. */
static void every_write_is_known(void)
{
	struct page_region ranges[MOST_RANGES];
	int pagemap = (int)MUST(sys_open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
	uint64_t known = 0, written = 0;

	for (uint64_t at = region.start; at < region.end;) {
		long found = MUST(track_scan(pagemap, &at, region.end, false, ranges, MOST_RANGES));

		for (long i = 0; i < found; i++)
			if (ranges[i].categories & PAGE_IS_WRITTEN)
				known += (ranges[i].end - ranges[i].start) / THAW_PAGE_SIZE;
	}
	for (uint32_t page = 0; page < PAGES; page++)
		written += adds[page] != 0;
	CHECK(known == written, "%lu pages count as written, %lu were", known, written);
}

int main(void)
{
	uint32_t mode;
	int uffd = uffd_open(UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED | UFFD_FEATURE_PAGEFAULT_FLAG_WP
			     | UFFD_FEATURE_EVENT_REMOVE | UFFD_FEATURE_EVENT_UNMAP | UFFD_FEATURE_EVENT_REMAP, &mode);

	if (uffd < 0) {
		printf("no userfaultfd with WP_ASYNC: errno %d\n", -uffd);
		return 77;
	}
	begin(uffd, mode);
	for (uint32_t i = 0; i < THREADS; i++)
		threads_start_engine(&touching[i], "touch", touch_main, 0);
	a_page_is_loaded_once();
	a_window_is_loaded_once();
	by_several_threads();
	while_all_is_loaded();
	every_write_is_there();
	every_write_is_known();
	return failures != 0;
}
