// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.resources;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An application with a file of policies, which {@code run} writes. */
abstract class PolicyFixture {
    @TempDir
    Path folder;
    PolicyRun run;

    @BeforeEach
    final void prepare() {
        run = new PolicyRun(folder);
    }

    @AfterEach
    final void end() {
        run.close();
    }
}
