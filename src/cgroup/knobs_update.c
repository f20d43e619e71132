// SPDX-License-Identifier: LGPL-2.1-or-later
/* knobs_update.c - resources of a container that runs: every file is read before, so that all of it is done or nothing. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/knobs_plan.h"
#include "cgroup/variant.h"
#include "ocispec.h"

/* The file of a setting as it is now, owned by the caller; a file that this kernel does not have is another's matter. */
static char *read_file_of(const struct plan *p, const struct setting *s)
{
	int fd = hierarchy_file(p->cgroup, s->h, s->file, O_RDONLY);
	char *text = NULL;

	if (fd == -ENOENT && *s->fallback)
		fd = hierarchy_file(p->cgroup, s->h, s->fallback, O_RDONLY);
	if (fd < 0)
		return NULL;
	if (file_read(fd, 1 << 20, &text, NULL) < 0)
		text = NULL;
	(void)fd_close(fd);
	return text;
}

/* Of a v2 cpuset that has no list of its own: the one above it counts.  Owned by the caller; NULL: it has one. */
static char *read_effective(const struct plan *p, const struct setting *s)
{
	char file[160], text[KNOB_VALUE_MAX];

	if (!text_starts(s->file, "cpuset.") || !s->before || s->before[strspn(s->before, "\n")])
		return NULL;
	snprintf(file, sizeof(file), "%s.effective", s->file);
	return hierarchy_read(p->cgroup, s->h, file, text, sizeof(text)) < 0 ? NULL : strdup(text);
}

/* The line of text that begins with the first word of value, without its end; its length in *n.  NULL: there is none. */
static const char *line_of(const char *text, const char *value, size_t *n)
{
	size_t key = strcspn(value, " ");

	for (const char *at = text; *at; at += *n, at += *at == '\n') {
		*n = strcspn(at, "\n");
		if (*n > key && memcmp(at, value, key) == 0 && at[key] == ' ')
			return at;
	}
	return NULL;
}

/* What the file said of the setting's matter, as it can be written back. */
static void value_before(const struct setting *s, char *ret, size_t size)
{
	const char *line = s->before;
	size_t n = strcspn(line, "\n");

	if (s->reset) {
		line = line_of(s->before, s->own, &n);
		if (!line) {
			snprintf(ret, size, "%.*s %s", (int)strcspn(s->own, " "), s->own, s->reset);
			return;
		}
	} else if (text_starts(line, "oom_kill_disable ")) { /* memory.oom_control is read otherwise than written */
		n = 1;
		line += strlen("oom_kill_disable ");
	}
	snprintf(ret, size, "%.*s", (int)n, line);
}

/* What takes a line away, behind its key, of the kernel's files that have lines only for what is limited. */
static const char *reset_of(const char *file)
{
	static const char *const resets[][2] = {
		{ "io.max", "rbps=max wbps=max riops=max wiops=max" },
		{ "io.latency", "target=0" },
		{ "io.weight", "default" },
		{ "io.bfq.weight", "default" },
	};

	for (size_t i = 0; i < sizeof(resets) / sizeof(resets[0]); i++)
		if (strcmp(file, resets[i][0]) == 0)
			return resets[i][1];
	return NULL;
}

/* unified: takes away the lines that were not there before, then writes what was. */
static int put_lines_back(const struct plan *p, const struct setting *s)
{
	const char *reset = reset_of(s->file);
	size_t n;

	for (const char *at = s->value; reset && *at; at += n, at += *at == '\n') {
		char line[KNOB_VALUE_MAX];
		size_t ignored;
		int r;

		n = strcspn(at, "\n");
		if (line_of(s->before, at, &ignored))
			continue;
		snprintf(line, sizeof(line), "%.*s %s", (int)strcspn(at, " \n"), at, reset);
		r = hierarchy_write(p->cgroup, s->h, s->file, line);
		if (r < 0 && r != -ENODEV && r != -EINVAL) /* such a line was refused, and is not there */
			return r;
	}
	if (!s->before[strspn(s->before, "\n")]) /* nothing: an empty line, where that is a value */
		return reset ? 0 : hierarchy_write(p->cgroup, s->h, s->file, "\n");
	return plan_write_lines(p->cgroup, s, s->file, s->before);
}

static int put_back(const struct plan *p, const struct setting *s)
{
	char value[KNOB_VALUE_MAX];
	int r;

	if (!s->before)
		return 0;
	if (s->value)
		return put_lines_back(p, s);
	value_before(s, value, sizeof(value));
	r = hierarchy_write(p->cgroup, s->h, s->file, *value ? value : "\n"); /* an empty cpuset is an empty line */
	if (r == -ENOSPC && s->effective) /* with processes in it, a cpuset is not emptied any more: what they had */
		r = hierarchy_write(p->cgroup, s->h, s->file, s->effective);
	if (r == -ENOENT && *s->fallback)
		r = hierarchy_write(p->cgroup, s->h, s->fallback, *value ? value : "\n");
	return r;
}

/* The number that a value begins with; "max" and -1 are above all. */
static bool read_amount(const char *text, uint64_t *ret)
{
	if (text_starts(text, "max") || text_starts(text, "-1"))
		*ret = UINT64_MAX;
	else if (isdigit((unsigned char)*text))
		*ret = strtoull(text, NULL, 10);
	else
		return false;
	return true;
}

