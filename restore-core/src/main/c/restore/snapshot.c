/* SPDX-License-Identifier: Apache-2.0
 * Finding, reading and verifying a snapshot's metadata and the page files it refers to.
 */
#include "image/crc.h"
#include "restore/launcher.h"
#include "sys/directory.h"

struct newest {
	int number, below;
};

static bool visit_number(const char *name, void *data)
{
	struct newest *newest = data;
	int number = directory_number(name);

	if (number > newest->number && number < newest->below)
		newest->number = number;
	return true;
}

int snapshot_newest(int folder_fd, int below)
{
	struct newest newest = { 0, below };

	directory_walk(folder_fd, visit_number, &newest);
	return newest.number;
}

void snapshot_path_of(int fd, char *ret)
{
	char link[32];
	struct text t;
	long got;

	text_open(&t, link, sizeof(link));
	text_string(&t, "/proc/self/fd/");
	text_decimal(&t, (uint64_t)fd);
	got = sys_readlink(link, ret, THAW_PATH_BYTES - 1);
	if (got < 0)
		die(EXIT_REFUSED, "the folder's path cannot be read from ", link, got);
	ret[got] = 0;
}

static const char *last_name(char *path)
{
	char *name = path;

	for (char *s = path; *s; s++)
		if (*s == '/')
			name = s + 1;
	return name;
}

static int open_number(int folder_fd, int number)
{
	char name[16];
	struct text t;

	text_open(&t, name, sizeof(name));
	text_padded(&t, (uint64_t)number, 4);
	return sys_openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
}

static void refuse_labels(const struct restore *r, int number, const struct label_difference *difference)
{
	static char text[4096];
	struct text t;

	text_open(&t, text, sizeof(text));
	if (number) {
		text_string(&t, "no snapshot here has the required labels; of the newest, ");
		text_padded(&t, (uint64_t)number, 4);
		text_string(&t, ", ");
	}
	labels_describe(difference, &t);
	text_string(&t, ": ");
	die(EXIT_REFUSED, text, r->path, 0);
}

/* The newest with all required labels; without any required, the newest. */
static int find_labelled(struct restore *r, int folder_fd, int newest)
{
	static struct label_difference first, other;

	for (int number = newest; number > 0; number = snapshot_newest(folder_fd, number)) {
		int fd = open_number(folder_fd, number);

		if (!r->required_labels || (fd >= 0 && labels_match(r, fd, number == newest ? &first : &other))) {
			r->snapshot_fd = fd;
			return number;
		}
		if (fd >= 0)
			sys_close(fd);
	}
	refuse_labels(r, newest, &first);
	return 0;
}

static void open_newest(struct restore *r, int folder_fd)
{
	int number = snapshot_newest(folder_fd, DIRECTORY_NUMBER_END);

	snapshot_path_of(folder_fd, r->context->folder);
	if (!number && directory_number(last_name(r->context->folder)) > 0)
		die(EXIT_REFUSED, "the snapshot has no meta file: ", r->path, -ENOENT);
	if (!number)
		die(EXIT_REFUSED, "no snapshot (a folder 0001, 0002, ...) is in ", r->path, 0);
	r->context->number = (uint32_t)find_labelled(r, folder_fd, number);
	if (r->snapshot_fd < 0)
		die(EXIT_REFUSED, "the snapshot cannot be opened in ", r->path, r->snapshot_fd);
	sys_close(folder_fd);
}

/* DIR/NNNN itself was given. */
static void open_this(struct restore *r, int fd)
{
	static struct label_difference difference;
	char *path = r->context->folder;
	const char *name;
	int number;

	snapshot_path_of(fd, path);
	name = last_name(path);
	number = directory_number(name);
	if (number <= 0)
		die(EXIT_REFUSED, "a snapshot's folder is named by its number (0001), this one is not: ", path, 0);
	if (r->required_labels && !labels_match(r, fd, &difference))
		refuse_labels(r, 0, &difference);
	r->context->number = (uint32_t)number;
	r->snapshot_fd = fd;
	path[name - path - (name - path > 1)] = 0;
}

static void find_snapshot(struct restore *r)
{
	int fd = sys_open(r->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), meta;

	if (fd < 0)
		die(EXIT_REFUSED, "the snapshot folder cannot be opened: ", r->path, fd);
	meta = sys_openat(fd, "meta", O_RDONLY | O_CLOEXEC, 0);
	if (meta < 0) {
		open_newest(r, fd);
		return;
	}
	sys_close(meta);
	open_this(r, fd);
}

static const char *what_is_wrong(enum view_result result)
{
	switch (result) {
	case VIEW_SHORT:
		return "its meta file is truncated or has grown: ";
	case VIEW_MAGIC:
		return "its meta file is not a snapshot's: ";
	case VIEW_CRC:
		return "its meta file is damaged, the checksum differs: ";
	case VIEW_INCONSISTENT:
		return "its meta file contradicts itself: ";
	default:
		return "";
	}
}

