/* SPDX-License-Identifier: Apache-2.0
 * A real thread in a timed futex wait, stopped by a signal: its deadline moves when it has passed, in the clock of the wait, and only then. The
 * frame is what a checkpoint stores.
 */
#include "quiesce/park.h"
#include "quiesce/stack.h"
#include "restore/resume_waits.h"
#include "restore/threads.h"

#include "task_file.h"

#define HOUR	3600
#define TIMED_WAIT	(FUTEX_WAIT_BITSET | FUTEX_PRIVATE)

int failures;

static struct engine_thread waiter;
static struct ucontext *frame;
static uint32_t word, stopped, leave;
static int operation;
static struct timespec elsewhere;
static bool on_its_stack;
static int64_t seconds;			/* from now until the deadline */
static int clock_of_wait;

static void on_signal(int signal, struct siginfo *info, struct ucontext *context)
{
	(void)signal, (void)info;
	frame = context;
	__atomic_store_n(&stopped, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&leave, __ATOMIC_ACQUIRE))
		;
}

/* As glibc's futex_abstimed_wait does it. */
static long timed_wait(struct timespec *deadline)
{
	register struct timespec *r10 asm("r10") = deadline;
	register uint64_t r8 asm("r8") = 0;
	register uint64_t r9 asm("r9") = 0xffffffffu;
	long ret;

	asm volatile("movl $202, %%eax\n\tsyscall" : "=a"(ret) : "D"(&word), "S"((long)operation), "d"(0L), "r"(r10), "r"(r8), "r"(r9)
		     : "rcx", "r11", "memory");
	return ret;
}

static void wait_main(void *data)
{
	struct timespec here;
	struct timespec *deadline = on_its_stack ? &here : &elsewhere;

	(void)data;
	sys_clock_gettime(clock_of_wait, deadline);
	deadline->tv_sec += HOUR;
	timed_wait(deadline);
	SYSCALL1(__NR_exit, 0);
}

static bool sleeps_in_futex(uint32_t tid)
{
	char text[32];

	task_file(tid, "/syscall", text, sizeof(text));
	return string_starts(text, "202 ");
}

static void stop_waiter(void)
{
	stopped = leave = 0;
	threads_start_engine(&waiter, "waiter", wait_main, 0);
	while (!sleeps_in_futex(waiter.tid))
		sys_sched_yield();
	sys_tgkill(sys_getpid(), (int)waiter.tid, SIGTRAP);
	while (!__atomic_load_n(&stopped, __ATOMIC_ACQUIRE))
		sys_sched_yield();
}

static void expect(const char *when, bool stack, int clock, int futex_operation, int64_t until, bool moves)
{
	struct timespec *deadline, before, now;
	int64_t ahead_ns;

	on_its_stack = stack, clock_of_wait = clock, operation = futex_operation, seconds = until;
	stop_waiter();
	deadline = (struct timespec *)frame->r10;
	sys_clock_gettime(clock, deadline);	/* what it is at the restore */
	deadline->tv_sec += seconds;
	before = *deadline;
	resume_wait(frame);
	sys_clock_gettime(clock, &now);
	ahead_ns = (deadline->tv_sec - now.tv_sec) * 1000000000 + deadline->tv_nsec - now.tv_nsec;
	if (moves)
		CHECK(ahead_ns <= (int64_t)EXPIRED_WAIT_NS && deadline->tv_sec > before.tv_sec && deadline->tv_nsec < 1000000000, "%s: %ld ns",
		      when, ahead_ns);
	else
		CHECK(deadline->tv_sec == before.tv_sec && deadline->tv_nsec == before.tv_nsec, "%s: moved", when);
	word = 1;			/* so that it does not wait once more */
	__atomic_store_n(&leave, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&waiter.tid, __ATOMIC_ACQUIRE))
		sys_sched_yield();
	word = 0;
}

int main(void)
{
	struct kernel_sigaction action = { .handler = (uint64_t)on_signal, .flags = SA_SIGINFO | SA_RESTORER | SA_RESTART,
					   .restorer = (uint64_t)signal_return, .mask = ~0ull };

	engine = engine_new(ZONE_MEMORY);
	MUST(engine ? 0 : -ENOMEM);
	MUST(sys_rt_sigaction(SIGTRAP, &action, NULL));
	expect("expired, monotonic", true, CLOCK_MONOTONIC, TIMED_WAIT, -HOUR, true);
	expect("expired, wall clock", true, CLOCK_REALTIME, TIMED_WAIT | FUTEX_CLOCK_REALTIME, -HOUR, true);
	expect("not yet expired", true, CLOCK_MONOTONIC, TIMED_WAIT, HOUR, false);
	expect("a deadline elsewhere", false, CLOCK_MONOTONIC, TIMED_WAIT, -HOUR, false);
	expect("not by deadline", true, CLOCK_MONOTONIC, FUTEX_WAIT | FUTEX_PRIVATE, -HOUR, false);
	return failures != 0;
}
