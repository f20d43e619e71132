// SPDX-License-Identifier: LGPL-2.1-or-later
/* select.c - one container, or all whose id matches a regular expression. */
#include "cli/cli.h"

#include <regex.h>

#include "base/fd.h"
#include "base/log.h"

struct selection {
	const struct call *call;
	int (*act)(const struct call *call, const char *id, struct error *err);
	int result;
	struct error *err; /* of the first failure */
};

static void act_on(struct selection *selection, const char *id)
{
	struct error err;

	if (selection->act(selection->call, id, &err) == 0)
		return;
	if (err.code == ERR_NOT_FOUND) /* gone since it was listed */
		return;
	(void)within(&err, "%s", id);
	if (selection->result == 0)
		*selection->err = err;
	else
		log_warning("%s", err.text);
	selection->result = -1;
}

static int for_matches(const struct call *call, const regex_t *regex,
		       int (*act)(const struct call *call, const char *id, struct error *err), struct error *err)
{
	struct selection selection = { call, act, 0, err };
	auto_free char **ids = NULL;
	size_t n;

	if (container_ids(call->runtime, &ids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (regexec(regex, ids[i], 0, NULL, 0) == 0)
			act_on(&selection, ids[i]);
	return selection.result;
}

int for_containers(const struct call *call, const char *id, bool is_regex,
		   int (*act)(const struct call *call, const char *id, struct error *err), struct error *err)
{
	regex_t regex;
	int r;

	if (!is_regex)
		return act(call, id, err);
	r = regcomp(&regex, id, REG_EXTENDED | REG_NOSUB);
	if (r != 0) {
		char why[128];

		(void)regerror(r, &regex, why, sizeof(why));
		return fail(err, ERR_USAGE, "\"%s\" is not a regular expression: %s", id, why);
	}
	r = for_matches(call, &regex, act, err);
	regfree(&regex);
	return r;
}
