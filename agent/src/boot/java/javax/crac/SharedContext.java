// SPDX-License-Identifier: Apache-2.0
package javax.crac;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import jdk.crac.impl.IdentityReference;

/** What is registered here stands in the global context of {@code jdk.crac}, in the order of both. */
final class SharedContext extends Context<Resource> {
    /** The global context holds them weakly, too: they live as long as the resources they call. */
    private final Map<IdentityReference<Resource>, RegisteredResource> registered = new HashMap<>();
    private final ReferenceQueue<Resource> collected = new ReferenceQueue<>();

    @Override
    public void register(Resource resource) {
        Objects.requireNonNull(resource);
        RegisteredResource entry;
        synchronized (registered) {
            for (Reference<?> gone = collected.poll(); gone != null; gone = collected.poll()) {
                registered.remove(gone);
            }
            IdentityReference<Resource> reference = new IdentityReference<>(resource, collected);
            entry = registered.get(reference);
            if (entry == null) {
                entry = new RegisteredResource(this, reference);
                registered.put(reference, entry);
            }
        }
        jdk.crac.Core.getGlobalContext().register(entry);
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) throws CheckpointException {
        try {
            jdk.crac.Core.getGlobalContext().beforeCheckpoint(null);
        } catch (jdk.crac.CheckpointException e) {
            throw Core.translated(e);
        }
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) throws RestoreException {
        try {
            jdk.crac.Core.getGlobalContext().afterRestore(null);
        } catch (jdk.crac.RestoreException e) {
            throw Core.translated(e);
        }
    }
}
