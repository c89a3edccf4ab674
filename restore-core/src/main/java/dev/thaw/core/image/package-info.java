// SPDX-License-Identifier: Apache-2.0
/** Snapshots on disk, read and verified; the format is that of src/main/c/image/format.h. */
package dev.thaw.core.image;
