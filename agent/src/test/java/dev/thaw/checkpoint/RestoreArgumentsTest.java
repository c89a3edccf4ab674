// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RestoreArgumentsTest {
    @Test
    void readsPropertiesAndTheMainClass() {
        RestoreArguments arguments = RestoreArguments.parse(
                List.of("-Da=b=c", "-Dflag", "--eager", "-Dempty=", "--", "Main", "-Dnot=mine", "--"));
        assertEquals(Map.of("a", "b=c", "flag", "", "empty", ""), arguments.properties());
        assertEquals(List.of("Main", "-Dnot=mine", "--"), arguments.main());
    }

    @Test
    void areMostlyNone() {
        assertEquals(RestoreArguments.NONE, RestoreArguments.parse(List.of()));
        assertEquals(List.of(), RestoreArguments.parse(List.of("--")).main());
    }
}
