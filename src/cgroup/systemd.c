// SPDX-License-Identifier: LGPL-2.1-or-later
/* systemd.c - the unit of a container: a transient scope (or slice) below the slice that was asked for.
 *
 * A scope cannot be made empty.  So a process that only waits, the keeper, is its first one, until the container's init
 * has been cloned into the directory: everything behind cgroup_create is the same with every driver. */
#include "cgroup/private.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/annotations.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/bus.h"
#include "cgroup/knobs.h"
#include "cgroup/variant.h"
#include "kernel/namespaces.h"
#include "kernel/pidfd.h"
#include "kernel/sys.h"
#include "ocispec.h"

#define MANAGER "org.freedesktop.systemd1.Manager"

/* ---- names ---- */

/* What a unit's name may hold (systemd.unit(5)); the rest is written as \xNN, as systemd-escape(1) does. */
static bool is_unit_character(char c)
{
	return isalnum((unsigned char)c) || strchr(":_.\\@-", c);
}

static void escape(struct text *to, const char *from)
{
	for (; *from; from++)
		if (is_unit_character(*from))
			text_append(to, from, 1);
		else
			text_printf(to, "\\x%02x", (unsigned char)*from);
}

static int check_unit_name(const char *name, struct error *err)
{
	if (strlen(name) >= NAME_MAX)
		return fail(err, ERR_CONFIG, "the unit's name is longer than %d bytes", NAME_MAX - 1);
	for (const char *c = name; *c; c++)
		if (!is_unit_character(*c))
			return fail(err, ERR_CONFIG, "%s is no name of a unit", name);
	return 0;
}

/* The directories of a slice: a-b.slice is at /a.slice/a-b.slice.  Appends; 0 or -1 with err */
static int expand_slice(struct text *path, const char *slice, struct error *err)
{
	size_t length = strlen(slice), suffix = strlen(".slice");

	if (strcmp(slice, "-.slice") == 0)
		return 0;
	if (length <= suffix || strcmp(slice + length - suffix, ".slice") != 0)
		return fail(err, ERR_CONFIG, "%s is no slice: its name must end in .slice", slice);
	if (check_unit_name(slice, err) < 0)
		return -1;
	length -= suffix;
	if (slice[0] == '-' || slice[length - 1] == '-' || strstr(slice, "--"))
		return fail(err, ERR_CONFIG, "%s is no slice: a name between dashes is empty", slice);
	for (size_t i = 1; i <= length; i++)
		if (i == length || slice[i] == '-')
			text_printf(path, "/%.*s.slice", (int)i, slice);
	return 0;
}

/* slice:prefix:name; nothing stands for the default slice, "hull" and the id. */
static int read_path(struct unit *unit, const char *cgroups_path, const char *id, struct error *err)
{
	auto_text struct text name = TEXT_INIT;
	const char *at = cgroups_path && *cgroups_path ? cgroups_path : NULL;
	const char *first = at ? strchr(at, ':') : NULL, *second = first ? strchr(first + 1, ':') : NULL;
	size_t length = strlen(at ? at : id);

	if (at && (!second || strchr(second + 1, ':') || strchr(at, '/') || !second[1]))
		return fail(err, ERR_CONFIG, "expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, got \"%s\" instead",
			    at);
	if (at && first != at)
		unit->slice = strndup(at, (size_t)(first - at));
	else
		unit->slice = strdup(unit->user ? "user.slice" : "system.slice");
	unit->is_slice = at && length > 6 && strcmp(at + length - 6, ".slice") == 0;
	if (!unit->is_slice && (!at || second != first + 1)) {
		auto_free char *prefix = at ? strndup(first + 1, (size_t)(second - first - 1)) : strdup("hull");

		if (!prefix)
			return fail(err, -ENOMEM, "cannot plan the unit");
		escape(&name, prefix);
		text_puts(&name, "-");
	}
	escape(&name, at ? second + 1 : id);
	if (!unit->is_slice)
		text_puts(&name, ".scope");
	if (!unit->slice || name.failed)
		return fail(err, -ENOMEM, "cannot plan the unit");
	unit->name = take_ptr(name.data);
	return check_unit_name(unit->name, err);
}

