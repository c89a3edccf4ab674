// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import static dev.thaw.patches.PatchedApp.expect;

import dev.thaw.core.JdkAccess;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** A copy of a generator stands for the one in a clone: after the restore the two must part. */
final class RandomChecks {
    private static final byte POISON = 0x55;

    private RandomChecks() {}

    static void run() throws Exception {
        SecureRandom old = seeded("SHA1PRNG");
        SecureRandom nativeRandom = new SecureRandom();
        nativeRandom.nextBytes(new byte[8]);
        SecureRandom drbg = seeded("DRBG");
        Math.random();
        PatchedApp.install();
        SecureRandom young = seeded("SHA1PRNG");
        SecureRandom reproducible = reproducible();
        expect(true, areAlike(old, copy(old)));
        expect(true, areAlike(young, copy(young)));
        nativeRandom.nextBytes(new byte[8]);
        long seeder = atomic(ThreadLocalRandom.class, "seeder").get();
        long uniquifier = atomic(Random.class, "seedUniquifier").get();
        SecureRandom[] clones = {copy(old), copy(young), copy(reproducible)};
        int reseedCounter = reseedCounter(drbg);

        PatchedApp.restore(1);

        expect(false, areAlike(old, clones[0]));
        expect(false, areAlike(young, clones[1]));
        expect(true, areAlike(reproducible, reproducible()));
        poisonNativeBuffer();
        nativeRandom.nextBytes(new byte[8]);
        expect(false, isPoisoned());
        JdkPatches.afterRestore(1, 1);
        expect(false, seeder == atomic(ThreadLocalRandom.class, "seeder").get());
        expect(false, uniquifier == atomic(Random.class, "seedUniquifier").get());
        drbg.nextBytes(new byte[8]);
        expect(true, reseedCounter(drbg) < reseedCounter);
        checkReseededOnce(drbg);
        checkSharedGenerators();
    }

    /** An application that uses no random numbers opens no device for the patches. */
    static void runUntouched() throws Exception {
        PatchedApp.install();
        JdkPatches.afterRestore(1, 1);
        expect(false, isInitialized("sun.security.provider.NativePRNG"));
        expect(false, isInitialized("sun.security.provider.NativePRNG$Blocking"));
        expect(false, isInitialized("java.lang.Math$RandomNumberGeneratorHolder"));
    }

    /** At the first use after a restore, and not again until the next. */
    private static void checkReseededOnce(SecureRandom drbg) throws Exception {
        int counter = reseedCounter(drbg);
        drbg.nextBytes(new byte[8]);
        expect(counter + 1, reseedCounter(drbg));
    }

    private static void checkSharedGenerators() throws Exception {
        Random[] shared = {
            (Random) staticField(Class.forName("java.lang.Math$RandomNumberGeneratorHolder"), "randomNumberGenerator",
                    Random.class),
            (Random) staticField(Collections.class, "r", Random.class)};
        for (Random random : shared) {
            if (random != null) {
                random.setSeed(42);
                JdkPatches.afterRestore(1, 1);
                expect(false, random.nextLong() == new Random(42).nextLong());
            }
        }
        expect(false, shared[0] == null);
    }

    private static SecureRandom seeded(String algorithm) throws Exception {
        SecureRandom random = SecureRandom.getInstance(algorithm);
        for (int i = 0; i < 5; i++) {
            random.nextBytes(new byte[8]);
        }
        return random;
    }

    private static SecureRandom reproducible() throws Exception {
        SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
        random.setSeed(42);
        return random;
    }

    private static SecureRandom copy(SecureRandom random) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(random);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (SecureRandom) in.readObject();
        }
    }

    /** Takes numbers from both. */
    private static boolean areAlike(SecureRandom one, SecureRandom other) {
        byte[] first = new byte[16];
        byte[] second = new byte[16];
        one.nextBytes(first);
        other.nextBytes(second);
        return Arrays.equals(first, second);
    }

    /** Bytes read before the checkpoint, not yet too old to be used. */
    private static void poisonNativeBuffer() throws Exception {
        byte[] buffer = (byte[]) ofNative("nextBuffer", byte[].class).get(nativeIo());
        Arrays.fill(buffer, POISON);
        ofNative("buffered", int.class).set(nativeIo(), buffer.length);
        ofNative("lastRead", long.class).set(nativeIo(), System.currentTimeMillis() + 60_000);
    }

    private static boolean isPoisoned() throws Exception {
        byte[] buffer = (byte[]) ofNative("nextBuffer", byte[].class).get(nativeIo());
        return buffer[buffer.length - 1] == POISON && buffer[buffer.length - 2] == POISON;
    }

    private static Object nativeIo() throws Exception {
        return staticField(Class.forName("sun.security.provider.NativePRNG"), "INSTANCE",
                Class.forName("sun.security.provider.NativePRNG$RandomIO"));
    }

    private static VarHandle ofNative(String field, Class<?> type) throws Exception {
        Class<?> io = Class.forName("sun.security.provider.NativePRNG$RandomIO");
        return JdkAccess.lookup().findVarHandle(io, field, type);
    }

    private static int reseedCounter(SecureRandom random) throws Exception {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        Object drbg = lookup.findVarHandle(SecureRandom.class, "secureRandomSpi", java.security.SecureRandomSpi.class)
                .get(random);
        Class<?> type = Class.forName("sun.security.provider.DRBG");
        Class<?> base = Class.forName("sun.security.provider.AbstractDrbg");
        Object implementation = lookup.findVarHandle(type, "impl", base).get(drbg);
        return (int) lookup.findVarHandle(base, "reseedCounter", int.class).get(implementation);
    }

    private static AtomicLong atomic(Class<?> type, String field) throws Exception {
        return (AtomicLong) staticField(type, field, AtomicLong.class);
    }

    private static Object staticField(Class<?> type, String field, Class<?> fieldType) throws Exception {
        return JdkAccess.lookup().findStaticVarHandle(type, field, fieldType).get();
    }

    private static boolean isInitialized(String type) throws Exception {
        return new Initialized().is(Class.forName(type, false, null));
    }
}
