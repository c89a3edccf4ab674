/* SPDX-License-Identifier: Apache-2.0
 * What libthaw.so offers Java (dev.thaw.core.NativeCore binds it with java.lang.foreign).
 *
 * Every struct starts with its own size, which the callee compares with its own: a Java layout that has
 * drifted is refused (-EINVAL) instead of misread. Strings are NUL-terminated.
 */
#ifndef THAW_H
#define THAW_H

#include <stdint.h>

/* hidden.h hides everything else. */
#pragma GCC visibility push(default)

#define THAW_PATH_BYTES		4096
#define THAW_MAX_REFUSALS	64

/* What Java found out about this JVM; given once, before the first checkpoint. */
struct thaw_setup {
	uint64_t bytes;			/* sizeof(struct thaw_setup) */
	uint64_t vm_thread;		/* java.lang.Thread.eetop of the calling thread: finds libjvm's TLS slot of Thread* */
	uint32_t osthread_offset;	/* Thread::_osthread (vmStructs) */
	uint32_t thread_id_offset;	/* OSThread::_thread_id (vmStructs) */
	uint32_t thread_state_offset;	/* JavaThread::_thread_state (vmStructs), 0: not known */
	uint32_t reserved;
	int64_t rseq_offset;		/* glibc's __rseq_offset, from the thread pointer */
	uint64_t rseq_bytes;		/* glibc's __rseq_size; 0 when glibc registered none */
	uint64_t heap_start, heap_end;	/* the Java heap's reserved range */
	uint64_t lazy;			/* 0: agent option lazy=off */
	uint64_t prefetch;		/* 0: agent option prefetch=off */
	char java_home[THAW_PATH_BYTES];
	char agent_jar[THAW_PATH_BYTES];
	char vm_version[512];
};

enum thaw_request_flags {
	THAW_KEEP_RUNNING	= 1 << 0,
	THAW_FULL		= 1 << 1,	/* do not write a delta even where one is possible */
	THAW_CHECK_ONLY		= 1 << 2,	/* write nothing: always THAW_FAILED, by STEP_REFUSED or STEP_NONE */
};

/* What becomes of a descriptor. One that nobody decided on is carried or refused by its kind. */
enum thaw_action {
	ACTION_ERROR,			/* refused */
	ACTION_CARRY,			/* made again in the restored process, where that is possible at all */
	ACTION_CLOSE,			/* the restored process has something in its place that fails every use */
	ACTION_COUNT,
};

#define THAW_MAPPING	(-1)		/* in place of a number: a file that is written through shared mappings */

/*
 * Holds only while fd is open on this very file; else it is as if nobody had decided. Of duplicates the smallest
 * number's holds for all. 0-2 and what stands for them are carried whatever is decided.
 */
struct thaw_decision {
	int32_t fd;
	uint32_t action;		/* enum thaw_action */
	uint64_t device, inode;		/* st_dev, st_ino */
};

/* The kernel does not tell what an inotify watch was added for. */
struct thaw_watch_path {
	int32_t fd;			/* the inotify */
	int32_t wd;
	uint64_t path;			/* address of an absolute path */
};

/* Where HotSpot keeps its pid, or a name made of it. Written in each restored process before its threads run. */
struct thaw_pid_place {
	uint64_t address, bytes;	/* char[], or int32_t */
	uint64_t only_if;		/* address of a byte: only while that is not 0; 0: always */
	uint32_t is_number;
	char before[276], behind[16];	/* of a text: what stands before the digits, and behind them */
};
#define THAW_MAX_PID_PLACES	8

/*
 * Some locks know their owner by his tid, which a restore changes: glibc's recursive mutexes (pthread_mutex_t.__owner), and
 * HotSpot's tty_lock (ostream.cpp, defaultStream::_writer). A restored owner could not give such a lock back, or would wait for
 * himself. So nothing is stored while one is held.
 */
enum thaw_tid_place_kind {
	TID_LOCK,			/* the object a lock is in */
	TID_CODE,			/* code between gettid(2) and the lock: who has his tid in a register there is on the way to it */
	TID_PLACE_COUNT,
};

