/* SPDX-License-Identifier: Apache-2.0
 * Every raw system call of the project. All return what the kernel returns: a value >= 0 or -errno.
 */
#ifndef THAW_SYS_SYSCALL_H
#define THAW_SYS_SYSCALL_H

#include <asm/unistd.h>
#include <linux/errno.h>
#include <stddef.h>
#include <stdint.h>

#include "sys/abi.h"

/* x86-64: number in rax, arguments in rdi rsi rdx r10 r8 r9; the kernel destroys rcx and r11. */
static inline long syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall" : "=a"(ret)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

#define SYSCALL0(n)			syscall6(n, 0, 0, 0, 0, 0, 0)
#define SYSCALL1(n, a)			syscall6(n, (long)(a), 0, 0, 0, 0, 0)
#define SYSCALL2(n, a, b)		syscall6(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define SYSCALL3(n, a, b, c)		syscall6(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define SYSCALL4(n, a, b, c, d)		syscall6(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define SYSCALL5(n, a, b, c, d, e)	syscall6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define SYSCALL6(n, a, b, c, d, e, f)	\
	syscall6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* Files */
static inline int sys_openat(int dir, const char *path, int flags, unsigned int mode)
{
	return (int)SYSCALL4(__NR_openat, dir, path, flags, mode);
}
static inline int sys_open(const char *path, int flags)
{
	return sys_openat(AT_FDCWD, path, flags, 0);
}
static inline int sys_close(int fd) { return (int)SYSCALL1(__NR_close, fd); }
static inline int sys_close_range(unsigned int first, unsigned int last) { return (int)SYSCALL3(__NR_close_range, first, last, 0); }
static inline long sys_read(int fd, void *buffer, size_t bytes) { return SYSCALL3(__NR_read, fd, buffer, bytes); }
static inline long sys_write(int fd, const void *buffer, size_t bytes) { return SYSCALL3(__NR_write, fd, buffer, bytes); }
static inline long sys_pread(int fd, void *buffer, size_t bytes, uint64_t offset)
{
	return SYSCALL4(__NR_pread64, fd, buffer, bytes, offset);
}
static inline long sys_pwrite(int fd, const void *buffer, size_t bytes, uint64_t offset)
{
	return SYSCALL4(__NR_pwrite64, fd, buffer, bytes, offset);
}
static inline long sys_preadv(int fd, const struct iovec *vec, int count, uint64_t offset)
{
	return SYSCALL5(__NR_preadv, fd, vec, count, offset, 0);
}
/* preadv2(2) of one buffer; RWF_NOWAIT */
static inline long sys_pread_flags(int fd, void *buffer, size_t bytes, uint64_t offset, int flags)
{
	struct iovec vec = { buffer, bytes };

	return SYSCALL6(__NR_preadv2, fd, &vec, 1, offset, 0, flags);
}
static inline long sys_pwritev(int fd, const struct iovec *vec, int count, uint64_t offset)
{
	return SYSCALL5(__NR_pwritev, fd, vec, count, offset, 0);
}
static inline long sys_lseek(int fd, int64_t offset, int whence) { return SYSCALL3(__NR_lseek, fd, offset, whence); }
static inline int sys_fstat(int fd, struct stat *ret) { return (int)SYSCALL2(__NR_fstat, fd, ret); }
static inline int sys_stat(const char *path, struct stat *ret) { return (int)SYSCALL2(__NR_stat, path, ret); }
static inline int sys_lstat(const char *path, struct stat *ret) { return (int)SYSCALL2(__NR_lstat, path, ret); }
static inline int sys_fstatfs(int fd, struct statfs *ret) { return (int)SYSCALL2(__NR_fstatfs, fd, ret); }
static inline int sys_fsync(int fd) { return (int)SYSCALL1(__NR_fsync, fd); }
static inline int sys_memfd_create(const char *name, unsigned int flags) { return (int)SYSCALL2(__NR_memfd_create, name, flags); }
static inline int sys_ftruncate(int fd, uint64_t bytes) { return (int)SYSCALL2(__NR_ftruncate, fd, bytes); }
static inline int sys_flock(int fd, int operation) { return (int)SYSCALL2(__NR_flock, fd, operation); }
static inline int sys_unlinkat(int dir, const char *path, int flags) { return (int)SYSCALL3(__NR_unlinkat, dir, path, flags); }
static inline int sys_unlink(const char *path) { return (int)SYSCALL1(__NR_unlink, path); }
static inline int sys_mkdir(const char *path, unsigned int mode) { return (int)SYSCALL2(__NR_mkdir, path, mode); }
static inline int sys_mkdirat(int dir, const char *path, unsigned int mode) { return (int)SYSCALL3(__NR_mkdirat, dir, path, mode); }
static inline int sys_link(const char *from, const char *to) { return (int)SYSCALL2(__NR_link, from, to); }
static inline int sys_rename(const char *from, const char *to) { return (int)SYSCALL2(__NR_rename, from, to); }
static inline int sys_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned int flags)
{
	return (int)SYSCALL5(__NR_renameat2, from_dir, from, to_dir, to, flags);
}
static inline long sys_readlink(const char *path, char *ret, size_t bytes) { return SYSCALL3(__NR_readlink, path, ret, bytes); }
static inline long sys_readlinkat(int dir, const char *path, char *ret, size_t bytes) { return SYSCALL4(__NR_readlinkat, dir, path, ret, bytes); }
static inline long sys_getdents64(int fd, void *ret, size_t bytes) { return SYSCALL3(__NR_getdents64, fd, ret, bytes); }
static inline int sys_chdir(const char *path) { return (int)SYSCALL1(__NR_chdir, path); }
static inline long sys_getcwd(char *ret, size_t bytes) { return SYSCALL2(__NR_getcwd, ret, bytes); }
static inline unsigned int sys_umask(unsigned int mask) { return (unsigned int)SYSCALL1(__NR_umask, mask); }
static inline int sys_fcntl(int fd, int command, long argument) { return (int)SYSCALL3(__NR_fcntl, fd, command, argument); }
static inline int sys_dup3(int from, int to, int flags) { return (int)SYSCALL3(__NR_dup3, from, to, flags); }
static inline int sys_dup2(int from, int to) { return (int)SYSCALL2(__NR_dup2, from, to); }
static inline long sys_ioctl(int fd, unsigned long request, void *argument) { return SYSCALL3(__NR_ioctl, fd, request, argument); }
static inline int sys_pipe2(int *ret, int flags) { return (int)SYSCALL2(__NR_pipe2, ret, flags); }
static inline long sys_tee(int from, int to, size_t bytes, unsigned int flags) { return SYSCALL4(__NR_tee, from, to, bytes, flags); }
static inline int sys_timerfd_create(int clock, int flags) { return (int)SYSCALL2(__NR_timerfd_create, clock, flags); }
static inline int sys_timerfd_settime(int fd, int flags, const struct itimerspec *t) { return (int)SYSCALL4(__NR_timerfd_settime, fd, flags, t, 0); }
static inline int sys_eventfd2(unsigned int count, int flags) { return (int)SYSCALL2(__NR_eventfd2, count, flags); }
static inline int sys_signalfd4(int fd, const uint64_t *mask, int flags) { return (int)SYSCALL4(__NR_signalfd4, fd, mask, sizeof(*mask), flags); }
static inline int sys_inotify_init1(int flags) { return (int)SYSCALL1(__NR_inotify_init1, flags); }
static inline int sys_inotify_add_watch(int fd, const char *path, uint32_t mask) { return (int)SYSCALL3(__NR_inotify_add_watch, fd, path, mask); }
static inline int sys_inotify_rm_watch(int fd, int wd) { return (int)SYSCALL2(__NR_inotify_rm_watch, fd, wd); }
static inline int sys_epoll_create1(int flags) { return (int)SYSCALL1(__NR_epoll_create1, flags); }
static inline int sys_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
	return (int)SYSCALL4(__NR_epoll_ctl, epoll, operation, fd, event);
}
static inline int sys_poll(struct pollfd *fds, unsigned int count, int timeout_ms)
{
	return (int)SYSCALL3(__NR_poll, fds, count, timeout_ms);
}
static inline int sys_kcmp(int pid1, int pid2, int type, uint64_t index1, uint64_t index2)
{
	return (int)SYSCALL5(__NR_kcmp, pid1, pid2, type, index1, index2);
}
static inline int sys_getrlimit(int resource, struct rlimit *ret) { return (int)SYSCALL4(__NR_prlimit64, 0, resource, 0, ret); }
static inline int sys_setrlimit(int resource, const struct rlimit *limit) { return (int)SYSCALL4(__NR_prlimit64, 0, resource, limit, 0); }

