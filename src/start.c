// SPDX-License-Identifier: LGPL-2.1-or-later
/* start.c - where the kernel enters hull: asks for the pages that are about to be written, then goes on to the C library.
 *
 * A position independent program begins by writing the addresses into its tables: in every page of .data.rel.ro, each of which
 * is copied for it in a fault of its own.  madvise(MADV_POPULATE_WRITE) (Linux 5.14; an older kernel refuses it, and the
 * faults come as ever) has them made in one call.  No function may be called before those addresses are there. */

#include "config.h"

#ifdef ENTRY_POPULATES
__asm__(".pushsection .text.hull_start,\"ax\",@progbits\n"
	".globl hull_start\n"
	".type hull_start, @function\n"
	"hull_start:\n"
	"	endbr64\n"
	"	mov %rdx, %r8\n" /* the system call keeps r8, and _start wants rdx */
	"	lea __init_array_start(%rip), %rdi\n"
	"	and $-4096, %rdi\n"
	"	lea _edata(%rip), %rsi\n"
	"	sub %rdi, %rsi\n"
	"	mov $23, %edx\n" /* MADV_POPULATE_WRITE */
	"	mov $28, %eax\n" /* madvise */
	"	syscall\n"
	"	mov %r8, %rdx\n"
	"	jmp _start\n"
	".size hull_start, . - hull_start\n"
	".popsection\n");
#else
typedef int nothing_to_do;
#endif
