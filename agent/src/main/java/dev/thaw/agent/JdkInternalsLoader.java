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
            + "yv66vgAAAEIATQEAIWRldi90aGF3L2FnZW50L0xpbmtlZEpka0ludGVybmFscwcAAQEAEGphdmEvbGFuZy9PYmplY3QHAAMBABtkZX"
            + "YvdGhhdy9hZ2VudC9KZGtJbnRlcm5hbHMHAAUBAAY8aW5pdD4BAAMoKVYMAAcACAoABAAJAQAEQ29kZQEAGGpkay9pbnRlcm5hbC9t"
            + "aXNjL1Vuc2FmZQcADAEACWdldFVuc2FmZQEAHCgpTGpkay9pbnRlcm5hbC9taXNjL1Vuc2FmZTsMAA4ADwoADQAQAQALZGVmaW5lQ2"
            + "xhc3MBAGAoTGphdmEvbGFuZy9TdHJpbmc7W0JJSUxqYXZhL2xhbmcvQ2xhc3NMb2FkZXI7TGphdmEvc2VjdXJpdHkvUHJvdGVjdGlv"
            + "bkRvbWFpbjspTGphdmEvbGFuZy9DbGFzczsMABIAEwoADQAUAQASZGVmaW5lT25Cb290TG9hZGVyAQAVKFtCKUxqYXZhL2xhbmcvQ2"
            + "xhc3M7AQAhamRrL2ludGVybmFsL2FjY2Vzcy9TaGFyZWRTZWNyZXRzBwAYAQARZ2V0SmF2YUxhbmdBY2Nlc3MBACYoKUxqZGsvaW50"
            + "ZXJuYWwvYWNjZXNzL0phdmFMYW5nQWNjZXNzOwwAGgAbCgAZABwBACJqZGsvaW50ZXJuYWwvYWNjZXNzL0phdmFMYW5nQWNjZXNzBw"
            + "AeAQAUcmVnaXN0ZXJTaHV0ZG93bkhvb2sBABkoSVpMamF2YS9sYW5nL1J1bm5hYmxlOylWDAAgACELAB8AIgEABmF0RXhpdAEAGChJ"
            + "TGphdmEvbGFuZy9SdW5uYWJsZTspVgEAInN1bi9uaW8vY2gvRGVmYXVsdFNlbGVjdG9yUHJvdmlkZXIHACYBAANnZXQBACMoKUxzdW"
            + "4vbmlvL2NoL1NlbGVjdG9yUHJvdmlkZXJJbXBsOwwAKAApCgAnACoBABBzZWxlY3RvclByb3ZpZGVyAQAqKClMamF2YS9uaW8vY2hh"
            + "bm5lbHMvc3BpL1NlbGVjdG9yUHJvdmlkZXI7AQAeamRrL2ludGVybmFsL2xvYWRlci9Cb290TG9hZGVyBwAuAQASZ2V0U2VydmljZX"
            + "NDYXRhbG9nAQAnKClMamRrL2ludGVybmFsL21vZHVsZS9TZXJ2aWNlc0NhdGFsb2c7DAAwADEKAC8AMgEAD2phdmEvbGFuZy9DbGFz"
            + "cwcANAEACWdldE1vZHVsZQEAFCgpTGphdmEvbGFuZy9Nb2R1bGU7DAA2ADcKADUAOAEADWdldFN1cGVyY2xhc3MBABMoKUxqYXZhL2"
            + "xhbmcvQ2xhc3M7DAA6ADsKADUAPAEAI2pkay9pbnRlcm5hbC9tb2R1bGUvU2VydmljZXNDYXRhbG9nBwA+AQALYWRkUHJvdmlkZXIB"
            + "ADcoTGphdmEvbGFuZy9Nb2R1bGU7TGphdmEvbGFuZy9DbGFzcztMamF2YS9sYW5nL0NsYXNzOylWDABAAEEKAD8AQgEAB3Byb3ZpZG"
            + "UBABQoTGphdmEvbGFuZy9DbGFzczspVgEAFGpkay9pbnRlcm5hbC9taXNjL1ZNBwBGAQATZ2V0UnVudGltZUFyZ3VtZW50cwEAFSgp"
            + "W0xqYXZhL2xhbmcvU3RyaW5nOwwASABJCgBHAEoBAAt2bUFyZ3VtZW50cwAhAAIABAABAAYAAAAGAAEABwAIAAEACwAAABEAAQABAA"
            + "AABSq3AAqxAAAAAAABABYAFwABAAsAAAAaAAcAAgAAAA64ABEBKwMrvgEBtgAVsAAAAAAAAQAkACUAAQALAAAAGAAEAAMAAAAMuAAd"
            + "GwQsuQAjBACxAAAAAAABACwALQABAAsAAAAQAAEAAQAAAAS4ACuwAAAAAAABAEQARQABAAsAAAAcAAQAAgAAABC4ADMrtgA5K7YAPS"
            + "u2AEOxAAAAAAABAEwASQABAAsAAAAQAAEAAQAAAAS4AEuwAAAAAAAA";

    private JdkInternalsLoader() {
        super("thaw-internals", JdkInternals.class.getClassLoader());
    }

    static JdkInternals open(Instrumentation instrumentation) throws ReflectiveOperationException {
        JdkInternalsLoader loader = new JdkInternalsLoader();
        Set<Module> us = Set.of(loader.getUnnamedModule());
        Map<String, Set<Module>> exports = Map.of("jdk.internal.misc", us, "jdk.internal.access", us,
                "jdk.internal.loader", us, "jdk.internal.module", us, "sun.nio.ch", us);
        instrumentation.redefineModule(Object.class.getModule(), Set.of(), exports, Map.of(), Set.of(), Map.of());
        byte[] classFile = Base64.getDecoder().decode(CLASS_FILE);
        Class<?> linked = loader.defineClass(NAME, classFile, 0, classFile.length);
        return (JdkInternals) linked.getDeclaredConstructor().newInstance();
    }
}
