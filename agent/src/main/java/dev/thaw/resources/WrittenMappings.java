// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import dev.thaw.core.DescriptorDecision;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Files that this process writes through shared mappings; their descriptors may be closed long ago. */
final class WrittenMappings {
    private static final Path MAPPINGS = Path.of("/proc/thread-self/maps");
    /* "7f0000000000-7f0000001000 rw-s 00000000 fe:00 4711    /path" */
    private static final int FIELDS = 6;
    private static final int PERMISSIONS = 1;
    private static final int INODE = 4;
    private static final int PATH = 5;
    /** HotSpot's counters, which are made again. */
    private static final String PERFORMANCE_DATA = "/tmp/hsperfdata_";

    private WrittenMappings() {}

    /** Those at their paths, each once. */
    static List<OpenDescriptor> scan() throws IOException {
        List<OpenDescriptor> found = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        String text = new String(Files.readAllBytes(MAPPINGS), StandardCharsets.UTF_8);
        for (String line : text.split("\n")) {
            String[] fields = line.split(" +", FIELDS);
            if (fields.length == FIELDS && isWritten(fields) && seen.add(fields[PATH])) {
                add(Path.of(fields[PATH]), Long.parseLong(fields[INODE]), found);
            }
        }
        return found;
    }

    private static boolean isWritten(String[] fields) {
        String permissions = fields[PERMISSIONS];
        return permissions.charAt(1) == 'w' && permissions.charAt(3) == 's' && fields[PATH].startsWith("/")
                && !fields[PATH].startsWith(PERFORMANCE_DATA);
    }

    private static void add(Path path, long inode, List<OpenDescriptor> found) throws IOException {
        try {
            Map<String, Object> status = Files.readAttributes(path, "unix:mode,ino,dev");
            if ((long) status.get("ino") == inode) {
                found.add(new OpenDescriptor(DescriptorDecision.MAPPING, (long) status.get("dev"), inode,
                        (int) status.get("mode"), path.toString(), true, null));
            }
        } catch (NoSuchFileException e) {
            // deleted: the engine refuses it
        }
    }
}
