// SPDX-License-Identifier: Apache-2.0
package jdk.crac.management.internal;

import java.util.List;
import jdk.crac.impl.CheckpointEngine;
import sun.management.spi.PlatformMBeanProvider;

/** Brings the CRaCMXBean to java.lang.management.ManagementFactory. Defined at start, so it does nothing itself. */
public final class CRaCProvider extends PlatformMBeanProvider {
    @Override
    public List<PlatformComponent<?>> getPlatformComponentList() {
        CheckpointEngine.Installed.engine().defineManagement();
        return CRaCComponent.list();
    }
}
