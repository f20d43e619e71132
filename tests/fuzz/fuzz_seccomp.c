// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_seccomp.c - a profile becomes a program that the kernel would take, and its answers are described.
 *
 * Small profiles only: the time of libseccomp grows with the square of their size. */
#include "container/seccomp.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "container/rules.h"
#include "fuzz.h"

#define MANY 24

static void on_finding(void *context, const struct rule_finding *finding)
{
	*(size_t *)context += finding->code != 0;
}

static size_t broken_rules(struct oci_seccomp *profile)
{
	struct oci_linux linux = { .seccomp = profile };
	const struct oci_config config = { .oci_version = "1.0.0", .linux = &linux };
	size_t n = 0;

	rules_each(&config, on_finding, &n);
	return n;
}

static bool is_small(const struct oci_seccomp *profile)
{
	size_t n = 0;

	for (size_t i = 0; i < profile->n_syscalls; i++)
		n += profile->syscalls[i].n_names * (1 + profile->syscalls[i].n_args);
	return n <= MANY && profile->n_architectures <= 3;
}

/* As the kernel looks at it before it runs. */
static void check_program(const struct seccomp_program *program)
{
	MUST(program->n > 0 && program->n <= BPF_MAXINSNS);
	for (size_t i = 0; i < program->n; i++) {
		const struct sock_filter *in = &program->code[i];
		size_t left = program->n - i - 1;

		if (BPF_CLASS(in->code) != BPF_JMP)
			continue;
		MUST(BPF_OP(in->code) == BPF_JA ? in->k < left : in->jt < left && in->jf < left);
	}
	MUST(BPF_CLASS(program->code[program->n - 1].code) == BPF_RET);
}

static void check_answers(const struct oci_seccomp *profile, const struct seccomp_program *program)
{
	struct seccomp_arch arch = { .enosys_from = -1 };
	uint64_t arches[SECCOMP_ARCHES];

	MUST(seccomp_arches(profile, arches) > 0);
	arch.arch = arches[0];
	MUST(seccomp_answers(profile, program, &arch) == 0);
	for (size_t i = 0; i < arch.n_answers; i++) {
		free(arch.answers[i].name);
		free(arch.answers[i].rules);
	}
	free(arch.answers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oci_seccomp *profile = oci_parse(&oci_seccomp_type, (const char *)data, size, NULL);
	struct seccomp_program program = { NULL, 0 };
	struct error err = { 0 };

	if (profile && seccomp_is_supported && is_small(profile) && broken_rules(profile) == 0) {
		if (seccomp_compile(profile, &program, &err) == 0) {
			check_program(&program);
			check_answers(profile, &program);
		} else {
			fuzz_one_line(err.text);
		}
		free(program.code);
	}
	oci_free(profile);
	return 0;
}
