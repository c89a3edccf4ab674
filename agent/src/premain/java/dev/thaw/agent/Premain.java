// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import java.lang.instrument.Instrumentation;

/**
 * Where the JVM enters. Nothing here, not even in the class file, is newer than Java 11, so that an older JVM gets
 * as far as the sentence that it is too old.
 */
public final class Premain {
    private static final int OLDEST_JDK = 22;

    private Premain() {}

    public static void premain(String arguments, Instrumentation instrumentation) {
        if (isSupported()) {
            Startup.atStart(arguments, instrumentation);
        }
    }

    public static void agentmain(String arguments, Instrumentation instrumentation) {
        if (isSupported()) {
            Startup.inRunningJvm(arguments, instrumentation);
        }
    }

    private static boolean isSupported() {
        String version = System.getProperty("java.specification.version");
        int feature = version.startsWith("1.") ? 1 : Integer.parseInt(version);
        if (feature >= OLDEST_JDK) {
            return true;
        }
        System.err.println("thaw: this is Java " + version + ", Thaw needs JDK " + OLDEST_JDK
                + " or later: the application runs without it");
        return false;
    }
}
