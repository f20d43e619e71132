// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_mount.c - mounts as the kernel shows them afterwards; each case in a mount namespace of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/mount.h"
#include "kernel/sys.h"

#define CHECK(condition)                                                          \
	do {                                                                      \
		if (!(condition)) {                                               \
			fprintf(stderr, "# line %d: %s\n", __LINE__, #condition); \
			_exit(1);                                                 \
		}                                                                 \
	} while (0)

/* The work place of a case: a fresh tmpfs on /mnt in a private mount namespace. */
static int mnt = -1;

static void in_namespace(void (*test)(void))
{
	pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) < 0)
			_exit(77);
		umask(0);
		CHECK(mount_tree_propagation(MS_PRIVATE) == 0);
		CHECK(sys_mount("tmpfs", "/mnt", "tmpfs", 0, NULL) == 0);
		mnt = open("/mnt", O_PATH | O_DIRECTORY | O_CLOEXEC);
		CHECK(mnt >= 0);
		test();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

static struct mount_options words(const char *list)
{
	static char copies[16][8192];
	static const char *array[16];
	static int turn;
	struct mount_options o;
	char *copy = copies[turn++ % 16];
	size_t n = 0;

	snprintf(copy, sizeof(copies[0]), "%s", list);
	for (char *at = strtok(copy, " "); at; at = strtok(NULL, " "))
		array[n++] = at;
	CHECK(mount_options_read(array, n, &o) == 0);
	return o;
}

static int dir(const char *name)
{
	int fd;

	CHECK(mkdirat(mnt, name, 0755) == 0 || errno == EEXIST);
	fd = openat(mnt, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(fd >= 0);
	return fd;
}

/* "ro,noatime - tmpfs rw,size=4k" of the last mount at path, with its optional fields; "" if none. */
static const char *shown(const char *path)
{
	static char found[8192];
	char line[8192], at[256];
	FILE *file = fopen("/proc/self/mountinfo", "r");
	int end = 0;

	*found = '\0';
	CHECK(file != NULL);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%*d %*d %*s %*s %255s %n", at, &end) == 1 && strcmp(at, path) == 0)
			strcpy(found, line + end);
	fclose(file);
	return found;
}

static bool has(const char *line, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = line; (at = strstr(at, word)); at++)
		if ((at == line || strchr(" ,", at[-1])) && strchr(" ,\n", at[length]))
			return true;
	return false;
}

static void put(const char *type, const char *options, const char *name)
{
	struct mount_options o = words(options);
	auto_close int fd = -1, target = dir(name);
	char message[256];

	fd = mount_new(type, type, &o, message);
	CHECK(fd >= 0);
	CHECK(mount_attach(fd, target) == 0);
	mount_options_free(&o);
}

static void bind_to(const char *source, const char *options, const char *name)
{
	struct mount_options o = words(options);
	auto_close int fd = -1, target = dir(name);

	fd = mount_clone(mnt, source, o.recursive, false);
	CHECK(fd >= 0);
	CHECK(mount_apply(fd, &o) == 0);
	CHECK(mount_attach(fd, target) == 0);
}

static void file_systems(void)
{
	put("tmpfs", "nosuid nodev noexec mode=751 size=64k", "a");
	CHECK(has(shown("/mnt/a"), "nosuid") && has(shown("/mnt/a"), "nodev") && has(shown("/mnt/a"), "noexec"));
	CHECK(has(shown("/mnt/a"), "mode=751") && has(shown("/mnt/a"), "size=64k"));
	put("tmpfs", "mode=700,size=8k ro", "b"); /* several words in one */
	CHECK(has(shown("/mnt/b"), "mode=700") && has(shown("/mnt/b"), "size=8k"));
	CHECK(strncmp(shown("/mnt/b"), "ro", 2) == 0 && strstr(shown("/mnt/b"), "tmpfs ro"));
	put("tmpfs", "ro rw sync dirsync lazytime", "c");
	CHECK(strncmp(shown("/mnt/c"), "rw", 2) == 0);
	CHECK(has(shown("/mnt/c"), "sync") && has(shown("/mnt/c"), "dirsync") && has(shown("/mnt/c"), "lazytime"));
	put("tmpfs", "sync async silent mand defaults", "d");
	CHECK(!has(shown("/mnt/d"), "sync"));
}

