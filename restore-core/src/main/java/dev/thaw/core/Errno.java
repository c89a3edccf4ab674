// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.util.Map;

/** errno values of Linux on x86-64 that a checkpoint can meet, in glibc's words. */
final class Errno {
    static final int EAGAIN = 11;
    static final int ENOMEM = 12;
    static final int EACCES = 13;
    static final int EINVAL = 22;
    static final int EMFILE = 24;
    static final int ENOSPC = 28;
    static final int EROFS = 30;
    static final int EDQUOT = 122;
    static final int EPERM = 1;
    static final int ENOENT = 2;

    private static final Map<Integer, String> TEXTS = Map.ofEntries(
            Map.entry(EPERM, "Operation not permitted (EPERM)"),
            Map.entry(ENOENT, "No such file or directory (ENOENT)"),
            Map.entry(3, "No such process (ESRCH)"),
            Map.entry(4, "Interrupted system call (EINTR)"),
            Map.entry(5, "Input/output error (EIO)"),
            Map.entry(9, "Bad file descriptor (EBADF)"),
            Map.entry(EAGAIN, "Resource temporarily unavailable (EAGAIN)"),
            Map.entry(ENOMEM, "Cannot allocate memory (ENOMEM)"),
            Map.entry(EACCES, "Permission denied (EACCES)"),
            Map.entry(14, "Bad address (EFAULT)"),
            Map.entry(16, "Device or resource busy (EBUSY)"),
            Map.entry(17, "File exists (EEXIST)"),
            Map.entry(20, "Not a directory (ENOTDIR)"),
            Map.entry(21, "Is a directory (EISDIR)"),
            Map.entry(EINVAL, "Invalid argument (EINVAL)"),
            Map.entry(23, "Too many open files in system (ENFILE)"),
            Map.entry(EMFILE, "Too many open files (EMFILE)"),
            Map.entry(25, "Inappropriate ioctl for device (ENOTTY)"),
            Map.entry(27, "File too large (EFBIG)"),
            Map.entry(ENOSPC, "No space left on device (ENOSPC)"),
            Map.entry(EROFS, "Read-only file system (EROFS)"),
            Map.entry(36, "File name too long (ENAMETOOLONG)"),
            Map.entry(38, "Function not implemented (ENOSYS)"),
            Map.entry(40, "Too many levels of symbolic links (ELOOP)"),
            Map.entry(75, "Value too large for defined data type (EOVERFLOW)"),
            Map.entry(95, "Operation not supported (EOPNOTSUPP)"),
            Map.entry(110, "Connection timed out (ETIMEDOUT)"),
            Map.entry(116, "Stale file handle (ESTALE)"),
            Map.entry(EDQUOT, "Disk quota exceeded (EDQUOT)"));

    private Errno() {}

    /** The empty string for 0. */
    static String text(int errno) {
        return errno == 0 ? "" : TEXTS.getOrDefault(errno, "error " + errno);
    }
}
