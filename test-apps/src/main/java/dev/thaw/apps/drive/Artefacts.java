// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the packaged artefacts lie: named by system properties in the tests, else beside this jar. */
public final class Artefacts {
    public static final Path TEST_APPS = path("testapps.jar", "test-apps/target/test-apps.jar");
    public static final Path AGENT = path("thaw.jar", "agent/target/thaw.jar");
    public static final Path THAW = path("thaw.exe", "restore-core/target/thaw");
    /** What mvn -Pframeworks builds; may be missing. */
    public static final Path FRAMEWORKS = AGENT.resolve("../../../test-apps/target/frameworks").normalize();
    public static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    private Artefacts() {}

    public static String java() {
        return JAVA_HOME.resolve("bin/java").toString();
    }

    /** The C program of the benchmark of faults, which only {@code FaultBench} needs. */
    public static Path faultbench() {
        return path("thaw.faultbench", "restore-core/target/faultbench");
    }

    private static Path path(String property, String inTree) {
        String given = System.getProperty(property);
        Path path = given != null ? Path.of(given) : tree().resolve(inTree);
        if (!Files.exists(path)) {
            throw new IllegalStateException(path + " is missing: build it with mvn -q package -DskipTests");
        }
        return path.toAbsolutePath().normalize();
    }

    /** From TREE/test-apps/target/{test-apps.jar,classes}. */
    private static Path tree() {
        try {
            Path own = Path.of(Artefacts.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            return own.getParent().getParent().getParent();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
