/* SPDX-License-Identifier: Apache-2.0
 * Whether this machine is one the process can live on, and the files it has mapped are what they were.
 */
#include "image/identity.h"
#include "restore/launcher.h"
#include "sys/cpu.h"

/* %c: this CPU's features, %s: the snapshot's, %m: those missing here. As it is, without a word of ours. */
static void say_users_message(const struct restore *r, const struct image_cpu *now)
{
	static char line[THAW_PATH_BYTES];
	struct text t;

	text_open(&t, line, sizeof(line) - 1);
	for (const char *s = r->cpu_message; *s; s++) {
		char c[2] = { *s, 0 };

		if (*s != '%' || !s[1])
			text_string(&t, c);
		else if (*++s == 'c')
			cpu_text(&t, now);
		else if (*s == 's')
			cpu_text(&t, &r->view.header->cpu);
		else if (*s == 'm')
			cpu_text_missing(&t, &r->view.header->cpu, now);
		else
			text_string(&t, *s == '%' ? "%" : "?");
	}
	line[t.length++] = '\n';
	sys_write(2, line, t.length);
	give_up(EXIT_REFUSED);
}

static void warn(const char *missing)
{
	static char line[512];
	struct text t;

	text_open(&t, line, sizeof(line));
	text_string(&t, "thaw: this CPU lacks a feature that the checkpointed JVM uses: ");
	text_string(&t, missing);
	text_string(&t, "; --cpu-features=skip restores all the same\n");
	sys_write(2, line, t.length);
}

static void check_cpu(const struct restore *r)
{
	const struct image_cpu *old = &r->view.header->cpu;
	struct image_cpu now;
	const char *missing;
	bool same;

	cpu_read(&now);
	same = memcmp(old, &now, sizeof(now)) == 0;
	missing = cpu_missing(old, &now);
	if (same || (!missing && r->cpu_check != CPU_EXACT))
		return;
	if (r->cpu_check == CPU_SKIP && !cpu_layout_differs(old, &now)) {
		warn(missing);
		return;
	}
	if (r->cpu_message)
		say_users_message(r, &now);
	if (missing)
		die(EXIT_REFUSED, "this CPU lacks a feature that the checkpointed JVM uses: ", missing, 0);
	die(EXIT_REFUSED, "this CPU has features that the checkpointed JVM's had not, and --cpu-features=exact is given", "", 0);
}

static uint64_t length(uint64_t start, uint64_t end) { return end - start; }

/* The vdso's addresses are in many places of the image, and threads may stand still in it. */
static void check_vdso(const struct restore *r)
{
	const struct image_vdso *old = &r->view.header->vdso;
	struct image_vdso now;

	vdso_read(&now);
	if (length(old->vdso_start, old->vdso_end) != length(now.vdso_start, now.vdso_end)
	    || old->vdso_start - old->vvar_start != now.vdso_start - now.vvar_start
	    || (old->vclock_start == 0) != (now.vclock_start == 0) || old->vdso_crc != now.vdso_crc)
		die(EXIT_REFUSED, "this kernel's vdso differs from that of the checkpoint: restore on the same kernel",
		    "", 0);
}

void machine_check(const struct restore *r)
{
	int error;

	check_cpu(r);
	check_vdso(r);
	if (!r->view.header->cwd)		/* it was deleted before the checkpoint */
		return;
	error = sys_chdir(view_string(&r->view, r->view.header->cwd));
	if (error)
		die(EXIT_REFUSED, "the working directory of the process cannot be entered: ",
		    view_string(&r->view, r->view.header->cwd), error);
}

