// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.util.LinkedHashMap;
import java.util.Map;

/** The `key: value` lines of Thaw.status. */
public record ThawStatus(String text, Map<String, String> values) {
    public static ThawStatus parse(String text) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String line : text.split("\n")) {
            int colon = line.indexOf(": ");
            if (colon > 0) {
                values.put(line.substring(0, colon).strip(), line.substring(colon + 2).strip());
            }
        }
        return new ThawStatus(text, values);
    }

    public String value(String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalStateException("Thaw.status has no line '" + key + "':\n" + text);
        }
        return value;
    }

    /** The whole number a value begins with. */
    public long number(String key) {
        return Long.parseLong(value(key).replaceFirst("^([0-9]+).*", "$1"));
    }

    public boolean allLoaded() {
        return value("all loaded").equals("yes");
    }
}
