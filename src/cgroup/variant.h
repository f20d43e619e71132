// SPDX-License-Identifier: LGPL-2.1-or-later
/* variant.h - values of D-Bus types as trees: what calls of systemd carry, and the reader of GVariant text.
 *
 * A tree is made from its root: each node has its complete type, and containers own their items. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct variant {
	char *type;              /* complete: "t", "as", "(sv)", "v" */
	uint64_t number;         /* b y n q i u x t h (negative ones sign-extended) */
	double real;             /* d */
	char *text;              /* s o g */
	struct variant *first, *last, *next; /* items of a, ( and v */
};

/* A node without value (0, no text, no items).  NULL without memory. */
struct variant *variant_new(const char *type);
void variant_free(struct variant *v);

/* Appends a new node of that type to a container, and returns it.  parent may be NULL.  NULL without memory. */
struct variant *variant_add(struct variant *parent, const char *type);
struct variant *variant_add_number(struct variant *parent, const char *type, uint64_t number);
struct variant *variant_add_text(struct variant *parent, const char *type, const char *text);
/* Moves item to the end of the parent; frees it where the parent is NULL. */
struct variant *variant_adopt(struct variant *parent, struct variant *item);

/* Reads the text form of GVariant ("uint64 5", "['a', 'b']", "@as []", "true"), as far as properties of
 * units need it: without maybe types, dictionaries, object paths and signatures.  Numbers without a type are int32, or double with a point.  The caller frees *ret.
 * 0, -EINVAL (*ret_at: offset of what was not understood), -ERANGE (a number does not fit its type), -ENOMEM */
int variant_parse(const char *text, struct variant **ret, size_t *ret_at);
