/* SPDX-License-Identifier: Apache-2.0
 * What the process is besides memory, threads and open files.
 */
#include "checkpoint/checkpoint.h"
#include "image/crc.h"
#include "sys/cpu.h"
#include "sys/time_offsets.h"

static long read_file(const char *path, char *ret, size_t bytes)
{
	int fd = sys_open(path, O_RDONLY | O_CLOEXEC);
	long got;

	if (fd < 0)
		return fd;
	got = sys_read(fd, ret, bytes - 1);
	sys_close(fd);
	ret[got < 0 ? 0 : got] = 0;
	return got;
}

/* Field n, counted from 1 as in proc(5), of /proc/self/stat; the command in field 2 may hold anything. */
static uint64_t stat_field(const char *after_command, int n)
{
	const char *s = after_command;

	for (int i = 3; i < n; i++) {
		while (*s && *s != ' ')
			s++;
		while (*s == ' ')
			s++;
	}
	return parse_decimal(&s);
}

static bool capture_mm(struct checkpoint *c)
{
	struct image_mm *mm = &c->header.mm;
	char *buffer = (char *)c->staging, *s;
	long got = read_file("/proc/self/stat", buffer, THAW_PAGE_SIZE);

	if (got <= 0)
		return checkpoint_fail(c, STEP_MAPS, got, 0, "/proc/self/stat");
	for (s = buffer + got; s > buffer && *s != ')'; s--)
		;
	s += 2;
	mm->start_code = stat_field(s, 26), mm->end_code = stat_field(s, 27), mm->start_stack = stat_field(s, 28);
	mm->start_data = stat_field(s, 45), mm->end_data = stat_field(s, 46), mm->start_brk = stat_field(s, 47);
	mm->arg_start = stat_field(s, 48), mm->arg_end = stat_field(s, 49);
	mm->env_start = stat_field(s, 50), mm->env_end = stat_field(s, 51);
	got = read_file("/proc/self/auxv", buffer, THAW_PAGE_SIZE);
	mm->auxv_bytes = got > 0 ? min_u64((uint64_t)got, sizeof(mm->auxv_words)) : 0;
	memcpy(mm->auxv_words, buffer, mm->auxv_bytes);
	return true;
}

bool process_capture(struct checkpoint *c)
{
	struct image_header *h = &c->header;
	const struct thaw_setup *s = &engine_saved.setup;
	char *buffer = (char *)c->staging;
	struct time_offsets offsets;

	if (!capture_mm(c))
		return false;
	cpu_read(&h->cpu);
	time_offsets_read(&offsets);
	h->monotonic_offset_ns = offsets.monotonic_ns;
	h->boottime_offset_ns = offsets.boottime_ns;
	h->heap_start = s->heap_start;
	h->heap_end = s->heap_end;
	h->java_home = builder_string(&c->builder, s->java_home);
	h->agent_jar = builder_string(&c->builder, s->agent_jar);
	h->vm_version = builder_string(&c->builder, s->vm_version);
	h->thaw_version = builder_string(&c->builder, THAW_VERSION);
	if (read_file("/proc/sys/kernel/random/boot_id", buffer, THAW_PAGE_SIZE) > 0) {
		buffer[36] = 0;
		h->boot_id = builder_string(&c->builder, buffer);
	}
	if (sys_getcwd(buffer, THAW_PATH_BYTES) > 0)
		h->cwd = builder_string(&c->builder, buffer);
	h->pid = (uint32_t)sys_getpid();
	h->uid = sys_geteuid();
	h->flags |= (s->lazy ? 0 : IMAGE_LAZY_OFF) | (s->prefetch ? 0 : IMAGE_PREFETCH_OFF);
	h->page_crc_kind = 1;
	return true;
}

bool process_capture_parked(struct checkpoint *c)
{
	struct image_header *h = &c->header;

	for (int signal = 1; signal <= SIGNAL_COUNT; signal++) {
		struct image_sigaction *a = builder_add(&c->builder, SECTION_SIGNALS);

		if (!a)
			return checkpoint_fail(c, STEP_MEMORY, -ENOMEM, 0, "signals");
		sys_rt_sigaction(signal, NULL, (struct kernel_sigaction *)a);
	}
	h->umask = sys_umask(0);
	sys_umask(h->umask);
	h->mm.brk = sys_brk(0);
	h->monotonic_ns = now_ns(CLOCK_MONOTONIC);
	h->realtime_ns = now_ns(CLOCK_REALTIME);
	h->boottime_ns = now_ns(CLOCK_BOOTTIME);
	if (h->vdso.vdso_end)
		h->vdso.vdso_crc = crc32c(0, (const void *)h->vdso.vdso_start, h->vdso.vdso_end - h->vdso.vdso_start);
	return true;
}
