// SPDX-License-Identifier: LGPL-2.1-or-later
/* seccomp.c - `hull seccomp FILE`: what a profile compiles to.
 *
 * The answers are those of the compiled program, not of the profile: where two entries overlap, the program knows which one
 * acts. */
#include "cli/cli.h"

#include <linux/seccomp.h>
#include <string.h>

#include "container/seccomp.h"
#include "ocispec.h"

enum format { FORMAT_TABLE, FORMAT_JSON };

struct seccomp_options {
	int format;
};

static const struct word formats[] = { { "table", FORMAT_TABLE }, { "json", FORMAT_JSON } };

static const struct option options[] = {
	{ "format", "f", OPTION_CHOICE, OPTION_AT(struct seccomp_options, format), NULL, "How to print it. Default: table.",
	  formats, sizeof(formats) / sizeof(formats[0]) },
};

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

static void table_call(struct text *text, const struct seccomp_answer *answer)
{
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

static void put_table(struct text *text, const struct seccomp_description *description)
{
	text_printf(text, "%zu of %d instructions, %zu bytes\n", description->program.n, BPF_MAXINSNS,
		    description->program.n * sizeof(*description->program.code));
	for (size_t i = 0; i < description->n_arches; i++) {
		const struct seccomp_arch *arch = &description->arches[i];

		text_printf(text, "\n%s", arch_word(arch->arch));
		if (arch->enosys_from >= 0)
			text_printf(text, ", ERRNO ENOSYS from %d on", arch->enosys_from & 0x3fffffff);
		text_puts(text, "\n");
		for (size_t k = 0; k < arch->n_answers; k++)
			table_call(text, &arch->answers[k]);
	}
}

/* ---- for programs ---- */

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

static void json_call(struct text *text, const struct seccomp_answer *answer)
{
	text_puts(text, "{\"name\":");
	text_json(text, answer->name);
	text_printf(text, ",\"number\":%d", answer->number);
	if (answer->has_other) {
		text_puts(text, ",");
		json_action(text, answer->action);
	}
	if (answer->depends) {
		text_puts(text, ",\"rules\":[");
		for (size_t r = 0; r < answer->n_rules; r++) {
			text_puts(text, r > 0 ? "," : "");
			json_rule(text, &answer->rules[r]);
		}
		text_puts(text, "]");
	}
	text_puts(text, "}");
}

static void put_json(struct text *text, const struct seccomp_description *description)
{
	text_printf(text, "{\"instructions\":%zu,\"maxInstructions\":%d,\"bytes\":%zu,\"architectures\":[", description->program.n,
		    BPF_MAXINSNS, description->program.n * sizeof(*description->program.code));
	for (size_t i = 0; i < description->n_arches; i++) {
		const struct seccomp_arch *arch = &description->arches[i];

		text_printf(text, "%s{\"architecture\":", i > 0 ? "," : "");
		text_json(text, arch_word(arch->arch));
		if (arch->enosys_from >= 0)
			text_printf(text, ",\"enosysFrom\":%d", arch->enosys_from);
		text_puts(text, ",\"syscalls\":[");
		for (size_t k = 0; k < arch->n_answers; k++) {
			text_puts(text, k > 0 ? "," : "");
			json_call(text, &arch->answers[k]);
		}
		text_puts(text, "]}");
	}
	text_puts(text, "]}\n");
}

static int run(struct call *call, struct error *err)
{
	const struct seccomp_options *seccomp = call->options;
	struct seccomp_description description;
	auto_text struct text text = TEXT_INIT;

	if (container_seccomp(call->words[0], &description, err) < 0)
		return -1;
	(seccomp->format == FORMAT_JSON ? put_json : put_table)(&text, &description);
	container_seccomp_free(&description);
	return print_text(&text, err);
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
