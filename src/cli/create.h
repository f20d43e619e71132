// SPDX-License-Identifier: LGPL-2.1-or-later
/* create.h - the options that create and run share. */
#pragma once

#include "cli/options.h"
#include "cli/trace.h"
#include "container/container.h"

#define CREATE_AT(member) OPTION_AT(struct create_options, member)

#define CREATE_OPTIONS \
	{ "bundle", "b", OPTION_STRING, CREATE_AT(bundle), "DIR", \
	  "Directory of the bundle, which holds config.json. Default: the current directory." }, \
	{ "config", "f", OPTION_STRING, CREATE_AT(config), "FILE", \
	  "The configuration: its name in the bundle, or an absolute path. Default: config.json." }, \
	{ "console-socket", NULL, OPTION_STRING, CREATE_AT(console_socket), "FILE", \
	  "Unix socket that receives the master end of the container's terminal." }, \
	{ "pidfd-socket", NULL, OPTION_STRING, CREATE_AT(pidfd_socket), "FILE", \
	  "Unix socket that receives a pidfd of the container's init process." }, \
	{ "pid-file", NULL, OPTION_STRING, CREATE_AT(pid_file), "FILE", \
	  "Write the process id of the container's init process to FILE: digits alone, no newline." }, \
	{ "no-pivot", NULL, OPTION_FLAG, CREATE_AT(no_pivot), NULL, \
	  "Move the root mount and chroot instead of pivot_root, for hosts whose root is an initramfs. The host's tree stays " \
	  "below it: a process with CAP_SYS_ADMIN, also that of a user namespace, reaches it by unmounting \"/\"." }, \
	{ "no-new-keyring", NULL, OPTION_FLAG, CREATE_AT(no_new_keyring), NULL, \
	  "Keep the caller's session keyring instead of joining a new one." }, \
	{ "preserve-fds", NULL, OPTION_NUMBER, CREATE_AT(preserve_fds), "N", \
	  "Pass N more descriptors, from 3 on (or behind those of LISTEN_FDS), to the container. Default: 0." }, \
	TRACE_OPTION(struct create_options), \
	{ "dry-run", NULL, OPTION_FLAG, CREATE_AT(dry_run), NULL, \
	  "Do nothing, and print what would be done, in order." }, \
	{ "format", NULL, OPTION_CHOICE, CREATE_AT(format), NULL, \
	  "Format of what --dry-run prints. Default: text.", plan_formats, 2 }

enum plan_format { PLAN_TEXT, PLAN_JSON };
extern const struct word plan_formats[];

/* plan.c: prints what create, or run with start_now, would do.  0 or -1. */
int print_plan(const struct runtime *rt, const struct create_options *options, bool start_now, struct error *err);
