// SPDX-License-Identifier: Apache-2.0
package sun.management.spi;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The shape of the JDK's own class (java.management, JDK 9 to 25), which {@code javac --release} does not show. It is
 * compiled against, and never packaged.
 */
public abstract class PlatformMBeanProvider {
    public interface PlatformComponent<T> {
        Set<String> mbeanInterfaceNames();

        Map<String, T> nameToMBeanMap();

        String getObjectNamePattern();

        Set<Class<? extends T>> mbeanInterfaces();
    }

    public abstract List<PlatformComponent<?>> getPlatformComponentList();
}
