/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/inject.h"
#include "restore/launcher.h"

static const struct {
	const char *name;
	uint32_t injection;
} NAMES[] = {
	{ "short-read", INJECT_SHORT_READ },
	{ "slow-disk", INJECT_SLOW_DISK },
	{ "eagain", INJECT_EAGAIN },
	{ "enomem", INJECT_ENOMEM },
	{ "partial-copy", INJECT_PARTIAL_COPY },
};

/* The length of the name at `list`, which `ret` is then widened by; 0: unknown. */
static size_t one(const char *list, uint32_t *ret)
{
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		size_t length = string_length(NAMES[i].name);

		if (string_starts(list, NAMES[i].name) && (list[length] == ',' || !list[length])) {
			*ret |= NAMES[i].injection;
			return length;
		}
	}
	return 0;
}

uint32_t injections_of(const char *list)
{
	uint32_t ret = 0;

	while (*list) {
		size_t length = one(list, &ret);

		if (!length)
			die(EXIT_USAGE, "thaw.inject knows short-read, slow-disk, eagain, enomem and partial-copy, not ",
			    list, 0);
		list += length + (list[length] == ',');
	}
	return ret;
}
