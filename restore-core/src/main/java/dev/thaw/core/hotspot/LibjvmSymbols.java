// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import dev.thaw.core.CoreException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Addresses of libjvm's local symbols, from .symtab of the file. Builds of some distributions have none
 * (stripped): then every answer is empty. The file is read, not mapped: a mapping would become part of snapshots.
 */
public final class LibjvmSymbols {
    private static final int HEADER_BYTES = 64;
    private static final int ELF_MAGIC = 0x464c457f;
    private static final int SYMBOL_TABLE = 2;
    private static final int SYMBOL_BYTES = 24;

    /** Elf64_Shdr, what we need of it. */
    private record Section(int type, long offset, long size, int link) {}

    /** Elf64_Sym, what we need of it. */
    private record Symbol(long value, long size) {}

    private final long bias;
    private final Map<String, Symbol> symbols;

    private LibjvmSymbols(long bias, Map<String, Symbol> symbols) {
        this.bias = bias;
        this.symbols = symbols;
    }

    /**
     * Those of the running libjvm with these (mangled) names.
     *
     * @throws CoreException if its file cannot be read
     */
    public static LibjvmSymbols ofThisProcess(Set<String> names) {
        Libjvm libjvm = Libjvm.ofThisProcess();
        try {
            return read(libjvm, names);
        } catch (IOException e) {
            throw new CoreException("cannot read " + libjvm.path() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads the symbols with these (mangled) names.
     *
     * @throws IOException if the file cannot be read or is no 64-bit ELF file
     */
    public static LibjvmSymbols read(Libjvm libjvm, Set<String> names) throws IOException {
        try (FileChannel file = FileChannel.open(libjvm.path())) {
            ByteBuffer header = read(file, 0, HEADER_BYTES);
            if (header.getInt(0) != ELF_MAGIC || header.get(4) != 2) {
                throw new IOException(libjvm.path() + " is no 64-bit ELF file");
            }
            Map<String, Symbol> found = new HashMap<>();
            List<Section> sections = sections(file, header);
            for (Section section : sections) {
                if (section.type() == SYMBOL_TABLE) {
                    collect(file, section, sections.get(section.link()), names, found);
                }
            }
            return new LibjvmSymbols(libjvm.start() - firstAddress(file, header), found);
        }
    }

    private static List<Section> sections(FileChannel file, ByteBuffer header) throws IOException {
        long start = header.getLong(40);
        int entryBytes = Short.toUnsignedInt(header.getShort(58));
        int count = Short.toUnsignedInt(header.getShort(60));
        ByteBuffer table = read(file, start, entryBytes * count);
        List<Section> sections = new ArrayList<>();
        for (int at = 0; at < table.limit(); at += entryBytes) {
            sections.add(new Section(table.getInt(at + 4), table.getLong(at + 24), table.getLong(at + 32),
                    table.getInt(at + 40)));
        }
        return sections;
    }

    /** p_vaddr of the segment that begins with the file's first byte. */
    private static long firstAddress(FileChannel file, ByteBuffer header) throws IOException {
        int entryBytes = Short.toUnsignedInt(header.getShort(54));
        int count = Short.toUnsignedInt(header.getShort(56));
        ByteBuffer table = read(file, header.getLong(32), entryBytes * count);
        for (int at = 0; at < table.limit(); at += entryBytes) {
            boolean load = table.getInt(at) == 1;
            if (load && table.getLong(at + 8) == 0) {
                return table.getLong(at + 16);
            }
        }
        throw new IOException("no segment of it begins with its first byte");
    }

    private static void collect(FileChannel file, Section section, Section strings, Set<String> names,
            Map<String, Symbol> found) throws IOException {
        ByteBuffer table = read(file, section.offset(), Math.toIntExact(section.size()));
        byte[] text = read(file, strings.offset(), Math.toIntExact(strings.size())).array();
        Map<Integer, List<String>> byLength = new HashMap<>();
        names.forEach(name -> byLength.computeIfAbsent(name.length(), length -> new ArrayList<>()).add(name));
        for (int at = 0; at + SYMBOL_BYTES <= table.limit(); at += SYMBOL_BYTES) {
            int name = table.getInt(at);
            boolean defined = table.getShort(at + 6) != 0;
            for (String wanted : defined ? byLength.getOrDefault(length(text, name), List.of()) : List.<String>of()) {
                if (wanted.equals(new String(text, name, wanted.length(), StandardCharsets.ISO_8859_1))) {
                    found.put(wanted, new Symbol(table.getLong(at + 8), table.getLong(at + 16)));
                }
            }
        }
    }

    private static int length(byte[] text, int start) {
        int end = start;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        return end - start;
    }

    private static ByteBuffer read(FileChannel file, long position, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (file.read(buffer, position + buffer.position()) < 0) {
                throw new EOFException("it ends before byte " + (position + bytes));
            }
        }
        return buffer.flip();
    }

    /** Where the running libjvm has the symbol; empty when its file does not name it. */
    public OptionalLong address(String name) {
        Symbol symbol = symbols.get(name);
        return symbol == null ? OptionalLong.empty() : OptionalLong.of(bias + symbol.value());
    }

    /** Its size in bytes; 0 when the file does not name it. */
    public long size(String name) {
        Symbol symbol = symbols.get(name);
        return symbol == null ? 0 : symbol.size();
    }
}
