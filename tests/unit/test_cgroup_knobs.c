// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_cgroup_knobs.c - the conversion table, and what the kernel says after each knob was turned.
 *
 * Where a host has no such controller or file the knob's refusal is what is tested. */
#include <inttypes.h>
#include <math.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "cgroups.h"

#include "cgroup/knobs.h"
#include "cgroup/variant.h"

/* ---- conversions ---- */

#define MEMORY(...)                    \
	.memory = &(struct oci_memory) \
	{                              \
		__VA_ARGS__            \
	}
#define CPU(...)                 \
	.cpu = &(struct oci_cpu) \
	{                        \
		__VA_ARGS__      \
	}
#define PIDS(n)                               \
	.pids = &(struct oci_pids)            \
	{                                     \
		.has_limit = true, .limit = n \
	}
#define M(member) .has_##member = true, .member

/* Texts: NULL nothing is written; one that starts with '!' is part of the refusal. */
struct conversion {
	const char *pointer;
	struct oci_resources resources;
	const char *v1, *v2;
};

/* ledger: cg-mem-01, cg-mem-02, cg-mem-03, cg-mem-04, cg-mem-07, cg-mem-08, cg-mem-09, cg-cpu-01, cg-cpu-02, cg-cpu-08, cg-cpu-13, cg-pids-02 */
static void converts(void **state)
{
	// clang-format off
	const struct conversion table[] = {
		{ "/memory/limit", { MEMORY(M(limit) = 1048576) }, "1048576", "1048576" },
		{ "/memory/limit", { MEMORY(M(limit) = -1) }, "-1", "max" },
		{ "/memory/limit", { MEMORY(M(limit) = 0) }, NULL, NULL },
		{ "/memory/limit", { MEMORY(M(limit) = -2) }, "!must be", "!must be" },
		{ "/memory/limit", { MEMORY(M(swap) = 5) }, NULL, NULL },
		{ "/memory/limit", { PIDS(5) }, NULL, NULL },
		{ "/memory/swap", { MEMORY(M(limit) = 1000, M(swap) = 3000) }, "3000", "2000" },
		{ "/memory/swap", { MEMORY(M(limit) = 1000, M(swap) = 1000) }, "1000", "0" },
		{ "/memory/swap", { MEMORY(M(limit) = 1000, M(swap) = 999) }, "!less than", "!less than" },
		{ "/memory/swap", { MEMORY(M(limit) = 1000, M(swap) = -1) }, "-1", "max" },
		{ "/memory/swap", { MEMORY(M(swap) = 3000) }, "3000", "!without a memory limit" },
		{ "/memory/swap", { MEMORY(M(limit) = -1, M(swap) = 3000) }, "3000", "!without a memory limit" },
		{ "/memory/swap", { MEMORY(M(swap) = 0) }, NULL, NULL },
		{ "/memory/swap", { MEMORY(M(limit) = -1) }, NULL, NULL },
		{ "/memory/reservation", { MEMORY(M(reservation) = 4096) }, "4096", "4096" },
		{ "/memory/swappiness", { MEMORY(M(swappiness) = 0) }, "0", "0" },
		{ "/memory/swappiness", { MEMORY(M(swappiness) = 101) }, "!0 to 100", "!0 to 100" },
		{ "/memory/disableOOMKiller", { MEMORY(M(disable_oom_killer) = true) }, "1", "1" },
		{ "/memory/useHierarchy", { MEMORY(M(use_hierarchy) = true) }, NULL, NULL },
		{ "/cpu/shares", { CPU(M(shares) = 1024) }, "1024", "100" },
		{ "/cpu/shares", { CPU(M(shares) = 0) }, NULL, NULL },
		{ "/cpu/shares", { CPU(M(shares) = 1024, M(idle) = 1) }, NULL, NULL },
		{ "/cpu/shares", { CPU(M(shares) = 1024, M(idle) = 0) }, "1024", "100" },
		{ "/cpu/quota", { CPU(M(quota) = 50000, M(period) = 200000) }, "50000", "50000 200000" },
		{ "/cpu/quota", { CPU(M(quota) = 50000) }, "50000", "50000" },
		{ "/cpu/quota", { CPU(M(quota) = -1, M(period) = 200000) }, "-1", "max 200000" },
		{ "/cpu/quota", { CPU(M(quota) = -7) }, "-1", "max" },
		{ "/cpu/quota", { CPU(M(quota) = 0) }, NULL, NULL },
		{ "/cpu/period", { CPU(M(quota) = 50000, M(period) = 200000) }, "200000", NULL },
		{ "/cpu/period", { CPU(M(period) = 200000) }, "200000", "max 200000" },
		{ "/cpu/period", { CPU(M(quota) = 0, M(period) = 200000) }, "200000", "max 200000" },
		{ "/cpu/burst", { CPU(M(burst) = 0) }, "0", "0" },
		{ "/cpu/idle", { CPU(M(idle) = 1) }, "1", "1" },
		{ "/cpu/idle", { CPU(M(idle) = 2) }, "!0 or 1", "!0 or 1" },
		{ "/cpu/cpus", { CPU(.cpus = "0-3,7") }, "0-3,7", "0-3,7" },
		{ "/cpu/cpus", { CPU(.cpus = "") }, NULL, NULL },
		{ "/cpu/cpus", { CPU(.cpus = "0;1") }, "!list", "!list" },
		{ "/pids/limit", { PIDS(0) }, "0", "0" },
		{ "/pids/limit", { PIDS(-1) }, "max", "max" },
		{ "/pids/limit", { PIDS(-2) }, "!must be", "!must be" },
		{ "/pids/limit", { .pids = &(struct oci_pids){ .limit = 0 } }, NULL, NULL },
	};
	// clang-format on

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		for (int v2 = 0; v2 < 2; v2++) {
			const char *wanted = v2 ? table[i].v2 : table[i].v1;
			char text[KNOB_VALUE_MAX] = "nothing";
			int r = knobs_convert(table[i].pointer, &table[i].resources, v2, text, &err);

			if (wanted && *wanted == '!') {
				if (r != -1 || !strstr(err.text, wanted + 1) || !strstr(err.text, table[i].pointer))
					fail_msg("row %zu, v%d: %d %s", i, v2 + 1, r, err.text);
			} else if (r != (wanted != NULL) || (wanted && strcmp(wanted, text) != 0)) {
				fail_msg("row %zu, v%d: %d %s", i, v2 + 1, r, text);
			}
		}
	}
}

