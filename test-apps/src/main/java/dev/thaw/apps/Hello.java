// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.util.List;

/** The smallest application: greets with its arguments and ends with the status given by -Dhello.status. */
public final class Hello {
    private Hello() {}

    public static void main(String[] args) {
        System.out.println("hello " + List.of(args));
        System.exit(Integer.getInteger("hello.status", 0));
    }
}
