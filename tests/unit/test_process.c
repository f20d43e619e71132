// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_process.c - environment, executable, working directory, ids and capabilities against a hostile root. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "init/init.h"
#include "kernel/caps.h"
#include "kernel/sys.h"
#include "ocispec.h"
#include "unit.h"

static char top[] = "/tmp/test_process.XXXXXX";
static struct init in;
static struct oci_process process;
static struct oci_config config;
static struct error err;
static char warnings[4096];

/* init.c's, which would bring the whole step table with it. */
int init_ask(struct init *unused, struct message *message, const int *send_fds, size_t n_send, int *fds, size_t max_fds,
	     size_t *n_fds, struct error *error)
{
	(void)unused, (void)message, (void)send_fds, (void)n_send, (void)fds, (void)max_fds, (void)n_fds;
	return fail(error, ERR_INTERNAL, "nobody to ask");
}

void init_log(struct init *unused, const char *fmt, ...)
{
	(void)unused, (void)fmt;
}

void init_warn(struct init *unused, const char *fmt, ...)
{
	size_t used = strlen(warnings);
	va_list args;

	(void)unused;
	va_start(args, fmt);
	(void)vsnprintf(warnings + used, sizeof(warnings) - used, fmt, args);
	va_end(args);
	strncat(warnings, "\n", sizeof(warnings) - strlen(warnings) - 1);
}

static void put(const char *name, const char *text, mode_t mode)
{
	auto_close int fd = openat(in.root.fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
}

/* What exec gives back in real life: the executable's name, the environment, a HOME that was made. */
static void release(void)
{
	for (size_t i = 0; in.environment && in.environment[i]; i++) {
		bool given = strncmp(in.environment[i], "HOME=", 5) != 0;

		for (size_t k = 0; k < process.n_env; k++)
			given = given || in.environment[i] == process.env[k];
		if (!given)
			free(in.environment[i]);
	}
	free(in.environment);
	free(in.executable);
}

static void fresh(const char **env, size_t n_env)
{
	release();
	process = (struct oci_process){ .env = env, .n_env = n_env, .cwd = "/" };
	config = (struct oci_config){ .process = &process };
	in.config = &config;
	in.process = &process;
	in.n_listen = 0;
	in.flags = 0;
	in.landlock = -1;
	in.executable = NULL;
	in.environment = NULL;
	warnings[0] = '\0';
	err = (struct error){ 0 };
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(top) || chmod(top, 0755) < 0)
		return -1;
	in.root.fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return in.root.fd < 0 || mkdirat(in.root.fd, "etc", 0755) < 0 || mkdirat(in.root.fd, "bin", 0755) < 0 ? -1 : 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	fresh(NULL, 0);
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- environment ---- */

static const char *variable(const char *name)
{
	const char *found = NULL;

	for (size_t i = 0; in.environment[i]; i++)
		if (strncmp(in.environment[i], name, strlen(name)) == 0 && in.environment[i][strlen(name)] == '=') {
			assert_null(found); /* once */
			found = in.environment[i] + strlen(name) + 1;
		}
	return found;
}

static void homes(void **state)
{
	static const struct {
		const char *passwd;
		uint32_t uid;
		const char *home;
	} rows[] = {
		{ "root:x:0:0:root:/root:/bin/sh\nu:x:1000:1000::/home/u:/bin/sh\n", 0, "/root" },
		{ "root:x:0:0:root:/root:/bin/sh\nu:x:1000:1000::/home/u:/bin/sh\n", 1000, "/home/u" },
		{ "root:x:0:0:root:/root:/bin/sh\n", 1000, "/" },
		{ "a:x:10:0::/ten:\nb:x:1:0::/one:\nc:x:1:0::/other:\n", 1, "/one" },
		{ "a:x:1:0::/one", 1, "/one" },	  /* no end of line, no shell */
		{ "a:x:1:0:/one\n", 1, "/" },	  /* too few fields */
		{ "a:x:1\nb:x:1:1::/b:\n", 1, "/" }, /* the first line with the uid counts */
		{ "a:x:1:0::relative:\n", 1, "/" },
		{ "a:x:1:0:::\n", 1, "/" },
		{ "a:x:01:0::/no:\na:x:+1:0::/no:\na:x: 1:0::/no:\n", 1, "/" },
		{ "\n\n:::::::\n#comment\na:x:1:0::/one:\n", 1, "/one" },
		{ "", 1, "/" },
	};
	struct oci_user user = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fresh(NULL, 0);
		put("etc/passwd", rows[i].passwd, 0644);
		user.uid = rows[i].uid;
		process.user = &user;
		assert_int_equal(step_environment(&in, &err), 0);
		assert_string_equal(variable("HOME"), rows[i].home);
	}
}

