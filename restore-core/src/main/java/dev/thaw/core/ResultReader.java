// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code struct thaw_result} as a {@link CheckpointOutcome}. */
final class ResultReader {
    private static final int FAILED = 0;
    private static final int WRITTEN = 1;

    private ResultReader() {}

    static CheckpointOutcome read(CStruct.View result) {
        int outcome = result.getInt("outcome");
        return switch (outcome) {
            case FAILED -> failed(result);
            case WRITTEN -> written(result);
            default -> throw new AssertionError("enum thaw_outcome has no " + outcome);
        };
    }

    static CheckpointOutcome.Failed failed(CStruct.View result) {
        int count = result.getInt("refusal_count");
        List<Refusal> refusals = new ArrayList<>();
        for (int i = 0; i < Math.min(count, Layouts.MAX_REFUSALS); i++) {
            refusals.add(refusal(result.getStruct("refusals", Layouts.REFUSAL, i)));
        }
        return new CheckpointOutcome.Failed(step(result), result.getInt("error"), result.getLong("operand"),
                text(result, "operand_text"), refusals, count);
    }

    private static CheckpointOutcome.Written written(CStruct.View result) {
        CheckpointOutcome.Times times = new CheckpointOutcome.Times(nanos(result, "pause_ns"),
                nanos(result, "quiesce_ns"), nanos(result, "write_ns"), nanos(result, "track_ns"),
                nanos(result, "sync_ns"));
        String warning = step(result) == Step.NONE ? "" : failed(result).message();
        return new CheckpointOutcome.Written(Path.of(text(result, "path")), result.getInt("number"),
                result.getInt("parent_number"), FullReason.values()[result.getInt("full_reason")],
                result.getString("report", StandardCharsets.UTF_8), result.getLong("own_pages"),
                result.getLong("parent_pages"), result.getLong("snapshot_bytes"), times, result.getInt("threads"),
                result.getInt("quiesce_retries"), warning);
    }

    private static Step step(CStruct.View result) {
        return Step.values()[result.getInt("step")];
    }

    private static Duration nanos(CStruct.View result, String field) {
        return Duration.ofNanos(result.getLong(field));
    }

    private static String text(CStruct.View result, String field) {
        return result.getString(field, NativeText.CHARSET);
    }

    private static Refusal refusal(CStruct.View refusal) {
        int bytes = refusal.getInt("address_bytes");
        return new Refusal(Refusal.Reason.values()[refusal.getInt("reason")], refusal.getInt("fd"),
                refusal.getInt("pid"), refusal.getLong("mapping"), address(refusal, "local", bytes),
                address(refusal, "remote", bytes), text(refusal, "name"));
    }

    private static String address(CStruct.View refusal, String field, int bytes) {
        byte[] address = refusal.getBytes(field);
        return SocketAddressText.of(ByteBuffer.wrap(address).order(ByteOrder.LITTLE_ENDIAN), bytes);
    }
}
