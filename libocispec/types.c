// SPDX-License-Identifier: LGPL-2.1-or-later
/* types.c - the tables of all documents, words and checks, made from schema/.
 *
 * Nothing is listed here: a new property is a row in schema/, and nothing else. */

#include "ocispec.h"

#include <linux/audit.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* ---- words ---- */

#define WORDS(name)       const struct oci_word name[] = {
#define WORD(word, value) { word, value },
#define END_WORDS       \
	{               \
		NULL, 0 \
	}               \
	}               \
	;
#include "schema/words.def"
#undef WORDS
#undef WORD
#undef END_WORDS

const char *oci_word(const struct oci_word *words, uint64_t value)
{
	for (; words->word; words++)
		if (words->value == value)
			return words->word;
	return NULL;
}

bool oci_word_value(const struct oci_word *words, const char *word, size_t length, uint64_t *value)
{
	for (; words->word; words++)
		if (strlen(words->word) == length && !memcmp(words->word, word, length)) {
			*value = words->value;
			return true;
		}
	return false;
}

/* ---- checks ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_not_empty(const char *text)
{
	return text[0] != '\0';
}

static bool is_no_value(const char *text)
{
	(void)text;
	return false;
}

static bool is_absolute(const char *text)
{
	return text[0] == '/';
}

/* A number without leading zeros; returns what follows it, or NULL. */
static const char *skip_number(const char *text)
{
	const char *end = text + strspn(text, "0123456789");

	if (end == text || (text[0] == '0' && end != text + 1))
		return NULL;
	return end;
}

/* Identifiers with dots between them, none empty; numeric ones without leading zeros where
 * strict.  Returns what follows them, or NULL. */
static const char *skip_identifiers(const char *text, bool strict)
{
	for (;;) {
		const char *start = text;
		bool numeric = true;

		for (; is_digit(*text) || is_letter(*text) || *text == '-'; text++)
			numeric = numeric && is_digit(*text);
		if (text == start || (strict && numeric && *start == '0' && text != start + 1))
			return NULL;
		if (*text != '.')
			return text;
		text++;
	}
}

/* https://semver.org/#backusnaur-form-grammar-for-valid-semver-versions */
static bool is_version(const char *text)
{
	for (int part = 0; part < 3; part++) {
		if (part > 0 && *text++ != '.')
			return false;
		text = skip_number(text);
		if (!text)
			return false;
	}
	if (*text == '-') {
		text = skip_identifiers(text + 1, true);
		if (!text)
			return false;
	}
	if (*text == '+') {
		text = skip_identifiers(text + 1, false);
		if (!text)
			return false;
	}
	return *text == '\0';
}

static bool is_one_line(const char *text)
{
	return !strchr(text, '\n');
}

static bool is_cpu_list(const char *text)
{
	return text[strspn(text, "0123456789, -")] == '\0';
}

static bool is_access(const char *text)
{
	return text[strspn(text, "rwm")] == '\0';
}

static bool is_page_size(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || text[0] == '0' || !text[digits] || !strchr("KMG", text[digits]))
		return false;
	return !strcmp(text + digits + 1, "B");
}

static bool is_mem_bw_schema(const char *text)
{
	return !strncmp(text, "MB:", 3) && is_one_line(text);
}

static bool is_clock(const char *text)
{
	return !strcmp(text, "monotonic") || !strcmp(text, "boottime");
}

static bool is_capability(const char *text)
{
	if (strncmp(text, "CAP_", 4) || !text[4])
		return false;
	return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")] == '\0';
}

#define SEMVER_NUMBER "(0|[1-9][0-9]*)"
#define SEMVER_PRE    "(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
#define SEMVER_BUILD  "[0-9a-zA-Z-]+"
#define SEMVER                                                                                             \
	"^" SEMVER_NUMBER "\\." SEMVER_NUMBER "\\." SEMVER_NUMBER "(-" SEMVER_PRE "(\\." SEMVER_PRE ")*)?" \
	"(\\+" SEMVER_BUILD "(\\." SEMVER_BUILD ")*)?$"

// clang-format off
const struct oci_check oci_check_any           = { NULL, NULL, NULL };
const struct oci_check oci_check_not_empty     = { is_not_empty, "must not be empty", "^[^]" };
const struct oci_check oci_check_no_value      = { is_no_value, "must be left out: no value is supported", "^(?!)" };
const struct oci_check oci_check_absolute      = { is_absolute, "must be an absolute path", "^/" };
const struct oci_check oci_check_version       = { is_version, "must be a version like 1.2.0", SEMVER };
const struct oci_check oci_check_one_line      = { is_one_line, "must be one line without a newline", "^[^\n]*$" };
const struct oci_check oci_check_cpu_list      = { is_cpu_list, "must be a list like 0-3,7", "^[0-9, -]*$" };
const struct oci_check oci_check_access        = { is_access, "must be made of the letters r, w and m", "^[rwm]*$" };
const struct oci_check oci_check_page_size     = { is_page_size, "must be a page size like 64KB, 2MB or 1GB", "^[1-9][0-9]*[KMG]B$" };
const struct oci_check oci_check_mem_bw_schema = { is_mem_bw_schema, "must be one line that starts with MB:", "^MB:[^\n]*$" };
const struct oci_check oci_check_clock         = { is_clock, "is not a clock: only monotonic and boottime are", "^(monotonic|boottime)$" };
const struct oci_check oci_check_capability    = { is_capability, "must be CAP_ and capital letters", "^CAP_[A-Z_]+$" };
// clang-format on

/* ---- documents ---- */

#define OCI_SCHEMA "process.def"
#include "schema/define.h"
#define OCI_SCHEMA "linux.def"
#include "schema/define.h"
#define OCI_SCHEMA "config.def"
#include "schema/define.h"
#define OCI_SCHEMA "state.def"
#include "schema/define.h"
#define OCI_SCHEMA "features.def"
#include "schema/define.h"
