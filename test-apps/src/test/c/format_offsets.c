// SPDX-License-Identifier: Apache-2.0
/*
 * Prints where the fields of the snapshot format lie, for the tests that damage a snapshot on purpose:
 * "field offset bytes" of the header; "record.field offset bytes" in a record; and of each section
 * "record offset-of-its-span-in-the-header bytes-of-a-record".
 */
#include <stddef.h>
#include <stdio.h>

#include "image/format.h"

#define PRINT_IN(type, name, field) \
	printf(name " %zu %zu\n", offsetof(struct type, field), sizeof(((struct type *)0)->field))
#define PRINT(field) PRINT_IN(image_header, #field, field)
#define PRINT_RECORD(record, field) PRINT_IN(image_##record, #record "." #field, field)
#define PRINT_SECTION(record, id) \
	printf(#record " %zu %zu\n", offsetof(struct image_header, sections[id]), sizeof(struct image_##record)); \
	printf(#record "s.offset %zu 8\n", offsetof(struct image_header, sections[id].offset)); \
	printf(#record "s.count %zu 8\n", offsetof(struct image_header, sections[id].count))

static void print_header(void)
{
	PRINT(magic);
	PRINT(version);
	PRINT(header_bytes);
	PRINT(meta_bytes);
	PRINT(meta_crc);
	PRINT(flags);
	PRINT(id);
	PRINT(parent_id);
	PRINT(parent_number);
	PRINT(depth);
	PRINT(pages_bytes);
	PRINT(own_pages);
	PRINT(realtime_ns);
	PRINT(monotonic_ns);
	PRINT(monotonic_offset_ns);
	PRINT(pid);
	PRINT(uid);
	PRINT(highest_fd);
	PRINT(boot_id);
	PRINT(cwd);
	PRINT(java_home);
	PRINT(agent_jar);
	PRINT(vm_version);
	PRINT(thaw_version);
	PRINT(resume_entry);
	PRINT(page_crc_kind);
	PRINT(mm.auxv_bytes);
	PRINT(cpu.leaf1_ecx);
	PRINT(cpu.leaf7_ebx);
	PRINT(cpu.leaf7_edx);
	PRINT(cpu.xsave_bytes);
	PRINT(vdso.vvar_start);
	PRINT(vdso.vclock_start);
	PRINT(vdso.vdso_start);
	PRINT(vdso.vdso_end);
}

static void print_memory(void)
{
	PRINT_SECTION(source, SECTION_SOURCES);
	PRINT_RECORD(source, number);
	PRINT_RECORD(source, pages);
	PRINT_SECTION(region, SECTION_REGIONS);
	PRINT_RECORD(region, start);
	PRINT_RECORD(region, end);
	PRINT_RECORD(region, kind);
	PRINT_RECORD(region, prot);
	PRINT_RECORD(region, file);
	PRINT_RECORD(region, offset);
	PRINT_RECORD(region, first_extent);
	PRINT_RECORD(region, extents);
	PRINT_SECTION(extent, SECTION_EXTENTS);
	PRINT_RECORD(extent, start);
	PRINT_RECORD(extent, pages);
	PRINT_RECORD(extent, source);
	PRINT_RECORD(extent, source_page);
	PRINT_RECORD(extent, first_crc);
}

static void print_rest(void)
{
	PRINT_SECTION(thread, SECTION_THREADS);
	PRINT_RECORD(thread, frame);
	PRINT_RECORD(thread, tid_address);
	PRINT_RECORD(thread, rseq);
	PRINT_RECORD(thread, vm_tid_address);
	PRINT_SECTION(file, SECTION_FILES);
	PRINT_RECORD(file, path);
	PRINT_SECTION(descriptor, SECTION_DESCRIPTORS);
	PRINT_RECORD(descriptor, fd);
	PRINT_RECORD(descriptor, kind);
	PRINT_RECORD(descriptor, same_as);
	PRINT_RECORD(descriptor, peer);
	PRINT_RECORD(descriptor, file);
	PRINT_RECORD(descriptor, path);
	PRINT_RECORD(descriptor, blob_offset);
	PRINT_RECORD(descriptor, blob_bytes);
	PRINT_RECORD(descriptor, address_bytes);
	PRINT_SECTION(watch, SECTION_WATCHES);
	PRINT_RECORD(watch, epoll_fd);
	PRINT_RECORD(watch, target_fd);
	PRINT_SECTION(sigaction, SECTION_SIGNALS);
}

int main(void)
{
	print_header();
	print_memory();
	print_rest();
	return 0;
}
