// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.CRC32C;

/**
 * Live heap of random content in which every wrong byte shows.
 *
 * <p>A record's payload follows from its id and version, so it can be made again and compared; its CRC lies
 * beside it; its version is noted a second time in one array far away, so that a page which comes back as it
 * once was (consistent in itself, but old) shows too.
 */
final class Records {
    static final int PAYLOAD_BYTES = 1024;
    private static final int LOCK_STRIPES = 64;
    /** What a record takes in the heap: payload with header, the record, its reference and its second version. */
    static final int RECORD_BYTES = PAYLOAD_BYTES + 16 + 32 + 4 + 4;

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final class Record {
        final int id;
        final byte[] payload = new byte[PAYLOAD_BYTES];
        int version;
        int crc;

        Record(int id) {
            this.id = id;
        }
    }

    private final Record[] records;
    private final int[] versions;
    private final Object[] locks = new Object[LOCK_STRIPES];
    private int cursor;

    Records(int megabytes) {
        records = new Record[(int) (((long) megabytes << 20) / RECORD_BYTES)];
        versions = new int[records.length];
        Arrays.setAll(locks, i -> new Object());
        for (int id = 0; id < records.length; id++) {
            records[id] = new Record(id);
            rewrite(records[id]);
        }
    }

    int count() {
        return records.length;
    }

    /** Rewrites the next records in order, at least so many MB of payload: the same ones in each run. */
    synchronized int rewriteNext(int megabytes) {
        int wanted = Math.min(records.length, (int) (((long) megabytes << 20) / RECORD_BYTES));
        for (int i = 0; i < wanted; i++) {
            rewrite(records[cursor]);
            cursor = (cursor + 1) % records.length;
        }
        return wanted;
    }

    /** Rewrites one record or checks one, by chance: for load. */
    void touchAny() {
        if (records.length == 0) {
            return;
        }
        Record record = records[ThreadLocalRandom.current().nextInt(records.length)];
        if (ThreadLocalRandom.current().nextInt(4) == 0) {
            rewrite(record);
        } else {
            check(record, new byte[PAYLOAD_BYTES]);
        }
    }

    /** Checks every byte of every record; the answer stands for all ids, versions and payloads. */
    long verify() {
        byte[] expected = new byte[PAYLOAD_BYTES];
        long checksum = 0;
        for (int id = 0; id < records.length; id++) {
            if (records[id].id != id) {
                throw new IllegalStateException("record " + id + ": says it is " + records[id].id);
            }
            checksum = checksum * 31 + check(records[id], expected);
        }
        return checksum;
    }

    /** The same answer as verify's, taken from the payloads' CRCs alone. */
    long checksum() {
        long checksum = 0;
        for (Record record : records) {
            synchronized (lockOf(record)) {
                checksum = checksum * 31 + signature(record.id, record.version, crcOf(record.payload));
            }
        }
        return checksum;
    }

    long verifyOne(int id) {
        return check(records[id], new byte[PAYLOAD_BYTES]);
    }

    /** Changes one byte behind its back: verify must find it. */
    String breakOne(int id) {
        records[id].payload[id % PAYLOAD_BYTES] ^= 1;
        return "broken " + id;
    }

    /** Of a stripe, not the record itself: locking an object writes its header, and a reader shall dirty no page. */
    private Object lockOf(Record record) {
        return locks[record.id % locks.length];
    }

    private void rewrite(Record record) {
        synchronized (lockOf(record)) {
            record.version = ++versions[record.id];
            fill(record.id, record.version, record.payload);
            record.crc = crcOf(record.payload);
        }
    }

    private long check(Record record, byte[] scratch) {
        synchronized (lockOf(record)) {
            if (record.version != versions[record.id]) {
                throw new IllegalStateException("record %d: its version is %d, the table of versions says %d"
                        .formatted(record.id, record.version, versions[record.id]));
            }
            fill(record.id, record.version, scratch);
            int wrong = Arrays.mismatch(scratch, record.payload);
            if (wrong >= 0) {
                throw new IllegalStateException("record %d: byte %d is %d, version %d has %d there".formatted(
                        record.id, wrong, record.payload[wrong], record.version, scratch[wrong]));
            }
            if (record.crc != crcOf(record.payload)) {
                throw new IllegalStateException("record " + record.id + ": its CRC is not its payload's");
            }
            return signature(record.id, record.version, record.crc);
        }
    }

    private static long signature(int id, int version, int crc) {
        return mix(id * GOLDEN + version) ^ Integer.toUnsignedLong(crc);
    }

    /** SplitMix64, seeded by id and version. */
    private static void fill(int id, int version, byte[] into) {
        long state = mix(((long) id << 32) + version);
        for (int offset = 0; offset < into.length; offset += Long.BYTES) {
            state += GOLDEN;
            LONGS.set(into, offset, mix(state));
        }
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    private static int crcOf(byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload, 0, payload.length);
        return (int) crc.getValue();
    }
}
