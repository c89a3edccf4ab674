/* SPDX-License-Identifier: Apache-2.0
 * The four-lane CRC of a page equals the plain one, and both equal the published check value's algorithm.
 */
#include <stdio.h>
#include <stdlib.h>

#include "image/crc.h"

int main(void)
{
	static unsigned char page[4096];

	if (crc32c(0, "123456789", 9) != 0xe3069283u) {	/* RFC 3720's check value */
		printf("crc32c(\"123456789\") = %08x\n", crc32c(0, "123456789", 9));
		return 1;
	}
	for (unsigned int seed = 0; seed < 200; seed++) {
		srand(seed);
		for (int i = 0; i < 4096; i++)
			page[i] = seed == 0 ? 0 : (unsigned char)rand();
		if (crc32c_page(page) != crc32c(0, page, sizeof(page))) {
			printf("seed %u: %08x, plain %08x\n", seed, crc32c_page(page), crc32c(0, page, sizeof(page)));
			return 1;
		}
		if (page_is_zero(page) != (seed == 0))
			return 1;
	}
	for (int at = 0; at < 4096; at++) {
		for (int i = 0; i < 4096; i++)
			page[i] = 0;
		page[at] = 1;
		if (page_is_zero(page))
			return 1;
	}
	return 0;
}
