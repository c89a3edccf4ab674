// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import java.io.PrintWriter;
import java.io.StringWriter;
import jdk.crac.CheckpointException;

/**
 * Why a checkpoint failed, for people: each reason once, with a number and what is known of where it arose. jcmd prints
 * the text of a failure without its line ends (HotSpotVirtualMachine.readErrorMessage), so these carry no meaning.
 */
final class Reasons {
    private static final int DEEPEST_CAUSE = 8;
    /** Whose frames say nothing about the application. */
    private static final String[] OURS = {"jdk.crac.", "dev.thaw.agent.", "dev.thaw.checkpoint.", "dev.thaw.core.",
        "dev.thaw.jcmd.", "dev.thaw.metadata.", "dev.thaw.patches.", "dev.thaw.resources."};

    private final StringBuilder text = new StringBuilder("An exception during a checkpoint operation:\n");

    private Reasons() {}

    static String explain(Throwable failure) {
        Reasons reasons = new Reasons();
        if (failure instanceof CheckpointException) {
            reasons.text.append(failure).append('\n');
        }
        int number = 1;
        for (Throwable reason : failure.getSuppressed()) {
            reasons.text.append(" (").append(number++).append(") ");
            reasons.add(reason, 0);
        }
        if (number == 1) { // nobody expected it
            StringWriter trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace, true));
            reasons.text.append(' ').append(trace);
        }
        return reasons.text.toString();
    }

    private void add(Throwable reason, int depth) {
        text.append(reason).append('\n');
        for (StackTraceElement frame : reason.getStackTrace()) {
            boolean isOurs = isOurs(frame);
            if (isOurs && depth == 0) {
                break; // what called the resource is the same for all
            }
            if (!isOurs) {
                text.append("   at ").append(frame).append('\n');
            }
        }
        if (depth == DEEPEST_CAUSE) {
            return;
        }
        for (Throwable other : reason.getSuppressed()) {
            text.append("   suppressed: ");
            add(other, depth + 1);
        }
        if (reason.getCause() != null) {
            text.append("   caused by: ");
            add(reason.getCause(), depth + 1);
        }
    }

    private static boolean isOurs(StackTraceElement frame) {
        for (String prefix : OURS) {
            if (frame.getClassName().startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }
}
