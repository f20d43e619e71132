// SPDX-License-Identifier: LGPL-2.1-or-later
/* landlock.c - reads the annotation, makes a ruleset of it, and puts that in force before the program.
 *
 * The ruleset is made while init may still look up every path; in force it is only when nothing but the filter and the
 * program come after it. */
#include "init/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "init/init.h"
#include "kernel/landlock.h"
#include "kernel/sys.h"

/* ---- words ---- */

const struct oci_word landlock_abi_words[] = {
	{ "strict", LANDLOCK_STRICT },
	{ "best-effort", LANDLOCK_BEST_EFFORT },
	{ NULL, 0 },
};

/* The kernel's names (linux/landlock.h) in the order of their bits, then groups. */
const struct oci_word landlock_fs_words[] = {
	{ "execute", 1U << 0 },
	{ "write_file", 1U << 1 },
	{ "read_file", 1U << 2 },
	{ "read_dir", 1U << 3 },
	{ "remove_dir", 1U << 4 },
	{ "remove_file", 1U << 5 },
	{ "make_char", 1U << 6 },
	{ "make_dir", 1U << 7 },
	{ "make_reg", 1U << 8 },
	{ "make_sock", 1U << 9 },
	{ "make_fifo", 1U << 10 },
	{ "make_block", 1U << 11 },
	{ "make_sym", 1U << 12 },
	{ "refer", 1U << 13 },
	{ "truncate", 1U << 14 },
	{ "ioctl_dev", 1U << 15 },
	{ "resolve_unix", 1U << 16 },
	{ "read", 1U << 2 | 1U << 3 },
	/* Without device nodes. */
	{ "write", 1U << 1 | 1U << 4 | 1U << 5 | 1U << 7 | 1U << 8 | 1U << 9 | 1U << 10 | 1U << 12 | 1U << 13 | 1U << 14 },
	{ "all", (1U << 17) - 1 },
	{ NULL, 0 },
};

const struct oci_word landlock_net_words[] = {
	{ "bind_tcp", 1U << 0 },
	{ "connect_tcp", 1U << 1 },
	{ "bind_udp", 1U << 2 },
	{ "connect_send_udp", 1U << 3 },
	{ "bind", 1U << 0 | 1U << 2 },
	{ "connect", 1U << 1 | 1U << 3 },
	{ "all", (1U << 4) - 1 },
	{ NULL, 0 },
};

const struct oci_word landlock_scope_words[] = {
	{ "abstract_unix_socket", 1U << 0 },
	{ "signal", 1U << 1 },
	{ NULL, 0 },
};

#define OCI_SCHEMA "init/landlock.def"
#include "schema/define.h"

/* ---- the annotation ---- */

const char *landlock_annotation(const struct oci_config *config)
{
	for (size_t i = 0; i < config->n_annotations; i++)
		if (strcmp(config->annotations[i].key, ANNOTATION_LANDLOCK) == 0)
			return config->annotations[i].value;
	return NULL;
}

static uint64_t all_of(const uint64_t *words, size_t n, uint64_t bits)
{
	for (size_t i = 0; i < n; i++)
		bits |= words[i];
	return bits;
}

/* Of a group, those that are governed count; there must be one. */
static int check_governed(const char *place, size_t rule, const uint64_t *words, size_t n, uint64_t bits, uint64_t governed,
			  struct error *err)
{
	for (size_t i = 0; i < n; i++)
		if (!(words[i] & governed))
			return fail(err, ERR_CONFIG, "/%s/%zu/rights/%zu: is not among the rights that /governed names", place,
				    rule, i);
	if (bits & ~governed)
		return fail(err, ERR_CONFIG, "/%s/%zu/bits: has rights that /governed does not name", place, rule);
	return n || bits ? 0 : fail(err, ERR_CONFIG, "/%s/%zu: grants nothing: it needs rights or bits", place, rule);
}

static bool names_fs(const struct landlock_policy *p)
{
	return p->governed && (p->governed->fs || p->governed->has_fs_bits);
}

static bool names_net(const struct landlock_policy *p)
{
	return p->governed && (p->governed->net || p->governed->has_net_bits);
}

static int check_paths(const struct landlock_policy *p, struct error *err)
{
	uint64_t governed = names_fs(p) ? all_of(p->governed->fs, p->governed->n_fs, p->governed->fs_bits) : UINT64_MAX;

	for (size_t i = 0; i < p->n_paths; i++)
		if (check_governed("paths", i, p->paths[i].rights, p->paths[i].n_rights, p->paths[i].bits, governed, err) < 0)
			return -1;
	return 0;
}

static int check_ports(const struct landlock_policy *p, struct error *err)
{
	uint64_t governed = names_net(p) ? all_of(p->governed->net, p->governed->n_net, p->governed->net_bits) : UINT64_MAX;

	for (size_t i = 0; i < p->n_ports; i++) {
		const struct landlock_port *rule = &p->ports[i];

		for (size_t k = 0; k < rule->n_ports; k++)
			if (rule->ports[k] > UINT16_MAX)
				return fail(err, ERR_CONFIG, "/ports/%zu/ports/%zu: must be from 0 to 65535", i, k);
		if (check_governed("ports", i, rule->rights, rule->n_rights, rule->bits, governed, err) < 0)
			return -1;
	}
	return 0;
}

