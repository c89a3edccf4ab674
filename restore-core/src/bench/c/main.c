/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <stdarg.h>
#include <stdio.h>

struct options options = {
	.pages = 512u << 8, .cold_pages = 128u << 8, .rounds = 5,
	.threads = { 1, 2, 4, 8, 16, 64 }, .thread_counts = 6,
	.region_bytes = 16u << 20, .dirty_bytes = 1u << 20, .resets = 480,
	.damage = ~0ull, .folder = "/var/tmp",
};

static const struct {
	const char *name;
	void (*run)(void);
} TABLES[] = {
	{ "warm", touch_warm }, { "cold", touch_cold }, { "windows", touch_windows }, { "costs", page_costs },
	{ "tracking", tracking_costs }, { "latency", fault_latency }, { "reset", reset_loop },
};

void sample(const char *table, const char *variant, const char *column, const char *unit, double value)
{
	printf("sample\t%s\t%s\t%s\t%s\t%.4f\n", table, variant, column, unit, value);
	fflush(stdout);
}

void note(const char *format, ...)
{
	va_list arguments;

	printf("note\t");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	fflush(stdout);
}

long must(long result, const char *what)
{
	if (result < 0)
		host_fail("%s: errno %ld", what, -result);
	return result;
}

/* In the list "a,b,c". */
bool is_wanted(const char *table)
{
	const char *at = options.tables;
	size_t length = string_length(table);

	while (at && *at) {
		const char *end = at;

		while (*end && *end != ',')
			end++;
		if ((size_t)(end - at) == length && memcmp(at, table, length) == 0)
			return true;
		at = *end ? end + 1 : end;
	}
	return options.tables == NULL;
}

bool is_included(const char *variant)
{
	if (options.only == NULL)
		return true;
	for (; *variant; variant++)
		if (string_starts(variant, options.only))
			return true;
	return false;
}

static uint64_t number(const char *value, uint64_t least, uint64_t most)
{
	const char *at = value;
	uint64_t n = parse_decimal(&at);

	if (*at || at == value || n < least || n > most)
		host_fail("'%s' is not a number from %lu to %lu", value, least, most);
	return n;
}

static void read_threads(const char *list)
{
	uint32_t count = 0;

	for (;;) {
		uint64_t n = parse_decimal(&list);

		if (n < 1 || n > 1024 || count == sizeof(options.threads) / sizeof(options.threads[0]))
			host_fail("--threads wants at most 16 numbers from 1 to 1024");
		options.threads[count++] = (uint32_t)n;
		if (*list != ',')
			break;
		list++;
	}
	options.thread_counts = count;
}

static void set(const char *key, const char *value)
{
	if (string_equal(key, "--mb"))
		options.pages = number(value, 4, 1u << 20) << 8;
	else if (string_equal(key, "--cold-mb"))
		options.cold_pages = number(value, 4, 1u << 20) << 8;
	else if (string_equal(key, "--rounds"))
		options.rounds = (uint32_t)number(value, 1, 1000);
	else if (string_equal(key, "--threads"))
		read_threads(value);
	else if (string_equal(key, "--region-mb"))
		options.region_bytes = number(value, 1, 1024) << 20;
	else if (string_equal(key, "--resets"))
		options.resets = (uint32_t)number(value, 1, 1u << 20);
	else if (string_equal(key, "--tables"))
		options.tables = value;
	else if (string_equal(key, "--only"))
		options.only = value;
	else if (string_equal(key, "--back-memory"))
		options.unbacked = number(value, 0, 1) == 0;
	else if (string_equal(key, "--damage"))
		options.damage = number(value, 0, 1ull << 40);
	else if (string_equal(key, "--folder"))
		options.folder = value;
	else
		host_fail("unknown option %s; there are --mb, --cold-mb, --rounds, --threads, --region-mb, --resets, --tables, "
			  "--only, --back-memory, --damage, --folder", key);
}

int main(int count, char **arguments)
{
	for (int i = 1; i < count; i += 2) {
		if (i + 1 == count)
			host_fail("%s wants a value", arguments[i]);
		set(arguments[i], arguments[i + 1]);
	}
	note("a file of %lu MB, cold %lu MB, one access a page; regions of %lu MB for resets; %u rounds, interleaved",
	     options.pages >> 8, options.cold_pages >> 8, options.region_bytes >> 20, options.rounds);
	image_make();
	for (size_t i = 0; i < sizeof(TABLES) / sizeof(TABLES[0]); i++)
		if (is_wanted(TABLES[i].name))
			TABLES[i].run();
	printf("done\n");
	return 0;
}
