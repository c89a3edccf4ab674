// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;

/**
 * The JMX agent that properties of a restore ask for, as they do on the command line of java:
 * jdk.internal.agent.Agent, JDK 22-25 (tested: 25).
 */
final class ManagementAgent {
    private static final String PORT = "com.sun.management.jmxremote.port";
    private static final String LOCAL = "com.sun.management.jmxremote";

    private ManagementAgent() {}

    /**
     * Does nothing when they do not ask.
     *
     * @return what went wrong; null: nothing
     */
    static Exception start(Map<String, String> properties) {
        if (properties.containsKey(PORT)) {
            return call("startRemoteManagementAgent", "");
        }
        return properties.containsKey(LOCAL) ? call("startLocalManagementAgent", null) : null;
    }

    private static Exception call(String name, String argument) {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        try {
            Class<?> agent = lookup.findClass("jdk.internal.agent.Agent");
            MethodType type = MethodType.methodType(void.class);
            MethodHandle method = lookup.findStatic(agent, name,
                    argument == null ? type : type.appendParameterTypes(String.class));
            if (argument == null) {
                method.invoke();
            } else {
                method.invoke(argument);
            }
            return null;
        } catch (Throwable e) {
            return new RuntimeException("the JMX agent that the restore asks for did not start: ".concat(e.toString()),
                    e);
        }
    }
}
