// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches.boot;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.LongSupplier;

/**
 * Which generators, and keepers of other secrets, were seeded before the last restore. Each asks when it is used next: to
 * look for them at the restore would load the whole heap. Until the first restore a question costs one read.
 */
public final class RandomEpoch {
    private static final int SEED_BYTES = 32;
    /** Of a generator whose every number the application's own seed decides. */
    private static final Long SEEDED_BY_APPLICATION = -1L;

    private static final Map<Object, Long> EPOCH_OF = new WeakHashMap<>();
    private static volatile LongSupplier restores;

    private RandomEpoch() {}

    /**
     * Before any code is patched.
     *
     * @param count of the restores that led to this process, right from the first instruction of one on
     */
    public static void install(LongSupplier count) {
        restores = count;
    }

    /**
     * True once in each epoch for each generator.
     *
     * @param state null: it is not seeded yet
     */
    public static boolean isStale(Object generator, Object state) {
        long now = restores.getAsLong();
        if (now == 0 || state == null) {
            return false;
        }
        synchronized (EPOCH_OF) {
            Long seen = EPOCH_OF.get(generator);
            if (seen != null && (seen == now || seen.equals(SEEDED_BY_APPLICATION))) {
                return false;
            }
            EPOCH_OF.put(generator, now);
            return true;
        }
    }

    /**
     * The application gives a seed.
     *
     * @param state null: it is the first, so that the generator is a reproducible one
     */
    public static void seeded(Object generator, Object state) {
        if (state == null) {
            synchronized (EPOCH_OF) {
                EPOCH_OF.put(generator, SEEDED_BY_APPLICATION);
            }
        }
    }

    /** Empties a map; one that cannot change is empty. */
    public static void forget(Map<?, ?> map) {
        if (!map.isEmpty()) {
            map.clear();
        }
    }

    /** Fresh bytes from the kernel. */
    public static byte[] seed() {
        try (FileInputStream random = new FileInputStream("/dev/urandom")) {
            return random.readNBytes(SEED_BYTES);
        } catch (IOException e) {
            throw new InternalError("cannot read /dev/urandom", e);
        }
    }
}