static void converts_all_shares(void **state)
{
	uint64_t before = 1;

	(void)state;
	assert_int_equal(knobs_cpu_weight(0), 1);
	assert_int_equal(knobs_cpu_weight(2), 1);
	assert_int_equal(knobs_cpu_weight(1024), 100);
	assert_int_equal(knobs_cpu_weight(262144), 10000);
	assert_int_equal(knobs_cpu_weight(UINT64_MAX), 10000);
	for (uint64_t shares = 3; shares < 262144; shares++) {
		double l = log2((double)shares);
		uint64_t weight = knobs_cpu_weight(shares);

		if (weight != (uint64_t)ceil(pow(10, (l * l + 125 * l) / 612 - 7.0 / 34) - 1e-9) || weight < before)
			fail_msg("%" PRIu64 " becomes %" PRIu64, shares, weight);
		before = weight;
	}
	assert_int_equal(knobs_io_weight(1), 1);
	assert_int_equal(knobs_io_weight(10), 1);
	assert_int_equal(knobs_io_weight(100), 910);
	assert_int_equal(knobs_io_weight(1000), 10000);
}

/* ---- real files ---- */

struct turn {
	struct oci_resources resources;
	const char *controller;                  /* where the file is; v1's name */
	const char *v1, *v1_text, *v2, *v2_text; /* text NULL: refused as unsupported */
};

#define PAGE_MB "1048576"