static int check(const struct landlock_policy *p, struct error *err)
{
	if (!p->paths && !p->ports && !names_fs(p) && !names_net(p) && !p->n_scopes && !p->scope_bits)
		return fail(err, ERR_CONFIG, "/: restricts nothing: it needs paths, ports, scopes or governed");
	return check_paths(p, err) < 0 ? -1 : check_ports(p, err);
}

/* The reader speaks of the specification, which knows nothing of this. */
static const char *sentence(const struct oci_fault *fault)
{
	return fault->is_warning && strstr(fault->text, "specification") ? "is not a property that this annotation has" :
									    fault->text;
}

struct landlock_policy *landlock_read(const char *annotation, struct error *err)
{
	struct oci_report report = { .flags = OCI_REPORT_WARNINGS };
	struct landlock_policy *policy = oci_parse(&landlock_policy_type, annotation, strlen(annotation), &report);
	const struct oci_fault *fault = report.n_faults ? &report.faults[0] : NULL;

	/* A warning is an unknown property or a null: whoever wrote it wanted something. */
	for (size_t i = 0; i < report.n_faults && fault->is_warning && report.n_errors; i++)
		fault = &report.faults[i];
	if (fault)
		(void)fail(err, ERR_CONFIG, "%s: %s", *fault->pointer ? fault->pointer : "/", sentence(fault));
	else if (!policy)
		(void)fail(err, -ENOMEM, "cannot read it");
	if (fault || (policy && check(policy, err) < 0)) {
		oci_free(policy);
		policy = NULL;
	}
	oci_report_free(&report);
	return policy;
}

/* ---- the ruleset ---- */

struct ruleset {
	struct init *in;
	const struct landlock_policy *policy;
	struct landlock_rights known;	 /* to the kernel, and to hull */
	struct landlock_rights governed; /* by this ruleset */
	int version, fd;
};

static bool is_group(uint64_t word)
{
	return (word & (word - 1)) != 0;
}

/* Words as bits.  Groups stand for what the kernel has of them; a single right that it has not is an error if strict. */
static int choose(struct ruleset *r, const char *place, const struct oci_word *table, const uint64_t *words, size_t n,
		  uint64_t bits, uint64_t known, uint64_t *ret, struct error *err)
{
	*ret = bits;
	for (size_t i = 0; i < n; i++) {
		*ret |= words[i] & known;
		if (is_group(words[i]) || words[i] & known)
			continue;
		if (r->policy->abi != LANDLOCK_BEST_EFFORT)
			return fail(err, ERR_UNSUPPORTED, "%s: this kernel's Landlock (version %d) has no %s", place, r->version,
				    oci_word(table, words[i]));
		init_log(r->in, "landlock: %s: %s is left out: this kernel's version is %d", place, oci_word(table, words[i]),
			 r->version);
	}
	return 0;
}

static int choose_fs(struct ruleset *r, const char *place, const uint64_t *words, size_t n, uint64_t bits, uint64_t *ret,
		     struct error *err)
{
	return choose(r, place, landlock_fs_words, words, n, bits, r->known.fs, ret, err);
}

static int choose_net(struct ruleset *r, const char *place, const uint64_t *words, size_t n, uint64_t bits, uint64_t *ret,
		      struct error *err)
{
	return choose(r, place, landlock_net_words, words, n, bits, r->known.net, ret, err);
}

/* Without being named, everything is governed that the kernel knows, and bits that only a rule names. */
static int choose_governed(struct ruleset *r, struct error *err)
{
	const struct landlock_policy *p = r->policy;
	const struct landlock_governed *g = p->governed;

	if (names_fs(p) && choose_fs(r, "/governed/fs", g->fs, g->n_fs, g->fs_bits, &r->governed.fs, err) < 0)
		return -1;
	if (names_net(p) && choose_net(r, "/governed/net", g->net, g->n_net, g->net_bits, &r->governed.net, err) < 0)
		return -1;
	if (p->paths && !names_fs(p))
		r->governed.fs = r->known.fs;
	if (p->ports && !names_net(p))
		r->governed.net = r->known.net;
	for (size_t i = 0; i < p->n_paths; i++)
		r->governed.fs |= p->paths[i].bits;
	for (size_t i = 0; i < p->n_ports; i++)
		r->governed.net |= p->ports[i].bits;
	return choose(r, "/scopes", landlock_scope_words, p->scopes, p->n_scopes, p->scope_bits, r->known.scopes,
		      &r->governed.scopes, err);
}

