// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Assembles the class file that implements {@link JdkInternals}, since {@code javac --release} shows no package
 * that the JDK does not export. The class is, in Java:
 *
 * {@snippet :
 * Class<?> defineOnBootLoader(byte[] b) { return Unsafe.getUnsafe().defineClass(null, b, 0, b.length, null, null); }
 * void atExit(int slot, Runnable hook) {
 *     SharedSecrets.getJavaLangAccess().registerShutdownHook(slot, true, hook);
 * }
 * SelectorProvider selectorProvider() { return DefaultSelectorProvider.get(); }
 * void provide(Class<?> implementation) {
 *     BootLoader.getServicesCatalog().addProvider(implementation.getModule(), implementation.getSuperclass(),
 *             implementation);
 * }
 * String[] vmArguments() { return VM.getRuntimeArguments(); }
 * }
 */
final class JdkInternalsAssembler {
    private static final String NAME = "dev/thaw/agent/LinkedJdkInternals";
    private static final String MISC = "jdk/internal/misc/";
    private static final String ACCESS = "jdk/internal/access/";
    private static final String CHANNELS = "sun/nio/ch/";

    /** Opcodes, JVMS chapter 6. */
    private static final int ACONST_NULL = 0x01, ICONST_0 = 0x03, ICONST_1 = 0x04, ILOAD_1 = 0x1b, ALOAD_0 = 0x2a,
            ALOAD_1 = 0x2b, ALOAD_2 = 0x2c, ARETURN = 0xb0, RETURN = 0xb1, INVOKEVIRTUAL = 0xb6, INVOKESPECIAL = 0xb7,
            INVOKESTATIC = 0xb8, INVOKEINTERFACE = 0xb9, ARRAYLENGTH = 0xbe;

    /** Constant pool tags, JVMS 4.4. */
    private static final int UTF8 = 1, CLASS = 7, METHOD = 10, INTERFACE_METHOD = 11, NAME_AND_TYPE = 12;

    private static final int PUBLIC = 0x0001, SUPER = 0x0020;
    private static final int CLASS_FILE_VERSION = 66; // JDK 22, the oldest we support

    private final Bytes constants = new Bytes();
    private final Bytes methods = new Bytes();
    private final Map<String, Integer> texts = new HashMap<>();
    private final Map<String, Integer> classes = new HashMap<>();
    private int constantCount = 1; // index 0 is not used
    private int methodCount;

    private JdkInternalsAssembler() {}

    static byte[] assemble() {
        return new JdkInternalsAssembler().classFile();
    }

    private byte[] classFile() {
        int self = classConstant(NAME);
        int parent = classConstant("java/lang/Object");
        int implemented = classConstant("dev/thaw/agent/JdkInternals");
        constructor();
        defineOnBootLoader();
        atExit();
        selectorProvider();
        provide();
        vmArguments();

        Bytes out = new Bytes();
        out.int4(0xCAFEBABE);
        out.int2(0);
        out.int2(CLASS_FILE_VERSION);
        out.int2(constantCount);
        out.all(constants);
        out.int2(PUBLIC | SUPER);
        out.int2(self);
        out.int2(parent);
        out.int2(1);
        out.int2(implemented);
        out.int2(0); // fields
        out.int2(methodCount);
        out.all(methods);
        out.int2(0); // attributes
        return out.toByteArray();
    }

    private void constructor() {
        int init = methodConstant(METHOD, "java/lang/Object", "<init>", "()V");
        method("<init>", "()V", 1, 1, ALOAD_0, INVOKESPECIAL, init >> 8, init, RETURN);
    }

    private void defineOnBootLoader() {
        int unsafe = methodConstant(METHOD, MISC + "Unsafe", "getUnsafe", "()L" + MISC + "Unsafe;");
        int define = methodConstant(METHOD, MISC + "Unsafe", "defineClass", "(Ljava/lang/String;[BII"
                + "Ljava/lang/ClassLoader;Ljava/security/ProtectionDomain;)Ljava/lang/Class;");
        method("defineOnBootLoader", "([B)Ljava/lang/Class;", 7, 2, INVOKESTATIC, unsafe >> 8, unsafe,
                ACONST_NULL, ALOAD_1, ICONST_0, ALOAD_1, ARRAYLENGTH, ACONST_NULL, ACONST_NULL,
                INVOKEVIRTUAL, define >> 8, define, ARETURN);
    }