static void kernel_says_the_same(void **state)
{
	// clang-format off
	const struct turn table[] = {
		{ { MEMORY(M(limit) = 1048576) }, "memory", "memory.limit_in_bytes", "1048576", "memory.max", "1048576" },
		{ { MEMORY(M(limit) = 1048576, M(swap) = 3145728) }, "memory", "memory.memsw.limit_in_bytes", "3145728", "memory.swap.max", "2097152" },
		{ { MEMORY(M(limit) = 8388608, M(swap) = 9437184) }, "memory", "memory.memsw.limit_in_bytes", "9437184", "memory.swap.max", "1048576" }, /* up: swap first */
		{ { MEMORY(M(limit) = 8388608, M(swap) = 9437184) }, "memory", "memory.limit_in_bytes", "8388608", "memory.max", "8388608" },
		{ { MEMORY(M(limit) = 1048576, M(swap) = 1048576) }, "memory", "memory.memsw.limit_in_bytes", "1048576", "memory.swap.max", "0" }, /* down: limit first */
		{ { MEMORY(M(limit) = -1, M(swap) = -1) }, "memory", "memory.limit_in_bytes", "9223372036854771712", "memory.max", "max" },
		{ { MEMORY(M(limit) = -1, M(swap) = -1) }, "memory", "memory.memsw.limit_in_bytes", "9223372036854771712", "memory.swap.max", "max" },
		{ { MEMORY(M(reservation) = 1048576) }, "memory", "memory.soft_limit_in_bytes", "1048576", "memory.low", "1048576" },
		{ { MEMORY(M(kernel) = -1) }, "memory", "memory.kmem.limit_in_bytes", "9223372036854771712", "cgroup.type", "domain" },
		{ { MEMORY(M(kernel_tcp) = 1048576) }, "memory", "memory.kmem.tcp.limit_in_bytes", "1048576", NULL, NULL },
		{ { MEMORY(M(swappiness) = 7) }, "memory", "memory.swappiness", "7", NULL, NULL },
		{ { MEMORY(M(disable_oom_killer) = true) }, "memory", "memory.oom_control", "oom_kill_disable 1\nunder_oom 0\noom_kill 0", NULL, NULL },
		{ { MEMORY(M(disable_oom_killer) = false) }, "memory", "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0", "cgroup.type", "domain" },
		{ { MEMORY(M(use_hierarchy) = true) }, "memory", "memory.use_hierarchy", "1", "cgroup.type", "domain" },
		{ { CPU(M(shares) = 512) }, "cpu", "cpu.shares", "512", "cpu.weight", "59" },
		{ { CPU(M(quota) = 50000, M(period) = 200000) }, "cpu", "cpu.cfs_quota_us", "50000", "cpu.max", "50000 200000" },
		{ { CPU(M(quota) = 50000, M(period) = 200000) }, "cpu", "cpu.cfs_period_us", "200000", "cpu.max", "50000 200000" },
		{ { CPU(M(period) = 100000) }, "cpu", "cpu.cfs_quota_us", "50000", "cpu.max", "50000 100000" }, /* the quota stays */
		{ { CPU(M(quota) = 70000) }, "cpu", "cpu.cfs_period_us", "100000", "cpu.max", "70000 100000" }, /* the period stays */
		{ { CPU(M(quota) = 60000, M(burst) = 60000) }, "cpu", "cpu.cfs_burst_us", "60000", "cpu.max.burst", "60000" },
		{ { CPU(M(quota) = 80000, M(burst) = 80000) }, "cpu", "cpu.cfs_burst_us", "80000", "cpu.max.burst", "80000" }, /* up */
		{ { CPU(M(quota) = 20000, M(burst) = 10000) }, "cpu", "cpu.cfs_burst_us", "10000", "cpu.max.burst", "10000" }, /* down */
		{ { CPU(M(quota) = 20000, M(burst) = 10000) }, "cpu", "cpu.cfs_quota_us", "20000", "cpu.max", "20000 100000" },
		{ { CPU(M(burst) = 0, M(quota) = -1) }, "cpu", "cpu.cfs_quota_us", "-1", "cpu.max", "max 100000" },
		{ { CPU(M(idle) = 1, M(shares) = 100) }, "cpu", "cpu.idle", "1", "cpu.idle", "1" },
		{ { CPU(M(idle) = 0, M(shares) = 100) }, "cpu", "cpu.shares", "100", "cpu.weight", "17" },
		{ { CPU(.cpus = "0") }, "cpuset", "cpuset.cpus", "0", "cpuset.cpus", "0" },
		{ { CPU(.mems = "0") }, "cpuset", "cpuset.mems", "0", "cpuset.mems", "0" },
		{ { PIDS(77) }, "pids", "pids.max", "77", "pids.max", "77" },
		{ { PIDS(0) }, "pids", "pids.max", "0", "pids.max", "0" },
		{ { PIDS(-1) }, "pids", "pids.max", "max", "pids.max", "max" },
	};
	// clang-format on
	struct cgroup *c;

	(void)state;
	skip_unless_root();
	c = make_at(where);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct turn *turn = &table[i];
		bool v2 = !hierarchy_of(c, turn->controller);
		const char *file = v2 ? turn->v2 : turn->v1, *wanted = v2 ? turn->v2_text : turn->v1_text;
		int r = cgroup_apply(c, &turn->resources, &err), check;
		struct error checked = err;

		check = cgroup_check(c, &turn->resources, &err);
		if (!wanted) {
			if (r != -1 || checked.code != ERR_UNSUPPORTED || check != -1 ||
			    strcmp(checked.text, err.text) != 0)
				fail_msg("row %zu: %d %s", i, r, checked.text);
			continue;
		}
		if (r < 0 || check < 0)
			fail_msg("row %zu: %s", i, checked.text);
		if (strcmp(text_of(c, turn->controller, file), wanted) != 0)
			fail_msg("row %zu: %s is %s", i, file, text_of(c, turn->controller, file));
	}
	destroy(c);
}