struct thaw_tid_place {
	uint64_t start, bytes;
	uint64_t mutex;			/* of a lock: address of its pthread_mutex_t, in these bytes */
	uint32_t kind;			/* enum thaw_tid_place_kind */
	char name[36];
};
#define THAW_MAX_TID_PLACES	16

struct thaw_request {
	uint64_t bytes;
	uint64_t flags;			/* enum thaw_request_flags */
	int64_t reply_fd;		/* jcmd's connection, answered before the process ends; -1: none */
	uint64_t quiesce_timeout_ns;	/* all attempts together; 0 = 10 s */
	const char *tags, *score;	/* what goes into the snapshot's files of these names */
	uint64_t tags_bytes, score_bytes;
	char to[THAW_PATH_BYTES];	/* absolute path of DIR, which exists */
	/* Absolute paths, each NUL-terminated, an empty one at the end: removed when the process ends after
	 * the checkpoint (.java_pid files, hsperfdata, JFR's folder of files). */
	char remove_at_end[THAW_PATH_BYTES];
	uint64_t decisions;		/* address of struct thaw_decision[], each file at most once */
	uint64_t decision_count;
	uint64_t watch_paths;		/* address of struct thaw_watch_path[] */
	uint64_t watch_path_count;
};

enum thaw_outcome {
	THAW_FAILED,			/* nothing was written, all threads run on; see step, error, operand, refusals */
	THAW_WRITTEN,			/* the snapshot is complete, the process runs on (keep_running) */
};

/* The step that failed. Java turns step + error + operand into a sentence. */
enum thaw_step {
	STEP_NONE,
	STEP_SETUP,			/* libjvm's thread slot not found (operand_text says what) */
	STEP_BUSY,			/* another checkpoint is under way */
	STEP_MEMORY,			/* no memory for the engine itself; operand = bytes */
	STEP_LOAD_REST,			/* pages that were never loaded could not be read; operand_text = file */
	STEP_CREATE,			/* snapshot folder or a file in it; operand_text = path */
	STEP_SIGNAL_TAKEN,		/* SIGTRAP has a foreign handler that cannot be chained; operand = its address */
	STEP_PARK,			/* a thread did not park in time; operand = tid, operand_text = its name */
	STEP_REFUSED,			/* open things that cannot be carried: see refusals */
	STEP_MAPS,			/* /proc/self/maps unreadable or not understood; operand_text = the line */
	STEP_SCAN,			/* PAGEMAP_SCAN; operand = address */
	STEP_READ_MEMORY,		/* a page could not be read; operand = address */
	STEP_WRITE,			/* writing the pages or the metadata; operand_text = path */
	STEP_SYNC,			/* fsync; operand_text = path */
	STEP_PUBLISH,			/* rename to the next free number; operand_text = path */
	STEP_TRACK,			/* arming write protection; operand = address; 0: the dirty set is lost. The snapshot is given up */
	STEP_TID_LOCK,			/* held in each attempt; operand = its owner's tid, operand_text = the lock and the thread */
	STEP_COUNT,
};

enum thaw_refusal_reason {
	REFUSE_CONNECTION,		/* connected socket: local, remote */
	REFUSE_UNIX_CONNECTION,		/* connected AF_UNIX socket: local, remote (may be empty) */
	REFUSE_SOCKET,			/* another kind: raw, netlink, …: name says which, local */
	REFUSE_WRITABLE_FILE,		/* opened for writing, not to append, and nobody decided to carry it: name */
	REFUSE_DELETED_FILE,		/* no longer at its path: name */
	REFUSE_PIPE,			/* its other end is not in this process: name */
	REFUSE_DEVICE,			/* name */
	REFUSE_ANON_INODE,		/* io_uring, perf, …: name is the kernel's */
	REFUSE_EPOLL_WATCH,		/* an epoll watches a file whose fd is closed: name */
	REFUSE_CHILD,			/* a child process: pid, name */
	REFUSE_SHARED_MAPPING,		/* writable shared mapping of what is not a file at its path: name, address */
	REFUSE_MAPPING,			/* a mapping of a kind we do not know: name, address */
	REFUSE_FILE_POLICY,		/* ACTION_ERROR: name */
	REFUSE_SOCKET_POLICY,		/* the same: its kind as name, local, remote */
	REFUSE_RESOURCE_POLICY,		/* the same: the kernel's name */
	REFUSE_UNREAD_EVENTS,		/* an inotify: name */
	REFUSE_COUNT,
};

