// SPDX-License-Identifier: LGPL-2.1-or-later
/* rules.c - asks the rules between properties, which stand in rules.def.
 *
 * The reader has checked what a single value shows.  create stops at the first place that breaks a rule; validate
 * goes on: place_at() then keeps the place and says false, so a predicate must go on behind
 * `if (... && place_at(...))`. */
#include "container/rules.h"

#include <stdarg.h>
#include <stdio.h>

#include "container/rules_place.h"

struct rule {
	enum error_code code;
	bool (*is_broken)(const struct oci_config *config, struct place *place);
	const char *sentence, *ids, *reads;
};

#define RULE(code, predicate, sentence, ids, reads) { code, rule_##predicate, sentence, ids, reads },
static const struct rule rules[] = {
#include "container/rules.def"
};
#undef RULE

#define RULES (sizeof(rules) / sizeof(rules[0]))

/* More places of one rule say nothing new, and a document may be made to have millions. */
#define MOST_PLACES 100

/* Whether to stop here. */
static bool stops(struct place *place)
{
	const struct rule *rule = place->rule;

	if (!rule)
		return true;
	place->found(place->context,
		     &(struct rule_finding){ .code = rule->code,
					     .pointer = place->pointer,
					     .sentence = *place->sentence ? place->sentence : rule->sentence,
					     .ids = rule->ids,
					     .reads = rule->reads });
	place->sentence[0] = '\0';
	return ++place->n >= MOST_PLACES;
}

bool place_at(struct place *place, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(place->pointer, sizeof(place->pointer), fmt, args);
	va_end(args);
	return stops(place);
}

bool place_at_key(struct place *place, const char *prefix, const char *key, const char *suffix)
{
	size_t n = (size_t)snprintf(place->pointer, sizeof(place->pointer), "%s/", prefix);

	for (; *key && n + 3 < sizeof(place->pointer); key++) {
		if (*key == '/' || *key == '~')
			place->pointer[n++] = '~';
		place->pointer[n++] = *key == '/' ? '1' : *key == '~' ? '0' : *key;
	}
	(void)snprintf(place->pointer + n, sizeof(place->pointer) - n, "%s", suffix);
	return stops(place);
}

const struct oci_namespace *rules_namespace(const struct oci_config *c, uint64_t type)
{
	for (size_t i = 0; c->linux && i < c->linux->n_namespaces; i++)
		if (c->linux->namespaces[i].type == type)
			return &c->linux->namespaces[i];
	return NULL;
}

bool place_looks_octal(struct place *p, uint32_t number)
{
	uint32_t octal = 0, factor = 1;

	for (uint32_t rest = number; rest; rest /= 10, factor *= 8) {
		if (rest % 10 > 7)
			return false;
		octal += rest % 10 * factor;
	}
	if (octal > 0777 || number < 10)
		return false;
	(void)snprintf(p->sentence, sizeof(p->sentence),
		       "JSON has decimal numbers: %u is octal 0%o; did you mean %u (octal 0%o)?", number, number, octal,
		       octal);
	return true;
}

int rules_check(const struct oci_config *config, struct error *err)
{
	struct place place = { .rule = NULL };

	for (size_t i = 0; i < RULES; i++)
		if (rules[i].code && rules[i].is_broken(config, &place))
			return fail(err, rules[i].code, "config.json:%s: %s", place.pointer,
				    *place.sentence ? place.sentence : rules[i].sentence);
	return 0;
}

void rules_each(const struct oci_config *config, rules_found_fn found, void *context)
{
	for (size_t i = 0; i < RULES; i++) {
		struct place place = { .rule = &rules[i], .found = found, .context = context };

		(void)rules[i].is_broken(config, &place);
	}
}

const char *rules_ids(size_t i)
{
	return i < RULES ? rules[i].ids : NULL;
}