/* ledger: cg-res-01 */
static void absent_members_change_nothing(void **state)
{
	const struct oci_resources set = { MEMORY(M(limit) = 1048576), CPU(M(shares) = 300), PIDS(33) };
	const struct oci_resources empty[] = {
		{ .memory = &(struct oci_memory){ 0 } },
		{ .cpu = &(struct oci_cpu){ 0 }, .pids = &(struct oci_pids){ 0 } },
		{ .block_io = &(struct oci_block_io){ .has_weight = true } }, /* as Docker sends it */
		{ .network = &(struct oci_network){ 0 } },
		{ MEMORY(M(limit) = 0, M(reservation) = 0, M(swap) = 0, M(kernel) = 0),
		  CPU(M(shares) = 0, M(quota) = 0, M(period) = 0) },
	};
	struct cgroup *c;

	(void)state;
	skip_unless_root();
	c = make_at(where);
	assert_done(cgroup_apply(c, &set, &err));
	assert_done(cgroup_apply(c, NULL, &err));
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		assert_done(cgroup_apply(c, &empty[i], &err));
	assert_string_equal(text_of(c, "memory", hierarchy_of(c, "memory") ? "memory.limit_in_bytes" : "memory.max"),
			    "1048576");
	assert_string_equal(text_of(c, "cpu", hierarchy_of(c, "cpu") ? "cpu.shares" : "cpu.weight"),
			    hierarchy_of(c, "cpu") ? "300" : "39");
	assert_string_equal(text_of(c, "pids", "pids.max"), "33");
	destroy(c);
}

/* The compiler may not leave the memory out. */
static void keep(void *memory)
{
	__asm__ volatile("" : : "r"(memory) : "memory");
}

static int hold_memory(void)
{
	char *some = malloc(1 << 20);

	if (some)
		memset(some, 1, 1 << 20);
	keep(some);
	for (;;)
		pause();
	return 0;
}

/* ledger: cg-mem-05, cg-mem-11, cg-blk-02, cg-blk-05, cg-cpu-03, cg-cpu-06, cg-cpu-11, cg-huge-02, cg-net-01, cg-net-05, cg-rdma-01, cg-rdma-02,
 * cg-uni-04 */