/* ---- whose systemd ---- */

bool unit_is_user(void)
{
	auto_close int procfs = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return geteuid() != 0 || (procfs >= 0 && !namespace_is_initial_user(procfs));
}

static struct unit *new_unit(bool user)
{
	struct unit *unit = calloc(1, sizeof(*unit));

	if (unit) {
		unit->user = user;
		unit->keeper = -1;
	}
	return unit;
}

static int connect_bus(struct unit *unit, struct error *err)
{
	return unit->bus ? 0 : bus_open(unit->user, &unit->bus, err);
}

/* A property of the manager or a unit, that is a text. */
static int get_text(struct unit *unit, const char *path, const char *interface, const char *property,
		    struct bus_reply *reply, struct error *err)
{
	struct variant *args = variant_new("(");
	int r;

	(void)variant_add_text(args, "s", interface);
	if (!variant_add_text(args, "s", property))
		r = fail(err, -ENOMEM, "cannot ask systemd for %s", property);
	else
		r = bus_call(unit->bus, path, "org.freedesktop.DBus.Properties", "Get", args, reply, err);
	variant_free(args);
	return r;
}

int unit_plan(struct cgroup *cgroup, const char *cgroups_path, const char *id, char **ret_path, struct error *err)
{
	auto_text struct text path = TEXT_INIT, below = TEXT_INIT;
	struct unit *unit = new_unit(unit_is_user());
	struct bus_reply reply;

	cgroup->unit = unit;
	if (!unit)
		return fail(err, -ENOMEM, "cannot plan the unit");
	if (read_path(unit, cgroups_path, id, err) < 0 ||
	    expand_slice(&below, unit->is_slice ? unit->name : unit->slice, err) < 0 || connect_bus(unit, err) < 0)
		return -1;
	if (get_text(unit, NULL, MANAGER, "ControlGroup", &reply, err) < 0)
		return -1;
	text_printf(&path, "%s%s", strcmp(reply.text, "/") == 0 ? "" : reply.text, text_string(&below));
	if (!unit->is_slice)
		text_printf(&path, "/%s", unit->name);
	if (path.failed || below.failed)
		return fail(err, -ENOMEM, "cannot plan the unit");
	*ret_path = take_ptr(path.data);
	return 0;
}

int unit_reopen(struct cgroup *cgroup, bool user)
{
	size_t length = strlen(cgroup->leaf);

	cgroup->unit = new_unit(user);
	if (cgroup->unit)
		cgroup->unit->name = strdup(cgroup->leaf);
	if (!cgroup->unit || !cgroup->unit->name)
		return -ENOMEM;
	cgroup->unit->is_slice = length > 6 && strcmp(cgroup->leaf + length - 6, ".slice") == 0;
	return 0;
}

/* ---- properties ---- */

struct variant *unit_property(struct variant *properties, const char *name, const char *type)
{
	struct variant *pair = variant_add(properties, "(sv)");

	if (!variant_add_text(pair, "s", name))
		return NULL;
	return variant_add(variant_add(pair, "v"), type);
}

static void set_number(struct variant *properties, const char *name, const char *type, uint64_t number, bool *failed)
{
	struct variant *v = unit_property(properties, name, type);

	if (v)
		v->number = number;
	else
		*failed = true;
}

static void set_text(struct variant *properties, const char *name, const char *text, bool *failed)
{
	struct variant *v = unit_property(properties, name, "s");

	if (v)
		v->text = strdup(text);
	if (!v || !v->text)
		*failed = true;
}

#define PREFIX ANNOTATION_SYSTEMD_PROPERTY

/* Seconds, for people: NameSec = 1.5 is NameUSec = uint64 1500000. */
static int to_microseconds(struct variant *v)
{
	double seconds = *v->type == 'd' ? v->real : (double)(int64_t)v->number;

	if (strchr("bsav(", *v->type) || !(seconds >= 0 && seconds <= 1e12))
		return -EINVAL;
	*v->type = 't';
	v->number = (uint64_t)(seconds * 1e6 + 0.5);
	return 0;
}