static void access_times(void)
{
	auto_close int fd = -1;

	put("tmpfs", "", "a");
	CHECK(has(shown("/mnt/a"), "relatime"));
	put("tmpfs", "noatime nodiratime", "b");
	CHECK(has(shown("/mnt/b"), "noatime") && has(shown("/mnt/b"), "nodiratime"));
	put("tmpfs", "strictatime", "c");
	CHECK(!has(shown("/mnt/c"), "noatime") && !has(shown("/mnt/c"), "relatime"));
	put("tmpfs", "nosymfollow", "d");
	CHECK(has(shown("/mnt/d"), "nosymfollow"));
	bind_to("b", "bind relatime diratime", "e");
	CHECK(has(shown("/mnt/e"), "relatime") && !has(shown("/mnt/e"), "nodiratime"));
	bind_to("b", "bind nosuid", "f"); /* what is not named stays */
	CHECK(has(shown("/mnt/f"), "noatime") && has(shown("/mnt/f"), "nosuid"));
	bind_to("b", "bind strictatime", "g");
	CHECK(!has(shown("/mnt/g"), "noatime") && !has(shown("/mnt/g"), "relatime"));
	fd = openat(mnt, "g", O_PATH);
	CHECK(mount_change(fd, MOUNT_ATTR_NOATIME, 0, 0, false) == 0); /* the field is cleared for the caller */
	CHECK(has(shown("/mnt/g"), "noatime"));
}

static void tells_what_the_kernel_said(void)
{
	struct mount_options o = words("nonsense=1");
	char message[256];

	CHECK(mount_new("tmpfs", NULL, &o, message) == -EINVAL);
	CHECK(strstr(message, "nonsense") != NULL);
	o = words("");
	CHECK(mount_new("no-such-fs", NULL, &o, message) == -ENODEV);
	CHECK(*message == '\0');
}

static void binds(void)
{
	put("tmpfs", "", "src");
	CHECK(mkdirat(mnt, "src/sub", 0755) == 0);
	CHECK(sys_mount("tmpfs", "/mnt/src/sub", "tmpfs", 0, NULL) == 0);

	put("tmpfs", "ro nosuid nodev noexec", "flags");
	bind_to("flags", "bind rw", "rw");
	CHECK(strncmp(shown("/mnt/rw"), "rw", 2) == 0 && has(shown("/mnt/rw"), "nosuid"));
	bind_to("flags", "bind suid dev exec", "none");
	CHECK(strncmp(shown("/mnt/none"), "ro", 2) == 0 && !has(shown("/mnt/none"), "nosuid"));
	CHECK(!has(shown("/mnt/none"), "nodev") && !has(shown("/mnt/none"), "noexec"));
	bind_to("src", "bind ro", "one");
	CHECK(has(shown("/mnt/one"), "ro") && !*shown("/mnt/one/sub"));
	bind_to("src", "rbind ro nosuid", "tree");
	CHECK(has(shown("/mnt/tree"), "nosuid") && strncmp(shown("/mnt/tree"), "ro", 2) == 0);
	CHECK(strncmp(shown("/mnt/tree/sub"), "rw", 2) == 0 && !has(shown("/mnt/tree/sub"), "nosuid"));
	bind_to("src", "rbind rro rnoexec", "all");
	CHECK(strncmp(shown("/mnt/all"), "ro", 2) == 0 && strncmp(shown("/mnt/all/sub"), "ro", 2) == 0);
	CHECK(has(shown("/mnt/all/sub"), "noexec"));
	bind_to("all", "rbind rrw", "again");
	CHECK(strncmp(shown("/mnt/again/sub"), "rw", 2) == 0);
	CHECK(strncmp(shown("/mnt/src"), "rw", 2) == 0);
	bind_to("src", "rbind rnoatime", "times");
	CHECK(has(shown("/mnt/times/sub"), "noatime"));
}

