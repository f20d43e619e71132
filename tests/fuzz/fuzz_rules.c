// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_rules.c - the rules between properties of a config, which may be one with faults.
 *
 * create's verdict (the first broken rule) and validate's (all of them) must agree, and each place be one. */
#include "container/rules.h"

#include <errno.h>
#include <stdbool.h>

#include "container/config.h"
#include "fuzz.h"
#include "ocispec.h"

struct count {
	const char *text;
	size_t size, n_errors, n_located;
};

/* The quadratic part of this is not the rules'. */
#define LOCATED 8

static void on_finding(void *context, const struct rule_finding *finding)
{
	struct count *count = context;
	unsigned line, column;

	MUST(finding->sentence && *finding->sentence && finding->pointer);
	MUST(*finding->pointer == '\0' || *finding->pointer == '/');
	if (count->n_located++ < LOCATED)
		MUST(oci_locate(count->text, count->size, finding->pointer, &line, &column) != -EINVAL);
	count->n_errors += finding->code != 0;
}

static void check_root(struct config *config)
{
	struct error err;

	if (!config->oci->root || !config->oci->root->path)
		return;
	MUST(config_find_rootfs(config, &err) == 0);
	MUST(*config->rootfs == '/' && !strstr(config->rootfs, "//") && !strstr(config->rootfs, "/./"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), path[] = "/bundle";
	struct oci_report report = { .flags = OCI_REPORT_ALL | OCI_REPORT_PARTIAL };
	struct oci_config *oci = oci_parse(&oci_config_type, text, size, &report);
	struct config config = { .text = text, .size = size, .path = path, .oci = oci };
	struct count count = { .text = text, .size = size };
	struct error err = { 0 };

	if (oci) {
		rules_each(oci, on_finding, &count);
		if (report.n_errors == 0) {
			MUST((rules_check(oci, &err) < 0) == (count.n_errors > 0));
			if (count.n_errors > 0) {
				config_add_line(&config, &err);
				fuzz_one_line(err.text);
				MUST(strncmp(err.text, "config.json:", 12) == 0);
			}
			check_root(&config);
		}
	}
	free(config.rootfs);
	oci_free(oci);
	oci_report_free(&report);
	free(text);
	return 0;
}
