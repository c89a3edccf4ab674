// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

/**
 * A pages file that a snapshot refers to.
 *
 * @param number of the snapshot it belongs to; 0: this one
 * @param pages  data pages in it, the header page not counted
 */
public record Source(SnapshotId id, int number, long pages) {}
