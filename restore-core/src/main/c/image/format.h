/* SPDX-License-Identifier: Apache-2.0
 * The snapshot format, version 3; docs/image-format.md draws it. Little-endian, every record naturally aligned.
 */
#ifndef THAW_IMAGE_FORMAT_H
#define THAW_IMAGE_FORMAT_H

#include <stdint.h>

/*
 * DIR/NNNN/pages   one header page, then the page data; page index 0 is the header, so data starts at index 1
 * DIR/NNNN/meta    struct image_header, then the sections; everything a restore needs except page data
 */
#define THAW_PAGE_SIZE		4096u
#define THAW_PAGE_SHIFT		12
#define THAW_META_MAGIC		0x3154454d57414854ull	/* "THAWMET1" */
#define THAW_PAGES_MAGIC	0x3147415057414854ull	/* "THAWPAG1" */
#define THAW_FORMAT_VERSION	3u
#define THAW_ID_BYTES		16
#define THAW_NONE		0xffffffffu
#define THAW_MAX_SOURCES	1024u	/* snapshots one image may refer to */

enum image_section {
	SECTION_SOURCES,	/* struct image_source; entry 0 is this snapshot's own pages file */
	SECTION_REGIONS,	/* struct image_region, ascending, not overlapping */
	SECTION_EXTENTS,	/* struct image_extent, ascending, not overlapping, none crosses a region's border */
	SECTION_CRCS,		/* uint32_t: CRC32C of each page of each extent, in the order of the extents */
	SECTION_THREADS,	/* struct image_thread; entry 0 is the primordial thread */
	SECTION_FILES,		/* struct image_file: what must be on disk unchanged */
	SECTION_DESCRIPTORS,	/* struct image_descriptor, ascending by fd */
	SECTION_WATCHES,	/* struct image_watch: epoll registrations */
	SECTION_SIGNALS,	/* struct image_sigaction, signal 1 first; 64 entries */
	SECTION_STRINGS,	/* NUL-terminated UTF-8/bytes; offset 0 is the empty string */
	SECTION_BLOBS,		/* raw bytes: what pipes and sockets held, watches of inotify */
	SECTION_COUNT,
};

struct image_span {
	uint64_t offset;	/* bytes from the start of meta, multiple of 8 */
	uint64_t count;		/* entries; for STRINGS and BLOBS bytes */
};

enum image_flags {
	IMAGE_DELTA		= 1 << 0,	/* written as a delta of `parent` */
	IMAGE_LAZY_OFF		= 1 << 1,	/* agent option lazy=off */
	IMAGE_PREFETCH_OFF	= 1 << 2,	/* agent option prefetch=off */
};

/* What prctl(PR_SET_MM, PR_SET_MM_MAP) takes: struct prctl_mm_map of linux/prctl.h without the pointers. */
struct image_mm {
	uint64_t start_code, end_code, start_data, end_data;
	uint64_t start_brk, brk, start_stack;
	uint64_t arg_start, arg_end, env_start, env_end;
	uint64_t auxv;			/* address inside the image of a copy is not needed: auxv words are below */
	uint64_t auxv_words[64];
	uint64_t auxv_bytes;
};

/* What the CPU must offer: HotSpot and glibc chose code by it at start. */
struct image_cpu {
	uint32_t leaf1_ecx, leaf1_edx;
	uint32_t leaf7_ebx, leaf7_ecx, leaf7_edx;
	uint32_t leaf7_1_eax;
	uint32_t ext1_ecx, ext1_edx;
	uint64_t xcr0;
	uint32_t xsave_bytes;		/* CPUID(0xd,0).ebx: the size of the area in a signal frame */
	uint32_t reserved;
};

/* The kernel's [vvar] [vvar_vclock] [vdso]: moved back to these addresses, only if the kernel's are the same. */
struct image_vdso {
	uint64_t vvar_start, vvar_end;
	uint64_t vclock_start, vclock_end;	/* 0,0 where the kernel has none */
	uint64_t vdso_start, vdso_end;
	uint32_t vdso_crc;
	uint32_t reserved;
};

