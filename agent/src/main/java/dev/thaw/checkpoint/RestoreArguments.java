// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code thaw restore DIR [-Dkey=value…] [-- MainClass args…]}.
 *
 * @param properties in the order given
 * @param main a class and its arguments; empty: none
 */
record RestoreArguments(Map<String, String> properties, List<String> main) {
    /** Also loads the class before it is needed in a restored process. */
    static final RestoreArguments NONE = new RestoreArguments(Map.of(), List.of());

    static RestoreArguments parse(List<String> arguments) {
        if (arguments.isEmpty()) {
            return NONE;
        }
        Map<String, String> properties = new LinkedHashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--")) {
                return new RestoreArguments(properties, List.copyOf(arguments.subList(i + 1, arguments.size())));
            }
            if (argument.startsWith("-D")) {
                int equals = argument.indexOf('=');
                String key = argument.substring(2, equals < 0 ? argument.length() : equals);
                properties.put(key, equals < 0 ? "" : argument.substring(equals + 1));
            }
        }
        return new RestoreArguments(properties, List.of());
    }
}