static void propagation(void)
{
	put("tmpfs", "", "src");
	CHECK(mkdirat(mnt, "src/sub", 0755) == 0);
	CHECK(sys_mount("tmpfs", "/mnt/src/sub", "tmpfs", 0, NULL) == 0);
	CHECK(sys_mount(NULL, "/mnt/src", NULL, MS_SHARED | MS_REC, NULL) == 0);

	bind_to("src", "rbind rprivate", "a");
	CHECK(!strstr(shown("/mnt/a"), "shared:") && !strstr(shown("/mnt/a/sub"), "shared:"));
	bind_to("src", "rbind rslave", "b");
	CHECK(strstr(shown("/mnt/b"), "master:") && strstr(shown("/mnt/b/sub"), "master:"));
	bind_to("src", "rbind private", "c");
	CHECK(!strstr(shown("/mnt/c"), "shared:") && strstr(shown("/mnt/c/sub"), "shared:"));
	bind_to("src", "bind unbindable", "d");
	CHECK(strstr(shown("/mnt/d"), "unbindable"));
	put("tmpfs", "shared", "e");
	CHECK(strstr(shown("/mnt/e"), "shared:"));
}

static void overlays(void)
{
	char options[8192] = "lowerdir=", name[128], text[8300];
	auto_close int fd = -1, target = dir("merged");
	struct mount_options o;
	char message[256];

	/* Longer than what fsconfig takes, and than the page that mount(2) takes; one name has an escaped colon. */
	for (int i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "layer%02d-%.80s", i,
			 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
		if (i == 7)
			name[7] = ':';
		(void)dir(name);
		snprintf(text, sizeof(text), "%s/file%02d", name, i);
		CHECK(mknodat(mnt, text, S_IFREG | 0644, 0) == 0);
		if (i == 7)
			snprintf(name, sizeof(name), "layer07\\:%.80s",
				 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
		snprintf(options + strlen(options), sizeof(options) - strlen(options), "%s/mnt/%s", i ? ":" : "", name);
	}
	(void)dir("upper");
	(void)dir("work");
	CHECK(strlen(options) > 4096);
	snprintf(text, sizeof(text), "%s upperdir=/mnt/upper workdir=/mnt/work", options);
	o = words(text);
	fd = mount_new("overlay", "overlay", &o, message);
	if (fd < 0)
		fprintf(stderr, "# %s %s\n", strerror(-fd), message);
	CHECK(fd >= 0);
	CHECK(mount_attach(fd, target) == 0);
	CHECK(faccessat(mnt, "merged/file00", F_OK, 0) == 0 && faccessat(mnt, "merged/file59", F_OK, 0) == 0);
	CHECK(faccessat(mnt, "merged/file07", F_OK, 0) == 0);
	CHECK(mknodat(mnt, "merged/new", S_IFREG | 0644, 0) == 0);
	CHECK(faccessat(mnt, "upper/new", F_OK, 0) == 0);
}

/* Layers behind "::" hold data alone: what is in them does not show. */
static void data_layers(void)
{
	char options[1024], name[300];
	auto_close int fd = -1, target = dir("merged");
	struct mount_options o;
	char message[256];

	memset(name, 'n', 250);
	name[250] = '\0';
	(void)dir(name);
	(void)dir("data");
	CHECK(mknodat(mnt, "data/hidden", S_IFREG | 0644, 0) == 0);
	snprintf(options, sizeof(options), "lowerdir=/mnt/%s::/mnt/data metacopy=on", name);
	o = words(options);
	fd = mount_new("overlay", "overlay", &o, message);
	CHECK(fd >= 0 && mount_attach(fd, target) == 0);
	CHECK(strstr(shown("/mnt/merged"), "datadir+=/mnt/data") || strstr(shown("/mnt/merged"), "::/mnt/data"));
	CHECK(faccessat(mnt, "merged/hidden", F_OK, 0) < 0);
}

/* Only mount(2) can say some things: its detour must leave nothing behind. */
static void staged(void)
{
	char before[1024], after[1024], source[300];
	struct mount_options o;
	auto_close int fd = -1, target = dir("long");
	char message[256];

	CHECK(getcwd(before, sizeof(before)) != NULL);
	put("tmpfs", "iversion noexec ro size=4k", "a");
	CHECK(has(shown("/mnt/a"), "noexec") && has(shown("/mnt/a"), "size=4k"));
	CHECK(strncmp(shown("/mnt/a"), "ro", 2) == 0);
	memset(source, 's', sizeof(source));
	source[sizeof(source) - 1] = '\0';
	o = words("nosuid");
	fd = mount_new("tmpfs", source, &o, message);
	CHECK(fd >= 0 && mount_attach(fd, target) == 0);
	CHECK(strstr(shown("/mnt/long"), source) && has(shown("/mnt/long"), "nosuid"));
	CHECK(getcwd(after, sizeof(after)) != NULL && strcmp(before, after) == 0);
	CHECK(!*shown("/m"));
	CHECK(strstr(shown("/"), "tmpfs") == NULL);
	o = words("iversion nonsense");
	CHECK(mount_new("tmpfs", NULL, &o, message) == -EINVAL);
	CHECK(strstr(shown("/"), "tmpfs") == NULL);
}

static void remounts(void)
{
	struct mount_options o;
	auto_close int fd = -1;

	put("tmpfs", "nosuid noatime size=4k", "a");
	fd = openat(mnt, "a", O_PATH);
	o = words("remount ro size=8k nodev");
	CHECK(mount_reconfigure(fd, &o) == 0);
	CHECK(strncmp(shown("/mnt/a"), "ro", 2) == 0 && strstr(shown("/mnt/a"), "tmpfs ro"));
	CHECK(has(shown("/mnt/a"), "size=8k") && has(shown("/mnt/a"), "nodev") && !has(shown("/mnt/a"), "nosuid"));
	CHECK(has(shown("/mnt/a"), "noatime"));
	o = words("remount rw");
	CHECK(mount_reconfigure(fd, &o) == 0);
	CHECK(strncmp(shown("/mnt/a"), "rw", 2) == 0 && strstr(shown("/mnt/a"), "tmpfs rw"));
	o = words("remount bind ro");
	CHECK(mount_reconfigure(fd, &o) == 0);
	CHECK(strncmp(shown("/mnt/a"), "ro", 2) == 0 && strstr(shown("/mnt/a"), "tmpfs rw"));
}

static void local(void)
{
	auto_close int foreign = dir("here"), own = -1, clone = -1, other = -1;
	auto_close int first = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC); /* keeps its mounts in place */

	CHECK(first >= 0 && unshare(CLONE_NEWNS) == 0);
	CHECK(mount_clone_fd(foreign, false) == -EINVAL);
	own = mount_local(foreign);
	CHECK(own >= 0);
	clone = mount_clone_fd(own, false);
	CHECK(clone >= 0);
	CHECK(sys_mount("tmpfs", "/mnt/here", "tmpfs", 0, NULL) == 0);
	other = mount_local(foreign);
	CHECK(other == -ESTALE);
}