/* What is no regular file is not read, and does not block. */
static void strange_passwd(void **state)
{
	(void)state;
	assert_int_equal(unlinkat(in.root.fd, "etc/passwd", 0), 0);
	for (int i = 0; i < 4; i++) {
		if (i == 1)
			assert_int_equal(mkfifoat(in.root.fd, "etc/passwd", 0666), 0);
		else if (i == 2)
			assert_int_equal(symlinkat("/etc/passwd", in.root.fd, "etc/passwd"), 0);
		else if (i == 3)
			assert_int_equal(symlinkat("../../../../../../etc/passwd", in.root.fd, "etc/passwd"), 0);
		fresh(NULL, 0);
		assert_int_equal(step_environment(&in, &err), 0);
		assert_string_equal(variable("HOME"), "/");
		(void)unlinkat(in.root.fd, "etc/passwd", 0);
	}
}

static void variables(void **state)
{
	const char *env[] = { "A=1", "HOME=/mine", "LISTEN_FDS=9", "B", "A=2", "LISTEN_PID=77", NULL };
	const char *empty[] = { "HOME=", "X=y", NULL };

	(void)state;
	fresh(env, 6);
	assert_int_equal(step_environment(&in, &err), 0);
	assert_ptr_equal(in.environment[0], env[4]); /* the last of two, in the place of the first */
	for (size_t i = 1; i < 4; i++)
		assert_ptr_equal(in.environment[i], env[i]);
	assert_ptr_equal(in.environment[4], env[5]);
	assert_null(in.environment[5]);

	fresh(env, 6);
	in.n_listen = 3;
	assert_int_equal(step_environment(&in, &err), 0);
	assert_string_equal(variable("LISTEN_FDS"), "3");
	assert_string_equal(variable("LISTEN_PID"), "1");
	assert_string_equal(variable("HOME"), "/mine");

	fresh(empty, 2);
	assert_int_equal(step_environment(&in, &err), 0);
	assert_string_equal(variable("HOME"), "/");
	assert_string_equal(variable("X"), "y");
}

/* ---- executable ---- */

static int find(const char *name, const char *path, const char *cwd)
{
	static const char *env[1];
	static const char *args[2];

	env[0] = path;
	args[0] = name;
	fresh(env, path ? 1 : 0);
	process.args = args;
	process.n_args = 1;
	process.cwd = cwd;
	return step_find_executable(&in, &err);
}

