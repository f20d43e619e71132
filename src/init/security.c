// SPDX-License-Identifier: LGPL-2.1-or-later
/* security.c - what init may not be, and what the program may not become. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "base/fd.h"
#include "base/file.h"
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

int step_seccomp_program(struct init *in, struct error *err)
{
	struct message message = { .type = MSG_SECCOMP };
	auto_close int fd = -1;
	char *code = NULL;
	size_t n = 0, size;
	int r;

	if (!in->config->linux || !in->config->linux->seccomp)
		return 0;
	if (init_ask(in, &message, NULL, 0, &fd, 1, &n, err) < 0)
		return -1;
	if (n != 1)
		return fail(err, ERR_INTERNAL, "SECCOMP came with %zu descriptors", n);
	r = file_read(fd, BPF_MAXINSNS * sizeof(struct sock_filter), &code, &size);
	if (r < 0)
		return fail(err, r, "cannot read the seccomp program");
	in->filter = (struct sock_filter *)code;
	in->n_filter = size / sizeof(struct sock_filter);
	in->wants_listener = message.arg;
	return 0;
}

int load_seccomp(struct init *in, struct error *err)
{
	const struct oci_seccomp *profile;
	unsigned flags = 0;
	int r;

	if (!in->filter)
		return 0;
	profile = in->config->linux->seccomp;
	for (size_t i = 0; i < profile->n_flags; i++)
		flags |= (unsigned)profile->flags[i];
	if (in->listener)
		return load_with_listener(in, flags, err);
	/* It is about answering notifications, and the kernel refuses it where there are none. */
	flags &= ~(unsigned)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	r = sys_seccomp_filter(in->filter, in->n_filter, flags);
	return r < 0 ? fail(err, r, "config.json:/linux/seccomp: cannot load the filter") : 0;
}
