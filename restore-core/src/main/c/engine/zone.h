/* SPDX-License-Identifier: Apache-2.0
 * The part of the address space that belongs to Thaw: the `thaw` executable is linked at its start, the
 * engine's memory lies behind. Whatever is mapped in it is never part of a snapshot. Linux places programs
 * at 0x55.., libraries at 0x7f.., HotSpot its heaps below 16 TiB, so that nothing else wants it.
 */
#ifndef THAW_ENGINE_ZONE_H
#define THAW_ENGINE_ZONE_H

#include <stdint.h>

#define ZONE_START		0x200000000000ull
#define ZONE_MEMORY		0x200100000000ull	/* zone_map starts here */
#define ZONE_END		0x220000000000ull
#define USER_END		0x7ffffffff000ull	/* TASK_SIZE of 4-level paging */

/*
 * Maps zeroed read-write pages in the zone; the address or -errno. Untouched pages cost nothing. Nothing
 * of the application may be locked or running: plain mmap only. `next` is kept by the caller's engine.
 */
long zone_map(uint64_t *next, uint64_t bytes);
void zone_unmap(uint64_t address, uint64_t bytes);

#endif
