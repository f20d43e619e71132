// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_rules.c - each rule between properties refuses at the right pointer, and lets its neighbours pass. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container/plan.h"
#include "container/rules.h"
#include "container/validate.h"
#include "unit.h"

#define JOIN "\"namespaces\":[{\"type\":\"mount\",\"path\":\"/proc/1/ns/mnt\"}"
#define MAPS ",\"uidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}],\"gidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}]"
#define NS "\"namespaces\":[{\"type\":\"mount\"}"
#define PROCESS(members) "\"linux\":{" NS "]},\"process\":{\"args\":[\"a\"],\"cwd\":\"/\"," members "}"

/* members: of the top level, behind ociVersion and root; pointer: NULL when nothing is wrong. */
static const struct {
	const char *members, *pointer;
} cases[] = {
	{ "\"linux\":{" NS "]}", NULL },
	{ "\"linux\":{}", NULL },
	{ "\"linux\":{" JOIN "]}", NULL },
	{ "\"mounts\":[{\"destination\":\"/a\",\"type\":\"tmpfs\"}]", NULL },
	{ "\"mounts\":[{\"destination\":\"/a\",\"type\":\"tmpfs\"}],\"linux\":{" JOIN "]}", NULL },
	{ "\"linux\":{\"maskedPaths\":[\"/a\"]}", NULL },
	{ "\"linux\":{\"maskedPaths\":[],\"readonlyPaths\":[]}", NULL },
	{ "\"linux\":{\"readonlyPaths\":[\"/a\"]}", NULL },
	{ "\"linux\":{\"rootfsPropagation\":\"private\"}", "/linux/rootfsPropagation" },
	{ "\"linux\":{\"rootfsPropagation\":\"private\"," JOIN "]}", "/linux/rootfsPropagation" },
	{ "\"process\":{\"args\":[\"a\"],\"cwd\":\"/\",\"terminal\":true}", NULL },
	{ "\"hooks\":{\"createContainer\":[{\"path\":\"/a\"}]},\"linux\":{" JOIN "]}", "/hooks/createContainer" },
	{ "\"hooks\":{\"createContainer\":[{\"path\":\"/a\"}]},\"linux\":{" NS "]}", NULL },
	{ "\"mounts\":[{\"destination\":\"/a\",\"type\":\"tmpfs\",\"options\":[\"idmap\"]}],\"linux\":{" NS "]}", "/mounts/0/options" },
	{ "\"mounts\":[{\"destination\":\"/a\",\"type\":\"tmpfs\",\"options\":[\"idmap\"]" MAPS "}],\"linux\":{" NS "]}", NULL },
	{ "\"mounts\":[{\"destination\":\"/a\",\"type\":\"cgroup\"" MAPS "}],\"linux\":{" NS "]}", "/mounts/0" },
	{ "\"mounts\":[{\"destination\":\"/a\",\"options\":[\"remount\"]" MAPS "}],\"linux\":{" NS "]}", "/mounts/0" },
	{ "\"vm\":{\"kernel\":{\"path\":\"/k\"}}", "/vm" },
	{ "\"mounts\":[{\"destination\":\"/a\"},{\"destination\":\"\"}],\"linux\":{" NS "]}", "/mounts/1/destination" },
	{ "\"mounts\":[{\"destination\":\"/a\",\"uidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}]}],\"linux\":{" NS
	  "]}",
	  "/mounts/0/uidMappings" },
	{ "\"mounts\":[{\"destination\":\"/a\",\"uidMappings\":[],\"gidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}]}],\"linux\":{" NS
	  "]}",
	  "/mounts/0/gidMappings" },
	{ "\"mounts\":[{\"destination\":\"/a\",\"type\":\"tmpfs\",\"uidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}],"
	  "\"gidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":0}]}],\"linux\":{" NS "]}",
	  "/mounts/0/gidMappings/0/size" },
	{ "\"process\":{\"args\":[\"a\"],\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0},\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"soft\":1,\"hard\":1},"
	  "{\"type\":\"RLIMIT_CORE\",\"soft\":1,\"hard\":1}]},\"linux\":{" NS "]}",
	  "/process/rlimits/1/type" },
	{ "\"process\":{\"args\":[\"a\"],\"cwd\":\"/\",\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"soft\":2,\"hard\":1}]},\"linux\":{" NS
	  "]}",
	  "/process/rlimits/0/soft" },
	{ "\"process\":{\"args\":[\"a\"],\"cwd\":\"/\",\"oomScoreAdj\":1001},\"linux\":{" NS "]}",
	  "/process/oomScoreAdj" },
	{ "\"process\":{\"args\":[\"a\"],\"cwd\":\"/\",\"oomScoreAdj\":-1000},\"linux\":{" NS "]}", NULL },
	{ "\"process\":{\"args\":[\"a\"],\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0,\"umask\":512}},\"linux\":{" NS
	  "]}",
	  "/process/user/umask" },
	{ "\"process\":{\"args\":[\"a\"],\"cwd\":\"/\",\"terminal\":true,\"consoleSize\":{\"height\":65536,\"width\":1}},\"linux\":{" NS
	  "]}",
	  "/process/consoleSize/height" },
	{ "\"process\":{\"args\":[\"a\"],\"cwd\":\"/\",\"terminal\":false,\"consoleSize\":{\"height\":65536,\"width\":1}},\"linux\":{" NS
	  "]}",
	  NULL },
	{ "\"process\":{\"args\":[\"a\"],\"cwd\":\"/\",\"env\":[\"A=b\",\"C\"]},\"linux\":{" NS "]}",
	  "/process/env/1" },
	{ "\"linux\":{" NS ",{\"type\":\"mount\"}]}", "/linux/namespaces/1/type" },
	{ "\"hostname\":\"a\",\"linux\":{" NS "]}", "/hostname" },
	{ "\"domainname\":\"a\",\"linux\":{" NS "]}", "/domainname" },
	{ "\"hostname\":\"a\",\"linux\":{" NS ",{\"type\":\"uts\"}]}", NULL },
	{ "\"hostname\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"linux\":{" NS
	  ",{\"type\":\"uts\"}]}",
	  "/hostname" },
	{ "\"linux\":{" NS "],\"uidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}]}", "/linux/uidMappings" },
	{ "\"linux\":{" NS ",{\"type\":\"user\"}],\"uidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}]}",
	  "/linux/gidMappings" },
	{ "\"linux\":{" NS ",{\"type\":\"user\"}],\"uidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":0}],"
	  "\"gidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}]}",
	  "/linux/uidMappings/0/size" },
	{ "\"linux\":{" NS "],\"timeOffsets\":{\"boottime\":{\"secs\":1}}}", "/linux/timeOffsets" },
	{ "\"linux\":{" NS ",{\"type\":\"time\"}],\"timeOffsets\":{\"boottime\":{\"nanosecs\":1000000000}}}",
	  "/linux/timeOffsets/boottime/nanosecs" },
	{ "\"linux\":{" NS ",{\"type\":\"network\"}],\"netDevices\":{\"a\":{\"name\":\"c\"},\"b\":{\"name\":\"c\"}}}",
	  "/linux/netDevices/b/name" },
	{ "\"linux\":{" NS ",{\"type\":\"network\"}],\"netDevices\":{\"a\":{\"name\":\"b\"},\"b\":{}}}", "/linux/netDevices/b" },
	{ "\"linux\":{" NS ",{\"type\":\"network\"}],\"netDevices\":{\"a\":{\"name\":\"c%d\"},\"b\":{\"name\":\"c%d\"}}}", NULL },
	{ "\"hooks\":{},\"annotations\":{\"run.oci.hooks.stdout\":\"/a\",\"run.oci.hooks.stderr\":\"a\"},\"linux\":{" NS "]}",
	  "/annotations/run.oci.hooks.stderr" },
	{ "\"annotations\":{\"run.oci.hooks.stderr\":\"a\"},\"linux\":{" NS "]}", NULL },
	{ "\"linux\":{" NS "],\"sysctl\":{\"vm.swappiness\":\"1\"}}", "/linux/sysctl/vm.swappiness" },
	{ "\"linux\":{" NS "],\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"}}", "/linux/sysctl/net.ipv4.ip_forward" },
	{ "\"linux\":{" NS "],\"sysctl\":{\"net/ipv4/a~b\":\"1\"}}", "/linux/sysctl/net~1ipv4~1a~0b" },
	{ "\"linux\":{" NS
	  ",{\"type\":\"network\"}],\"sysctl\":{\"net.ipv4.ip_forward\":\"1\",\"net/ipv4/tcp_syncookies\":\"1\"}}",
	  NULL },
	{ "\"linux\":{" NS ",{\"type\":\"ipc\"}],\"sysctl\":{\"kernel.shmmax\":\"1\",\"fs.mqueue.msg_max\":\"10\"}}",
	  NULL },
	{ "\"linux\":{" NS ",{\"type\":\"ipc\"}],\"sysctl\":{\"kernel.shmmaximum\":\"1\"}}",
	  "/linux/sysctl/kernel.shmmaximum" },
	{ "\"linux\":{" NS "],\"devices\":[{\"type\":\"c\",\"path\":\"/dev/x\"}]}", "/linux/devices/0/major" },
	{ "\"linux\":{" NS "],\"devices\":[{\"type\":\"b\",\"path\":\"/dev/x\",\"major\":1}]}",
	  "/linux/devices/0/minor" },
	{ "\"linux\":{" NS "],\"devices\":[{\"type\":\"p\",\"path\":\"/dev/x\"}]}", NULL },
	{ "\"linux\":{" NS "],\"devices\":[{\"type\":\"p\",\"path\":\"/dev/x\",\"fileMode\":32768}]}",
	  "/linux/devices/0/fileMode" },
	{ PROCESS("\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"nice\":-20}"), NULL },
	{ PROCESS("\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"nice\":-21}"), "/process/scheduler/nice" },
	{ PROCESS("\"scheduler\":{\"policy\":\"SCHED_RR\",\"priority\":99}"), NULL },
	{ PROCESS("\"scheduler\":{\"policy\":\"SCHED_RR\"}"), "/process/scheduler/priority" },
	{ PROCESS("\"scheduler\":{\"policy\":\"SCHED_RR\",\"flags\":[\"SCHED_FLAG_KEEP_PARAMS\"]}"), NULL },
	{ PROCESS("\"scheduler\":{\"policy\":\"SCHED_IDLE\",\"priority\":1}"), "/process/scheduler/priority" },
	{ PROCESS("\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"period\":1}"), "/process/scheduler/period" },
	{ PROCESS("\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":1024,\"deadline\":1024}"), NULL },
	{ PROCESS("\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"deadline\":1024}"), "/process/scheduler/runtime" },
	{ PROCESS("\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":1025,\"deadline\":1024}"),
	  "/process/scheduler/deadline" },
	{ PROCESS("\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":1024,\"deadline\":1025,\"period\":1024}"),
	  "/process/scheduler/period" },
	{ PROCESS("\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":1024,\"deadline\":1024}")
	  ",\"hooks\":{\"startContainer\":[{\"path\":\"/a\"}]}",
	  "/process/scheduler/flags" },
	{ "\"linux\":{" NS "],\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0-3,1023\"}}", NULL },
	{ "\"linux\":{" NS "],\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0,\"}}", "/linux/memoryPolicy/nodes" },
	{ "\"linux\":{" NS "],\"memoryPolicy\":{\"mode\":\"MPOL_PREFERRED_MANY\"}}", "/linux/memoryPolicy/nodes" },
	{ "\"linux\":{" NS "],\"memoryPolicy\":{\"mode\":\"MPOL_PREFERRED\"}}", NULL },
	{ "\"linux\":{" NS "],\"memoryPolicy\":{\"mode\":\"MPOL_LOCAL\",\"nodes\":\"0\"}}", "/linux/memoryPolicy/nodes" },
	{ "\"linux\":{" NS "],\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0\",\"flags\":[\"MPOL_F_STATIC_NODES\","
	  "\"MPOL_F_RELATIVE_NODES\"]}}",
	  "/linux/memoryPolicy/flags" },
	{ "\"linux\":{" NS "]},\"annotations\":{\"org.hull.landlock\":\"{\\\"scopes\\\":[\\\"signal\\\"]}\"}", NULL },
	{ "\"linux\":{" NS "]},\"annotations\":{\"org.hull.landlock\":\"{}\"}", "/annotations/org.hull.landlock" },
	{ PROCESS("\"selinuxLabel\":\"\""), NULL },
	{ PROCESS("\"selinuxLabel\":\"a:b:c\\u0007\""), "/process/selinuxLabel" },
