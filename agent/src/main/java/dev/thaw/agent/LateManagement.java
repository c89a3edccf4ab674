// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.util.Map;
import java.util.Set;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import jdk.crac.management.CRaCMXBean;
import jdk.crac.management.internal.CRaCComponent;

/** Adds the CRaCMXBean to a ManagementFactory that has collected its beans already (JDK 22 to 25). */
final class LateManagement {
    private LateManagement() {}

    static void add(BootApi.Definer api, String[] classes, Module management, Instrumentation instrumentation)
            throws IOException {
        Map<String, Set<Module>> opens =
                Map.of("java.lang.management", Set.of(LateManagement.class.getModule()));
        instrumentation.redefineModule(management, Set.of(), Map.of(), opens, Set.of(), Map.of());
        for (String name : classes) {
            api.define(name);
        }
        CRaCComponent component = new CRaCComponent();
        try {
            Class<?> finder = Class.forName("java.lang.management.ManagementFactory$PlatformMBeanFinder");
            @SuppressWarnings("unchecked")
            Map<String, Object> components = (Map<String, Object>) field(finder, "componentMap");
            components.put(component.getObjectNamePattern(), component);
            MBeanServer server = (MBeanServer) field(ManagementFactory.class, "platformMBeanServer");
            if (server != null) {
                CRaCMXBean bean = component.nameToMBeanMap().get(component.getObjectNamePattern());
                server.registerMBean(new StandardMBean(bean, CRaCMXBean.class, true),
                        ObjectName.getInstance(component.getObjectNamePattern()));
            }
        } catch (ReflectiveOperationException | JMException e) {
            throw new IOException("the CRaCMXBean cannot be registered: " + e, e);
        }
    }

    private static Object field(Class<?> type, String name) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(null);
    }
}
