// SPDX-License-Identifier: LGPL-2.1-or-later
/* config.c - the bundle's config.json becomes a sealed memfd and a struct, once.
 *
 * Whoever changes the file afterwards changes nothing: init, the state directory and every later command read
 * these bytes. */
#include "container/config.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "container/rules.h"
#include "kernel/host.h"

#define CONFIG_LIMIT (16 * 1024 * 1024)

static int read_bytes(struct config *config, struct error *err)
{
	const bool is_absolute = *config->name == '/';
	auto_close int fd = is_absolute ? host_open_file(config->name, O_RDONLY | O_NONBLOCK)
					: file_open_at(config->bundle, config->name, O_RDONLY | O_NONBLOCK, 0);
	int r;

	if (fd == -ENOENT && is_absolute)
		return fail(err, fd, "JSON specification file %s not found", config->name);
	if (fd == -ENOENT)
		return fail(err, fd, "JSON specification file %s not found in the bundle %s", config->name, config->path);
	r = fd < 0 ? fd : file_read(fd, CONFIG_LIMIT, &config->text, &config->size);
	if (r < 0)
		return fail(err, r, "cannot read %s%s%s", is_absolute ? "" : config->path, is_absolute ? "" : "/", config->name);
	config->memfd = fd_sealed("hull:config", config->text, config->size);
	if (config->memfd < 0)
		return fail(err, config->memfd, "cannot keep a copy of the config");
	return 0;
}

static int parse(struct config *config, struct error *err)
{
	struct oci_report report = { 0 };
	const struct oci_fault *fault;

	config->oci = oci_parse(&oci_config_type, config->text, config->size, &report);
	if (config->oci) {
		oci_report_free(&report);
		return 0;
	}
	fault = report.n_faults ? &report.faults[0] : NULL;
	if (fault)
		(void)fail(err, ERR_CONFIG, "config.json:%s (line %u, column %u): %s", *fault->pointer ? fault->pointer : "/",
			   fault->line, fault->column, fault->text);
	else
		(void)fail(err, -ENOMEM, "cannot read the config");
	oci_report_free(&report);
	return -1;
}

/* Takes "." and empty names out of a path; "..", which links may turn, stays. */
static void clean_path(char *path)
{
	char *to = path;

	for (const char *from = path; *from;) {
		size_t n;

		from += strspn(from, "/");
		n = strcspn(from, "/");
		if (n > 0 && !(n == 1 && *from == '.')) {
			*to++ = '/';
			memmove(to, from, n);
			to += n;
		}
		from += n;
	}
	if (to == path)
		*to++ = '/';
	*to = '\0';
}

int config_find_rootfs(struct config *config, struct error *err)
{
	const char *root = config->oci->root->path;
	auto_text struct text path = TEXT_INIT;

	if (*root != '/')
		text_printf(&path, "%s/", config->path);
	text_puts(&path, root);
	if (path.failed)
		return fail(err, -ENOMEM, "cannot name the root file system");
	clean_path(path.data);
	config->rootfs = take_ptr(path.data);
	return 0;
}

/* ver-04: what a newer minor version added is unknown here, and unknown properties are ignored anyway. */
static void warn_of_version(const struct oci_config *config)
{
	if (atoi(config->oci_version + strlen("1.")) > 3)
		log_warning("config.json:/ociVersion: %s is newer than this runtime's 1.3: what it added is ignored",
			    config->oci_version);
}

int config_open(const char *bundle, const char *name, struct config *ret, struct error *err)
{
	int r;

	*ret = (struct config)CONFIG_INIT;
	ret->name = name ? name : "config.json";
	r = host_absolute(bundle ? bundle : ".", &ret->path);
	if (r < 0)
		return fail(err, r, "cannot find the bundle %s", bundle ? bundle : ".");
	ret->bundle = host_open_dir(ret->path);
	if (ret->bundle < 0)
		return fail(err, ret->bundle, "cannot open the bundle %s", ret->path);
	return read_bytes(ret, err);
}

int config_load(const char *bundle, const char *name, struct config *ret, struct error *err)
{
	if (config_open(bundle, name, ret, err) < 0 || parse(ret, err) < 0)
		return -1;
	if (rules_check(ret->oci, err) < 0) {
		config_add_line(ret, err);
		return -1;
	}
	warn_of_version(ret->oci);
	return config_find_rootfs(ret, err);
}

void config_free(struct config *config)
{
	config->bundle = fd_close(config->bundle);
	config->memfd = fd_close(config->memfd);
	free(take_ptr(config->path));
	free(take_ptr(config->rootfs));
	free(take_ptr(config->text));
	oci_free(take_ptr(config->oci));
}

static const struct oci_namespace *find_namespace(const struct oci_config *config, uint64_t type)
{
	for (size_t i = 0; config->linux && i < config->linux->n_namespaces; i++)
		if (config->linux->namespaces[i].type == type)
			return &config->linux->namespaces[i];
	return NULL;
}

bool config_makes(const struct oci_config *config, uint64_t type)
{
	const struct oci_namespace *ns = find_namespace(config, type);

	return ns && !ns->path;
}

bool config_joins(const struct oci_config *config, uint64_t type)
{
	const struct oci_namespace *ns = find_namespace(config, type);

	return ns && ns->path;
}

bool config_mounts_apart(const struct oci_config *config)
{
	const struct oci_linux *linux = config->linux;

	if (config_makes(config, CLONE_NEWNS))
		return false;
	return config->n_mounts || (config->root && config->root->readonly) || (config->process && config->process->terminal) ||
	       (linux && (linux->n_masked_paths || linux->n_readonly_paths));
}

size_t config_ranges(const struct oci_id_mapping *from, size_t n, struct id_range to[CONFIG_RANGES_MAX])
{
	for (size_t i = 0; i < n && i < CONFIG_RANGES_MAX; i++)
		to[i] = (struct id_range){ from[i].container_id, from[i].host_id, from[i].size };
	return n < CONFIG_RANGES_MAX ? n : CONFIG_RANGES_MAX;
}

void config_add_line(const struct config *config, struct error *err)
{
	static const char prefix[] = "config.json:";
	const char *pointer, *end;
	char name[256], rest[ERROR_TEXT_MAX];
	unsigned line, column;
	int length;

	if (!config->text || !text_starts(err->text, prefix))
		return;
	pointer = err->text + strlen(prefix);
	end = strstr(pointer, ": ");
	if (!end || (size_t)(end - pointer) >= sizeof(name) || memchr(pointer, '(', (size_t)(end - pointer)))
		return;
	length = (int)(end - pointer);
	memcpy(name, pointer, (size_t)length);
	name[length] = '\0';
	if (oci_locate(config->text, config->size, name, &line, &column) == -EINVAL || line == 0)
		return;
	memcpy(rest, err->text, sizeof(rest));
	if (snprintf(err->text, sizeof(err->text), "config.json:%s (line %u)%s", name, line,
		     rest + (end - err->text)) >= (int)sizeof(err->text))
		memcpy(err->text, rest, sizeof(rest)); /* the cause at its end matters more */
}
