// SPDX-License-Identifier: LGPL-2.1-or-later
/* example.c - how libocispec is used: checks a config.json and prints what it would run.
 *
 *	cc example.c $(pkg-config --cflags --libs libocispec)
 *	./a.out config.json */
#include <ocispec.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static char *read_file(const char *path, size_t *length)
{
	static char text[1 << 20];
	FILE *file = fopen(path, "r");

	if (!file)
		return NULL;
	*length = fread(text, 1, sizeof(text), file);
	fclose(file);
	return text;
}

static void print_faults(const char *path, const struct oci_report *report)
{
	for (size_t i = 0; i < report->n_faults; i++) {
		const struct oci_fault *fault = &report->faults[i];

		printf("%s:%u:%u: %s: %s %s\n", path, fault->line, fault->column,
		       fault->is_warning ? "warning" : "error", fault->pointer, fault->text);
	}
}

static void print_process(const struct oci_process *process)
{
	printf("runs");
	for (const char **arg = process->args; *arg; arg++)
		printf(" %s", *arg);
	printf("\n");
	for (size_t i = 0; i < process->n_rlimits; i++)
		printf("with at most %" PRIu64 " of %s\n", process->rlimits[i].soft,
		       oci_word(oci_rlimit_words, process->rlimits[i].type));
	if (process->has_oom_score_adj)
		printf("with oom score %" PRId64 "\n", process->oom_score_adj);
}

int main(int argc, char **argv)
{
	struct oci_report report = { .flags = OCI_REPORT_ALL | OCI_REPORT_WARNINGS };
	struct oci_buffer out = { 0 };
	struct oci_config *config;
	size_t length;
	char *text;

	text = argc == 2 ? read_file(argv[1], &length) : NULL;
	if (!text) {
		fprintf(stderr, "usage: example config.json\n");
		return 2;
	}
	config = oci_parse(&oci_config_type, text, length, &report);
	print_faults(argv[1], &report);
	oci_report_free(&report);
	if (!config)
		return 1;

	if (config->process) {
		print_process(config->process);
		/* Strings that are put in need not live in the document, but here it is simplest. */
		config->hostname = oci_strdup(config, "example");
		if (oci_write(&oci_process_type, config->process, "  ", &out) == 0)
			printf("%s\n", out.data);
		free(out.data);
	}
	oci_free(config);
	return 0;
}