/* Sockets */
static inline int sys_socket(int family, int type, int protocol) { return (int)SYSCALL3(__NR_socket, family, type, protocol); }
static inline int sys_socketpair(int family, int type, int protocol, int *ret) { return (int)SYSCALL4(__NR_socketpair, family, type, protocol, ret); }
static inline int sys_bind(int fd, const void *address, unsigned int bytes) { return (int)SYSCALL3(__NR_bind, fd, address, bytes); }
static inline int sys_listen(int fd, int backlog) { return (int)SYSCALL2(__NR_listen, fd, backlog); }
static inline int sys_connect(int fd, const void *address, unsigned int bytes) { return (int)SYSCALL3(__NR_connect, fd, address, bytes); }
static inline int sys_getsockname(int fd, void *ret, unsigned int *bytes) { return (int)SYSCALL3(__NR_getsockname, fd, ret, bytes); }
static inline int sys_getpeername(int fd, void *ret, unsigned int *bytes) { return (int)SYSCALL3(__NR_getpeername, fd, ret, bytes); }
static inline int sys_getsockopt(int fd, int level, int option, void *ret, unsigned int *bytes)
{
	return (int)SYSCALL5(__NR_getsockopt, fd, level, option, ret, bytes);
}
static inline int sys_setsockopt(int fd, int level, int option, const void *value, unsigned int bytes)
{
	return (int)SYSCALL5(__NR_setsockopt, fd, level, option, value, bytes);
}
static inline long sys_recv(int fd, void *ret, size_t bytes, int flags) { return SYSCALL6(__NR_recvfrom, fd, ret, bytes, flags, 0, 0); }
static inline long sys_recvmsg(int fd, struct msghdr *message, int flags) { return SYSCALL3(__NR_recvmsg, fd, message, flags); }
static inline long sys_send(int fd, const void *from, size_t bytes, int flags) { return SYSCALL6(__NR_sendto, fd, from, bytes, flags, 0, 0); }
static inline int sys_shutdown(int fd, int how) { return (int)SYSCALL2(__NR_shutdown, fd, how); }