/* What the runtime itself decides: the container's place and its processes. */
static bool is_reserved(const char *name)
{
	return strcmp(name, "PIDs") == 0 || strcmp(name, "PIDFDs") == 0 || strcmp(name, "Slice") == 0 ||
	       strcmp(name, "Delegate") == 0;
}

static int add_annotation(struct variant *properties, const char *name, const char *text, struct error *err)
{
	size_t length = strlen(name), at;
	struct variant *value, *pair;
	char whole[128];
	int r;

	if (length < 3 || length > 100 ||
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != length)
		return fail(err, ERR_CONFIG, "%s is no name of a property", name);
	if (is_reserved(name))
		return fail(err, ERR_CONFIG, "%s is for hull to set", name);
	r = variant_parse(text, &value, &at);
	if (r == -ENOMEM)
		return fail(err, r, "cannot read its value");
	if (r < 0)
		return fail(err, ERR_CONFIG, "%s is no GVariant text (at byte %zu)", text, at);
	snprintf(whole, sizeof(whole), "%s", name);
	if (length > 3 && strcmp(name + length - 3, "Sec") == 0 && name[length - 4] != 'U') {
		if (to_microseconds(value) < 0) {
			variant_free(value);
			return fail(err, ERR_CONFIG, "%s is no number of seconds", text);
		}
		snprintf(whole + length - 3, sizeof(whole) - length + 3, "USec");
	}
	pair = variant_add(properties, "(sv)");
	if (!variant_add_text(pair, "s", whole)) {
		variant_free(value);
		return fail(err, -ENOMEM, "cannot keep the property");
	}
	return variant_adopt(variant_add(pair, "v"), value) ? 0 : fail(err, -ENOMEM, "cannot keep the property");
}

int cgroup_describe(struct cgroup *cgroup, const char *id, const struct oci_config *config, struct error *err)
{
	const struct oci_resources *resources = config->linux ? config->linux->resources : NULL;
	const bool v2 = cgroup->driver == &driver_fs2;
	struct unit *unit = cgroup->unit;
	struct variant *p;
	char text[300];
	bool failed = false;

	if (!unit)
		return 0;
	p = unit->properties = variant_new("a(sv)");
	if (!p)
		return fail(err, -ENOMEM, "cannot describe the unit");
	snprintf(text, sizeof(text), "hull container %s", id);
	set_text(p, "Description", text, &failed);
	if (!unit->is_slice) {
		set_text(p, "Slice", unit->slice, &failed);
		set_number(p, "Delegate", "b", 1, &failed);
	}
	set_number(p, "DefaultDependencies", "b", 0, &failed);
	set_text(p, "CollectMode", "inactive-or-failed", &failed); /* nothing is left of it, however it ends */
	set_number(p, "CPUAccounting", "b", 1, &failed);
	set_number(p, "MemoryAccounting", "b", 1, &failed);
	set_number(p, v2 ? "IOAccounting" : "BlockIOAccounting", "b", 1, &failed);
	set_number(p, "TasksAccounting", "b", 1, &failed);
	/* Else systemd's DefaultTasksMax: no limit that the config does not have. */
	set_number(p, "TasksMax", "t", UINT64_MAX, &failed);
	if (failed)
		return fail(err, -ENOMEM, "cannot describe the unit");
	if (knobs_unit(cgroup, resources, p, err) < 0)
		return -1;
	/* Last, so that they win. */
	for (size_t i = 0; i < config->n_annotations; i++)
		if (text_starts(config->annotations[i].key, PREFIX) &&
		    add_annotation(p, config->annotations[i].key + strlen(PREFIX), config->annotations[i].value, err) < 0)
			return within(err, "config.json:/annotations/%s", config->annotations[i].key);
	return 0;
}

/* ---- the keeper ---- */

static void keep(pid_t parent) __attribute__((noreturn));
static void keep(pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	(void)sys_close_range(0, ~0U, 0); /* whatever it holds open would stay open */
	for (;;)
		pause();
}

