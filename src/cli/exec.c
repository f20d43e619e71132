// SPDX-License-Identifier: LGPL-2.1-or-later
/* exec.c - `hull exec`: a further process in a container. */
#include "cli/cli.h"

#include "cli/trace.h"

struct exec_values {
	const char *process, *console_socket, *pidfd_socket, *pid_file, *cwd, *user, *apparmor, *process_label, *trace;
	struct option_list env, additional_gids, cap, cgroup;
	int no_new_privs;
	unsigned preserve_fds;
	bool tty, detach, ignore_paused, no_subreaper;
};

#define AT(member) OPTION_AT(struct exec_values, member)

static const struct word privs[] = { { "true", 1 }, { "false", 2 } };

// clang-format off
static const struct option options[] = {
	{ "process", "p", OPTION_STRING, AT(process), "FILE",
	  "Read the process from FILE, an object as \"process\" in config.json; what it leaves out is the container's. "
	  "PROGRAM and the options that describe a process are ignored then." },
	{ "console-socket", NULL, OPTION_STRING, AT(console_socket), "FILE",
	  "Unix socket that receives the master end of the process's terminal." },
	{ "pidfd-socket", NULL, OPTION_STRING, AT(pidfd_socket), "FILE",
	  "Unix socket that receives a pidfd of the process." },
	{ "pid-file", NULL, OPTION_STRING, AT(pid_file), "FILE",
	  "Write the process id to FILE: digits alone, no newline. A failed exec leaves none." },
	{ "detach", "d", OPTION_FLAG, AT(detach), NULL,
	  "Return as soon as the program runs, and leave the process to the caller." },
	{ "tty", "t", OPTION_FLAG, AT(tty), NULL, "Give the process a terminal." },
	{ "cwd", NULL, OPTION_STRING, AT(cwd), "DIR",
	  "Working directory in the container. Default: that of the container's process." },
	{ "env", "e", OPTION_LIST, AT(env), "NAME=VALUE", "Set or replace a variable of the container's environment. May be repeated." },
	{ "user", "u", OPTION_STRING, AT(user), "UID[:GID]", "User and group, as numbers." },
	{ "additional-gids", "g", OPTION_LIST, AT(additional_gids), "GID", "A further group, as a number. May be repeated." },
	{ "cap", "c", OPTION_LIST, AT(cap), "CAPABILITY", "A further capability (CAP_NET_ADMIN). May be repeated." },
	{ "apparmor", NULL, OPTION_STRING, AT(apparmor), "PROFILE", "AppArmor profile of the process." },
	{ "process-label", NULL, OPTION_STRING, AT(process_label), "LABEL", "SELinux label of the process." },
	{ "no-new-privs", NULL, OPTION_SWITCH, AT(no_new_privs), NULL,
	  "Set, or with =false do not set, that the process can gain no privileges.", privs, 2 },
	{ "cgroup", NULL, OPTION_LIST, AT(cgroup), "[CONTROLLER[,CONTROLLER]:]PATH",
	  "Cgroup below the container's own, which must exist. Controllers are for cgroup v1. May be repeated." },
	{ "preserve-fds", NULL, OPTION_NUMBER, AT(preserve_fds), "N",
	  "Pass N more descriptors, from 3 on, to the process. Default: 0." },
	{ "ignore-paused", NULL, OPTION_FLAG, AT(ignore_paused), NULL,
	  "Do not refuse a paused container: the process starts when it is resumed." },
	{ "no-subreaper", NULL, OPTION_FLAG, AT(no_subreaper), NULL,
	  "exec adopts no processes.", NULL, 0, OPTION_IGNORED },
	TRACE_OPTION(struct exec_values),
};
// clang-format on

static struct words words_of(const struct option_list *list)
{
	return (struct words){ list->items, list->n };
}

static int run(struct call *call, struct error *err)
{
	const struct exec_values *v = call->options;
	const struct exec_options exec = {
		.id = call->words[0],
		.process = v->process,
		.args = { (const char *const *)call->words + 1, call->n_words - 1 },
		.console_socket = v->console_socket,
		.pidfd_socket = v->pidfd_socket,
		.pid_file = v->pid_file,
		.cwd = v->cwd,
		.user = v->user,
		.apparmor = v->apparmor,
		.process_label = v->process_label,
		.env = words_of(&v->env),
		.additional_gids = words_of(&v->additional_gids),
		.capabilities = words_of(&v->cap),
		.cgroups = words_of(&v->cgroup),
		.no_new_privileges = v->no_new_privs,
		.tty = v->tty,
		.detach = v->detach,
		.ignore_paused = v->ignore_paused,
		.preserve_fds = v->preserve_fds,
	};

	trace_to(v->trace, "exec");
	return trace_end(container_exec(call->runtime, &exec, &call->status, err), err);
}

static const char *const notes[] = {
	"Options stand before ID: what follows it is the program and its arguments.",
	"Without --detach the exit status is that of the program, or 128 plus the number of the signal that ended it; "
	"255 when hull itself fails.",
	NULL,
};

const struct command command_exec = {
	.name = "exec",
	.about = "run a further process in a container",
	.words = "ID [PROGRAM [ARGUMENT...]]",
	.notes = notes,
	OPTION_TABLE(options),
	.options_size = sizeof(struct exec_values),
	.statuses = STATUS_BIT(STATUS_CREATED) | STATUS_BIT(STATUS_RUNNING),
	.flags = COMMAND_OPTIONS_FIRST | COMMAND_QUIET,
	.failure = 255,
	.run = run,
};
