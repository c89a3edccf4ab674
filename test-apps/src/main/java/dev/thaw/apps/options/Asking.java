// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.options;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.PlatformManagedObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.crac.CheckpointException;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import org.crac.RestoreException;
import org.crac.management.CRaCMXBean;

/**
 * Asks for checkpoints, registers resources and questions the CRaCMXBean in each way there is.
 *
 * <p>Commands on stdin: {@code checkpoint}, {@code register}, {@code failing} (a resource whose afterRestore throws),
 * {@code set KEY VALUE} and {@code get KEY} (system properties), {@code mxbean}, {@code beans}, {@code garbage MB},
 * {@code litter MB}, {@code now}, {@code end}.
 */
public final class Asking {
    private static final String NAME = "jdk.management:type=CRaC";

    private record Registered(boolean failing) implements Resource {
        @Override
        public void beforeCheckpoint(Context<? extends Resource> context) {}

        @Override
        public void afterRestore(Context<? extends Resource> context) {
            if (failing) {
                throw new IllegalStateException("cannot recover");
            }
        }
    }

    private static final int MEGABYTE = 1 << 20;
    private static final int BLOCKS_PER_MEGABYTE = 16;
    private static final List<Resource> KEPT = new ArrayList<>();

    private Asking() {}

    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            mxbean(); // ManagementFactory has collected its beans before the checkpoint
        }
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            obey(line.split(" "));
        }
    }

    private static void obey(String[] words) throws IOException, JMException, ReflectiveOperationException {
        switch (words[0]) {
            case "checkpoint" -> checkpoint();
            case "register" -> register(false);
            case "failing" -> register(true);
            case "set" -> System.setProperty(words[1], words[2]);
            case "get" -> System.out.println("property " + System.getProperty(words[1]));
            case "mxbean" -> mxbean();
            case "beans" -> System.out.println("beans " + ManagementFactory.getPlatformMBeanServer().getMBeanCount());
            case "garbage" -> garbage(Integer.parseInt(words[1]), true);
            case "litter" -> garbage(Integer.parseInt(words[1]), false);
            case "now" -> System.out.println("now " + System.currentTimeMillis());
            case "end" -> System.exit(0);
            default -> System.out.println("unknown command " + words[0]);
        }
    }

    /** All of it lives at once, and then none; or nothing of it ever for long. */
    private static void garbage(int megabytes, boolean atOnce) {
        List<byte[]> blocks = new ArrayList<>();
        for (int i = 0; i < megabytes * BLOCKS_PER_MEGABYTE; i++) {
            byte[] block = new byte[MEGABYTE / BLOCKS_PER_MEGABYTE];
            ThreadLocalRandom.current().nextBytes(block);
            if (atOnce) {
                blocks.add(block);
            }
        }
        System.out.println("garbage " + megabytes);
    }

    private static void register(boolean failing) {
        Resource resource = new Registered(failing);
        KEPT.add(resource);
        Core.getGlobalContext().register(resource);
        System.out.println("registered " + KEPT.size());
    }

    static void checkpoint() {
        try {
            Core.checkpointRestore();
            System.out.println("checkpointRestore returned");
        } catch (CheckpointException | RestoreException e) {
            System.out.println(e.getClass().getSimpleName() + ": " + e.getSuppressed()[0].getMessage());
        }
    }

    private static void mxbean() throws JMException, ReflectiveOperationException, IOException {
        CRaCMXBean facade = CRaCMXBean.getCRaCMXBean();
        Class<? extends PlatformManagedObject> type =
                Class.forName("jdk.crac.management.CRaCMXBean").asSubclass(PlatformManagedObject.class);
        PlatformManagedObject bean = ManagementFactory.getPlatformMXBean(type);
        Object own = type.getMethod("getCRaCMXBean").invoke(null);
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        PlatformManagedObject proxy = ManagementFactory.newPlatformMXBeanProxy(server, NAME, type);
        System.out.println("mxbean facade " + facade.getRestoreTime() + " " + facade.getUptimeSinceRestore()
                + " bean " + type.getMethod("getRestoreTime").invoke(bean)
                + " server " + server.getAttribute(ObjectName.getInstance(NAME), "RestoreTime")
                + " proxy " + type.getMethod("getRestoreTime").invoke(proxy)
                + " same " + (bean == own) + " name " + bean.getObjectName());
    }
}
