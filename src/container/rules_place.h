// SPDX-License-Identifier: LGPL-2.1-or-later
/* rules_place.h - the place at which a config breaks a rule, as predicates tell it; private to the files rules*.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "container/rules.h"
#include "ocispec.h"

struct rule;

struct place {
	char pointer[256];
	char sentence[256];      /* instead of the rule's, where a predicate knows more */
	const struct rule *rule; /* validate: the one that is asked, NULL: stop at the first place */
	unsigned n;              /* places found of this rule */
	rules_found_fn found;
	void *context;
};

/* The rule is broken at this JSON pointer.  Whether to stop here. */
bool place_at(struct place *place, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same at prefix + key, a key of the document, as a JSON pointer has it (RFC 6901) + suffix. */
bool place_at_key(struct place *place, const char *prefix, const char *key, const char *suffix);
/* Whether a number that JSON gives as decimal was most likely meant as octal: 644 instead of 420.  Writes the
 * sentence. */
bool place_looks_octal(struct place *p, uint32_t number);

/* The entry for a kind of namespace (CLONE_NEW*), or NULL. */
const struct oci_namespace *rules_namespace(const struct oci_config *c, uint64_t type);

/* The predicates. */
#define RULE(code, predicate, ...) bool rule_##predicate(const struct oci_config *c, struct place *p);
#include "container/rules.def"
#undef RULE
