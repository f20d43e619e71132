// SPDX-License-Identifier: LGPL-2.1-or-later
/* seccomp.c - `hull seccomp FILE`: what a profile compiles to.
 *
 * The answers are those of the compiled program, not of the profile: where two entries overlap, the program knows which one
 * acts. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/file.h"
#include "container/rules.h"
#include "container/seccomp.h"
#include "kernel/host.h"
#include "ocispec.h"

#define FILE_LIMIT (16 * 1024 * 1024)

enum format { FORMAT_TABLE, FORMAT_JSON };

struct seccomp_options {
	int format;
};

static const struct word formats[] = { { "table", FORMAT_TABLE }, { "json", FORMAT_JSON } };

static const struct option options[] = {
	{ "format", "f", OPTION_CHOICE, OPTION_AT(struct seccomp_options, format), NULL, "How to print it. Default: table.",
	  formats, sizeof(formats) / sizeof(formats[0]) },
};

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
	(void)fail(err, old.code, "%s:%s", path, rest);
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

/* ---- words ---- */

static const char *action_word(uint32_t action)
{
	const char *word = oci_word(oci_seccomp_action_words, action & SECCOMP_RET_ACTION_FULL);

	return word ? word : "unknown";
}

static bool has_number(uint32_t action)
{
	uint32_t kind = action & SECCOMP_RET_ACTION_FULL;

	return kind == SECCOMP_RET_ERRNO || kind == SECCOMP_RET_TRACE;
}

