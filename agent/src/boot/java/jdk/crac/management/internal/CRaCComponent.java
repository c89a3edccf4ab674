// SPDX-License-Identifier: Apache-2.0
package jdk.crac.management.internal;

import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.crac.management.CRaCMXBean;
import sun.management.spi.PlatformMBeanProvider.PlatformComponent;

/** The one CRaCMXBean, as ManagementFactory wants it. */
public final class CRaCComponent implements PlatformComponent<CRaCMXBean> {
    private final CRaCMXBean bean = new CRaCImpl();

    static List<PlatformComponent<?>> list() {
        return List.of(new CRaCComponent());
    }

    @Override
    public Set<String> mbeanInterfaceNames() {
        return Set.of(CRaCMXBean.class.getName());
    }

    @Override
    public Map<String, CRaCMXBean> nameToMBeanMap() {
        return Map.of(CRaCImpl.NAME, bean);
    }

    @Override
    public String getObjectNamePattern() {
        return CRaCImpl.NAME;
    }

    @Override
    public Set<Class<? extends CRaCMXBean>> mbeanInterfaces() {
        return Set.of(CRaCMXBean.class);
    }
}
