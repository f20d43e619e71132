// SPDX-License-Identifier: LGPL-2.1-or-later
/* devices.c - device rules in the order of the spec, and v1's two lists.
 *
 * v1 knows one default and exceptions to it, without an order, and it silently ignores what it cannot take out of an
 * exception: so the rules are played through here first, and what v1 could not say is refused. */
#include "cgroup/devices.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroup/bpf.h"
#include "cgroup/knobs.h"
#include "cgroup/private.h"
#include "ocispec.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What stays possible when a rule denies all devices (of a type) altogether, the same as with other runtimes: the devices that the spec puts
 * into every container, terminals, tun (its use needs a capability in the network namespace), and making nodes: a node
 * that cannot be opened is harmless, and package managers unpack some.  A rule behind can still deny each of them. */
// clang-format off
static const struct device_rule defaults[] = {
	{ true, 'c', DEVICE_ANY, DEVICE_ANY, ACCESS_MKNOD, true, true },
	{ true, 'b', DEVICE_ANY, DEVICE_ANY, ACCESS_MKNOD, true, true },
	{ true, 'c', 1, 3, ACCESS_ALL, false, true },	    /* null */
	{ true, 'c', 1, 5, ACCESS_ALL, false, true },	    /* zero */
	{ true, 'c', 1, 7, ACCESS_ALL, false, true },	    /* full */
	{ true, 'c', 1, 8, ACCESS_ALL, false, true },	    /* random */
	{ true, 'c', 1, 9, ACCESS_ALL, false, true },	    /* urandom */
	{ true, 'c', 5, 0, ACCESS_ALL, false, true },	    /* tty */
	{ true, 'c', 5, 2, ACCESS_ALL, false, true },	    /* ptmx */
	{ true, 'c', 136, DEVICE_ANY, ACCESS_ALL, false, true }, /* pts/N */
	{ true, 'c', 10, 200, ACCESS_ALL, false, true },	    /* net/tun */
};
// clang-format on

/* ---- order ---- */

static unsigned access_of(const char *text)
{
	unsigned access = 0;

	for (; text && *text; text++)
		access |= *text == 'r' ? ACCESS_READ : *text == 'w' ? ACCESS_WRITE : *text == 'm' ? ACCESS_MKNOD : 0U;
	return text ? access : (unsigned)ACCESS_ALL;
}

static void add_rule(struct device_rules *to, bool allow, char type, int64_t major, int64_t minor, unsigned access)
{
	to->rules[to->n++] = (struct device_rule){ allow, type, major, minor, access, false, false };
}

int device_rules_compile(const struct oci_device_rule *spec, size_t n, struct device_rules *ret)
{
	*ret = (struct device_rules){ .allow = true };
	ret->rules = calloc(n * (2 + COUNT(defaults)) + 1, sizeof(*ret->rules));
	if (!ret->rules)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct oci_device_rule *rule = &spec[i];
		char type = rule->has_type ? (char)rule->type : 'a';
		/* -1, as some engines write it, is the kernel's own "all" */
		int64_t major = rule->has_major && rule->major != -1 ? rule->major : DEVICE_ANY;
		int64_t minor = rule->has_minor && rule->minor != -1 ? rule->minor : DEVICE_ANY;
		unsigned access = access_of(rule->access);
		bool wide = major == DEVICE_ANY && minor == DEVICE_ANY;

		if (access == 0)
			continue;
		if (type == 'a' && wide && access == ACCESS_ALL) {
			ret->n = 0;
			ret->all_said = true;
			ret->allow = rule->allow;
		} else {
			if (type != 'b')
				add_rule(ret, rule->allow, 'c', major, minor, access);
			if (type != 'c')
				add_rule(ret, rule->allow, 'b', major, minor, access);
		}
		if (wide && !rule->allow && access == ACCESS_ALL)
			for (size_t d = 0; d < COUNT(defaults); d++)
				if (type == 'a' || type == defaults[d].type)
					ret->rules[ret->n++] = defaults[d];
	}
	return 0;
}

/* ---- v1 ---- */

/* All devices of b are devices of a. */
static bool covers(const struct device_rule *a, const struct device_rule *b)
{
	return a->type == b->type && (a->major == DEVICE_ANY || a->major == b->major) &&
	       (a->minor == DEVICE_ANY || a->minor == b->minor);
}

