// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.scenario;

/** Something under way while a checkpoint is made. */
interface Scenario {
    void arm() throws Exception;

    /** Ends it, in this process or in a restored one, and may be armed again then. */
    void check() throws Exception;
}