#ifdef HAVE_SELINUX
	{ PROCESS("\"selinuxLabel\":\"a:b:c\""), NULL },
	{ PROCESS("\"selinuxLabel\":\"a:b:c:s0-s0:c0.c1023\""), NULL },
	{ PROCESS("\"selinuxLabel\":\"disable\""), "/process/selinuxLabel" },
	{ PROCESS("\"selinuxLabel\":\"a:b\""), "/process/selinuxLabel" },
#endif
	{ PROCESS("\"apparmorProfile\":\"a b//c\""), NULL },
	{ PROCESS("\"apparmorProfile\":\"a\\nb\""), "/process/apparmorProfile" },
	{ "\"linux\":{" NS "],\"mountLabel\":\"a:b:c\\\"\"}", "/linux/mountLabel" },
	{ "\"linux\":{" NS "]},\"annotations\":{\"run.oci.mount_context_type\":\"defcontext\"}", NULL },
	{ "\"linux\":{" NS "]},\"annotations\":{\"run.oci.mount_context_type\":\"\"}", "/annotations/run.oci.mount_context_type" },
};

static void check(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = { 0 };
		char text[4096], expected[512];
		struct oci_config *config;
		int n = snprintf(text, sizeof(text), "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},%s}", cases[i].members);

		config = oci_parse(&oci_config_type, text, (size_t)n, NULL);
		if (!config)
			fail_msg("case %zu is not readable: %s", i, text);
		if (!cases[i].pointer) {
			if (rules_check(config, &err) != 0)
				fail_msg("case %zu: %s", i, err.text);
		} else {
			snprintf(expected, sizeof(expected), "config.json:%s: ", cases[i].pointer);
			if (rules_check(config, &err) == 0)
				fail_msg("case %zu passes: %s", i, text);
			if (strncmp(err.text, expected, strlen(expected)) != 0)
				fail_msg("case %zu: '%s' instead of '%s'", i, err.text, expected);
		}
		oci_free(config);
	}
}