static bool overlap(const struct device_rule *a, const struct device_rule *b)
{
	return a->type == b->type && (a->major == DEVICE_ANY || b->major == DEVICE_ANY || a->major == b->major) &&
	       (a->minor == DEVICE_ANY || b->minor == DEVICE_ANY || a->minor == b->minor);
}

/* Takes what rule speaks of out of the first n exceptions.  false: it is a part of one that cannot be split. */
static bool subtract(struct device_rule *exceptions, size_t n, const struct device_rule *rule)
{
	for (size_t i = 0; i < n; i++) {
		if (!overlap(&exceptions[i], rule) || !(exceptions[i].access & rule->access))
			continue;
		if (!covers(rule, &exceptions[i])) {
			if (!exceptions[i].soft)
				return false;
			continue;
		}
		exceptions[i].access &= ~rule->access;
	}
	return true;
}

/* Removes what has no access left, or is said by another one. */
static size_t compact(struct device_rule *exceptions, size_t n)
{
	size_t kept = 0;

	/* The kernel wants one exception that allows all of a request; it never asks for mknod, which the soft ones are
	 * about, and for reading or writing at once. */
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			if (exceptions[i].access && !exceptions[k].soft && covers(&exceptions[k], &exceptions[i]))
				exceptions[i].access |= exceptions[k].access;
	for (size_t i = 0; i < n; i++) {
		bool needed = exceptions[i].access != 0;

		for (size_t k = 0; k < n && needed; k++)
			if (k != i && covers(&exceptions[k], &exceptions[i]) &&
			    !(exceptions[i].access & ~exceptions[k].access) &&
			    (k < i || !covers(&exceptions[i], &exceptions[k])))
				needed = false;
		if (!needed)
			exceptions[i].access = 0;
	}
	for (size_t i = 0; i < n; i++)
		if (exceptions[i].access)
			exceptions[kept++] = exceptions[i];
	return kept;
}

int device_rules_flatten(struct device_rules *rules, size_t *ret_index)
{
	size_t n = 0;

	for (size_t i = 0; i < rules->n; i++) {
		struct device_rule rule = rules->rules[i];

		if (rule.allow != rules->allow) {
			rules->rules[n++] = rule;
		} else if (!subtract(rules->rules, n, &rule)) {
			*ret_index = i;
			return -EOPNOTSUPP;
		}
	}
	rules->n = compact(rules->rules, n);
	return 0;
}

static void number(int64_t value, char ret[24])
{
	if (value == DEVICE_ANY)
		strcpy(ret, "*");
	else
		snprintf(ret, 24, "%" PRId64, value);
}

static void format_rule(const struct device_rule *rule, char *ret, size_t size)
{
	char major[24], minor[24];

	number(rule->major, major);
	number(rule->minor, minor);
	snprintf(ret, size, "%c %s:%s %s%s%s", rule->type, major, minor, rule->access & ACCESS_READ ? "r" : "",
		 rule->access & ACCESS_WRITE ? "w" : "", rule->access & ACCESS_MKNOD ? "m" : "");
}

static int flatten(struct device_rules *rules, struct error *err)
{
	char text[80];
	size_t index;

	if (device_rules_flatten(rules, &index) == 0)
		return 0;
	format_rule(&rules->rules[index], text, sizeof(text));
	return fail(err, ERR_UNSUPPORTED, "%s/devices: cgroup v1 cannot %s \"%s\" as part of a wider rule before it",
		    RESOURCES_POINTER, rules->rules[index].allow ? "allow" : "deny", text);
}

/* Rules that say nothing of all devices are exceptions to what is in force, which must be "all". */
static int check_base(struct cgroup *cgroup, struct hierarchy *h, struct error *err)
{
	char now[64];
	ssize_t n = hierarchy_read(cgroup, h, "devices.list", now, sizeof(now));

	if (n < 0)
		return fail(err, (int)n, "%s/devices: cannot read devices.list", RESOURCES_POINTER);
	if (strcmp(now, "a *:* rwm") != 0)
		return fail(err, ERR_UNSUPPORTED,
			    "%s/devices: devices are restricted here already; begin with a rule for all devices",
			    RESOURCES_POINTER);
	return 0;
}

