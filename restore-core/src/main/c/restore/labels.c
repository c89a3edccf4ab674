/* SPDX-License-Identifier: Apache-2.0
 * A snapshot's labels: lines "label:name=value" of its file `tags`. Required are "name=value", "name=$VARIABLE" and
 * "VARIABLE", whose name is the label's, too; commas between them.
 */
#include "image/crc.h"
#include "restore/launcher.h"

#define TAGS_BYTES	(64u << 10)
#define LABEL_PREFIX	"label:"

static char tags[TAGS_BYTES];

/* Another version's has the field elsewhere, and is refused for its version. */
static bool is_intact(int snapshot_fd, uint64_t length)
{
	int fd = sys_openat(snapshot_fd, "meta", O_RDONLY | O_CLOEXEC, 0);
	static struct image_header h;

	if (fd < 0)
		return true;
	h = (struct image_header){ 0 };
	sys_pread(fd, &h, sizeof(h), 0);
	sys_close(fd);
	return h.version != THAW_FORMAT_VERSION || h.tags_crc == crc32c(0, tags, length);
}

static void read_tags(int snapshot_fd)
{
	int fd = sys_openat(snapshot_fd, "tags", O_RDONLY | O_CLOEXEC, 0);
	static char folder[THAW_PATH_BYTES];
	uint64_t length = 0;
	long got;

	while (fd >= 0 && (got = sys_pread(fd, tags + length, sizeof(tags) - 1 - length, length)) > 0)
		length += (uint64_t)got;
	if (fd >= 0)
		sys_close(fd);
	tags[length] = 0;
	if (is_intact(snapshot_fd, length))
		return;
	snapshot_path_of(snapshot_fd, folder);
	die(EXIT_REFUSED, "the snapshot's labels are not as they were written, its tags file is damaged: ", folder, 0);
}

/* Copies up to the end character, or to the end of the text; returns where that is. */
static const char *copy_until(const char *from, char end, char *ret, size_t bytes)
{
	const char *s = from;

	while (*s && *s != end)
		s++;
	string_copy(ret, from, min_u64(bytes, (uint64_t)(s - from) + 1));
	return s;
}

static bool find(const char *name, char *ret, size_t bytes)
{
	size_t length = string_length(name);

	for (const char *line = tags; *line;) {
		const char *label = line + sizeof(LABEL_PREFIX) - 1;

		if (string_starts(line, LABEL_PREFIX) && string_starts(label, name) && label[length] == '=') {
			copy_until(label + length + 1, '\n', ret, bytes);
			return true;
		}
		while (*line && *line != '\n')
			line++;
		line += *line == '\n';
	}
	ret[0] = 0;
	return false;
}

/* The name up to "=" and the value, both expanded. */
static void expand(const struct restore *r, const char *item, struct label_difference *ret)
{
	const char *value = copy_until(item, '=', ret->name, sizeof(ret->name)), *variable;

	variable = !*value ? ret->name : value[1] == '$' ? value + 2 : NULL;
	if (variable) {
		value = environment(r->environment, variable);
		if (!value)
			die(EXIT_REFUSED, "a required label takes its value from an environment variable that is not set: ",
			    variable, 0);
	} else {
		value++;
	}
	string_copy(ret->wanted, value, sizeof(ret->wanted));
}

bool labels_match(const struct restore *r, int snapshot_fd, struct label_difference *ret)
{
	static char item[1280];
	const char *rest = r->required_labels;

	read_tags(snapshot_fd);
	while (*rest) {
		rest = copy_until(rest, ',', item, sizeof(item));
		rest += *rest == ',';
		if (!item[0])
			continue;
		expand(r, item, ret);
		ret->is_there = find(ret->name, ret->found, sizeof(ret->found));
		if (!ret->is_there || !string_equal(ret->found, ret->wanted))
			return false;
	}
	return true;
}

void labels_describe(const struct label_difference *difference, struct text *ret)
{
	text_string(ret, "the label ");
	text_string(ret, difference->name);
	if (difference->is_there) {
		text_string(ret, " is ");
		text_string(ret, difference->found);
	} else {
		text_string(ret, " is missing");
	}
	text_string(ret, ", required is ");
	text_string(ret, difference->wanted);
}
