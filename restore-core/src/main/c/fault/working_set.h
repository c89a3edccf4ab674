/* SPDX-License-Identifier: Apache-2.0
 * The working set: which pages a restored process touched first, remembered in DIR/NNNN/working-set from one
 * restore to the next (docs/image-format.md). The file is advisory: when it is missing, damaged or of another
 * snapshot, it is not used.
 *
 * A fault tells of one page, but brings in its window, whose other pages fault no more. So the first restore
 * records with small windows, the second loads what is recorded and records what is missing page by page; later
 * ones add to it only when much is missing.
 */
#ifndef THAW_FAULT_WORKING_SET_H
#define THAW_FAULT_WORKING_SET_H

#include "engine/engine.h"

#define WORKING_SET_MAGIC	0x3354455357414854ull	/* "THAWSET3" */
#define WORKING_SET_MAX_RUNS	(1u << 20)

struct working_set_header {
	uint64_t magic;
	uint8_t id[THAW_ID_BYTES];	/* of the snapshot */
	uint32_t runs;
	uint32_t early;			/* of them: touched before the first pause, loaded before the threads run */
	uint32_t rounds;		/* restores that recorded */
	uint32_t crc;			/* CRC32C of header and runs with this field as 0 */
};

#define WORKING_SET_MOST_BYTES	(sizeof(struct working_set_header) + WORKING_SET_MAX_RUNS * sizeof(struct page_run))

/* The file's path with `tail` behind it; false: too long. */
bool working_set_path(char *ret, size_t bytes, const char *tail);

uint32_t working_set_crc(const struct working_set_header *h);	/* its runs behind it */

/* preload.c */
void preload_read(void);		/* fills engine->fault.preload if there is a usable file */

/* record.c */
void record_start(void);		/* sets the fault window, too */
void record_threads_run(uint64_t now);	/* they are about to: how long nothing is loaded ahead */
/* Lock held, while recording. What background threads touch is not needed at once. */
void record_fault(uint64_t index, bool background);
/* By the loader, now and then: when the first burst is over, it is written, since nobody knows how long we live. */
void record_first_burst(void);
void record_recovered(void);		/* by the loader: the callbacks have returned, the time begins */
void record_finish(void);		/* by the loader, before it loads ahead */
#define RECORD_PAUSE_NS	100000000ull	/* without a fault: the first burst is over */

#endif