static void executables(void **state)
{
	static const struct {
		const char *name, *path, *cwd;
		const char *executable; /* NULL: text */
		const char *text;
	} rows[] = {
		{ "/bin/good", NULL, "/", "/bin/good", NULL },
		{ "good", "PATH=/nowhere:/bin", "/", "/bin/good", NULL },
		{ "good", "PATH=/bin/", "/", "/bin//good", NULL },
		{ "good", NULL, "/", "/bin/good", NULL }, /* without PATH: /bin:/usr/bin */
		{ "good", "PATH=", "/bin", "./good", NULL },
		{ "good", "PATH=/nowhere:", "/bin", "./good", NULL },
		{ "good", "PATH=bin", "/", "bin/good", NULL },
		{ "./good", "PATH=/x", "/bin", "./good", NULL },
		{ "bin/good", "PATH=/x", "/", "bin/good", NULL },
		{ "../bin/good", "PATH=/x", "/etc", "../bin/good", NULL },
		/* Not executable in one directory, but in a later one. */
		{ "good", "PATH=/etc:/bin", "/", "/bin/good", NULL },
		{ "good", "PATH=/etc", "/", NULL, "exec: \"good\": permission denied" },
		{ "none", "PATH=/bin:/etc", "/", NULL, "exec: \"none\": executable file not found in $PATH" },
		{ "good", "PATH=", "/", NULL, "exec: \"good\": executable file not found in $PATH" },
		{ "", "PATH=/bin", "/", NULL, "exec: \"\": executable file not found in $PATH" },
		{ "/bin/none", NULL, "/", NULL, "exec: \"/bin/none\": stat /bin/none: no such file or directory" },
		{ "/bin/good/x", NULL, "/", NULL, "exec: \"/bin/good/x\": stat /bin/good/x: not a directory" },
		{ "./none", NULL, "/", NULL, "exec: \"./none\": stat ./none: no such file or directory" },
		{ "/etc/good", NULL, "/", NULL, "exec: \"/etc/good\": permission denied" },
		{ "/bin", NULL, "/", NULL, "exec: \"/bin\": permission denied" },
		{ "/bin/fifo", NULL, "/", NULL, "exec: \"/bin/fifo\": permission denied" },
		{ "/bin/inside", NULL, "/", "/bin/inside", NULL },
		/* To the host's /bin/sh, if it were followed outside. */
		{ "/bin/outside", NULL, "/", NULL, "exec: \"/bin/outside\": stat /bin/outside: no such file or directory" },
		{ "/bin/up", NULL, "/", "/bin/up", NULL },
		{ "/bin/loop", NULL, "/", NULL,
		  "exec: \"/bin/loop\": stat /bin/loop: too many levels of symbolic links" },
	};

	(void)state;
	put("bin/good", "#!", 0755);
	put("etc/good", "#!", 0644);
	assert_int_equal(mkfifoat(in.root.fd, "bin/fifo", 0777), 0);
	assert_int_equal(symlinkat("/bin/good", in.root.fd, "bin/inside"), 0);
	assert_int_equal(symlinkat("/bin/sh", in.root.fd, "bin/outside"), 0);
	assert_int_equal(symlinkat("../../../../../../bin/good", in.root.fd, "bin/up"), 0);
	assert_int_equal(symlinkat("loop", in.root.fd, "bin/loop"), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int r = find(rows[i].name, rows[i].path, rows[i].cwd);

		if (rows[i].executable) {
			if (r != 0 || strcmp(in.executable, rows[i].executable) != 0)
				fail_msg("row %zu: %d, %s, %s", i, r, r == 0 ? in.executable : "", err.text);
		} else {
			if (r != -1 || strcmp(err.text, rows[i].text) != 0 || err.code != ERR_EXECUTABLE)
				fail_msg("row %zu: %d, %s", i, r, err.text);
		}
	}
}

/* A file system mounted noexec denies; the rights are those of the user after the switch. */
static int denied(void)
{
	struct stat st;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 77;
	put("bin/private", "#!", 0700);
	if (find("/bin/private", NULL, "/") != 0)
		return 1;
	/* From here on the root is the new namespace's. */
	in.root.fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (chdir(top) < 0 || mount("none", "etc", "tmpfs", MS_NOEXEC, NULL) < 0)
		return 2;
	put("etc/program", "#!", 0755);
	if (fstatat(in.root.fd, "etc/program", &st, 0) < 0 || find("/etc/program", NULL, "/") != -1)
		return 3;
	if (setgid(1000) < 0 || setuid(1000) < 0)
		return 4;
	return find("/bin/private", NULL, "/") == -1 ? 0 : 5;
}

static int run_child(int (*test)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(test());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	return WEXITSTATUS(status);
}

static void rights(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(run_child(denied), 0);
}

/* ---- working directory ---- */

