// SPDX-License-Identifier: Apache-2.0
package dev.thaw.tools;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** The tools of the {@code thaw} command that need Java: {@code thaw list|inspect|verify}. */
public final class Main {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;

    private static final String USAGE_TEXT = """
            Usage: thaw list DIR
                   thaw inspect DIR[/NNNN]
                   thaw verify DIR[/NNNN]
            list      the snapshots in DIR, the oldest first
            inspect   what is in a snapshot: the newest in DIR, or that one
            verify    reads all data of each snapshot in DIR, or of that one, and compares it with its checksums
            """;

    /** One of the tools. */
    private interface Tool {
        /** Prints its answer and returns the exit status. */
        int run(Path place, PrintStream out) throws IOException;
    }

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(args, System.out, System.err));
    }

    static int run(String[] args, PrintStream out, PrintStream err) {
        if (args.length == 1 && (args[0].equals("help") || args[0].equals("--help"))) {
            out.print(USAGE_TEXT);
            return OK;
        }
        Tool tool = args.length == 0 ? null : toolOf(args[0]);
        if (tool == null || args.length != 2) {
            err.print(USAGE_TEXT);
            return USAGE;
        }
        try {
            return tool.run(Path.of(args[1]), out);
        } catch (AccessDeniedException e) {
            return fail(err, e.getFile() + " cannot be read by this user");
        } catch (FileSystemException e) {
            return fail(err, e.getFile() + ": " + (e.getReason() == null ? "cannot be read" : e.getReason()));
        } catch (IOException e) {
            return fail(err, e.getMessage());
        } catch (InvalidPathException e) {
            return fail(err, "not a path: " + e.getInput());
        } finally {
            out.flush();
        }
    }

    private static Tool toolOf(String name) {
        return switch (name) {
            case "list" -> ListTool::run;
            case "inspect" -> InspectTool::run;
            case "verify" -> VerifyTool::run;
            default -> null;
        };
    }

    private static int fail(PrintStream err, String sentence) {
        err.println("thaw: " + sentence);
        return FAILED;
    }
}
