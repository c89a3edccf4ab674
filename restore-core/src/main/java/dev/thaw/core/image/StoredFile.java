// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

import java.time.Instant;

/** A file that a restore needs unchanged. */
public record StoredFile(String path, long size, Instant modified) {}