    private void atExit() {
        int access = methodConstant(METHOD, ACCESS + "SharedSecrets", "getJavaLangAccess",
                "()L" + ACCESS + "JavaLangAccess;");
        int register = methodConstant(INTERFACE_METHOD, ACCESS + "JavaLangAccess", "registerShutdownHook",
                "(IZLjava/lang/Runnable;)V");
        int operandSlots = 4;
        method("atExit", "(ILjava/lang/Runnable;)V", 4, 3, INVOKESTATIC, access >> 8, access,
                ILOAD_1, ICONST_1, ALOAD_2, INVOKEINTERFACE, register >> 8, register, operandSlots, 0, RETURN);
    }

    private void selectorProvider() {
        int provider = methodConstant(METHOD, CHANNELS + "DefaultSelectorProvider", "get",
                "()L" + CHANNELS + "SelectorProviderImpl;");
        method("selectorProvider", "()Ljava/nio/channels/spi/SelectorProvider;", 1, 1,
                INVOKESTATIC, provider >> 8, provider, ARETURN);
    }

    private void provide() {
        int catalog = methodConstant(METHOD, "jdk/internal/loader/BootLoader", "getServicesCatalog",
                "()Ljdk/internal/module/ServicesCatalog;");
        int module = methodConstant(METHOD, "java/lang/Class", "getModule", "()Ljava/lang/Module;");
        int superclass = methodConstant(METHOD, "java/lang/Class", "getSuperclass", "()Ljava/lang/Class;");
        int add = methodConstant(METHOD, "jdk/internal/module/ServicesCatalog", "addProvider",
                "(Ljava/lang/Module;Ljava/lang/Class;Ljava/lang/Class;)V");
        method("provide", "(Ljava/lang/Class;)V", 4, 2, INVOKESTATIC, catalog >> 8, catalog,
                ALOAD_1, INVOKEVIRTUAL, module >> 8, module, ALOAD_1, INVOKEVIRTUAL, superclass >> 8, superclass,
                ALOAD_1, INVOKEVIRTUAL, add >> 8, add, RETURN);
    }

    private void vmArguments() {
        int arguments = methodConstant(METHOD, MISC + "VM", "getRuntimeArguments", "()[Ljava/lang/String;");
        method("vmArguments", "()[Ljava/lang/String;", 1, 1, INVOKESTATIC, arguments >> 8, arguments, ARETURN);
    }

    /** Of each number of the code only the low byte counts. */
    private void method(String name, String type, int maxStack, int maxLocals, int... code) {
        methods.int2(PUBLIC);
        methods.int2(utf8(name));
        methods.int2(utf8(type));
        methods.int2(1); // attributes
        methods.int2(utf8("Code"));
        methods.int4(12 + code.length);
        methods.int2(maxStack);
        methods.int2(maxLocals);
        methods.int4(code.length);
        for (int each : code) {
            methods.write(each);
        }
        methods.int2(0); // exception table
        methods.int2(0); // attributes
        methodCount++;
    }

    private int utf8(String text) {
        Integer known = texts.get(text);
        if (known != null) {
            return known;
        }
        constants.write(UTF8);
        constants.int2(text.length());
        constants.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        texts.put(text, constantCount);
        return constantCount++;
    }

    private int classConstant(String name) {
        Integer known = classes.get(name);
        if (known != null) {
            return known;
        }
        int nameIndex = utf8(name);
        constants.write(CLASS);
        constants.int2(nameIndex);
        classes.put(name, constantCount);
        return constantCount++;
    }

    private int methodConstant(int tag, String owner, String name, String type) {
        int ownerIndex = classConstant(owner);
        int nameIndex = utf8(name);
        int typeIndex = utf8(type);
        constants.write(NAME_AND_TYPE);
        constants.int2(nameIndex);
        constants.int2(typeIndex);
        int nameAndType = constantCount++;
        constants.write(tag);
        constants.int2(ownerIndex);
        constants.int2(nameAndType);
        return constantCount++;
    }

    /** Big-endian. */
    private static final class Bytes extends ByteArrayOutputStream {
        Bytes() {
            super(1024);
        }

        void int2(int value) {
            write(value >> 8);
            write(value);
        }

        void int4(int value) {
            int2(value >> 16);
            int2(value);
        }

        void all(Bytes other) {
            write(other.buf, 0, other.count);
        }
    }
}
