/* SPDX-License-Identifier: Apache-2.0
 * Faults made on purpose, by name, to test how they are handled: thaw restore -Dthaw.inject=NAME,…
 */
#ifndef THAW_FAULT_INJECT_H
#define THAW_FAULT_INJECT_H

#include <stdbool.h>
#include <stdint.h>

enum injection {
	INJECT_SHORT_READ	= 1 << 0,	/* a read of page data gives one page of many */
	INJECT_SLOW_DISK	= 1 << 1,	/* page data is not in the page cache and takes SLOW_DISK_NS */
	INJECT_EAGAIN		= 1 << 2,	/* UFFDIO_COPY, MOVE, ZEROPAGE, WRITEPROTECT: as while memory is unmapped */
	INJECT_ENOMEM		= 1 << 3,	/* UFFDIO_COPY and ZEROPAGE answer ENOMEM, a huge page cannot be had */
	INJECT_PARTIAL_COPY	= 1 << 4,	/* UFFDIO_COPY copies one page of many */
};

#define SLOW_DISK_NS	3000000

/* One time in eight, where `which` was asked for; counted. */
bool inject(enum injection which);

#endif
