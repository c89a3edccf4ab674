/* SPDX-License-Identifier: Apache-2.0
 * What /proc shows of the process: command line, environment, brk, the program.
 */
#include "restore/resume_mm.h"

/* The program's file, or -1. */
static int open_program(const struct image_view *v)
{
	const uint64_t code = v->header->mm.start_code;

	for (uint64_t i = 0; i < v->region_count; i++) {
		const struct image_region *r = &v->regions[i];

		if (r->kind == REGION_FILE && r->start <= code && code < r->end)
			return sys_open(view_string(v, v->files[r->file].path), O_RDONLY | O_CLOEXEC);
	}
	return -1;
}

/*
 * PR_SET_MM_MAP needs no privilege; with a program to set it needs CAP_CHECKPOINT_RESTORE, and that nothing of the
 * old program is mapped any more (kernel/sys.c, prctl_set_mm_exe_file).
 */
void resume_mm(const struct image_view *v)
{
	const struct image_mm *m = &v->header->mm;
	int program = open_program(v);
	struct prctl_mm_map map = {
		.start_code = m->start_code, .end_code = m->end_code, .start_data = m->start_data,
		.end_data = m->end_data, .start_brk = m->start_brk, .brk = m->brk, .start_stack = m->start_stack,
		.arg_start = m->arg_start, .arg_end = m->arg_end, .env_start = m->env_start, .env_end = m->env_end,
		.auxv = (uint64_t)m->auxv_words, .auxv_size = (uint32_t)m->auxv_bytes, .exe_fd = (uint32_t)program,
	};

	if (sys_prctl(PR_SET_MM, PR_SET_MM_MAP, (uint64_t)&map, sizeof(map), 0) != 0 && program >= 0) {
		map.exe_fd = (uint32_t)-1;
		sys_prctl(PR_SET_MM, PR_SET_MM_MAP, (uint64_t)&map, sizeof(map), 0);
	}
	if (program >= 0)
		sys_close(program);
}