/* Its pid; unit->keeper is its pidfd. */
static pid_t start_keeper(struct unit *unit)
{
	struct clone_args args = { .flags = CLONE_PIDFD, .exit_signal = SIGCHLD };
	pid_t parent = getpid(), pid;

	args.pidfd = (uint64_t)(uintptr_t)&unit->keeper;
	pid = sys_clone3(&args);
	if (pid == 0)
		keep(parent);
	if (pid < 0)
		unit->keeper = -1;
	return pid;
}

void unit_settled(struct unit *unit)
{
	int status;

	if (!unit || unit->keeper < 0)
		return;
	(void)pidfd_kill(unit->keeper, SIGKILL);
	(void)pidfd_reap(unit->keeper, &status); /* it was ours, and is gone */
	unit->keeper = fd_close(unit->keeper);
}

/* ---- the unit ---- */

static int call_named(struct unit *unit, const char *method, const char *second, struct bus_reply *reply, struct error *err)
{
	struct variant *args = variant_new("(");
	bool whole = variant_add_text(args, "s", unit->name) && (!second || variant_add_text(args, "s", second));
	int r;

	if (whole)
		r = bus_call(unit->bus, NULL, MANAGER, method, args, reply, err);
	else
		r = fail(err, -ENOMEM, "cannot call %s of systemd", method);
	variant_free(args);
	return r;
}

static struct variant *copy(struct variant *parent, const struct variant *v)
{
	struct variant *made = variant_add(parent, v->type);

	if (!made)
		return NULL;
	made->number = v->number;
	made->real = v->real;
	if (v->text) {
		made->text = strdup(v->text);
		if (!made->text)
			return NULL;
	}
	for (const struct variant *item = v->first; item; item = item->next)
		if (!copy(made, item))
			return NULL;
	return made;
}

/* The arguments of StartTransientUnit, owned by the caller; NULL without memory. */
static struct variant *start_arguments(struct unit *unit, pid_t keeper)
{
	struct variant *args = variant_new("("), *properties;
	bool failed = !variant_add_text(args, "s", unit->name) || !variant_add_text(args, "s", "fail");

	properties = unit->properties ? copy(args, unit->properties) : variant_add(args, "a(sv)");
	if (keeper > 0 &&
	    !variant_add_number(unit_property(properties, "PIDs", "au"), "u", (uint64_t)keeper))
		failed = true;
	if (!properties || !variant_add(args, "a(sa(sv))"))
		failed = true;
	if (!failed)
		return args;
	variant_free(args);
	return NULL;
}

/* One attempt: the job's path in reply. */
static int start(struct unit *unit, const struct variant *args, struct bus_reply *reply, struct error *err)
{
	struct bus_reply ignored;
	struct error why;

	if (bus_call(unit->bus, NULL, MANAGER, "StartTransientUnit", args, reply, err) == 0)
		return 0;
	if (strcmp(reply->error, "org.freedesktop.systemd1.UnitExists") != 0)
		return -1;
	/* It may be the failed remains of one; then it goes away by this, and else it stays. */
	log_debug("unit %s exists: its failure is reset", unit->name);
	if (call_named(unit, "ResetFailedUnit", NULL, &ignored, &why) < 0)
		return -1;
	return bus_call(unit->bus, NULL, MANAGER, "StartTransientUnit", args, reply, err);
}

/* The directory that systemd made. */
static int find_path(struct unit *unit, char **ret_path, struct error *err)
{
	struct bus_reply reply;
	char path[BUS_TEXT_MAX];

	if (call_named(unit, "GetUnit", NULL, &reply, err) < 0)
		return -1;
	memcpy(path, reply.text, sizeof(path));
	if (get_text(unit, path, unit->is_slice ? "org.freedesktop.systemd1.Slice" : "org.freedesktop.systemd1.Scope",
		     "ControlGroup", &reply, err) < 0)
		return -1;
	if (reply.text[0] != '/')
		return fail(err, ERR_HOST, "systemd made no cgroup for it");
	*ret_path = strdup(reply.text);
	return *ret_path ? 0 : fail(err, -ENOMEM, "cannot remember the cgroup");
}

