/* SPDX-License-Identifier: Apache-2.0
 * What the `thaw` executable hands to thaw_resume in the libthaw.so of the image. Both may be of different
 * builds: append only, and count THAW_FORMAT_VERSION up for anything else.
 */
#ifndef THAW_RESTORE_CONTEXT_H
#define THAW_RESTORE_CONTEXT_H

#include "image/format.h"
#include "thaw.h"

enum resume_flags {
	RESUME_EAGER		= 1 << 0,	/* fill everything before the threads run */
	RESUME_NO_PREFETCH	= 1 << 1,
	RESUME_INJECT_SHIFT	= 8,		/* above: enum injection */
};

#define RECORD_NS		1000000000ull	/* from the start of the threads, unless told otherwise */

struct resume_context {
	uint64_t bytes;
	uint64_t meta, meta_bytes;		/* the snapshot's metadata, verified, in the zone */
	uint64_t zone_next;			/* free from here on */
	uint64_t start_ns;			/* CLOCK_MONOTONIC when `thaw` started */
	uint64_t launcher_start, launcher_end;	/* the executable itself: not needed any more */
	uint64_t arguments, argument_bytes;	/* NUL-separated, in the zone */
	uint32_t number;			/* of the snapshot */
	uint32_t flags;				/* enum resume_flags */
	int32_t sources[THAW_MAX_SOURCES];	/* fds by index into SOURCES */
	char folder[THAW_PATH_BYTES];		/* DIR, absolute */
	uint64_t environment, environment_bytes; /* of `thaw`: NAME=value, NUL-terminated each, in the zone */
	uint64_t record_ns;			/* how long the working set is recorded; 0: not at all */
};

/* Never returns: leaves for the threads. On a stack in the zone, all signals blocked, no other thread. */
typedef void (*resume_entry)(struct resume_context *);

#endif
