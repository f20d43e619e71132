// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_ocispec_rows.c - each row of the specification's tables against the reader: valid values
 * are taken and land in the right member, wrong ones are refused at the right pointer; the
 * tables, the schema and the writer know each row and no other. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <linux/audit.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "ocispec.h"

struct row_case {
	const char *text;
	bool (*lands)(const void *document); /* NULL: it is refused */
	const char *pointer;                 /* of the fault */
};

struct row {
	const char *document;
	const char *path; /* in the words of the tables: [] any entry, * any key */
	const char *pointer;
	const struct oci_type *type;
	const struct row_case *cases;
};

struct maximal {
	const char *document;
	const struct oci_type *type;
	const char *text; /* with every row in it */
};

#include "ocispec_rows.h"

#define N_ROWS     (sizeof(rows) / sizeof(*rows))
#define N_MAXIMALS (sizeof(maximals) / sizeof(*maximals))

static void check_accepted(const struct row *row, const struct row_case *c)
{
	struct oci_report report = { .flags = OCI_REPORT_WARNINGS };
	void *document = oci_parse(row->type, c->text, strlen(c->text), &report);

	if (!document)
		fail_msg("%s: %s %s", c->text, report.faults[0].pointer, report.faults[0].text);
	if (!c->lands(document))
		fail_msg("%s: not in its member", c->text);
	for (size_t i = 0; i < report.n_faults; i++)
		if (!strstr(report.faults[i].text, "null"))
			fail_msg("%s: %s %s", c->text, report.faults[i].pointer, report.faults[i].text);
	oci_free(document);
	oci_report_free(&report);
}

static void check_refused(const struct row *row, const struct row_case *c)
{
	struct oci_report report = { 0 };

	if (oci_parse(row->type, c->text, strlen(c->text), &report))
		fail_msg("%s: accepted", c->text);
	assert_int_equal(report.error, -EINVAL);
	assert_int_equal(report.n_errors, 1);
	if (strcmp(report.faults[0].pointer, c->pointer))
		fail_msg("%s: refused at %s, not at %s", c->text, report.faults[0].pointer, c->pointer);
	oci_report_free(&report);
}

static void test_row(void **state)
{
	const struct row *row = *state;

	for (const struct row_case *c = row->cases; c->text; c++) {
		if (c->lands)
			check_accepted(row, c);
		else
			check_refused(row, c);
	}
}

/* ---- no row too many ---- */

static bool is_row(const char *document, const char *path)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (!strcmp(rows[i].document, document) && !strcmp(rows[i].path, path))
			return true;
	return false;
}

static void assert_row(const char *document, const char *path)
{
	if (!is_row(document, path))
		fail_msg("%s: %s is in the tables of the library alone", document, path);
}

static void assert_in_schema(const char *schema, const struct oci_type *type, const struct oci_field *field)
{
	char pointer[256];
	unsigned line, column;

	snprintf(pointer, sizeof(pointer), "/$defs/%s/properties/%s", type->name, field->word);
	if (oci_locate(schema, strlen(schema), pointer, &line, &column) < 0)
		fail_msg("the schema has no %s", pointer);
}

static void walk(const char *document, const char *schema, const struct oci_type *type, const char *path)
{
	const struct oci_field *field = type->fields();

	for (; field->word; field++) {
		char below[256];
		bool is_map = field->kind == OCI_MAP || field->kind == OCI_MAP_OF;

		if (field->kind == OCI_KEY)
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, field->word);
		assert_row(document, below);
		assert_in_schema(schema, type, field);
		if (is_map || (field->kind >= OCI_U32S && field->kind <= OCI_STRUCTS)) {
			strcat(below, is_map ? "/*" : "[]");
			assert_row(document, below);
		}
		/* process-state says of its state: as in the state document. */
		if (field->kind == OCI_STRUCT && field->type == &oci_state_type)
			continue;
		if (field->kind == OCI_STRUCT || field->kind == OCI_STRUCTS || field->kind == OCI_MAP_OF)
			walk(document, schema, field->type, below);
	}
	assert_true(field - type->fields() <= 64);
}

static void test_no_row_too_many(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_MAXIMALS; i++) {
		struct oci_buffer schema = { 0 };

		assert_int_equal(oci_schema(maximals[i].type, "\t", &schema), 0);
		walk(maximals[i].document, schema.data, maximals[i].type, "");
		free(schema.data);
	}
}

/* ---- round trip ---- */

/* The text of the value at a pointer up to its end, if it is no object or array. */
static size_t value_length(const char *value)
{
	if (*value == '"')
		return strcspn(value + 1, "\"") + 2;
	if (*value == '{' || *value == '[')
		return 1;
	return strcspn(value, ",}] \n");
}

static const char *find(const char *text, const char *pointer)
{
	unsigned line, column;

	if (oci_locate(text, strlen(text), pointer, &line, &column) < 0)
		return NULL;
	for (; line > 1; line--)
		text = strchr(text, '\n') + 1;
	return text + column - 1;
}

/* Each row has the same value in both texts. */
static void assert_same(const struct maximal *m, const char *written)
{
	size_t n = 0;

	for (size_t i = 0; i < N_ROWS; i++) {
		const char *before, *after;

		if (strcmp(rows[i].document, m->document))
			continue;
		before = find(m->text, rows[i].pointer);
		if (!before) { /* a map has one key; no flag of a personality is valid */
			assert_non_null(strstr(rows[i].pointer, "/personality/flags/0"));
			continue;
		}
		after = find(written, rows[i].pointer);
		if (!after || value_length(before) != value_length(after) ||
		    memcmp(before, after, value_length(before)))
			fail_msg("%s is not what it was: %.40s", rows[i].pointer, after ? after : "(gone)");
		n++;
	}
	assert_true(n > 0);
}

static void round_trip(const struct maximal *m, const char *indent)
{
	struct oci_report report = { .flags = OCI_REPORT_ALL | OCI_REPORT_WARNINGS };
	struct oci_buffer first = { 0 }, second = { 0 };
	void *document = oci_parse(m->type, m->text, strlen(m->text), &report);

	assert_int_equal(report.n_faults, 0);
	assert_non_null(document);
	assert_int_equal(oci_write(m->type, document, indent, &first), 0);
	oci_free(document);
	assert_same(m, first.data);

	document = oci_parse(m->type, first.data, first.length, &report);
	assert_int_equal(report.n_faults, 0);
	assert_int_equal(oci_write(m->type, document, indent, &second), 0);
	assert_string_equal(first.data, second.data);
	oci_free(document);
	oci_report_free(&report);
	free(first.data);
	free(second.data);
}

static void test_round_trip(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_MAXIMALS; i++) {
		round_trip(&maximals[i], NULL);
		round_trip(&maximals[i], "\t");
	}
}

int main(void)
{
	static struct CMUnitTest tests[N_ROWS + 2];
	static char names[N_ROWS][96];

	for (size_t i = 0; i < N_ROWS; i++) {
		snprintf(names[i], sizeof(names[i]), "%s %s", rows[i].document, rows[i].path);
		tests[i].name = names[i];
		tests[i].test_func = test_row;
		tests[i].initial_state = (void *)&rows[i];
	}
	tests[N_ROWS] = (struct CMUnitTest)cmocka_unit_test(test_no_row_too_many);
	tests[N_ROWS + 1] = (struct CMUnitTest)cmocka_unit_test(test_round_trip);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
