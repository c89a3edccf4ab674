// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches.boot;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;

/** Where an object that holds a descriptor was made. */
public final class OpenTrace extends WeakReference<Object> {
    /** The object knows its number by itself, later. */
    public static final int IN_OBJECT = -1;

    public final int fd;
    public final Exception place;

    OpenTrace(Object holder, ReferenceQueue<Object> queue, int fd, Exception place) {
        super(holder, queue);
        this.fd = fd;
        this.place = place;
    }
}
