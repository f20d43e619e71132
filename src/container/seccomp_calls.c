// SPDX-License-Identifier: LGPL-2.1-or-later
/* seccomp_calls.c - what a compiled profile answers to each system call: the program itself is run, so that it tells
 * and not the profile.  Where it looks at arguments, the profile's conditions say which arguments to try. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "container/seccomp.h"

/* Numbers of an architecture that are looked at, from its first one on; Linux has fewer than 500 so far. */
#define CALLS 1024

/* The calls that a multiplexer stands for, at most. */
#define MULTIPLEXED 32

/* Not a value that a profile is likely to name. */
#define UNUSUAL 0x0123456789abcdefULL

static const struct {
	const char *arch;
	int first;
} first_numbers[] = {
	{ "SCMP_ARCH_X32", 0x40000000 },	{ "SCMP_ARCH_MIPS", 4000 },	 { "SCMP_ARCH_MIPSEL", 4000 },
	{ "SCMP_ARCH_MIPS64", 5000 },	{ "SCMP_ARCH_MIPSEL64", 5000 }, { "SCMP_ARCH_MIPS64N32", 6000 },
	{ "SCMP_ARCH_MIPSEL64N32", 6000 },
};

static int first_number(uint64_t arch)
{
	const char *word = oci_word(oci_seccomp_arch_words, arch);

	for (size_t i = 0; word && i < sizeof(first_numbers) / sizeof(first_numbers[0]); i++)
		if (strcmp(first_numbers[i].arch, word) == 0)
			return first_numbers[i].first;
	return 0;
}

/* ---- running a program (seccomp(2): the part of BPF that the kernel takes from libseccomp) ---- */

static bool jumps(const struct sock_filter *at, uint32_t a)
{
	switch (BPF_OP(at->code)) {
	case BPF_JEQ:
		return a == at->k;
	case BPF_JGT:
		return a > at->k;
	case BPF_JGE:
		return a >= at->k;
	case BPF_JSET:
		return a & at->k;
	}
	return false;
}

uint32_t seccomp_run(const struct seccomp_program *program, const struct seccomp_data *data, bool *ret_reads_args)
{
	uint32_t a = 0;

	*ret_reads_args = false;
	for (size_t pc = 0; pc < program->n; pc++) {
		const struct sock_filter *at = &program->code[pc];

		if (at->code == (BPF_LD | BPF_W | BPF_ABS) && at->k <= sizeof(*data) - sizeof(a)) {
			memcpy(&a, (const char *)data + at->k, sizeof(a));
			*ret_reads_args = *ret_reads_args || at->k >= offsetof(struct seccomp_data, args);
		} else if (at->code == (BPF_ALU | BPF_AND | BPF_K)) {
			a &= at->k;
		} else if (at->code == (BPF_JMP | BPF_JA)) {
			pc += at->k;
		} else if (BPF_CLASS(at->code) == BPF_JMP && BPF_SRC(at->code) == BPF_K) {
			pc += jumps(at, a) ? at->jt : at->jf;
		} else if (at->code == (BPF_RET | BPF_K)) {
			return at->k;
		} else {
			break;
		}
	}
	return SECCOMP_RET_KILL_PROCESS; /* as the kernel would never have let it in */
}

/* ---- conditions ---- */

static bool holds(const struct oci_syscall_arg *arg, const struct seccomp_data *data)
{
	uint64_t value = data->args[arg->index];

	switch ((enum oci_seccomp_operator)arg->op) {
	case OCI_CMP_NE:
		return value != arg->value;
	case OCI_CMP_LT:
		return value < arg->value;
	case OCI_CMP_LE:
		return value <= arg->value;
	case OCI_CMP_EQ:
		return value == arg->value;
	case OCI_CMP_GE:
		return value >= arg->value;
	case OCI_CMP_GT:
		return value > arg->value;
	case OCI_CMP_MASKED_EQ:
		return (value & arg->value) == arg->value_two;
	}
	return false;
}

static bool all_hold(const struct seccomp_answer_rule *rule, const struct seccomp_data *data)
{
	for (size_t i = 0; i < rule->n; i++)
		if (!holds(&rule->args[i], data))
			return false;
	return true;
}

/* A value for which the condition holds, if there is one. */
static uint64_t satisfying(const struct oci_syscall_arg *arg)
{
	switch ((enum oci_seccomp_operator)arg->op) {
	case OCI_CMP_NE:
		return arg->value == UNUSUAL ? UNUSUAL + 1 : UNUSUAL;
	case OCI_CMP_LT:
		return arg->value - 1;
	case OCI_CMP_GT:
		return arg->value + 1;
	case OCI_CMP_LE:
	case OCI_CMP_EQ:
	case OCI_CMP_GE:
		return arg->value;
	case OCI_CMP_MASKED_EQ:
		return (arg->value_two & arg->value) | (UNUSUAL & ~arg->value);
	}
	return 0;
}

static void unusual(struct seccomp_data *data)
{
	for (size_t i = 0; i < 6; i++)
		data->args[i] = UNUSUAL;
}

