// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

/** A thread by its name and its id at the checkpoint. */
public record StoredThread(int tid, String name) {}
