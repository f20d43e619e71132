// SPDX-License-Identifier: LGPL-2.1-or-later
/* restore.c - `hull restore`: create and start, from the images of a checkpoint. */
#include "cli/checkpoint.h"
#include "cli/cli.h"

#define AT(member) OPTION_AT(struct restore_options, member)

static const struct option options[] = {
	{ "bundle", "b", OPTION_STRING, AT(create.bundle), "DIR",
	  "Directory of the bundle, which holds config.json: that one counts, not what the images say. Default: the current "
	  "directory." },
	CRIU_OPTIONS(struct restore_options),
	{ "lsm-profile", NULL, OPTION_STRING, AT(criu.lsm_profile), "TYPE:NAME",
	  "AppArmor profile (apparmor:NAME) or SELinux label (selinux:LABEL) of the processes, instead of that in the images." },
	{ "lsm-mount-context", NULL, OPTION_STRING, AT(criu.lsm_mount_context), "CONTEXT",
	  "SELinux context of the mounts, instead of that in the images." },
	{ "console-socket", NULL, OPTION_STRING, AT(create.console_socket), "FILE",
	  "Unix socket that receives the master end of the container's terminal." },
	{ "pid-file", NULL, OPTION_STRING, AT(create.pid_file), "FILE",
	  "Write the process id of the container's init process to FILE: digits alone, no newline." },
	{ "detach", "d", OPTION_FLAG, AT(create.detach), NULL,
	  "Return as soon as the processes run, and leave the container to the caller." },
	{ "keep", NULL, OPTION_FLAG, AT(create.keep), NULL, "Do not delete the container when it ends." },
	{ "no-subreaper", NULL, OPTION_FLAG, AT(create.no_subreaper), NULL,
	  "Do not adopt processes that lose their parent in the container's session." },
	{ "no-pivot", NULL, OPTION_FLAG, AT(create.no_pivot), NULL, "criu changes the root in its own way.", NULL, 0,
	  OPTION_IGNORED },
	{ "no-new-keyring", NULL, OPTION_FLAG, AT(create.no_new_keyring), NULL, "Leave the caller's session keyring to the container.", NULL, 0, 0 },
	{ "preserve-fds", NULL, OPTION_NUMBER, AT(create.preserve_fds), "N", "The descriptors are those of the images.",
	  NULL, 0, OPTION_IGNORED },
};

static int run(struct call *call, struct error *err)
{
	struct restore_options restore = *(const struct restore_options *)call->options;

	restore.create.id = call->words[0];
	restore.create.preserve_fds = 0;
	return container_restore(call->runtime, &restore, &call->status, err);
}

static const char *const notes[] = {
	"Without --detach the exit status is that of the container's first process, or 128 plus the number of the signal "
	"that ended it; 1 when hull itself fails.",
	NULL,
};

const struct command command_restore = {
	.name = "restore",
	.about = "make a running container from the images of a checkpoint",
	.words = "ID",
	.notes = notes,
	OPTION_TABLE(options),
	.options_size = sizeof(struct restore_options),
	.run = run,
};