struct image_header {
	uint64_t magic;
	uint32_t version;
	uint32_t header_bytes;
	uint64_t meta_bytes;		/* the whole file */
	uint32_t meta_crc;		/* CRC32C of the whole file with this field as 0 */
	uint32_t flags;			/* enum image_flags */
	uint8_t id[THAW_ID_BYTES];
	uint8_t parent_id[THAW_ID_BYTES];	/* all 0 for a full snapshot */
	uint32_t parent_number;		/* 0 for a full snapshot */
	uint32_t depth;			/* deltas up to the full snapshot: 0 for full */
	uint64_t pages_bytes;		/* size of this snapshot's own pages file */
	uint64_t own_pages;		/* pages stored in it */
	uint64_t realtime_ns;		/* CLOCK_REALTIME, CLOCK_MONOTONIC at the checkpoint */
	uint64_t monotonic_ns;
	uint32_t pid;			/* in its own pid namespace */
	uint32_t uid;
	uint32_t highest_fd;
	uint32_t umask;
	uint32_t boot_id;		/* strings: /proc/sys/kernel/random/boot_id */
	uint32_t cwd;			/* strings */
	uint32_t java_home;		/* strings: java.home */
	uint32_t agent_jar;		/* strings: thaw.jar */
	uint32_t vm_version;		/* strings: java.vm.name and java.vm.version */
	uint32_t thaw_version;		/* strings */
	uint64_t heap_start, heap_end;	/* the Java heap's reserved range */
	uint64_t resume_entry;		/* address of thaw_resume in the restored libthaw.so */
	uint64_t engine_slot;		/* address of libthaw.so's one variable: the pointer to the engine's state */
	uint32_t page_crc_kind;		/* 1 = CRC32C */
	uint32_t reserved;
	struct image_mm mm;
	struct image_cpu cpu;
	struct image_vdso vdso;
	uint64_t boottime_ns;		/* CLOCK_BOOTTIME at the checkpoint */
	int64_t monotonic_offset_ns;	/* what the process's time namespace added to the machine's clocks */
	int64_t boottime_offset_ns;
	uint32_t tags_crc, score_crc;	/* CRC32C of the files of these names; 0: empty or not there */
	struct image_span sections[SECTION_COUNT];
};

struct pages_header {
	uint64_t magic;
	uint32_t version;
	uint32_t crc;			/* CRC32C of this struct with this field as 0; the rest of the page is 0 */
	uint8_t id[THAW_ID_BYTES];	/* equals the meta's */
	uint64_t pages;			/* data pages after this one */
};

struct image_source {
	uint8_t id[THAW_ID_BYTES];
	uint32_t number;		/* DIR/number/pages; 0 for entry 0, the own file */
	uint32_t reserved;
	uint64_t pages;			/* data pages the file has */
};

enum region_kind {
	REGION_ANON,			/* private anonymous, or rebuilt as such */
	REGION_FILE,			/* private mapping of `file`; extents hold the copied-on-write pages */
	REGION_FILE_SHARED,		/* shared mapping of `file`; to write only where that is FILE_WRITTEN. Never stored */
	REGION_ANON_SHARED,		/* shared anonymous, stored whole each time */
	REGION_PERFDATA,		/* HotSpot's hsperfdata file: made again under the new pid, stored whole */
	REGION_MEMFD,			/* shared mapping of a DESCRIPTOR_MEMFD, whose fd `file` is; stored whole each time */
};

enum region_flags {
	REGION_GROWSDOWN	= 1 << 0,
	REGION_NOHUGE		= 1 << 1,	/* MADV_NOHUGEPAGE */
	REGION_HUGE		= 1 << 2,	/* MADV_HUGEPAGE */
	REGION_DONTFORK		= 1 << 3,
	REGION_DONTDUMP		= 1 << 4,
	REGION_STACK		= 1 << 5,	/* holds a parked thread's frame */
	REGION_ENGINE		= 1 << 6,	/* libthaw.so itself: filled first, never lazy, never tracked */
	REGION_REBUILT		= 1 << 7,	/* was a private file mapping, is stored whole */
	REGION_HEAP		= 1 << 8,	/* lies in the Java heap */
	REGION_WIPEONFORK	= 1 << 9,
	REGION_LOCKED		= 1 << 10,
};

