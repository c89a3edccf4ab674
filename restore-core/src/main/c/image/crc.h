/* SPDX-License-Identifier: Apache-2.0
 * CRC32C (Castagnoli, RFC 3720 B.4), by the CPU's instruction: integer registers only, so that it may run
 * in a signal handler without saving vector state. java.util.zip.CRC32C gives the same values.
 */
#ifndef THAW_IMAGE_CRC_H
#define THAW_IMAGE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* Continues from a previous result; 0 to start. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t count);
/* The same over one page, from 0: four streams at once, as the instruction takes 3 cycles but starts each cycle. */
uint32_t crc32c_page(const void *page);
/* Another sum of a page, not linear as CRC32C is; for this process alone, nothing stores it. */
uint64_t page_hash(const void *page);
/* True when all 4096 bytes are 0. */
int page_is_zero(const void *page);

#endif
