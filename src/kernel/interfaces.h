// SPDX-License-Identifier: LGPL-2.1-or-later
/* interfaces.h - the newer interfaces of the kernel that hull uses, each with a call that tells whether it is there. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct kernel_interface {
	const char *name;
	const char *since; /* the first Linux that has it */
	const char *use;   /* what hull does with it */
	bool needed;       /* else hull has another way */
	/* Changes nothing that outlives the calling process, but may change that: call it in a child.
	 * 0 or -errno; -ENOSYS: the kernel, or a filter around the caller, does not have it */
	int (*probe)(void);
};

/* Row i of the table; NULL behind the last. */
const struct kernel_interface *kernel_interface_row(size_t i);
