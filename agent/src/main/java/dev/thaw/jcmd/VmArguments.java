// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

/** What the JVM's arguments say about its attach listener; of contradicting ones the last counts, as in HotSpot. */
record VmArguments(boolean disablesAttach, boolean startAttachListener) {
    /** @param arguments null where the JVM got none */
    static VmArguments of(String[] arguments) {
        boolean disables = false;
        boolean starts = false;
        boolean reducesSignals = false;
        for (String argument : arguments == null ? new String[0] : arguments) {
            switch (argument) {
                case "-XX:+DisableAttachMechanism" -> disables = true;
                case "-XX:-DisableAttachMechanism" -> disables = false;
                case "-XX:+StartAttachListener" -> starts = true;
                case "-XX:-StartAttachListener" -> starts = false;
                case "-XX:+ReduceSignalUsage", "-Xrs" -> reducesSignals = true;
                case "-XX:-ReduceSignalUsage" -> reducesSignals = false;
                default -> { }
            }
        }
        return new VmArguments(disables, starts || reducesSignals);
    }
}
