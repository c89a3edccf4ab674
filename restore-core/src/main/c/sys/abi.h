/* SPDX-License-Identifier: Apache-2.0
 * The kernel's structures and constants, x86-64. Written out here because the headers of libc cannot be
 * mixed with the kernel's, and those of the build machine may be older than the kernel it runs on.
 */
#ifndef THAW_SYS_ABI_H
#define THAW_SYS_ABI_H

#include <stddef.h>
#include <stdint.h>

/* fcntl.h, asm-generic/fcntl.h */
#define AT_FDCWD		(-100)
#define AT_REMOVEDIR		0x200
#define O_ACCMODE		03
#define O_RDONLY		00
#define O_WRONLY		01
#define O_RDWR			02
#define O_CREAT			0100
#define O_EXCL			0200
#define O_NOCTTY		0400
#define O_TRUNC			01000
#define O_APPEND		02000
#define O_NONBLOCK		04000
#define O_DIRECT		040000
#define O_LARGEFILE		0100000
#define O_DIRECTORY		0200000
#define O_NOFOLLOW		0400000
#define O_CLOEXEC		02000000
#define O_PATH			010000000
#define F_GETFD			1
#define F_SETFD			2
#define F_GETFL			3
#define F_SETFL			4
#define F_DUPFD_CLOEXEC		1030
#define F_SETPIPE_SZ		1031
#define F_GETPIPE_SZ		1032
#define FD_CLOEXEC		1
#define LOCK_SH			1
#define LOCK_EX			2
#define LOCK_NB			4
#define SEEK_SET		0
#define SEEK_CUR		1
#define SEEK_DATA		3
#define SEEK_HOLE		4
#define MFD_CLOEXEC		1
#define RENAME_NOREPLACE	1

/* stat.h */
#define S_IFMT			0170000
#define S_IFSOCK		0140000
#define S_IFREG			0100000
#define S_IFBLK			0060000
#define S_IFDIR			0040000
#define S_IFCHR			0020000
#define S_IFIFO			0010000
#define MEM_MAJOR		1	/* /dev/null and its like, linux/major.h */

struct statfs {				/* asm-generic/statfs.h */
	int64_t f_type, f_bsize;
	uint64_t f_blocks, f_bfree, f_bavail, f_files, f_ffree;
	int32_t f_fsid[2];
	int64_t f_namelen, f_frsize, f_flags, f_spare[4];
};
#define HUGETLBFS_MAGIC		0x958458f6
#define PROC_SUPER_MAGIC	0x9fa0
#define TMPFS_MAGIC		0x01021994
#define SYSFS_MAGIC		0x62656572
#define CGROUP_SUPER_MAGIC	0x27e0eb
#define CGROUP2_SUPER_MAGIC	0x63677270

struct timespec {
	int64_t tv_sec;
	int64_t tv_nsec;
};

struct stat {				/* asm/stat.h */
	uint64_t st_dev, st_ino, st_nlink;
	uint32_t st_mode, st_uid, st_gid, pad0;
	uint64_t st_rdev;
	int64_t st_size, st_blksize, st_blocks;
	struct timespec st_atim, st_mtim, st_ctim;
	int64_t unused[3];
};

struct linux_dirent64 {
	uint64_t d_ino;
	int64_t d_off;
	uint16_t d_reclen;
	uint8_t d_type;
	char d_name[];
};

struct iovec {
	void *iov_base;
	size_t iov_len;
};

struct pollfd {
	int fd;
	int16_t events, revents;
};
#define POLLIN			1
#define POLLERR			0x08
#define POLLHUP			0x10
#define POLLRDHUP		0x2000
#define FIONREAD		0x541b
#define SIOCOUTQ		0x5411

struct rlimit {
	uint64_t soft, hard;
};
#define RLIMIT_NOFILE		7

