// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

/** {@code Patched CLASS}: a class that one module was patched with. Command {@code use} tells its toString and its module. */
public final class Patched {
    private Patched() {}

    public static void main(String[] args) throws Exception {
        Commands.readAll((command, value) -> {
            Class<?> type = Class.forName(value.isEmpty() ? args[0] : value);
            System.out.println(type.getDeclaredConstructor().newInstance() + " in " + type.getModule()
                    + " of " + type.getClassLoader());
        });
    }
}
