// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.agent.AgentOptions.Collection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentOptionsTest {
    private final Properties properties = new Properties();

    @Test
    void hasDefaults() {
        for (String none : new String[] {null, ""}) {
            AgentOptions options = AgentOptions.parse(none, properties);
            assertEquals(new AgentOptions(null, null, false, false, true, true, Collection.AUTO,
                    Duration.ofSeconds(10), null, null),
                    options);
        }
    }

    @Test
    void readsEveryKey() {
        assertEquals(
                new AgentOptions(Path.of("/a b/c"), null, true, true, false, false, Collection.NEVER,
                        Duration.ofMillis(1500), "a=b", "@file"),
                AgentOptions.parse("to=/a b/./c,keep_running=true,full=true,lazy=off,prefetch=off,gc=false,"
                        + "quiesce_timeout=1.5,labels=a=b,metrics=@file", properties));
        assertEquals(Collection.ALWAYS, AgentOptions.parse("gc=true", properties).gc());
    }

    @Test
    void theAgentsArgumentsWinOverProperties() {
        properties.setProperty("thaw.to", "/from/property");
        properties.setProperty("thaw.lazy", "off");
        AgentOptions options = AgentOptions.parse("to=/from/argument", properties);
        assertEquals(Path.of("/from/argument"), options.to());
        assertFalse(options.lazy());
    }

    @Test
    void leavesPropertiesAloneThatOnlyLookLikeOurs() {
        properties.setProperty("thaw.exe", "/bin/thaw");
        assertNull(AgentOptions.parse("", properties).to());
    }

    @Test
    void makesTheFolderAbsoluteAtOnce() {
        assertEquals(Path.of("").toAbsolutePath().resolve("snapshots"),
                AgentOptions.parse("to=x/../snapshots", properties).to());
    }

    @Test
    void aFlagAloneMeansTrue() {
        assertTrue(AgentOptions.parse("keep_running", properties).keepRunning());
        assertTrue(AgentOptions.parse("", properties).withRequested("full").full());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "colour=blue         | unknown option colour: there are to, keep_running, full, gc, quiesce_timeout, labels, metrics, lazy, prefetch",
        "lazy=maybe          | lazy=maybe is not understood: lazy is on or off",
        "keep_running=on     | keep_running=on is not understood: keep_running is true or false",
        "gc=never            | gc=never is not understood: gc is auto, true, false or young",
        "to=                 | to= is empty: it takes the folder of the snapshots",
        "quiesce_timeout=0   | quiesce_timeout=0 is not understood: quiesce_timeout is a number of seconds above 0, at most 3600",
        "quiesce_timeout=NaN | quiesce_timeout=NaN is not understood: quiesce_timeout is a number of seconds above 0, at most 3600",
        "lazy=on,,prefetch=on| unknown option : there are to, keep_running, full, gc, quiesce_timeout, labels, metrics, lazy, prefetch",
    })
    void namesTheKeyAndWhatItAllows(String arguments, String message) {
        assertEquals(message,
                assertThrows(IllegalArgumentException.class, () -> AgentOptions.parse(arguments, properties)).getMessage());
    }

    @Test
    void aPropertyIsCheckedToo() {
        properties.setProperty("thaw.gc", "no");
        assertThrows(IllegalArgumentException.class, () -> AgentOptions.parse("", properties));
    }

    @Test
    void aRequestOverridesWhatHoldsForOneCheckpoint() {
        AgentOptions options = AgentOptions.parse("to=/a,gc=false", properties)
                .withRequested("to=/b").withRequested("keep_running=true").withRequested("gc=auto");
        assertEquals(Path.of("/b"), options.to());
        assertTrue(options.keepRunning());
        assertEquals(Collection.AUTO, options.gc());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "lazy=off     | lazy can only be set when the JVM starts",
        "colour=blue  | unknown option colour: there are to, keep_running, full, gc, quiesce_timeout, labels, metrics",
    })
    void aRequestCannotChangeTheRest(String assignment, String message) {
        AgentOptions options = AgentOptions.parse("", properties);
        assertEquals(message,
                assertThrows(IllegalArgumentException.class, () -> options.withRequested(assignment)).getMessage());
    }

    /** The last of a name counts, so what was there before stands in front. */
    @Test
    void aRequestAddsItsLabelsAndMetrics() {
        AgentOptions options = AgentOptions.parse("labels=a=b", properties)
                .withRequested("labels=c=d,e").withRequested("metrics=x=1");
        assertEquals("a=b\nc=d,e", options.labels());
        assertEquals("x=1", options.metrics());
    }

    /** They are read at each checkpoint, so that the application can set them. */
    @Test
    void labelsAndMetricsAreNotTakenFromPropertiesAtTheStart() {
        properties.setProperty("thaw.labels", "a=b");
        properties.setProperty("thaw.metrics", "nonsense");
        assertEquals(AgentOptions.parse("", new Properties()), AgentOptions.parse("", properties));
    }

    @Test
    void keepsAPatternForEachCheckpoint() {
        AgentOptions options = AgentOptions.parse("to=/a/%g", properties);
        assertEquals("/a/%g", options.pattern());
        assertEquals(Path.of("/a/7"), options.withFolder("/a/7").to());
        assertNull(options.withRequested("to=/b").pattern());
    }

    @Test
    void aRestoreChangesItsPropertiesAndNothingElse() {
        AgentOptions options = AgentOptions.parse("to=/a,keep_running=true", properties);
        AgentOptions restored = options.withRestored(Map.of("thaw.to", "/b", "other", "x", "thaw.gc", "wrong"));
        assertEquals(Path.of("/b"), restored.to());
        assertTrue(restored.keepRunning());
        assertEquals(Collection.AUTO, restored.gc());
    }
}
