/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CHECKPOINT_REPORT_H
#define THAW_CHECKPOINT_REPORT_H

#include "sys/memory.h"
#include "thaw.h"

void report_write(struct thaw_result *r);

#endif
