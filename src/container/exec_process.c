// SPDX-License-Identifier: LGPL-2.1-or-later
/* exec_process.c - what exec is to run: the process of the container's config with the caller's options, or a document of
 * its own; and the document that init reads.
 *
 * Init reads a config here too, the container's own without what exec has no step for: so each step finds its
 * values in the same place as at create. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "container/creation.h"
#include "container/rules.h"
#include "kernel/caps.h"
#include "kernel/host.h"

#define PROCESS_LIMIT (16 * 1024 * 1024)

/* (uid_t)-1 means "leave it" to the kernel: nobody can be that. */
#define MAX_ID (UINT32_MAX - 1)

/* ---- by options ---- */

static int read_id(const char *text, size_t length, const char *option, uint32_t *ret, struct error *err)
{
	char number[16];
	uint64_t id;

	if (length < sizeof(number)) {
		memcpy(number, text, length);
		number[length] = '\0';
		if (text_to_u64(number, 0, MAX_ID, &id) == 0) {
			*ret = (uint32_t)id;
			return 0;
		}
	}
	return fail(err, ERR_USAGE, "%s: \"%.*s\" is no numeric id (0 to %u)", option, (int)length, text, MAX_ID);
}

static struct oci_user *own_user(struct oci_config *config, struct oci_process *process)
{
	struct oci_user *user = oci_alloc(config, sizeof(*user));

	if (user && process->user)
		*user = *process->user;
	process->user = user;
	return user;
}

static int set_user(struct oci_user *user, const char *text, struct error *err)
{
	size_t length = strcspn(text, ":");

	if (read_id(text, length, "--user", &user->uid, err) < 0)
		return -1;
	return text[length] ? read_id(text + length + 1, strlen(text + length + 1), "--user", &user->gid, err) : 0;
}

static int add_groups(struct oci_config *config, struct oci_user *user, const struct words *words, struct error *err)
{
	uint32_t *groups = oci_alloc(config, (user->n_additional_gids + words->n + 1) * sizeof(*groups));

	if (!groups)
		return fail(err, -ENOMEM, "cannot keep the additional groups");
	if (user->n_additional_gids)
		memcpy(groups, user->additional_gids, user->n_additional_gids * sizeof(*groups));
	for (size_t i = 0; i < words->n; i++)
		if (read_id(words->items[i], strlen(words->items[i]), "--additional-gids",
			    &groups[user->n_additional_gids + i], err) < 0)
			return -1;
	user->additional_gids = groups;
	user->n_additional_gids += words->n;
	return 0;
}

static int set_ids(struct oci_config *config, struct oci_process *process, const struct exec_options *options,
		   struct error *err)
{
	struct oci_user *user;

	if (!options->user && !options->additional_gids.n)
		return 0;
	user = own_user(config, process);
	if (!user)
		return fail(err, -ENOMEM, "cannot keep the user");
	if (options->user && set_user(user, options->user, err) < 0)
		return -1;
	return add_groups(config, user, &options->additional_gids, err);
}

/* A variable that the config has is replaced where it stands. */
static int set_environment(struct oci_config *config, struct oci_process *process, const struct words *words,
			   struct error *err)
{
	const char **env;
	size_t n = process->n_env;

	if (!words->n)
		return 0;
	env = oci_alloc(config, (n + words->n + 1) * sizeof(*env));
	if (!env)
		return fail(err, -ENOMEM, "cannot keep the environment");
	if (n)
		memcpy(env, process->env, n * sizeof(*env));
	for (size_t i = 0; i < words->n; i++) {
		size_t length = strcspn(words->items[i], "="), k = 0;

		if (length == 0 || !words->items[i][length])
			return fail(err, ERR_USAGE, "--env: \"%s\" is not NAME=value", words->items[i]);
		while (k < n && strncmp(env[k], words->items[i], length + 1) != 0)
			k++;
		env[k] = words->items[i];
		n += k == n;
	}
	process->env = env;
	process->n_env = n;
	return 0;
}

