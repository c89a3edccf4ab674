// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Http;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.Collector;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.OtherUser;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Round after round of checkpoint and restore under load; -Dthaw.soak=N says how many. */
@Tag("soak")
class SoakTest {
    private static final int ROUNDS = Integer.getInteger("thaw.soak", 10);
    /** Deltas between two full snapshots, after which the older ones are deleted. */
    private static final int CHAIN = 8;
    private static final String[] WAYS = {"-Dthaw.prefetch=on", "-Dthaw.prefetch=off", "--eager"};
    private static final int THREADS = 100;

    @ParameterizedTest
    @EnumSource(Collector.class)
    void theServiceUnderLoadStaysRight(Collector collector) {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create()) {
            Service running = Service.start(snapshots.path(), List.of(collector.flag(), "-Xmx256m"), 48,
                    "--load", "4");
            try {
                running.awaitFirstAnswer();
                for (int round = 1; round <= ROUNDS; round++) {
                    running = serviceRound(running, snapshots, round);
                }
            } finally {
                running.close();
            }
        }
    }

    private static Service serviceRound(Service running, SnapshotDirectory snapshots, int round) {
        double before = running.number("/load");
        if (round % 3 == 0) {
            Jcmd.ofThisJdk().checkpoint(running.process(), "keep_running=true");
            running.verify();
        }
        List<String> options = round % CHAIN == 0 ? List.of("full=true") : List.of();
        Jcmd.ofThisJdk().checkpoint(running.process(), options.toArray(String[]::new));
        running.process().mustExit(ThawCommand.CHECKPOINTED);
        Service restored = running.restore(snapshots.path(), WAYS[round % WAYS.length]);
        restored.awaitFirstAnswer();
        assertEquals("pid " + restored.pid(), restored.get("/pid"));
        restored.verify();
        if (round % 2 == 0) {
            restored.get("/gc");
            restored.verify();
        }
        awaitLoad(restored, before);
        if (round % CHAIN == 0) {
            deleteAllButTheNewest(snapshots);
        }
        return restored;
    }

    /** The load's threads must get on, each answer being a wait of its own. */
    private static void awaitLoad(Service service, double before) {
        long end = System.nanoTime() + RunningProcess.DEADLINE.toNanos();
        while (service.number("/load") < before + 1000) {
            if (System.nanoTime() > end) {
                throw service.process().hang("its load does not get on");
            }
        }
    }

    private static void deleteAllButTheNewest(SnapshotDirectory snapshots) {
        List<Integer> numbers = snapshots.numbers();
        numbers.subList(0, numbers.size() - 1).forEach(snapshots::delete);
    }

    @ParameterizedTest
    @EnumSource(Collector.class)
    void theThreadZooGetsOn(Collector collector) {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create()) {
            RunningProcess zoo = JvmUnderTest.withAgent(snapshots.path()).options(collector.flag(), "-Xmx256m")
                    .start("ThreadZoo", Integer.toString(THREADS), "virtual");
            try {
                zoo.awaitLine("ready");
                for (int round = 1; round <= ROUNDS; round++) {
                    zoo = zooRound(zoo, snapshots, round);
                }
                zoo.send("end");
                zoo.awaitLine("ended clean");
                zoo.mustExit(0);
            } finally {
                zoo.close();
            }
        }
    }

    private static RunningProcess zooRound(RunningProcess zoo, SnapshotDirectory snapshots, int round) {
        String[] options = round % CHAIN == 0 ? new String[] {"full=true"} : new String[0];
        Jcmd.ofThisJdk().checkpoint(zoo, options);
        zoo.mustExit(ThawCommand.CHECKPOINTED);
        RunningProcess restored = ThawCommand.restore(snapshots.path(), WAYS[round % WAYS.length]);
        restored.send("progress");
        String answer = restored.awaitLine("progress .*").group();
        if (!answer.equals("progress ok: " + THREADS + " threads")) {
            throw restored.hang("round " + round + ": " + answer);
        }
        if (round % CHAIN == 0) {
            deleteAllButTheNewest(snapshots);
        }
        return restored;
    }

    @ParameterizedTest
    @EnumSource(Collector.class)
    void theServiceOfAnUnprivilegedUserStaysRight(Collector collector) {
        int port = Http.freePort();
        try (OtherUser nobody = new OtherUser(); SnapshotDirectory snapshots = nobody.snapshots()) {
            List<Service> running = new ArrayList<>();
            running.add(new Service(nobody.jvm(snapshots.path()).options(collector.flag(), "-Xmx256m")
                    .start("KeyValueService", "--heap-mb", "32", "--load", "2", "" + port), port));
            for (int round = 1; round <= ROUNDS; round++) {
                Service service = running.getLast();
                service.awaitFirstAnswer();
                service.verify();
                String[] options = round % CHAIN == 0 ? new String[] {"full=true"} : new String[0];
                nobody.jcmd().checkpoint(service.process(), options);
                service.process().mustExit(ThawCommand.CHECKPOINTED);
                if (round % CHAIN == 0) {
                    deleteAllButTheNewest(snapshots);
                }
                running.add(new Service(nobody.restore(snapshots.path(), WAYS[round % WAYS.length]), port));
            }
            running.getLast().awaitFirstAnswer();
            assertTrue(running.getLast().verify().startsWith("records "));
            running.forEach(Service::close);
        }
    }
}