static int directories(void)
{
	const uint64_t over = 1 << 1 | 1 << 2; /* CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH */
	char path[512];
	struct caps caps;
	struct stat st;

	if (chroot(top) < 0 || chdir("/") < 0)
		return 77;
	(void)umask(0);
	fresh(NULL, 0);
	process.cwd = "/new/deep";
	if (step_cwd_try(&in, &err) != -1 || err.code != -ENOENT || step_make_cwd(&in, &err) != 0)
		return 1;
	if (step_cwd_try(&in, &err) != 0 || !getcwd(path, sizeof(path)) || strcmp(path, "/new/deep") != 0)
		return 1;
	if (stat("/new/deep", &st) < 0 || (st.st_mode & 07777) != 0755 || st.st_uid != 0)
		return 2;
	process.cwd = "/etc/../bin";
	if (step_cwd_try(&in, &err) != 0 || !getcwd(path, sizeof(path)) || strcmp(path, "/bin") != 0)
		return 3;
	process.cwd = "/bin/good";
	if (step_make_cwd(&in, &err) != 0 || step_cwd_try(&in, &err) != -1 || err.code != -ENOTDIR)
		return 4;
	if (in.cwd_again)
		return 5;
	/* As on NFS: root may not, the user may. */
	if (mkdir("/root-only", 0700) < 0 || mkdir("/place", 0700) < 0 || chown("/place", 1000, 1000) < 0 || caps_current(&caps) < 0)
		return 6;
	caps.permitted &= ~over;
	caps.effective &= ~over;
	if (caps_set(&caps) < 0)
		return 7;
	process.cwd = "/place";
	if (step_cwd_try(&in, &err) != 0 || !in.cwd_again)
		return 8;
	if (setgid(1000) < 0 || setuid(1000) < 0 || step_cwd_again(&in, &err) != 0 || !getcwd(path, sizeof(path)) ||
	    strcmp(path, "/place") != 0)
		return 9;
	/* Neither may. */
	process.cwd = "/root-only";
	return step_cwd_again(&in, &err) == -1 && err.code == -EACCES ? 0 : 10;
}

/* The descriptor of the root lies above what the process calls its root. */
static int unreachable(void)
{
	char inner[64];

	snprintf(inner, sizeof(inner), "%s/bin", top);
	if (chroot(inner) < 0)
		return 77;
	fresh(NULL, 0);
	process.cwd = "/etc";
	return step_cwd_try(&in, &err) == -1 && err.code == ERR_CONFIG ? 0 : 1;
}

static void working_directory(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(run_child(unreachable), 0);
	assert_int_equal(run_child(directories), 0);
}

/* ---- ids and capabilities ---- */

static bool status_shows(const char *wanted)
{
	static char text[8192];
	auto_close int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	if (strstr(text, wanted))
		return true;
	fprintf(stderr, "# no %s in %s", wanted, strstr(text, "Uid:"));
	return false;
}

static int other_user(void)
{
	const char *bounding[] = { "CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW", "CAP_NOPE", NULL };
	const char *permitted[] = { "CAP_CHOWN", "CAP_KILL", "CAP_NOPE", NULL };
	const char *effective[] = { "CAP_CHOWN", "CAP_NET_RAW", NULL }; /* the latter is not permitted */
	const char *inheritable[] = { "CAP_KILL", NULL };
	struct oci_capabilities caps = {
		.bounding = bounding, .n_bounding = 4, .permitted = permitted, .n_permitted = 3,
		.effective = effective, .n_effective = 2, .inheritable = inheritable, .n_inheritable = 1,
		.ambient = permitted, .n_ambient = 3, /* CAP_CHOWN is not inheritable */
	};
	uint32_t groups[] = { 7, 3000000000u };
	struct oci_user user = { .uid = 1000, .gid = 1001, .additional_gids = groups, .n_additional_gids = 2,
				 .umask = 027, .has_umask = true };

	fresh(NULL, 0);
	process.user = &user;
	process.capabilities = &caps;
	if (step_user(&in, &err) != 0) {
		fprintf(stderr, "# %s\n", err.text);
		return 1;
	}
	if (!status_shows("Uid:\t1000\t1000\t1000\t1000\nGid:\t1001\t1001\t1001\t1001\n") ||
	    !status_shows("Groups:\t7 3000000000 \n") || !status_shows("Umask:\t0027\n"))
		return 2;
	if (!status_shows("CapInh:\t0000000000000020\nCapPrm:\t0000000000000021\nCapEff:\t0000000000000001\n"
			  "CapBnd:\t0000000000002021\nCapAmb:\t0000000000000020\n"))
		return 3;
	if (strcmp(warnings, "config.json:/process/capabilities: unknown capability CAP_NOPE is ignored\n"
			     "config.json:/process/capabilities/effective: cannot be granted: CAP_NET_RAW\n"
			     "config.json:/process/capabilities/ambient: cannot be granted: CAP_CHOWN\n") != 0) {
		fprintf(stderr, "# %s", warnings);
		return 4;
	}
	return prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0) == 0 ? 0 : 5;
}

