// SPDX-License-Identifier: LGPL-2.1-or-later
/* knobs_write.c - the list of writes is done: in the table's order, and what the kernel calls invalid once more after the others.
 *
 * Limits that depend on each other (memory and swap, quota and burst) must be raised in one order and lowered in the other. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/text.h"
#include "cgroup/devices.h"
#include "cgroup/knobs_plan.h"
#include "ocispec.h"

int plan_write_lines(const struct cgroup *cgroup, const struct setting *s, const char *file, const char *at)
{
	int r = 0;

	/* The kernel's files take one line a write. */
	for (size_t n; r == 0 && *at; at += n, at += *at == '\n') {
		auto_free char *line = NULL;

		n = strcspn(at, "\n");
		if (at[n] == '\0')
			return hierarchy_write(cgroup, s->h, file, at);
		line = strndup(at, n);
		r = line ? hierarchy_write(cgroup, s->h, file, line) : -ENOMEM;
	}
	return r;
}

/* v2 takes any list, and gives the container its parent's where the two have nothing in common.  (v1 refuses.)
 * ret: what it got. */
static bool is_effective(const struct cgroup *cgroup, const struct setting *s, char *ret, size_t size)
{
	uint64_t wanted[64] = { 0 }, got[64] = { 0 };
	char file[160];

	snprintf(file, sizeof(file), "%s.effective", s->file);
	if (hierarchy_read(cgroup, s->h, file, ret, size) < 0)
		return true; /* a kernel without the file */
	if (text_to_bits(s->own, wanted, sizeof(wanted) * 8) < 0 || text_to_bits(ret, got, sizeof(got) * 8) < 0)
		return true; /* the kernel has taken it */
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (got[i] & ~wanted[i])
			return false;
	return true;
}

/* Whether the file says the number now. */
static bool is_accepted(const struct cgroup *cgroup, const struct setting *s)
{
	char now[64];
	uint64_t wanted, got;

	if (strcmp(s->own, "-1") == 0)
		return true;
	if (hierarchy_read(cgroup, s->h, s->file, now, sizeof(now)) < 0)
		return false;
	if (text_to_u64(s->own, 0, UINT64_MAX, &wanted) < 0 || text_to_u64(now, 0, UINT64_MAX, &got) < 0)
		return strcmp(now, s->own) == 0;
	return got <= wanted && wanted - got < 65536; /* rounded down to pages */
}

static int fail_setting(const struct plan *p, const struct setting *s, int r)
{
	const char *value = s->value ? s->value : s->own;
	struct error *err = p->err;
	char controller[32];

	snprintf(controller, sizeof(controller), "%.*s", (int)strcspn(s->file, "."), s->file);
	if (r == -ENOENT && s->h->unified && unified_has(p->cgroup, controller) &&
	    !unified_has_here(p->cgroup, s->h, controller))
		return fail(err, ERR_HOST,
			    "%s%s: controller %s cannot be enabled for cgroup %s (a cgroup above it has processes, or does not have it)",
			    RESOURCES_POINTER, s->pointer, controller, p->cgroup->path);
	if (r == -ENOENT)
		return fail(err, ERR_UNSUPPORTED, "%s%s: this kernel has no file %s in the container's cgroup",
			    RESOURCES_POINTER, s->pointer, s->file);
	return fail(err, r, "%s%s: cannot write %.64s to %s", RESOURCES_POINTER, s->pointer, value, s->file);
}

/* 0, -EAGAIN (invalid as things are now) or -1 with err */
static int write_setting(struct plan *p, const struct setting *s)
{
	char got[256];
	int r = plan_write_lines(p->cgroup, s, s->file, s->value ? s->value : s->own);

	if (r == -ENOENT && *s->fallback)
		r = plan_write_lines(p->cgroup, s, s->fallback, *s->fallback_own ? s->fallback_own : s->own);
	if (r == -ENOENT && s->is_default)
		return 0;
	if (r == -EINVAL)
		return -EAGAIN;
	if (r < 0)
		return fail_setting(p, s, r);
	if (s->h->unified && text_starts(s->file, "cpuset.") && !s->value &&
	    !is_effective(p->cgroup, s, got, sizeof(got)))
		return fail(p->err, ERR_UNSUPPORTED, "%s%s: the cgroup above has none of %.64s: the container would have %.64s",
			    RESOURCES_POINTER, s->pointer, s->own, got);
	if (s->verify && !is_accepted(p->cgroup, s))
		return fail(p->err, ERR_UNSUPPORTED, "%s%s: this kernel ignores %s", RESOURCES_POINTER, s->pointer,
			    s->file);
	return 0;
}

