/* SPDX-License-Identifier: Apache-2.0
 * Before an image refers to as many snapshots as it can, a full one begins anew, and its report says why.
 */
#include "checkpoint/checkpoint.h"
#include "checkpoint/report.h"
#include "fault/fault.h"

#include "check.h"

int failures;

static struct image_header header;
static struct thaw_result result;

/* A process whose parent refers to so many; its folder is empty. */
static uint32_t kind_with(uint64_t sources)
{
	struct parent *p = &engine->parent;

	p->meta = (uint64_t)&header;
	p->valid = true;
	p->number = 1;
	p->view.header = &header;
	p->view.source_count = sources;
	return parent_check(p->folder);
}

static bool contains(const char *text, const char *part)
{
	for (; *text; text++)
		if (string_starts(text, part))
			return true;
	return false;
}

static void report_says_why(void)
{
	result.full_reason = FULL_CHAIN_LONG;
	report_write(&result);
	CHECK(contains(result.report, "full (its image would refer to too many earlier snapshots)"), "%s", result.report);
}

int main(void)
{
	uint64_t most = THAW_MAX_SOURCES / 2;

	engine = engine_new(ZONE_MEMORY);
	MUST(engine ? 0 : -ENOMEM);
	MUST(sys_getcwd(engine->parent.folder, sizeof(engine->parent.folder)));
	CHECK(kind_with(most - 1) == FULL_PARENT_MISSING, "%u", kind_with(most - 1));
	CHECK(kind_with(most) == FULL_CHAIN_LONG, "%u", kind_with(most));
	CHECK(kind_with(THAW_MAX_SOURCES) == FULL_CHAIN_LONG, "%u", kind_with(THAW_MAX_SOURCES));
	engine->parent.lost = true;
	CHECK(kind_with(most) == FULL_AFTER_FAILURE, "%u", kind_with(most));
	report_says_why();
	return failures != 0;
}
