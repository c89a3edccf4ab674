// SPDX-License-Identifier: Apache-2.0
/*
 * Runs its arguments as a command under what Docker's default seccomp profiles, old and new, deny a container without
 * capabilities (docs.docker.com/engine/security/seccomp): EPERM, of clone3 ENOSYS. Without a check of the architecture.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NEW_NAMESPACES	0x7e020000	/* CLONE_NEW* */
#define IOC_NEW		0xaa00		/* USERFAULTFD_IOC_NEW */

#define LOAD(field)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define SKIP_UNLESS(value, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (count))
#define FAIL(error)	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define ALLOW		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static const unsigned int DENIED[] = {
	SYS_acct, SYS_add_key, SYS_bpf, SYS_clock_adjtime, SYS_clock_settime, SYS_delete_module, SYS_finit_module,
	SYS_get_mempolicy, SYS_init_module, SYS_io_uring_enter, SYS_io_uring_register, SYS_io_uring_setup, SYS_ioperm,
	SYS_iopl, SYS_kcmp, SYS_kexec_file_load, SYS_kexec_load, SYS_keyctl, SYS_mbind, SYS_mount, SYS_move_pages,
	SYS_open_by_handle_at, SYS_perf_event_open, SYS_pivot_root, SYS_process_vm_readv, SYS_process_vm_writev, SYS_ptrace,
	SYS_quotactl, SYS_reboot, SYS_request_key, SYS_set_mempolicy, SYS_setns, SYS_settimeofday, SYS_swapoff, SYS_swapon,
	SYS_sysfs, SYS_umount2, SYS_unshare, SYS_userfaultfd, SYS_ustat,
};

#define COUNT (sizeof(DENIED) / sizeof(DENIED[0]))

int main(int argc, char **argv)
{
	struct sock_filter tail[] = {
		SKIP_UNLESS(SYS_clone3, 1),
		FAIL(ENOSYS),
		SKIP_UNLESS(SYS_ioctl, 4),	/* /dev/userfaultfd is not in a container */
		LOAD(args[1]),
		SKIP_UNLESS(IOC_NEW, 1),
		FAIL(EPERM),
		ALLOW,
		SKIP_UNLESS(SYS_clone, 3),
		LOAD(args[0]),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NEW_NAMESPACES, 0, 1),
		FAIL(EPERM),
		ALLOW,
	};
	struct sock_filter filter[1 + 2 * COUNT + sizeof(tail) / sizeof(tail[0])] = { LOAD(nr) };
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	for (size_t i = 0; i < COUNT; i++) {
		filter[1 + 2 * i] = (struct sock_filter)SKIP_UNLESS(DENIED[i], 1);
		filter[2 + 2 * i] = (struct sock_filter)FAIL(EPERM);
	}
	memcpy(filter + 1 + 2 * COUNT, tail, sizeof(tail));
	if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
	    || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		return 2;
	}
	execvp(argv[1], argv + 1);
	fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
	return 2;
}
