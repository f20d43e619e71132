// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_cgroup.c - path rules, and real cgroups below /hull-test on whatever hierarchies this host has. */
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "cgroups.h"

/* ---- paths ---- */

/* ledger: cg-path-06, cg-path-07 */
static void refuses_invalid_paths(void **state)
{
	static const char *const bad[][2] = {
		{ "/", "empty" },
		{ "//a", "empty" },
		{ "/a//b", "empty" },
		{ "/a/", "empty" },
		{ "/..", "\"..\"" },
		{ "/a/../b", "\"..\"" },
		{ "../b", "\"..\"" },
		{ "a/..", "\"..\"" },
		{ "/a/./b", "\"..\"" },
		{ "/a\nb", "control" },
	};
	struct cgroup *c;
	char name[400], path[6000] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(cgroup_plan(CGROUP_FS, bad[i][0], "id", &c, &err), ERR_CONFIG, bad[i][1]);
	memset(name, 'x', sizeof(name));
	name[0] = '/';
	name[257] = '\0';
	assert_fails(cgroup_plan(CGROUP_FS, name, "id", &c, &err), ERR_CONFIG, "longer than");
	while (strlen(path) < 5000)
		strcat(path, "/abcdefghij");
	assert_fails(cgroup_plan(CGROUP_FS, path, "id", &c, &err), ERR_CONFIG, "longer than");
}

/* ledger: cg-path-02, cg-path-03, cg-path-04, cg-path-05 */
static void decides_where(void **state)
{
	static const char *const good[][2] = {
		{ NULL, "/hull/id" }, { "", "/hull/id" },     { "/a/b", "/a/b" }, { "a/b", "/hull/a/b" },
		{ "x", "/hull/x" },   { "/a:b:c", "/a:b:c" }, { "/...", "/..." }, { "a:b", "/hull/a:b" },
		{ "a:b:c", "/hull/a:b:c" },
	};
	struct cgroup *c;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_done(cgroup_plan(CGROUP_FS, good[i][0], "id", &c, &err));
		assert_string_equal(cgroup_path(c), good[i][1]);
		cgroup_free(c);
	}
}

static void disabled_does_nothing(void **state)
{
	struct oci_memory memory = { .has_limit = true, .limit = 1 << 20 };
	struct oci_resources limited = { .memory = &memory };
	struct cgroup *c;
	pid_t *pids;
	size_t n;

	(void)state;
	assert_done(cgroup_plan(CGROUP_DISABLED, "/a", "id", &c, &err));
	assert_string_equal(cgroup_driver(c), "none");
	assert_done(cgroup_create(c, &err));
	assert_int_equal(cgroup_clone_fd(c), -1);
	assert_int_equal(cgroup_join_self(c), 0);
	assert_done(cgroup_apply(c, NULL, &err));
	assert_fails(cgroup_apply(c, &limited, &err), ERR_UNSUPPORTED, "/linux/resources/memory/limit");
	assert_false(cgroup_is_frozen(c));
	assert_int_equal(cgroup_pids(c, &pids, &n), 0);
	assert_int_equal(n, 0);
	free(pids);
	assert_int_equal(cgroup_kill(c, SIGKILL), 0);
	assert_done(cgroup_destroy(c, &err));
	assert_int_equal(cgroup_made(c), 0);
	cgroup_free(c);
	assert_done(cgroup_reopen("none", "", 0, &c, &err));
	cgroup_free(c);
	assert_fails(cgroup_reopen("nonsense", "/a", 1, &c, &err), ERR_UNSUPPORTED, "nonsense");
	assert_fails(cgroup_reopen("fs1", "/a/..", 1, &c, &err), ERR_CONFIG, "recorded");
}

/* ---- real ones ---- */

/* Whether path exists in the hierarchy. */
static bool is_there(struct cgroup *c, struct hierarchy *h, const char *path)
{
	auto_close int root = hierarchy_root(c, h);

	assert_true(root >= 0);
	return faccessat(root, path + 1, F_OK, 0) == 0;
}

