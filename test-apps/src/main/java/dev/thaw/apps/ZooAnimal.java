// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

/** Loaded over and over by class loaders of its own: see ZooKinds. */
public final class ZooAnimal {
    public ZooAnimal() {}

    public String noise() {
        return "moo";
    }
}
