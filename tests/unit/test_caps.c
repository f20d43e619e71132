// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_caps.c - capabilities: names, and the five sets as the kernel shows them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/caps.h"
#include "unit.h"

static void names(void **state)
{
	static const char *const unknown[] = {
		"", "CAP_", "CHOWN", "cap_chown", "CAP_chown", "Cap_Chown", "CAP_NOPE", "0", "CAP_0", "CAP_CHOWN ",
		"CAP_A_NAME_THAT_IS_FAR_LONGER_THAN_ANY_NAME_OF_A_CAPABILITY_WILL_EVER_BE",
	};

	(void)state;
	assert_int_equal(cap_number("CAP_CHOWN"), 0);
	assert_int_equal(cap_number("CAP_SYS_ADMIN"), 21);
	assert_int_equal(cap_number("CAP_CHECKPOINT_RESTORE"), 40);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		if (cap_number(unknown[i]) != -1)
			fail_msg("'%s' is known", unknown[i]);
	for (int n = 0; n <= 40; n++) {
		assert_non_null(cap_name(n));
		assert_int_equal(cap_number(cap_name(n)), n);
	}
	assert_string_equal(cap_name(0), "CAP_CHOWN");
	assert_null(cap_name(-1));
	assert_null(cap_name(63));
	assert_null(cap_name(64));
}

static void last(void **state)
{
	FILE *file = fopen("/proc/sys/kernel/cap_last_cap", "re");
	int number;

	(void)state;
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &number), 1);
	(void)fclose(file);
	assert_int_equal(cap_last(), number);
	assert_int_equal(cap_last(), number);
}

/* The sets of /proc/self/status. */
static int read_status(struct caps *ret)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];
	unsigned long long set;

	*ret = (struct caps){ 0 };
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "CapInh: %llx", &set) == 1)
			ret->inheritable = set;
		else if (sscanf(line, "CapPrm: %llx", &set) == 1)
			ret->permitted = set;
		else if (sscanf(line, "CapEff: %llx", &set) == 1)
			ret->effective = set;
		else if (sscanf(line, "CapBnd: %llx", &set) == 1)
			ret->bounding = set;
		else if (sscanf(line, "CapAmb: %llx", &set) == 1)
			ret->ambient = set;
	}
	return file && fclose(file) == 0;
}

static int same(const struct caps *a, const struct caps *b)
{
	return a->bounding == b->bounding && a->effective == b->effective && a->permitted == b->permitted &&
	       a->inheritable == b->inheritable && a->ambient == b->ambient;
}

static void current(void **state)
{
	struct caps ours, kernels;

	(void)state;
	assert_int_equal(caps_current(&ours), 0);
	assert_true(read_status(&kernels));
	assert_int_equal(ours.bounding, 0);
	ours.bounding = caps_bounded(~(uint64_t)0);
	assert_true(same(&ours, &kernels));
	assert_int_equal(caps_bounded(0), 0);
}

static const struct caps wanted = {
	.bounding = 0xff | 1ull << 40,
	.permitted = 0x3f | 1ull << 40,
	.effective = 0x0f | 1ull << 40,
	.inheritable = 0x33,
	.ambient = 0x31,
};

static int in_child(void)
{
	struct caps shown, again;

	if (caps_bound(wanted.bounding) < 0)
		return 1;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgid(1000) < 0 || setuid(1000) < 0)
		return 2;
	if (caps_set(&wanted) < 0)
		return 3;
	if (!read_status(&shown) || !same(&shown, &wanted))
		return 4;
	if (caps_current(&again) < 0)
		return 5;
	again.bounding = caps_bounded(1 << 7 | 1 << 9);
	if (again.bounding != 1 << 7)
		return 9;
	again.bounding = wanted.bounding;
	if (!same(&again, &wanted))
		return 10;
	/* What is gone cannot come back, and a set that has it is refused as a whole. */
	again.permitted |= 1 << 10;
	if (caps_set(&again) >= 0)
		return 6;
	/* Without CAP_SETPCAP: nothing to drop is fine, something is not. */
	if (caps_bound(wanted.bounding) < 0)
		return 7;
	if (caps_bound(0) >= 0)
		return 8;
	return 0;
}

static void sets(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0)
		_exit(in_child());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(last),
		cmocka_unit_test(current),
		cmocka_unit_test(sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
