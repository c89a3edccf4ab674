// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import dev.thaw.core.CheckpointOutcome.Failed;

/** A failure as one sentence: the step, its operands, the errno and what to do. */
final class FailureText {
    private FailureText() {}

    static String of(Failed failed) {
        String text = failed.operandText();
        return switch (failed.step()) {
            case NONE -> "the checkpoint failed and the engine gave no reason" + errno(failed);
            case SETUP -> "this JVM cannot be checkpointed: " + (text.isEmpty() ? "libjvm's thread slot" : text)
                    + " was not found" + errno(failed) + ": Thaw needs HotSpot of JDK 22-25 with glibc";
            case BUSY -> "another checkpoint is already in progress: try again when it is done";
            case MEMORY -> "cannot get %d bytes of memory for the checkpoint%s: raise the memory limit of the process"
                    .formatted(failed.operand(), errno(failed)) + " or its container";
            case LOAD_REST -> "cannot read the pages that are still missing from %s%s: ".formatted(text, errno(failed))
                    + "keep a snapshot until Thaw.status of what was restored from it says 'all loaded: yes'";
            case CREATE -> "cannot create %s%s: %s".formatted(text, errno(failed), remedy(failed));
            case SIGNAL_TAKEN -> "SIGTRAP has a handler of someone else, at 0x%x: stop the profiler or debugger "
                    .formatted(failed.operand()) + "that installed it";
            case PARK -> "thread %s (tid %d) did not park in time: ".formatted(named(text), failed.operand())
                    + "it may run native code that blocks signals; try again, or give it more time";
            case REFUSED -> refused(failed);
            case MAPS -> "cannot understand /proc/self/maps%s%s: report it with that line"
                    .formatted(text.isEmpty() ? "" : " at '" + text + "'", errno(failed));
            case SCAN -> "cannot ask which pages were written, PAGEMAP_SCAN at 0x%x%s: Linux 6.7 or newer is needed"
                    .formatted(failed.operand(), errno(failed));
            case READ_MEMORY -> "cannot read the memory at 0x%x%s: unmap it in beforeCheckpoint"
                    .formatted(failed.operand(), errno(failed));
            case WRITE -> "cannot write %s%s: %s".formatted(text, errno(failed), remedy(failed));
            case SYNC -> "cannot bring %s to disk (fsync)%s: %s".formatted(text, errno(failed), remedy(failed));
            case PUBLISH -> "cannot put the snapshot in place at %s (rename)%s: %s"
                    .formatted(text, errno(failed), remedy(failed));
            case TRACK -> failed.operand() == 0
                    ? "what was written since the last snapshot is no longer known: "
                    + "the snapshot was given up; try again, the next one will be full"
                    : "the pages written from now on cannot be tracked at 0x%x%s: "
                    .formatted(failed.operand(), errno(failed)) + "the snapshot was given up, the next one will be full";
            case TID_LOCK -> "%s (tid %d), which could not release it after a restore: ".formatted(text, failed.operand())
                    + "try again when it is done, or give it more time";
        };
    }

    private static String refused(Failed failed) {
        if (failed.refusalCount() == 1 && failed.refusals().size() == 1) {
            return failed.refusals().get(0).message();
        }
        return failed.refusalCount() + " things are open that a snapshot cannot carry, each named below";
    }

    private static String named(String name) {
        return name.isEmpty() ? "without a name" : "'" + name + "'";
    }

    private static String errno(Failed failed) {
        return failed.errno() == 0 ? "" : ": " + Errno.text(failed.errno());
    }

    /** What to do about a file that cannot be created or written. */
    private static String remedy(Failed failed) {
        return switch (failed.errno()) {
            case Errno.ENOSPC, Errno.EDQUOT -> "free some space, or choose another folder with to=DIR";
            case Errno.EACCES, Errno.EPERM, Errno.EROFS -> "choose a folder that this user may write to with to=DIR";
            case Errno.ENOENT -> "create the folder, or choose another with to=DIR";
            case Errno.EMFILE -> "raise the limit of open files (ulimit -n)";
            default -> "choose another folder with to=DIR";
        };
    }
}
