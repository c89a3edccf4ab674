// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import dev.thaw.core.CoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * libjvm.so of this process.
 *
 * @param start address of the mapping of its first byte
 */
public record Libjvm(Path path, long start) {
    private static final int MAPS_FIELDS = 6;

    /**
     * Asks /proc/self/maps, because java.home does not say which variant was started.
     *
     * @throws CoreException if there is none
     */
    public static Libjvm ofThisProcess() {
        try {
            return find(Files.readAllLines(Path.of("/proc/self/maps")));
        } catch (IOException e) {
            throw new CoreException("cannot read /proc/self/maps: " + e.getMessage(), e);
        }
    }

    static Libjvm find(List<String> maps) {
        for (String line : maps) {
            String[] fields = line.split(" +", MAPS_FIELDS);
            boolean isOurs = fields.length == MAPS_FIELDS && fields[5].endsWith("/libjvm.so");
            if (isOurs && Long.parseLong(fields[2], 16) == 0) {
                return new Libjvm(Path.of(fields[5]), Long.parseUnsignedLong(fields[0].split("-")[0], 16));
            }
        }
        throw new CoreException("no libjvm.so is mapped here, or it was replaced since the start of this JVM: "
                + "Thaw needs a HotSpot JVM with its files in place");
    }
}
