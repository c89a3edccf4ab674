// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.scenario;

import static dev.thaw.apps.scenario.Scenarios.awaitBlockedIn;
import static dev.thaw.apps.scenario.Scenarios.end;
import static dev.thaw.apps.scenario.Scenarios.expect;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;

/** Selectors in every state that a checkpoint may find them in. */
public final class SelectorScenarios {
    private static final int THREADS = 3;

    private SelectorScenarios() {}

    public static void main(String[] args) throws IOException {
        Scenarios scenarios = new Scenarios();
        scenarios.add("InterruptedSelection", new Blocked(0, 1, (selector, threads) -> threads[0].interrupt()));
        scenarios.add("WakeupAfterRestore", new Blocked(0, 1, (selector, threads) -> selector.wakeup()));
        scenarios.add("WakeupByClose", new Blocked(0, 1, (selector, threads) -> selector.close()));
        scenarios.add("WakeupByTimeoutAfterRestore", new Blocked(2000, 1, (selector, threads) -> { }));
        scenarios.add("MultipleSelect", new Blocked(0, THREADS, SelectorScenarios::wakeEach));
        scenarios.add("MultipleSelectSingleClose", new Blocked(0, THREADS, (selector, threads) -> selector.close()));
        scenarios.add("MultipleSelectNow", new SelectNow());
        scenarios.add("SelectAfterWakeup", new SelectAfterWakeup());
        scenarios.add("SelectAndWakeupAfterRestore", new SelectAfterRestore());
        scenarios.add("KeyAfterRestore", new KeyAfterRestore());
        scenarios.add("SocketWithSelector", new SocketWithSelector());
        scenarios.add("ChannelResource", new ChannelResource());
        scenarios.obey();
    }

    /** One of them selects, the others wait for its turn. */
    private static void wakeEach(Selector selector, Thread[] threads) {
        while (isAnyAlive(threads)) {
            selector.wakeup();
            Thread.onSpinWait();
        }
    }

    private static boolean isAnyAlive(Thread[] threads) {
        for (Thread thread : threads) {
            if (thread.isAlive()) {
                return true;
            }
        }
        return false;
    }

