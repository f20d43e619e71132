// SPDX-License-Identifier: LGPL-2.1-or-later
/* update.c - new limits for a container that runs: all of a document or nothing of it.
 *
 * What has been set is kept in the record, over the config's own: a later document may give only one of two values that
 * belong together. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "cgroup/knobs.h"
#include "cgroup/resctrl.h"
#include "container/creation.h"
#include "kernel/host.h"
#include "ocispec.h"

#define LOCK_TIMEOUT_MS (10 * 1000)
#define DOCUMENT_LIMIT  (16 << 20)

/* ---- the document ---- */

static int fail_fault(struct oci_report *report, struct error *err)
{
	const struct oci_fault *fault = report->n_faults ? &report->faults[0] : NULL;

	if (fault)
		(void)fail(err, ERR_CONFIG, "resources:%s (line %u, column %u): %s", *fault->pointer ? fault->pointer : "/",
			   fault->line, fault->column, fault->text);
	else
		(void)fail(err, -ENOMEM, "cannot read the resources");
	oci_report_free(report);
	return -1;
}

/* path "-" is stdin. */
static int read_document(const char *path, struct oci_resources **ret, struct error *err)
{
	auto_close int fd = strcmp(path, "-") == 0 ? fd_dup(STDIN_FILENO, 3) : host_open_file(path, O_RDONLY | O_NONBLOCK);
	struct oci_report report = { 0 };
	auto_free char *text = NULL;
	size_t size;
	int r = fd < 0 ? fd : file_read(fd, DOCUMENT_LIMIT, &text, &size);

	if (r < 0)
		return fail(err, r, "cannot read --resources %s", path);
	*ret = oci_parse(&oci_resources_type, text, size, &report);
	if (!*ret)
		return fail_fault(&report, err);
	oci_report_free(&report);
	return 0;
}

/* ---- what is in force ---- */

/* The single values of the config, and over them those of earlier updates.  Owned by the caller; NULL with err */
static struct oci_resources *known(struct container *c, const struct oci_config *config, struct error *err)
{
	struct oci_resources *all = oci_new(&oci_resources_type);
	const struct oci_resources *own = config->linux ? config->linux->resources : NULL;

	if (all && (!own || knobs_merge(all, all, own) == 0) &&
	    (!c->record->resources || knobs_merge(all, all, c->record->resources) == 0))
		return all;
	oci_free(all);
	(void)fail(err, -ENOMEM, "cannot remember the limits in force");
	return NULL;
}

struct news {
	struct container *container;
	const struct oci_resources *given;
};

static int remember(void *context, struct error *err)
{
	const struct news *news = context;
	struct hull_record *record = news->container->record;

	if (!record->resources)
		record->resources = oci_alloc(record, sizeof(*record->resources));
	if (!record->resources || knobs_merge(record, record->resources, news->given) < 0)
		return fail(err, -ENOMEM, "cannot remember the new limits");
	return store_save(news->container, err);
}

/* ---- resctrl ---- */

static struct resctrl_groups groups_of(const struct hull_record *record)
{
	return (struct resctrl_groups){ record->rdt_group, record->rdt_made, record->rdt_monitored };
}

/* *ret_before: what the schemata said, owned by the caller. */
static int update_rdt(struct container *c, const struct update_options *options, char **ret_before, struct error *err)
{
	struct resctrl_groups groups = groups_of(c->record);
	auto_close int root = -1;

	if (!options->l3_cache_schema && !options->mem_bw_schema)
		return 0;
	if (!groups.clos)
		return fail(err, ERR_STATE, "container %s was created without intelRdt: its schemata cannot be changed", c->id);
	root = resctrl_open(err);
	if (root < 0)
		return -1;
	return resctrl_update(root, &groups, options->l3_cache_schema, options->mem_bw_schema, ret_before, err);
}

static void undo_rdt(struct container *c, const char *before)
{
	struct resctrl_groups groups = groups_of(c->record);
	struct error ignored;
	auto_close int root = before ? resctrl_open(&ignored) : -1;

	if (root >= 0)
		resctrl_restore(root, &groups, before);
}

/* ---- update ---- */

/* The table of resources speaks of config.json. */
static int name_document(struct error *err)
{
	const size_t length = strlen(RESOURCES_POINTER);

	if (!text_starts(err->text, RESOURCES_POINTER))
		return -1;
	memmove(err->text + strlen("resources:"), err->text + length, strlen(err->text + length) + 1);
	memcpy(err->text, "resources:", strlen("resources:"));
	return -1;
}

static int apply(struct container *c, const struct oci_resources *given, struct text *report, struct error *err)
{
	const struct hull_record *record = c->record;
	struct oci_config *config = read_kept_config(c, err);
	struct oci_resources *before = config ? known(c, config, err) : NULL;
	struct news news = { c, given };
	const struct cgroup_keep keep = { remember, &news };
	struct cgroup *cgroup = NULL;
	int r = before ? cgroup_reopen(record->cgroup_driver, record->cgroup_path, record->cgroup_made, &cgroup, err) : -1;

	if (r == 0 && cgroup_update(cgroup, given, before, &keep, report, err) < 0)
		r = name_document(err);
	cgroup_free(cgroup);
	oci_free(before);
	oci_free(config);
	return r;
}

static int update(struct container *c, const struct update_options *options, const struct oci_resources *given,
		  struct text *report, struct error *err)
{
	auto_free char *schemata = NULL;
	enum container_status status;

	if (store_lock(c, LOCK_TIMEOUT_MS, err) < 0 || store_status(c, &status, NULL, err) < 0)
		return -1;
	if (status != STATUS_CREATED && status != STATUS_RUNNING && status != STATUS_PAUSED)
		return fail(err, ERR_STATE, "container not running: %s is %s", c->id, container_status_words[status]);
	if (update_rdt(c, options, &schemata, err) < 0)
		return -1;
	if (apply(c, given, report, err) < 0) {
		undo_rdt(c, schemata);
		return -1;
	}
	return 0;
}

int container_update(const struct runtime *rt, const struct update_options *options, struct text *report,
		     struct error *err)
{
	struct oci_resources *document = NULL;
	struct container c;
	int r;

	r = store_open_own(rt, options->id, &c, err);
	if (r == 0 && options->file)
		r = read_document(options->file, &document, err);
	if (r == 0) {
		struct oci_resources given = document ? *document : *options->resources;

		given.n_devices = 0; /* engines send them all again: they are no matter of update */
		r = update(&c, options, &given, report, err);
	}
	oci_free(document);
	store_close(&c);
	return r;
}
