/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RESTORE_RESUME_PID_H
#define THAW_RESTORE_RESUME_PID_H

#include "thaw.h"

/* Before any thread of the process runs: HotSpot may end, or log, at any time. */
void resume_pid(const struct thaw_pid_place *places, uint64_t count, uint64_t pid);

#endif