static void detaches(void)
{
	auto_close int fd = -1;
	char before[1024], after[1024];

	CHECK(getcwd(before, sizeof(before)) != NULL);
	put("tmpfs", "", "a");
	fd = openat(mnt, "a", O_PATH);
	CHECK(mount_detach(fd) == 0);
	CHECK(!*shown("/mnt/a"));
	CHECK(getcwd(after, sizeof(after)) != NULL && strcmp(before, after) == 0);
}

/* In a user namespace of its own the mounts that came along have their flags locked. */
static void locked(void)
{
	put("tmpfs", "ro nosuid noatime", "src");
	CHECK(unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0);
	(void)fd_close(mnt);
	mnt = open("/mnt", O_PATH | O_DIRECTORY);
	CHECK(mkdirat(mnt, "to", 0777) == 0 || errno == EOVERFLOW);
	{
		auto_close int fd = -1, target = open("/mnt", O_PATH | O_DIRECTORY);
		struct mount_options o = words("bind rw suid noexec relatime nodiratime");

		fd = mount_clone(mnt, "src", true, false);
		CHECK(fd >= 0);
		CHECK(mount_change(fd, 0, MOUNT_ATTR_RDONLY, 0, false) == -EPERM);
		CHECK(mount_apply(fd, &o) == 0);
		o = words("bind rw suid nodev");
		CHECK(mount_apply(fd, &o) == 0);
		CHECK(mount_attach(fd, target) == 0);
	}
	CHECK(has(shown("/mnt"), "nodev"));
	CHECK(has(shown("/mnt"), "ro") && has(shown("/mnt"), "nosuid") && has(shown("/mnt"), "noexec"));
	CHECK(has(shown("/mnt"), "noatime"));
}

