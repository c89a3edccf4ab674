// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.RunningProcess;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two clones never draw the same number, unless the application gave the seed. */
class DiceTest {
    private static final Pattern ROLL = Pattern.compile("([^ =]+)=([^ ]+)");
    private static final Set<String> OWN_SEEDS = Set.of("own-Random", "own-SplittableRandom", "own-SHA1PRNG");

    @Test
    void noGeneratorDrawsTheSameInTwoClones() {
        assertEquals(new TreeSet<>(OWN_SEEDS), alike(null));
    }

    @ParameterizedTest
    @CsvSource({
        "ThreadLocalRandom, platform-thread", "ThreadLocalRandom, virtual-thread", "RandomSupport, new-L64X128MixRandom",
        "RandomSupport, new-Xoshiro256PlusPlus", "SplittableRandom, new-SplittableRandom", "Math, Math",
        "AbstractDrbg, DRBG", "AbstractDrbg, new-DRBG", "SecureRandom, SHA1PRNG",
    })
    void withoutThePatchTheyAreAlike(String patch, String generator) {
        assertTrue(alike(patch).contains(generator), patch);
    }

    /** The generators that draw the same. */
    private static Set<String> alike(String patch) {
        try (Clones clones = new Clones(patch, "Dice")) {
            clones.original().awaitLine("ready");
            clones.checkpoint();
            try (RunningProcess one = clones.restore(); RunningProcess other = clones.restore()) {
                Map<String, String> first = roll(one);
                Map<String, String> second = roll(other);
                assertEquals(first.keySet(), second.keySet());
                assertNotEquals(0, first.size());
                Set<String> alike = new TreeSet<>(first.keySet());
                alike.removeIf(name -> !first.get(name).equals(second.get(name)));
                return alike;
            }
        }
    }

    private static Map<String, String> roll(RunningProcess clone) {
        Matcher all = ROLL.matcher(Clones.ask(clone, "roll", "rolled .*").group());
        Map<String, String> values = new LinkedHashMap<>();
        while (all.find()) {
            values.put(all.group(1), all.group(2));
        }
        return values;
    }
}
