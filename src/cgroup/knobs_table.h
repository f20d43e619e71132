// SPDX-License-Identifier: LGPL-2.1-or-later
/* knobs_table.h - the rows of the table of resources; private to the files knobs*.c, which write them to files, tell systemd of
 * them and print them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct oci_block_io;
struct oci_resources;
struct oci_throttle_device;
struct plan;
struct knob;

enum member_kind { I64, U64, U32, TEXT, TRUTH };

/* Puts the file's text for the value into ret (KNOB_VALUE_MAX).  1; 0: leave the file alone; -1 with p->err. */
typedef int (*convert_fn)(struct plan *p, const struct knob *knob, const void *value, char *ret);

struct knob {
	const char *pointer;
	const char *controller;
	enum member_kind kind;
	uint16_t object, member, has; /* offsets: pointer to the object, value and has_value in it */
	const char *v1, *v2;          /* files; NULL: there is none */
	convert_fn to_v1, to_v2;
	const char *idle; /* the text that says what the kernel does anyway, as far as there is one */
	bool verify;
	struct unit_name {
		const char *v1, *v2; /* systemd's property; NULL: there is none */
	} unit;
	const char *note; /* what becomes of the value on v2, for readers */
};

/* Numbers by a member's place. */
static inline int64_t i64(const void *value)
{
	return *(const int64_t *)value;
}

static inline uint64_t u64(const void *value)
{
	return *(const uint64_t *)value;
}

extern const struct knob knobs_table[];
extern const size_t knobs_n;

/* The member's place if it is configured, else NULL. */
const void *knobs_member(const struct knob *knob, const struct oci_resources *resources);

/* As knobs_convert. */
int knobs_text(const struct knob *knob, const struct oci_resources *resources, bool v2, char *ret, struct error *err);

/* A list of devices with a rate each. */
#define THROTTLES 4
extern const struct throttle {
	const char *pointer;
	uint16_t array, n; /* offsets in oci_block_io */
	const char *v1, *v2, *unit;
} knobs_throttles[THROTTLES];

/* Its entries. */
const struct oci_throttle_device *knobs_throttled(const struct throttle *list, const struct oci_block_io *io, size_t *ret_n);
