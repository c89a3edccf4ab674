/* SPDX-License-Identifier: Apache-2.0
 * The command line of `thaw restore`.
 */
#include "restore/launcher.h"

#define INJECT	"-Dthaw.inject="
#define RECORD	"-Dthaw.record="
#define RECORD_MOST_MS	3600000u

const char *environment(char **envp, const char *name)
{
	size_t length = string_length(name);

	for (; *envp; envp++)
		if (string_starts(*envp, name) && (*envp)[length] == '=')
			return *envp + length + 1;
	return NULL;
}

/* In the zone, each with its NUL; the length of all. The application gets properties and arguments as they were given. */
static uint64_t keep_strings(struct resume_context *x, int count, char **strings, uint64_t *ret_copy)
{
	uint64_t bytes = 1, at = 0;
	long copy;

	for (int i = 0; i < count; i++)
		bytes += string_length(strings[i]) + 1;
	copy = zone_map(&x->zone_next, bytes);
	if (copy < 0)
		die(EXIT_REFUSED, "no memory for the arguments", "", copy);
	for (int i = 0; i < count; i++) {
		memcpy((char *)copy + at, strings[i], string_length(strings[i]) + 1);
		at += string_length(strings[i]) + 1;
	}
	*ret_copy = (uint64_t)copy;
	return at;
}

static void keep_environment(struct resume_context *x, char **envp)
{
	int count = 0;

	while (envp[count])
		count++;
	x->environment_bytes = keep_strings(x, count, envp, &x->environment);
}

/* NAME=VALUE, or NAME and VALUE as two words; NULL when it is another option. */
static const char *value_of(const char *name, int argc, char **argv, int *at)
{
	size_t length = string_length(name);
	const char *given = argv[*at];

	if (!string_starts(given, name) || (given[length] && given[length] != '='))
		return NULL;
	if (given[length])
		return given + length + 1;
	if (*at + 1 == argc)
		die(EXIT_USAGE, "a value is missing behind ", name, 0);
	return argv[++*at];
}

static enum cpu_check cpu_check_of(const char *value)
{
	static const char *const NAMES[] = { "compatible", "exact", "skip" };

	for (unsigned int i = 0; i < 3; i++)
		if (string_equal(value, NAMES[i]))
			return (enum cpu_check)i;
	die(EXIT_USAGE, "--cpu-features is compatible, exact or skip, and not ", value, 0);
}

static enum time_namespace time_namespace_of(const char *value)
{
	static const char *const NAMES[] = { "auto", "user", "off" };

	for (unsigned int i = 0; i < 3; i++)
		if (string_equal(value, NAMES[i]))
			return (enum time_namespace)i;
	die(EXIT_USAGE, "--time-namespace is auto, user or off, not ", value, 0);
}

/* One that takes a value: true when it was one. */
static bool take_value(struct restore *r, int argc, char **argv, int *at)
{
	const char *value;

	if ((value = value_of("--required-labels", argc, argv, at)))
		r->required_labels = value;
	else if ((value = value_of("--cpu-features", argc, argv, at)))
		r->cpu_check = cpu_check_of(value);
	else if ((value = value_of("--cpu-features-message", argc, argv, at)))
		r->cpu_message = value;
	else if ((value = value_of("--time-namespace", argc, argv, at)))
		r->time_namespace = time_namespace_of(value);
	return value != NULL;
}

/* Milliseconds; as nanoseconds. */
static uint64_t record_of(const char *value)
{
	const char *end = value;
	uint64_t ms = parse_decimal(&end);

	if (end == value || *end || ms > RECORD_MOST_MS)
		die(EXIT_USAGE, "-Dthaw.record is a number of milliseconds, 0 to 3600000, not ", value, 0);
	return ms * 1000000;
}

/* Properties that the launcher heeds, too. CRaC's JDKs know jdk.crac.require-labels. */
static void heed_property(struct restore *r, char *property)
{
	static const char *const LABELS[] = { "-Dthaw.required-labels", "-Djdk.crac.require-labels" };
	const char *value;
	int at = 0;

	if (string_equal(property, "-Dthaw.lazy=off"))
		r->context->flags |= RESUME_EAGER;
	else if (string_equal(property, "-Dthaw.prefetch=off"))
		r->context->flags |= RESUME_NO_PREFETCH;
	else if (string_starts(property, RECORD))
		r->context->record_ns = record_of(property + sizeof(RECORD) - 1);
	else if (string_starts(property, "-Dthaw.cpu-features="))
		r->cpu_check = cpu_check_of(value_of("-Dthaw.cpu-features", 1, &property, &at));
	else if (string_starts(property, INJECT))
		r->context->flags |= injections_of(property + sizeof(INJECT) - 1) << RESUME_INJECT_SHIFT;
	for (unsigned int i = 0; i < 2; i++)
		if (string_starts(property, LABELS[i]) && (value = value_of(LABELS[i], 1, &property, &at)))
			r->required_labels = value;
}

/* CMD args…, up to the end or to a ";". */
static void take_or_else(struct restore *r, int argc, char **argv, int *at)
{
	long copy = zone_map(&r->context->zone_next, (uint64_t)(argc + 1) * sizeof(char *));
	char **command = (char **)copy;
	int count = 0;

	if (copy < 0)
		die(EXIT_REFUSED, "no memory for the arguments", "", copy);
	while (*at + 1 < argc && !string_equal(argv[*at + 1], ";"))
		command[count++] = argv[++*at];
	if (*at + 1 < argc)
		++*at;
	if (!count)
		die(EXIT_USAGE, "a command is missing behind ", "--or-else", 0);
	if (sys_getcwd(r->start_folder, sizeof(r->start_folder)) < 0)
		r->start_folder[0] = 0;
	r->or_else = command;
}

static void take_folder(struct restore *r, const char *argument)
{
	if (argument[0] == '-')
		die(EXIT_USAGE, "restore has no option ", argument, 0);
	if (r->path)
		die(EXIT_USAGE, "one folder is enough; a main class comes after --: ", argument, 0);
	r->path = argument;
}

void options_parse(struct restore *r, int argc, char **argv)
{
	int kept = 0;

	for (int i = 0; i < argc; i++) {
		if (string_equal(argv[i], "--")) {
			while (i < argc)
				argv[kept++] = argv[i++];
			break;
		}
		if (string_starts(argv[i], "-D")) {
			heed_property(r, argv[i]);
			argv[kept++] = argv[i];
		} else if (string_equal(argv[i], "--eager")) {
			r->context->flags |= RESUME_EAGER;
		} else if (string_equal(argv[i], "--or-else")) {
			take_or_else(r, argc, argv, &i);
		} else if (!take_value(r, argc, argv, &i)) {
			take_folder(r, argv[i]);
		}
	}
	if (!r->path)
		usage(2, EXIT_USAGE);
	r->context->argument_bytes = keep_strings(r->context, kept, argv, &r->context->arguments);
	keep_environment(r->context, r->environment);
}
