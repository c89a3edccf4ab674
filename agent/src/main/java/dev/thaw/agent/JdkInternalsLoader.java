// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import java.lang.instrument.Instrumentation;
import java.util.Base64;
import java.util.Map;
import java.util.Set;

/**
 * Holds the implementation of {@link JdkInternals}, in a loader of its own: nothing else on the application's class
 * path gains access to the JDK's internals.
 */
final class JdkInternalsLoader extends ClassLoader {
    private static final String NAME = "dev.thaw.agent.LinkedJdkInternals";

    /** Made by JdkInternalsAssembler, which a test compares it with; to assemble it here would take 2 ms. */
    static final String CLASS_FILE = ""
            + "yv66vgAAAEIANQEAIWRldi90aGF3L2FnZW50L0xpbmtlZEpka0ludGVybmFscwcAAQEAEGphdmEvbGFuZy9PYmplY3QHAAMBABtk"
            + "ZXYvdGhhdy9hZ2VudC9KZGtJbnRlcm5hbHMHAAUBAAY8aW5pdD4BAAMoKVYMAAcACAoABAAJAQAEQ29kZQEAGGpkay9pbnRlcm5h"
            + "bC9taXNjL1Vuc2FmZQcADAEACWdldFVuc2FmZQEAHCgpTGpkay9pbnRlcm5hbC9taXNjL1Vuc2FmZTsMAA4ADwoADQAQAQALZGVm"
            + "aW5lQ2xhc3MBAGAoTGphdmEvbGFuZy9TdHJpbmc7W0JJSUxqYXZhL2xhbmcvQ2xhc3NMb2FkZXI7TGphdmEvc2VjdXJpdHkvUHJv"
            + "dGVjdGlvbkRvbWFpbjspTGphdmEvbGFuZy9DbGFzczsMABIAEwoADQAUAQASZGVmaW5lT25Cb290TG9hZGVyAQAVKFtCKUxqYXZh"
            + "L2xhbmcvQ2xhc3M7AQAhamRrL2ludGVybmFsL2FjY2Vzcy9TaGFyZWRTZWNyZXRzBwAYAQARZ2V0SmF2YUxhbmdBY2Nlc3MBACYo"
            + "KUxqZGsvaW50ZXJuYWwvYWNjZXNzL0phdmFMYW5nQWNjZXNzOwwAGgAbCgAZABwBACJqZGsvaW50ZXJuYWwvYWNjZXNzL0phdmFM"
            + "YW5nQWNjZXNzBwAeAQAUcmVnaXN0ZXJTaHV0ZG93bkhvb2sBABkoSVpMamF2YS9sYW5nL1J1bm5hYmxlOylWDAAgACELAB8AIgEA"
            + "BmF0RXhpdAEAGChJTGphdmEvbGFuZy9SdW5uYWJsZTspVgEAInN1bi9uaW8vY2gvRGVmYXVsdFNlbGVjdG9yUHJvdmlkZXIHACYB"
            + "AANnZXQBACMoKUxzdW4vbmlvL2NoL1NlbGVjdG9yUHJvdmlkZXJJbXBsOwwAKAApCgAnACoBABBzZWxlY3RvclByb3ZpZGVyAQAq"
            + "KClMamF2YS9uaW8vY2hhbm5lbHMvc3BpL1NlbGVjdG9yUHJvdmlkZXI7AQAUamRrL2ludGVybmFsL21pc2MvVk0HAC4BABNnZXRS"
            + "dW50aW1lQXJndW1lbnRzAQAVKClbTGphdmEvbGFuZy9TdHJpbmc7DAAwADEKAC8AMgEAC3ZtQXJndW1lbnRzACEAAgAEAAEABgAA"
            + "AAUAAQAHAAgAAQALAAAAEQABAAEAAAAFKrcACrEAAAAAAAEAFgAXAAEACwAAABoABwACAAAADrgAEQErAyu+AQG2ABWwAAAAAAAB"
            + "ACQAJQABAAsAAAAYAAQAAwAAAAy4AB0bBCy5ACMEALEAAAAAAAEALAAtAAEACwAAABAAAQABAAAABLgAK7AAAAAAAAEANAAxAAEA"
            + "CwAAABAAAQABAAAABLgAM7AAAAAAAAA=";

    private JdkInternalsLoader() {
        super("thaw-internals", JdkInternals.class.getClassLoader());
    }

    static JdkInternals open(Instrumentation instrumentation) throws ReflectiveOperationException {
        JdkInternalsLoader loader = new JdkInternalsLoader();
        Set<Module> us = Set.of(loader.getUnnamedModule());
        Map<String, Set<Module>> exports =
                Map.of("jdk.internal.misc", us, "jdk.internal.access", us, "sun.nio.ch", us);
        instrumentation.redefineModule(Object.class.getModule(), Set.of(), exports, Map.of(), Set.of(), Map.of());
        byte[] classFile = Base64.getDecoder().decode(CLASS_FILE);
        Class<?> linked = loader.defineClass(NAME, classFile, 0, classFile.length);
        return (JdkInternals) linked.getDeclaredConstructor().newInstance();
    }
}
