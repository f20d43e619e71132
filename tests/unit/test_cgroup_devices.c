// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_cgroup_devices.c - device rules: their order, v1's exceptions, the BPF program, and real devices refused.
 *
 * A plain reading of the spec (for each access, the last rule that speaks of the device decides) is the judge of both
 * compilers, over random lists and all requests. */
#include <linux/bpf.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "cgroups.h"

#include "cgroup/bpf.h"
#include "cgroup/devices.h"

#define RULE(yes, kind, maj, min, what)                                                              \
	{                                                                                            \
		.allow = yes, .has_type = true, .type = kind, .has_major = (maj) >= 0, .major = maj, \
		.has_minor = (min) >= 0, .minor = min, .access = what                                \
	}
#define DENY_ALL                                \
	{                                       \
		.allow = false, .access = "rwm" \
	}

/* ---- three judges ---- */

/* One access (a single bit) by the rules as compiled, which stand in order. */
static bool by_order(const struct device_rules *rules, char type, int64_t major, int64_t minor, unsigned bit)
{
	bool allow = rules->allow;

	for (size_t i = 0; i < rules->n; i++) {
		const struct device_rule *r = &rules->rules[i];

		if (r->type == type && (r->major == DEVICE_ANY || r->major == major) &&
		    (r->minor == DEVICE_ANY || r->minor == minor) && (r->access & bit))
			allow = r->allow;
	}
	return allow;
}

static bool by_order_all(const struct device_rules *rules, char type, int64_t major, int64_t minor, unsigned access)
{
	for (unsigned bit = 1; bit <= 4; bit *= 2)
		if ((access & bit) && !by_order(rules, type, major, minor, bit))
			return false;
	return true;
}

/* As v1's kernel decides: with "deny" as default, one exception must allow all; with "allow", one is enough to deny. */
static bool by_v1(const struct device_rules *flat, char type, int64_t major, int64_t minor, unsigned access)
{
	for (size_t i = 0; i < flat->n; i++) {
		const struct device_rule *r = &flat->rules[i];

		if (r->type != type || (r->major != DEVICE_ANY && r->major != major) ||
		    (r->minor != DEVICE_ANY && r->minor != minor))
			continue;
		if (flat->allow ? (r->access & access) != 0 : (access & ~r->access) == 0)
			return !flat->allow;
	}
	return flat->allow;
}

/* The handful of instructions that the program is made of. */
static bool by_bpf(const struct bpf_insn *insns, size_t n, char type, uint32_t major, uint32_t minor, unsigned access)
{
	uint32_t context[3] = { access << 16 | (type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR), major, minor };
	uint64_t reg[11] = { 0 };

	for (size_t at = 0; at < n; at++) {
		const struct bpf_insn *i = &insns[at];
		uint32_t imm = (uint32_t)i->imm, dst = (uint32_t)reg[i->dst_reg];

		switch (i->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			assert_int_equal(i->src_reg, BPF_REG_1);
			reg[i->dst_reg] = context[i->off / 4];
			break;
		case BPF_ALU64 | BPF_MOV | BPF_K:
			reg[i->dst_reg] = imm;
			break;
		case BPF_ALU | BPF_MOV | BPF_X:
			reg[i->dst_reg] = (uint32_t)reg[i->src_reg];
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			reg[i->dst_reg] = dst & imm;
			break;
		case BPF_ALU | BPF_RSH | BPF_K:
			reg[i->dst_reg] = dst >> imm;
			break;
		case BPF_JMP32 | BPF_JNE | BPF_K:
			at += dst != imm ? (size_t)i->off : 0;
			break;
		case BPF_JMP32 | BPF_JEQ | BPF_K:
			at += dst == imm ? (size_t)i->off : 0;
			break;
		case BPF_JMP | BPF_EXIT:
			return reg[0];
		default:
			fail_msg("instruction %zu has the unknown code %#x", at, i->code);
		}
	}
	fail_msg("the program runs off its end");
	return false;
}

/* ---- rules ---- */

