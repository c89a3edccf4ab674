// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import java.util.List;

/** Where CRaC warns of what a policy lets pass: the logger {@code jdk.crac}, loaded when there is something to say. */
final class ResourceLog {
    private static final String HINT = "To suppress the warning above use 'warn: false' in the resource policy.";
    private static boolean hinted;

    private ResourceLog() {}

    /** @return whether anything was said */
    static synchronized boolean warn(List<String> doubts, List<String> warnings) {
        if (doubts.isEmpty() && warnings.isEmpty()) {
            return false;
        }
        System.Logger logger = System.getLogger("jdk.crac");
        doubts.forEach(doubt -> logger.log(System.Logger.Level.WARNING, doubt));
        for (String warning : warnings) {
            logger.log(System.Logger.Level.WARNING, warning);
            if (!hinted) {
                logger.log(System.Logger.Level.INFO, HINT);
                hinted = true;
            }
        }
        return true;
    }
}
