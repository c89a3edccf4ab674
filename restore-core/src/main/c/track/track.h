/* SPDX-License-Identifier: Apache-2.0
 * Dirty tracking: userfaultfd write protection that the kernel itself lifts at the first write
 * (UFFD_FEATURE_WP_ASYNC, Linux 6.7), read back by PAGEMAP_SCAN. No message, no handler.
 */
#ifndef THAW_TRACK_H
#define THAW_TRACK_H

#include "checkpoint/checkpoint.h"

/*
 * Opens a userfaultfd, the most able one this process may have: for faults of the kernel, too (CAP_SYS_PTRACE,
 * vm.unprivileged_userfaultfd, or access to /dev/userfaultfd), else for faults in user mode only. The fd and its
 * mode (enum thaw_uffd_mode), or -errno.
 */
int uffd_open(uint64_t features, uint32_t *ret_mode);

int uffd_register(int uffd, uint64_t start, uint64_t end, uint64_t mode);
int uffd_protect(int uffd, uint64_t start, uint64_t end);
int uffd_unprotect(int uffd, uint64_t start, uint64_t end);	/* it counts as written */

/* Write-protects what this snapshot stored, in the pause; all threads stand still. */
bool track_arm(struct checkpoint *c);

/*
 * The next ranges of pages that have something, from *at on, which moves behind them: how many, or -errno. Of each
 * (Documentation/admin-guide/mm/pagemap.rst) WRITTEN tells that it is not write-protected by userfaultfd, be it written,
 * new or never tracked; WPALLOWED that it can be; PFNZERO the shared zero page; PRESENT and SWAPPED; with `file` FILE, a page
 * of a private file mapping that was not copied on write, for which the kernel has to look at every page: five times as slow.
 */
long track_scan(int pagemap, uint64_t *at, uint64_t end, bool file, struct page_region *ret, uint32_t ranges);

/* Pages written since the parent snapshot; ~0 when that is not known. Threads may run. */
uint64_t track_count_dirty(void);

/*
 * Going back without a snapshot. track_hold() starts with the region's pages as they are now; track_reset() brings
 * back those that were written or discarded since, from a copy of the region at `content`, and starts anew.
 *
 * The region is private anonymous memory, page-aligned and mapped without a hole; uffd is one that uffd_open() gave
 * with WP_ASYNC and WP_UNPOPULATED, pagemap an fd of /proc/self/pagemap. Nobody writes to the region while either call
 * runs: the caller sees to that. Both may run in several threads at once on different regions. A page that was never
 * populated counts as unchanged: `content` holds zeros for it.
 */
int track_hold(int uffd, uint64_t start, uint64_t end);			/* 0 or -errno */
long track_reset(int uffd, int pagemap, uint64_t start, uint64_t end, const uint8_t *content);	/* pages brought back, or -errno */

#endif
