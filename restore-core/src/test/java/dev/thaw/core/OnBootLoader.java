// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

/** NativeCoreTest puts a copy of it on the boot loader. */
final class OnBootLoader {
    private OnBootLoader() {}
}
