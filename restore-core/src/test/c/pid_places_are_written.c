/* SPDX-License-Identifier: Apache-2.0
 * Names made of the pid, and the number itself; one only where its flag is set.
 */
#include <string.h>

#include "check.h"
#include "restore/resume_pid.h"

int failures;

int main(void)
{
	char attach[108] = "/tmp/.java_pid1.hs", perf[300] = "/tmp/hsperfdata_me/1", number_text[21] = "1";
	uint8_t has_path = 0;
	uint32_t number = 1;
	struct thaw_pid_place places[] = {
		{ .address = (uint64_t)attach, .bytes = sizeof(attach), .only_if = (uint64_t)&has_path, .before = "/tmp/.java_pid", .behind = ".hs" },
		{ .address = (uint64_t)perf, .bytes = sizeof(perf), .before = "/tmp/hsperfdata_me/" },
		{ .address = (uint64_t)&number, .bytes = sizeof(number), .is_number = 1 },
		{ .address = (uint64_t)number_text, .bytes = sizeof(number_text) },
	};

	resume_pid(places, 4, 4194304);
	CHECK(strcmp(attach, "/tmp/.java_pid1.hs") == 0, "%s", attach);
	CHECK(strcmp(perf, "/tmp/hsperfdata_me/4194304") == 0, "%s", perf);
	CHECK(number == 4194304, "%u", number);
	CHECK(strcmp(number_text, "4194304") == 0, "%s", number_text);
	has_path = 1;
	resume_pid(places, 1, 22);
	CHECK(strcmp(attach, "/tmp/.java_pid22.hs") == 0, "%s", attach);
	return failures != 0;
}
