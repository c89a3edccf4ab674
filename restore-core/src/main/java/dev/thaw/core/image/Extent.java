// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

/**
 * A run of pages stored together.
 *
 * @param start      address
 * @param source     index of the {@link Source}
 * @param sourcePage its first page in the source's file, in which the header is page 0
 * @param firstCrc   index of the first page's checksum
 */
public record Extent(long start, int pages, int source, long sourcePage, long firstCrc) {}
