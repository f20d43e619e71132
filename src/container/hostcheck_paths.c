// SPDX-License-Identifier: LGPL-2.1-or-later
/* hostcheck_paths.c - whether the files are there that a config names: root, sources of mounts, hooks, program. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "container/hostcheck.h"
#include "kernel/host.h"
#include "kernel/rootfs.h"
#include "kernel/sys.h"

/* O_PATH descriptor of a host path, relative ones from the bundle.  fd or -errno */
static int open_from_bundle(const struct host_check *h, const char *path)
{
	auto_text struct text whole = TEXT_INIT;

	if (*path == '/')
		return host_open_file(path, O_PATH);
	text_printf(&whole, "%s/%s", h->in->config->path, path);
	return whole.failed ? -ENOMEM : host_open_file(whole.data, O_PATH);
}

static void check_root(struct host_check *h)
{
	const char *path = h->in->config->rootfs;

	h->rootfs = host_open_dir(path);
	if (h->rootfs < 0)
		FAULT(h, "root-05", "/root/path", "cannot open %s: %s", path, errno_text(h->rootfs));
}

static bool has_option(const struct oci_mount *m, const char *a, const char *b)
{
	for (size_t i = 0; i < m->n_options; i++)
		if (strcmp(m->options[i], a) == 0 || strcmp(m->options[i], b) == 0)
			return true;
	return false;
}

static void check_mounts(struct host_check *h)
{
	auto_free char *types = hostcheck_read("/proc/filesystems");

	for (size_t i = 0; i < h->config->n_mounts; i++) {
		const struct oci_mount *m = &h->config->mounts[i];
		char pointer[128];

		if (has_option(m, "remount", "remount"))
			continue;
		if (has_option(m, "bind", "rbind")) {
			auto_close int fd = open_from_bundle(h, m->source);

			if (fd < 0 && !has_option(m, "copy-symlink", "copy-symlink"))
				FAULT(h, "mnt-07", hostcheck_pointer(pointer, "/mounts/%zu/source", i),
				      "cannot open %s: %s", m->source, errno_text(fd));
		} else if (types && strcmp(m->type, "cgroup") != 0 && !hostcheck_has_word(types, m->type)) {
			DOUBT(h, "mnt-09", hostcheck_pointer(pointer, "/mounts/%zu/type", i),
			      "this kernel has no file system %s, unless it can load a module", m->type);
		}
	}
}

static void check_hook(struct host_check *h, const struct oci_hook *hook, const char *pointer, bool inside)
{
	const struct rootfs root = { .fd = h->rootfs };
	auto_close int fd = -1;
	int r;

	if (inside && h->rootfs < 0)
		return;
	fd = inside ? rootfs_open(&root, hook->path, O_PATH, 0) : host_open_file(hook->path, O_PATH);
	r = fd < 0 ? fd : sys_faccess(fd, X_OK);
	if (r < 0)
		findings_add(h->in, inside, "hook-04", pointer, "cannot execute %s%s: %s", hook->path,
			     inside ? " in the root file system (a mount may bring it)" : "", errno_text(r));
}

static void check_hooks(struct host_check *h)
{
	const struct oci_hooks *k = h->config->hooks;
	char pointer[128];

	if (!k)
		return;
	const struct {
		const char *kind;
		const struct oci_hook *hooks;
		size_t n;
		bool inside;
	} kinds[] = {
		{ "prestart", k->prestart, k->n_prestart, false },
		{ "createRuntime", k->create_runtime, k->n_create_runtime, false },
		{ "createContainer", k->create_container, k->n_create_container, false },
		{ "startContainer", k->start_container, k->n_start_container, true },
		{ "poststart", k->poststart, k->n_poststart, false },
		{ "poststop", k->poststop, k->n_poststop, false },
	};

	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
		for (size_t i = 0; i < kinds[kind].n; i++)
			check_hook(h, &kinds[kind].hooks[i],
				   hostcheck_pointer(pointer, "/hooks/%s/%zu/path", kinds[kind].kind, i),
				   kinds[kind].inside);
}

/* 0, or why args[0] cannot be executed there. */
static int try_program(const struct host_check *h, const char *directory, size_t length, const char *name)
{
	const struct rootfs root = { .fd = h->rootfs };
	auto_text struct text path = TEXT_INIT;
	auto_close int fd = -1;
	struct stat st;
	int r;

	text_append(&path, directory, length);
	text_puts(&path, "/");
	text_puts(&path, name);
	fd = path.failed ? -ENOMEM : rootfs_open(&root, path.data, O_PATH, 0);
	r = fd < 0 ? fd : sys_fstat(fd, &st);
	if (r < 0)
		return r;
	return S_ISREG(st.st_mode) && (st.st_mode & 0111) ? 0 : -EACCES;
}

static void check_program(struct host_check *h)
{
	const struct oci_process *process = h->config->process;
	const char *name = process && process->n_args ? process->args[0] : NULL, *search = "/bin:/usr/bin";
	int r = -ENOENT;

	if (!name || h->rootfs < 0)
		return;
	for (size_t i = 0; i < process->n_env; i++)
		if (text_starts(process->env[i], "PATH="))
			search = process->env[i] + strlen("PATH=");
	if (strchr(name, '/'))
		r = try_program(h, *name == '/' ? "" : process->cwd, *name == '/' ? 0 : strlen(process->cwd), name);
	else
		for (const char *at = search; r < 0 && *at; at += strcspn(at, ":"), at += *at == ':')
			r = try_program(h, at, strcspn(at, ":"), name);
	if (r == -EACCES)
		FAULT(h, "proc-args-02", "/process/args/0", "%s may not be executed", name);
	else if (r < 0)
		DOUBT(h, "proc-args-02", "/process/args/0",
		      "%s is not in the root file system%s (a mount may bring it): %s", name,
		      strchr(name, '/') ? "" : "'s PATH", errno_text(r));
}

void hostcheck_paths(struct host_check *h)
{
	check_root(h);
	check_mounts(h);
	check_hooks(h);
	check_program(h);
}
