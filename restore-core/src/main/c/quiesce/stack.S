/* SPDX-License-Identifier: Apache-2.0 */
#include <asm/unistd.h>

	.text
	.globl	call_on_stack
	.hidden	call_on_stack
	.type	call_on_stack, @function
call_on_stack:				/* rdi run, rsi data, rdx top */
	pushq	%rbp
	movq	%rsp, %rbp
	movq	%rdx, %rsp
	movq	%rdi, %rax
	movq	%rsi, %rdi
	callq	*%rax
	movq	%rbp, %rsp
	popq	%rbp
	retq

	.globl	signal_return
	.hidden	signal_return
	.type	signal_return, @function
signal_return:
	movl	$__NR_rt_sigreturn, %eax
	syscall
	hlt

	.globl	return_from_frame
	.hidden	return_from_frame
	.type	return_from_frame, @function
return_from_frame:			/* the frame starts 8 below: the handler's ret has popped that word */
	movq	%rdi, %rsp
	movl	$__NR_rt_sigreturn, %eax
	syscall
	hlt

	.globl	clone_thread
	.hidden	clone_thread
	.type	clone_thread, @function
clone_thread:				/* rdi flags, rsi stack, rdx tid, rcx tls, r8 run, r9 data */
	andq	$-16, %rsi
	subq	$16, %rsi
	movq	%r8, (%rsi)
	movq	%r9, 8(%rsi)
	movq	%rdx, %r10		/* child_tid; parent_tid is rdx itself */
	movq	%rcx, %r8		/* tls */
	movl	$__NR_clone, %eax
	syscall
	testq	%rax, %rax
	jz	1f
	retq
1:	xorl	%ebp, %ebp
	popq	%rax
	popq	%rdi
	callq	*%rax
	hlt

	.section .note.GNU-stack,"",@progbits
