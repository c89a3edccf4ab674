/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RESTORE_THREADS_H
#define THAW_RESTORE_THREADS_H

#include "engine/engine.h"

/* Staging memory of an engine thread. */
void threads_make_buffer(struct engine_thread *t);

/* The engine's own threads; ends the process when there can be none. */
void threads_start_engine(struct engine_thread *t, const char *name, void (*run)(void *), uint64_t data_bytes);

/* Makes all of the image's threads; when all are there, every one returns from its signal frame. */
void threads_resume(const struct image_view *v) __attribute__((noreturn));

#endif
