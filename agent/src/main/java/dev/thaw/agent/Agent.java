// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import java.io.File;
import java.lang.instrument.Instrumentation;

/** What the agent was given and found at start. */
public record Agent(AgentOptions options, Instrumentation instrumentation, JdkInternals internals, File jar) {}
