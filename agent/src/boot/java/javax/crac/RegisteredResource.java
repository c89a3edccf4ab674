// SPDX-License-Identifier: Apache-2.0
package javax.crac;

import jdk.crac.impl.IdentityReference;

/** A resource of this package as one of {@code jdk.crac}; held weakly, but between the two calls. */
final class RegisteredResource implements jdk.crac.Resource {
    private final Context<Resource> context;
    private final IdentityReference<Resource> reference;
    private Resource called;

    RegisteredResource(Context<Resource> context, IdentityReference<Resource> reference) {
        this.context = context;
        this.reference = reference;
    }

    @Override
    public void beforeCheckpoint(jdk.crac.Context<? extends jdk.crac.Resource> caller) throws Exception {
        called = reference.get();
        if (called == null) {
            return;
        }
        try {
            called.beforeCheckpoint(context);
        } catch (CheckpointException e) {
            throw Core.translatedBack(e);
        }
    }

    @Override
    public void afterRestore(jdk.crac.Context<? extends jdk.crac.Resource> caller) throws Exception {
        Resource resource = called;
        called = null;
        if (resource == null) {
            return;
        }
        try {
            resource.afterRestore(context);
        } catch (RestoreException e) {
            throw Core.translatedBack(e);
        }
    }
}
