// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_landlock.c - the annotation org.hull.landlock: what is read, and what is refused at which place; which version of
 * the kernel knows what. */
#include <stdio.h>
#include <string.h>

#include "init/landlock.h"
#include "kernel/landlock.h"
#include "unit.h"

static const struct {
	const char *text, *place; /* NULL: nothing is wrong */
} cases[] = {
	{ "{\"scopes\":[\"signal\"]}", NULL },
	{ "{\"scopeBits\":4}", NULL },
	{ "{\"paths\":[]}", NULL },
	{ "{\"ports\":[]}", NULL },
	{ "{\"governed\":{\"fs\":[\"all\"]}}", NULL },
	{ "{\"governed\":{\"netBits\":18446744073709551615}}", NULL },
	{ "{\"abi\":\"best-effort\",\"paths\":[{\"paths\":[\"/\"],\"rights\":[\"read\"],\"bits\":65536,\"optional\":true}]}", NULL },
	{ "{\"ports\":[{\"ports\":[0,65535],\"rights\":[\"bind\",\"connect_send_udp\"]}]}", NULL },
	/* Of a group, one governed right is enough. */
	{ "{\"governed\":{\"fs\":[\"read_dir\"]},\"paths\":[{\"paths\":[\"/\"],\"rights\":[\"read\"]}]}", NULL },
	{ "{\"governed\":{\"net\":[\"bind_tcp\"]},\"paths\":[{\"paths\":[\"/\"],\"bits\":9223372036854775808}]}", NULL },

	{ "", "/: " },
	{ "3", "/: " },
	{ "{}", "/: restricts nothing" },
	{ "{\"abi\":\"strict\"}", "/: restricts nothing" },
	{ "{\"scopes\":[]}", "/: restricts nothing" },
	{ "{\"governed\":{}}", "/: restricts nothing" },
	{ "{\"scopes\":[\"signal\"],\"log\":true}", "/log: is not a property that this annotation has" },
	{ "{\"scopes\":[\"signal\"],\"abi\":null}", "/abi: " },
	{ "{\"scopes\":[\"signal\"]} x", "/: " },
	/* What is wrong comes before what is only unknown. */
	{ "{\"x\":1,\"scopes\":[\"signals\"]}", "/scopes/0: must be one of" },
	{ "{\"paths\":[{\"paths\":[\"\"],\"rights\":[\"read\"]}]}", "/paths/0/paths/0: must be an absolute path" },
	{ "{\"paths\":[{\"paths\":[\"/\"],\"rights\":[]}]}", "/paths/0: grants nothing" },
	{ "{\"paths\":[{\"paths\":[\"/\"],\"bits\":18446744073709551616}]}", "/paths/0/bits: " },
	{ "{\"paths\":[{\"paths\":[\"/\"],\"bits\":1.5}]}", "/paths/0/bits: " },
	{ "{\"ports\":[{\"ports\":[1,65536],\"rights\":[\"bind\"]}]}", "/ports/0/ports/1: must be from 0 to 65535" },
	{ "{\"governed\":{\"fs\":[\"read_dir\"]},\"paths\":[{\"paths\":[\"/\"],\"rights\":[\"write\"]}]}", "/paths/0/rights/0: " },
	{ "{\"governed\":{\"fsBits\":8},\"paths\":[{\"paths\":[\"/\"],\"bits\":24}]}", "/paths/0/bits: " },
};

static void reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = { 0 };
		struct landlock_policy *policy = landlock_read(cases[i].text, &err);

		if (!cases[i].place) {
			if (!policy)
				fail_msg("%s: %s", cases[i].text, err.text);
		} else if (policy || strncmp(err.text, cases[i].place, strlen(cases[i].place)) != 0) {
			fail_msg("%s: %s, not %s", cases[i].text, policy ? "accepted" : err.text, cases[i].place);
		}
		oci_free(policy);
	}
}

static void finds_the_annotation(void **state)
{
	struct oci_pair pairs[] = { { "org.hull.landlockx", "a" }, { ANNOTATION_LANDLOCK, "b" } };
	struct oci_config config = { .annotations = pairs, .n_annotations = 1 };

	(void)state;
	assert_null(landlock_annotation(&config));
	config.n_annotations = 2;
	assert_string_equal(landlock_annotation(&config), "b");
}

/* Single words are the kernel's bits in their order; every word is known to the newest version. */
static void words_are_the_kernels_bits(void **state)
{
	const struct oci_word *tables[] = { landlock_fs_words, landlock_net_words, landlock_scope_words };
	struct landlock_rights newest;
	uint64_t known[3];

	(void)state;
	landlock_of_version(1000, &newest);
	known[0] = newest.fs;
	known[1] = newest.net;
	known[2] = newest.scopes;
	for (size_t t = 0; t < 3; t++) {
		uint64_t all = 0;

		for (size_t i = 0; tables[t][i].word; i++) {
			if (!(tables[t][i].value & (tables[t][i].value - 1)))
				assert_int_equal(tables[t][i].value, (uint64_t)1 << i);
			all |= tables[t][i].value;
		}
		assert_int_equal(all, known[t]);
	}
}

static void versions(void **state)
{
	struct landlock_rights r;

	(void)state;
	landlock_of_version(0, &r);
	assert_true(r.fs == 0 && r.net == 0 && r.scopes == 0);
	landlock_of_version(1, &r);
	assert_true(r.fs == 0x1fff && r.net == 0 && r.scopes == 0);
	landlock_of_version(4, &r);
	assert_true(r.fs == 0x7fff && r.net == 3 && r.scopes == 0);
	landlock_of_version(8, &r);
	assert_true(r.fs == 0xffff && r.net == 3 && r.scopes == 3);
	landlock_of_version(10, &r);
	assert_true(r.fs == 0x1ffff && r.net == 15 && r.scopes == 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(finds_the_annotation),
		cmocka_unit_test(words_are_the_kernels_bits),
		cmocka_unit_test(versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
