// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.BootClasses;
import dev.thaw.core.JdkAccess;
import dev.thaw.patches.boot.OpenTrace;
import dev.thaw.patches.boot.OpenTraces;
import java.io.FileDescriptor;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.lang.invoke.VarHandle;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassWriter;

/** {@code -Djdk.crac.collect-fd-stacktraces=true}: where each descriptor was opened. Without it nothing is installed. */
public final class OpenTracing implements ClassFileTransformer {
    public static final String PROPERTY = "jdk.crac.collect-fd-stacktraces";
    private static final String[] BOOT_CLASSES = {
        "dev.thaw.patches.boot.OpenTrace",
        "dev.thaw.patches.boot.OpenTraces",
    };
    private static final List<OpenTracePatch> ALL = List.of(
            new OpenTracePatch("FileDescriptor", "java/io/FileDescriptor", null),
            new OpenTracePatch("EPollSelectorImpl", "sun/nio/ch/EPollSelectorImpl", "epfd"),
            new OpenTracePatch("EPollPoller", "sun/nio/ch/EPollPoller", "epfd"),
            new OpenTracePatch("EPollPort", "sun/nio/ch/EPollPort", "epfd"),
            new OpenTracePatch("EventFD", "sun/nio/ch/EventFD", "efd"),
            new OpenTracePatch("LinuxWatchService", "sun/nio/fs/LinuxWatchService$Poller", "ifd"),
            new OpenTracePatch("NettyFileDescriptor", "io/netty/channel/unix/FileDescriptor", "fd"));
    /** Set once; static because there is one JDK in a process. */
    private static volatile VarHandle numberOf;

    private final Instrumentation instrumentation;
    private final List<OpenTracePatch> patches;
    private final Module boot;

    private OpenTracing(Instrumentation instrumentation, List<OpenTracePatch> patches, Module boot) {
        this.instrumentation = instrumentation;
        this.patches = patches;
        this.boot = boot;
    }

    /**
     * Before the application runs: classes that are loaded later are changed when they are.
     *
     * @throws IllegalStateException naming the patch that did not take
     */
    public static synchronized void install(Instrumentation instrumentation) {
        if (numberOf != null) {
            return;
        }
        JdkAccess.openTo(instrumentation, OpenTracing.class);
        try {
            BootClasses.define(BOOT_CLASSES);
            Module boot = Class.forName(BOOT_CLASSES[0], false, null).getModule();
            List<OpenTracePatch> patches = ALL.stream().filter(patch -> isOn(patch.name())).toList();
            OpenTracing tracing = new OpenTracing(instrumentation, patches, boot);
            instrumentation.addTransformer(tracing, true);
            tracing.retransformLoaded();
            numberOf = JdkAccess.lookup().findVarHandle(FileDescriptor.class, "fd", int.class);
        } catch (ReflectiveOperationException | UnmodifiableClassException | LinkageError e) {
            throw new IllegalStateException("the patches for " + PROPERTY + " did not take: " + e, e);
        }
        if (isOn("FileDescriptor")) {
            probe();
        }
    }

    private static boolean isOn(String patch) {
        return !"off".equals(System.getProperty("thaw.patch.".concat(patch)));
    }

    private void retransformLoaded() throws UnmodifiableClassException {
        List<Class<?>> loaded = new ArrayList<>();
        for (Class<?> type : instrumentation.getAllLoadedClasses()) {
            if (patchFor(type.getName().replace('.', '/')) != null) {
                loaded.add(type);
            }
        }
        instrumentation.retransformClasses(loaded.toArray(new Class<?>[0]));
    }

    private static void probe() {
        FileDescriptor made = new FileDescriptor();
        for (OpenTrace trace : OpenTraces.all()) {
            if (trace.refersTo(made)) {
                return;
            }
        }
        throw new IllegalStateException("the patch of FileDescriptor did not take: "
                + "switch it off with -Dthaw.patch.FileDescriptor=off");
    }

    private OpenTracePatch patchFor(String type) {
        for (OpenTracePatch patch : patches) {
            if (patch.isFor(type)) {
                return patch;
            }
        }
        return null;
    }

    @Override
    public byte[] transform(Module module, ClassLoader loader, String name, Class<?> type, ProtectionDomain domain,
            byte[] file) {
        OpenTracePatch patch = name == null ? null : patchFor(name);
        if (patch == null) {
            return null;
        }
        try {
            ClassReader reader = new ClassReader(file);
            ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
            reader.accept(patch.change(writer, name), 0);
            instrumentation.redefineModule(module, Set.of(boot), Map.of(), Map.of(), Set.of(),
                    Map.of());
            return writer.toByteArray();
        } catch (RuntimeException | LinkageError e) {
            System.err.println("thaw: the patch of " + patch.name() + " did not take: " + e); // the JVM would swallow it
            return null;
        }
    }

    /** Whether it was installed. */
    public static boolean isInstalled() {
        return numberOf != null;
    }

    /**
     * Where the descriptor was opened, in the words of CRaC; null: before the agent, by native code, or nobody was
     * asked to note it. Of objects with the same number the youngest counts, the others having closed it.
     */
    public static Exception placeOf(int fd) {
        VarHandle number = numberOf;
        Exception place = null;
        for (OpenTrace trace : number == null ? List.<OpenTrace>of() : OpenTraces.all()) {
            Object holder = trace.get();
            if (holder != null && (trace.fd != OpenTrace.IN_OBJECT ? trace.fd : (int) number.get(holder)) == fd) {
                place = trace.place;
            }
        }
        if (place != null) {
            place.setStackTrace(withoutOurs(place.getStackTrace()));
        }
        return place;
    }

    private static StackTraceElement[] withoutOurs(StackTraceElement[] stack) {
        int first = 0;
        while (first < stack.length && stack[first].getClassName().equals(OpenTraces.class.getName())) {
            first++;
        }
        return Arrays.copyOfRange(stack, first, stack.length);
    }
}