struct image_region {
	uint64_t start, end;
	uint32_t kind;			/* enum region_kind */
	uint32_t prot;			/* PROT_* */
	uint32_t flags;			/* enum region_flags */
	uint32_t file;			/* index into FILES, or THAW_NONE; of REGION_MEMFD an fd */
	uint64_t offset;		/* bytes into the file */
	uint64_t first_extent;
	uint64_t extents;
};

struct image_extent {
	uint64_t start;			/* address */
	uint32_t pages;
	uint32_t source;		/* index into SOURCES */
	uint64_t source_page;		/* first page, counted in the source's file (the header page is 0) */
	uint64_t first_crc;		/* index into CRCS */
};

enum thread_flags {
	THREAD_BACKGROUND	= 1 << 0,	/* may start later than the others: nobody waits for it */
};

struct image_thread {
	uint32_t tid;			/* at the checkpoint */
	uint32_t flags;			/* enum thread_flags */
	uint64_t frame;			/* the ucontext of its signal frame */
	uint64_t fs_base, gs_base;
	uint64_t tid_address;		/* PR_GET_TID_ADDRESS: struct pthread's tid */
	uint64_t robust_list, robust_bytes;
	uint64_t rseq;			/* 0: not registered */
	uint64_t vm_tid_address;	/* HotSpot's OSThread::_thread_id of it, 0 if it has none */
	char name[16];
};

enum file_flags {			/* above the bits of st_mode */
	FILE_WRITTEN		= 1 << 16,	/* opened to be written through a shared mapping; must be unchanged */
	FILE_ANY_CONTENT	= 1 << 17,	/* by decision: may have any content, but not be shorter */
};

struct image_file {
	uint64_t size;
	int64_t mtime_s;
	uint32_t mtime_ns;
	uint32_t edge_crc;		/* CRC32C of the first and the last 64 KiB (of all of it, if shorter) */
	uint32_t path;			/* strings */
	uint32_t mode;			/* st_mode and enum file_flags */
};

enum descriptor_kind {
	DESCRIPTOR_STDIO,		/* 0-2 and duplicates of them: `same_as` names which of the launcher's */
	DESCRIPTOR_SAME,		/* duplicate of the open file of fd `same_as` */
	DESCRIPTOR_FILE,		/* regular file or directory opened read-only: `file`, `position` */
	DESCRIPTOR_DEVICE,		/* /dev/null, zero, full, random, urandom: `path` */
	DESCRIPTOR_EPOLL,
	DESCRIPTOR_EVENTFD,		/* position = count; option 1 = EFD_SEMAPHORE */
	DESCRIPTOR_PIPE_READ,		/* peer = fd of the other end; blob = what it holds; position = its capacity */
	DESCRIPTOR_PIPE_WRITE,
	DESCRIPTOR_SOCKET,		/* TCP, not connected: bound, listening or neither */
	DESCRIPTOR_UNIX_LISTENER,
	DESCRIPTOR_DEAD_SOCKET,		/* made again as one end of a socketpair whose other end is closed */
	DESCRIPTOR_TIMERFD,		/* address = struct image_timer */
	DESCRIPTOR_WRITABLE_FILE,	/* regular file opened for writing: path, position; with O_APPEND created if missing */
	DESCRIPTOR_FIFO,		/* path */
	DESCRIPTOR_CLOSED,		/* closed by decision: in its place what fails every use */
	DESCRIPTOR_UDP,			/* address = struct image_udp */
	DESCRIPTOR_UNIX_PAIR,		/* socketpair: peer = fd of the other end; blob = what it has not read */
	DESCRIPTOR_UNIX_DATAGRAM,	/* AF_UNIX datagram socket without a name; address = its peer's, if it has one */
	DESCRIPTOR_INOTIFY,		/* blob = struct image_inotify_watch, ascending by wd */
	DESCRIPTOR_SIGNALFD,		/* position = mask */
	DESCRIPTOR_MEMFD,		/* path = its name; address = its size, uint64_t; its content is that of its regions */
	DESCRIPTOR_COUNT,
};