/* One round over those that raise, or lower, and are not written yet.  *ret: one that the kernel called invalid.  The number
 * written, or -1 with err */
static int write_round(struct plan *p, bool lowers, struct setting **ret)
{
	int n = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct setting *s = &p->settings[i];
		int r;

		if (s->written || s->lowers != lowers)
			continue;
		s->touched = true; /* perhaps, also where it is refused: a file of several lines is several writes */
		r = write_setting(p, s);
		if (r < 0 && r != -EAGAIN)
			return -1;
		s->written = r == 0;
		n += r == 0;
		if (r < 0)
			*ret = s;
	}
	return n;
}

/* What raises comes before what lowers, so that nothing is short in between.  Goes on as long as each round gets something
 * further. */
int plan_write(struct plan *p)
{
	struct setting *refused;
	int raised, lowered;

	do {
		refused = NULL;
		raised = write_round(p, false, &refused);
		lowered = raised < 0 ? -1 : write_round(p, true, &refused);
		if (lowered < 0)
			return -1;
	} while (refused && raised + lowered > 0);
	return refused ? fail_setting(p, refused, -EINVAL) : 0;
}

/* checkBeforeUpdate: the kernel would start to reclaim, and then to kill. */
int plan_check_usage(struct plan *p)
{
	const struct oci_memory *memory = p->resources->memory;
	struct hierarchy *h;
	char now[64];
	uint64_t usage;

	if (!memory || !memory->check_before_update || memory->limit <= 0)
		return 0;
	h = plan_controller(p, "memory");
	if (!h ||
	    hierarchy_read(p->cgroup, h, h->unified ? "memory.current" : "memory.usage_in_bytes", now, sizeof(now)) <
		    0 ||
	    text_to_u64(now, 0, UINT64_MAX, &usage) < 0)
		return fail(p->err, ERR_HOST, "%s/memory/checkBeforeUpdate: cannot read the memory in use",
			    RESOURCES_POINTER);
	if (usage > (uint64_t)memory->limit)
		return fail(p->err, ERR_STATE, "%s/memory/limit: %" PRId64 " is less than the %" PRIu64 " bytes in use",
			    RESOURCES_POINTER, memory->limit, usage);
	return 0;
}

int plan_enable(struct plan *p)
{
	struct hierarchy *h = hierarchy_unified(p->cgroup);
	int r;

	if (!*p->controllers || !h)
		return 0;
	if (p->cgroup->driver == &driver_fs2 && !p->cgroup->unit) /* fs2 has enabled them all at create */
		return 0;
	r = unified_enable(p->cgroup, h, p->controllers);
	return r < 0 ? fail(p->err, r, "cannot enable the controllers %s for cgroup %s", p->controllers,
			    p->cgroup->path)
		     : 0;
}

int knobs_apply(struct cgroup *cgroup, const struct oci_resources *resources, struct error *err)
{
	struct plan p = { .cgroup = cgroup, .resources = resources, .err = err };
	int r;

	if (!resources)
		return 0;
	if (cgroup->n == 0)
		return plan_refuse(resources, err);
	r = plan_make(&p);
	if (r == 0)
		r = plan_check_usage(&p);
	if (r == 0)
		r = plan_enable(&p);
	if (r == 0)
		r = plan_write(&p);
	if (r == 0)
		r = devices_apply(cgroup, resources->devices, resources->n_devices, err);
	if (r == 0 && cgroup->driver == &driver_fs2 && resources->pids && resources->pids->has_limit)
		cgroup->no_clone = resources->pids->limit == 0 || (cgroup->unit && resources->pids->limit == 1);
	plan_free(&p);
	return r;
}
