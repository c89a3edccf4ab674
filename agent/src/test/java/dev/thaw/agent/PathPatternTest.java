// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With values that show where each letter went; test-apps has the real ones. */
class PathPatternTest {
    private static final PathPattern.Values VALUES = new PathPattern.Values() {
        @Override
        public String text(char letter) {
            return "<" + letter + ">";
        }

        @Override
        public long number(char letter) {
            return letter == 'm' ? 3L << 20 : 42;
        }
    };

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/plain/path | /plain/path",
        "%%%%        | %%",
        "%a-%f-%u    | <a>-<f>-<u>",
        "%t%T        | <t>42",
        "%p/%5p/%05p | '42/   42/00042'",
        "%1p         | 42",
        "%m %10m     | 3M    3145728",
        "%02g%%      | 42%",
    })
    void fillsEachPlace(String pattern, String expanded) {
        assertEquals(expanded, PathPattern.expand(pattern, VALUES));
    }
}