    private static Thread selecting(Selector selector, long timeoutMs) {
        Thread thread = new Thread(() -> {
            try {
                selector.select(timeoutMs);
            } catch (ClosedSelectorException e) {
                // by close(), before it was this thread's turn
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }, "selecting");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private interface End {
        void end(Selector selector, Thread[] threads) throws IOException;
    }

    private static final class Blocked implements Scenario {
        private final long timeoutMs;
        private final Thread[] threads;
        private final End how;
        private Selector selector;

        Blocked(long timeoutMs, int threads, End how) {
            this.timeoutMs = timeoutMs;
            this.threads = new Thread[threads];
            this.how = how;
        }

        @Override
        public void arm() throws IOException {
            selector = Selector.open();
            for (int i = 0; i < threads.length; i++) {
                threads[i] = selecting(selector, timeoutMs);
            }
            awaitBlockedIn("select", threads);
        }

        @Override
        public void check() throws Exception {
            how.end(selector, threads);
            end(threads);
            selector.close();
        }
    }

    private static final class SelectNow implements Scenario {
        private final Thread[] threads = new Thread[THREADS];
        private volatile boolean stopped;
        private volatile Throwable failure;

        @Override
        public void arm() throws IOException {
            stopped = false;
            Selector selector = Selector.open();
            for (int i = 0; i < THREADS; i++) {
                threads[i] = new Thread(() -> run(selector), "selectNow");
                threads[i].setDaemon(true);
                threads[i].start();
            }
        }

        private void run(Selector selector) {
            try {
                while (!stopped) {
                    selector.selectNow();
                    Thread.sleep(1);
                }
            } catch (Exception e) {
                failure = e;
            }
        }

        @Override
        public void check() throws InterruptedException {
            stopped = true;
            end(threads);
            expect("none", failure == null ? "none" : failure);
        }
    }

    private static final class SelectAfterWakeup implements Scenario {
        private Selector selector;

        @Override
        public void arm() throws IOException {
            selector = Selector.open();
            selector.wakeup();
        }

        @Override
        public void check() throws Exception {
            end(selecting(selector, 0));
            selector.close();
        }
    }

    private static final class SelectAfterRestore implements Scenario {
        private Selector selector;

        @Override
        public void arm() throws IOException {
            selector = Selector.open();
            selector.selectNow();
        }

        @Override
        public void check() throws Exception {
            Thread thread = selecting(selector, 0);
            awaitBlockedIn("select", thread);
            selector.wakeup();
            end(thread);
            selector.close();
        }
    }

    private static final class KeyAfterRestore implements Scenario {
        private Selector selector;

        @Override
        public void arm() throws IOException {
            selector = Selector.open();
        }

        @Override
        public void check() throws IOException {
            Pipe pipe = Pipe.open();
            pipe.source().configureBlocking(false);
            SelectionKey key = pipe.source().register(selector, SelectionKey.OP_READ);
            expect(0, selector.selectNow());
            pipe.sink().write(ByteBuffer.allocate(1));
            expect(1, selector.select());
            expect(true, key.isReadable());
            pipe.sink().close();
            pipe.source().close();
            expect(0, selector.selectNow());
            expect(0, selector.keys().size());
            selector.close();
        }
    }

    /** A thread in select with a listener; a key whose channel was closed before. */
    private static final class SocketWithSelector implements Scenario {
        private Selector selector;
        private ServerSocketChannel server;
        private Thread thread;

        @Override
        public void arm() throws IOException {
            selector = Selector.open();
            server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT);
            SocketChannel closed = SocketChannel.open();
            closed.configureBlocking(false);
            closed.register(selector, 0);
            closed.close();
            thread = selecting(selector, 0);
            awaitBlockedIn("select", thread);
        }

        @Override
        public void check() throws Exception {
            try (SocketChannel client = SocketChannel.open(server.getLocalAddress())) {
                end(thread);
                expect(1, selector.selectedKeys().size());
                expect(1, selector.keys().size());
                try (SocketChannel accepted = server.accept()) {
                    expect(client.getLocalAddress(), accepted.getRemoteAddress());
                    client.write(ByteBuffer.wrap(new byte[] {7}));
                    ByteBuffer bytes = ByteBuffer.allocate(1);
                    accepted.read(bytes.clear());
                    expect((byte) 7, bytes.get(0));
                }
            }
            server.close();
            selector.close();
        }
    }

    /** Closes and opens a channel around a checkpoint while its selector is in use: JDK-970 of CRaC. */
    private static final class ChannelResource implements Scenario, org.crac.Resource {
        private Selector selector;
        private ServerSocketChannel server;
        private Thread thread;
        /** Other threads of a restored process run before afterRestore is over. */
        private volatile CountDownLatch recovered = new CountDownLatch(0);

        ChannelResource() {
            org.crac.Core.getGlobalContext().register(this);
        }

        private void open() throws IOException {
            server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT);
        }

        @Override
        public void arm() throws IOException {
            selector = Selector.open();
            open();
            thread = new Thread(this::awaitKey, "until a key is ready");
            thread.setDaemon(true);
            thread.start();
            awaitBlockedIn("select", thread);
        }

        private void awaitKey() {
            try {
                while (selector.select() == 0) {
                    continue;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void beforeCheckpoint(org.crac.Context<? extends org.crac.Resource> context) throws IOException {
            recovered = new CountDownLatch(1);
            server.close();
        }

        @Override
        public void afterRestore(org.crac.Context<? extends org.crac.Resource> context) throws IOException {
            open();
            selector.wakeup(); // a selection under way does not see a new key
            recovered.countDown();
        }

        @Override
        public void check() throws Exception {
            recovered.await();
            try (SocketChannel client = SocketChannel.open(server.getLocalAddress())) {
                expect(true, client.isConnected());
                end(thread);
                expect(true, selector.selectedKeys().iterator().next().isAcceptable());
            }
            server.close();
            selector.close();
        }
    }
}
