// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_abilities.c - `features` does not lie: what abilities.h denies is refused by the rules, and nothing else is. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/abilities.h"
#include "container/rules.h"
#include "ocispec.h"

#define NAMESPACES       "\"namespaces\": [{\"type\": \"mount\"}, {\"type\": \"network\"}, {\"type\": \"pid\"}]"
#define LINUX(members)   "\"linux\": {" NAMESPACES ", " members "}"
#define PROCESS(members) "\"process\": {\"cwd\": \"/\", \"args\": [\"a\"], " members "}, " LINUX("\"sysctl\": {}")

static const struct {
	bool can;
	const char *members; /* of config.json */
} rows[] = {
	{ true, LINUX("\"sysctl\": {}") },
	{ CAN_HOOKS, "\"hooks\": {\"poststop\": [{\"path\": \"/x\"}]}, " LINUX("\"sysctl\": {}") },
	{ CAN_SECCOMP, LINUX("\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\"}") },
	{ CAN_SECCOMP_LISTENER, LINUX("\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"/s\", \"syscalls\": [{\"names\": "
				      "[\"mkdir\"], \"action\": \"SCMP_ACT_NOTIFY\"}]}") },
	{ CAN_APPARMOR, PROCESS("\"apparmorProfile\": \"x\"") },
	{ CAN_SELINUX, PROCESS("\"selinuxLabel\": \"a:b:c:d\"") },
	{ CAN_NET_DEVICES, LINUX("\"netDevices\": {\"eth0\": {}}") },
	{ CAN_INTEL_RDT, LINUX("\"intelRdt\": {\"closID\": \"x\"}") },
	{ CAN_MEMORY_POLICY, LINUX("\"memoryPolicy\": {\"mode\": \"MPOL_LOCAL\"}") },
};

static void test_rules_agree(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oci_config *config;
		struct error err = { 0 };
		char text[1024];
		bool refused;

		snprintf(text, sizeof(text), "{\"ociVersion\": \"1.3.0\", \"root\": {\"path\": \"r\"}, %s}",
			 rows[i].members);
		config = oci_parse(&oci_config_type, text, strlen(text), NULL);
		if (!config)
			fail_msg("invalid: %s", text);
		refused = rules_check(config, &err) < 0;
		if (refused == rows[i].can || (refused && err.code != ERR_UNSUPPORTED))
			fail_msg("%s: %s", rows[i].members, refused ? err.text : "is not refused");
		oci_free(config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rules_agree) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
