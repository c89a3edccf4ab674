// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.util.jar.JarFile;

/** Somebody else's agent: it appends the jar that its option names to the boot loader's class path. */
public final class BootEntryAgent {
    private BootEntryAgent() {}

    public static void premain(String jar, Instrumentation instrumentation) throws IOException {
        instrumentation.appendToBootstrapClassLoaderSearch(new JarFile(jar));
    }
}
