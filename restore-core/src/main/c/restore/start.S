/* SPDX-License-Identifier: Apache-2.0 */
	.text
	.globl	_start
_start:					/* the kernel leaves argc, argv.., NULL, envp.., NULL, auxv at rsp */
	xorl	%ebp, %ebp
	movq	%rsp, %rdi
	andq	$-16, %rsp
	callq	launcher_main
	hlt

	.globl	jump_on_stack
	.hidden	jump_on_stack
jump_on_stack:				/* rdi argument, rsi function, rdx top of the stack */
	movq	%rdx, %rsp
	xorl	%ebp, %ebp
	callq	*%rsi
	hlt
	.section .note.GNU-stack,"",@progbits