static void versions(void **state)
{
	static const struct {
		const char *version;
		int result;
	} rows[] = { { "1.0.0", 0 }, { "1.0.2-dev", 0 }, { "1.3.0", 0 }, { "1.9.0+x", 0 }, { "2.0.0", -1 }, { "0.9.0", -1 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error err;
		char text[256];
		struct oci_config *config;
		int n = snprintf(text, sizeof(text),
				 "{\"ociVersion\":\"%s\",\"root\":{\"path\":\"r\"},\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]}}",
				 rows[i].version);

		config = oci_parse(&oci_config_type, text, (size_t)n, NULL);
		assert_non_null(config);
		assert_int_equal(rules_check(config, &err), rows[i].result);
		oci_free(config);
	}
}

/* ---- all at once ---- */

static void collect(void *context, const struct rule_finding *finding)
{
	char *to = context;
	size_t used = strlen(to);

	snprintf(to + used, 4096 - used, "%s%s ", finding->code ? "" : "?", finding->pointer);
}

static void every_place_is_found(void **state)
{
	static const struct {
		const char *members, *places;
	} rows[] = {
		{ "\"process\":{\"args\":[\"a\"],\"cwd\":\"/\"},\"linux\":{" NS "]}", "" },
		{ "\"linux\":{" NS "]}", "?/process " },
		{ "\"hostname\":\"a\",\"domainname\":\"b\",\"process\":{\"args\":[\"a\"],\"cwd\":\"/\",\"env\":[\"A\",\"B=\",\"=\",\"B=1\"],"
		  "\"user\":{\"uid\":0,\"gid\":0,\"umask\":22}},\"linux\":{" NS ",{\"type\":\"mount\"}]}",
		  "/process/env/0 /process/env/2 /linux/namespaces/1/type /hostname /domainname ?/process/env/3 "
		  "?/process/user/umask " },
		{ "\"process\":{\"args\":[\"a\"],\"cwd\":\"/\",\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CHOWN\",\"x\"]}},"
		  "\"mounts\":[{\"destination\":\"a\",\"options\":[\"rbind\",\"noexce\",\"size=1\"]},{\"destination\":\"/b\"},"
		  "{\"destination\":\"/c\",\"type\":\"cgroup\",\"options\":[\"ro\",\"x\"]},"
		  "{\"destination\":\"/d\",\"type\":\"proc\",\"options\":[\"tmpcopyup\",\"idmap\"]},"
		  "{\"destination\":\"/e\",\"source\":\"/e\",\"options\":[\"bind\",\"ridmap\"]}],\"linux\":{" NS "]}",
		  "/mounts/1/type /mounts/0/source /mounts/3/options /mounts/4/options /mounts/3/options /mounts/2/options/1 "
		  "?/mounts/0/destination ?/mounts/0/options/1 ?/process/capabilities/bounding/1 "
		  "?/process/capabilities/bounding/2 " },
		{ "\"process\":{\"args\":[\"a\"],\"cwd\":\"/\"},\"mounts\":["
		  "{\"destination\":\"/a\",\"type\":\"tmpfs\",\"options\":[\"ro\",\"copy-symlink\",\"src-nofollow\"]},"
		  "{\"destination\":\"/b\",\"source\":\"/b\",\"options\":[\"bind\",\"copy-symlink\",\"src-nofollow\"]},"
		  "{\"destination\":\"/c\",\"type\":\"tmpfs\",\"options\":[\"remount\",\"tmpcopyup\"]},"
		  "{\"destination\":\"/d\",\"type\":\"tmpfs\",\"options\":[\"tmpcopyup\"]}],\"linux\":{" NS "],"
		  "\"resources\":{\"unified\":{\"cgroup.kill\":\"1\",\"cgroup.max.depth\":\"5\",\"cgroup.freeze\":\"1\"}}}",
		  "/linux/resources/unified/cgroup.kill /linux/resources/unified/cgroup.freeze ?/mounts/0/options/1 "
		  "?/mounts/0/options/2 ?/mounts/2/options/1 " },
		{ "\"process\":{\"args\":[\"a\"],\"cwd\":\"/\"},\"linux\":{" NS ",{\"type\":\"network\"}],"
		  "\"sysctl\":{\"net.a\":\"1\",\"net..a\":\"1\",\"net/../a\":\"1\",\"net.ipv4.\":\"1\",\"net/ipv4/a.b\":\"1\"},"
		  "\"devices\":[{\"type\":\"c\",\"path\":\"/a\",\"major\":1,\"minor\":3,\"fileMode\":666},"
		  "{\"type\":\"c\",\"path\":\"/b\",\"major\":1,\"minor\":3,\"fileMode\":438}]}",
		  "/linux/sysctl/net..a /linux/sysctl/net~1..~1a /linux/sysctl/net.ipv4. ?/linux/devices/0/fileMode "
		  "?/linux/devices/1 " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[4096], places[4096] = "";
		int n = snprintf(text, sizeof(text), "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},%s}",
				 rows[i].members);
		struct oci_config *config = oci_parse(&oci_config_type, text, (size_t)n, NULL);

		assert_non_null(config);
		rules_each(config, collect, places);
		assert_string_equal(places, rows[i].places);
		oci_free(config);
	}
}

/* What faults leave in a config must not make a rule fall over. */
static void faulty_configs_are_walked(void **state)
{
	static const char *const texts[] = {
		"{}",
		"{\"mounts\":[1,[],null,{}],\"process\":{\"args\":[],\"env\":[1,null,\"A\"],\"rlimits\":[{},\"x\"],"
		"\"capabilities\":{\"bounding\":[{},1]}},\"linux\":{\"namespaces\":[{\"type\":\"mnt\"},{}],"
		"\"sysctl\":{\"a\":1},\"devices\":[{},1],\"timeOffsets\":{\"x\":1},\"netDevices\":{\"x\":1},"
		"\"uidMappings\":[{},[]],\"seccomp\":{\"syscalls\":[{},{\"args\":[{},1]}]},\"resources\":{\"memory\":1}}}",
		"{\"root\":1,\"process\":[],\"linux\":\"x\",\"mounts\":{},\"hooks\":{\"prestart\":[{},1]}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct oci_report report = { .flags = OCI_REPORT_ALL | OCI_REPORT_WARNINGS | OCI_REPORT_PARTIAL };
		struct oci_config *config = oci_parse(&oci_config_type, texts[i], strlen(texts[i]), &report);
		char places[4096] = "";

		assert_non_null(config);
		assert_true(report.n_errors > 0);
		assert_string_equal(config->oci_version, "");
		assert_non_null(config->root);
		rules_each(config, collect, places);
		oci_free(config);
		oci_report_free(&report);
	}
}

/* Whatever the fuzzer has found interesting. */
static void the_corpus_is_walked(void **state)
{
	const char *srcdir = getenv("srcdir");
	char path[4096], places[4096];
	struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	(void)state;
	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/config", srcdir ? srcdir : ".");
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		struct oci_report report = { .flags = OCI_REPORT_ALL | OCI_REPORT_WARNINGS | OCI_REPORT_PARTIAL };
		static char text[1 << 20];
		struct oci_config *config;
		FILE *file;
		size_t size;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/config/%s", srcdir ? srcdir : ".", entry->d_name);
		file = fopen(path, "re");
		assert_non_null(file);
		size = fread(text, 1, sizeof(text), file);
		fclose(file);
		config = oci_parse(&oci_config_type, text, size, &report);
		places[0] = '\0';
		if (config)
			rules_each(config, collect, places);
		n += config != NULL;
		oci_free(config);
		oci_report_free(&report);
	}
	closedir(dir);
	assert_true(n > 3);
}

static void check_ids(const char *ledger, const char *ids, size_t i)
{
	char copy[256], *rest = copy, *id;

	snprintf(copy, sizeof(copy), "%s", ids);
	while (*ids && (id = strsep(&rest, " "))) {
		char row[64];

		snprintf(row, sizeof(row), "\n%s\t", id);
		if (!strstr(ledger, row))
			fail_msg("row %zu: the ledger has no '%s'", i, id);
	}
}

static void ids_are_rows_of_the_ledger(void **state)
{
	const char *srcdir = getenv("srcdir"), *ids, *missing, *wrong;
	char path[4096], *ledger = calloc(1, 1 << 20);
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/tests/conformance/requirements.tsv", srcdir ? srcdir : ".");
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(ledger);
	assert_true(fread(ledger, 1, (1 << 20) - 1, file) > 0);
	fclose(file);
	for (size_t i = 0; (ids = rules_ids(i)); i++)
		check_ids(ledger, ids, i);
	for (size_t i = 0; validate_ids(i, &missing, &wrong); i++) {
		check_ids(ledger, missing, i);
		check_ids(ledger, wrong, i);
	}
	free(ledger);
}

static void every_stage_has_a_plan(void **state)
{
	(void)state;
	if (plan_missing_stage())
		fail_msg("stage %s has no row in container/plan.c", plan_missing_stage());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(versions),
		cmocka_unit_test(every_place_is_found),
		cmocka_unit_test(faulty_configs_are_walked),
		cmocka_unit_test(the_corpus_is_walked),
		cmocka_unit_test(ids_are_rows_of_the_ledger),
		cmocka_unit_test(every_stage_has_a_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
