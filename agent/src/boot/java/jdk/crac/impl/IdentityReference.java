// SPDX-License-Identifier: Apache-2.0
package jdk.crac.impl;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;

/** Equal to another reference to the same object, and, when that is gone, to itself. */
public final class IdentityReference<T> extends WeakReference<T> {
    private final int hash;

    public IdentityReference(T referent, ReferenceQueue<? super T> queue) {
        super(referent, queue);
        hash = System.identityHashCode(referent);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        Object referent = get();
        return referent != null && other instanceof IdentityReference<?> reference && reference.get() == referent;
    }
}