static void names_what_it_refuses(void **state)
{
	struct oci_interface_priority priority = { .name = "lo", .priority = 1 };
	struct oci_rdma rdma = { .key = "x", .has_hca_handles = true }, bare_rdma = { .key = "y" };
	struct oci_hugepage_limit huge = { .page_size = "3MB", .limit = 0 };
	struct oci_pair key = { "nosuch.max", "1" }, path = { "../x", "1" };
	struct oci_pair kill_all = { "cgroup.kill", "1" }, freeze = { "cgroup.freeze", "1" };
	struct oci_weight_device bare = { .major = 8 };
	// clang-format off
	const struct { struct oci_resources resources; int code; const char *pointer; } table[] = {
		{ { .network = &(struct oci_network){ .has_class_id = true, .class_id = 1 } }, ERR_UNSUPPORTED, "/linux/resources/network/classID" },
		{ { .network = &(struct oci_network){ .priorities = &priority, .n_priorities = 1 } }, ERR_UNSUPPORTED, "/linux/resources/network/priorities" },
		{ { .rdma = &rdma, .n_rdma = 1 }, ERR_UNSUPPORTED, "/linux/resources/rdma/x: " },
		{ { .rdma = &bare_rdma, .n_rdma = 1 }, ERR_CONFIG, "/linux/resources/rdma/y: hcaHandles or hcaObjects" },
		{ { .block_io = &(struct oci_block_io){ .leaf_weight = 10 } }, ERR_UNSUPPORTED, "/linux/resources/blockIO/leafWeight" },
		{ { .block_io = &(struct oci_block_io){ .weight = 1001 } }, ERR_CONFIG, "/linux/resources/blockIO/weight" },
		{ { .block_io = &(struct oci_block_io){ .weight_device = &bare, .n_weight_device = 1 } }, ERR_CONFIG, "/linux/resources/blockIO/weightDevice/0" },
		{ { .hugepage_limits = &huge, .n_hugepage_limits = 1 }, ERR_UNSUPPORTED, "/linux/resources/hugepageLimits/0" },
		{ { .unified = &key, .n_unified = 1 }, ERR_UNSUPPORTED, "/linux/resources/unified/nosuch.max" },
		{ { .unified = &kill_all, .n_unified = 1 }, ERR_CONFIG, "/linux/resources/unified/cgroup.kill: is no resource" },
		{ { .unified = &freeze, .n_unified = 1 }, ERR_CONFIG, "/linux/resources/unified/cgroup.freeze: is no resource" },
		{ { .unified = &path, .n_unified = 1 }, ERR_CONFIG, "/linux/resources/unified/../x" },
		{ { CPU(M(quota) = 10000, M(burst) = 20000) }, ERR_CONFIG, "/linux/resources/cpu/burst" },
		{ { CPU(M(quota) = 1) }, -EINVAL, "/linux/resources/cpu/quota: cannot write 1 " },
		{ { CPU(.cpus = "4000") }, 0, "/linux/resources/cpu/cpus" },
		{ { MEMORY(M(kernel) = 1048576) }, ERR_UNSUPPORTED, "/linux/resources/memory/kernel: " }, /* since 5.16 ignored */
		{ { MEMORY(M(check_before_update) = true, M(limit) = 4096) }, ERR_STATE, "/linux/resources/memory/limit: 4096 is less than" },
	};
	// clang-format on
	struct cgroup *c;
	pid_t pid;

	(void)state;
	skip_unless_root();
	c = make_at(where);
	pid = spawn(c, hold_memory);
	for (int i = 0; i < 500; i++) {
		if (strtoul(text_of(c, "memory",
				    hierarchy_of(c, "memory") ? "memory.usage_in_bytes" : "memory.current"),
			    NULL, 10) > 65536)
			break;
		usleep(2000);
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		int r = cgroup_apply(c, &table[i].resources, &err);

		if (r != -1 || (table[i].code && err.code != table[i].code) || !strstr(err.text, table[i].pointer))
			fail_msg("row %zu: %d %d %s", i, r, err.code, err.text);
	}
	destroy(c);
	assert_int_equal(status_of(pid), 128 + SIGKILL);
}

