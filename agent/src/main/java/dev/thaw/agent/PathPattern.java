// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

/**
 * Places of a path that are filled at each checkpoint: {@code %[0][width]letter}, with CRaC's letters. Numbers may have
 * a width, and zeros in front.
 */
public final class PathPattern {
    private static final String TEXTS = "%afutbr";
    private static final String NUMBERS = "TBRpcgm";
    private static final int MOST_WIDTH = 64;

    /** What the letters stand for. */
    public interface Values {
        String text(char letter);

        long number(char letter);
    }

    private final String pattern;
    private final Values values;
    private final StringBuilder expanded = new StringBuilder();
    private int at;

    private PathPattern(String pattern, Values values) {
        this.pattern = pattern;
        this.values = values;
    }

    /**
     * The pattern itself.
     *
     * @throws IllegalArgumentException whose message is one sentence that names what is wrong with it
     */
    static String checked(String pattern) {
        expand(pattern, new Values() {
            @Override
            public String text(char letter) {
                return "";
            }

            @Override
            public long number(char letter) {
                return 0;
            }
        });
        return pattern;
    }

    public static String expand(String pattern, Values values) {
        return new PathPattern(pattern, values).expand();
    }

    private String expand() {
        while (at < pattern.length()) {
            char c = pattern.charAt(at++);
            if (c == '%') {
                expandOne();
            } else {
                expanded.append(c);
            }
        }
        return expanded.toString();
    }

    private void expandOne() {
        int start = at;
        while (at < pattern.length() && Character.digit(pattern.charAt(at), 10) >= 0) {
            at++;
        }
        String digits = pattern.substring(start, at);
        boolean padded = digits.startsWith("0");
        String width = padded ? digits.substring(1) : digits;
        char letter = at < pattern.length() ? pattern.charAt(at++) : ' ';
        if (NUMBERS.indexOf(letter) < 0 && TEXTS.indexOf(letter) < 0) {
            throw wrong("%" + digits + (letter == ' ' ? "" : letter), "there are %% %a %f %u %t %T %b %B %r %R %p %c %m %g");
        }
        if (TEXTS.indexOf(letter) >= 0 && !digits.isEmpty()) {
            throw wrong("%" + digits + letter, "%" + letter + " takes no width");
        }
        if (padded && width.isEmpty() || width.length() > 2 || !width.isEmpty() && Integer.parseInt(width) > MOST_WIDTH) {
            throw wrong("%" + digits + letter, "a width is a number up to " + MOST_WIDTH);
        }
        append(letter, padded, width);
    }

    private void append(char letter, boolean padded, String width) {
        if (letter == '%') {
            expanded.append('%');
        } else if (TEXTS.indexOf(letter) >= 0) {
            expanded.append(values.text(letter));
        } else if (!width.isEmpty()) {
            String digits = Long.toString(values.number(letter));
            expanded.append((padded ? "0" : " ").repeat(Math.max(0, Integer.parseInt(width) - digits.length())))
                    .append(digits);
        } else {
            expanded.append(letter == 'm' ? size(values.number(letter)) : Long.toString(values.number(letter)));
        }
    }

    /** With the largest unit that leaves a whole number. */
    private static String size(long bytes) {
        String[] units = {"", "k", "M", "G"};
        int unit = 0;
        long rest = bytes;
        while (unit < units.length - 1 && rest != 0 && rest % 1024 == 0) {
            rest /= 1024;
            unit++;
        }
        return rest + units[unit];
    }

    private IllegalArgumentException wrong(String part, String remedy) {
        return new IllegalArgumentException("to=" + pattern + " is not understood: " + part + " is no pattern, "
                + remedy + " (a plain percent sign is %%)");
    }
}