struct thaw_refusal {
	uint32_t reason;		/* enum thaw_refusal_reason */
	int32_t fd;			/* -1 where there is none */
	int32_t pid;
	uint32_t address_bytes;		/* of local and remote */
	uint64_t mapping;		/* address */
	uint8_t local[128];		/* struct sockaddr_storage */
	uint8_t remote[128];
	char name[256];
};

/* Why a snapshot is full although the process was checkpointed or restored before. */
enum thaw_full_reason {
	FULL_NO_REASON,			/* it is a delta */
	FULL_FIRST,			/* the first of this process */
	FULL_ASKED,			/* THAW_FULL */
	FULL_OTHER_FOLDER,		/* `to` is not the parent's folder */
	FULL_PARENT_MISSING,
	FULL_PARENT_CHANGED,		/* another snapshot, or damaged, stands at the parent's number */
	FULL_NOT_TRACKED,		/* userfaultfd write protection is not available */
	FULL_AFTER_FAILURE,		/* the previous checkpoint failed after tracking had started anew */
	FULL_CHAIN_LONG,		/* the image refers to THAW_MAX_SOURCES / 2 snapshots: a new chain begins */
};

struct thaw_result {
	uint64_t bytes;
	uint32_t outcome;		/* enum thaw_outcome */
	uint32_t step;			/* enum thaw_step */
	int32_t error;			/* errno, positive */
	uint32_t full_reason;		/* enum thaw_full_reason */
	uint64_t operand;
	char operand_text[THAW_PATH_BYTES];
	char path[THAW_PATH_BYTES];	/* of the snapshot */
	char report[1024];		/* one line: path, kind, size, pause; what jcmd prints */
	uint32_t number, parent_number;	/* parent 0: full */
	uint64_t own_pages;		/* stored now */
	uint64_t parent_pages;		/* left as references */
	uint64_t snapshot_bytes;	/* pages + meta */
	uint64_t pause_ns;		/* from the first signal to the release (keep_running) or to the end */
	uint64_t quiesce_ns;
	uint64_t write_ns;		/* scan and write, inside the pause */
	uint64_t track_ns;		/* arming, inside the pause */
	uint64_t sync_ns;		/* fsync and rename: after the pause with keep_running */
	uint32_t threads;		/* parked */
	uint32_t quiesce_retries;
	uint32_t refusal_count;		/* all; the first THAW_MAX_REFUSALS are in refusals */
	uint32_t reserved;
	struct thaw_refusal refusals[THAW_MAX_REFUSALS];
};

enum thaw_uffd_mode {
	UFFD_NONE,			/* no userfaultfd: everything was read first, every checkpoint is full */
	UFFD_USER,			/* UFFD_USER_MODE_ONLY: only the Java heap is lazy */
	UFFD_FULL,
};

