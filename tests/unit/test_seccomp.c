// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_seccomp.c - profiles against what their programs answer, without loading them. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "container/seccomp.h"
#include "unit.h"

#define ARCH_X86_64 0xc000003e
#define ALLOW	    "\"action\": \"SCMP_ACT_ALLOW\""

static struct oci_seccomp *parse(const char *text)
{
	struct oci_seccomp *profile = oci_parse(&oci_seccomp_type, text, strlen(text), NULL);

	if (!profile)
		fail_msg("invalid: %s", text);
	return profile;
}

static void compile(const char *text, struct seccomp_program *ret)
{
	struct oci_seccomp *profile = parse(text);
	struct error err;

	if (seccomp_compile(profile, ret, &err) < 0)
		fail_msg("%s", err.text);
	oci_free(profile);
}

static uint32_t run(const struct seccomp_program *program, uint32_t arch, int nr, uint64_t arg0, uint64_t arg1)
{
	const struct seccomp_data data = { .nr = nr, .arch = arch, .args = { arg0, arg1 } };
	bool ignored;

	return seccomp_run(program, &data, &ignored);
}

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005U + 1442695040888963407U;
	return *state >> 33 ^ *state << 31;
}

/* Values at which comparisons of 32-bit halves go wrong. */
static uint64_t interesting(uint64_t *state)
{
	static const uint64_t values[] = { 0, 1, 5, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x100000005,
					   0x7fffffffffffffff, 0x8000000000000000, UINT64_MAX - 1, UINT64_MAX };
	uint64_t r = next_random(state);

	return r & 1 ? values[(r >> 8) % (sizeof(values) / sizeof(values[0]))] : next_random(state);
}

static bool holds(const char *op, uint64_t value, uint64_t a, uint64_t b)
{
	if (strcmp(op, "NE") == 0)
		return value != a;
	if (strcmp(op, "LT") == 0)
		return value < a;
	if (strcmp(op, "LE") == 0)
		return value <= a;
	if (strcmp(op, "EQ") == 0)
		return value == a;
	if (strcmp(op, "GE") == 0)
		return value >= a;
	if (strcmp(op, "GT") == 0)
		return value > a;
	return (value & a) == b;
}

/* sec-28: every operator, over all 64 bits of both arguments. */
static void test_operators(void **unused)
{
	static const char *const ops[] = { "NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ" };
	uint64_t state = 1;

	(void)unused;
	if (!seccomp_is_supported)
		skip();
	for (int round = 0; round < 400; round++) {
		const char *op[2] = { ops[next_random(&state) % 7], ops[next_random(&state) % 7] };
		uint64_t a[2], b[2];
		struct seccomp_program program;
		char text[1024];

		for (int i = 0; i < 2; i++) {
			a[i] = interesting(&state);
			b[i] = interesting(&state) & a[i];
		}
		snprintf(text, sizeof(text),
			 "{\"defaultAction\": \"SCMP_ACT_KILL\", \"syscalls\": [{\"names\": [\"getpriority\"], " ALLOW
			 ", \"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_%s\", \"value\": %llu, \"valueTwo\": %llu}, "
			 "{\"index\": 1, \"op\": \"SCMP_CMP_%s\", \"value\": %llu, \"valueTwo\": %llu}]}]}",
			 op[0], (unsigned long long)a[0], (unsigned long long)b[0], op[1], (unsigned long long)a[1],
			 (unsigned long long)b[1]);
		compile(text, &program);
		for (int i = 0; i < 60; i++) {
			uint64_t v0 = i % 3 ? interesting(&state) : a[0] + (uint64_t)(i % 5) - 2,
				 v1 = i % 4 ? interesting(&state) : a[1] + (uint64_t)(i % 5) - 2;
			uint32_t wanted = holds(op[0], v0, a[0], b[0]) && holds(op[1], v1, a[1], b[1])
						  ? SECCOMP_RET_ALLOW
						  : SECCOMP_RET_KILL_THREAD;
			uint64_t arches[SECCOMP_ARCHES];
			struct oci_seccomp none = { 0 };

			(void)seccomp_arches(&none, arches);
			if (run(&program, (uint32_t)arches[0], SYS_getpriority, v0, v1) != wanted)
				fail_msg("%s with %#llx, %#llx", text, (unsigned long long)v0, (unsigned long long)v1);
		}
		free(program.code);
	}
}

