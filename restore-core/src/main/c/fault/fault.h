/* SPDX-License-Identifier: Apache-2.0
 * Loading of a restored process's memory: docs/design.md has the fault path in pseudo-code.
 *
 * Native threads of the engine share it. The server answers page faults and the events of unmapped, discarded and
 * moved memory, and never waits for a disk: faults whose data is not in the page cache go to the disk threads. The
 * loader brings in the rest ahead of use. Page data is read and checked without
 * the lock; under it, only pages still in state MISSING are installed. An event is read under the lock, too: the
 * kernel lets the unmapping thread go on as soon as its event is read, and nothing may be installed between that
 * and the note of it.
 */
#ifndef THAW_FAULT_H
#define THAW_FAULT_H

#include "engine/engine.h"

#define EXIT_BAD_PAGE	86		/* page data that cannot be read or is not what was written */
#define EXIT_RESTORE	85		/* another failure after the point of no return */

/* Ends the process with one line on stderr: "thaw: what: errno text (detail)". */
void fatal(int status, const char *what, long error, const char *detail) __attribute__((noreturn));

/* A run of pages to be brought in: copied out of the tables under the lock, used without it. */
struct load {
	uint64_t address;
	uint64_t index;			/* of the first page in SECTION_CRCS */
	uint64_t generation;		/* of the tables that the index belongs to */
	uint32_t pages;
	int fd;
	uint64_t source_page;
	uint32_t number;		/* of the source snapshot, for a message */
	uint32_t crcs[AHEAD_WINDOW_PAGES];
};

/* load.c */
const struct image_extent *extent_at(uint64_t address);	/* that holds it, or NULL */
/* At most `limit` missing pages around `address` (which is missing itself); lock held. False: none there. */
bool load_around(uint64_t address, uint32_t limit, struct load *ret);
/* The page `index` of the tables, for another address. */
void load_one(uint64_t index, uint64_t address, struct load *ret);
/* The first missing pages from page index *cursor up to `end`, moves it to the first of them; lock held. False: none left. */
bool load_next(uint64_t *cursor, uint64_t end, struct load *ret);
/* One UFFDIO_COPY, lock held; 0 when pages were copied; -EAGAIN: try again later; or another -errno. */
long load_copy(uint64_t to, const uint8_t *from, uint64_t pages, uint64_t *ret_copied);
/* After EAGAIN: it has to read an event first. Lock held at entry and return. */
void let_server_run(void);
/* A pause, and -EAGAIN; ends the process when the lack has lasted, that is without the other one. */
long load_wait_for_memory(void);
void load_found_memory(void);
/* Installs what is still missing of it, with the lock; 0; -EAGAIN when an event is under way;
 * -ESTALE when a checkpoint has replaced the tables meanwhile. */
int load_install(const struct load *l, const uint8_t *buffer, uint64_t *counter);
/* The same for pages in a row, at an address, from a page index on; generation and lock are the caller's. */
int load_install_missing(uint64_t address, uint64_t index, uint32_t pages, const uint8_t *buffer, uint64_t *counter);
/* The extent that holds the page index; NULL: none does. */
const struct image_extent *extent_of_index(uint64_t index);

/* read.c */
enum patience { WAIT_FOR_DATA, ONLY_CACHED };
enum read_result {
	READ_RIGHT,
	READ_STALE,			/* nothing of it is wanted any more */
	READ_WOULD_WAIT,		/* ONLY_CACHED, and it is not in the page cache */
};
/* Reads and checks the pages into buffer, without the lock; ends the process when they are not right. */
enum read_result load_read(const struct load *l, uint8_t *buffer, enum patience patience);
/* Fills pages first..last-1 of an extent directly; before any thread runs, one that nothing else fills. */
void load_now(const struct image_extent *e, uint64_t first, uint64_t last);

/* fill.c: before the threads run */
bool region_is_lazy(const struct image_region *r);
/* What threads_resume() writes to; before the other thread is there, as several are in one page, perhaps a stack's. */
void fill_tids(const struct image_view *v, uint8_t *buffer);
/* Two threads, each once: fill what may not be lazy, the live stacks and the working set. Both wait for the other. */
void fill_share(uint8_t *buffer);
/* The second one on another processor than this one, by its tid, until it says that it has filled its share. */
void fill_place_helper(uint32_t tid);
void fill_release_helper(void);