static int add_to_set(struct oci_config *config, const char ***names, size_t *n, const struct words *words,
		      struct error *err)
{
	const char **bigger = oci_alloc(config, (*n + words->n + 1) * sizeof(*bigger));

	if (!bigger)
		return fail(err, -ENOMEM, "cannot keep the capabilities");
	if (*n)
		memcpy(bigger, *names, *n * sizeof(*bigger));
	memcpy(bigger + *n, words->items, words->n * sizeof(*bigger));
	*names = bigger;
	*n += words->n;
	return 0;
}

/* They come on top, in the sets that make them count; ambient ones need the inheritable set and only make sense with it. */
static int add_capabilities(struct oci_config *config, struct oci_process *process, const struct words *words,
			    struct error *err)
{
	struct oci_capabilities *caps = oci_alloc(config, sizeof(*caps));

	if (!words->n)
		return 0;
	for (size_t i = 0; i < words->n; i++)
		if (cap_number(words->items[i]) < 0)
			return fail(err, ERR_USAGE, "--cap: unknown capability \"%s\"", words->items[i]);
	if (!caps)
		return fail(err, -ENOMEM, "cannot keep the capabilities");
	if (process->capabilities)
		*caps = *process->capabilities;
	process->capabilities = caps;
	if (add_to_set(config, &caps->bounding, &caps->n_bounding, words, err) < 0 ||
	    add_to_set(config, &caps->effective, &caps->n_effective, words, err) < 0 ||
	    add_to_set(config, &caps->permitted, &caps->n_permitted, words, err) < 0)
		return -1;
	return caps->n_inheritable ? add_to_set(config, &caps->ambient, &caps->n_ambient, words, err) : 0;
}

static int from_options(struct oci_config *config, const struct exec_options *options, struct oci_process *process,
			struct error *err)
{
	if (!options->args.n)
		return fail(err, ERR_USAGE, "a program, or --process, is missing");
	if (!config->process)
		return fail(err, ERR_CONFIG, "config.json:/process: the container has none: --process is needed");
	*process = *config->process;
	process->args = (const char **)options->args.items;
	process->n_args = options->args.n;
	process->terminal = process->has_terminal = options->tty;
	process->console_size = NULL;
	if (options->cwd && *options->cwd != '/')
		return fail(err, ERR_USAGE, "--cwd: \"%s\" is not an absolute path", options->cwd);
	process->cwd = options->cwd ? options->cwd : process->cwd;
	process->apparmor_profile = options->apparmor ? options->apparmor : process->apparmor_profile;
	process->selinux_label = options->process_label ? options->process_label : process->selinux_label;
	if (options->no_new_privileges) {
		process->no_new_privileges = options->no_new_privileges == 1;
		process->has_no_new_privileges = true;
	}
	if (set_ids(config, process, options, err) < 0 || set_environment(config, process, &options->env, err) < 0)
		return -1;
	return add_capabilities(config, process, &options->capabilities, err);
}

/* ---- by a document ---- */

static int fail_fault(struct oci_report *report, struct error *err)
{
	const struct oci_fault *fault = report->n_faults ? &report->faults[0] : NULL;

	if (fault)
		(void)fail(err, ERR_CONFIG, "process.json:%s (line %u, column %u): %s",
			   *fault->pointer ? fault->pointer : "/", fault->line, fault->column, fault->text);
	else
		(void)fail(err, -ENOMEM, "cannot read the process object");
	oci_report_free(report);
	return -1;
}

static int read_document(const char *path, struct oci_process **ret, struct error *err)
{
	auto_close int fd = host_open_file(path, O_RDONLY | O_NONBLOCK);
	struct oci_report report = { 0 };
	auto_free char *text = NULL;
	size_t size;
	int r = fd < 0 ? fd : file_read(fd, PROCESS_LIMIT, &text, &size);

	if (r < 0)
		return fail(err, r, "cannot read --process %s", path);
	*ret = oci_parse(&oci_process_type, text, size, &report);
	if (!*ret)
		return fail_fault(&report, err);
	oci_report_free(&report);
	return 0;
}