static int write_exceptions(const struct device_rules *rules, bool usual, int fd, const char *file, struct error *err)
{
	for (size_t i = 0; i < rules->n; i++) {
		char text[80];

		if (rules->rules[i].usual != usual)
			continue;
		format_rule(&rules->rules[i], text, sizeof(text));
		if (write(fd, text, strlen(text)) < 0)
			return fail(err, -errno, "%s/devices: cannot write %s to %s", RESOURCES_POINTER, text, file);
	}
	return 0;
}

static int apply_v1(struct cgroup *cgroup, struct hierarchy *h, struct device_rules *rules, struct error *err)
{
	const char *file = rules->allow ? "devices.deny" : "devices.allow";
	auto_close int fd = -1;

	if (flatten(rules, err) < 0)
		return -1;
	if (!rules->all_said && check_base(cgroup, h, err) < 0)
		return -1;
	if (rules->all_said) {
		const char *all = rules->allow ? "devices.allow" : "devices.deny";
		int r = hierarchy_write(cgroup, h, all, "a");

		if (r < 0)
			return fail(err, r, "%s/devices: cannot write a to %s", RESOURCES_POINTER, all);
	}
	if (rules->n == 0)
		return 0;
	fd = hierarchy_file(cgroup, h, file, O_WRONLY);
	if (fd < 0)
		return fail(err, fd, "%s/devices: cannot open %s", RESOURCES_POINTER, file);
	/* Order means nothing here: who reads devices.list finds what the config asks for first. */
	if (write_exceptions(rules, false, fd, file, err) < 0)
		return -1;
	return write_exceptions(rules, true, fd, file, err);
}

/* ---- v2 ---- */

static int apply_v2(struct cgroup *cgroup, struct hierarchy *h, const struct device_rules *rules, struct error *err)
{
	auto_free struct bpf_insn *program = NULL;
	auto_close int dir = -1;
	char log[512];
	size_t n;
	int r;

	if (rules->allow && rules->n == 0)
		return 0;
	r = hierarchy_open(cgroup, h);
	dir = r < 0 ? r : openat(h->at, cgroup->leaf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return fail(err, r < 0 ? r : -errno, "%s/devices: cannot open cgroup %s", RESOURCES_POINTER,
			    cgroup->path);
	r = bpf_device_program(rules, &program, &n);
	if (r < 0)
		return fail(err, r, "%s/devices: cannot write the BPF program", RESOURCES_POINTER);
	r = bpf_device_attach(dir, program, n, log, sizeof(log));
	if (r < 0)
		return fail(err, r, "%s/devices: cannot attach the BPF program%s%s", RESOURCES_POINTER,
			    *log ? ": " : "", log);
	return 0;
}

/* ---- both ---- */

static struct hierarchy *device_hierarchy(const struct cgroup *cgroup)
{
	struct hierarchy *h = hierarchy_of(cgroup, "devices");

	return h ? h : hierarchy_unified(cgroup);
}

int devices_check(const struct cgroup *cgroup, const struct oci_device_rule *spec, size_t n, struct error *err)
{
	struct hierarchy *h = device_hierarchy(cgroup);
	struct device_rules rules;
	int r = 0;

	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		if ((spec[i].has_major && (spec[i].major < -1 || spec[i].major > UINT32_MAX)) ||
		    (spec[i].has_minor && (spec[i].minor < -1 || spec[i].minor > UINT32_MAX)))
			return fail(err, ERR_CONFIG, "%s/devices/%zu: is no number of a device", RESOURCES_POINTER, i);
	if (!h)
		return fail(err, ERR_UNSUPPORTED, "%s/devices: this host has no cgroup hierarchy for devices",
			    RESOURCES_POINTER);
	if (h->unified)
		return 0;
	if (device_rules_compile(spec, n, &rules) < 0)
		return fail(err, -ENOMEM, "%s/devices", RESOURCES_POINTER);
	r = flatten(&rules, err);
	free(rules.rules);
	return r;
}

int devices_apply(struct cgroup *cgroup, const struct oci_device_rule *spec, size_t n, struct error *err)
{
	struct hierarchy *h = device_hierarchy(cgroup);
	struct device_rules rules;
	int r;

	if (n == 0 || !h)
		return 0;
	if (device_rules_compile(spec, n, &rules) < 0)
		return fail(err, -ENOMEM, "%s/devices", RESOURCES_POINTER);
	r = h->unified ? apply_v2(cgroup, h, &rules, err) : apply_v1(cgroup, h, &rules, err);
	free(rules.rules);
	return r;
}
