// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import java.util.ArrayList;
import java.util.List;

/**
 * One diagnostic command, split as HotSpot splits it (DCmdArgIter): at blanks, except within quotes. jcmd sends the
 * lines of a file (-f) one by one.
 */
record CommandLine(String name, List<String> arguments) {
    static CommandLine parse(String line) {
        List<String> words = words(line);
        return words.isEmpty() ? new CommandLine("", List.of())
                : new CommandLine(words.getFirst(), List.copyOf(words.subList(1, words.size())));
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = null;
        char quote = 0;
        for (char c : line.toCharArray()) {
            boolean blank = quote == 0 && (c == ' ' || c == '\t');
            if (blank && word != null) {
                words.add(AttachRequest.decoded(word.toString()));
                word = null;
            }
            if (blank) {
                continue;
            }
            word = word == null ? new StringBuilder() : word;
            if (c == quote || (quote == 0 && (c == '"' || c == '\''))) {
                quote = quote == 0 ? c : 0;
            } else {
                word.append(c);
            }
        }
        if (word != null) {
            words.add(AttachRequest.decoded(word.toString()));
        }
        return words;
    }
}
