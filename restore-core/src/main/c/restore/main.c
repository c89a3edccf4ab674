/* SPDX-License-Identifier: Apache-2.0
 * thaw restore DIR[/NNNN] [--eager] [--time-namespace=auto|user|off] [-Dkey=value…] [-- MainClass args…]
 * thaw list|inspect|verify …: in Java, see tools.c
 */
#include "restore/launcher.h"

#define INJECT		"-Dthaw.inject="
#define STACK_BYTES	(256u << 10)

static const char USAGE[] =
	"usage: thaw restore DIR[/NNNN] [--eager] [-Dkey=value...] [-- MainClass args...]\n"
	"       thaw list DIR\n"
	"       thaw inspect DIR[/NNNN]\n"
	"       thaw verify DIR[/NNNN]\n"
	"\n"
	"restore  becomes the JVM of the newest snapshot in DIR, or of DIR/NNNN\n"
	"         --eager             read all memory before the threads run (for debuggers)\n"
	"         -Dthaw.lazy=off     the same\n"
	"         -Dthaw.prefetch=off read only what is touched\n"
	"         --time-namespace=user  after a reboot, not as root: go on in a user namespace\n"
	"         --time-namespace=off   after a reboot: time may jump ahead\n"
	"         -Dkey=value         a system property, set before afterRestore\n"
	"         -- MainClass args   its main runs after afterRestore\n"
	"list     the snapshots in DIR\n"
	"inspect  what a snapshot holds\n"
	"verify   checks every byte of it; exit status 1 when one has changed\n";

static struct restore restore;

void die(int status, const char *what, const char *operand, long error)
{
	static char line[THAW_PATH_BYTES + 1024];
	struct text t;

	text_open(&t, line, sizeof(line) - 1);
	text_string(&t, "thaw: ");
	text_string(&t, what);
	text_string(&t, operand);
	if (error) {
		text_string(&t, ": ");
		text_errno(&t, (int)(error < 0 ? -error : error));
	}
	line[t.length++] = '\n';
	sys_write(2, line, t.length);
	sys_exit_group(status);
}

static void usage(int fd, int status)
{
	sys_write(fd, USAGE, sizeof(USAGE) - 1);
	sys_exit_group(status);
}

int launcher_move_up(const struct restore *r, int fd)
{
	long base = (long)max_u64(r->view.header->highest_fd + 1, 64);
	int high = sys_fcntl(fd, F_DUPFD_CLOEXEC, base);

	if (high < 0)
		die(EXIT_REFUSED, "too few file descriptors allowed: raise the limit (ulimit -n)", "", high);
	sys_close(fd);
	return high;
}

/* In the zone, each with its NUL; the length of all. */
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

static void parse_time_namespace(struct restore *r, const char *word)
{
	if (string_equal(word, "auto"))
		r->time_namespace = TIME_NAMESPACE_AUTO;
	else if (string_equal(word, "user"))
		r->time_namespace = TIME_NAMESPACE_USER;
	else if (string_equal(word, "off"))
		r->time_namespace = TIME_NAMESPACE_OFF;
	else
		die(EXIT_USAGE, "--time-namespace is auto, user or off, not ", word, 0);
}

static void parse_options(struct restore *r, int argc, char **argv)
{
	struct resume_context *x = r->context;
	int kept = 0;

	for (int i = 0; i < argc; i++) {
		if (string_equal(argv[i], "--")) {
			while (i < argc)
				argv[kept++] = argv[i++];
			break;
		}
		if (string_equal(argv[i], "--eager") || string_equal(argv[i], "-Dthaw.lazy=off"))
			x->flags |= RESUME_EAGER;
		else if (string_equal(argv[i], "-Dthaw.prefetch=off"))
			x->flags |= RESUME_NO_PREFETCH;
		else if (string_starts(argv[i], "--time-namespace="))
			parse_time_namespace(r, argv[i] + sizeof("--time-namespace=") - 1);
		else if (string_starts(argv[i], INJECT))
			x->flags |= injections_of(argv[i] + sizeof(INJECT) - 1) << RESUME_INJECT_SHIFT;
		else if (!string_starts(argv[i], "-D") && argv[i][0] == '-')
			die(EXIT_USAGE, "restore has no option ", argv[i], 0);
		else if (!string_starts(argv[i], "-D") && r->path)
			die(EXIT_USAGE, "one folder is enough; a main class comes after --: ", argv[i], 0);
		else if (!string_starts(argv[i], "-D"))
			r->path = argv[i];
		if (string_starts(argv[i], "-D"))
			argv[kept++] = argv[i];
	}
	if (!r->path)
		usage(2, EXIT_USAGE);
	x->argument_bytes = keep_strings(x, kept, argv, &x->arguments);
}

static void become(void *data)
{
	space_replace(data);
}

static void prepare_memory(struct restore *r, uint64_t start_ns)
{
	uint64_t next = ZONE_MEMORY;
	long context = zone_map(&next, sizeof(struct resume_context));

	if (context < 0)
		die(EXIT_REFUSED, "no memory at the address Thaw keeps for itself", "", context);
	r->context = (struct resume_context *)context;
	r->context->bytes = sizeof(struct resume_context);
	r->context->start_ns = start_ns;
	r->context->zone_next = next;
}

static void reopen_descriptors(struct restore *r)
{
	static char why[THAW_PATH_BYTES + 512];
	struct text t;

	text_open(&t, why, sizeof(why));
	if (descriptors_reopen(&r->view, sys_getpid(), &r->descriptors, &t) != 0)
		die(EXIT_REFUSED, why, "", 0);
	if (descriptors_install(&r->view, &r->descriptors, &t) != 0) {
		descriptors_remove_names(&r->view, sys_getpid());
		die(EXIT_REFUSED, why, "", 0);
	}
}

/* As HotSpot does at its start (MaxFDLimit): the restored JVM had it so. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (sys_getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.soft < limit.hard) {
		limit.soft = limit.hard;
		sys_setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void restore_main(int argc, char **argv, char **envp, uint64_t start_ns)
{
	struct restore *r = &restore;
	uint64_t all = ~0ull;
	long stack;

	raise_file_limit();
	prepare_memory(r, start_ns);
	parse_options(r, argc, argv);
	keep_environment(r->context, envp);
	snapshot_open(r);
	machine_check(r);
	space_check(r);
	r->snapshot_fd = launcher_move_up(r, r->snapshot_fd);
	SYSCALL3(__NR_close_range, 3, r->snapshot_fd - 1, 0);	/* nothing else is open yet */
	SYSCALL3(__NR_close_range, r->snapshot_fd + 1, ~0u, 0);
	snapshot_open_sources(r);
	machine_open_files(r);
	time_continue(r);
	reopen_descriptors(r);
	stack = zone_map(&r->context->zone_next, STACK_BYTES);
	if (stack < 0)
		die(EXIT_REFUSED, "no memory for a stack", "", stack);
	sys_rt_sigprocmask(SIG_SETMASK, &all, NULL);
	jump_on_stack(r, become, (uint64_t)stack + STACK_BYTES);
}

void launcher_main(uint64_t *stack)
{
	struct timespec t;
	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1), **envp = argv + argc + 1;

	sys_clock_gettime(CLOCK_MONOTONIC, &t);
	if (argc < 2)
		usage(2, EXIT_USAGE);
	if (string_equal(argv[1], "--help") || string_equal(argv[1], "-h") || string_equal(argv[1], "help"))
		usage(1, 0);
	if (string_equal(argv[1], "restore"))
		restore_main(argc - 2, argv + 2, envp, (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec);
	tools_exec(argc, argv, envp);
}