/* mman.h */
#define PROT_NONE		0
#define PROT_READ		1
#define PROT_WRITE		2
#define PROT_EXEC		4
#define MAP_SHARED		0x01
#define MAP_PRIVATE		0x02
#define MAP_FIXED		0x10
#define MAP_ANONYMOUS		0x20
#define MAP_GROWSDOWN		0x0100
#define MAP_NORESERVE		0x4000
#define MAP_POPULATE		0x8000
#define MAP_STACK		0x20000
#define MAP_FIXED_NOREPLACE	0x100000
#define MREMAP_MAYMOVE		1
#define MREMAP_FIXED		2
#define MS_SYNC			4
#define MADV_DONTNEED		4
#define MADV_DONTFORK		10
#define MADV_HUGEPAGE		14
#define MADV_NOHUGEPAGE		15
#define MADV_DONTDUMP		16
#define MADV_DODUMP		17
#define MADV_WIPEONFORK		18
#define MADV_POPULATE_WRITE	23

/* signal.h */
#define SIGTRAP			5
#define SIGKILL			9
#define SIG_DFL			0
#define SIG_IGN			1
#define SA_SIGINFO		4u
#define SA_RESTORER		0x04000000u
#define SA_RESTART		0x10000000u
#define SIG_BLOCK		0
#define SIG_UNBLOCK		1
#define SIG_SETMASK		2
#define SI_TKILL		(-6)
#define SIGNAL_COUNT		64

struct kernel_sigaction {
	uint64_t handler;
	uint64_t flags;
	uint64_t restorer;
	uint64_t mask;
};

struct siginfo {
	int32_t si_signo, si_errno, si_code, pad0;
	int32_t si_pid;
	uint32_t si_uid;
	uint8_t rest[128 - 24];
};

struct stack_t {
	uint64_t ss_sp;
	int32_t ss_flags, pad0;
	uint64_t ss_size;
};

/* asm/sigcontext.h, the order gregs are saved in */
struct ucontext {
	uint64_t uc_flags;
	uint64_t uc_link;
	struct stack_t uc_stack;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, eflags;
	uint16_t cs, gs, fs, ss;
	uint64_t err, trapno, oldmask, cr2;
	uint64_t fpstate;
	uint64_t reserved[8];
	uint64_t uc_sigmask;
};

/* linux/capability.h; the sets are low and high words */
#define CAPABILITY_VERSION_3	0x20080522u
struct capability_header {
	uint32_t version;
	int32_t pid;
};
struct capability_sets {
	uint32_t effective, permitted, inheritable;
};

/* sched.h, futex.h, prctl.h, wait.h, time.h */
#define CLONE_NEWTIME		0x00000080
#define CLONE_VM		0x00000100
#define CLONE_FS		0x00000200
#define CLONE_FILES		0x00000400
#define CLONE_SIGHAND		0x00000800
#define CLONE_THREAD		0x00010000
#define CLONE_SYSVSEM		0x00040000
#define CLONE_SETTLS		0x00080000
#define CLONE_PARENT_SETTID	0x00100000
#define CLONE_CHILD_CLEARTID	0x00200000
#define CLONE_CHILD_SETTID	0x01000000
#define CLONE_NEWUSER		0x10000000
#define FUTEX_WAIT		0
#define FUTEX_WAKE		1
#define FUTEX_WAIT_BITSET	9
#define FUTEX_PRIVATE		128
#define FUTEX_CLOCK_REALTIME	256
#define ARCH_SET_GS		0x1001
#define ARCH_SET_FS		0x1002
#define ARCH_GET_FS		0x1003
#define ARCH_GET_GS		0x1004
#define PR_SET_NAME		15
#define PR_GET_NAME		16
#define PR_SET_MM		35
#define PR_SET_MM_MAP		14
#define PR_GET_TID_ADDRESS	40
#define P_ALL			0
#define WNOHANG			0x00000001
#define WEXITED			0x00000004
#define WNOWAIT			0x01000000
#define WALL			0x40000000
#define CLOCK_REALTIME		0
#define CLOCK_MONOTONIC		1
#define CLOCK_PROCESS_CPUTIME_ID	2
#define CLOCK_THREAD_CPUTIME_ID		3
#define PRIO_PROCESS		0
#define RSEQ_FLAG_UNREGISTER	1
#define RSEQ_SIGNATURE		0x53053053u	/* glibc's RSEQ_SIG on x86 */
#define RSEQ_AREA_BYTES		32		/* glibc registers 32 although __rseq_size says 20 */

