// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.nio.charset.StandardCharsets;

/**
 * A variable of HotSpot that holds its pid, or a C string made of it: {@code struct thaw_pid_place}.
 *
 * @param onlyIf address of a byte: the variable is in use while that is not 0; 0: always
 * @param before what stands before the digits, a byte each; null: it is no text, but an int32_t
 * @param behind what stands behind them
 */
public record PidPlace(long address, long bytes, long onlyIf, String before, String behind) {
    public static PidPlace number(long address) {
        return new PidPlace(address, Integer.BYTES, 0, null, "");
    }

    /** All of a variable of so many bytes. */
    public static PidPlace text(long address, long bytes, String before) {
        return new PidPlace(address, bytes, 0, before, "");
    }

    void write(CStruct.View place) {
        place.putLong("address", address).putLong("bytes", bytes).putLong("only_if", onlyIf)
                .putInt("is_number", before == null ? 1 : 0)
                .putString("before", (before == null ? "" : before).getBytes(StandardCharsets.ISO_8859_1))
                .putString("behind", behind.getBytes(StandardCharsets.ISO_8859_1));
    }
}
