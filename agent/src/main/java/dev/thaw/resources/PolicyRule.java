// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import java.util.function.Predicate;

/**
 * @param action as it is written, in lower case
 * @param warn   whether a descriptor it lets pass is worth a warning
 * @param broad  it does not say which descriptors of its type it is for
 */
record PolicyRule(Type type, String action, boolean warn, boolean broad, Predicate<OpenDescriptor> filter) {
    enum Type { FILE, PIPE, SOCKET, FILEDESCRIPTOR }

    boolean matches(OpenDescriptor descriptor) {
        return filter.test(descriptor);
    }
}
