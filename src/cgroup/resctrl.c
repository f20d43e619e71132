// SPDX-License-Identifier: LGPL-2.1-or-later
/* resctrl.c - the groups of resctrl, which are directories, and their schemata.
 *
 * A directory that closID names may be shared: hull compares what it says instead of changing it, and never removes it. */
#include "cgroup/resctrl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "ocispec.h"

#define POINTER        "config.json:/linux/intelRdt"
#define STANDARD_PLACE "/sys/fs/resctrl"
#define RESCTRL_MAGIC  0x7655821 /* linux/magic.h has it since 5.8 */

bool resctrl_stand_in;

/* ---- the mount ---- */

static int open_checked(const char *path)
{
	struct statfs fs;
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) == 0 && fs.f_type == RESCTRL_MAGIC)
		return fd;
	(void)fd_close(fd);
	return -ENODEV;
}

/* A line of proc_pid_mountinfo(5): the fifth word is the mount point, the type stands behind " - ".  NULL: of another
 * type.  Cuts the line up. */
static const char *mount_point(char *line)
{
	const char *type = strstr(line, " - resctrl ");
	char *word = NULL;

	for (int i = 0; type && i < 5; i++)
		word = strsep(&line, " ");
	return word;
}

static int find_mount(void)
{
	auto_close int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	auto_free char *text = NULL;
	char *rest;

	if (fd < 0 || file_read(fd, 64 << 20, &text, NULL) < 0)
		return -ENODEV;
	rest = text;
	for (char *line; (line = strsep(&rest, "\n"));) {
		const char *at = mount_point(line);
		int found = at ? open_checked(at) : -ENODEV;

		if (found >= 0)
			return found;
	}
	return -ENODEV;
}

int resctrl_open(struct error *err)
{
	int fd = open_checked(STANDARD_PLACE);

	if (fd < 0)
		fd = find_mount();
	return fd < 0 ? fail(err, ERR_UNSUPPORTED, "%s: no resctrl file system is mounted", POINTER) : fd;
}

/* ---- files ---- */

/* FILE of the group, whose name may hold a slash.  fd or -errno */
static int open_file(int root, const char *group, const char *file, int flags)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "./%s/%s", group, file) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = openat(root, path, flags | (resctrl_stand_in && flags != O_RDONLY ? O_CREAT | O_APPEND : 0) | O_NOFOLLOW | O_CLOEXEC,
		    0644);
	return fd < 0 ? -errno : fd;
}

/* One line, in one write(2).  0 or -errno */
static int write_line(int root, const char *group, const char *file, const char *line)
{
	auto_close int fd = open_file(root, group, file, O_WRONLY);
	auto_free char *text = NULL;
	int n = asprintf(&text, "%s\n", line);

	if (n < 0) {
		text = NULL;
		return -ENOMEM;
	}
	if (fd < 0)
		return fd;
	return write(fd, text, (size_t)n) == n ? 0 : -errno;
}

/* What the kernel says of the last write. */
static void last_status(int root, char *ret, size_t size)
{
	auto_close int fd = open_file(root, "info", "last_cmd_status", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, size - 1);

	ret[n < 0 ? 0 : n] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	if (strcmp(ret, "ok") == 0)
		*ret = '\0';
}

