// SPDX-License-Identifier: LGPL-2.1-or-later
/* fake_container.c - cli/ without containers. */
#include "fake_container.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "container/seccomp.h"
#include "base/text.h"
#include "cgroup/knobs.h"
#include "ocispec.h"

struct fake *fake;

void fake_reset(void)
{
	if (!fake)
		fake = mmap(NULL, sizeof(*fake), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(fake, 0, sizeof(*fake));
}

/* ---- the recorder ---- */

static void copy(char *to, const char *from)
{
	snprintf(to, FAKE_TEXT, "%s", from ? from : "(null)");
}

static int record(const char *function, const struct runtime *rt, const char *id, struct fake_call **ret,
		  struct error *err)
{
	struct fake_call *call = &fake->calls[fake->n_calls++];

	snprintf(call->function, sizeof(call->function), "%s", function);
	copy(call->id, id);
	copy(call->root, rt->root);
	call->manager = rt->manager;
	call->debug = rt->debug;
	if (ret)
		*ret = call;
	if (fake->fails_on && strcmp(fake->fails_on, id) == 0)
		return fail(err, fake->fail_code, "fake failure");
	return 0;
}

static void record_options(struct fake_call *call, const struct create_options *options)
{
	call->options = *options;
	copy(call->bundle, options->bundle);
	copy(call->config, options->config);
	copy(call->console_socket, options->console_socket);
	copy(call->pidfd_socket, options->pidfd_socket);
	copy(call->pid_file, options->pid_file);
}

const char *const container_status_words[] = { "creating", "created", "running", "paused", "stopped" };

int container_create(const struct runtime *rt, const struct create_options *options, struct error *err)
{
	struct fake_call *call;
	int r = record("create", rt, options->id, &call, err);

	record_options(call, options);
	return r;
}

int container_run(const struct runtime *rt, const struct create_options *options, int *ret_status, struct error *err)
{
	struct fake_call *call;
	int r = record("run", rt, options->id, &call, err);

	record_options(call, options);
	*ret_status = fake->run_status;
	return r;
}

static void record_words(struct fake_call *call, const char *name, const struct words *words)
{
	for (size_t i = 0; i < words->n; i++) {
		size_t used = strlen(call->lists);

		snprintf(call->lists + used, sizeof(call->lists) - used, "%s=%s ", name, words->items[i]);
	}
}

int container_exec(const struct runtime *rt, const struct exec_options *options, int *ret_status, struct error *err)
{
	struct fake_call *call;
	int r = record("exec", rt, options->id, &call, err);

	call->exec = *options;
	copy(call->process, options->process);
	copy(call->user, options->user);
	copy(call->cwd, options->cwd);
	copy(call->console_socket, options->console_socket);
	copy(call->pidfd_socket, options->pidfd_socket);
	copy(call->pid_file, options->pid_file);
	record_words(call, "args", &options->args);
	record_words(call, "env", &options->env);
	record_words(call, "gid", &options->additional_gids);
	record_words(call, "cap", &options->capabilities);
	record_words(call, "cgroup", &options->cgroups);
	*ret_status = fake->run_status;
	return r;
}

int container_start(const struct runtime *rt, const char *id, struct error *err)
{
	return record("start", rt, id, NULL, err);
}

int container_update(const struct runtime *rt, const struct update_options *options, struct text *report,
		     struct error *err)
{
	struct fake_call *call;
	int r = record("update", rt, options->id, &call, err);

	copy(call->process, options->file);
	call->memory = options->resources->memory->limit;
	call->pids = options->resources->pids->has_limit ? options->resources->pids->limit : -7;
	if (report)
		text_puts(report, "fake 1\n");
	return r;
}

int container_stats(const struct runtime *rt, const char *id, struct text *to, struct error *err)
{
	text_printf(to, "stats of %s\n", id);
	return record("stats", rt, id, NULL, err);
}

int container_doctor(const struct runtime *rt, const char *path,
		     void (*tell)(void *context, const struct doctor_finding *finding), void *context, bool *ret_well,
		     struct error *err)
{
	const struct doctor_finding finding = { .name = "a", .needed = true, .result = DOCTOR_FAILS,
						.found = "b\"c", .meaning = "d", .remedy = "e" };

	tell(context, &finding);
	*ret_well = false;
	return record("doctor", rt, path ? path : "", NULL, err);
}

int knobs_row(size_t i, struct knob_row *ret)
{
	*ret = (struct knob_row){ "/a/b", "v1.file", "", "Unit", "a note" };
	return i == 0 ? 0 : -1;
}

int container_events(const struct runtime *rt, const char *id, int interval_ms,
		     int (*emit)(void *context, const struct text *line, struct error *err), void *context, struct error *err)
{
	struct fake_call *call;
	int r = record("events", rt, id, &call, err);
	auto_text struct text line = TEXT_INIT;

	call->signal = interval_ms;
	text_puts(&line, "event\n");
	return r < 0 ? r : emit(context, &line, err);
}

int container_pause(const struct runtime *rt, const char *id, struct error *err)
{
	return record("pause", rt, id, NULL, err);
}

int container_resume(const struct runtime *rt, const char *id, struct error *err)
{
	return record("resume", rt, id, NULL, err);
}

int container_kill(const struct runtime *rt, const char *id, int signal, bool all, struct error *err)
{
	struct fake_call *call;
	int r = record("kill", rt, id, &call, err);

	call->signal = signal;
	call->all = all;
	return r;
}

int container_checkpoint(const struct runtime *rt, const struct checkpoint_options *options, struct error *err)
{
	struct fake_call *call;
	int r = record("checkpoint", rt, options->id, &call, err);

	call->criu = options->criu;
	call->pre_dump = options->pre_dump;
	copy(call->images, options->criu.image_path);
	copy(call->work, options->criu.work_path);
	copy(call->lists, options->criu.empty_ns.n ? options->criu.empty_ns.items[0] : NULL);
	return r;
}

int container_restore(const struct runtime *rt, const struct restore_options *options, int *ret_status, struct error *err)
{
	struct fake_call *call;
	int r = record("restore", rt, options->create.id, &call, err);

	record_options(call, &options->create);
	call->criu = options->criu;
	copy(call->images, options->criu.image_path);
	copy(call->work, options->criu.work_path);
	copy(call->lists, options->criu.lsm_profile);
	*ret_status = fake->run_status;
	return r;
}

int container_delete(const struct runtime *rt, const char *id, bool force, struct error *err)
{
	struct fake_call *call;
	int r = record("delete", rt, id, &call, err);

	call->force = force;
	return r;
}

int container_pids(const struct runtime *rt, const char *id, pid_t **ret, size_t *n, struct error *err)
{
	*n = strcmp(id, "stopped") == 0 ? 0 : 2;
	*ret = calloc(2, sizeof(**ret));
	(*ret)[0] = 17;
	(*ret)[1] = 4711;
	return record("ps", rt, id, NULL, err);
}

int container_gc(const struct runtime *rt, bool dry_run, void (*tell)(void *context, const struct leftover *leftover),
		 void *context, struct error *err)
{
	const struct leftover found[] = {
		{ "c1", "create", "fs2", "/hull/c1", !dry_run, NULL },
		{ "c2", "reboot", "", "", false, dry_run ? NULL : "it \"sticks\"" },
	};

	for (size_t i = 0; i < 2; i++)
		tell(context, &found[i]);
	return record("gc", rt, "", NULL, err);
}

int container_ids(const struct runtime *rt, char ***ret, size_t *n, struct error *err)
{
	(void)rt;
	(void)err;
	*ret = calloc(8, sizeof(**ret));
	for (*n = 0; fake->ids[*n]; ++*n)
		(*ret)[*n] = (char *)(uintptr_t)fake->ids[*n];
	return 0;
}

int container_state(const struct runtime *rt, const char *id, struct container_state *ret, struct error *err)
{
	static const struct oci_pair annotations[] = { { "org.example.a", "1" }, { "b", "say \"hi\"" } };
	bool stopped = strcmp(id, "stopped") == 0, creating = strcmp(id, "creating") == 0;

	if (record("state", rt, id, NULL, err) < 0)
		return -1;
	*ret = (struct container_state){
		.oci_version = "1.2.0",
		.id = id,
		.bundle = strcmp(id, "long") == 0 ? "/a/very/long/name/of/a/bundle" : "/b",
		.rootfs = "/b/rootfs",
		.created = creating ? NULL : "2026-01-02T03:04:05.000006Z",
		.status = creating  ? STATUS_CREATING
			  : stopped ? STATUS_STOPPED
				    : STATUS_RUNNING,
		.pid = stopped || creating ? 0 : 4711,
		.owner = stopped ? 4000000123 : 0,
		.annotations = annotations,
		.n_annotations = strcmp(id, "annotated") == 0 ? 2 : 0,
	};
	return 0;
}

int container_states(const struct runtime *rt, struct container_state **ret, size_t *n, struct error *err)
{
	size_t found = 0;

	*ret = calloc(8, sizeof(**ret));
	for (size_t i = 0; fake->ids[i]; i++)
		found += container_state(rt, fake->ids[i], &(*ret)[found], err) == 0;
	*n = found;
	return 0;
}

bool seccomp_filters_arch(uint64_t arch)
{
	(void)arch;
	return true;
}

int container_seccomp(const char *path, struct seccomp_description *ret, struct error *err)
{
	(void)path;
	(void)err;
	*ret = (struct seccomp_description){ 0 };
	return 0;
}

void container_seccomp_free(struct seccomp_description *description)
{
	(void)description;
}

int container_plan(const struct runtime *rt, const struct create_options *options, bool start_now, struct plan *plan,
		   struct error *err)
{
	(void)start_now;
	(void)plan;
	return record("plan", rt, options->id, NULL, err);
}

int container_validate(const struct runtime *rt, const struct validate_options *options, struct validation *ret,
		       struct error *err)
{
	(void)options;
	*ret = (struct validation){ .name = "config.json" };
	return record("validate", rt, "", NULL, err);
}

void validation_free(struct validation *validation)
{
	(void)validation;
}

void container_state_free(struct container_state *state)
{
	(void)state;
}

/* ---- calls ---- */

static void in_child(const char *line, int out, int err)
{
	char copy[1024], *words[64] = { (char *)"hull" };
	int n = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		words[n++] = strcmp(word, "''") == 0 ? word + 2 : word;
	if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		abort();
	exit(cli_main(n, words));
}

static size_t read_back(int fd, char *buffer, size_t size)
{
	ssize_t n = pread(fd, buffer, size - 1, 0);

	close(fd);
	buffer[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

static int call(int out, const char *line)
{
	int err = memfd_create("err", 0), status = 0;
	pid_t pid;

	fake->n_calls = 0;
	memset(fake->calls, 0, sizeof(fake->calls));
	pid = fork();
	if (pid == 0)
		in_child(line, out, err);
	waitpid(pid, &status, 0);
	fake->err_size = read_back(err, fake->err, sizeof(fake->err));
	fake->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return fake->status;
}

int fake_hull(const char *line)
{
	int out = memfd_create("out", 0), status = call(out, line);

	fake->out_size = read_back(out, fake->out, sizeof(fake->out));
	return status;
}

int fake_hull_to(const char *path, const char *line)
{
	int out = open(path, O_WRONLY | O_CLOEXEC), status = call(out, line);

	close(out);
	fake->out[0] = '\0';
	fake->out_size = 0;
	return status;
}
