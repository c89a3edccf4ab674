// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import dev.thaw.agent.ProcessNames;
import java.io.File;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Descriptors that no rule is for: the JDK's own, which CRaC takes care of itself, and Thaw's. */
final class OwnDescriptors {
    private static final Set<String> MEMORY = Set.of("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom");
    private static final Set<String> RANDOM = Set.of("/dev/random", "/dev/urandom");
    /** Of a snapshot that this process was restored from, while pages of it are missing. */
    private static final String IMAGE = ".*/[0-9]{4,}/(pages|working-set)";
    /** HotSpot, zPhysicalMemoryBacking_linux.cpp. */
    private static final String ZGC_HEAP = "/memfd:java_heap";
    private static final List<String> PATH_LISTS = List.of("java.class.path", "jdk.module.path");

    /** Set by jdk.jfr.internal.Repository, wherever the chunks are just then. */
    private static final String JFR_REPOSITORY = "jdk.jfr.repository";
    private static final String JFR_PATCH = "thaw.patch.PlatformRecorder";
    /** Held open by JFR's native code, to list processes. */
    private static final String JFR_PROCESSES = "/proc";

    private final Path javaHome;
    private final Set<String> loadedFrom = new HashSet<>();
    /** Device and inode. */
    private final Set<List<Long>> standard = new HashSet<>();
    private String attachPrefix;

    private OwnDescriptors(Path javaHome) {
        this.javaHome = javaHome;
    }

    static OwnDescriptors ofThisProcess() throws IOException {
        OwnDescriptors own = new OwnDescriptors(Path.of(System.getProperty("java.home")).toRealPath());
        for (String list : PATH_LISTS) {
            for (String entry : System.getProperty(list, "").split(File.pathSeparator)) {
                own.addLoadedFrom(entry);
            }
        }
        own.attachPrefix = ProcessNames.ofThisProcess().listener().toString();
        for (int fd = 0; fd <= 2; fd++) {
            own.addStandard(DescriptorScan.DESCRIPTORS.resolve(Integer.toString(fd)));
        }
        return own;
    }

    private void addStandard(Path link) throws IOException {
        try {
            Map<String, Object> status = Files.readAttributes(link, "unix:ino,dev");
            standard.add(List.of((Long) status.get("dev"), (Long) status.get("ino")));
        } catch (NoSuchFileException e) {
            // closed
        }
    }

    private void addLoadedFrom(String entry) {
        try {
            loadedFrom.add(Path.of(entry).toRealPath().toString());
        } catch (IOException | InvalidPathException e) {
            // not there: nor is it open
        }
    }

    boolean contains(OpenDescriptor descriptor) {
        return standsForStandard(descriptor) || isOwn(descriptor);
    }

    /** As the engine sees it, which carries those whatever is decided. */
    private boolean standsForStandard(OpenDescriptor descriptor) {
        return standard.contains(List.of(descriptor.dev(), descriptor.ino())) && !MEMORY.contains(descriptor.path())
                && (descriptor.writable() || !descriptor.isRegularFile());
    }

    private boolean isOwn(OpenDescriptor descriptor) {
        return switch (descriptor.kind()) {
            case FILE -> !descriptor.writable() && isCode(descriptor.path()) || descriptor.name().startsWith(ZGC_HEAP)
                    || isOfFlightRecorder(descriptor);
            case SOCKET -> descriptor.socket() != null
                    && (isAttach(descriptor.socket().local()) || isAttach(descriptor.socket().remote()));
            case PIPE -> false;
            case OTHER -> descriptor.name().equals("anon_inode:[userfaultfd]");
        };
    }

    private boolean isCode(String path) {
        return RANDOM.contains(path) || loadedFrom.contains(path) || path.matches(IMAGE)
                || Path.of(path).startsWith(javaHome);
    }

    /** Chunks are closed after the rules were looked at, unless that is switched off. */
    private static boolean isOfFlightRecorder(OpenDescriptor descriptor) {
        String repository = System.getProperty(JFR_REPOSITORY);
        if (repository == null || "off".equals(System.getProperty(JFR_PATCH))) {
            return false;
        }
        return Path.of(descriptor.path()).startsWith(repository)
                || !descriptor.writable() && descriptor.path().equals(JFR_PROCESSES);
    }

    private boolean isAttach(SocketAddress address) {
        return address instanceof UnixDomainSocketAddress unix && unix.getPath().toString().startsWith(attachPrefix);
    }
}