static void puts_defaults_behind_a_denial_of_all(void **state)
{
	static const struct oci_device_rule docker[] = {
		DENY_ALL,
		RULE(true, 'c', 5, 1, "rwm"),
		RULE(false, 'c', 10, 229, "rwm"),
		RULE(false, 'c', 1, 9, "w"),
	};
	struct device_rules rules;
	size_t index;

	(void)state;
	assert_int_equal(device_rules_compile(docker, 4, &rules), 0);
	assert_true(rules.all_said);
	assert_false(rules.allow);
	assert_true(by_order_all(&rules, 'c', 1, 3, ACCESS_ALL));    /* null, by default */
	assert_true(by_order_all(&rules, 'c', 136, 17, ACCESS_ALL)); /* a terminal */
	assert_true(by_order_all(&rules, 'b', 8, 0, ACCESS_MKNOD));  /* a node, */
	assert_false(by_order_all(&rules, 'b', 8, 0, ACCESS_READ));  /* useless */
	assert_true(by_order_all(&rules, 'c', 5, 1, ACCESS_ALL));    /* the list's own */
	assert_true(by_order_all(&rules, 'c', 1, 9, ACCESS_READ));   /* a rule behind */
	assert_false(by_order_all(&rules, 'c', 1, 9, ACCESS_WRITE)); /* takes a default away */
	assert_false(by_order_all(&rules, 'c', 10, 229, ACCESS_MKNOD));
	assert_int_equal(device_rules_flatten(&rules, &index), 0);
	assert_false(by_v1(&rules, 'c', 10, 229, ACCESS_READ));
	assert_true(by_v1(&rules, 'c', 10, 229, ACCESS_MKNOD)); /* what v1 cannot say */
	assert_false(by_v1(&rules, 'c', 1, 9, ACCESS_READ | ACCESS_WRITE));
	free(rules.rules);
}

/* ledger: cg-dev-03, cg-dev-04 */
static void reads_absent_members(void **state)
{
	static const struct oci_device_rule list[] = {
		DENY_ALL,
		{ .allow = true,
		  .has_major = true,
		  .major = 9,
		  .has_minor = true,
		  .minor = 9 }, /* type a, access rwm */
		{ .allow = true, .has_type = true, .type = 'b', .has_major = true, .major = 7, .access = "r" },
		{ .allow = true, .has_type = true, .type = 'b', .has_major = true, .major = 77, .access = "" },
		RULE(true, 'c', -1, 4, "w"),
	};
	struct device_rules rules;

	(void)state;
	assert_int_equal(device_rules_compile(list, 5, &rules), 0);
	assert_true(by_order_all(&rules, 'c', 9, 9, ACCESS_ALL));
	assert_true(by_order_all(&rules, 'b', 9, 9, ACCESS_ALL));
	assert_true(by_order_all(&rules, 'b', 7, 123, ACCESS_READ));
	assert_false(by_order_all(&rules, 'b', 7, 123, ACCESS_WRITE));
	assert_false(by_order_all(&rules, 'b', 77, 1, ACCESS_READ));
	assert_true(by_order_all(&rules, 'c', 1000, 4, ACCESS_WRITE));
	assert_false(by_order_all(&rules, 'c', 1000, 5, ACCESS_WRITE));
	free(rules.rules);
}

static void refuses_what_v1_cannot_say(void **state)
{
	static const struct oci_device_rule split[] = {
		DENY_ALL,
		RULE(true, 'c', 10, -1, "rw"),
		RULE(false, 'c', 10, 229, "w"),
	};
	static const struct oci_device_rule whole[] = {
		DENY_ALL,
		RULE(true, 'c', 10, 229, "rw"),
		RULE(false, 'c', 10, -1, "w"),
	};
	struct device_rules rules;
	size_t index;

	(void)state;
	assert_int_equal(device_rules_compile(split, 3, &rules), 0);
	assert_int_equal(device_rules_flatten(&rules, &index), -EOPNOTSUPP);
	assert_int_equal(rules.rules[index].minor, 229);
	free(rules.rules);
	assert_int_equal(device_rules_compile(whole, 3, &rules), 0);
	assert_int_equal(device_rules_flatten(&rules, &index), 0);
	assert_true(by_v1(&rules, 'c', 10, 229, ACCESS_READ));
	assert_false(by_v1(&rules, 'c', 10, 229, ACCESS_WRITE));
	free(rules.rules);
}

static void forgets_what_a_rule_for_all_overrides(void **state)
{
	static const struct oci_device_rule list[] = {
		DENY_ALL,
		RULE(true, 'c', 10, -1, "rw"),
		RULE(false, 'c', 10, 229, "w"),
		{ .allow = true },
	};
	struct device_rules rules;
	struct bpf_insn *program;
	size_t n;

	(void)state;
	assert_int_equal(device_rules_compile(list, 4, &rules), 0);
	assert_int_equal(rules.n, 0);
	assert_true(rules.allow);
	assert_int_equal(bpf_device_program(&rules, &program, &n), 0);
	assert_true(by_bpf(program, n, 'c', 10, 229, ACCESS_ALL));
	free(program);
	free(rules.rules);
}

static unsigned rolled = 12345;

static unsigned roll(unsigned sides)
{
	rolled = rolled * 1103515245 + 12345;
	return rolled / 65536 % sides;
}

