// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Each generator of the JDK, used before the checkpoint: clones must not draw the same. With the application's own
 * seed they must.
 *
 * <p>Command: {@code roll}, answered {@code name=value …}.
 */
public final class Dice {
    private static final int DECK = 60;

    private final Map<String, Callable<Object>> generators = new LinkedHashMap<>();

    private Dice() throws NoSuchAlgorithmException {
        for (String algorithm : List.of("NativePRNG", "NativePRNGNonBlocking", "NativePRNGBlocking", "SHA1PRNG", "DRBG")) {
            SecureRandom random = SecureRandom.getInstance(algorithm);
            generators.put(algorithm, random::nextLong);
            generators.put("new-" + algorithm, () -> SecureRandom.getInstance(algorithm).nextLong());
        }
        generators.put("default", new SecureRandom()::nextLong);
        generators.put("seed", () -> new java.math.BigInteger(new SecureRandom().generateSeed(8)));
        generators.put("uuid", UUID::randomUUID);
        generators.put("Math", Math::random);
        generators.put("shuffle", Dice::shuffled);
        generators.put("new-Random", () -> new Random().nextLong());
        generators.put("new-SplittableRandom", () -> new SplittableRandom().nextLong());
        for (String algorithm : List.of("L64X128MixRandom", "L32X64MixRandom", "Xoshiro256PlusPlus")) {
            generators.put("new-" + algorithm, () -> RandomGenerator.of(algorithm).nextLong());
        }
        generators.put("files", Dice::temporaryName);
        generators.put("file", Dice::oldTemporaryName);
        generators.put("platform-thread", threadLocal(Executors.newSingleThreadExecutor()));
        generators.put("new-thread", () -> {
            try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
                return threadLocal(thread).call();
            }
        });
        generators.put("virtual-thread", virtualThread());
        Random seeded = new Random(42);
        SplittableRandom split = new SplittableRandom(42);
        generators.put("own-Random", seeded::nextLong);
        generators.put("own-SplittableRandom", split::nextLong);
        generators.put("own-SHA1PRNG", () -> {
            SecureRandom ownSeed = SecureRandom.getInstance("SHA1PRNG");
            ownSeed.setSeed(42);
            return ownSeed.nextLong();
        });
    }

    public static void main(String[] args) throws Exception {
        Dice dice = new Dice();
        dice.roll();
        Console.run(words -> dice.roll());
    }

    private String roll() throws Exception {
        StringBuilder text = new StringBuilder("rolled");
        for (Map.Entry<String, Callable<Object>> generator : generators.entrySet()) {
            text.append(' ').append(generator.getKey()).append('=').append(generator.getValue().call());
        }
        return text.toString();
    }

    private static String shuffled() {
        List<Integer> deck = new ArrayList<>(IntStream.range(0, DECK).boxed().toList());
        Collections.shuffle(deck);
        return deck.toString().replace(" ", "");
    }

    private static Path temporaryName() throws IOException {
        Path file = Files.createTempFile("thaw-dice-", "");
        Files.delete(file);
        return file.getFileName();
    }

    private static String oldTemporaryName() throws IOException {
        File file = File.createTempFile("thaw-dice-", "");
        Files.delete(file.toPath());
        return file.getName();
    }

    /** A number of one and the same thread. */
    private static Callable<Object> threadLocal(ExecutorService thread) {
        return () -> thread.submit(() -> ThreadLocalRandom.current().nextLong()).get();
    }

    private static Callable<Object> virtualThread() {
        SynchronousQueue<Long> numbers = new SynchronousQueue<>();
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    numbers.put(ThreadLocalRandom.current().nextLong());
                }
            } catch (InterruptedException e) {
                return;
            }
        });
        return () -> {
            numbers.take(); // drawn before the question, maybe before the checkpoint
            return numbers.take();
        };
    }
}