/* sec-22: every action has its number; errnoRet and its default (sec-05, sec-24). */
static void test_actions(void **unused)
{
	static const struct {
		const char *action, *extra;
		uint32_t wanted;
	} rows[] = {
		{ "KILL", "", SECCOMP_RET_KILL_THREAD },
		{ "KILL_THREAD", "", SECCOMP_RET_KILL_THREAD },
		{ "KILL_PROCESS", "", SECCOMP_RET_KILL_PROCESS },
		{ "TRAP", "", SECCOMP_RET_TRAP },
		{ "ERRNO", "", SECCOMP_RET_ERRNO | EPERM },
		{ "ERRNO", ", \"errnoRet\": 0", SECCOMP_RET_ERRNO },
		{ "ERRNO", ", \"errnoRet\": 95", SECCOMP_RET_ERRNO | 95 },
		{ "TRACE", "", SECCOMP_RET_TRACE | EPERM },
		{ "TRACE", ", \"errnoRet\": 65535", SECCOMP_RET_TRACE | 65535 },
		{ "LOG", "", SECCOMP_RET_LOG },
		{ "NOTIFY", "", SECCOMP_RET_USER_NOTIF },
	};
	struct oci_seccomp none = { 0 };
	uint64_t arches[SECCOMP_ARCHES];

	(void)unused;
	if (!seccomp_is_supported)
		skip();
	(void)seccomp_arches(&none, arches);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct seccomp_program program;
		char text[512];

		snprintf(text, sizeof(text),
			 "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"sync\"], \"action\": \"SCMP_ACT_%s\"%s}]}",
			 rows[i].action, rows[i].extra);
		compile(text, &program);
		assert_int_equal(run(&program, (uint32_t)arches[0], SYS_sync, 0, 0), rows[i].wanted);
		assert_int_equal(run(&program, (uint32_t)arches[0], SYS_acct, 0, 0), SECCOMP_RET_ALLOW);
		free(program.code);
		/* The same as default action; a rule does not inherit its errno. */
		snprintf(text, sizeof(text), "{\"defaultAction\": \"SCMP_ACT_%s\"%s%s}", rows[i].action,
			 *rows[i].extra ? ", \"defaultErrnoRet\"" : "", *rows[i].extra ? strchr(rows[i].extra, ':') : "");
		compile(text, &program);
		assert_int_equal(run(&program, (uint32_t)arches[0], SYS_sync, 0, 0), rows[i].wanted);
		free(program.code);
	}
}