/* Memory */
static inline long sys_mmap(uint64_t address, size_t bytes, int prot, int flags, int fd, uint64_t offset)
{
	return SYSCALL6(__NR_mmap, address, bytes, prot, flags, fd, offset);
}
static inline int sys_munmap(uint64_t address, size_t bytes) { return (int)SYSCALL2(__NR_munmap, address, bytes); }
static inline int sys_mprotect(uint64_t address, size_t bytes, int prot) { return (int)SYSCALL3(__NR_mprotect, address, bytes, prot); }
static inline long sys_mremap(uint64_t from, size_t bytes, size_t new_bytes, int flags, uint64_t to)
{
	return SYSCALL5(__NR_mremap, from, bytes, new_bytes, flags, to);
}
static inline int sys_msync(uint64_t address, size_t bytes, int flags) { return (int)SYSCALL3(__NR_msync, address, bytes, flags); }
static inline int sys_madvise(uint64_t address, size_t bytes, int advice) { return (int)SYSCALL3(__NR_madvise, address, bytes, advice); }
static inline int sys_mlock(uint64_t address, size_t bytes) { return (int)SYSCALL2(__NR_mlock, address, bytes); }
static inline uint64_t sys_brk(uint64_t address) { return (uint64_t)SYSCALL1(__NR_brk, address); }
static inline int sys_userfaultfd(int flags) { return (int)SYSCALL1(__NR_userfaultfd, flags); }