enum udp_option {
	UDP_BROADCAST,
	UDP_TTL,
	UDP_TOS,
	UDP_MULTICAST_TTL,
	UDP_MULTICAST_LOOP,
	UDP_MULTICAST_IF,
	UDP6_HOPS,			/* from here on of AF_INET6 only */
	UDP6_TRAFFIC_CLASS,
	UDP6_MULTICAST_HOPS,
	UDP6_MULTICAST_LOOP,
	UDP6_MULTICAST_IF,
	UDP_OPTION_COUNT,
};

struct image_udp {
	uint8_t local[28];		/* struct sockaddr_in or sockaddr_in6; address_bytes says which */
	uint8_t remote[28];		/* OPTION_CONNECTED */
	int32_t values[UDP_OPTION_COUNT];
};

struct image_inotify_watch {
	int32_t wd;
	uint32_t mask;			/* IN_* */
	uint32_t path;			/* strings */
	uint32_t reserved;
};

struct image_timer {
	uint64_t next_ns;		/* of `clock`: the next expiry, 0 = not armed */
	uint64_t interval_ns;
	uint64_t ticks;			/* expired and not read */
	uint32_t clock;			/* CLOCK_REALTIME, CLOCK_MONOTONIC or CLOCK_BOOTTIME */
	uint32_t flags;			/* TFD_TIMER_CANCEL_ON_SET */
};

enum descriptor_options {
	OPTION_SEMAPHORE	= 1 << 0,	/* eventfd */
	OPTION_LISTENING	= 1 << 1,	/* socket */
	OPTION_BOUND		= 1 << 2,
	OPTION_REUSEADDR	= 1 << 3,
	OPTION_REUSEPORT	= 1 << 4,
	OPTION_V6ONLY		= 1 << 5,
	OPTION_KEEPALIVE	= 1 << 6,
	OPTION_NODELAY		= 1 << 7,
	OPTION_ATTACH		= 1 << 8,	/* unix listener of the attach protocol: its path carries the pid */
	OPTION_ATTACH_VM	= 1 << 9,	/* the same, HotSpot's own: restored under <path>.hs */
	OPTION_CONNECTED	= 1 << 10,	/* datagram socket */
	OPTION_SHUT_READ	= 1 << 11,	/* socketpair: its other end's SHUT_WR too */
	OPTION_RESET		= 1 << 12,	/* TCP connection closed by decision: its peer was to see a reset */
};

struct image_descriptor {
	int32_t fd;
	uint32_t kind;			/* enum descriptor_kind */
	uint32_t open_flags;		/* O_* of /proc/self/fdinfo, O_CLOEXEC included */
	uint32_t options;		/* enum descriptor_options */
	int32_t same_as;		/* fd, or -1 */
	int32_t peer;			/* fd, or -1 */
	uint32_t file;			/* index into FILES, or THAW_NONE */
	uint32_t path;			/* strings */
	uint64_t position;
	uint64_t blob_offset;		/* into BLOBS */
	uint64_t blob_bytes;
	uint32_t family, type, protocol;
	uint32_t backlog;
	uint32_t receive_buffer, send_buffer;	/* SO_RCVBUF, SO_SNDBUF as read; 0 = leave */
	uint32_t address_bytes;
	uint32_t mode;			/* permissions of a file that may have to be created */
	uint8_t address[128];		/* struct sockaddr_storage, or as the kind says */
};

struct image_watch {
	int32_t epoll_fd;
	int32_t target_fd;
	uint32_t events;		/* EPOLL* bits as fdinfo shows them */
	uint32_t reserved;
	uint64_t data;
};

struct image_sigaction {		/* struct kernel_sigaction of x86-64 */
	uint64_t handler;
	uint64_t flags;
	uint64_t restorer;
	uint64_t mask;
};

#endif