/* The right is that of the user namespace which the mount namespace belongs to. */
static void rights(void)
{
	CHECK(mount_is_allowed());
	CHECK(sys_setresuid(65534, 65534, 65534) == 0);
	CHECK(!mount_is_allowed());
	if (unshare(CLONE_NEWUSER) < 0)
		_exit(77);
	CHECK(!mount_is_allowed());
	CHECK(unshare(CLONE_NEWNS) == 0);
	CHECK(mount_is_allowed());
}

/* In somebody else's mount namespace: with all rights, and nothing changes. */
static void forbidden(void)
{
	struct mount_options o = words("nosuid"), remount = words("remount ro size=1m"), iversion = words("iversion");
	auto_close int fd = -1, clone = -1, at = -1;
	char message[256];

	put("tmpfs", "", "a");
	at = openat(mnt, "a", O_PATH);
	CHECK(mkdirat(mnt, "b", 0777) == 0);
	fd = mount_new("tmpfs", NULL, &o, message);
	CHECK(fd >= 0);
	mount_forbid();
	clone = mount_clone_fd(at, false);
	CHECK(mount_attach(fd, mnt) == -EPERM);
	CHECK(mount_attach(clone, mnt) == -EPERM);
	CHECK(mount_change(at, MOUNT_ATTR_RDONLY, 0, 0, false) == -EPERM);
	CHECK(mount_apply(at, &o) == -EPERM);
	CHECK(mount_reconfigure(at, &remount) == -EPERM);
	CHECK(mount_new("tmpfs", NULL, &iversion, message) == -EPERM);
	CHECK(mount_tree_propagation(MS_SLAVE) == -EPERM);
	CHECK(mount_detach(at) == -EPERM);
	CHECK(*shown("/mnt/a") && !has(shown("/mnt/a"), "ro") && !has(shown("/mnt"), "nosuid"));
}

/* In a tree that is in no mount namespace mounts can be made; those of the namespace stay as they are. */
static void confined(void)
{
	struct mount_options o = words("nosuid"), remount = words("remount ro size=1m"), iversion = words("iversion");
	auto_close int tree = -1, at = -1, inner = -1, below = -1;
	char message[256];
	int r;

	put("tmpfs", "", "a");
	at = openat(mnt, "a", O_PATH);
	r = mount_can_nest();
	CHECK(r == 0 || r == -EOPNOTSUPP);
	mount_confine();
	CHECK(mount_reconfigure(at, &remount) == -EPERM);
	CHECK(mount_new("tmpfs", NULL, &iversion, message) == -EPERM);
	CHECK(mount_tree_propagation(MS_SLAVE) == -EPERM);
	CHECK(mount_detach(at) == -EPERM);
	tree = mount_clone_fd(at, true);
	CHECK(tree >= 0 && mkdirat(tree, "b", 0777) == 0);
	inner = mount_new("tmpfs", NULL, &o, message);
	below = openat(tree, "b", O_PATH);
	CHECK(mount_attach(inner, below) == (r == 0 ? 0 : -EINVAL));
	CHECK(mount_change(tree, MOUNT_ATTR_RDONLY, 0, 0, false) == 0);
	CHECK(*shown("/mnt/a") && !has(shown("/mnt/a"), "ro") && !*shown("/mnt/a/b"));
}

#define CASE(name)                        \
	static void name##_(void **state) \
	{                                 \
		(void)state;              \
		in_namespace(name);       \
	}
CASE(file_systems)
CASE(access_times)
CASE(tells_what_the_kernel_said)
CASE(binds)
CASE(propagation)
CASE(overlays)
CASE(data_layers)
CASE(staged)
CASE(remounts)
CASE(local)
CASE(detaches)
CASE(locked)
CASE(rights)
CASE(forbidden)
CASE(confined)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_systems_),
		cmocka_unit_test(access_times_),
		cmocka_unit_test(tells_what_the_kernel_said_),
		cmocka_unit_test(binds_),
		cmocka_unit_test(propagation_),
		cmocka_unit_test(overlays_),
		cmocka_unit_test(data_layers_),
		cmocka_unit_test(staged_),
		cmocka_unit_test(remounts_),
		cmocka_unit_test(local_),
		cmocka_unit_test(detaches_),
		cmocka_unit_test(locked_),
		cmocka_unit_test(rights_),
		cmocka_unit_test(forbidden_),
		cmocka_unit_test(confined_),
	};

	return cmocka_run_group_tests_name("mount", tests, NULL, NULL);
}