/* Files of lines, and lists, are neither. */
static bool is_lowering(const struct setting *s)
{
	const char *value = s->value ? s->value : s->own;
	uint64_t before, after;

	if (!s->before || s->reset || strchr(value, ':') || strpbrk(value, "\n,"))
		return false;
	return read_amount(s->before, &before) && read_amount(value, &after) && after < before;
}

/* In the reverse order, and again as long as it gets further: what depends on each other goes back as it came. */
static void roll_back(struct plan *p)
{
	for (bool further = true; further;) {
		further = false;
		for (size_t i = p->n; i-- > 0;) {
			struct setting *s = &p->settings[i];
			int r = s->touched ? put_back(p, s) : -EAGAIN;

			if (r < 0 && r != -ENODEV) /* a device that is not there has no line */
				continue;
			s->touched = false;
			further = true;
		}
	}
	for (size_t i = 0; i < p->n; i++)
		if (p->settings[i].touched)
			log_warning("%s%s: %s could not be put back", RESOURCES_POINTER, p->settings[i].pointer,
				    p->settings[i].file);
}

/* "FILE VALUE" as the kernel has it now. */
static void add_report(const struct plan *p, const struct setting *s, struct text *report)
{
	auto_free char *now = read_file_of(p, s);
	const char *line = now, *value = s->value ? s->value : s->own;
	size_t n = now ? strcspn(now, "\n") : 0;

	if (now && (s->reset || s->value) && strchr(value, ' ')) {
		line = line_of(now, value, &n);
		line = line ? line : now;
	}
	text_printf(report, "%s %.*s\n", s->file, (int)n, line ? line : "");
}

/* systemd first: what it writes itself is rounded, and it answers nothing else before it has written. */
static int update_unit(struct plan *p, const struct oci_resources *resources, struct error *err)
{
	struct variant *properties = variant_new("a(sv)");
	int r = properties ? knobs_unit(p->cgroup, resources, properties, err)
			   : fail(err, -ENOMEM, "cannot list the properties of the unit");

	if (r == 0 && properties->first)
		r = unit_set(p->cgroup, properties, err);
	variant_free(properties);
	return r;
}

/* Of memory and swap, one is needed for the other: v2's swap alone is what is above the limit, and v1 lets no limit be
 * above that of both. */
static void complete_memory(const struct cgroup *cgroup, const struct oci_memory *before, struct oci_memory *memory)
{
	if (memory->swap > 0 && memory->limit == 0 && before && before->limit > 0) {
		memory->limit = before->limit;
		memory->has_limit = true;
	}
	if (memory->limit == -1 && memory->swap == 0 && before && before->swap > 0 && hierarchy_of(cgroup, "memory")) {
		memory->swap = -1;
		memory->has_swap = true;
	}
}

/* The unit first, as it came: the files count.  systemd has written to files that no write of ours has got to, and not all
 * of them are as before when the property is. */
static void undo_unit(const struct plan *p, const struct oci_resources *before)
{
	struct variant *properties = variant_new("a(sv)");
	const char *io_max = NULL;
	struct error err;

	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->settings[i].file, "io.max") == 0 && !p->settings[i].value)
			io_max = p->settings[i].before;
	if (properties && knobs_unit_back(p->cgroup, p->resources, before, io_max, properties, &err) == 0 && properties->first &&
	    unit_set(p->cgroup, properties, &err) < 0)
		log_warning("the properties of the unit could not be put back: %s", err.text);
	variant_free(properties);
}

static void undo_update(struct plan *p, const struct oci_resources *before)
{
	if (p->cgroup->unit) {
		undo_unit(p, before);
		for (size_t i = 0; i < p->n; i++)
			p->settings[i].touched = true;
	}
	roll_back(p);
}

int knobs_update(struct cgroup *cgroup, const struct oci_resources *resources, const struct oci_resources *before,
		 const struct cgroup_keep *keep, struct text *report, struct error *err)
{
	struct oci_resources whole = *resources;
	struct plan p = { .cgroup = cgroup, .resources = &whole, .err = err };
	struct oci_memory memory;
	int r;

	if (cgroup->n == 0)
		return plan_refuse(resources, err) < 0 ? -1 : keep->run(keep->context, err);
	if (whole.memory) {
		memory = *whole.memory;
		complete_memory(cgroup, before ? before->memory : NULL, &memory);
		whole.memory = &memory;
	}
	r = plan_make(&p);
	if (r == 0)
		r = plan_check_usage(&p);
	if (r == 0)
		r = plan_enable(&p);
	for (size_t i = 0; i < p.n && r == 0; i++) {
		p.settings[i].before = read_file_of(&p, &p.settings[i]);
		p.settings[i].effective = read_effective(&p, &p.settings[i]);
		p.settings[i].lowers = is_lowering(&p.settings[i]);
	}
	if (r == 0 && cgroup->unit)
		r = update_unit(&p, &whole, err);
	if (r == 0) {
		r = plan_write(&p);
		if (r == 0)
			r = keep->run(keep->context, err);
		if (r < 0)
			undo_update(&p, before);
	}
	for (size_t i = 0; i < p.n && r == 0 && report; i++)
		add_report(&p, &p.settings[i], report);
	plan_free(&p);
	return r;
}
