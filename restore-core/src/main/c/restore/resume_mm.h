/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RESTORE_RESUME_MM_H
#define THAW_RESTORE_RESUME_MM_H

#include "engine/engine.h"

/* Once the launcher is unmapped. What the kernel does not allow is left. */
void resume_mm(const struct image_view *v);

#endif