/* ledger: cg-dev-01 */
static void compilers_agree_with_the_spec(void **state)
{
	static const char *const accesses[] = { NULL, "r", "w", "m", "rw", "rm", "wm", "rwm" };
	size_t said = 0, refused = 0;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct oci_device_rule list[8] = { { .allow = false } };
		size_t n = 1 + roll(8), length, index;
		struct device_rules rules, flat;
		struct bpf_insn *program;
		bool soft = false, fits;

		for (size_t i = 0; i < n; i++) {
			list[i].allow = roll(2);
			list[i].has_type = roll(4) > 0;
			list[i].type = list[i].has_type ? (uint64_t) "abc"[roll(3)] : 0;
			list[i].has_major = roll(3) > 0;
			list[i].major = list[i].has_major ? roll(3) : 0;
			list[i].has_minor = roll(3) > 0;
			list[i].minor = list[i].has_minor ? roll(3) : 0;
			list[i].access = accesses[roll(8)];
		}
		assert_int_equal(device_rules_compile(list, n, &rules), 0);
		assert_int_equal(device_rules_compile(list, n, &flat), 0);
		assert_int_equal(bpf_device_program(&rules, &program, &length), 0);
		for (size_t i = 0; i < rules.n; i++)
			soft |= rules.rules[i].soft;
		fits = device_rules_flatten(&flat, &index) == 0;
		said += fits;
		refused += !fits;
		for (unsigned request = 0; request < 2 * 4 * 4 * 7; request++) {
			char type = request % 2 ? 'b' : 'c';
			uint32_t major = request / 2 % 4, minor = request / 8 % 4;
			unsigned access = 1 + request / 32;
			bool right = by_order_all(&rules, type, major, minor, access), v1;

			if (by_bpf(program, length, type, major, minor, access) != right)
				fail_msg("round %d: BPF on %c %u:%u %u", round, type, major, minor, access);
			v1 = fits ? by_v1(&flat, type, major, minor, access) : right;
			/* v1 needs one exception for all of a request, and may refuse what two rules together
			 * allow: never the other way round, but for making a node. */
			if (v1 && !right && !(soft && (access & ACCESS_MKNOD)))
				fail_msg("round %d: v1 allows %c %u:%u %u", round, type, major, minor, access);
			if (!v1 && right && (access & (access - 1)) == 0)
				fail_msg("round %d: v1 refuses %c %u:%u %u", round, type, major, minor, access);
		}
		free(rules.rules);
		free(flat.rules);
		free(program);
	}
	assert_true(said > 500 && refused > 100); /* or it would prove little */
}

static void refuses_wrong_numbers(void **state)
{
	static const struct oci_device_rule wrong[] = { RULE(true, 'c', 1LL << 33, 0, "r") };
	struct oci_resources resources = { .devices = (struct oci_device_rule *)wrong, .n_devices = 1 };
	struct cgroup *c;

	(void)state;
	assert_done(cgroup_plan(CGROUP_FS, where, "id", &c, &err));
	assert_fails(cgroup_check(c, &resources, &err), ERR_CONFIG,
		     "/linux/resources/devices/0: is no number of a device");
	assert_fails(cgroup_apply(c, &resources, &err), ERR_CONFIG,
		     "/linux/resources/devices/0: is no number of a device");
	cgroup_free(c);
}

/* ---- real devices ---- */

static int nodes = -1; /* a directory of our own */

/* errno of opening a new node, or of making it. */
static int try_device(mode_t type, unsigned major_number, unsigned minor_number, int flags)
{
	int fd, saved;

	(void)unlinkat(nodes, "node", 0);
	if (mknodat(nodes, "node", type | 0600, makedev(major_number, minor_number)) < 0)
		return errno + 1000;
	if (flags < 0)
		return 0;
	fd = openat(nodes, "node", flags | O_NONBLOCK | O_CLOEXEC);
	saved = fd < 0 ? errno : 0;
	(void)fd_close(fd);
	return saved;
}

static int open_some(void)
{
	int failed = 0;

	/* the status is the number of the check that failed first */
#define CHECK(number, call, wanted)                \
	do {                                       \
		if ((call) != (wanted) && !failed) \
			failed = number;           \
	} while (0)
	CHECK(1, try_device(S_IFCHR, 1, 3, O_RDWR), 0);
	CHECK(2, try_device(S_IFCHR, 1, 9, O_RDONLY), 0);
	CHECK(3, try_device(S_IFCHR, 1, 11, O_RDONLY), EPERM); /* kmsg */
	CHECK(4, try_device(S_IFCHR, 1, 1, O_RDONLY), EPERM);  /* mem */
	CHECK(5, try_device(S_IFCHR, 1, 7, O_RDONLY), 0);      /* full, for reading alone */
	CHECK(6, try_device(S_IFCHR, 1, 7, O_WRONLY), EPERM);
	CHECK(7, try_device(S_IFCHR, 1, 7, O_RDWR), EPERM);
	CHECK(8, try_device(S_IFBLK, 7, 0, -1), 0); /* making a node of a disk is fine, */
	CHECK(9, try_device(S_IFBLK, 7, 0, O_RDONLY), EPERM);
	return failed;
}