/* Its content is no part of the snapshot, and what the process knows of it may be wrong when it is another. */
static void check_written(const struct stat *st, int fd, const char *path, const struct image_file *f)
{
	bool same = (uint64_t)st->st_size == f->size && st->st_mtim.tv_sec == f->mtime_s
		    && st->st_mtim.tv_nsec == f->mtime_ns;
	uint32_t crc = 0;
	int error = 0;

	if (((st->st_mode ^ f->mode) & S_IFMT) || (uint64_t)st->st_size < f->size)
		die(EXIT_REFUSED, "a file the process writes through a shared mapping is shorter, or another thing, than at the "
		    "checkpoint: ", path, 0);
	if (f->mode & FILE_ANY_CONTENT)
		return;
	if (same)
		error = edge_crc(fd, f->size, &crc);
	if (!same || error || crc != f->edge_crc)
		die(EXIT_REFUSED, "a file the process writes through a shared mapping has changed since the checkpoint (carried "
		    "as it is by a resource policy with action: reopen): ", path, error);
}

static void check_identity(int fd, const char *path, const struct image_file *f)
{
	struct stat st;
	uint32_t crc = 0;
	int error = sys_fstat(fd, &st);

	if (error)
		die(EXIT_REFUSED, "a file the process uses cannot be examined: ", path, error);
	if (f->mode & FILE_WRITTEN) {
		check_written(&st, fd, path, f);
		return;
	}
	if ((st.st_mode & S_IFMT) != (f->mode & S_IFMT) || (uint64_t)st.st_size != f->size)
		die(EXIT_REFUSED, "a file the process uses has changed (its size) since the checkpoint: ", path, 0);
	if (st.st_mtim.tv_sec == f->mtime_s && st.st_mtim.tv_nsec == f->mtime_ns)
		return;
	error = edge_crc(fd, f->size, &crc);
	if (error || crc != f->edge_crc)
		die(EXIT_REFUSED, "a file the process uses has changed (its content) since the checkpoint: ", path, error);
}

static void open_file(struct restore *r, uint64_t i)
{
	const struct image_file *f = &r->view.files[i];
	const char *path = view_string(&r->view, f->path);
	int fd = sys_open(path, (f->mode & FILE_WRITTEN ? O_RDWR : O_RDONLY) | O_CLOEXEC);

	if (fd < 0)
		die(EXIT_REFUSED, "a file the process uses cannot be opened: ", path, fd);
	check_identity(fd, path, f);
	r->files[i] = launcher_move_up(r, fd);
}

/* HotSpot's counters, for jps and jstat, under the new pid. Without them the JVM runs as well. */
static int open_perfdata(const struct restore *r, const struct image_region *region)
{
	static char path[256];
	const char *old = view_string(&r->view, (uint32_t)region->offset), *name = old;
	struct text t;
	int fd;

	if (region->offset >= r->view.string_bytes)
		return -1;
	for (const char *s = old; *s; s++)
		if (*s == '/')
			name = s + 1;
	string_copy(path, old, min_u64(sizeof(path), (uint64_t)(name - old)));
	sys_mkdir(path, 0755);
	text_open(&t, path, sizeof(path));
	text_string(&t, old);
	t.length = (size_t)(name - old);
	text_decimal(&t, (uint64_t)sys_getpid());
	fd = sys_openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	/* The lock lives as long as the mapping and tells other JVMs not to remove the file (perfMemory_posix.cpp). */
	sys_flock(fd, LOCK_EX | LOCK_NB);
	sys_ftruncate(fd, region->end - region->start);
	return launcher_move_up(r, fd);
}

void machine_open_files(struct restore *r)
{
	uint64_t count = r->view.file_count + r->view.region_count;
	long memory = zone_map(&r->context->zone_next, (count + 1) * sizeof(int));

	if (memory < 0)
		die(EXIT_REFUSED, "no memory for the list of files", "", memory);
	r->files = (int *)memory;
	r->perfdata = r->files + r->view.file_count;
	for (uint64_t i = 0; i < r->view.file_count; i++)
		open_file(r, i);
	for (uint64_t i = 0; i < r->view.region_count; i++)
		r->perfdata[i] = r->view.regions[i].kind == REGION_PERFDATA ? open_perfdata(r, &r->view.regions[i]) : -1;
}
