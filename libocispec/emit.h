// SPDX-License-Identifier: LGPL-2.1-or-later
/* emit.h - JSON text piece by piece, with commas and indentation put in. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct oci_buffer;

/* Zero it and set buffer and indent.  The first error stays; all calls after it do nothing. */
struct emitter {
	struct oci_buffer *buffer;
	const char *indent; /* NULL: no blanks at all */
	unsigned depth;
	bool has_entry; /* the innermost bracket is not empty: a comma is due */
	bool after_key; /* the next value stands on the line of its key */
	int error;
};

/* bracket is '{' or '[', and '}' or ']'. */
void oci_emit_open(struct emitter *emitter, char bracket);
void oci_emit_close(struct emitter *emitter, char bracket);

void oci_emit_key(struct emitter *emitter, const char *key);

/* -EILSEQ if text is no UTF-8. */
void oci_emit_string(struct emitter *emitter, const char *text);
void oci_emit_unsigned(struct emitter *emitter, uint64_t value);
void oci_emit_signed(struct emitter *emitter, int64_t value);
void oci_emit_bool(struct emitter *emitter, bool value);

/* text is JSON. */
void oci_emit_raw(struct emitter *emitter, const char *text);
