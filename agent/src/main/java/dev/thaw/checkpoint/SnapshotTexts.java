// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import dev.thaw.agent.AgentOptions;
import dev.thaw.metadata.Labels;
import dev.thaw.metadata.Score;
import java.util.Map;

/** The files of a snapshot that are there to be read: labels and metrics, the user's and the JVM's. */
record SnapshotTexts(History history, Map<String, String> labels, Map<String, Double> metrics) {
    /** CRaC's JDKs know this one. */
    private static final String CRAC_LABELS = "jdk.crac.labels";

    /**
     * @throws IllegalArgumentException whose message is one sentence
     */
    static SnapshotTexts of(History history, AgentOptions options) {
        String labels = System.getProperty("thaw.labels", System.getProperty(CRAC_LABELS));
        return new SnapshotTexts(history, Labels.parse(both(labels, options.labels()), System::getenv),
                Score.parse(both(System.getProperty("thaw.metrics"), options.metrics())));
    }

    private static String both(String first, String second) {
        return first == null || second == null ? (first == null ? second : first) : first + "\n" + second;
    }

    String tags(Engine engine) {
        return Labels.text(labels, engine.cpuFeatures());
    }

    /** As of now. */
    String score(int resources) {
        return Score.text(history.startMillis(), history.millisSinceRestore(), resources, metrics);
    }
}