/* ledger: cg-huge-02, cg-huge-03, cg-huge-05 */
static void limits_huge_pages(void **state)
{
	struct oci_hugepage_limit huge = { .page_size = "2MB", .limit = 4194304 };
	struct oci_resources resources = { .hugepage_limits = &huge, .n_hugepage_limits = 1 };
	struct cgroup *c;
	bool v2;

	(void)state;
	skip_unless_root();
	c = make_at(where);
	v2 = !hierarchy_of(c, "hugetlb");
	if (access("/sys/kernel/mm/hugepages/hugepages-2048kB", F_OK) < 0 || (v2 && !unified_has(c, "hugetlb"))) {
		assert_fails(cgroup_apply(c, &resources, &err), ERR_UNSUPPORTED, "/hugepageLimits/0: this");
		destroy(c);
		return;
	}
	assert_done(cgroup_apply(c, &resources, &err));
	assert_string_equal(text_of(c, "hugetlb", v2 ? "hugetlb.2MB.rsvd.max" : "hugetlb.2MB.rsvd.limit_in_bytes"),
			    "4194304");
	assert_string_equal(text_of(c, "hugetlb", v2 ? "hugetlb.2MB.max" : "hugetlb.2MB.limit_in_bytes"), "4194304");
	destroy(c);
}

/* ledger: cg-uni-01, cg-uni-02, cg-uni-03, cg-uni-04 */
static void writes_unified_keys(void **state)
{
	struct oci_pair pairs[] = { { "cgroup.max.depth", "5" }, { "cgroup.max.descendants", "6\n7" } };
	struct oci_resources resources = { .unified = pairs, .n_unified = 2 };
	struct cgroup *c;

	(void)state;
	skip_unless_root();
	c = make_at(where);
	if (!hierarchy_unified(c) || hierarchy_unified(c)->unmounted) {
		assert_fails(cgroup_apply(c, &resources, &err), ERR_UNSUPPORTED, "no cgroup v2 hierarchy");
	} else {
		assert_done(cgroup_apply(c, &resources, &err));
		assert_string_equal(text_of(c, "", "cgroup.max.depth"), "5");
		assert_string_equal(text_of(c, "", "cgroup.max.descendants"), "7"); /* line by line */
		pairs[0].value = "nonsense";
		assert_fails(cgroup_apply(c, &resources, &err), -EINVAL, "/linux/resources/unified/cgroup.max.depth");
	}
	destroy(c);
}

/* A whole disk with a number, if this host has one. */
static bool find_disk(int64_t *ret_major, int64_t *ret_minor)
{
	struct stat root;

	if (stat("/", &root) < 0 || major(root.st_dev) == 0)
		return false;
	*ret_major = major(root.st_dev);
	*ret_minor = minor(root.st_dev) & ~15U;
	return true;
}

/* ledger: cg-blk-09, cg-blk-12 */
static void limits_block_devices(void **state)
{
	struct oci_throttle_device rates[4] = {
		{ .rate = 1048576 }, { .rate = 2097152 }, { .rate = 300 }, { .rate = 400 }
	};
	struct oci_block_io io = {
		.throttle_read_bps_device = &rates[0],
		.n_throttle_read_bps_device = 1,
		.throttle_write_bps_device = &rates[1],
		.n_throttle_write_bps_device = 1,
		.throttle_read_iops_device = &rates[2],
		.n_throttle_read_iops_device = 1,
		.throttle_write_iops_device = &rates[3],
		.n_throttle_write_iops_device = 1,
	};
	struct oci_resources resources = { .block_io = &io };
	char wanted[128];
	struct cgroup *c;

	(void)state;
	skip_unless_root();
	for (int i = 0; i < 4; i++)
		if (!find_disk(&rates[i].major, &rates[i].minor))
			skip();
	c = make_at(where);
	assert_done(cgroup_apply(c, &resources, &err));
	if (hierarchy_of(c, "blkio")) {
		snprintf(wanted, sizeof(wanted), "%d:%d 1048576", (int)rates[0].major, (int)rates[0].minor);
		assert_string_equal(text_of(c, "blkio", "blkio.throttle.read_bps_device"), wanted);
		snprintf(wanted, sizeof(wanted), "%d:%d 400", (int)rates[0].major, (int)rates[0].minor);
		assert_string_equal(text_of(c, "blkio", "blkio.throttle.write_iops_device"), wanted);
	} else {
		snprintf(wanted, sizeof(wanted), "%d:%d rbps=1048576 wbps=2097152 riops=300 wiops=400",
			 (int)rates[0].major, (int)rates[0].minor);
		assert_string_equal(text_of(c, "", "io.max"), wanted);
	}
	for (int i = 0; i < 4; i++)
		rates[i].rate = 0; /* no limit any more */
	assert_done(cgroup_apply(c, &resources, &err));
	assert_string_equal(text_of(c, hierarchy_of(c, "blkio") ? "blkio" : "",
				    hierarchy_of(c, "blkio") ? "blkio.throttle.read_bps_device" : "io.max"),
			    "");
	destroy(c);
}

