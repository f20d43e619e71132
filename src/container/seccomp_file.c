// SPDX-License-Identifier: LGPL-2.1-or-later
/* seccomp_file.c - a profile in a file, of a bundle or alone, compiled and described. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "container/rules.h"
#include "container/seccomp.h"
#include "kernel/host.h"

#define FILE_LIMIT (16 * 1024 * 1024)

/* ---- reading ---- */

struct document {
	char *text;
	size_t size;
	void *parsed; /* a config, or a profile alone */
	const struct oci_seccomp *profile;
	bool is_profile; /* alone */
};

static int read_file(const char *path, struct document *d, struct error *err)
{
	bool standard = strcmp(path, "-") == 0;
	auto_close int opened = standard ? -1 : host_open_file(path, O_RDONLY);
	int r = standard || opened >= 0 ? file_read(standard ? STDIN_FILENO : opened, FILE_LIMIT, &d->text, &d->size) : opened;

	return r < 0 ? fail(err, r, "cannot read %s", path) : 0;
}

static void *parse(const struct oci_type *type, const struct document *d, const char *path, struct error *err)
{
	struct oci_report report = { 0 };
	void *parsed = oci_parse(type, d->text, d->size, &report);

	if (!parsed && report.n_faults > 0)
		(void)fail(err, ERR_CONFIG, "%s:%s (line %u, column %u): %s", path, report.faults[0].pointer, report.faults[0].line,
			   report.faults[0].column, report.faults[0].text);
	else if (!parsed)
		(void)fail(err, -ENOMEM, "cannot read %s", path);
	oci_report_free(&report);
	return parsed;
}

struct verdict {
	bool bad;
	char text[sizeof(((struct error *)0)->text)];
};

static void on_finding(void *context, const struct rule_finding *finding)
{
	struct verdict *verdict = context;

	if (verdict->bad || !finding->code || !text_starts(finding->pointer, "/linux/seccomp"))
		return;
	verdict->bad = true;
	snprintf(verdict->text, sizeof(verdict->text), "config.json:%s: %s", finding->pointer, finding->sentence);
}

/* Rules and compiler know of bundles only: their pointers become those of the file at hand. */
static void name_file(const struct document *d, const char *path, struct error *err)
{
	static const char bundle[] = "config.json:", profile[] = "/linux/seccomp";
	const struct error old = *err;
	const char *rest = old.text;

	if (!text_starts(rest, bundle))
		return;
	rest += strlen(bundle);
	if (d->is_profile && text_starts(rest, profile))
		rest += strlen(profile);
	(void)fail(err, old.code, "%s%s%s", path, *rest == ':' ? "" : ":", rest);
}

/* The rules speak of whole configs. */
static int check(const struct document *d, struct error *err)
{
	struct oci_linux linux = { .seccomp = (struct oci_seccomp *)d->profile };
	const struct oci_config config = { .oci_version = "1.0.0", .linux = &linux };
	struct verdict verdict = { .bad = false };

	rules_each(&config, on_finding, &verdict);
	return verdict.bad ? fail(err, ERR_CONFIG, "%s", verdict.text) : 0;
}

static int load(const char *path, struct document *d, struct error *err)
{
	const struct oci_config *config;
	unsigned line, column;

	if (read_file(path, d, err) < 0)
		return -1;
	if (oci_locate(d->text, d->size, "/defaultAction", &line, &column) == 0) {
		d->is_profile = true;
		d->parsed = parse(&oci_seccomp_type, d, path, err);
		d->profile = d->parsed;
	} else {
		config = d->parsed = parse(&oci_config_type, d, path, err);
		d->profile = config && config->linux ? config->linux->seccomp : NULL;
	}
	if (!d->parsed)
		return -1;
	if (!d->profile)
		return fail(err, ERR_CONFIG, "%s has no /linux/seccomp, and is no profile (it has no /defaultAction)", path);
	return 0;
}

/* ---- the whole ---- */

static int describe(const struct oci_seccomp *profile, struct seccomp_description *d)
{
	uint64_t arches[SECCOMP_ARCHES];
	int r = 0;

	d->n_arches = seccomp_arches(profile, arches);
	for (size_t i = 0; i < d->n_arches && r == 0; i++) {
		int newest = seccomp_newest(profile, arches[i]);

		d->arches[i].arch = arches[i];
		d->arches[i].enosys_from = seccomp_answers_enosys(profile) && newest >= 0 ? newest + 1 : -1;
		r = seccomp_answers(profile, &d->program, &d->arches[i]);
	}
	return r;
}

int container_seccomp(const char *path, struct seccomp_description *ret, struct error *err)
{
	struct document document = { 0 };
	int r;

	*ret = (struct seccomp_description){ 0 };
	r = load(path, &document, err);
	ret->document = document.parsed;
	free(document.text);
	if (r == 0 && (check(&document, err) < 0 || seccomp_compile(document.profile, &ret->program, err) < 0)) {
		name_file(&document, path, err);
		r = -1;
	}
	if (r == 0 && describe(document.profile, ret) < 0)
		r = fail(err, -ENOMEM, "cannot describe the profile");
	if (r < 0)
		container_seccomp_free(ret);
	return r;
}

void container_seccomp_free(struct seccomp_description *description)
{
	for (size_t i = 0; i < description->n_arches; i++) {
		struct seccomp_arch *arch = &description->arches[i];

		for (size_t k = 0; k < arch->n_answers; k++) {
			free(arch->answers[k].name);
			free(arch->answers[k].rules);
		}
		free(arch->answers);
	}
	free(description->program.code);
	oci_free(description->document);
	*description = (struct seccomp_description){ 0 };
}
