// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.options;

import java.util.List;

/** A main class for a restore: tells its arguments; {@code exit N} and {@code checkpoint} as first ones are obeyed. */
public final class NewMain {
    private NewMain() {}

    public static void main(String[] args) {
        System.out.println("new main " + args.length);
        for (String arg : args) {
            System.out.println("arg <" + arg + ">");
        }
        switch (List.of(args).isEmpty() ? "" : args[0]) {
            case "exit" -> System.exit(Integer.parseInt(args[1]));
            case "checkpoint" -> Asking.checkpoint();
            case "throw" -> throw new IllegalStateException("thrown by the new main");
            default -> { }
        }
        System.out.println("new main returns");
    }
}