/* What the document leaves out is the container's: a process added later must not have more than the first. */
static void inherit(const struct oci_process *from, struct oci_process *to)
{
	if (!to->capabilities)
		to->capabilities = from->capabilities;
	if (!to->n_rlimits) {
		to->rlimits = from->rlimits;
		to->n_rlimits = from->n_rlimits;
	}
	if (!to->has_no_new_privileges) {
		to->no_new_privileges = from->no_new_privileges;
		to->has_no_new_privileges = from->has_no_new_privileges;
	}
	if (!to->has_oom_score_adj) {
		to->oom_score_adj = from->oom_score_adj;
		to->has_oom_score_adj = from->has_oom_score_adj;
	}
	if (!to->apparmor_profile || !*to->apparmor_profile)
		to->apparmor_profile = from->apparmor_profile;
	if (!to->selinux_label || !*to->selinux_label)
		to->selinux_label = from->selinux_label;
	if (!to->scheduler)
		to->scheduler = from->scheduler;
	if (!to->io_priority)
		to->io_priority = from->io_priority;
	if (!to->exec_cpu_affinity)
		to->exec_cpu_affinity = from->exec_cpu_affinity;
	if (to->user && !to->user->has_umask && from->user && from->user->has_umask) {
		to->user->umask = from->user->umask;
		to->user->has_umask = true;
	}
}

int exec_process(struct creation *cr, struct error *err)
{
	struct oci_config *config = cr->config.oci;
	struct oci_process *process;

	if (cr->exec->process) {
		if (read_document(cr->exec->process, &cr->process, err) < 0)
			return -1;
		process = cr->process;
		if (config->process)
			inherit(config->process, process);
	} else {
		process = oci_alloc(config, sizeof(*process));
		if (!process)
			return fail(err, -ENOMEM, "cannot keep the process");
		if (from_options(config, cr->exec, process, err) < 0)
			return -1;
	}
	config->process = process;
	return rules_check(config, err);
}

/* An error at a place of the process that came from a document names that one. */
void exec_name_document(const struct creation *cr, struct error *err)
{
	static const char place[] = "config.json:/process/";
	char rest[ERROR_TEXT_MAX];
	char *at = cr->process ? strstr(err->text, place) : NULL;

	if (!at)
		return;
	snprintf(rest, sizeof(rest), "process.json:/%s", at + strlen(place));
	memcpy(at, rest, strlen(rest) + 1); /* shorter than what it replaces */
}

/* ---- what init reads ---- */

int exec_document(struct creation *cr, struct error *err)
{
	struct oci_config lean = *cr->config.oci;
	struct oci_linux linux = lean.linux ? *lean.linux : (struct oci_linux){ 0 };
	struct oci_seccomp seccomp = linux.seccomp ? *linux.seccomp : (struct oci_seccomp){ 0 };
	struct oci_buffer buffer = { 0 };
	int r;

	lean.hooks = NULL;
	lean.n_mounts = 0;
	lean.mounts = NULL;
	linux.n_time_offsets = linux.n_devices = linux.n_net_devices = linux.n_sysctl = 0;
	linux.time_offsets = NULL;
	linux.devices = NULL;
	linux.net_devices = NULL;
	linux.sysctl = NULL;
	linux.resources = NULL;
	linux.intel_rdt = NULL;
	linux.n_masked_paths = linux.n_readonly_paths = 0;
	linux.masked_paths = linux.readonly_paths = NULL;
	seccomp.n_syscalls = 0; /* the program is compiled here */
	seccomp.syscalls = NULL;
	if (linux.seccomp)
		linux.seccomp = &seccomp;
	lean.linux = lean.linux ? &linux : NULL;
	r = oci_write(&oci_config_type, &lean, NULL, &buffer);
	if (r == 0)
		r = cr->config.memfd = fd_sealed("hull:exec", buffer.data, buffer.length);
	free(buffer.data);
	return r < 0 ? fail(err, r, "cannot write down what to execute") : 0;
}
