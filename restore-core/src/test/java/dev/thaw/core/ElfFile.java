// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** As much of an ELF file as it takes to compare its code: elf(5), 64-bit, little-endian. */
final class ElfFile {
    record Section(String name, int type, long address, int offset, int bytes, int link, int info) {}

    /** {@code section} is its index, or 0 where the symbol is not defined here. */
    record Symbol(String name, boolean global, boolean function, int section, long value) {}

    /**
     * The linker fills in the bytes from {@code start} to {@code offset + 4}: of an access through the global offset
     * table the instruction, too. {@code symbol} is empty where it is such an access, or a local constant.
     */
    record Relocation(int start, int offset, String symbol, long addend) {}

    private static final int SHT_SYMTAB = 2;
    private static final int SHT_RELA = 4;
    private static final int STB_GLOBAL = 1;
    private static final int STT_FUNC = 2;
    private static final int R_X86_64_PLT32 = 4;
    private static final int OPCODE_BYTES = 3;
    private static final int SYMBOL_BYTES = 24;
    private static final int RELOCATION_BYTES = 24;

    private final Path path;
    private final ByteBuffer bytes;
    private final List<Section> sections = new ArrayList<>();
    private final List<Symbol> symbols = new ArrayList<>();
    private final Map<String, Long> addresses = new HashMap<>();

    ElfFile(Path path, byte[] content) {
        this.path = path;
        bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        readSections();
        sections.stream().filter(section -> section.type == SHT_SYMTAB).forEach(this::readSymbols);
        symbols.forEach(symbol -> addresses.put(symbol.name, symbol.value));
    }

    static ElfFile read(Path path) throws IOException {
        return new ElfFile(path, Files.readAllBytes(path));
    }

    private void readSections() {
        int table = (int) bytes.getLong(0x28);
        int size = bytes.getShort(0x3a);
        int count = bytes.getShort(0x3c);
        int names = (int) bytes.getLong(table + bytes.getShort(0x3e) * size + 0x18);
        for (int i = 0; i < count; i++) {
            int at = table + i * size;
            sections.add(new Section(text(names + bytes.getInt(at)), bytes.getInt(at + 4), bytes.getLong(at + 0x10),
                    (int) bytes.getLong(at + 0x18), (int) bytes.getLong(at + 0x20), bytes.getInt(at + 0x28),
                    bytes.getInt(at + 0x2c)));
        }
    }

    private void readSymbols(Section table) {
        int names = sections.get(table.link).offset;
        for (int at = table.offset; at < table.offset + table.bytes; at += SYMBOL_BYTES) {
            int info = bytes.get(at + 4);
            symbols.add(new Symbol(text(names + bytes.getInt(at)), info >> 4 == STB_GLOBAL, (info & 15) == STT_FUNC,
                    bytes.getShort(at + 6), bytes.getLong(at + 8)));
        }
    }

    private String text(int offset) {
        int end = offset;
        while (bytes.get(end) != 0) {
            end++;
        }
        return new String(bytes.array(), offset, end - offset, StandardCharsets.UTF_8);
    }

    Path path() {
        return path;
    }

    Section section(String name) {
        return sections.stream().filter(section -> section.name.equals(name)).findFirst()
                .orElseThrow(() -> new AssertionError(path + " has no section " + name));
    }

    /** A global function in the section; its address tells where the linker put the section. */
    Symbol anchor(Section section) {
        int index = sections.indexOf(section);
        return symbols.stream().filter(symbol -> symbol.global && symbol.function && symbol.section == index)
                .findFirst().orElseThrow(() -> new AssertionError(path + " has no global function"));
    }

    long address(String symbol) {
        Long address = addresses.get(symbol);
        if (address == null) {
            throw new AssertionError(path + " has no symbol " + symbol);
        }
        return address;
    }

    /** What the linker fills in. */
    List<Relocation> relocations(Section of) {
        List<Relocation> all = new ArrayList<>();
        int index = sections.indexOf(of);
        for (Section table : sections) {
            for (int at = table.offset; table.type == SHT_RELA && table.info == index
                    && at < table.offset + table.bytes; at += RELOCATION_BYTES) {
                Symbol symbol = symbols.get(bytes.getInt(at + 12));
                boolean direct = bytes.getInt(at + 8) <= R_X86_64_PLT32;
                int offset = (int) bytes.getLong(at);
                all.add(new Relocation(direct ? offset : offset - OPCODE_BYTES, offset,
                        direct && symbol.global ? symbol.name : "", bytes.getLong(at + 16)));
            }
        }
        return all;
    }

    byte[] content(Section section) {
        byte[] content = new byte[section.bytes];
        bytes.get(section.offset, content);
        return content;
    }

    /** From the address on where a linked file is loaded. */
    byte[] content(long address, int count) {
        byte[] content = new byte[count];
        bytes.get(offset(address), content);
        return content;
    }

    int offset(long address) {
        Section in = sections.stream().filter(section -> section.address != 0 && section.address <= address
                && address < section.address + section.bytes).findFirst()
                .orElseThrow(() -> new AssertionError("0x%x is in no section of %s".formatted(address, path)));
        return in.offset + (int) (address - in.address);
    }
}
