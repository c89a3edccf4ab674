// SPDX-License-Identifier: Apache-2.0
package jdk.crac.management.internal;

import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import jdk.crac.CheckpointException;
import jdk.crac.Core;
import jdk.crac.RestoreException;
import jdk.crac.impl.CheckpointEngine;
import jdk.crac.management.CRaCMXBean;

/** Asks the agent. */
public final class CRaCImpl implements CRaCMXBean {
    static final String NAME = "jdk.management:type=CRaC";

    @Override
    public long getUptimeSinceRestore() {
        return CheckpointEngine.Installed.engine().millisSinceRestore();
    }

    @Override
    public long getRestoreTime() {
        return CheckpointEngine.Installed.engine().restoreMillis();
    }

    @Override
    public void checkpointRestore() throws CheckpointException, RestoreException {
        Core.checkpointRestore();
    }

    @Override
    public ObjectName getObjectName() {
        try {
            return ObjectName.getInstance(NAME);
        } catch (MalformedObjectNameException e) {
            throw new IllegalStateException(e);
        }
    }
}
