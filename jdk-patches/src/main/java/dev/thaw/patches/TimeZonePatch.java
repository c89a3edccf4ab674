// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.TimeZone;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;

/**
 * java.util.TimeZone's default, JDK 22-25 (tested: 25). Without it the zone stays that of the TZ or /etc/localtime of the
 * process that was checkpointed: TimeZone keeps what it found, in the property user.timezone too. A zone that the
 * application or -Duser.timezone set stays; that it is the system's one by chance cannot be seen.
 */
final class TimeZonePatch implements InstallablePatch {
    private static final String PROPERTY = "user.timezone";
    private static final String ARGUMENT = "-Duser.timezone=";

    private final Launch launch;
    private final Initialized initialized = new Initialized();
    private VarHandle defaultZone;
    private MethodHandle systemZone;
    private boolean isOfSystem;

    TimeZonePatch(Launch launch) {
        this.launch = launch;
    }

    @Override
    public String name() {
        return "TimeZone";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        defaultZone = lookup.findStaticVarHandle(TimeZone.class, "defaultTimeZone", TimeZone.class);
        systemZone = lookup.findStatic(TimeZone.class, "getSystemTimeZoneID",
                MethodType.methodType(String.class, String.class));
        return Map.of();
    }

    @Override
    public void probe() {
        beforeCheckpoint();
        isGiven();
    }

    @Override
    public void beforeCheckpoint() {
        String property = System.getProperty(PROPERTY);
        TimeZone zone = initialized.is(TimeZone.class) ? (TimeZone) defaultZone.getVolatile() : null;
        isOfSystem = zone != null && zone.getID().equals(property) && property.equals(systemZone());
    }

    private String systemZone() {
        try {
            return (String) systemZone.invokeExact(System.getProperty("java.home"));
        } catch (Throwable e) {
            throw new AssertionError("getSystemTimeZoneID throws nothing", e);
        }
    }

    /** The next who asks for the default finds it as in a JVM that has just started. */
    @Override
    public void afterRestore(long oldPid, long newPid) {
        boolean isGiven = isGiven();
        if (isOfSystem && !isGiven) {
            System.clearProperty(PROPERTY);
        }
        if ((isOfSystem || isGiven) && initialized.is(TimeZone.class)) {
            TimeZone.setDefault(null);
        }
    }

    /** The property is set by then. */
    private boolean isGiven() {
        for (String argument : launch.arguments()) {
            if (argument.equals("--")) {
                return false;
            }
            if (argument.startsWith(ARGUMENT)) {
                return true;
            }
        }
        return false;
    }
}