/* ledger: cg-blk-01 */
static void weighs_block_devices(void **state)
{
	struct oci_block_io io = { .has_weight = true, .weight = 500 };
	struct oci_resources resources = { .block_io = &io };
	struct cgroup *c;
	bool done;

	(void)state;
	skip_unless_root();
	c = make_at(where);
	done = cgroup_apply(c, &resources, &err) == 0;
	if (!done) /* a kernel without bfq */
		assert_int_equal(err.code, ERR_UNSUPPORTED);
	else if (hierarchy_of(c, "blkio"))
		assert_string_equal(text_of(c, "blkio", "blkio.bfq.weight"), "500");
	else if (strcmp(text_of(c, "", "io.bfq.weight"), "unreadable") != 0)
		assert_string_equal(text_of(c, "", "io.bfq.weight"), "default 500");
	else
		assert_string_equal(text_of(c, "", "io.weight"), "default 4950");
	destroy(c);
	if (!done)
		print_message("# %s\n", err.text);
}

static void has_a_table_to_print(void **state)
{
	struct knob_row row;
	size_t n = 0;

	(void)state;
	while (knobs_row(n, &row) == 0) {
		assert_int_equal(row.pointer[0], '/');
		assert_true(*row.v1 || *row.v2 || *row.note);
		n++;
	}
	assert_true(n >= 31);
}

/* The number of a property, or of a device in its list. */
static uint64_t number_in(const struct variant *properties, const char *name, const char *device)
{
	for (const struct variant *pair = properties->first; pair; pair = pair->next) {
		const struct variant *value = pair->last->first;

		if (strcmp(pair->first->text, name) != 0)
			continue;
		if (!device)
			return strcmp(value->type, "ay") == 0 ? value->first ? value->first->number : 0 : value->number;
		for (const struct variant *item = value->first; item; item = item->next)
			if (strcmp(item->first->text, device) == 0)
				return item->last->number;
	}
	fail_msg("no %s %s", name, device ? device : "");
	return 0;
}

static void units_go_back(void **state)
{
	struct oci_throttle_device devices[] = { { .major = 254, .minor = 0, .rate = 5 }, { .major = 254, .minor = 1, .rate = 6 } };
	struct oci_block_io io = { .weight = 500, .throttle_read_bps_device = devices, .n_throttle_read_bps_device = 2,
				   .throttle_write_iops_device = devices, .n_throttle_write_iops_device = 1 };
	struct oci_resources given = { MEMORY(M(limit) = 20, M(reservation) = 30), CPU(M(shares) = 1024, M(quota) = 5000, .cpus = "0-1"), PIDS(5) };
	const struct oci_resources before = { MEMORY(M(limit) = 10), CPU(.cpus = "1") };
	struct variant *properties = variant_new("a(sv)");
	struct cgroup c = { .driver = &driver_fs2 };
	size_t n = 0;

	(void)state;
	given.block_io = &io;
	assert_int_equal(knobs_unit_back(&c, &given, &before, "254:01 rbps=1\n254:0 rbps=7 wbps=max riops=max wiops=9\n", properties, &err), 0);
	assert_int_equal(number_in(properties, "MemoryMax", NULL), 10);
	assert_int_equal(number_in(properties, "MemoryLow", NULL), 0);
	assert_true(number_in(properties, "CPUWeight", NULL) == UINT64_MAX);
	assert_true(number_in(properties, "CPUQuotaPerSecUSec", NULL) == UINT64_MAX);
	assert_true(number_in(properties, "TasksMax", NULL) == UINT64_MAX);
	assert_true(number_in(properties, "IOWeight", NULL) == UINT64_MAX);
	assert_int_equal(number_in(properties, "AllowedCPUs", NULL), 2);
	assert_int_equal(number_in(properties, "IOReadBandwidthMax", "/dev/block/254:0"), 7);
	assert_true(number_in(properties, "IOReadBandwidthMax", "/dev/block/254:1") == UINT64_MAX);
	assert_int_equal(number_in(properties, "IOWriteIOPSMax", "/dev/block/254:0"), 9);
	for (const struct variant *pair = properties->first; pair; pair = pair->next)
		n++;
	assert_int_equal(n, 9);
	variant_free(properties);
}

