// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.scenario;

import static dev.thaw.apps.scenario.Scenarios.awaitBlockedIn;
import static dev.thaw.apps.scenario.Scenarios.expect;

import java.io.Closeable;
import java.util.concurrent.Callable;

/** A thread that waits in a method of something open for what is sent to that later. */
final class Waiting<T extends Closeable> implements Scenario {
    interface Use<T> {
        Object of(T open) throws Exception;
    }

    interface Sending<T> {
        void to(T open) throws Exception;
    }

    private final boolean virtual;
    private final String method;
    private final Callable<T> opener;
    private final Use<T> use;
    private final Sending<T> sending;
    private final Object expected;
    private T open;
    private Task task;

    /** {@code expected}: what {@code use}, blocked in {@code method}, gives after {@code sending}. */
    Waiting(boolean virtual, String method, Callable<T> opener, Use<T> use, Sending<T> sending, Object expected) {
        this.virtual = virtual;
        this.method = method;
        this.opener = opener;
        this.use = use;
        this.sending = sending;
        this.expected = expected;
    }

    @Override
    public void arm() throws Exception {
        open = opener.call();
        task = new Task(virtual, () -> use.of(open));
        awaitBlockedIn(method, task.thread());
    }

    @Override
    public void check() throws Exception {
        sending.to(open);
        expect(expected, task.result());
        open.close();
    }
}
