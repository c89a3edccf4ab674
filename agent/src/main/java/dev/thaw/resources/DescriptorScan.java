// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The descriptors of this process, as the kernel shows them. */
final class DescriptorScan {
    /** /proc/self shows none when the thread that began the process has ended. */
    static final Path DESCRIPTORS = Path.of("/proc/thread-self/fd");
    private static final Path DETAILS = Path.of("/proc/thread-self/fdinfo");
    private static final int LAST_STANDARD = 2;
    private static final int MOST_READS = 10;
    private static final int O_ACCMODE = 3;
    private static final int O_RDONLY = 0;
    private static final String FLAGS = "flags:";

    private SocketCalls sockets;

    /** All above 2. One that goes away meanwhile is left out. */
    List<OpenDescriptor> scan() throws IOException {
        List<Path> links = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(DESCRIPTORS)) {
            stream.forEach(links::add);
        }
        List<OpenDescriptor> found = new ArrayList<>();
        for (Path link : links) {
            int fd = Integer.parseInt(link.getFileName().toString());
            if (fd > LAST_STANDARD) {
                add(fd, link, found);
            }
        }
        return found;
    }

    /** To read fdinfo fails, too, when the descriptor was closed since it was opened (fs/proc/fd.c, seq_show()). */
    private void add(int fd, Path link, List<OpenDescriptor> found) throws IOException {
        for (int left = MOST_READS - 1; !addOnce(fd, link, found, left == 0); left--) {
            if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                return;
            }
        }
    }

    /** False: it was closed meanwhile; its number may be another file's by now. */
    private boolean addOnce(int fd, Path link, List<OpenDescriptor> found, boolean isLast) throws IOException {
        try {
            String name = Files.readSymbolicLink(link).toString();
            Map<String, Object> status = Files.readAttributes(link, "unix:mode,ino,dev");
            int mode = (int) status.get("mode");
            SocketName socket = name.startsWith("socket:") ? sockets().name(fd) : null;
            found.add(new OpenDescriptor(fd, (long) status.get("dev"), (long) status.get("ino"), mode, name,
                    isWritable(fd), socket));
        } catch (NoSuchFileException e) {
            // the scan's own, or closed by another thread
        } catch (IOException e) {
            if (isLast) {
                throw e;
            }
            return false;
        }
        return true;
    }

    private SocketCalls sockets() {
        if (sockets == null) {
            sockets = new SocketCalls();
        }
        return sockets;
    }

    private static boolean isWritable(int fd) throws IOException {
        for (String line : Files.readAllLines(DETAILS.resolve(Integer.toString(fd)))) {
            if (line.startsWith(FLAGS)) {
                return (Long.parseLong(line.substring(FLAGS.length()).strip(), 8) & O_ACCMODE) != O_RDONLY;
            }
        }
        return false;
    }
}
