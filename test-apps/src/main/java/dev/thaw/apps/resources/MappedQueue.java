// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.resources;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * {@code MappedQueue FILE MEGABYTES}: a queue of numbers in a file that is mapped to be written, and closed; the file is
 * also mapped to be read. Commands on stdin: {@code push NUMBER}; {@code middle NUMBER} writes far from the file's ends;
 * {@code show} tells what both mappings hold and how many this process believes are there; {@code delete}.
 */
public final class MappedQueue {
    private static final int PAGE = 4096;

    private final Path path;
    private final MappedByteBuffer queue;
    private final MappedByteBuffer reading;
    private int pushed;

    private MappedQueue(Path path, int megabytes) throws IOException {
        this.path = path;
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            queue = file.map(MapMode.READ_WRITE, 0, (long) megabytes << 20);
        }
        try (FileChannel file = FileChannel.open(path)) {
            reading = file.map(MapMode.READ_ONLY, 0, file.size());
        }
        for (int at = PAGE; at < queue.limit(); at += PAGE) {
            queue.putInt(at + Long.BYTES, at); // no page of zeros, which a snapshot would leave out
        }
    }

    public static void main(String[] args) throws IOException {
        MappedQueue queue = new MappedQueue(Path.of(args[0]), Integer.parseInt(args[1]));
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "push" -> queue.push(Integer.parseInt(words[1]));
                case "middle" -> queue.queue.putInt(queue.queue.limit() / 2, Integer.parseInt(words[1]));
                case "delete" -> Files.delete(queue.path);
                default -> { }
            }
            System.out.println(queue.show());
        }
    }

    private void push(int number) {
        int count = queue.getInt(0);
        queue.putInt(Integer.BYTES * (count + 1), number);
        queue.putInt(0, count + 1);
        pushed++;
    }

    private String show() {
        return "queue" + numbers(queue) + " reading" + numbers(reading) + " pushed " + pushed;
    }

    private static StringBuilder numbers(MappedByteBuffer of) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= of.getInt(0); i++) {
            text.append(' ').append(of.getInt(Integer.BYTES * i));
        }
        return text;
    }
}
