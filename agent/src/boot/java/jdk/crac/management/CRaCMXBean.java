// SPDX-License-Identifier: Apache-2.0
package jdk.crac.management;

import java.lang.management.ManagementFactory;
import java.lang.management.PlatformManagedObject;
import jdk.crac.CheckpointException;
import jdk.crac.RestoreException;

/** A platform MXBean, {@code jdk.management:type=CRaC}. */
public interface CRaCMXBean extends PlatformManagedObject {
    /** Milliseconds since the restore of this process began; -1: it was not restored. */
    long getUptimeSinceRestore();

    /** When the restore of this process began, in milliseconds of the epoch; -1: it was not restored. */
    long getRestoreTime();

    static CRaCMXBean getCRaCMXBean() {
        return ManagementFactory.getPlatformMXBean(CRaCMXBean.class);
    }

    /** As {@link jdk.crac.Core#checkpointRestore()}. */
    void checkpointRestore() throws CheckpointException, RestoreException;
}