struct thaw_status {
	uint64_t bytes;
	uint32_t restored;		/* 1 in a restored process */
	uint32_t uffd_mode;		/* enum thaw_uffd_mode */
	uint32_t tracking;		/* 1: a parent snapshot stands and pages written since are known */
	uint32_t all_loaded;		/* 1: nothing is missing, the image is closed */
	uint32_t prefetch;		/* 1: loading ahead is on */
	uint32_t parent_number;
	uint32_t set_rounds;		/* restores that recorded the working set in use; 0: none is */
	uint32_t recording;		/* 1: which pages are touched is being recorded */
	uint64_t set_pages;		/* of the working set in use */
	uint64_t pages_total;		/* stored pages of the image */
	uint64_t pages_first;		/* filled before the threads ran */
	uint64_t pages_demand;		/* loaded by a fault, its neighbours included */
	uint64_t pages_ahead;		/* loaded ahead of use */
	uint64_t pages_dropped;		/* unmapped or discarded before they were loaded */
	uint64_t pages_missing;		/* not loaded yet */
	uint64_t pages_zero;		/* faults answered by a zero page */
	uint64_t faults;
	uint64_t fault_ns_total;	/* from the read of the message to the page in place */
	uint64_t fault_ns_max;
	uint64_t fault_histogram[32];	/* faults that took < 2^i us */
	uint64_t pages_by_blocks;	/* of those loaded ahead: moved in as blocks of 2 MiB */
	uint64_t pages_untracked;	/* of them: to be write-protected yet */
	uint64_t retries;		/* UFFDIO_COPY answered EAGAIN or ENOMEM */
	uint64_t disk_reads;		/* faults whose data was not in the page cache */
	uint64_t overtaken;		/* faults served while another waited for its data */
	uint64_t injected;		/* faults made on purpose, thaw.inject */
	uint64_t cpu_limit;		/* of the control group, in hundredths of a processor; 0: none */
	uint64_t limit_pauses;		/* that loading ahead made for it, */
	uint64_t fault_pauses;		/* and because faults came */
	uint64_t dirty_pages;		/* written since the last checkpoint; ~0 when not tracked */
	uint64_t restore_ns;		/* exec of `thaw` to the first thread's return into Java */
	uint64_t loaded_ns;		/* exec to all loaded; 0 before */
	char parent_path[THAW_PATH_BYTES];
};

/* Read by Java at the place where a process identifier or a random number is asked for. */
struct thaw_identity {
	uint64_t restores;		/* counted up in each restored process before any of its threads runs */
	uint64_t pid;			/* of this process; set with `restores` */
	uint64_t salt;			/* random, another in each restored process; 0 before the first restore */
	uint64_t start_ns;		/* CLOCK_MONOTONIC when `thaw` started; set with `restores` */
	/* Of `thaw restore`, each string NUL-terminated: an address, 0: none known; and the length of all. Set with `restores`. */
	uint64_t arguments, argument_bytes;		/* argv after DIR */
	uint64_t environment, environment_bytes;	/* NAME=value */
	uint64_t recovered;		/* by Java: all afterRestore callbacks have returned; 0 from the restore until then */
};
extern struct thaw_identity thaw_identity;

/* All return 0 or -errno (-EINVAL: a struct's size differs). Called with no lock held, in native state. */
int thaw_open(const struct thaw_setup *setup, struct thaw_result *ret);
/* 0: the outcome tells. THAW_CAME_BACK: this is the restored process, and *ret is not written. */
int thaw_checkpoint(const struct thaw_request *request, struct thaw_result *ret);
#define THAW_CAME_BACK	1
int thaw_parent(const struct thaw_request *request, uint32_t *ret_full_reason);	/* what the next would be */
int thaw_status(struct thaw_status *ret);
int thaw_load_all(void);			/* returns when no page is missing; used before fork() too */
void thaw_before_fork(void);			/* for pthread_atfork */
uint64_t thaw_cpu_features(char *ret, uint64_t bytes);	/* as hexadecimal digits, NUL-terminated; their number */
int thaw_pid_places(const struct thaw_pid_place *places, uint64_t count);	/* all there are, before the first checkpoint */
int thaw_tid_places(const struct thaw_tid_place *places, uint64_t count);	/* the same */
int thaw_signal_self(int signal);		/* kill(getpid(), signal) */
void thaw_collection_started(void);		/* JVM TI's GarbageCollectionStart, */
void thaw_collection_finished(void);		/* and GarbageCollectionFinish: any thread, nothing is waited for */
void thaw_ignore(void);				/* an event of JVM TI that nobody looks at */

#pragma GCC visibility pop

#endif
