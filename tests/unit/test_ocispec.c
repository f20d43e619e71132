// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_ocispec.c - what is JSON and what is not, places of faults, unknown properties, limits,
 * the writer's errors, memory that runs out.  The properties themselves: test_ocispec_rows.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ocispec.h"

/* A config with these members behind the required ones. */
#define START           "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"}"
#define CONFIG(members) START members "}"

/* The same with one unknown property, where nothing is known of the types. */
#define UNKNOWN(value) CONFIG(",\"x\":" value)

static struct oci_config *parse(const char *text)
{
	return oci_parse(&oci_config_type, text, strlen(text), NULL);
}

/* ---- JSON ---- */

static void test_not_json(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"\n\t ",
		"{",
		"[",
		"x",
		"nul",
		"[]",
		"1",
		"1.5",
		"\"text\"",
		"null",
		"true",
		"{}",
		"\xef\xbb\xbf" CONFIG(""),
		CONFIG("") "x",
		CONFIG("") "{}",
		CONFIG("") "\x01",
		CONFIG("") ",",
		CONFIG(","),
		CONFIG(",\"a\""),
		CONFIG(",\"a\":"),
		CONFIG(",a:1"),
		CONFIG(",'a':1"),
		CONFIG(",1:1"),
		CONFIG("/* comment */"),
		CONFIG("// comment\n"),
		UNKNOWN("[1,]"),
		UNKNOWN("[,1]"),
		UNKNOWN("{\"a\":1,}"),
		UNKNOWN("[1}"),
		UNKNOWN("{\"a\":1]"),
		UNKNOWN("01"),
		UNKNOWN("+1"),
		UNKNOWN(".5"),
		UNKNOWN("5."),
		UNKNOWN("1e"),
		UNKNOWN("-"),
		UNKNOWN("0x10"),
		UNKNOWN("NaN"),
		UNKNOWN("Infinity"),
		UNKNOWN("True"),
		UNKNOWN("\"a\nb\""),
		UNKNOWN("\"a\tb\""),
		UNKNOWN("\"a\x7f\x1f\""),
		UNKNOWN("\"\\a\""),
		UNKNOWN("\"\\u12\""),
		UNKNOWN("\"\\u12g4\""),
		UNKNOWN("\"\\x41\""),
		UNKNOWN("\"open"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct oci_report report = { 0 };

		if (oci_parse(&oci_config_type, texts[i], strlen(texts[i]), &report))
			fail_msg("accepted: %s", texts[i]);
		assert_int_equal(report.error, -EINVAL);
		assert_int_equal(report.n_errors, 1);
		assert_true(report.faults[0].line > 0 && report.faults[0].column > 0);
		oci_report_free(&report);
	}
}

static void test_nul_in_text(void **state)
{
	static const char text[] = UNKNOWN("\"a\0b\"") "\0";

	(void)state;
	assert_null(oci_parse(&oci_config_type, text, sizeof(text) - 1, NULL));
	assert_null(oci_parse(&oci_config_type, text, sizeof(text) - 2, NULL));
}

