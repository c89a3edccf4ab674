// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import dev.thaw.core.CheckpointOutcome;
import dev.thaw.core.CheckpointRequest;
import dev.thaw.core.FullReason;
import java.nio.file.Path;
import java.util.List;

/** What the sequence needs from below; {@link NativeEngine} in a real JVM. */
interface Engine {
    /** Lines "key: value". */
    String status();

    void signalSelf(int signal);

    /** Before each checkpoint: patches of the JDK, and where HotSpot keeps what a restore changes. */
    void prepare();

    /** Before the snapshot, after the callbacks: the JDK closes what is its own and nobody uses. */
    void closeUnused();

    /** After a full collection, before a full snapshot: compiled methods are called as they were before it. */
    void runEntryBarriers();

    /** Native memory that is free has content, too. */
    void releaseFreeMemory();

    FullReason nextKind(Path to);

    CheckpointOutcome checkpoint(CheckpointRequest request);

    /** What the checkpoint would be refused for; its step is NONE where that is nothing. */
    CheckpointOutcome.Failed check(CheckpointRequest request);

    /** In the restored process, before the application's callbacks. */
    void refresh(long oldPid);

    /** In the restored process, after the application's callbacks. */
    void recovered();

    /** How many restores led to this process. */
    long restores();

    /** System.nanoTime() when the restore that led to this process began. */
    long restoreStartNanos();

    /** Of this CPU, as hexadecimal digits. */
    String cpuFeatures();

    /** What followed DIR on the command line of {@code thaw restore}. */
    List<String> restoreArguments();
}
