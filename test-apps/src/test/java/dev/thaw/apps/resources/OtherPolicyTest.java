// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.resources;

import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;

/** Rules of the types pipe and filedescriptor. */
class OtherPolicyTest extends PolicyFixture {
    @Test
    void closePipeMakesEveryUseFail() {
        run.rules("type: pipe", "action: close").start("p=pipe");
        run.assertUse("p", "heard 1");
        run.checkpointAndRestore();
        run.assertUse("p", "threw IOException: Bad file descriptor");
    }

    @Test
    void errorRefusesAPipeThatWouldBeCarried() {
        run.rules("type: pipe", "action: error").start("p=pipe");
        run.assertRefused("CheckpointOpenResourceException", "pipe:[", "its resource policy says error");
    }

    /** The JDK itself closes the pipes of a process that has ended; one that runs is refused whatever its pipes are. */
    @Test
    void closeProcessPipeLeavesOnlyTheProcessAsAReason() {
        run.rules("type: socket", "action: close").start("p=process-pipe:cat");
        run.assertRefused("pipe that leads out of this process", "running child process cat");
        run.rules("type: pipe", "action: close");
        String reply = run.assertRefused("running child process cat");
        assertFalse(reply.contains("pipe that leads out"), reply);
        run.assertUse("p", "heard 120");
    }

    @Test
    void aRawDescriptorIsFoundByItsValue() {
        String fd = run.start("e=eventfd", "other=eventfd").awaitLine("eventfd ([0-9]+)").group(1);
        run.rules("type: filedescriptor", "value: " + fd, "action: close");
        run.assertUse("e", "result 0");
        run.checkpointAndRestore();
        run.assertUse("e", "result -1");
        run.assertUse("other", "result 0");
    }

    @Test
    void aRawDescriptorIsFoundByARegularExpression() {
        run.rules("type: filedescriptor", "regex: .*nothing.*", "action: error", "---", "type: filedescriptor",
                "regex: .*eventfd.*", "action: close").start("e=eventfd");
        run.checkpointAndRestore();
        run.assertUse("e", "result -1");
    }

    /** Its chunk is closed for the checkpoint, after the rules were looked at. */
    @Test
    void errorForAllFilesDoesNotMeetTheFlightRecorders() {
        run.rules("type: file", "action: error").options("-XX:StartFlightRecording").start();
        run.checkpointAndRestore();
        run.checkpoint();
    }

    @Test
    void errorRefusesARawDescriptorThatWouldBeCarried() {
        run.rules("type: filedescriptor", "regex: unknown: anon_inode:\\[eventfd\\]", "action: error").start("e=eventfd");
        run.assertRefused("CheckpointOpenResourceException", "anon_inode:[eventfd]");
    }
}
