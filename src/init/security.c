// SPDX-License-Identifier: LGPL-2.1-or-later
/* security.c - what init may not be, and what the program may not become. */
#include <sys/prctl.h>

#include "init/init.h"
#include "kernel/sys.h"
#include "ocispec.h"

int step_undumpable(struct init *in, struct error *err)
{
	int r;

	(void)in;
	r = sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return r < 0 ? fail(err, r, "cannot make init undumpable") : 0;
}

int step_no_new_privileges(struct init *in, struct error *err)
{
	int r;

	if (!in->process->no_new_privileges)
		return 0;
	r = sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return r < 0 ? fail(err, r, "config.json:/process/noNewPrivileges: cannot set it") : 0;
}