static int count_there(struct cgroup *c, const char *path)
{
	pid_t *pids = NULL;
	size_t n_pids;
	int n = 0;

	assert_int_equal(cgroup_pids(c, &pids, &n_pids), 0); /* a reopened one looks for its hierarchies now */
	free(pids);
	for (size_t i = 0; i < c->n; i++)
		n += is_there(c, &c->hierarchies[i], path);
	return n;
}

static const char *parent_of(const char *path)
{
	static char parent[128];

	snprintf(parent, sizeof(parent), "%.*s", (int)(strrchr(path, '/') - path), path);
	return parent;
}

static void assert_member(pid_t pid, const char *path)
{
	char place[64], line[512], *at;
	FILE *file;

	snprintf(place, sizeof(place), "/proc/%d/cgroup", (int)pid);
	file = fopen(place, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		at = strchr(strchr(line, ':') + 1, ':') + 1;
		assert_string_equal(at, path);
	}
	fclose(file);
}

/* The cgroup as a later command sees it. */
static struct cgroup *reopen(const char *path, int made)
{
	struct cgroup *c, *plan;

	assert_done(cgroup_plan(CGROUP_FS, path, "id", &plan, &err));
	assert_done(cgroup_reopen(cgroup_driver(plan), path, made, &c, &err));
	cgroup_free(plan);
	return c;
}

