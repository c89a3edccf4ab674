/* SPDX-License-Identifier: Apache-2.0
 * thaw restore DIR[/NNNN] [options] [-Dkey=value…] [--or-else CMD args… ;] [-- MainClass args…]: options.c
 * thaw list|inspect|verify …: in Java, see tools.c
 */
#include "restore/launcher.h"

#define STACK_BYTES	(256u << 10)

static const char USAGE[] =
	"usage: thaw restore DIR[/NNNN] [options] [-Dkey=value...] [--or-else CMD args... ;] [-- MainClass args...]\n"
	"       thaw list DIR\n"
	"       thaw inspect DIR[/NNNN]\n"
	"       thaw verify DIR[/NNNN]\n"
	"\n"
	"restore  becomes the JVM of the newest snapshot in DIR, or of DIR/NNNN\n"
	"         --eager             read all memory before the threads run (for debuggers)\n"
	"         -Dthaw.lazy=off     the same\n"
	"         -Dthaw.prefetch=off read only what is touched\n"
	"         -Dthaw.record=MS    how long the first restores note what is touched (1000), 0: not at all\n"
	"         --time-namespace=user  after a reboot, not as root: go on in a user namespace\n"
	"         --time-namespace=off   after a reboot: time may jump ahead\n"
	"         --required-labels=K=V,K=$ENV,ENV   only a snapshot with these labels: the newest of them in DIR\n"
	"         --cpu-features=compatible|exact|skip   the CPU has all the features of the old one (the default),\n"
	"                             has the same, or is not compared\n"
	"         --cpu-features-message=TEXT        instead of thaw's own; %c, %s, %m: this CPU's features, the\n"
	"                             snapshot's, the missing ones; %% is a percent sign\n"
	"         -Dkey=value         a system property, set before afterRestore\n"
	"         --or-else CMD args  when the restore is refused, run this; up to the end or to a ;\n"
	"         -- MainClass args   its main runs after afterRestore\n"
	"list     the snapshots in DIR\n"
	"inspect  what a snapshot holds\n"
	"verify   checks every byte of it; exit status 1 when one has changed\n";

static struct restore restore;

void give_up(int status)
{
	if (restore.has_names)
		descriptors_remove_names(&restore.view, sys_getpid());
	restore.has_names = false;
	if (status == EXIT_REFUSED && restore.or_else)
		fallback_exec(&restore);
	sys_exit_group(status);
}

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
	give_up(status);
}

void usage(int fd, int status)
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
	r->context->record_ns = RECORD_NS;
	r->context->zone_next = next;
}

/* In a time namespace of its own, if it needs one; timers are armed there. */
static void reopen_descriptors(struct restore *r)
{
	static char why[THAW_PATH_BYTES + 512];
	struct text t;

	text_open(&t, why, sizeof(why));
	if (descriptors_reopen(&r->view, sys_getpid(), &r->descriptors, &t) != 0)
		die(EXIT_REFUSED, why, "", 0);
	r->has_names = true;
	time_continue(r);
	if (descriptors_arm_timers(&r->view, &r->descriptors, &t) != 0
	    || descriptors_install(&r->view, &r->descriptors, &t) != 0)
		die(EXIT_REFUSED, why, "", 0);
}

/* As HotSpot does at its start (MaxFDLimit): the restored JVM had it so. */
static void raise_file_limit(struct restore *r)
{
	struct rlimit limit;

	if (sys_getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.soft < limit.hard) {
		r->soft_limit = limit.soft;
		limit.soft = limit.hard;
		sys_setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void restore_main(int argc, char **argv, char **envp, uint64_t start_ns)
{
	struct restore *r = &restore;
	uint64_t all = ~0ull;
	long stack;

	r->environment = envp;
	prepare_memory(r, start_ns);
	options_parse(r, argc, argv);
	raise_file_limit(r);
	snapshot_open(r);
	machine_check(r);
	space_check(r);
	r->snapshot_fd = launcher_move_up(r, r->snapshot_fd);
	SYSCALL3(__NR_close_range, 3, r->snapshot_fd - 1, 0);	/* nothing else is open yet */
	SYSCALL3(__NR_close_range, r->snapshot_fd + 1, ~0u, 0);
	snapshot_open_sources(r);
	machine_open_files(r);
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