static bool exists(int root, const char *group)
{
	return faccessat(root, group, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static const char *place(const char *clos)
{
	return strcmp(clos, "/") == 0 ? "." : clos;
}

static int monitor_path(const char *clos, const char *id, char ret[PATH_MAX])
{
	return snprintf(ret, PATH_MAX, "%s/mon_groups/%s", place(clos), id) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* ---- schemata ---- */

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* The values of "L3:0=f;1=f0" in the line, each as "0=f" between semicolons, are those of the other line: hexadecimal
 * masks without leading zeros, and every domain that is asked for. */
static bool has_values(const char *wanted, const char *there)
{
	for (const char *one = strchr(wanted, ':') + 1; *one; one += strcspn(one, ";"), one += *one == ';') {
		unsigned long domain, value, other;
		bool found = false;
		char *end;

		one = skip_blanks(one);
		if (!*one)
			break;
		domain = strtoul(one, &end, 10);
		if (*end != '=')
			return false;
		value = strtoul(end + 1, NULL, 16); /* the same text is the same number in any base */
		for (const char *at = strchr(there, ':') + 1; *at && *at != '\n' && !found; at += *at == ';') {
			at = skip_blanks(at);
			other = strtoul(at, &end, 10);
			found = *end == '=' && other == domain && strtoul(end + 1, NULL, 16) == value;
			at += strcspn(at, ";\n");
		}
		if (!found)
			return false;
	}
	return true;
}

/* Whether the group's schemata say what the line does. */
static bool says(const char *schemata, const char *line)
{
	const char *colon = strchr(line, ':');

	line = skip_blanks(line);
	for (const char *at = schemata; colon && *at; at += strcspn(at, "\n"), at += *at == '\n') {
		const char *there = skip_blanks(at);

		if (strncmp(there, line, (size_t)(colon - line + 1)) == 0)
			return has_values(line, there);
	}
	return false;
}

static int check_line(const char *schemata, const char *pointer, const char *line, const char *clos, struct error *err)
{
	if (!line || says(schemata, line))
		return 0;
	return fail(err, ERR_STATE, "%s/%s: group %s exists, and its schemata differ", POINTER, pointer, clos);
}

/* rdt-18: a group that is there already must say what is asked for. */
static int compare(int root, const struct oci_intel_rdt *rdt, const char *clos, struct error *err)
{
	auto_close int fd = -1;
	auto_free char *text = NULL;
	int r;

	if (!rdt->l3_cache_schema && !rdt->mem_bw_schema)
		return 0;
	fd = open_file(root, place(clos), "schemata", O_RDONLY);
	r = fd < 0 ? fd : file_read(fd, 1 << 20, &text, NULL);
	if (r < 0)
		return fail(err, r, "%s/closID: cannot read the schemata of group %s", POINTER, clos);
	if (check_line(text, "l3CacheSchema", rdt->l3_cache_schema, clos, err) < 0)
		return -1;
	return check_line(text, "memBwSchema", rdt->mem_bw_schema, clos, err);
}

static int write_schema(int root, const char *clos, const char *pointer, const char *line, struct error *err)
{
	char why[256];
	int r = line ? write_line(root, place(clos), "schemata", line) : 0;

	if (r == 0)
		return 0;
	last_status(root, why, sizeof(why));
	if (*why)
		return fail(err, r, "%s/%s: cannot write %.100s to the schemata of group %s: %s", POINTER, pointer, line, clos,
			    why);
	return fail(err, r, "%s/%s: cannot write %.100s to the schemata of group %s", POINTER, pointer, line, clos);
}

/* ---- groups ---- */

void resctrl_plan(int root, const struct oci_intel_rdt *rdt, const char *id, struct resctrl_groups *ret)
{
	*ret = (struct resctrl_groups){
		.clos = rdt->clos_id ? rdt->clos_id : id,
		.made = !rdt->clos_id && !exists(root, id),
		.monitored = rdt->enable_monitoring,
	};
}

static int check_clos(const struct oci_intel_rdt *rdt, struct error *err)
{
	const char *clos = rdt->clos_id;

	if (!clos || strcmp(clos, "/") == 0)
		return 0;
	if (!*clos || strcmp(clos, ".") == 0 || strcmp(clos, "..") == 0 || strpbrk(clos, "/\n"))
		return fail(err, ERR_CONFIG, "%s/closID: must be the name of a directory, or /", POINTER);
	return 0;
}

/* *ret_new: it was made just now. */
static int make_clos(int root, const struct oci_intel_rdt *rdt, const char *clos, bool *ret_new, struct error *err)
{
	bool schema = rdt->l3_cache_schema || rdt->mem_bw_schema || rdt->n_schemata;

	*ret_new = false;
	if (strcmp(clos, "/") == 0)
		return 0;
	if (rdt->clos_id && !schema) {
		if (exists(root, clos))
			return 0;
		return fail(err, ERR_STATE, "%s/closID: there is no group %s, and no schema to make it with", POINTER, clos);
	}
	if (mkdirat(root, clos, 0755) == 0)
		*ret_new = true;
	else if (errno == ENOSPC)
		return fail(err, -ENOSPC, "%s: this processor has no further class of service for group %s", POINTER, clos);
	else if (errno != EEXIST)
		return fail(err, -errno, "%s: cannot make group %s", POINTER, clos);
	return 0;
}

static int write_schemata(int root, const struct oci_intel_rdt *rdt, const char *clos, bool fresh, struct error *err)
{
	char pointer[40];

	/* What is there already has been found to be the same. */
	if (fresh || !rdt->clos_id) {
		if (write_schema(root, clos, "l3CacheSchema", rdt->l3_cache_schema, err) < 0 ||
		    write_schema(root, clos, "memBwSchema", rdt->mem_bw_schema, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < rdt->n_schemata; i++) {
		snprintf(pointer, sizeof(pointer), "schemata/%zu", i);
		if (write_schema(root, clos, pointer, rdt->schemata[i], err) < 0)
			return -1;
	}
	return 0;
}

static int make_monitor(int root, const char *clos, const char *id, struct error *err)
{
	char path[PATH_MAX];
	int r = monitor_path(clos, id, path);

	if (r == 0 && mkdirat(root, path, 0755) < 0)
		r = -errno;
	return r < 0 ? fail(err, r, "%s/enableMonitoring: cannot make the monitoring group of group %s", POINTER, clos) : 0;
}

int resctrl_create(int root, const struct oci_intel_rdt *rdt, const char *id, struct resctrl_groups *ret,
		   struct error *err)
{
	bool fresh;

	resctrl_plan(root, rdt, id, ret);
	if (check_clos(rdt, err) < 0 || make_clos(root, rdt, ret->clos, &fresh, err) < 0)
		return -1;
	ret->made = fresh && !rdt->clos_id;
	if ((fresh || !rdt->clos_id || compare(root, rdt, ret->clos, err) == 0) &&
	    write_schemata(root, rdt, ret->clos, fresh, err) == 0 &&
	    (!ret->monitored || make_monitor(root, ret->clos, id, err) == 0))
		return 0;
	if (fresh)
		(void)unlinkat(root, ret->clos, AT_REMOVEDIR); /* nobody knows of it but us */
	return -1;
}

static int join_one(int root, const char *group, pid_t pid)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", (int)pid);
	return write_line(root, group, "tasks", number);
}

int resctrl_join(int root, const struct resctrl_groups *groups, const char *id, pid_t pid, struct error *err)
{
	char path[PATH_MAX];
	int r = join_one(root, place(groups->clos), pid);

	if (r == 0 && groups->monitored)
		r = monitor_path(groups->clos, id, path);
	if (r == 0 && groups->monitored)
		r = join_one(root, path, pid);
	return r < 0 ? fail(err, r, "%s: cannot put process %d into group %s", POINTER, (int)pid, groups->clos) : 0;
}

void resctrl_restore(int root, const struct resctrl_groups *groups, const char *before)
{
	auto_free char *copy = strdup(before);
	char *rest = copy;

	for (char *line; (line = strsep(&rest, "\n"));)
		if (*line)
			(void)write_line(root, place(groups->clos), "schemata", line); /* it has said so before */
}

int resctrl_update(int root, const struct resctrl_groups *groups, const char *l3, const char *mb, char **ret_before,
		   struct error *err)
{
	auto_close int fd = open_file(root, place(groups->clos), "schemata", O_RDONLY);
	int r = fd < 0 ? fd : file_read(fd, 1 << 20, ret_before, NULL);

	if (r < 0)
		return fail(err, r, "%s: cannot read the schemata of group %s", POINTER, groups->clos);
	if (write_schema(root, groups->clos, "l3CacheSchema", l3, err) == 0 &&
	    write_schema(root, groups->clos, "memBwSchema", mb, err) == 0)
		return 0;
	resctrl_restore(root, groups, *ret_before);
	return -1;
}

/* ---- statistics ---- */

static char *read_whole(int root, const char *group, const char *file)
{
	auto_close int fd = open_file(root, group, file, O_RDONLY);
	char *text = NULL;

	return fd < 0 || file_read(fd, 1 << 20, &text, NULL) < 0 ? NULL : text;
}

static void put_comma(struct text *to)
{
	if (to->length && !strchr("{[", to->data[to->length - 1]))
		text_puts(to, ",");
}

/* The line of that resource, as a text. */
static void put_schema(const char *schemata, const char *resource, const char *key, struct text *to)
{
	for (const char *at = schemata; at && *at; at += strcspn(at, "\n"), at += *at == '\n') {
		const char *line = skip_blanks(at);
		auto_free char *one = NULL;

		if (!text_starts(line, resource))
			continue;
		one = strndup(line, strcspn(line, "\n"));
		put_comma(to);
		text_printf(to, "\"%s\":", key);
		text_json(to, one ? one : "");
		return;
	}
}

/* mon_data/mon_L3_NN/FILE of the group, for each cache: a list of objects. */
static void put_monitored(int root, const char *group, const char *list, const char *const files[], size_t n,
			  struct text *to)
{
	bool any = false;

	for (unsigned cache = 0; cache < 256; cache++) {
		bool found = false;

		for (size_t i = 0; i < n; i++) {
			char file[96];
			auto_free char *text = NULL;

			snprintf(file, sizeof(file), "mon_data/mon_L3_%02u/%s", cache, files[i]);
			text = read_whole(root, group, file);
			if (!text || strspn(text, "0123456789") == 0)
				continue;
			if (!any) {
				put_comma(to);
				text_printf(to, "\"%s\":[", list);
			}
			any = true;
			if (!found) {
				put_comma(to);
				text_puts(to, "{");
			}
			found = true;
			put_comma(to);
			text_printf(to, "\"%s\":%.*s", files[i], (int)strspn(text, "0123456789"), text);
		}
		if (found)
			text_puts(to, "}");
		else if (cache > 15 && !any)
			break;
	}
	if (any)
		text_puts(to, "]");
}

void resctrl_stats(int root, const struct resctrl_groups *groups, const char *id, struct text *to)
{
	static const char *const bandwidth[] = { "mbm_total_bytes", "mbm_local_bytes" }, *const occupancy[] = { "llc_occupancy" };
	auto_free char *own = read_whole(root, place(groups->clos), "schemata"), *all = read_whole(root, ".", "schemata");
	char path[PATH_MAX];

	put_schema(all, "L3:", "l3_cache_schema_root", to);
	put_schema(own, "L3:", "l3_cache_schema", to);
	put_schema(all, "MB:", "mem_bw_schema_root", to);
	put_schema(own, "MB:", "mem_bw_schema", to);
	if (!groups->monitored || monitor_path(groups->clos, id, path) < 0)
		return;
	put_monitored(root, path, "mbm_stats", bandwidth, 2, to);
	put_monitored(root, path, "cmt_stats", occupancy, 1, to);
}

/* ---- the end ---- */

static int remove_group(int root, const char *group)
{
	return unlinkat(root, group, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -errno;
}

int resctrl_destroy(int root, const struct resctrl_groups *groups, const char *id, struct error *err)
{
	char path[PATH_MAX];
	int r = 0;

	if (groups->monitored)
		r = monitor_path(groups->clos, id, path) < 0 ? 0 : remove_group(root, path);
	if (r == 0 && groups->made)
		r = remove_group(root, groups->clos);
	return r < 0 ? fail(err, r, "cannot remove the resctrl group of container %s", id) : 0;
}
