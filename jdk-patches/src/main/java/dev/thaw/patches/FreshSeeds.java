// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.ProcessIdentity;
import dev.thaw.patches.boot.RandomEpoch;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * Seeds for generators whose numbers are no secrets. They come from the salt that the engine has from the kernel: to open
 * /dev/urandom for each would be among the slowest things that a restored process does.
 */
final class FreshSeeds {
    private final ProcessIdentity identity;
    private SplittableRandom source = new SplittableRandom(ByteBuffer.wrap(RandomEpoch.seed()).getLong());

    FreshSeeds(ProcessIdentity identity) {
        this.identity = identity;
    }

    /** In a restored process, before the first seed. */
    synchronized void renew() {
        source = new SplittableRandom(source.nextLong() ^ identity.salt());
    }

    /** Odd: Random.seedUniquifier is multiplied from then on, and must not lose bits. */
    synchronized long next() {
        return source.nextLong() | 1;
    }
}
