// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import java.util.ArrayList;
import java.util.List;

/**
 * An application compiled against {@code jdk.crac} and {@code javax.crac}: it registers resources of both in turn, and a
 * nested context whose resources throw when told to.
 *
 * <p>Commands: {@code checkpoint}, {@code checkpoint-javax}, {@code register-while-checkpointing} (another thread does),
 * {@code fail} (the nested resources, from now on).
 */
public final class BothPackages {
    private static final List<Object> KEPT = new ArrayList<>();
    private static volatile boolean failing;
    private static volatile Thread registering;

    private BothPackages() {}

    public static void main(String[] args) throws Exception {
        System.out.println("context " + jdk.crac.Core.getGlobalContext().getClass().getSimpleName()
                + " on " + jdk.crac.Context.getGlobalContext().getClass().getClassLoader());
        register(new Jdk("first"));
        Javax second = new Javax("second");
        KEPT.add(second);
        javax.crac.Core.getGlobalContext().register(second);
        Nested nested = new Nested();
        register(nested);
        Commands.readAll((command, value) -> {
            switch (command) {
                case "checkpoint" -> checkpoint();
                case "checkpoint-javax" -> checkpointJavax();
                case "register-while-checkpointing" -> register(new Registering());
                case "fail" -> failing = true;
                default -> System.out.println("unknown command " + command);
            }
        });
    }

    private static void register(jdk.crac.Resource resource) {
        KEPT.add(resource);
        jdk.crac.Core.getGlobalContext().register(resource);
    }

    private static void checkpoint() {
        try {
            jdk.crac.Core.checkpointRestore();
            System.out.println("jdk.crac returned");
        } catch (jdk.crac.CheckpointException | jdk.crac.RestoreException e) {
            tell(e);
        }
    }

    private static void checkpointJavax() {
        try {
            javax.crac.Core.checkpointRestore();
            System.out.println("javax.crac returned");
        } catch (javax.crac.CheckpointException | javax.crac.RestoreException e) {
            tell(e);
        }
    }

    private static void tell(Exception e) {
        for (Throwable each : e.getSuppressed()) {
            System.out.println("suppressed " + each);
        }
        System.out.println("caught " + e.getClass().getName());
    }

    private record Jdk(String name) implements jdk.crac.Resource {
        @Override
        public void beforeCheckpoint(jdk.crac.Context<? extends jdk.crac.Resource> context) {
            System.out.println("before " + name);
            if (failing && !name.equals("first")) {
                throw new IllegalStateException(name + " refuses");
            }
        }

        @Override
        public void afterRestore(jdk.crac.Context<? extends jdk.crac.Resource> context) {
            System.out.println("after " + name);
        }
    }

    private record Javax(String name) implements javax.crac.Resource {
        @Override
        public void beforeCheckpoint(javax.crac.Context<? extends javax.crac.Resource> context) {
            System.out.println("before " + name);
        }

        @Override
        public void afterRestore(javax.crac.Context<? extends javax.crac.Resource> context) {
            System.out.println("after " + name);
        }
    }

    /** A context of the application's own, in the order of registration both ways. */
    private static final class Nested extends jdk.crac.Context<jdk.crac.Resource> {
        private final List<jdk.crac.Resource> members = List.of(new Jdk("nested one"), new Jdk("nested two"));

        @Override
        public void register(jdk.crac.Resource resource) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void beforeCheckpoint(jdk.crac.Context<? extends jdk.crac.Resource> context)
                throws jdk.crac.CheckpointException {
            jdk.crac.CheckpointException failure = new jdk.crac.CheckpointException();
            for (jdk.crac.Resource member : members) {
                try {
                    member.beforeCheckpoint(this);
                } catch (Exception e) {
                    failure.addSuppressed(e);
                }
            }
            if (failure.getSuppressed().length > 0) {
                throw failure;
            }
        }

        @Override
        public void afterRestore(jdk.crac.Context<? extends jdk.crac.Resource> context)
                throws jdk.crac.RestoreException {
            for (jdk.crac.Resource member : members) {
                try {
                    member.afterRestore(this);
                } catch (Exception e) {
                    throw new jdk.crac.RestoreException(e.getMessage());
                }
            }
        }
    }

    /** Its callback waits until the other thread is through, or waits in register. */
    private static final class Registering implements jdk.crac.Resource {
        @Override
        public void beforeCheckpoint(jdk.crac.Context<? extends jdk.crac.Resource> context) {
            if (registering != null) {
                return;
            }
            registering = Thread.ofPlatform().start(() -> {
                register(new Jdk("late"));
                System.out.println("registered late");
            });
            while (registering.isAlive() && !isWaiting()) {
                Thread.onSpinWait();
            }
            System.out.println(registering.isAlive() ? "registering waits" : "registering did not wait");
        }

        private static boolean isWaiting() {
            for (StackTraceElement frame : registering.getStackTrace()) {
                if (frame.getMethodName().equals("waitWhileCheckpointIsInProgress")) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public void afterRestore(jdk.crac.Context<? extends jdk.crac.Resource> context) throws Exception {
            registering.join();
        }
    }
}
