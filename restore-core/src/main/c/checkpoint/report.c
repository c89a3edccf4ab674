/* SPDX-License-Identifier: Apache-2.0
 * The line jcmd prints. Written here because without keep_running no Java runs any more.
 */
#include "checkpoint/report.h"

static const char *const FULL_REASONS[] = {
	[FULL_FIRST] = "first checkpoint of this process",
	[FULL_ASKED] = "asked for",
	[FULL_OTHER_FOLDER] = "its parent snapshot is in another folder: ",
	[FULL_PARENT_MISSING] = "its parent snapshot is missing: ",
	[FULL_PARENT_CHANGED] = "another snapshot, or a damaged one, is in the place of its parent: ",
	[FULL_NOT_TRACKED] = "userfaultfd write protection is not available, so that changes are not known",
	[FULL_AFTER_FAILURE] = "the previous checkpoint failed after tracking had started anew",
	[FULL_CHAIN_LONG] = "its image would refer to too many earlier snapshots",
};

static void milliseconds(struct text *t, uint64_t ns)
{
	text_fixed(t, ns / 10000, 2);
	text_string(t, " ms");
}

void report_write(struct thaw_result *r)
{
	struct text t;

	text_open(&t, r->report, sizeof(r->report));
	text_string(&t, r->path);
	if (r->parent_number) {
		text_string(&t, ": delta of ");
		text_padded(&t, r->parent_number, 4);
	} else {
		text_string(&t, ": full (");
		text_string(&t, FULL_REASONS[r->full_reason]);
		text_string(&t, r->operand_text);	/* the parent, where the reason ends in a colon */
		text_string(&t, ")");
	}
	text_string(&t, ", ");
	text_fixed(&t, r->snapshot_bytes * 100 / 1048576, 2);
	text_string(&t, " MiB, ");
	text_decimal(&t, r->own_pages);
	text_string(&t, " pages stored, ");
	text_decimal(&t, r->parent_pages);
	text_string(&t, " pages in earlier snapshots, ");
	text_decimal(&t, r->threads);
	text_string(&t, " threads, pause ");
	milliseconds(&t, r->pause_ns);
	text_string(&t, " (quiesce ");
	milliseconds(&t, r->quiesce_ns);
	text_string(&t, ", ");
	text_decimal(&t, r->quiesce_retries);
	text_string(&t, " retries; write ");
	milliseconds(&t, r->write_ns);
	text_string(&t, "; track ");
	milliseconds(&t, r->track_ns);
	text_string(&t, "), sync ");
	milliseconds(&t, r->sync_ns);
}