static void refuse_version(const struct restore *r)
{
	char text[128];
	struct text t;

	text_open(&t, text, sizeof(text));
	text_string(&t, "the snapshot's meta file has format version ");
	text_decimal(&t, r->view.header->version);
	text_string(&t, ", this thaw reads version ");
	text_decimal(&t, THAW_FORMAT_VERSION);
	text_string(&t, " (use the thaw that wrote it): ");
	die(EXIT_REFUSED, text, r->path, 0);
}

static void read_meta(struct restore *r, int fd, uint64_t bytes)
{
	long memory = zone_map(&r->context->zone_next, bytes + 8);
	uint64_t done = 0;

	if (memory < 0)
		die(EXIT_REFUSED, "no memory for the metadata of ", r->path, memory);
	r->meta = (uint8_t *)memory;
	sys_madvise((uint64_t)memory, align_up(bytes, THAW_PAGE_SIZE), MADV_POPULATE_WRITE);	/* in one go, not by faults */
	while (done < bytes) {
		long got = sys_pread(fd, r->meta + done, bytes - done, done);

		if (got <= 0)
			die(EXIT_REFUSED, "the meta file cannot be read in ", r->path, got ? got : -EIO);
		done += (uint64_t)got;
	}
	r->context->meta = (uint64_t)memory;
	r->context->meta_bytes = bytes;
}

void snapshot_open(struct restore *r)
{
	enum view_result result;
	struct stat st;
	int fd;

	find_snapshot(r);
	fd = sys_openat(r->snapshot_fd, "meta", O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0 || sys_fstat(fd, &st) != 0)
		die(EXIT_REFUSED, "the snapshot has no readable meta file: ", r->path, fd);
	/* It becomes this process: only one's own, or root's, is trusted. */
	if (st.st_uid != sys_geteuid() && st.st_uid != 0 && sys_geteuid() != 0)
		die(EXIT_REFUSED, "the snapshot belongs to another user: ", r->path, -EPERM);
	read_meta(r, fd, (uint64_t)st.st_size);
	sys_close(fd);
	result = view_open(&r->view, r->meta, (uint64_t)st.st_size);
	if (result == VIEW_VERSION)
		refuse_version(r);
	if (result != VIEW_OK)
		die(EXIT_REFUSED, what_is_wrong(result), r->path, 0);
}

static void source_name(struct text *t, const struct restore *r, uint64_t i)
{
	if (i)
		text_string(t, "../"), text_padded(t, r->view.sources[i].number, 4), text_string(t, "/");
	text_string(t, "pages");
}

static void refuse_source(const struct restore *r, uint64_t i, const char *what, long error)
{
	static char text[256];
	struct text t;

	text_open(&t, text, sizeof(text));
	text_string(&t, "the snapshot needs the pages file of ");
	text_padded(&t, i ? r->view.sources[i].number : r->context->number, 4);
	text_string(&t, i ? ", an earlier one, " : ", ");
	text_string(&t, what);
	text_string(&t, ", in ");
	die(EXIT_REFUSED, text, r->context->folder, error);
}

static int open_source(const struct restore *r, uint64_t i)
{
	const struct image_source *s = &r->view.sources[i];
	struct pages_header h;
	char path[32];
	struct text t;
	struct stat st;
	uint32_t crc;
	int fd;

	text_open(&t, path, sizeof(path));
	source_name(&t, r, i);
	fd = sys_openat(r->snapshot_fd, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		refuse_source(r, i, "which cannot be opened", fd);
	if (sys_fstat(fd, &st) != 0 || sys_pread(fd, &h, sizeof(h), 0) != sizeof(h))
		refuse_source(r, i, "which is truncated", 0);
	crc = h.crc;
	h.crc = 0;
	if (h.magic != THAW_PAGES_MAGIC || crc32c(0, &h, sizeof(h)) != crc)
		refuse_source(r, i, "which is damaged", 0);
	if (memcmp(h.id, s->id, THAW_ID_BYTES) != 0)
		refuse_source(r, i, "but another snapshot has taken its place", 0);
	if (h.pages != s->pages || (uint64_t)st.st_size != (s->pages + 1) << THAW_PAGE_SHIFT)
		refuse_source(r, i, "which is truncated or has grown", 0);
	return launcher_move_up(r, fd);
}

void snapshot_open_sources(struct restore *r)
{
	for (uint64_t i = 0; i < THAW_MAX_SOURCES; i++)
		r->context->sources[i] = -1;
	for (uint64_t i = 0; i < r->view.source_count; i++)
		r->context->sources[i] = open_source(r, i);
	sys_close(r->snapshot_fd);
}
