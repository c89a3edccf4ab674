// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Base64;
import org.junit.jupiter.api.Test;

/** That it works is AttachEndpointTest's subject. */
class JdkInternalsLoaderTest {
    @Test
    void carriesWhatTheAssemblerMakes() {
        assertEquals(Base64.getEncoder().encodeToString(JdkInternalsAssembler.assemble()),
                JdkInternalsLoader.CLASS_FILE);
    }
}