/* serve.c: lock held at entry and return, released while data is read */
struct service {
	struct load load;
	uint8_t *buffer;
	enum patience patience;
	bool write;			/* the fault at hand is one; false: not known */
	bool background;		/* and it is by a thread that nobody waits for */
};
/* Answers a fault; 0; -EAGAIN: an event has to be read first; -EINPROGRESS: handed to disk.c. */
int serve_fault(struct service *s, uint64_t page);
void serve_wake(uint64_t page);

/* window.c: lock held */
uint32_t window_for(uint64_t page);			/* how many pages to read around this one */
const struct stream *window_note(uint64_t page, uint32_t pages);	/* so many were; the stream it belongs to */

/* hurry.c */
void hurry_if_needed(const struct stream *s);	/* lock held, after each fault's window */
void hurry_collection(bool under_way);		/* any thread, no lock */
void fault_hurry(void);				/* the same: all is loaded now */
/* Lock held: who has faulted at that page since then waits for the loaders. */
bool hurry_holds(uint64_t page, uint64_t since_ns, uint64_t now);

/* moved.c: lock held */
void moved_note(uint64_t from, uint64_t to, uint64_t bytes);	/* mremap(2) has moved these pages */
void moved_drop(uint64_t start, uint64_t end);			/* unmapped or discarded where they are now */
int moved_load(struct service *s, uint64_t page);	/* as serve_fault(); -ENOENT: none was moved there; -ESTALE: look again */
void moved_serve(struct service *s);			/* some of those that nobody waits for */
void moved_settle(void);				/* any thread but the server: returns when all are in place */

/* disk.c: faults whose data is not in the page cache wait for it there, and no others do */
void disk_start(void);
bool disk_hand_over(uint64_t page);	/* lock held; false: too many wait already */
void disk_wake(void);			/* no lock: to look what there is to do */

/* staging.c: where a loader fills huge pages, which are moved away; no lock */
#define STAGING_BLOCKS	8u
#define STAGING_LOADS	16u		/* noted at once: more than a block has, unless its extents are short */
struct staging {
	uint8_t *memory;		/* STAGING_BLOCKS, each for one block; then mapped anew */
	uint32_t used;			/* of them */
	struct load loads[STAGING_LOADS];
	uint64_t hashes[BLOCK_PAGES];	/* page_hash() of what was read */
};
void staging_make(struct engine_thread *t);
uint8_t *staging_next(struct staging *s);	/* BLOCK_PAGES, by a huge page if there is one; NULL: no memory */
void staging_empty(uint8_t *block);		/* frees what was not moved away */

/* block.c: lock held */
void block_advise(void);	/* faults make way for huge pages, from the first call on */
void block_end_advice(void);	/* before the spans are forgotten */
/* Address of the block that holds this page, and its first page's index; ~0 when it is not all stored. */
uint64_t block_start(uint64_t index, uint64_t *ret_first);
bool block_is_whole(uint64_t start, uint64_t first);	/* all of it is missing, and may be moved in */
/* Released while it is read; 0 or -errno: what then is missing yet is loaded in the ordinary way. */
int block_load(struct staging *s, uint64_t start, uint64_t first);

/* ahead.c: lock held, released while data is read */
/* Those of these pages that are missing. */
void ahead_load(struct load *l, uint64_t first, uint64_t pages, uint8_t *buffer);
bool ahead_step(struct load *l, const struct engine_thread *t);	/* the next piece; false: nothing is missing */
void ahead_turn(uint64_t address, bool down);			/* it goes on there */
bool ahead_brings(uint64_t address);	/* this missing page comes with a block, and soon; false: not that way */

/*
 * protect.c: any thread but the engine's, no lock. Returns when all that is loaded is tracked; hardly anything is moved in
 * from then on, until blocks.protect_now is cleared.
 */
void protect_all(void);
void protect_settle(void);	/* lock held, no thread of the application runs: returns when nothing is untracked */

/* server.c, loader.c: thread bodies */
void server_main(void *data);
void loader_main(void *data);
#define SERVER_DATA_BYTES	16384u
#define LOADER_DATA_BYTES	16384u

/* finish.c */
void fault_finished(void);		/* lock held, missing == 0: only tracking goes on */
int fault_load_all(void);		/* any thread, no lock: returns when nothing is missing */

uint64_t fault_resume_entry(void);	/* the address of thaw_resume */

#endif
