// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.time;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;

/**
 * Every kind of timed wait at once, begun just before a checkpoint.
 *
 * <p>Commands on stdin: {@code begin SECONDS}, for so long at the next checkpoint; {@code await} answers
 * {@code all N ended}, when they have; {@code rest} answers {@code ended K: NAMES} after a new wait of a second.
 */
public final class TimedWaits implements Resource {
    private static final long REST_MS = 1000;

    private final Set<String> ended = new ConcurrentSkipListSet<>();
    private volatile int seconds;
    private CountDownLatch left;
    private int count;

    private TimedWaits() {}

    public static void main(String[] args) throws Exception {
        TimedWaits waits = new TimedWaits();
        Core.getGlobalContext().register(waits);
        System.out.println("ready");
        waits.obey();
    }

    private void obey() throws Exception {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "begin" -> begin(Integer.parseInt(words[1]));
                case "await" -> await();
                case "rest" -> rest();
                default -> System.out.println("unknown command " + line);
            }
        }
    }

    private void begin(int atTheNextCheckpoint) {
        seconds = atTheNextCheckpoint;
        System.out.println("will begin");
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) throws Exception {
        if (seconds == 0) {
            return;
        }
        WaitKinds kinds = new WaitKinds(seconds);
        seconds = 0;
        count = kinds.all().size();
        left = new CountDownLatch(count);
        for (WaitKinds.Kind kind : kinds.all()) {
            kind.start().start(() -> end(kind.name()));
        }
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
        System.out.println("restored");
    }

    private void end(String name) {
        ended.add(name);
        left.countDown();
    }

    private void await() throws InterruptedException {
        left.await();
        System.out.println("all " + count + " ended");
    }

    private void rest() throws InterruptedException {
        Thread.sleep(REST_MS);
        System.out.println("ended " + ended.size() + ": " + ended);
    }
}
