// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.nio.file.Path;
import java.util.Objects;

/**
 * What the agent's options say about the engine.
 *
 * @param lazy     false: a restore fills everything before the threads run
 * @param prefetch false: a restore loads nothing ahead of use
 * @param agentJar thaw.jar, recorded in each snapshot so that the tools can be started from it
 */
public record CoreOptions(boolean lazy, boolean prefetch, Path agentJar) {
    public CoreOptions {
        Objects.requireNonNull(agentJar, "agentJar");
    }
}