static void test_is_json(void **state)
{
	static const char *const texts[] = {
		CONFIG(""),
		" \t\r\n" CONFIG("") " \t\r\n",
		UNKNOWN("[1,-1,0,-0,1.5,1e3,1E+3,1e-3,-0.0e0,123456789012345678901234567890,1e999]"),
		UNKNOWN("[[],{},[[{}]],null,true,false,\"\"]"),
		UNKNOWN("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\uD83D\\uDE00\\ud83d\\ude00\""),
		UNKNOWN("\"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""),
		UNKNOWN("{\"\":1,\"\\u00e9\":2,\"e\":3}"),
		UNKNOWN("[{\"a\":1},{\"a\":1}]"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct oci_config *config = parse(texts[i]);

		if (!config)
			fail_msg("refused: %s", texts[i]);
		oci_free(config);
	}
}

/* Strings that yajl takes, in a known and in an unknown place, as value and as key. */
static void test_strings(void **state)
{
	static const char *const strings[] = {
		"\\u0000",
		"a\\u0000b",
		"\\\\\\u0000",
		"\\ud800",
		"\\udc00",
		"\\udc00\\udc00",
		"\\ud800\\ud800",
		"\\ud800\\u0041",
		"\\ud800x\\udc00",
		"\\ud800\\\\udc00",
		"\\uDBFF\\n",
		"\\\"\\ud800",
		"\x80",
		"\xff",
		"\xc0\x80",
		"\xc1\xbf",
		"\xc3",
		"\xc3(",
		"\xe2\x82",
		"\xe2(\xa1",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf0\x8f\xbf\xbf",
		"\xf0\x9f\x98",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80\x80",
		"12345678\x80",
	};
	static const struct {
		const char *before, *after;
	} places[] = {
		{ START ",\"hostname\":\"", "\"}" },
		{ START ",\"annotations\":{\"a\":\"", "\"}}" },
		{ START ",\"annotations\":{\"", "\":\"a\"}}" },
		{ START ",\"mounts\":[{\"destination\":\"/\",\"options\":[\"", "\"]}]}" },
		{ START ",\"x\":\"", "\"}" },
		{ START ",\"x\":[{\"a\":\"", "\"}]}" },
		{ START ",\"x\":{\"", "\":1}}" },
		{ START ",\"", "\":1}" },
		{ START ",\"solaris\":{\"", "\":1}}" },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++)
		for (size_t j = 0; j < sizeof(places) / sizeof(*places); j++) {
			struct oci_report report = { .flags = OCI_REPORT_ALL };
			size_t length = (size_t)snprintf(text, sizeof(text), "%s%s%s", places[j].before, strings[i],
							 places[j].after);

			if (oci_parse(&oci_config_type, text, length, &report))
				fail_msg("accepted: %s", text);
			assert_int_equal(report.n_errors, 1);
			for (const char *p = report.faults[0].pointer; *p; p++)
				assert_in_range(*p, ' ', '~');
			oci_report_free(&report);
		}
}

static void test_integers(void **state)
{
	struct oci_config *config = parse(CONFIG(
		",\"process\":{\"args\":[\"a\"],\"cwd\":\"/\",\"oomScoreAdj\":-9223372036854775808,"
		"\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"hard\":18446744073709551615,\"soft\":9007199254740993}]}"));

	(void)state;
	assert_non_null(config);
	assert_true(config->process->rlimits[0].hard == UINT64_MAX);
	assert_true(config->process->rlimits[0].soft == 9007199254740993);
	assert_true(config->process->oom_score_adj == INT64_MIN);
	oci_free(config);
}

/* ---- keys ---- */

static void test_repeated_keys(void **state)
{
	static const struct {
		const char *text, *pointer;
		unsigned column;
	} cases[] = {
		{ "{\"ociVersion\":\"1.0.2\",\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"\"}}", "/ociVersion", 23 },
		{ CONFIG(",\"\\u0072oot\":{}"), "/root", 43 },
		{ UNKNOWN("1,\"y\":2,\"x\":1"), "/x", 55 },
		{ UNKNOWN("{\"a\":1,\"b\":2,\"a\":3}"), "/x/a", 60 },
		{ UNKNOWN("{\"a\":1,\"b\":2,\"\\u0061\":3}"), "/x/a", 60 },
		{ UNKNOWN("{\"a\":{\"a\":{\"b\":1,\"b\":1}}}"), "/x/a/a/b", 64 },
		{ UNKNOWN("[[{}],{\"b\":1,\"c\":{\"b\":2},\"b\":1}]"), "/x/1/b", 72 },
		{ UNKNOWN("{\"\":1,\"\":1}"), "/x/", 53 },
		{ CONFIG(",\"annotations\":{\"a/b\":\"\",\"a~\":\"\",\"a/b\":\"\"}"), "/annotations/a~1b", 75 },
		{ CONFIG(",\"linux\":{\"netDevices\":{\"a\":{},\"a\":{}}}"), "/linux/netDevices/a", 73 },
		{ CONFIG(",\"linux\":{\"netDevices\":{\"a\":null,\"a\":{}}}"), "/linux/netDevices/a", 75 },
		{ CONFIG(",\"hostname\":null,\"hostname\":\"a\""), "/hostname", 59 },
		{ CONFIG(",\"zos\":{\"a\":{\"b\":1,\"b\":2}}"), "/zos/a/b", 61 },
		{ CONFIG(",\"hostname\":{\"b\":1,\"b\":2}"), "/hostname", 54 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct oci_report report = { 0 };

		assert_null(oci_parse(&oci_config_type, cases[i].text, strlen(cases[i].text), &report));
		assert_int_equal(report.n_faults, 1);
		assert_string_equal(report.faults[0].pointer, cases[i].pointer);
		assert_int_equal(report.faults[0].column, cases[i].column);
		oci_report_free(&report);
	}
}

/* Many keys, each once; then the first of them again. */
static void test_many_keys(void **state)
{
	enum { KEYS = 100000 };
	char *text = malloc(KEYS * 16), *at = text;
	struct oci_report report = { 0 };
	struct oci_config *config;

	(void)state;
	assert_non_null(text);
	at += sprintf(at, "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"\"},\"annotations\":{\"k0\":\"v\"");
	for (int i = 1; i < KEYS; i++)
		at += sprintf(at, ",\"k%d\":\"v\"", i);
	strcpy(at, "}}");
	config = parse(text);
	assert_non_null(config);
	assert_int_equal(config->n_annotations, KEYS);
	assert_string_equal(config->annotations[KEYS - 1].key, "k99999");
	assert_null(config->annotations[KEYS].key);
	oci_free(config);

	strcpy(at, ",\"k0\":\"v\"}}");
	assert_null(oci_parse(&oci_config_type, text, strlen(text), &report));
	assert_string_equal(report.faults[0].pointer, "/annotations/k0");
	assert_int_equal(report.faults[0].column, at - text + 2);
	oci_report_free(&report);
	free(text);
}

static void test_map_keys(void **state)
{
	struct oci_report report = { .flags = OCI_REPORT_ALL };
	const char *text = CONFIG(",\"annotations\":{\"\":\"\"},\"linux\":{\"timeOffsets\":{\"realtime\":{}}}");

	(void)state;
	assert_null(oci_parse(&oci_config_type, text, strlen(text), &report));
	assert_int_equal(report.n_faults, 2);
	assert_string_equal(report.faults[0].pointer, "/annotations/");
	assert_string_equal(report.faults[1].pointer, "/linux/timeOffsets/realtime");
	oci_report_free(&report);
}

/* ---- reports ---- */

static void test_all_faults(void **state)
{
	static const char text[] = "{\n"
				   "  \"ociVersion\": \"1\",\n"
				   "  \"process\": {\n"
				   "    \"cwd\": \"x\",\n"
				   "    \"user\": {\"uid\": -1},\n"
				   "    \"rlimits\": [\n"
				   "      {\"type\": \"RLIMIT_CPU\", \"hard\": 1, \"soft\": 2},\n"
				   "      {\"type\": \"x\", \"hard\": 1.0}\n"
				   "    ]\n"
				   "  },\n"
				   "  \"a/b~c\": {\"d\": {\"e\": 1, \"e\": 2}},\n"
				   "  \"hostname\": [{\"a\": [1, \"\\u0000\"]}]\n"
				   "}\n";
	static const struct {
		const char *pointer;
		unsigned line, column;
	} expected[] = {
		{ "/root", 1, 1 },
		{ "/ociVersion", 2, 17 },
		{ "/process/args", 3, 14 },
		{ "/process/cwd", 4, 12 },
		{ "/process/user/gid", 5, 13 },
		{ "/process/user/uid", 5, 21 },
		{ "/process/rlimits/1/soft", 8, 7 },
		{ "/process/rlimits/1/type", 8, 16 },
		{ "/process/rlimits/1/hard", 8, 29 },
		{ "/a~1b~0c/d/e", 11, 27 },
		{ "/hostname", 12, 15 },
		{ "/hostname/0/a/1", 12, 26 },
	};
	struct oci_report report = { .flags = OCI_REPORT_ALL };

	(void)state;
	assert_null(oci_parse(&oci_config_type, text, sizeof(text) - 1, &report));
	assert_int_equal(report.n_errors, report.n_faults);
	for (size_t i = 0; i < report.n_faults && i < sizeof(expected) / sizeof(*expected); i++) {
		assert_string_equal(report.faults[i].pointer, expected[i].pointer);
		assert_int_equal(report.faults[i].line, expected[i].line);
		assert_int_equal(report.faults[i].column, expected[i].column);
	}
	assert_int_equal(report.n_faults, sizeof(expected) / sizeof(*expected));
	oci_report_free(&report);
	assert_int_equal(report.flags, OCI_REPORT_ALL);
}

static void test_sentences(void **state)
{
	static const struct {
		const char *members, *text;
	} cases[] = {
		{ ",\"hostname\":1", "must be a string" },
		{ ",\"mounts\":{}", "must be an array" },
		{ ",\"mounts\":[1]", "must be an object" },
		{ ",\"process\":{\"terminal\":1}", "must be true or false" },
		{ ",\"process\":{\"user\":{\"uid\":\"\"}}", "must be an integer" },
		{ ",\"process\":{\"user\":{\"uid\":1.0}}", "must be an integer without fraction and exponent" },
		{ ",\"process\":{\"user\":{\"uid\":-1}}", "must be from 0 to 4294967295" },
		{ ",\"process\":{\"ioPriority\":{\"priority\":8}}", "must be from 0 to 7" },
		{ ",\"hooks\":{\"poststop\":[{\"timeout\":0}]}", "must be at least 1" },
		{ ",\"process\":{\"args\":[]}", "must have at least one entry" },
		{ ",\"process\":{\"ioPriority\":{\"class\":\"x\"}}",
		  "must be one of IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE" },
		{ ",\"process\":{}", "is required" },
		{ ",\"hostname\":\"\",\"hostname\":\"\"", "comes twice" },
		{ ",\"hostname\":\"\xff\"", "is not valid UTF-8" },
		{ ",\"hostname\":\"\\u0000\"", "contains \\u0000" },
		{ ",\"hostname\":\"\\ud800\"", "contains half a surrogate pair" },
		{ ",\"\xff\":\"\"", "has a key that is not valid UTF-8" },
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct oci_report report = { 0 };

		snprintf(text, sizeof(text), CONFIG("%s"), cases[i].members);
		assert_null(oci_parse(&oci_config_type, text, strlen(text), &report));
		assert_string_equal(report.faults[0].text, cases[i].text);
		oci_report_free(&report);
	}
}

static void test_warnings(void **state)
{
	static const char text[] =
		CONFIG(",\"x\":{\"y\":1},\"hostname\":null,\"linux\":{\"z\":[],\"sysctl\":{\"a\":null,\"b\":\"1\"}}");
	struct oci_report report = { .flags = OCI_REPORT_WARNINGS };
	struct oci_config *config = oci_parse(&oci_config_type, text, sizeof(text) - 1, &report);

	(void)state;
	assert_non_null(config);
	assert_int_equal(report.error, 0);
	assert_int_equal(report.n_errors, 0);
	assert_int_equal(report.n_faults, 4);
	assert_string_equal(report.faults[0].pointer, "/x");
	assert_true(report.faults[0].is_warning);
	assert_string_equal(report.faults[1].pointer, "/hostname");
	assert_string_equal(report.faults[2].pointer, "/linux/z");
	assert_string_equal(report.faults[3].pointer, "/linux/sysctl/a");
	assert_null(config->hostname);
	assert_int_equal(config->linux->n_sysctl, 1);
	assert_string_equal(config->linux->sysctl[0].key, "b");
	oci_free(config);

	/* The same report again, without the flag. */
	oci_report_free(&report);
	report.flags = 0;
	config = oci_parse(&oci_config_type, text, sizeof(text) - 1, &report);
	assert_int_equal(report.n_faults, 0);
	oci_free(config);
	oci_report_free(&report);
}

static void test_fault_limit(void **state)
{
	struct oci_report report = { .flags = OCI_REPORT_ALL | OCI_REPORT_WARNINGS };
	char text[OCI_MAX_FAULTS * 32], *at = text;

	(void)state;
	at += sprintf(at, "{\"hostname\":1,\"a\":0");
	for (int i = 0; i < OCI_MAX_FAULTS; i++)
		at += sprintf(at, ",\"k%d\":1", i);
	at += sprintf(at, ",\"process\":1,\"linux\":1}");
	assert_null(oci_parse(&oci_config_type, text, strlen(text), &report));
	assert_true(report.n_errors >= 2);
	assert_in_range(report.n_faults, OCI_MAX_FAULTS, OCI_MAX_FAULTS + 2);
	oci_report_free(&report);

	at = text + sprintf(text, "{\"mounts\":[0");
	for (int i = 0; i < OCI_MAX_FAULTS * 2; i++)
		at += sprintf(at, ",1");
	strcpy(at, "]}");
	assert_null(oci_parse(&oci_config_type, text, strlen(text), &report));
	assert_int_equal(report.n_faults, OCI_MAX_FAULTS);
	oci_report_free(&report);
}

static void test_long_pointer(void **state)
{
	static char text[10000];
	struct oci_report report = { 0 };

	(void)state;
	snprintf(text, sizeof(text), UNKNOWN("{\"a\":{\"%0*d\":{\"b\":1,\"b\":1}}}"), 5000, 0);
	assert_null(oci_parse(&oci_config_type, text, strlen(text), &report));
	assert_string_equal(report.faults[0].pointer, "/x/a");
	assert_int_equal(report.faults[0].column, strstr(text, "1,\"b") - text + 3);
	oci_report_free(&report);
}

/* ---- limits ---- */

static bool parse_depth(unsigned depth, char open, char close)
{
	char *text = malloc(depth * 8 + 256), *at = text;
	struct oci_config *config;

	assert_non_null(text);
	at += sprintf(at, "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"\"},\"x\":");
	for (unsigned i = 0; i < depth; i++)
		at += sprintf(at, open == '{' && i + 1 < depth ? "{\"a\":" : "%c", open);
	memset(at, close, depth);
	strcpy(at + depth, "}");
	config = parse(text);
	free(text);
	oci_free(config);
	return config != NULL;
}

static void test_depth(void **state)
{
	(void)state;
	assert_true(parse_depth(OCI_MAX_DEPTH - 1, '[', ']'));
	assert_true(parse_depth(OCI_MAX_DEPTH - 1, '{', '}'));
	assert_false(parse_depth(OCI_MAX_DEPTH, '[', ']'));
	assert_false(parse_depth(OCI_MAX_DEPTH, '{', '}'));
	assert_false(parse_depth(1000000, '[', ']'));
	assert_false(parse_depth(1000000, '{', '}'));
}

static void test_empty_and_terminated(void **state)
{
	struct oci_config *config = parse(CONFIG(
		",\"mounts\":[],\"annotations\":{},\"process\":{\"cwd\":\"/\",\"args\":[\"1\",\"2\",\"3\",\"4\",\"5\","
		"\"6\",\"7\",\"8\"],\"env\":[]}"));

	(void)state;
	assert_non_null(config);
	assert_non_null(config->mounts);
	assert_int_equal(config->n_mounts, 0);
	assert_non_null(config->annotations);
	assert_null(config->hooks);
	assert_int_equal(config->process->n_args, 8);
	assert_string_equal(config->process->args[7], "8");
	assert_null(config->process->args[8]);
	assert_non_null(config->process->env);
	assert_null(config->process->env[0]);
	oci_free(config);
}

/* ---- words ---- */

static void test_words(void **state)
{
	uint64_t value = 0;

	(void)state;
	assert_true(oci_word_value(oci_rlimit_words, "RLIMIT_NOFILE", 13, &value));
	assert_int_equal(value, 7);
	assert_true(oci_word_value(oci_seccomp_arch_words, "SCMP_ARCH_X86_64", 16, &value));
	assert_int_equal(value, 0xc000003e);
	assert_true(oci_word_value(oci_seccomp_arch_words, "SCMP_ARCH_AARCH64", 17, &value));
	assert_int_equal(value, 0xc00000b7);
	assert_true(oci_word_value(oci_propagation_words, "rslave", 6, &value));
	assert_int_equal(value, 0x84000);
	assert_false(oci_word_value(oci_rlimit_words, "RLIMIT_NOFILE", 12, &value));
	assert_false(oci_word_value(oci_rlimit_words, "", 0, &value));
	assert_string_equal(oci_word(oci_namespace_words, 0x20000), "mount");
	assert_null(oci_word(oci_namespace_words, 1));
}

/* ---- places ---- */

static void test_locate(void **state)
{
	static const char text[] = "{\n"
				   " \"a\": [1, {\"b\": 2}, [3,\n"
				   "   4]],\n"
				   " \"c/d\": {\"~\": null, \"\": 5},\n"
				   " \"e\": \"\\\"[\"\n"
				   "}\n";
	static const struct {
		const char *pointer;
		int result;
		unsigned line, column;
	} cases[] = {
		{ "", 0, 1, 1 },
		{ "/a", 0, 2, 7 },
		{ "/a/0", 0, 2, 8 },
		{ "/a/1", 0, 2, 11 },
		{ "/a/1/b", 0, 2, 17 },
		{ "/a/2/1", 0, 3, 4 },
		{ "/c~1d", 0, 4, 9 },
		{ "/c~1d/~0", 0, 4, 15 },
		{ "/c~1d/", 0, 4, 25 },
		{ "/e", 0, 5, 7 },
		{ "/x", -ENOENT, 1, 1 },
		{ "/a/3", -ENOENT, 2, 7 },
		{ "/a/01", -ENOENT, 2, 7 },
		{ "/a/1/x/y", -ENOENT, 2, 11 },
		{ "/a/0/x", -ENOENT, 2, 7 },
		{ "/c~1d/~0/q", -ENOENT, 4, 9 },
		{ "/c", -ENOENT, 1, 1 },
		{ "x", -EINVAL, 0, 0 },
		{ "/~", -EINVAL, 0, 0 },
		{ "/~2", -EINVAL, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsigned line, column;

		if (oci_locate(text, sizeof(text) - 1, cases[i].pointer, &line, &column) != cases[i].result)
			fail_msg("%s: another result", cases[i].pointer);
		if (line != cases[i].line || column != cases[i].column)
			fail_msg("%s: found at %u:%u", cases[i].pointer, line, column);
	}
}

/* ---- writing ---- */

static void test_write(void **state)
{
	static const char *const args[] = { "a\"\\\b\f\n\r\t\x01\x7f/\xc3\xa9", NULL };
	struct oci_pair pairs[] = { { "b", "1" }, { "a", "2" } };
	struct oci_process process = { .args = (const char **)args, .n_args = 1, .cwd = "/" };
	struct oci_root root = { .path = "r", .has_readonly = true };
	struct oci_config config = { .oci_version = "1.0.2", .root = &root, .process = &process, .annotations = pairs };
	struct oci_buffer buffer = { 0 };

	(void)state;
	assert_int_equal(oci_write(&oci_config_type, &config, NULL, &buffer), 0);
	assert_string_equal(
		buffer.data,
		"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\",\"readonly\":false},"
		"\"process\":{\"args\":[\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u007f/\xc3\xa9\"],\"cwd\":\"/\"},"
		"\"annotations\":{}}");
	assert_int_equal(buffer.length, strlen(buffer.data));
	buffer.length = 0;
	config.process = NULL;
	config.n_annotations = 2;
	assert_int_equal(oci_write(&oci_config_type, &config, "  ", &buffer), 0);
	assert_string_equal(buffer.data, "{\n"
					 "  \"ociVersion\": \"1.0.2\",\n"
					 "  \"root\": {\n"
					 "    \"path\": \"r\",\n"
					 "    \"readonly\": false\n"
					 "  },\n"
					 "  \"annotations\": {\n"
					 "    \"b\": \"1\",\n"
					 "    \"a\": \"2\"\n"
					 "  }\n"
					 "}");
	free(buffer.data);
}

static void test_write_errors(void **state)
{
	struct oci_root root = { .path = "r" };
	struct oci_namespace namespace = { .type = 12345 };
	struct oci_linux linux_ = { .namespaces = &namespace, .n_namespaces = 1 };
	struct oci_process process = { .cwd = "/" };
	struct oci_config config = { .oci_version = "1.0.2", .root = &root };
	struct oci_buffer buffer = { 0 };

	(void)state;
	assert_int_equal(oci_write(&oci_config_type, &config, NULL, &buffer), 0);
	config.linux = &linux_;
	assert_int_equal(oci_write(&oci_config_type, &config, NULL, &buffer), -EINVAL);
	config.linux = NULL;
	config.process = &process;
	assert_int_equal(oci_write(&oci_config_type, &config, NULL, &buffer), -EINVAL);
	config.process = NULL;
	config.hostname = "\xff";
	assert_int_equal(oci_write(&oci_config_type, &config, NULL, &buffer), -EILSEQ);
	config.hostname = NULL;
	root.path = NULL;
	assert_int_equal(oci_write(&oci_config_type, &config, NULL, &buffer), -EINVAL);
	assert_string_equal(buffer.data, "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"}}");
	free(buffer.data);
}

static void test_raw(void **state)
{
	struct oci_config *config = parse(CONFIG(",\"zos\": { \"a\" : [1.50, \"\\u0041\"] } "));
	struct oci_buffer buffer = { 0 };

	(void)state;
	assert_string_equal(config->zos, "{ \"a\" : [1.50, \"\\u0041\"] }");
	assert_int_equal(oci_write(&oci_config_type, config, NULL, &buffer), 0);
	assert_non_null(strstr(buffer.data, ",\"zos\":{ \"a\" : [1.50, \"\\u0041\"] }}"));
	free(buffer.data);
	oci_free(config);
}

static void test_build_by_hand(void **state)
{
	struct oci_state *s = oci_new(&oci_state_type);
	struct oci_buffer buffer = { 0 };
	char id[] = "box";

	(void)state;
	s->oci_version = "1.0.2";
	s->id = oci_strdup(s, id);
	id[0] = 'x';
	s->status = OCI_RUNNING;
	s->pid = 7;
	s->has_pid = true;
	s->bundle = "/b";
	s->annotations = oci_alloc(s, sizeof(*s->annotations));
	assert_int_equal(oci_write(&oci_state_type, s, NULL, &buffer), 0);
	assert_string_equal(buffer.data, "{\"ociVersion\":\"1.0.2\",\"id\":\"box\",\"status\":\"running\",\"pid\":7,"
					 "\"bundle\":\"/b\",\"annotations\":{}}");
	free(buffer.data);
	memset(oci_alloc(s, 100000), 1, 100000);
	oci_free(s);
	oci_free(NULL);
}

/* ---- a table outside the library ---- */

static const struct oci_word own_colours[] = { { "red", 1 }, { "blue", 2 }, { NULL, 0 } };

#define OCI_SCHEMA "ocispec_own.def"
#include "schema/declare.h"
#define OCI_SCHEMA "ocispec_own.def"
#include "schema/define.h"

static void test_own_table(void **state)
{
	static const char text[] =
		"{\"name\":\"n\",\"colour\":\"blue\",\"entries\":{\"a\":{\"weight\":1},\"b\":{\"weight\":10}}}";
	static const char wrong[] = "{\"name\":\"n\",\"state\":{},\"entries\":{\"\":{\"weight\":11}}}";
	static const char *const pointers[] = { "/state/ociVersion", "/state/id", "/state/status",
						"/state/bundle",     "/entries/", "/entries//weight" };
	struct oci_report report = { .flags = OCI_REPORT_ALL };
	struct own_record *record = oci_parse(&own_record_type, text, strlen(text), NULL);
	struct oci_buffer buffer = { 0 };

	(void)state;
	assert_non_null(record);
	assert_int_equal(record->colour, 2);
	assert_int_equal(record->n_entries, 2);
	assert_string_equal(record->entries[1].key, "b");
	assert_int_equal(record->entries[1].weight, 10);
	assert_int_equal(oci_write(&own_record_type, record, NULL, &buffer), 0);
	assert_string_equal(buffer.data, text);
	free(buffer.data);
	oci_free(record);

	assert_null(oci_parse(&own_record_type, wrong, strlen(wrong), &report));
	assert_int_equal(report.n_faults, sizeof(pointers) / sizeof(*pointers));
	for (size_t i = 0; i < report.n_faults; i++)
		assert_string_equal(report.faults[i].pointer, pointers[i]);
	oci_report_free(&report);
	assert_null(oci_parse(&own_record_type, "{\"name\":\"\",\"entries\":{}}", 24, NULL));
}

/* ---- memory ---- */

static long allocations_left = -1;

void *__real_malloc(size_t size);
void *__real_realloc(void *piece, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *piece, size_t size);

static bool may_allocate(void)
{
	return allocations_left < 0 || allocations_left-- > 0;
}

void *__wrap_malloc(size_t size)
{
	return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_realloc(void *piece, size_t size)
{
	return may_allocate() ? __real_realloc(piece, size) : NULL;
}

/* Each allocation fails in turn, in a document that needs all kinds of them. */
static void test_no_memory(void **state)
{
	enum { SIZE = 1 << 20 };
	char *text = malloc(SIZE), *at = text;
	struct oci_report report = { .flags = OCI_REPORT_ALL | OCI_REPORT_WARNINGS };
	struct oci_buffer buffer = { 0 };
	struct oci_config *config = NULL;
	long n;

	(void)state;
	at += sprintf(at, "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"\"},\"x\":\"\\n%0*d\",\"y\":{\"\":1", 20000,
		      1);
	for (int i = 0; i < 1000; i++)
		at += sprintf(at, ",\"\\u0020%d\":1", i);
	at += sprintf(at, "},\"mounts\":[{\"destination\":\"/\"}");
	for (int i = 0; i < 10000; i++)
		at += sprintf(at, ",{\"destination\":\"\"}");
	strcpy(at, "]}");
	for (n = 0; !config; n++) {
		allocations_left = n;
		config = oci_parse(&oci_config_type, text, strlen(text), &report);
		allocations_left = -1;
		assert_int_equal(report.error, config ? 0 : -ENOMEM);
		assert_true(n < 100);
	}
	assert_true(n > 5);
	for (n = 0;; n++) {
		int result;

		allocations_left = n;
		result = oci_write(&oci_config_type, config, "\t", &buffer);
		allocations_left = -1;
		if (result == 0)
			break;
		assert_int_equal(result, -ENOMEM);
		assert_int_equal(buffer.length, 0);
	}
	free(buffer.data);
	oci_free(config);
	oci_report_free(&report);
	free(text);
}

static void similar_words(void **state)
{
	static const struct {
		const char *a, *b;
		bool expected;
	} rows[] = {
		{ "terminl", "terminal", true },
		{ "treminal", "terminal", true },
		{ "Terminal", "terminal", true },
		{ "terminal", "terminal", false },
		{ "term", "terminal", false },
		{ "mout", "mounts", false },
		{ "mount", "mounts", true },
		{ "uid", "gid", false },
		{ "UID", "uid", true },
		{ "pats", "path", true },
		{ "", "uid", false },
		{ "x", "y", false },
		{ "readonlyPath", "readonlyPaths", true },
		{ "noexce", "noexec", true },
		{ "rw", "ro", false },
		{ "NOFILE", "RLIMIT_NOFILE", true },
		{ "LE", "X_FILE", false },
		{ "NOFILE", "RLIMITNOFILE", false },
	};
	char longer[200];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (oci_is_similar(rows[i].a, rows[i].b) != rows[i].expected)
			fail_msg("%s, %s", rows[i].a, rows[i].b);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_false(oci_is_similar(longer, longer + 1));
}

/* The struct in spite of faults: nothing that is required is NULL, entries keep their numbers. */
static void partial_documents(void **state)
{
	static const char text[] = "{\"mounts\":[1,[],{\"destinaton\":\"/a\"},{\"destination\":\"/b\",\"options\":[1,\"ro\",[]]}],"
				   "\"process\":{\"args\":5,\"cwd\":\"/\"},\"annotations\":{\"a\":1,\"b\":\"c\"},"
				   "\"linux\":{\"namespaces\":[{\"type\":\"mont\"}]}}";
	struct oci_report report = { .flags = OCI_REPORT_ALL | OCI_REPORT_WARNINGS | OCI_REPORT_PARTIAL };
	struct oci_config *config = oci_parse(&oci_config_type, text, strlen(text), &report);

	(void)state;
	assert_non_null(config);
	assert_int_equal(report.error, -EINVAL);
	assert_string_equal(config->oci_version, "");
	assert_string_equal(config->root->path, "");
	assert_int_equal(config->n_mounts, 4);
	assert_string_equal(config->mounts[1].destination, "");
	assert_string_equal(config->mounts[3].destination, "/b");
	assert_int_equal(config->mounts[3].n_options, 3);
	assert_string_equal(config->mounts[3].options[0], "");
	assert_string_equal(config->mounts[3].options[1], "ro");
	assert_non_null(config->process->args);
	assert_int_equal(config->process->n_args, 0);
	assert_string_equal(config->annotations[0].value, "");
	assert_string_equal(config->annotations[1].value, "c");
	for (size_t i = 0; i < report.n_faults; i++) {
		if (strcmp(report.faults[i].pointer, "/mounts/2/destinaton") == 0)
			assert_string_equal(report.faults[i].text, "is not a property of the specification; did you mean "
								   "\"destination\"?");
		if (strcmp(report.faults[i].pointer, "/linux/namespaces/0/type") == 0)
			assert_non_null(strstr(report.faults[i].text, "; did you mean \"mount\"?"));
	}
	oci_free(config);
	oci_report_free(&report);
	/* What is no JSON, or no object, has no struct. */
	for (size_t i = 0; i < 4; i++) {
		static const char *const broken[] = { "{\"mounts\":[", "[]", "{} x", "{\"ociVersion\":\"1.0.0\",}" };

		report.flags = OCI_REPORT_ALL | OCI_REPORT_PARTIAL;
		assert_null(oci_parse(&oci_config_type, broken[i], strlen(broken[i]), &report));
		oci_report_free(&report);
	}
}

int main(void)
{
	// clang-format off
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_json),
		cmocka_unit_test(test_nul_in_text),
		cmocka_unit_test(test_is_json),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_repeated_keys),
		cmocka_unit_test(test_many_keys),
		cmocka_unit_test(test_map_keys),
		cmocka_unit_test(test_all_faults),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_fault_limit),
		cmocka_unit_test(test_long_pointer),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_empty_and_terminated),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_locate),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_write_errors),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_build_by_hand),
		cmocka_unit_test(test_own_table),
		cmocka_unit_test(similar_words),
		cmocka_unit_test(partial_documents),
		cmocka_unit_test(test_no_memory),
	};
	// clang-format on
	return cmocka_run_group_tests(tests, NULL, NULL);
}
