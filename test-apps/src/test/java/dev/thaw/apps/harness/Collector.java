// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.harness;

/** The supported collectors and the flags that choose them. */
public enum Collector {
    SERIAL("-XX:+UseSerialGC"),
    PARALLEL("-XX:+UseParallelGC"),
    G1("-XX:+UseG1GC");

    private final String flag;

    Collector(String flag) {
        this.flag = flag;
    }

    public String flag() {
        return flag;
    }
}