static void put_action(struct text *text, uint32_t action)
{
	text_puts(text, action_word(action) + (text_starts(action_word(action), "SCMP_ACT_") ? strlen("SCMP_ACT_") : 0));
	if (!has_number(action))
		return;
	if ((action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO && strerrorname_np((int)(action & SECCOMP_RET_DATA)))
		text_printf(text, " %s", strerrorname_np((int)(action & SECCOMP_RET_DATA)));
	else
		text_printf(text, " %u", action & SECCOMP_RET_DATA);
}

static const char *const signs[] = {
	[OCI_CMP_NE] = "!=", [OCI_CMP_LT] = "<",  [OCI_CMP_LE] = "<=", [OCI_CMP_EQ] = "==",
	[OCI_CMP_GE] = ">=", [OCI_CMP_GT] = ">",
};

static void put_condition(struct text *text, const struct oci_syscall_arg *arg)
{
	if (arg->op == OCI_CMP_MASKED_EQ)
		text_printf(text, "arg%u & %#llx == %#llx", arg->index, (unsigned long long)arg->value,
			    (unsigned long long)arg->value_two);
	else
		text_printf(text, "arg%u %s %#llx", arg->index, signs[arg->op], (unsigned long long)arg->value);
}

/* ---- for people ---- */

static void table_call(void *context, const struct seccomp_answer *answer)
{
	struct text *text = context;

	text_printf(text, "%-28s %5d  ", answer->name, answer->number & 0x3fffffff);
	for (size_t r = 0; r < answer->n_rules; r++) {
		const struct seccomp_answer_rule *rule = &answer->rules[r];

		if (rule->possible)
			put_action(text, rule->action);
		else
			text_puts(text, "never");
		for (size_t i = 0; i < rule->n; i++) {
			text_puts(text, i == 0 ? " if " : " and ");
			put_condition(text, &rule->args[i]);
		}
		text_puts(text, "; ");
	}
	if (answer->has_other) {
		text_puts(text, answer->n_rules > 0 ? "else " : "");
		put_action(text, answer->action);
	}
	text_puts(text, "\n");
}

static const char *arch_word(uint64_t arch)
{
	const char *word = oci_word(oci_seccomp_arch_words, arch);

	return word ? word : "unknown";
}

static int put_table(struct text *text, const struct oci_seccomp *profile, const struct seccomp_program *program)
{
	uint64_t arches[SECCOMP_ARCHES];
	size_t n = seccomp_arches(profile, arches);
	int r = 0;

	text_printf(text, "%zu of %d instructions, %zu bytes\n", program->n, BPF_MAXINSNS, program->n * sizeof(*program->code));
	for (size_t i = 0; i < n && r == 0; i++) {
		int newest = seccomp_newest(profile, arches[i]);

		text_printf(text, "\n%s", arch_word(arches[i]));
		if (seccomp_answers_enosys(profile) && newest >= 0)
			text_printf(text, ", ERRNO ENOSYS from %d on", (newest & 0x3fffffff) + 1);
		text_puts(text, "\n");
		r = seccomp_each_call(profile, program, arches[i], table_call, text);
	}
	return r;
}

/* ---- for programs ---- */

struct json {
	struct text *text;
	bool first;
};

static void json_action(struct text *text, uint32_t action)
{
	text_puts(text, "\"action\":");
	text_json(text, action_word(action));
	if (has_number(action))
		text_printf(text, ",\"errnoRet\":%u", action & SECCOMP_RET_DATA);
}

static void json_rule(struct text *text, const struct seccomp_answer_rule *rule)
{
	text_puts(text, "{\"args\":[");
	for (size_t i = 0; i < rule->n; i++) {
		const struct oci_syscall_arg *arg = &rule->args[i];

		text_printf(text, "%s{\"index\":%u,\"value\":%llu,\"valueTwo\":%llu,\"op\":", i > 0 ? "," : "", arg->index,
			    (unsigned long long)arg->value, (unsigned long long)arg->value_two);
		text_json(text, oci_word(oci_seccomp_operator_words, arg->op));
		text_puts(text, "}");
	}
	text_puts(text, "]");
	if (rule->possible) {
		text_puts(text, ",");
		json_action(text, rule->action);
	}
	text_puts(text, "}");
}

static void json_call(void *context, const struct seccomp_answer *answer)
{
	struct json *json = context;

	text_puts(json->text, json->first ? "" : ",");
	json->first = false;
	text_puts(json->text, "{\"name\":");
	text_json(json->text, answer->name);
	text_printf(json->text, ",\"number\":%d", answer->number);
	if (answer->has_other) {
		text_puts(json->text, ",");
		json_action(json->text, answer->action);
	}
	if (answer->depends) {
		text_puts(json->text, ",\"rules\":[");
		for (size_t r = 0; r < answer->n_rules; r++) {
			text_puts(json->text, r > 0 ? "," : "");
			json_rule(json->text, &answer->rules[r]);
		}
		text_puts(json->text, "]");
	}
	text_puts(json->text, "}");
}

static int put_json(struct text *text, const struct oci_seccomp *profile, const struct seccomp_program *program)
{
	uint64_t arches[SECCOMP_ARCHES];
	size_t n = seccomp_arches(profile, arches);
	int r = 0;

	text_printf(text, "{\"instructions\":%zu,\"maxInstructions\":%d,\"bytes\":%zu,\"architectures\":[", program->n, BPF_MAXINSNS,
		    program->n * sizeof(*program->code));
	for (size_t i = 0; i < n && r == 0; i++) {
		struct json json = { text, true };
		int newest = seccomp_newest(profile, arches[i]);

		text_printf(text, "%s{\"architecture\":", i > 0 ? "," : "");
		text_json(text, arch_word(arches[i]));
		if (seccomp_answers_enosys(profile) && newest >= 0)
			text_printf(text, ",\"enosysFrom\":%d", newest + 1);
		text_puts(text, ",\"syscalls\":[");
		r = seccomp_each_call(profile, program, arches[i], json_call, &json);
		text_puts(text, "]}");
	}
	text_puts(text, "]}\n");
	return r;
}

static int run(struct call *call, struct error *err)
{
	const struct seccomp_options *seccomp = call->options;
	struct seccomp_program program = { NULL, 0 };
	auto_text struct text text = TEXT_INIT;
	struct document document = { 0 };
	int r;

	r = load(call->words[0], &document, err);
	if (r == 0 && (check(&document, err) < 0 || seccomp_compile(document.profile, &program, err) < 0)) {
		name_file(&document, call->words[0], err);
		r = -1;
	}
	if (r == 0) {
		r = (seccomp->format == FORMAT_JSON ? put_json : put_table)(&text, document.profile, &program);
		r = r < 0 ? fail(err, r, "cannot describe the profile") : print_text(&text, err);
	}
	free(program.code);
	oci_free(document.parsed);
	free(document.text);
	return r;
}

static const char *const notes[] = {
	"FILE is a config.json, or a file with the object linux.seccomp alone; - is standard input. For every system call that "
	"libseccomp knows, what the compiled program answers is printed, with conditions on arguments where there are any.",
	NULL,
};

const struct command command_seccomp = {
	.name = "seccomp",
	.about = "print what a seccomp profile compiles to",
	.words = "FILE",
	.notes = notes,
	OPTION_TABLE(options),
	.options_size = sizeof(struct seccomp_options),
	.run = run,
};
