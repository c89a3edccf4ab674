/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_FAULT_PROTECT_H
#define THAW_FAULT_PROTECT_H

#include "engine/engine.h"

struct protection {
	uint64_t address, index;	/* of the first page, and in the tables */
	uint32_t pages;
	uint32_t crcs[BLOCK_PAGES];
	uint64_t hashes[BLOCK_PAGES];
};

/* All that is to be protected; no lock. One thread only, the loader; the buffer has AHEAD_WINDOW_PAGES. */
void protect_untracked(struct protection *p, uint8_t *buffer);

#endif