/* Neither user nor capabilities: root without groups and without any capability. */
static int nothing_said(void)
{
	const gid_t groups[] = { 5, 6 };

	if (sys_setgroups(2, groups) < 0)
		return 77;
	fresh(NULL, 0);
	in.inherited_umask = 0077;
	if (step_user(&in, &err) != 0)
		return 1;
	if (!status_shows("Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n") || !status_shows("Groups:\t \n") ||
	    !status_shows("Umask:\t0077\n"))
		return 2;
	if (!status_shows("CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"
			  "CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\n"))
		return 3;
	return *warnings ? 4 : 0;
}

/* The umask of a daemon is not inherited, but 0 when asked for is given. */
static int daemons_umask(void)
{
	fresh(NULL, 0);
	in.inherited_umask = 0;
	return step_user(&in, &err) != 0 || !status_shows("Umask:\t0022\n");
}

static int open_umask(void)
{
	struct oci_user user = { .has_umask = true };

	fresh(NULL, 0);
	process.user = &user;
	return step_user(&in, &err) != 0 || !status_shows("Umask:\t0000\n");
}

static void users(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(run_child(other_user), 0);
	assert_int_equal(run_child(nothing_said), 0);
	assert_int_equal(run_child(daemons_umask), 0);
	assert_int_equal(run_child(open_umask), 0);
}

/* ---- descriptors ---- */

static int closing(void)
{
	int fds[4];

	for (int i = 0; i < 4; i++)
		fds[i] = dup2(0, 10 + i);
	in.n_preserved = 8; /* 3 .. 10 */
	if (step_close_fds(&in, &err) != 0)
		return 1;
	for (int i = 0; i < 4; i++)
		if (fcntl(fds[i], F_GETFD) != (i == 0 ? 0 : FD_CLOEXEC))
			return 2;
	return fcntl(0, F_GETFD) == 0 ? 0 : 3;
}

static int limits(void)
{
	struct oci_rlimit rlimits[] = { { .type = RLIMIT_NOFILE, .soft = 3, .hard = 4 },
					{ .type = RLIMIT_CORE, .soft = 0, .hard = 0 } };
	struct rlimit64 now;

	fresh(NULL, 0);
	process.rlimits = rlimits;
	process.n_rlimits = 2;
	if (step_rlimits(&in, &err) != 0 || getrlimit64(RLIMIT_NOFILE, &now) < 0 || now.rlim_cur != 3 || now.rlim_max != 4)
		return 2;
	/* Raising takes a right. */
	rlimits[1].hard = 1;
	if (setgid(1000) < 0 || setuid(1000) < 0)
		return 77;
	return step_rlimits(&in, &err) == -1 && strstr(err.text, "/process/rlimits/1: cannot set RLIMIT_CORE") ? 0 : 3;
}

static void rlimits(void **state)
{
	(void)state;
	assert_int_equal(run_child(limits), 0);
}

static void descriptors(void **state)
{
	(void)state;
	assert_int_equal(run_child(closing), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(homes),       cmocka_unit_test(strange_passwd),
		cmocka_unit_test(variables),   cmocka_unit_test(executables),
		cmocka_unit_test(rights),      cmocka_unit_test(working_directory),
		cmocka_unit_test(users),       cmocka_unit_test(descriptors),
		cmocka_unit_test(rlimits),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