/* Arguments of which no rule speaks: what is left when all conditions fail.  False where none were found. */
static bool find_other(const struct seccomp_answer *answer, struct seccomp_data *data)
{
	static const uint64_t tries[] = { UNUSUAL, 0, UINT64_MAX, ~UNUSUAL, 1, 0x5555555555555555U, 0xaaaaaaaaaaaaaaaaU };

	for (size_t t = 0; t < sizeof(tries) / sizeof(tries[0]); t++) {
		bool spoken_of = false;

		for (size_t i = 0; i < 6; i++)
			data->args[i] = tries[t];
		for (size_t r = 0; r < answer->n_rules; r++)
			spoken_of = spoken_of || all_hold(&answer->rules[r], data);
		if (!spoken_of)
			return true;
	}
	return false;
}

/* ---- rules ---- */

static bool names_call(const struct oci_syscall *row, uint64_t arch, int number)
{
	for (size_t i = 0; i < row->n_names; i++)
		if (seccomp_call_number((uint32_t)arch, row->names[i]) == number)
			return true;
	return false;
}

/* Several conditions on one argument are alternatives (seccomp_compile). */
static bool has_alternatives(const struct oci_syscall *row)
{
	unsigned seen = 0;

	for (size_t i = 0; i < row->n_args; i++) {
		if (seen & 1U << row->args[i].index)
			return true;
		seen |= 1U << row->args[i].index;
	}
	return false;
}

static void add_rule(struct seccomp_answer *answer, const struct oci_syscall_arg *args, size_t n)
{
	answer->rules[answer->n_rules++] = (struct seccomp_answer_rule){ .args = args, .n = n };
}

/* Room for all that may come, which is little. */
static int make_room(const struct oci_seccomp *profile, uint64_t arch, struct seccomp_answer *answer)
{
	size_t n = MULTIPLEXED;

	for (size_t i = 0; i < profile->n_syscalls; i++)
		if (profile->syscalls[i].n_args > 0 && names_call(&profile->syscalls[i], arch, answer->number))
			n += profile->syscalls[i].n_args;
	answer->rules = calloc(n, sizeof(*answer->rules));
	return answer->rules ? 0 : -ENOMEM;
}

static void collect_rules(const struct oci_seccomp *profile, uint64_t arch, struct seccomp_answer *answer)
{
	for (size_t i = 0; i < profile->n_syscalls; i++) {
		const struct oci_syscall *row = &profile->syscalls[i];

		if (row->n_args == 0 || !names_call(row, arch, answer->number))
			continue;
		if (!has_alternatives(row))
			add_rule(answer, row->args, row->n_args);
		for (size_t k = 0; has_alternatives(row) && k < row->n_args; k++)
			add_rule(answer, &row->args[k], 1);
	}
}

/* socketcall(2) and ipc(2) stand for many calls, by their first argument: libseccomp looks at it where the profile names
 * one of those. */
static void find_multiplexed(const struct seccomp_program *program, struct seccomp_data *data, struct seccomp_answer *answer)
{
	static struct oci_syscall_arg args[MULTIPLEXED];
	bool ignored;

	for (uint32_t i = 0; i < MULTIPLEXED; i++) {
		uint32_t action;

		args[i] = (struct oci_syscall_arg){ .value = i, .op = OCI_CMP_EQ };
		data->args[0] = i;
		action = seccomp_run(program, data, &ignored);
		if (action == answer->action)
			continue;
		add_rule(answer, &args[i], 1);
		answer->rules[answer->n_rules - 1].possible = true;
		answer->rules[answer->n_rules - 1].action = action;
	}
}

static void try_rules(const struct seccomp_program *program, struct seccomp_data *data, struct seccomp_answer *answer)
{
	bool ignored;

	for (size_t r = 0; r < answer->n_rules; r++) {
		struct seccomp_answer_rule *rule = &answer->rules[r];

		unusual(data);
		for (size_t i = 0; i < rule->n; i++)
			data->args[rule->args[i].index] = satisfying(&rule->args[i]);
		rule->possible = all_hold(rule, data);
		rule->action = seccomp_run(program, data, &ignored);
	}
	answer->has_other = find_other(answer, data);
	answer->action = seccomp_run(program, data, &ignored);
}

static int ask(const struct oci_seccomp *profile, const struct seccomp_program *program, uint64_t arch,
	       struct seccomp_answer *answer)
{
	bool x32 = answer->number & 0x40000000;
	struct seccomp_data data = { .nr = answer->number, .arch = x32 ? AUDIT_ARCH_X86_64 : (uint32_t)arch };

	unusual(&data);
	answer->action = seccomp_run(program, &data, &answer->depends);
	answer->has_other = true;
	if (!answer->depends)
		return 0;
	if (make_room(profile, arch, answer) < 0)
		return -ENOMEM;
	collect_rules(profile, arch, answer);
	if (answer->n_rules == 0)
		find_multiplexed(program, &data, answer);
	else
		try_rules(program, &data, answer);
	return 0;
}

int seccomp_answers(const struct oci_seccomp *profile, const struct seccomp_program *program, struct seccomp_arch *ret)
{
	int first = first_number(ret->arch);

	ret->n_answers = 0;
	ret->answers = calloc(CALLS, sizeof(*ret->answers));
	if (!ret->answers)
		return -ENOMEM;
	for (int number = first; number < first + CALLS; number++) {
		struct seccomp_answer *answer = &ret->answers[ret->n_answers];

		answer->name = seccomp_call_name((uint32_t)ret->arch, number);
		if (!answer->name)
			continue;
		answer->number = number;
		ret->n_answers++;
		if (ask(profile, program, ret->arch, answer) < 0)
			return -ENOMEM;
	}
	return 0;
}