/* Bits that hull has no names for are the kernel's matter; if it does not have them either, they go as the names did. */
static int make_ruleset(struct ruleset *r, struct error *err)
{
	r->fd = landlock_new(&r->governed);
	if (r->fd == -EINVAL && r->policy->abi == LANDLOCK_BEST_EFFORT) {
		r->governed.fs &= r->known.fs;
		r->governed.net &= r->known.net;
		r->governed.scopes &= r->known.scopes;
		r->fd = landlock_new(&r->governed);
	}
	if (r->fd == -EINVAL)
		return fail(err, ERR_UNSUPPORTED, "this kernel's Landlock (version %d) does not know all of the bits",
			    r->version);
	if (r->fd == -ENOMSG)
		return fail(err, ERR_UNSUPPORTED, "this kernel's Landlock (version %d) knows nothing of what is to be restricted",
			    r->version);
	return r->fd < 0 ? fail(err, r->fd, "cannot make a ruleset") : 0;
}

static int grant_path(struct ruleset *r, const struct landlock_path *rule, const char *place, const char *path,
		      uint64_t rights, struct error *err)
{
	auto_close int fd = rootfs_open(&r->in->root, path, O_PATH, 0);
	struct stat st;
	int result;

	/* The errno alone would be taken for the program's: the caller would say that the command was not found. */
	if (fd == -ENOENT || fd == -ENOTDIR)
		return rule->optional ? 0 :
					fail(err, ERR_CONFIG,
					     "%s: the container has no %s (the rule may say that it is optional)", place, path);
	result = fd < 0 ? fd : sys_fstat(fd, &st);
	if (result < 0)
		return fail(err, result, "%s: cannot open %s", place, path);
	if (!S_ISDIR(st.st_mode)) /* the others mean nothing there, and the kernel refuses them */
		rights &= landlock_file_rights | ~r->known.fs;
	result = rights ? landlock_grant_path(r->fd, fd, rights) : 0;
	return result < 0 ? fail(err, result, "%s: cannot grant rights to %s", place, path) : 0;
}

static int grant_paths(struct ruleset *r, size_t i, struct error *err)
{
	const struct landlock_path *rule = &r->policy->paths[i];
	char place[64];
	uint64_t rights;

	snprintf(place, sizeof(place), "/paths/%zu/rights", i);
	if (choose_fs(r, place, rule->rights, rule->n_rights, rule->bits, &rights, err) < 0)
		return -1;
	for (size_t k = 0; k < rule->n_paths; k++) {
		snprintf(place, sizeof(place), "/paths/%zu/paths/%zu", i, k);
		if (grant_path(r, rule, place, rule->paths[k], rights & r->governed.fs, err) < 0)
			return -1;
	}
	return 0;
}

static int grant_ports(struct ruleset *r, size_t i, struct error *err)
{
	const struct landlock_port *rule = &r->policy->ports[i];
	char place[64];
	uint64_t rights;

	snprintf(place, sizeof(place), "/ports/%zu/rights", i);
	if (choose_net(r, place, rule->rights, rule->n_rights, rule->bits, &rights, err) < 0)
		return -1;
	rights &= r->governed.net;
	for (size_t k = 0; rights && k < rule->n_ports; k++) {
		int result = landlock_grant_port(r->fd, (uint16_t)rule->ports[k], rights);

		if (result < 0)
			return fail(err, result, "/ports/%zu/ports/%zu: cannot grant rights to port %u", i, k, rule->ports[k]);
	}
	return 0;
}

static int fill(struct ruleset *r, struct error *err)
{
	r->version = landlock_version();
	if (r->version < 0)
		return fail(err, ERR_UNSUPPORTED, "this kernel has no Landlock%s",
			    r->version == -EOPNOTSUPP ? ": it was not enabled at boot (lsm=landlock,...)" : "");
	landlock_of_version(r->version, &r->known);
	if (choose_governed(r, err) < 0 || make_ruleset(r, err) < 0)
		return -1;
	for (size_t i = 0; i < r->policy->n_paths; i++)
		if (grant_paths(r, i, err) < 0)
			return -1;
	for (size_t i = 0; i < r->policy->n_ports; i++)
		if (grant_ports(r, i, err) < 0)
			return -1;
	return 0;
}

int step_landlock(struct init *in, struct error *err)
{
	const char *annotation = landlock_annotation(in->config);
	struct ruleset r = { .in = in, .fd = -1 };
	struct landlock_policy *policy;
	int result;

	if (!annotation)
		return 0;
	r.policy = policy = landlock_read(annotation, err);
	result = policy ? fill(&r, err) : -1;
	oci_free(policy);
	in->landlock = r.fd; /* what is left of a failure ends with init */
	return result < 0 ? within(err, "config.json:/annotations/" ANNOTATION_LANDLOCK) : 0;
}

int load_landlock(struct init *in, struct error *err)
{
	int r = in->landlock < 0 ? 0 : landlock_enforce(in->landlock);

	if (r == -EPERM)
		return fail(err, r,
			    "config.json:/annotations/" ANNOTATION_LANDLOCK
			    ": cannot put it in force: it needs process.noNewPrivileges, or CAP_SYS_ADMIN of the caller");
	return r < 0 ? fail(err, r, "config.json:/annotations/" ANNOTATION_LANDLOCK ": cannot put it in force") : 0;
}
