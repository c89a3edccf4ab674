// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** The tables as a picture: bars for times, lines over the number of threads; scales are logarithmic, but for per cent. */
public final class FaultPicture {
    private static final int WIDTH = 1110;
    private static final int LABELS = 300;
    private static final int RIGHT = 60;
    private static final int BAR = 11;
    private static final int GROUP_GAP = 9;
    private static final int LINES_HEIGHT = 300;
    private static final int LEGEND_ROW = 16;
    private static final String[] COLUMN_COLOURS = {"#4477aa", "#66ccee", "#cc6677", "#ddaa33"};
    private static final String[] LINE_COLOURS = {
        "#222222", "#4477aa", "#228833", "#cc6677", "#aa3377", "#ddaa33", "#66ccee", "#999933", "#882255", "#888888"};

    private final StringBuilder body = new StringBuilder();
    private int y = 24;

    private FaultPicture() {}

    /** SVG. The caption names machine and kernel. */
    public static String of(FaultResults results, List<String> caption) {
        FaultPicture picture = new FaultPicture();
        caption.forEach(line -> picture.textLine(line, "#444444", 12));
        for (String bars : List.of("warm", "cold", "windows", "costs", "tracking")) {
            picture.bars(results.table(bars));
        }
        for (String lines : List.of("scaling", "latency-p50", "latency-p99", "latency-max", "reset", "reset-cpu")) {
            picture.lines(results.table(lines));
        }
        return String.format("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif">
                <rect width="100%%" height="100%%" fill="#ffffff"/>
                %s</svg>
                """, WIDTH, picture.y, picture.body);
    }

    private void textLine(String text, String colour, int size) {
        text(16, y, text, colour, size, "start");
        y += size + 6;
    }

    private void text(double x, double atY, String text, String colour, int size, String anchor) {
        body.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%d\" fill=\"%s\" text-anchor=\"%s\">"
                + "%s</text>%n", x, atY, size, colour, anchor, escape(text)));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private void line(double x1, double y1, double x2, double y2, String colour, String more) {
        body.append(String.format(Locale.ROOT, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" %s/>%n",
                x1, y1, x2, y2, colour, more));
    }

    private void rectangle(double x, double atY, double width, double height, String colour) {
        body.append(String.format(Locale.ROOT, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>%n",
                x, atY, width, height, colour));
    }

    /** From a power of ten below the least value to one above the greatest; per cent from 0 to 100. */
    private record Scale(double low, double high, boolean linear) {
        static Scale of(FaultTable table) {
            double least = Double.MAX_VALUE;
            double most = 0;
            for (String variant : table.variants()) {
                for (String column : table.columns()) {
                    OptionalDouble value = table.median(variant, column);
                    least = Math.min(least, value.orElse(least));
                    most = Math.max(most, value.orElse(most));
                }
            }
            double low = Math.floor(logarithm(least / 2));
            return table.unit().equals("%") ? new Scale(0, 100, true)
                    : new Scale(low, Math.max(low + 1, Math.ceil(logarithm(most))), false);
        }

        private static double logarithm(double value) {
            return Math.log10(Math.max(value, 1e-3));
        }

        /** 0 to 1. */
        double place(double value) {
            return Math.clamp(((linear ? value : logarithm(value)) - low) / (high - low), 0, 1);
        }

        List<Double> marks() {
            List<Double> marks = new ArrayList<>();
            for (double at = low; at <= high; at += linear ? 25 : 1) {
                marks.add(linear ? at : Math.pow(10, at));
            }
            return marks;
        }
    }

    private static String mark(double value) {
        return value >= 1 || value == 0 ? Long.toString(Math.round(value)) : Double.toString(value);
    }

    private void title(FaultTable table) {
        y += 16;
        textLine(table.title() + " (median of " + table.rounds(table.variants().getFirst(),
                table.columns().getFirst()).size() + ")", "#000000", 16);
    }

    private void bars(FaultTable table) {
        if (table.variants().isEmpty()) {
            return;
        }
        title(table);
        List<String> columns = table.columns();
        for (int i = 0; i < columns.size(); i++) {
            rectangle(LABELS + i * 150, y - 10, 12, 12, COLUMN_COLOURS[i % COLUMN_COLOURS.length]);
            text(LABELS + 18 + i * 150, y, columns.get(i), "#000000", 12, "start");
        }
        y += 14;
        Scale scale = Scale.of(table);
        int top = y;
        int bottom = y + table.variants().size() * (columns.size() * BAR + GROUP_GAP);
        double width = WIDTH - LABELS - RIGHT;
        for (double mark : scale.marks()) {
            double x = LABELS + width * scale.place(mark);
            line(x, top, x, bottom, "#dddddd", "");
            text(x, bottom + 14, mark(mark) + " " + table.unit(), "#444444", 11, "middle");
        }
        for (String variant : table.variants()) {
            text(LABELS - 8, y + columns.size() * BAR / 2.0 + 4, variant, "#000000", 12, "end");
            for (int i = 0; i < columns.size(); i++, y += BAR) {
                bar(table, variant, i, scale, width);
            }
            y += GROUP_GAP;
        }
        y = bottom + 30;
    }

    private void bar(FaultTable table, String variant, int column, Scale scale, double width) {
        OptionalDouble value = table.median(variant, table.columns().get(column));
        if (value.isPresent()) {
            double length = Math.max(2, width * scale.place(value.getAsDouble()));
            rectangle(LABELS, y, length, BAR - 1.0, COLUMN_COLOURS[column % COLUMN_COLOURS.length]);
            text(LABELS + length + 4, y + BAR - 2.0, FaultTable.cell(value), "#000000", 10, "start");
        }
    }

    private void lines(FaultTable table) {
        if (table.variants().isEmpty()) {
            return;
        }
        title(table);
        Scale scale = Scale.of(table);
        int left = 80;
        double width = WIDTH - left - LABELS - 20.0;
        double step = width / Math.max(1, table.columns().size() - 1);
        int bottom = y + LINES_HEIGHT;
        for (double mark : scale.marks()) {
            double at = bottom - LINES_HEIGHT * scale.place(mark);
            line(left, at, left + width, at, "#dddddd", "");
            text(left - 8, at + 4, mark(mark), "#444444", 11, "end");
        }
        for (int i = 0; i < table.columns().size(); i++) {
            text(left + i * step, bottom + 18, table.columns().get(i), "#444444", 11, "middle");
        }
        text(left + width / 2, bottom + 34, "threads", "#444444", 11, "middle");
        int row = 0;
        for (String variant : table.variants()) {
            curve(table, variant, scale, left, step, bottom, row);
            text(left + width + 50, y + 4.0 + row * LEGEND_ROW, variant, "#000000", 11, "start");
            row++;
        }
        y = Math.max(bottom + 50, y + row * LEGEND_ROW + 20);
    }

    /** Dashed: beside others. Its piece of the legend, too. */
    private void curve(FaultTable table, String variant, Scale scale, double left, double step, int bottom, int row) {
        boolean beside = variant.endsWith("beside others");
        boolean pairs = table.variants().stream().anyMatch(name -> name.endsWith("beside others"));
        String colour = LINE_COLOURS[(pairs ? row / 2 : row) % LINE_COLOURS.length];
        String style = "stroke-width=\"2\"" + (beside ? " stroke-dasharray=\"5 4\"" : "");
        double lastX = -1;
        double lastY = -1;
        for (int i = 0; i < table.columns().size(); i++) {
            OptionalDouble value = table.median(variant, table.columns().get(i));
            if (value.isEmpty()) {
                continue;
            }
            double atX = left + i * step;
            double atY = bottom - LINES_HEIGHT * scale.place(value.getAsDouble());
            body.append(String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n", atX, atY, colour));
            if (lastX >= 0) {
                line(lastX, lastY, atX, atY, colour, style);
            }
            lastX = atX;
            lastY = atY;
        }
        double legend = left + step * Math.max(1, table.columns().size() - 1) + 20;
        line(legend, y + (double) row * LEGEND_ROW, legend + 24, y + (double) row * LEGEND_ROW, colour, style);
    }
}
