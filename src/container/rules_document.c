// SPDX-License-Identifier: LGPL-2.1-or-later
/* rules_document.c - the predicates of rules about the document as a whole: version, hooks, annotations. */
#include "container/rules_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/annotations.h"
#include "base/text.h"
#include "container/annotations.h"

bool rule_other_major(const struct oci_config *c, struct place *p)
{
	return !text_starts(c->oci_version, "1.") && place_at(p, "/ociVersion");
}

bool rule_newer_version(const struct oci_config *c, struct place *p)
{
	return text_starts(c->oci_version, "1.") && atoi(c->oci_version + 2) > 3 && place_at(p, "/ociVersion");
}

bool rule_virtual_machine(const struct oci_config *c, struct place *p)
{
	return c->vm && place_at(p, "/vm");
}

bool rule_relative_hook_file(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->hooks && i < c->n_annotations; i++) {
		const struct oci_pair *a = &c->annotations[i];

		if ((strcmp(a->key, ANNOTATION_HOOKS_STDOUT) == 0 || strcmp(a->key, ANNOTATION_HOOKS_STDERR) == 0) &&
		    *a->value && *a->value != '/' && place_at_key(p, "/annotations", a->key, ""))
			return true;
	}
	return false;
}

bool rule_deprecated_hooks(const struct oci_config *c, struct place *p)
{
	return c->hooks && c->hooks->n_prestart && place_at(p, "/hooks/prestart");
}

bool rule_unhonoured_annotation(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_annotations; i++) {
		const struct annotation *row = annotation_find(c->annotations[i].key);

		if (!row || row->is_harmless || (row->is_honoured && !row->is_left_out))
			continue;
		(void)snprintf(p->sentence, sizeof(p->sentence), "is not honoured: %s", row->why_not);
		if (place_at_key(p, "/annotations", c->annotations[i].key, ""))
			return true;
	}
	return false;
}

bool rule_relative_pidfd_receiver(const struct oci_config *c, struct place *p)
{
	const char *path = annotation_value(c, ANNOTATION_PIDFD_RECEIVER);

	return path && *path != '/' && place_at_key(p, "/annotations", ANNOTATION_PIDFD_RECEIVER, "");
}