struct prctl_mm_map {			/* linux/prctl.h */
	uint64_t start_code, end_code, start_data, end_data;
	uint64_t start_brk, brk, start_stack;
	uint64_t arg_start, arg_end, env_start, env_end;
	uint64_t auxv;
	uint32_t auxv_size;
	uint32_t exe_fd;
};

/* kcmp.h */
#define KCMP_FILE		0
#define KCMP_EPOLL_TFD		7
struct kcmp_epoll_slot {
	uint32_t efd, tfd, toff;
};

/* socket.h and friends */
#define AF_UNIX			1
#define AF_INET			2
#define AF_INET6		10
#define AF_NETLINK		16
#define AF_PACKET		17
#define SOCK_STREAM		1
#define SOCK_DGRAM		2
#define SOCK_RAW		3
#define SOCK_NONBLOCK		04000
#define SOCK_CLOEXEC		02000000
#define SOL_SOCKET		1
#define SO_REUSEADDR		2
#define SO_TYPE			3
#define SO_ERROR		4
#define SO_BROADCAST		6
#define SO_SNDBUF		7
#define SO_RCVBUF		8
#define SO_KEEPALIVE		9
#define SO_LINGER		13
#define SO_REUSEPORT		15
#define SO_ACCEPTCONN		30
#define SO_PROTOCOL		38
#define SO_DOMAIN		39
#define SO_BUF_LOCK		72	/* since 5.14: which sizes were set by hand */
#define SOCK_SNDBUF_LOCK	1
#define SOCK_RCVBUF_LOCK	2
#define IPPROTO_IP		0
#define IPPROTO_TCP		6
#define IPPROTO_UDP		17
#define IPPROTO_IPV6		41
#define IP_TOS			1
#define IP_TTL			2
#define IP_MULTICAST_IF		32
#define IP_MULTICAST_TTL	33
#define IP_MULTICAST_LOOP	34
#define IPV6_UNICAST_HOPS	16
#define IPV6_MULTICAST_IF	17
#define IPV6_MULTICAST_HOPS	18
#define IPV6_MULTICAST_LOOP	19
#define IPV6_V6ONLY		26
#define IPV6_TCLASS		67
#define TCP_NODELAY		1
#define TCP_INFO		11
#define SO_PEEK_OFF		42
#define MSG_PEEK		0x02
#define MSG_CTRUNC		0x08
#define MSG_NOSIGNAL		0x4000
#define SHUT_RD			0
#define SHUT_WR			1
#define MSG_DONTWAIT		0x40

enum tcp_state {			/* net/tcp_states.h */
	TCP_ESTABLISHED = 1, TCP_SYN_SENT, TCP_SYN_RECV, TCP_FIN_WAIT1, TCP_FIN_WAIT2, TCP_TIME_WAIT,
	TCP_CLOSE, TCP_CLOSE_WAIT, TCP_LAST_ACK, TCP_LISTEN, TCP_CLOSING,
};

struct tcp_info {			/* the start of it, linux/tcp.h */
	uint8_t tcpi_state, rest[7];
	uint32_t tcpi_rto, tcpi_ato, tcpi_snd_mss, tcpi_rcv_mss;
	uint32_t tcpi_unacked, tcpi_sacked;	/* of a listener: connections waiting, and its backlog */
};

struct linger {
	int on, seconds;
};

struct msghdr {
	void *name;
	uint32_t name_bytes, pad0;
	struct iovec *iov;
	size_t iov_count;
	void *control;
	size_t control_bytes;
	uint32_t flags, pad1;
};

