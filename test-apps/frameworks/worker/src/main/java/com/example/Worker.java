// SPDX-License-Identifier: Apache-2.0
package com.example;

import java.util.ArrayList;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumes records in batches, in the manner of a Kafka consumer: a Timer produces them, a scheduled executor polls,
 * the ForkJoin pools compute, another scheduled task tells that it is alive, and each batch is committed to the log.
 */
public final class Worker {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final int BATCH = 50;

    private final BlockingQueue<Long> topic = new LinkedBlockingQueue<>();
    private final Timer producer = new Timer("producer");
    private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(2);
    private final ForkJoinPool pool = new ForkJoinPool(2);
    private long produced;
    private volatile long committed;

    public static void main(String[] args) {
        Worker worker = new Worker();
        Runtime.getRuntime().addShutdownHook(new Thread(worker::stop, "shutdown"));
        worker.start();
        LOG.info("started");
    }

    private void start() {
        producer.scheduleAtFixedRate(new TimerTask() {
            @Override
            public void run() {
                topic.add(produced++);
            }
        }, 0, 1);
        scheduler.scheduleWithFixedDelay(this::poll, 0, 5, TimeUnit.MILLISECONDS);
        scheduler.scheduleAtFixedRate(() -> LOG.info("alive, {} committed", committed), 100, 100, TimeUnit.MILLISECONDS);
    }

    private void poll() {
        try {
            List<Long> batch = new ArrayList<>();
            topic.drainTo(batch, BATCH);
            if (!batch.isEmpty()) {
                commit(batch);
            }
        } catch (Exception e) {
            LOG.error("poll failed", e);
        }
    }

    /** Both pools must agree on the sum of the records, which are the next ones in order. */
    private void commit(List<Long> batch) throws Exception {
        CompletableFuture<Long> common = CompletableFuture.supplyAsync(() -> sum(batch));
        long own = pool.submit(() -> sum(batch)).get();
        long expected = LongStream.range(committed, committed + batch.size()).sum();
        if (own != expected || common.get() != expected) {
            throw new IllegalStateException("records " + batch + " after " + committed);
        }
        committed += batch.size();
        LOG.info("committed {}", committed);
    }

    private static long sum(List<Long> batch) {
        return batch.parallelStream().mapToLong(Long::longValue).sum();
    }

    private void stop() {
        producer.cancel();
        scheduler.shutdown();
        try {
            boolean ended = scheduler.awaitTermination(10, TimeUnit.SECONDS);
            pool.shutdown();
            LOG.info("stopped {}, {} committed", ended && pool.awaitTermination(10, TimeUnit.SECONDS), committed);
        } catch (InterruptedException e) {
            LOG.error("not stopped", e);
        }
    }
}