/* Threads, signals, the process */
static inline int sys_getpid(void) { return (int)SYSCALL0(__NR_getpid); }
static inline int sys_gettid(void) { return (int)SYSCALL0(__NR_gettid); }
static inline unsigned int sys_geteuid(void) { return (unsigned int)SYSCALL0(__NR_geteuid); }
static inline unsigned int sys_getegid(void) { return (unsigned int)SYSCALL0(__NR_getegid); }
static inline int sys_unshare(int flags) { return (int)SYSCALL1(__NR_unshare, flags); }
static inline int sys_setns(int fd, int flags) { return (int)SYSCALL2(__NR_setns, fd, flags); }
static inline int sys_capget(const struct capability_header *header, struct capability_sets *ret)
{
	return (int)SYSCALL2(__NR_capget, header, ret);
}
static inline int sys_capset(const struct capability_header *header, const struct capability_sets *sets)
{
	return (int)SYSCALL2(__NR_capset, header, sets);
}
static inline int sys_tgkill(int pid, int tid, int signal) { return (int)SYSCALL3(__NR_tgkill, pid, tid, signal); }
static inline int sys_kill(int pid, int signal) { return (int)SYSCALL2(__NR_kill, pid, signal); }
static inline int sys_rt_sigaction(int signal, const struct kernel_sigaction *action, struct kernel_sigaction *ret)
{
	return (int)SYSCALL4(__NR_rt_sigaction, signal, action, ret, 8);
}
static inline int sys_rt_sigprocmask(int how, const uint64_t *set, uint64_t *ret)
{
	return (int)SYSCALL4(__NR_rt_sigprocmask, how, set, ret, 8);
}
static inline int sys_futex(uint32_t *word, int operation, uint32_t value, const struct timespec *timeout)
{
	return (int)SYSCALL6(__NR_futex, word, operation, value, timeout, 0, 0);
}
static inline int sys_sched_yield(void) { return (int)SYSCALL0(__NR_sched_yield); }
static inline int sys_nanosleep(const struct timespec *time) { return (int)SYSCALL2(__NR_nanosleep, time, 0); }
static inline int sys_clock_gettime(int clock, struct timespec *ret) { return (int)SYSCALL2(__NR_clock_gettime, clock, ret); }
static inline int sys_arch_prctl(int code, uint64_t argument) { return (int)SYSCALL2(__NR_arch_prctl, code, argument); }
static inline int sys_prctl(int option, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	return (int)SYSCALL5(__NR_prctl, option, a, b, c, d);
}
static inline int sys_set_tid_address(uint64_t address) { return (int)SYSCALL1(__NR_set_tid_address, address); }
static inline int sys_set_robust_list(uint64_t head, size_t bytes) { return (int)SYSCALL2(__NR_set_robust_list, head, bytes); }
static inline int sys_get_robust_list(int tid, uint64_t *ret_head, size_t *ret_bytes) { return (int)SYSCALL3(__NR_get_robust_list, tid, ret_head, ret_bytes); }
static inline int sys_rseq(uint64_t area, uint32_t bytes, int flags, uint32_t signature) { return (int)SYSCALL4(__NR_rseq, area, bytes, flags, signature); }
static inline long sys_sched_getaffinity(int tid, uint64_t bytes, uint64_t *ret) { return SYSCALL3(__NR_sched_getaffinity, tid, bytes, ret); }
static inline int sys_sched_setaffinity(int tid, uint64_t bytes, const uint64_t *cpus) { return (int)SYSCALL3(__NR_sched_setaffinity, tid, bytes, cpus); }
static inline int sys_getcpu(uint32_t *ret) { return (int)SYSCALL3(__NR_getcpu, ret, 0, 0); }
static inline int sys_setpriority(int which, int who, int value) { return (int)SYSCALL3(__NR_setpriority, which, who, value); }
static inline int sys_waitid(int type, int id, struct siginfo *ret, int options) { return (int)SYSCALL5(__NR_waitid, type, id, ret, options, 0); }
static inline long sys_process_vm_readv(int pid, const struct iovec *local, unsigned long local_count,
					const struct iovec *remote, unsigned long remote_count)
{
	return SYSCALL6(__NR_process_vm_readv, pid, local, local_count, remote, remote_count, 0);
}
static inline int sys_uname(struct utsname *ret) { return (int)SYSCALL1(__NR_uname, ret); }
static inline long sys_getrandom(void *ret, size_t bytes, unsigned int flags) { return SYSCALL3(__NR_getrandom, ret, bytes, flags); }
static inline int sys_execve(const char *path, char *const *argv, char *const *envp) { return (int)SYSCALL3(__NR_execve, path, argv, envp); }
static inline void sys_exit_group(int status) __attribute__((noreturn));
static inline void sys_exit_group(int status)
{
	for (;;)
		SYSCALL1(__NR_exit_group, status);
}

#endif