/* linux/netlink.h, sock_diag.h, unix_diag.h; man sock_diag(7) */
#define NETLINK_SOCK_DIAG	4
#define SOCK_DIAG_BY_FAMILY	20
#define NLM_F_REQUEST		1
#define UDIAG_SHOW_PEER		4
#define UNIX_DIAG_PEER		2
#define UNIX_DIAG_SHUTDOWN	6
struct nlmsghdr {
	uint32_t length;
	uint16_t type, flags;
	uint32_t sequence, port;
};
struct unix_diag_req {
	uint8_t family, protocol;
	uint16_t pad;
	uint32_t states, inode, show, cookie[2];
};
struct unix_diag_msg {
	uint8_t family, type, state, pad;
	uint32_t inode, cookie[2];
};
struct rtattr {
	uint16_t length, type;
};

/* inotify.h */
#define IN_ALL_EVENTS		0x00000fffu
#define IN_EXCL_UNLINK		0x04000000u
#define IN_MASK_CREATE		0x10000000u
#define IN_ONESHOT		0x80000000u

/* Ports and IPv4 addresses are big-endian bytes. */
struct sockaddr_in {
	uint16_t sin_family;
	uint8_t sin_port[2], sin_addr[4], sin_zero[8];
};
struct sockaddr_in6 {
	uint16_t sin6_family;
	uint8_t sin6_port[2];
	uint32_t sin6_flowinfo;
	uint8_t sin6_addr[16];
	uint32_t sin6_scope_id;
};
struct sockaddr_un {
	uint16_t sun_family;
	char sun_path[108];
};

/* timerfd.h, time.h */
#define CLOCK_REALTIME		0
#define CLOCK_BOOTTIME		7
#define TFD_TIMER_ABSTIME	1
#define TFD_TIMER_CANCEL_ON_SET	2
struct itimerspec {
	struct timespec it_interval, it_value;
};

/* eventpoll.h, eventfd.h */
#define EPOLL_CTL_ADD		1
#define EFD_SEMAPHORE		1
struct epoll_event {
	uint32_t events;
	uint64_t data;
} __attribute__((packed));

/* linux/userfaultfd.h up to 6.18; man ioctl_userfaultfd(2) */
#define UFFD_API			0xaaull
#define UFFD_USER_MODE_ONLY		1
#define USERFAULTFD_IOC_NEW		0xaa00u		/* on /dev/userfaultfd, argument: flags */
#define UFFD_FEATURE_PAGEFAULT_FLAG_WP	(1ull << 0)
#define UFFD_FEATURE_EVENT_REMAP	(1ull << 2)
#define UFFD_FEATURE_EVENT_REMOVE	(1ull << 3)
#define UFFD_FEATURE_EVENT_UNMAP	(1ull << 6)
#define UFFD_FEATURE_SIGBUS		(1ull << 7)
#define UFFD_FEATURE_THREAD_ID		(1ull << 8)
#define UFFD_FEATURE_WP_UNPOPULATED	(1ull << 13)
#define UFFD_FEATURE_WP_ASYNC		(1ull << 15)
#define UFFD_FEATURE_MOVE		(1ull << 16)
#define UFFDIO_REGISTER_MODE_MISSING	1
#define UFFDIO_REGISTER_MODE_WP		2
#define UFFDIO_COPY_MODE_DONTWAKE	1
#define UFFDIO_COPY_MODE_WP		2
#define UFFDIO_WRITEPROTECT_MODE_WP	1
#define UFFD_PAGEFAULT_FLAG_WRITE	(1ull << 0)
#define UFFD_EVENT_PAGEFAULT		0x12
#define UFFD_EVENT_FORK			0x13
#define UFFD_EVENT_REMAP		0x14
#define UFFD_EVENT_REMOVE		0x15
#define UFFD_EVENT_UNMAP		0x16