/* ---- felt from inside ---- */

static int fork_one(void)
{
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0)
		_exit(0);
	return waitpid(pid, NULL, 0) == pid ? 0 : 1;
}

static int fill_memory(void)
{
	for (size_t i = 0; i < 64; i++) {
		char *page = malloc(1 << 20);

		if (!page)
			return 1;
		memset(page, 1, 1 << 20);
		keep(page);
	}
	return 0;
}

/* ledger: cg-mem-02, cg-pids-01 */
static void limits_are_felt(void **state)
{
	const struct oci_resources none = { PIDS(0) }, two = { PIDS(2) };
	const struct oci_resources small = { MEMORY(M(limit) = 16 << 20, M(swap) = 16 << 20) };
	struct cgroup *c;

	(void)state;
	skip_unless_root();
	c = make_at(where);
	assert_int_equal(run_in(c, fill_memory), 0);
	assert_done(cgroup_apply(c, &two, &err));
	assert_int_equal(run_in(c, fork_one), 0);
	assert_done(cgroup_apply(c, &none, &err));
	assert_int_equal(run_in(c, fork_one), EAGAIN); /* and the one could be started all the same */
	assert_done(cgroup_apply(c, &small, &err));
	assert_int_equal(run_in(c, fill_memory), 128 + SIGKILL);
	destroy(c);
}

/* A limit of huge pages hands the controller down from the unified root, and there it stays: a hybrid host gets it back
 * as it was. */
static char handed_down[256];

static int look_at_root(void **state)
{
	auto_close int root = -1;
	struct cgroup *c;

	(void)state;
	if (cgroup_plan(CGROUP_FS, "/hull-test/x", "id", &c, &err) < 0)
		return 0;
	root = hierarchy_unified(c) ? hierarchy_root(c, hierarchy_unified(c)) : -1;
	if (root < 0 || strcmp(cgroup_driver(c), "fs1") != 0 ||
	    file_read_below(root, ".", "cgroup.subtree_control", handed_down, sizeof(handed_down)) < 0)
		strcpy(handed_down, "hugetlb"); /* not to be taken back */
	cgroup_free(c);
	return 0;
}

static int restore_root(void **state)
{
	auto_close int root = -1;
	struct cgroup *c;

	(void)state;
	if (strstr(handed_down, "hugetlb") || cgroup_plan(CGROUP_FS, "/hull-test/x", "id", &c, &err) < 0)
		return 0;
	root = hierarchy_root(c, hierarchy_unified(c));
	cgroup_free(c);
	/* Refused where somebody else uses it by now. */
	(void)file_write_below(root, "hull-test", "cgroup.subtree_control", "-hugetlb");
	(void)file_write_below(root, ".", "cgroup.subtree_control", "-hugetlb");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(converts),
		cmocka_unit_test(converts_all_shares),
		cmocka_unit_test(has_a_table_to_print),
		cmocka_unit_test(units_go_back),
		cmocka_unit_test_setup(kernel_says_the_same, setup),
		cmocka_unit_test_setup(absent_members_change_nothing, setup),
		cmocka_unit_test_setup(names_what_it_refuses, setup),
		cmocka_unit_test_setup(limits_huge_pages, setup),
		cmocka_unit_test_setup(writes_unified_keys, setup),
		cmocka_unit_test_setup(limits_block_devices, setup),
		cmocka_unit_test_setup(weighs_block_devices, setup),
		cmocka_unit_test_setup(limits_are_felt, setup),
	};

	return cmocka_run_group_tests(tests, look_at_root, restore_root);
}
