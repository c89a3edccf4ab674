/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STACK_BYTES	(256u << 10)

static void (*before_end)(void);

static void end_by_signal(int signal)
{
	before_end();
	_exit(128 + signal);
}

void host_before_end(void (*hook)(void))
{
	before_end = hook;
	signal(SIGINT, end_by_signal);
	signal(SIGTERM, end_by_signal);
	signal(SIGHUP, end_by_signal);
}

static void forget_end(void)
{
	before_end = NULL;
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
}

void host_fail(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fputs("faultbench: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	if (before_end)
		before_end();
	_exit(1);
}

void host_in_child(void (*body)(void *), void *data)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		host_fail("fork: %s", strerror(errno));
	if (pid == 0) {
		forget_end();
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		body(data);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		host_fail("waitpid: %s", strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		host_fail("a measurement ended with %s %d", WIFEXITED(status) ? "status" : "signal",
			  WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

void *host_shared(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		host_fail("mmap of %zu bytes: %s", bytes, strerror(errno));
	return memory;
}

struct worker {
	pthread_t thread;
	unsigned int index;
	void (*body)(unsigned int, void *);
	void *data;
	pthread_barrier_t *start;
};

static void *work(void *argument)
{
	struct worker *w = argument;

	pthread_barrier_wait(w->start);
	w->body(w->index, w->data);
	return NULL;
}

static void create(pthread_t *ret, void *(*body)(void *), void *data)
{
	pthread_attr_t attributes;
	int error;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	error = pthread_create(ret, &attributes, body, data);
	if (error)
		host_fail("pthread_create: %s", strerror(error));
	pthread_attr_destroy(&attributes);
}

uint64_t host_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t host_threads(unsigned int count, void (*body)(unsigned int, void *), void *data)
{
	struct worker *workers = calloc(count, sizeof(*workers));
	pthread_barrier_t start;
	uint64_t from;

	if (!workers)
		host_fail("no memory for %u threads", count);
	pthread_barrier_init(&start, NULL, count + 1);
	for (unsigned int i = 0; i < count; i++) {
		workers[i] = (struct worker){ .index = i, .body = body, .data = data, .start = &start };
		create(&workers[i].thread, work, &workers[i]);
	}
	from = host_now();			/* before: this thread may be the last to go on */
	pthread_barrier_wait(&start);
	for (unsigned int i = 0; i < count; i++)
		pthread_join(workers[i].thread, NULL);
	from = host_now() - from;
	pthread_barrier_destroy(&start);
	free(workers);
	return from;
}

struct background {
	void (*body)(void *);
	void *data;
};

static void *run_background(void *argument)
{
	struct background b = *(struct background *)argument;

	free(argument);
	b.body(b.data);
	return NULL;
}

void host_background(void (*body)(void *), void *data)
{
	struct background *b = malloc(sizeof(*b));
	pthread_t thread;

	if (!b)
		host_fail("no memory for a thread");
	*b = (struct background){ body, data };
	create(&thread, run_background, b);
	pthread_detach(thread);
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void host_sort(uint32_t *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
}

uint64_t host_cpu_ns(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000u
		+ (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000u;
}

static void (*on_sigbus)(uint64_t);

static void handle_sigbus(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)context;
	on_sigbus((uint64_t)info->si_addr);
}

void host_on_sigbus(void (*handler)(uint64_t))
{
	struct sigaction action = { .sa_sigaction = handle_sigbus, .sa_flags = SA_SIGINFO | SA_NODEFER };

	on_sigbus = handler;
	sigaction(SIGBUS, &action, NULL);
}

void host_copy(void *to, const void *from, size_t bytes)
{
	static void *(*copy)(void *, const void *, size_t);

	if (!copy) {
		void *libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);

		*(void **)&copy = libc ? dlsym(libc, "memcpy") : NULL;
		if (!copy)
			host_fail("no memcpy in libc: %s", dlerror());
	}
	copy(to, from, bytes);
}