static void creates_joins_destroys(void **state)
{
	struct cgroup *c, *again;
	pid_t pid, other, *pids;
	int made;
	size_t n;

	(void)state;
	skip_unless_root();
	assert_done(cgroup_plan(CGROUP_FS, where, "id", &c, &err));
	made = cgroup_made(c); /* for a record that is written before */
	cgroup_free(c);
	c = make_at(where);
	assert_int_equal(cgroup_made(c), made);
	pid = spawn(c, NULL);
	assert_member(pid, where);
	assert_int_equal(cgroup_pids(c, &pids, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(pids[0], pid);
	free(pids);
	assert_false(cgroup_is_frozen(c));
	cgroup_free(c);

	again = reopen(where, made);
	other = spawn(again, NULL); /* as exec does */
	assert_member(other, where);
	assert_int_equal(cgroup_pids(again, &pids, &n), 0);
	assert_int_equal(n, 2);
	free(pids);
	assert_done(cgroup_destroy(again, &err)); /* kills */
	assert_int_equal(status_of(pid), 128 + SIGKILL);
	assert_int_equal(status_of(other), 128 + SIGKILL);
	assert_int_equal(count_there(again, parent_of(where)), 0);
	assert_done(cgroup_destroy(again, &err)); /* twice */
	cgroup_free(again);
	again = reopen(where, made); /* and from the record, when all is gone */
	assert_int_equal(cgroup_kill(again, SIGKILL), 0);
	assert_int_equal(cgroup_thaw(again), 0);
	assert_false(cgroup_is_frozen(again));
	assert_int_equal(cgroup_pids(again, &pids, &n), 0);
	assert_int_equal(n, 0);
	free(pids);
	destroy(again);
}

static void moves_another_process(void **state)
{
	struct cgroup *c;
	pid_t pid;

	(void)state;
	skip_unless_root();
	c = make_at(where);
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	assert_done(cgroup_join(c, pid, &err));
	assert_member(pid, where);
	assert_int_equal(cgroup_kill(c, SIGTERM), 0);
	assert_int_equal(status_of(pid), 128 + SIGTERM);
	assert_fails(cgroup_join(c, pid, &err), -ESRCH, "cannot move process");
	destroy(c);
}

/* ledger: cg-fit-01, cg-fit-02 */
static void refuses_cgroup_in_use(void **state)
{
	struct cgroup *first, *second;
	char text[80];
	pid_t pid;

	(void)state;
	skip_unless_root();
	first = make_at(where);
	pid = spawn(first, NULL);
	assert_done(cgroup_plan(CGROUP_FS, where, "id", &second, &err));
	snprintf(text, sizeof(text), "container's cgroup is not empty: 1 process(es) found");
	assert_fails(cgroup_create(second, &err), ERR_STATE, text);
	cgroup_free(second);
	assert_int_equal(kill(pid, 0), 0); /* nobody was harmed */
	assert_int_equal(count_there(first, where), (int)first->n);

	/* Empty, it may be used; it is not removed, and its processes are not ours to kill. */
	assert_int_equal(kill(pid, SIGKILL), 0);
	status_of(pid);
	second = make_at(where);
	assert_int_equal(cgroup_made(second), 0);
	pid = spawn(second, NULL);
	assert_int_equal(cgroup_kill(second, SIGKILL), 0);
	assert_done(cgroup_destroy(second, &err));
	cgroup_free(second);
	assert_int_equal(kill(pid, 0), 0);
	assert_int_equal(count_there(first, where), (int)first->n);
	destroy(first);
	assert_int_equal(status_of(pid), 128 + SIGKILL);
}

static volatile unsigned *ticks; /* shared with the child that counts */

static int count_on(void)
{
	for (;; usleep(1000))
		++*ticks;
	return 0;
}

static bool is_counting(void)
{
	unsigned before = *ticks;

	usleep(100000);
	return *ticks != before;
}

/* ledger: cg-fit-01, cg-fit-02 */
static void freezes_and_refuses_frozen(void **state)
{
	struct cgroup *c, *inner;
	char path[200];
	pid_t pid;

	(void)state;
	skip_unless_root();
	ticks = mmap(NULL, sizeof(*ticks), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(ticks != MAP_FAILED);
	c = make_at(where);
	pid = spawn(c, count_on);
	assert_true(is_counting());
	assert_int_equal(cgroup_freeze(c), 0);
	assert_true(cgroup_is_frozen(c));
	assert_int_equal(cgroup_freeze(c), 0);
	assert_false(is_counting());
	snprintf(path, sizeof(path), "%s/inner", where);
	assert_done(cgroup_plan(CGROUP_FS, path, "id", &inner, &err));
	assert_fails(cgroup_create(inner, &err), ERR_STATE, "container's cgroup unexpectedly frozen");
	assert_int_equal(count_there(c, path), 0);
	cgroup_free(inner);
	assert_int_equal(cgroup_thaw(c), 0);
	assert_false(cgroup_is_frozen(c));
	assert_true(is_counting());
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(status_of(pid), 128 + SIGKILL);

	pid = spawn(c, NULL); /* somebody froze it and forgot */
	assert_int_equal(cgroup_freeze(c), 0);
	destroy(c);
	assert_int_equal(status_of(pid), 128 + SIGKILL);
}

static void removes_children(void **state)
{
	static const char *const below[] = { "/a", "/a/b", "/a/b/c", "/z" };
	struct cgroup *c;
	pid_t pid;

	(void)state;
	skip_unless_root();
	c = make_at(where);
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < 4; k++) {
			auto_close int root = hierarchy_root(c, &c->hierarchies[i]);
			char path[200];

			snprintf(path, sizeof(path), "%s%s", where + 1, below[k]);
			assert_int_equal(mkdirat(root, path, 0755), 0);
		}
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	{ /* deep inside, in one hierarchy only */
		struct hierarchy *h = hierarchy_of(c, "freezer") ? hierarchy_of(c, "freezer") : hierarchy_unified(c);
		char number[16], path[200];
		auto_close int root = hierarchy_root(c, h);
		pid_t *pids;
		size_t n;

		snprintf(number, sizeof(number), "%d", (int)pid);
		snprintf(path, sizeof(path), "%s/a/b/c", where + 1);
		assert_int_equal(file_write_below(root, path, "cgroup.procs", number), 0);
		assert_int_equal(cgroup_pids(c, &pids, &n), 0);
		assert_int_equal(n, h->unified); /* the list is another hierarchy's where there are several */
		free(pids);
	}
	destroy(c);
	assert_int_equal(status_of(pid), 128 + SIGKILL);
	c = reopen(where, 1);
	assert_int_equal(count_there(c, where), 0);
	cgroup_free(c);
}

static void removes_what_it_made(void **state)
{
	struct cgroup *first, *second;
	char path[200], sibling[200];
	int made;
	bool top;

	(void)state;
	skip_unless_root();
	first = reopen("/hull-test", 0);
	top = count_there(first, "/hull-test") == 0;
	cgroup_free(first);
	snprintf(path, sizeof(path), "%s/one/two", where);
	first = make_at(where);
	second = make_at(path);
	assert_int_equal(cgroup_made(first), 2 + top);
	assert_int_equal(cgroup_made(second), 2);
	destroy(second);
	assert_int_equal(count_there(first, where), (int)first->n);
	snprintf(path, sizeof(path), "%s/one", where);
	assert_int_equal(count_there(first, path), 0);

	/* A parent in some hierarchies only: what the record says must tell them apart. */
	{
		auto_close int root = hierarchy_root(first, &first->hierarchies[0]);

		assert_int_equal(mkdirat(root, path + 1, 0755), 0);
	}
	snprintf(path, sizeof(path), "%s/one/two", where);
	second = make_at(path);
	made = cgroup_made(second);
	cgroup_free(second);
	second = reopen(path, made);
	assert_int_equal(cgroup_made(second), made);
	assert_done(cgroup_destroy(second, &err));
	assert_int_equal(count_there(first, path), 0);
	snprintf(path, sizeof(path), "%s/one", where);
	assert_int_equal(count_there(first, path), 1);
	assert_true(is_there(first, &first->hierarchies[0], path));
	cgroup_free(second);

	/* A sibling that is in use keeps the parent. */
	snprintf(sibling, sizeof(sibling), "%s/s", parent_of(where));
	second = make_at(sibling);
	assert_int_equal(cgroup_made(second), 1);
	{
		auto_close int root = hierarchy_root(first, &first->hierarchies[0]);

		assert_int_equal(unlinkat(root, path + 1, AT_REMOVEDIR), 0);
	}
	assert_done(cgroup_destroy(first, &err));
	assert_int_equal(count_there(first, sibling), (int)first->n);
	assert_done(cgroup_destroy(second, &err));
	for (size_t i = 0; i < first->n; i++) {
		auto_close int root = hierarchy_root(first, &first->hierarchies[i]);

		assert_int_equal(unlinkat(root, parent_of(sibling) + 1, AT_REMOVEDIR), 0);
		if (top)
			(void)unlinkat(root, "hull-test", AT_REMOVEDIR);
	}
	cgroup_free(first);
	cgroup_free(second);
}

/* The runtime was killed between its first record and the next. */
static void cleans_up_unknown(void **state)
{
	struct cgroup *c, *again;
	pid_t pid;

	(void)state;
	skip_unless_root();
	c = make_at(where);
	again = reopen(where, -1);
	assert_int_equal(cgroup_made(again), -1);
	pid = spawn(c, NULL);
	assert_int_equal(cgroup_kill(again, SIGKILL), 0); /* whose it is, it does not know */
	assert_int_equal(kill(pid, 0), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	status_of(pid);
	assert_done(cgroup_destroy(again, &err));
	assert_int_equal(count_there(c, where), 0);
	cgroup_free(again);
	destroy(c); /* the rest, and it does not mind */
}

/* Containers come and go below the same parent at the same time. */
static void survives_races(void **state)
{
	pid_t pids[4];

	(void)state;
	skip_unless_root();
	for (int i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i] != 0)
			continue;
		for (int round = 0; round < 25; round++) {
			char path[200];
			struct cgroup *c;

			snprintf(path, sizeof(path), "%s/deep/%d", where, i);
			if (cgroup_plan(CGROUP_FS, path, "id", &c, &err) < 0 || cgroup_create(c, &err) < 0 ||
			    cgroup_destroy(c, &err) < 0) {
				print_error("round %d: %s\n", round, err.text);
				_exit(1);
			}
			cgroup_free(c);
		}
		_exit(0);
	}
	for (int i = 0; i < 4; i++)
		assert_int_equal(status_of(pids[i]), 0);
	for (struct cgroup *c = reopen(where, 0); c; c = NULL) { /* parents of lost races, all empty */
		(void)count_there(c, where);
		for (size_t i = 0; i < c->n; i++) {
			auto_close int root = hierarchy_root(c, &c->hierarchies[i]);
			char path[200];

			snprintf(path, sizeof(path), "%s/deep", where);
			(void)unlinkat(root, path + 1, AT_REMOVEDIR);
			(void)unlinkat(root, where + 1, AT_REMOVEDIR);
			(void)unlinkat(root, parent_of(where) + 1, AT_REMOVEDIR);
		}
		assert_int_equal(count_there(c, parent_of(where)), 0);
		cgroup_free(c);
	}
}

/* The same, at the worst moment: the parent is open, and goes. */
static void starts_again_when_a_parent_goes(void **state)
{
	struct cgroup *c;

	(void)state;
	skip_unless_root();
	assert_done(cgroup_plan(CGROUP_FS, where, "id", &c, &err));
	for (size_t i = 0; i < c->n; i++) {
		struct hierarchy *h = &c->hierarchies[i];
		auto_close int root = hierarchy_root(c, h);

		(void)mkdirat(root, "hull-test", 0755); /* there, most of the time */
		assert_int_equal(mkdirat(root, parent_of(where) + 1, 0755), 0);
		assert_int_equal(hierarchy_open(c, h), 0);
		assert_int_equal(unlinkat(root, parent_of(where) + 1, AT_REMOVEDIR), 0);
	}
	assert_done(cgroup_create(c, &err));
	assert_int_equal(count_there(c, where), (int)c->n);
	destroy(c);
}

static int bomb(void)
{
	for (int failed = 0; failed < 1000000; failed += fork() < 0)
		sched_yield();
	return 0;
}

static void beats_a_fork_bomb(void **state)
{
	struct oci_pids limit = { .has_limit = true, .limit = 60 };
	struct oci_resources resources = { .pids = &limit };
	struct cgroup *c;
	pid_t pid;

	(void)state;
	skip_unless_root();
	c = make_at(where);
	if (cgroup_apply(c, &resources, &err) < 0) {
		destroy(c);
		print_message("# %s\n", err.text);
		skip();
	}
	pid = spawn(c, bomb);
	usleep(50000);
	destroy(c);
	assert_int_equal(status_of(pid), 128 + SIGKILL);
}

static void uses_own_parent(void **state)
{
	struct cgroup *c;
	char id[64], path[128];
	bool there;

	(void)state;
	skip_unless_root();
	snprintf(id, sizeof(id), "unit-%d", (int)getpid());
	snprintf(path, sizeof(path), "/hull/%s", id);
	c = reopen("/hull", 0);
	there = count_there(c, "/hull") > 0;
	cgroup_free(c);
	assert_done(cgroup_plan(CGROUP_FS, NULL, id, &c, &err));
	assert_done(cgroup_create(c, &err));
	assert_int_equal(count_there(c, path), (int)c->n);
	assert_int_equal(cgroup_made(c), 1); /* /hull itself stays for the next one */
	assert_done(cgroup_destroy(c, &err));
	assert_int_equal(count_there(c, path), 0);
	assert_int_equal(count_there(c, "/hull"), (int)c->n);
	for (size_t i = 0; i < c->n && !there; i++) {
		auto_close int root = hierarchy_root(c, &c->hierarchies[i]);

		(void)unlinkat(root, "hull", AT_REMOVEDIR); /* in use by now, perhaps */
	}
	cgroup_free(c);
}

static void takes_long_names(void **state)
{
	char path[900], name[256];
	struct cgroup *c;
	pid_t pid;

	(void)state;
	skip_unless_root();
	memset(name, 'n', 255);
	name[255] = '\0';
	snprintf(path, sizeof(path), "%s/%s/%s", where, name, name);
	c = make_at(path);
	pid = spawn(c, NULL);
	destroy(c);
	assert_int_equal(status_of(pid), 128 + SIGKILL);
}

static uid_t owner_of(struct cgroup *c, struct hierarchy *h, const char *file)
{
	char path[200];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", c->leaf, file);
	assert_int_equal(fstatat(h->at, path, &st, 0), 0);
	return st.st_uid;
}

/* ledger: cg-own-01, cg-own-02, cg-own-06, cg-own-07, cg-own-08, cg-own-09, cg-own-10 */
static void gives_v2_away(void **state)
{
	struct cgroup *c;

	(void)state;
	skip_unless_root();
	c = make_at(where);
	assert_done(cgroup_chown(c, 1234, &err));
	for (size_t i = 0; i < c->n; i++) {
		struct hierarchy *h = &c->hierarchies[i];
		uid_t wanted = strcmp(cgroup_driver(c), "fs2") == 0 ? 1234 : 0; /* v1 stays as it is */

		assert_int_equal(owner_of(c, h, "."), wanted);
		assert_int_equal(owner_of(c, h, "cgroup.procs"), wanted);
		if (h->unified) {
			assert_int_equal(owner_of(c, h, "cgroup.subtree_control"), wanted);
			assert_int_equal(owner_of(c, h, "cgroup.max.depth"), 0);
			assert_int_equal(owner_of(c, h, "cgroup.freeze"), 0);
		}
	}
	destroy(c);
}

/* In a mount namespace of its own: every hierarchy somewhere else, and another file system at the usual place. */
static int in_odd_places(void)
{
	struct cgroup *c;
	char number[64], place[64];
	int status;
	pid_t pid;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 77;
	assert_done(cgroup_plan(CGROUP_FS, where, "id", &c, &err));
	if (mkdir("odd places", 0700) < 0 || mount("odd", "odd places", "tmpfs", 0, NULL) < 0)
		return 1;
	for (size_t i = 0; i < c->n; i++) {
		auto_close int root = hierarchy_root(c, &c->hierarchies[i]);

		snprintf(number, sizeof(number), "/proc/self/fd/%d", root);
		snprintf(place, sizeof(place), "odd places/%zu", i);
		if (root >= 0 && (mkdir(place, 0700) < 0 || mount(number, place, NULL, MS_BIND, NULL) < 0))
			return 2;
	}
	cgroup_free(c);
	if (mount("over", "/sys/fs/cgroup", "tmpfs", 0, NULL) < 0)
		return 3;
	c = make_at(where);
	for (size_t i = 0; i < c->n; i++)
		if (!c->hierarchies[i].unmounted && !strstr(c->hierarchies[i].mount, "/odd places/"))
			return 4;
	pid = spawn(c, NULL);
	assert_member(pid, where);
	if (access("/sys/fs/cgroup/hull-test", F_OK) == 0 || access("/sys/fs/cgroup/unified", F_OK) == 0)
		return 5;
	cgroup_free(c);
	c = reopen(where, 2);
	if (cgroup_is_frozen(c))
		return 6;
	destroy(c);
	return waitpid(pid, &status, 0) == pid && status == SIGKILL ? 0 : 7;
}

static void finds_odd_places(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	skip_unless_root();
	pid = fork();
	if (pid == 0)
		_exit(in_odd_places());
	status = status_of(pid);
	(void)rmdir("odd places");
	if (status == 77)
		skip();
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_invalid_paths),
		cmocka_unit_test(decides_where),
		cmocka_unit_test(disabled_does_nothing),
		cmocka_unit_test_setup(creates_joins_destroys, setup),
		cmocka_unit_test_setup(moves_another_process, setup),
		cmocka_unit_test_setup(refuses_cgroup_in_use, setup),
		cmocka_unit_test_setup(freezes_and_refuses_frozen, setup),
		cmocka_unit_test_setup(removes_children, setup),
		cmocka_unit_test_setup(removes_what_it_made, setup),
		cmocka_unit_test_setup(cleans_up_unknown, setup),
		cmocka_unit_test_setup(survives_races, setup),
		cmocka_unit_test_setup(starts_again_when_a_parent_goes, setup),
		cmocka_unit_test_setup(beats_a_fork_bomb, setup),
		cmocka_unit_test_setup(uses_own_parent, setup),
		cmocka_unit_test_setup(takes_long_names, setup),
		cmocka_unit_test_setup(gives_v2_away, setup),
		cmocka_unit_test_setup(finds_odd_places, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