static const struct oci_device_rule restricting[] = {
	{ .allow = true, .has_type = true, .type = 'c', .has_major = true, .major = 1, .has_minor = true, .minor = 11 },
	DENY_ALL,
	RULE(false, 'c', 1, 7, "w"),
};

static int make_nodes(void **state)
{
	char template[] = "hull-devices-XXXXXX";

	setup(state);
	if (!mkdtemp(template))
		return -1;
	nodes = open(template, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return nodes < 0 || rename(template, "hull-devices.test") < 0 ? -1 : 0;
}

static int remove_nodes(void **state)
{
	(void)state;
	(void)unlinkat(nodes, "node", 0);
	nodes = fd_close(nodes);
	return rmdir("hull-devices.test");
}

/* Where nodes cannot be used (a nodev mount, a container), nothing can be proved. */
static bool can_use_nodes(void)
{
	return try_device(S_IFCHR, 1, 3, O_RDWR) == 0 && try_device(S_IFCHR, 1, 11, O_RDONLY) == 0;
}

/* ledger: cg-dev-01, cg-dev-05 */
static void kernel_refuses_devices(void **state)
{
	struct oci_resources resources = { .devices = (struct oci_device_rule *)restricting, .n_devices = 3 };
	struct cgroup *c;

	(void)state;
	skip_unless_root();
	if (!can_use_nodes())
		skip();
	c = make_at(where);
	assert_int_equal(run_in(c, open_some), 3); /* kmsg can be opened before */
	assert_done(cgroup_check(c, &resources, &err));
	assert_done(cgroup_apply(c, &resources, &err));
	assert_int_equal(run_in(c, open_some), 0);
	assert_done(cgroup_apply(c, &resources, &err)); /* again, as after a failed attempt */
	assert_int_equal(run_in(c, open_some), 0);
	destroy(c);
}

/* On a hybrid host too, the program works on the unified side. */
static void kernel_takes_the_program(void **state)
{
	struct device_rules rules;
	struct bpf_insn *program;
	struct cgroup *c;
	char log[4096];
	size_t n;
	int r;

	(void)state;
	skip_unless_root();
	c = make_at(where);
	if (!can_use_nodes() || cgroup_clone_fd(c) < 0) {
		destroy(c);
		skip();
	}
	assert_int_equal(device_rules_compile(restricting, 3, &rules), 0);
	assert_int_equal(bpf_device_program(&rules, &program, &n), 0);
	{
		auto_close int dir = openat(hierarchy_unified(c)->at, c->leaf, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		r = bpf_device_attach(dir, program, n, log, sizeof(log));
		if (r < 0)
			fail_msg("%s: %s", errno_text(r), log);
	}
	assert_int_equal(run_in(c, open_some), 0);
	free(program);
	free(rules.rules);
	destroy(c);
}

/* Long lists load as well. */
static void kernel_takes_a_long_program(void **state)
{
	static struct oci_device_rule many[1000];
	struct device_rules rules;
	struct bpf_insn *program;
	struct cgroup *c;
	char log[4096];
	size_t n;
	int r;

	(void)state;
	skip_unless_root();
	c = make_at(where);
	if (cgroup_clone_fd(c) < 0) {
		destroy(c);
		skip();
	}
	for (size_t i = 0; i < 1000; i++)
		many[i] = (struct oci_device_rule)RULE(i % 2, 'c', (int64_t)(i % 7), (int64_t)i, "rw");
	assert_int_equal(device_rules_compile(many, 1000, &rules), 0);
	assert_int_equal(bpf_device_program(&rules, &program, &n), 0);
	{
		auto_close int dir = openat(hierarchy_unified(c)->at, c->leaf, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		r = bpf_device_attach(dir, program, n, log, sizeof(log));
		if (r < 0)
			fail_msg("%s: %s", errno_text(r), log);
	}
	free(program);
	free(rules.rules);
	destroy(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_defaults_behind_a_denial_of_all),
		cmocka_unit_test(reads_absent_members),
		cmocka_unit_test(refuses_what_v1_cannot_say),
		cmocka_unit_test(forgets_what_a_rule_for_all_overrides),
		cmocka_unit_test(compilers_agree_with_the_spec),
		cmocka_unit_test_setup(refuses_wrong_numbers, setup),
		cmocka_unit_test_setup_teardown(kernel_refuses_devices, make_nodes, remove_nodes),
		cmocka_unit_test_setup_teardown(kernel_takes_the_program, make_nodes, remove_nodes),
		cmocka_unit_test_setup(kernel_takes_a_long_program, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