/* sec-06, and the program in front: each architecture has its own numbers and its own newest call. */
static void test_architectures(void **unused)
{
	struct seccomp_program program;

	(void)unused;
#ifndef __x86_64__
	skip(); /* the numbers are those of x86_64 */
#endif
	if (!seccomp_is_supported)
		skip();
	compile("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\", "
		"\"SCMP_ARCH_X32\", \"SCMP_ARCH_AARCH64\"], \"syscalls\": [{\"names\": [\"sync\", \"clone3\"], " ALLOW "}]}",
		&program);
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 162, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 36, 0, 0), SECCOMP_RET_ERRNO | EPERM); /* sync of i386 */
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 36, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 162, 0, 0), SECCOMP_RET_ERRNO | EPERM);
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 0x40000000 | 162, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 0x40000000 | 36, 0, 0), SECCOMP_RET_ERRNO | EPERM);
	assert_int_equal(run(&program, AUDIT_ARCH_AARCH64, 81, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(run(&program, AUDIT_ARCH_AARCH64, 162, 0, 0), SECCOMP_RET_ERRNO | EPERM);
	/* Newer than clone3, the newest that the profile names. */
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 435, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 436, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 436, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 0x40000000 | 600, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
	assert_int_equal(run(&program, AUDIT_ARCH_AARCH64, 436, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
	/* One that the profile does not speak of. */
	assert_int_equal(run(&program, AUDIT_ARCH_S390X, 36, 0, 0), SECCOMP_RET_KILL_THREAD);
	free(program.code);
	/* A default that lets calls through is for new ones too. */
	compile("{\"defaultAction\": \"SCMP_ACT_LOG\", \"syscalls\": [{\"names\": [\"sync\"], \"action\": \"SCMP_ACT_ERRNO\"}]}",
		&program);
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 163, 0, 0), SECCOMP_RET_LOG);
	free(program.code);
}

static void refused(const char *text, const char *what)
{
	struct oci_seccomp *profile = parse(text);
	struct seccomp_program program;
	struct error err = { 0 };

	assert_int_equal(seccomp_compile(profile, &program, &err), -1);
	if (!strstr(err.text, what))
		fail_msg("expected \"%s\", got \"%s\"", what, err.text);
	assert_null(strchr(err.text, '\n'));
	oci_free(profile);
}

#define PERSONALITY(action, value)                                                                         \
	"{\"names\": [\"personality\"], \"action\": \"" action "\", \"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_EQ\", \"value\": " value \
	"}]}"

static void test_contradictions(void **unused)
{
	struct seccomp_program program;

	(void)unused;
	if (!seccomp_is_supported)
		skip();
	/* The same twice is fine. */
	compile("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [" PERSONALITY("SCMP_ACT_ALLOW", "8") ", "
		PERSONALITY("SCMP_ACT_ALLOW", "8") "]}", &program);
	free(program.code);
	refused("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [" PERSONALITY("SCMP_ACT_ALLOW", "8") ", "
		PERSONALITY("SCMP_ACT_TRAP", "8") "]}",
		"config.json:/linux/seccomp/syscalls/1: an earlier entry has another action for personality");
}

/* What does not fit is refused, soon and in one line. */
static void test_large(void **unused)
{
	char *text = malloc(16 << 20), *at = text;

	(void)unused;
	if (!seccomp_is_supported)
		skip();
	at += sprintf(at, "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [");
	for (int i = 0; i < 10000; i++)
		at += sprintf(at,
			      "%s{\"names\": [\"personality\", \"kill\", \"socket\"], " ALLOW
			      ", \"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_EQ\", \"value\": %d}]}",
			      i ? ", " : "", i);
	strcpy(at, "]}");
	refused(text, "10000 different conditions on arguments do not fit into a program");
	/* The same ten thousand times is one. */
	at = text + sprintf(text, "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [");
	for (int i = 0; i < 10000; i++)
		at += sprintf(at, "%s" PERSONALITY("SCMP_ACT_ALLOW", "7"), i ? ", " : "");
	strcpy(at, "]}");
	{
		struct seccomp_program program;

		compile(text, &program);
		assert_true(program.n < 40);
		free(program.code);
	}
	free(text);
}

struct seen {
	unsigned n;
	bool personality, sync, socketcall;
};

static void look(struct seen *seen, const struct seccomp_answer *answer)
{
	seen->n++;
	if (strcmp(answer->name, "sync") == 0) {
		assert_false(answer->depends);
		assert_int_equal(answer->action, SECCOMP_RET_ALLOW);
		seen->sync = true;
	}
	if (strcmp(answer->name, "personality") == 0) {
		assert_true(answer->depends && answer->has_other);
		assert_int_equal(answer->n_rules, 2);
		assert_int_equal(answer->rules[0].action, SECCOMP_RET_ALLOW);
		assert_true(answer->rules[0].possible);
		assert_false(answer->rules[1].possible); /* nothing is below 0 */
		assert_int_equal(answer->action, SECCOMP_RET_ERRNO | EPERM);
		seen->personality = true;
	}
	if (strcmp(answer->name, "socketcall") == 0) {
		assert_true(answer->depends);
		assert_int_equal(answer->n_rules, 1);
		assert_int_equal(answer->rules[0].args[0].value, 1); /* SYS_SOCKET */
		seen->socketcall = true;
	}
}

static struct seen look_at(const struct oci_seccomp *profile, const struct seccomp_program *program, uint64_t arch)
{
	struct seccomp_arch answers = { .arch = arch };
	struct seen seen = { 0 };

	assert_int_equal(seccomp_answers(profile, program, &answers), 0);
	for (size_t i = 0; i < answers.n_answers; i++) {
		look(&seen, &answers.answers[i]);
		free(answers.answers[i].name);
		free(answers.answers[i].rules);
	}
	free(answers.answers);
	return seen;
}

static void test_each_call(void **unused)
{
	struct oci_seccomp *profile;
	struct seccomp_program program;
	struct seen seen;
	struct error err;

	(void)unused;
#ifndef __x86_64__
	skip(); /* its second architecture is the example */
#endif
	if (!seccomp_is_supported)
		skip();
	profile = parse("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"architectures\": [\"SCMP_ARCH_X86\"], \"syscalls\": ["
			"{\"names\": [\"sync\", \"socket\"], " ALLOW "}, " PERSONALITY("SCMP_ACT_ALLOW", "8") ", "
			"{\"names\": [\"personality\"], " ALLOW ", \"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_LT\", \"value\": 0}]}]}");
	assert_int_equal(seccomp_compile(profile, &program, &err), 0);
	seen = look_at(profile, &program, ARCH_X86_64);
	assert_true(seen.n > 300 && seen.personality && seen.sync && !seen.socketcall);
	seen = look_at(profile, &program, AUDIT_ARCH_I386);
	assert_true(seen.n > 300 && seen.socketcall);
	free(program.code);
	oci_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operators),     cmocka_unit_test(test_actions), cmocka_unit_test(test_architectures),
		cmocka_unit_test(test_contradictions), cmocka_unit_test(test_large),   cmocka_unit_test(test_each_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
