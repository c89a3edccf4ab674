// SPDX-License-Identifier: Apache-2.0
/* Prints where the fields of the snapshot format lie, for the tests that damage a snapshot on purpose. */
#include <stddef.h>
#include <stdio.h>

#include "image/format.h"

#define PRINT(field) printf(#field " %zu\n", offsetof(struct image_header, field))

int main(void)
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
	PRINT(pid);
	PRINT(uid);
	PRINT(java_home);
	PRINT(cpu.leaf1_ecx);
	PRINT(cpu.leaf7_ebx);
	PRINT(cpu.leaf7_edx);
	PRINT(cpu.xsave_bytes);
	return 0;
}
