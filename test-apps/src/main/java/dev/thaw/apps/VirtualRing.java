// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedTransferQueue;

/**
 * {@code VirtualRing THREADS}: each virtual thread hands on what it gets. Commands on stdin: {@code round} sends a
 * number around, which each counts up; {@code end} ends all threads.
 */
public final class VirtualRing {
    private static final int END = -1;

    private VirtualRing() {}

    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[0]);
        List<LinkedTransferQueue<Integer>> hands = new ArrayList<>();
        for (int i = 0; i <= count; i++) {
            hands.add(new LinkedTransferQueue<>());
        }
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            LinkedTransferQueue<Integer> from = hands.get(i);
            LinkedTransferQueue<Integer> to = hands.get(i + 1);
            threads.add(Thread.startVirtualThread(() -> handOn(from, to)));
        }
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null && !line.equals("end"); line = commands.readLine()) {
            hands.get(0).put(0);
            System.out.println("round of " + hands.get(count).take());
        }
        hands.get(0).put(END);
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.println("ended clean");
    }

    private static void handOn(LinkedTransferQueue<Integer> from, LinkedTransferQueue<Integer> to) {
        try {
            int got = from.take();
            while (got != END) {
                to.put(got + 1);
                got = from.take();
            }
            to.put(END);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
