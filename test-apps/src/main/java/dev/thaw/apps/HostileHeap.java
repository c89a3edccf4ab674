// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Arrays on the Java heap, small and humongous ones, that are rewritten, replaced, collected and checked word by word, while
 * another thread reads along. Every word tells its array and place; how often it was written is noted in a second array far
 * away, so that a page which comes back as it once was shows as well.
 */
final class HostileHeap implements Runnable {
    private static final int CHUNK_WORDS = 512;
    private static final int SMALL_CHUNKS = 4;
    /** 1 MiB: humongous for G1 in a heap of up to 4 GB. */
    private static final int LARGE_CHUNKS = 256;
    private static final int LARGE_ONE_IN = 32;
    private static final int WORD_BITS = 18;
    private static final int STEPS_BETWEEN_COLLECTIONS = 4096;
    private static final double BYTES_OF_ARRAY = 8.0 * CHUNK_WORDS
            * (LARGE_CHUNKS + (LARGE_ONE_IN - 1) * SMALL_CHUNKS) / LARGE_ONE_IN;

    private final AtomicReferenceArray<long[]> arrays;
    private final int[][] counts;
    private final SplittableRandom random;
    private final AtomicLong steps = new AtomicLong();
    private final AtomicBoolean sweep = new AtomicBoolean();
    private volatile boolean end;

    HostileHeap(int megabytes, long seed) {
        arrays = new AtomicReferenceArray<>((int) ((megabytes << 20) / BYTES_OF_ARRAY));
        counts = new int[arrays.length()][];
        random = new SplittableRandom(seed);
        for (int id = 0; id < counts.length; id++) {
            counts[id] = new int[id % LARGE_ONE_IN == 0 ? LARGE_CHUNKS : SMALL_CHUNKS];
            long[] words = new long[counts[id].length * CHUNK_WORDS];
            for (int chunk = 0; chunk < counts[id].length; chunk++) {
                write(words, id, chunk);
            }
            arrays.set(id, words);
        }
    }

    AtomicLong steps() {
        return steps;
    }

    /** Set from outside; the owner clears it after it has checked all. */
    AtomicBoolean sweep() {
        return sweep;
    }

    void end() {
        end = true;
    }

    @Override
    public void run() {
        try {
            while (!end) {
                step(random.nextInt(counts.length));
                if (steps.incrementAndGet() % STEPS_BETWEEN_COLLECTIONS == 0) {
                    System.gc();
                }
                if (sweep.get()) {
                    checkAll();
                    sweep.set(false);
                }
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            HostileMemory.wrong(e.toString());
        }
    }

    private void step(int id) {
        long[] words = arrays.get(id);
        int chunk = random.nextInt(counts[id].length);
        switch (random.nextInt(4)) {
            case 0, 1 -> {
                counts[id][chunk]++;
                write(words, id, chunk);
            }
            case 2 -> arrays.set(id, words.clone());
            default -> check(words, id, chunk);
        }
    }

    private void write(long[] words, int id, int chunk) {
        for (int word = chunk * CHUNK_WORDS; word < (chunk + 1) * CHUNK_WORDS; word++) {
            words[word] = expected(id, word, counts[id][chunk]);
        }
    }

    /** By the owner, or after it has ended. */
    void checkAll() {
        for (int id = 0; id < counts.length; id++) {
            for (int chunk = 0; chunk < counts[id].length; chunk++) {
                check(arrays.get(id), id, chunk);
            }
        }
    }

    private void check(long[] words, int id, int chunk) {
        for (int word = chunk * CHUNK_WORDS; word < (chunk + 1) * CHUNK_WORDS; word++) {
            if (words[word] != expected(id, word, counts[id][chunk])) {
                throw new IllegalStateException("word %d of array %d holds %x, not %x"
                        .formatted(word, id, words[word], expected(id, word, counts[id][chunk])));
            }
        }
    }

    private static long expected(int id, int word, int count) {
        return (long) count << Integer.SIZE | place(id, word);
    }

    private static long place(int id, int word) {
        return (long) id << WORD_BITS | word;
    }

    /** For another thread: a word tells its place, however often it was written. */
    void readAlong(AtomicLong reads, long seed) {
        SplittableRandom where = new SplittableRandom(seed);
        while (!end) {
            int id = where.nextInt(counts.length);
            long[] words = arrays.get(id);
            int word = where.nextInt(words.length);
            long found = words[word];
            if ((found & 0xffffffffL) != place(id, word)) {
                HostileMemory.wrong("word %d of array %d holds %x beside its owner".formatted(word, id, found));
                return;
            }
            reads.incrementAndGet();
        }
    }
}
