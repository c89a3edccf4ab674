// SPDX-License-Identifier: Apache-2.0
package dev.thaw.forked;

import java.io.IOException;

/** Says that it is ready, and where jdk.crac comes from, and waits for the end of its standard input. */
public final class WaitingApp {
    private WaitingApp() {}

    public static void main(String[] arguments) throws IOException {
        System.out.println("loader of jdk.crac: " + loaderOfApi());
        System.out.println("ready");
        while (System.in.read() >= 0) {
            // what is said does not matter
        }
    }

    private static String loaderOfApi() {
        try {
            ClassLoader loader = Class.forName("jdk.crac.Core").getClassLoader();
            return loader == null ? "boot" : loader.toString();
        } catch (ClassNotFoundException e) {
            return "none";
        }
    }
}