struct uffdio_api {
	uint64_t api, features, ioctls;
};
struct uffdio_range {
	uint64_t start, len;
};
struct uffdio_register {
	struct uffdio_range range;
	uint64_t mode, ioctls;
};
struct uffdio_copy {
	uint64_t dst, src, len, mode;
	int64_t copy;
};
struct uffdio_zeropage {
	struct uffdio_range range;
	uint64_t mode;
	int64_t zeropage;
};
struct uffdio_move {
	uint64_t dst, src, len, mode;
	int64_t move;
};
struct uffdio_writeprotect {
	struct uffdio_range range;
	uint64_t mode;
};
struct uffd_msg {
	uint8_t event, reserved1;
	uint16_t reserved2;
	uint32_t reserved3;
	union {
		struct {
			uint64_t flags, address;
			uint32_t ptid;
		} pagefault;
		struct {
			uint64_t from, to, len;
		} remap;
		struct {
			uint64_t start, end;
		} remove;
		uint64_t words[3];
	} arg;
};
#define IOCTL_RW(type, number, bytes)	(0xc0000000u | ((unsigned int)(bytes) << 16) | ((type) << 8) | (number))
#define IOCTL_R(type, number, bytes)	(0x80000000u | ((unsigned int)(bytes) << 16) | ((type) << 8) | (number))
#define UFFDIO_API			IOCTL_RW(0xaau, 0x3f, sizeof(struct uffdio_api))
#define UFFDIO_REGISTER			IOCTL_RW(0xaau, 0x00, sizeof(struct uffdio_register))
#define UFFDIO_UNREGISTER		IOCTL_R(0xaau, 0x01, sizeof(struct uffdio_range))
#define UFFDIO_WAKE			IOCTL_R(0xaau, 0x02, sizeof(struct uffdio_range))
#define UFFDIO_COPY			IOCTL_RW(0xaau, 0x03, sizeof(struct uffdio_copy))
#define UFFDIO_ZEROPAGE			IOCTL_RW(0xaau, 0x04, sizeof(struct uffdio_zeropage))
#define UFFDIO_MOVE			IOCTL_RW(0xaau, 0x05, sizeof(struct uffdio_move))
#define UFFDIO_WRITEPROTECT		IOCTL_RW(0xaau, 0x06, sizeof(struct uffdio_writeprotect))

/* linux/fs.h since 6.7; Documentation/admin-guide/mm/pagemap.rst */
#define PAGE_IS_WPALLOWED		(1ull << 0)
#define PAGE_IS_WRITTEN			(1ull << 1)
#define PAGE_IS_FILE			(1ull << 2)
#define PAGE_IS_PRESENT			(1ull << 3)
#define PAGE_IS_SWAPPED			(1ull << 4)
#define PAGE_IS_PFNZERO			(1ull << 5)
#define PAGE_IS_HUGE			(1ull << 6)
#define PM_SCAN_CHECK_WPASYNC		(1ull << 1)	/* EPERM where memory is not registered for it */

/* linux/utsname.h, struct new_utsname */
struct utsname {
	char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65];
};

/* Of an entry of /proc/PID/pagemap, the same document. */
#define PAGEMAP_UFFD_WP			(1ull << 57)

/* linux/fs.h. EAGAIN: data would have to be waited for; EOPNOTSUPP: the file system cannot tell */
#define RWF_NOWAIT			8

struct page_region {
	uint64_t start, end, categories;
};
struct pm_scan_arg {
	uint64_t size, flags, start, end, walk_end;
	uint64_t vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
#define PAGEMAP_SCAN			IOCTL_RW(0x66u, 16, sizeof(struct pm_scan_arg))

_Static_assert(sizeof(struct stat) == 144, "asm/stat.h");
_Static_assert(sizeof(struct statfs) == 120, "asm-generic/statfs.h");
_Static_assert(offsetof(struct tcp_info, tcpi_sacked) == 28, "linux/tcp.h");
_Static_assert(sizeof(struct sockaddr_in6) == 28, "linux/in6.h");
_Static_assert(sizeof(struct uffd_msg) == 32, "linux/userfaultfd.h");
_Static_assert(sizeof(struct pm_scan_arg) == 96, "linux/fs.h");
_Static_assert(offsetof(struct ucontext, rip) == 168, "asm/ucontext.h");
_Static_assert(offsetof(struct ucontext, uc_sigmask) == 296, "asm/ucontext.h");
_Static_assert(UFFDIO_API == 0xc018aa3fu && UFFDIO_COPY == 0xc028aa03u, "linux/userfaultfd.h");
_Static_assert(PAGEMAP_SCAN == 0xc0606610u, "linux/fs.h");

#endif