static int start_and_wait(struct unit *unit, char **ret_path, struct error *err)
{
	struct variant *args;
	struct bus_reply reply;
	pid_t keeper = 0;
	int r;

	if (connect_bus(unit, err) < 0)
		return -1;
	if (!unit->is_slice)
		keeper = start_keeper(unit);
	if (keeper < 0)
		return fail(err, (int)keeper, "cannot fork its first process");
	args = start_arguments(unit, keeper);
	r = args ? start(unit, args, &reply, err) : fail(err, -ENOMEM, "cannot describe it");
	variant_free(args);
	if (r < 0)
		return -1;
	unit->started = true;
	if (bus_wait_job(unit->bus, reply.text, err) < 0)
		return -1;
	return find_path(unit, ret_path, err);
}

int unit_start(struct cgroup *cgroup, char **ret_path, struct error *err)
{
	return start_and_wait(cgroup->unit, ret_path, err) < 0 ? within(err, "unit %s", cgroup->unit->name) : 0;
}

int unit_attach(struct cgroup *cgroup, pid_t pid, struct error *err)
{
	struct unit *unit = cgroup->unit;
	struct variant *args = variant_new("(");
	struct bus_reply reply;
	bool whole = variant_add_text(args, "s", unit->name) && variant_add_text(args, "s", "") &&
		     variant_add_number(variant_add(args, "au"), "u", (uint64_t)pid);
	int r;

	if (!whole)
		r = fail(err, -ENOMEM, "cannot move process %d", (int)pid);
	else
		r = connect_bus(unit, err);
	if (r == 0)
		r = bus_call(unit->bus, NULL, MANAGER, "AttachProcessesToUnit", args, &reply, err);
	variant_free(args);
	return r < 0 ? within(err, "unit %s", unit->name) : 0;
}

int unit_set(struct cgroup *cgroup, const struct variant *properties, struct error *err)
{
	struct unit *unit = cgroup->unit;
	struct variant *args = variant_new("(");
	struct bus_reply reply;
	bool whole = variant_add_text(args, "s", unit->name) && variant_add_number(args, "b", 1) && copy(args, properties);
	int r;

	r = whole ? connect_bus(unit, err) : fail(err, -ENOMEM, "cannot set its properties");
	if (r == 0)
		r = bus_call(unit->bus, NULL, MANAGER, "SetUnitProperties", args, &reply, err);
	/* The files are written after the answer, but before the next one. */
	if (r == 0)
		r = call_named(unit, "GetUnit", NULL, &reply, err);
	variant_free(args);
	return r < 0 ? within(err, "unit %s", unit->name) : 0;
}

static bool is_gone(const struct bus_reply *reply)
{
	return strcmp(reply->error, "org.freedesktop.systemd1.NoSuchUnit") == 0;
}

/* An instance that is not there any more (the user has logged out) has no units either. */
int unit_stop(struct cgroup *cgroup, struct error *err)
{
	struct unit *unit = cgroup->unit;
	struct bus_reply reply;
	struct error ignored;
	int r;

	unit_settled(unit);
	if (connect_bus(unit, err) < 0) {
		if (err->code != -ENOENT && err->code != -ECONNREFUSED)
			return within(err, "unit %s", unit->name);
		log_debug("unit %s is not stopped: %s", unit->name, err->text);
		return 0;
	}
	r = call_named(unit, "StopUnit", "replace", &reply, err);
	if (r == 0)
		r = bus_wait_job(unit->bus, reply.text, err);
	else if (is_gone(&reply))
		return 0;
	if (r < 0)
		return within(err, "unit %s", unit->name);
	(void)call_named(unit, "ResetFailedUnit", NULL, &reply, &ignored); /* stopped in order, it is gone */
	return 0;
}

void unit_free(struct unit *unit)
{
	if (!unit)
		return;
	unit_settled(unit);
	bus_close(unit->bus);
	variant_free(unit->properties);
	free(unit->name);
	free(unit->slice);
	free(unit);
}
