// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import jdk.crac.Context;
import jdk.crac.Core;
import jdk.crac.Resource;

/**
 * Threads that draw random numbers without a pause, also from generators they share, through callbacks that do the same.
 * Command {@code progress} returns when each has got on.
 */
public final class SecureRandoms implements Resource {
    private static final String[] ALGORITHMS = {"NativePRNG", "NativePRNGNonBlocking", "SHA1PRNG", "DRBG"};
    private static final int THREADS_EACH = 2;

    private final List<SecureRandom> generators = new ArrayList<>();
    private final List<AtomicLong> drawn = new ArrayList<>();

    private SecureRandoms() {}

    public static void main(String[] args) throws Exception {
        SecureRandoms randoms = new SecureRandoms();
        for (String algorithm : ALGORITHMS) {
            SecureRandom shared = SecureRandom.getInstance(algorithm);
            randoms.generators.add(shared);
            for (int i = 0; i < THREADS_EACH; i++) {
                AtomicLong count = new AtomicLong();
                randoms.drawn.add(count);
                boolean seeds = i == 0;
                Thread.ofPlatform().daemon().start(() -> draw(shared, seeds, count));
            }
        }
        Core.getGlobalContext().register(randoms);
        randoms.awaitProgress();
        Commands.readAll((command, value) -> {
            randoms.awaitProgress();
            System.out.println("all got on");
        });
    }

    private static void draw(SecureRandom random, boolean seeds, AtomicLong count) {
        byte[] bytes = new byte[32];
        while (true) {
            random.nextBytes(bytes);
            if (seeds) {
                random.setSeed(bytes);
            }
            count.incrementAndGet();
            Thread.yield();
        }
    }

    private void awaitProgress() {
        for (AtomicLong count : drawn) {
            long before = count.get();
            while (count.get() < before + 2) {
                Thread.onSpinWait();
            }
        }
    }

    /** While they are locked by the others at any moment. */
    private void drawFromAll() {
        for (SecureRandom each : generators) {
            each.nextBytes(new byte[8]);
            each.generateSeed(4);
        }
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
        drawFromAll();
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
        drawFromAll();
    }
}
