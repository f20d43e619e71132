// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_init_namespaces.c - what init sets inside of new namespaces: sysctls, names, time offsets. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "init/init.h"
#include "kernel/proc.h"
#include "ocispec.h"
#include "unit.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

static struct init in;
static struct oci_linux linux;
static struct oci_config config = { .linux = &linux };
static struct error err;
static enum message_type asked;
static int handed[8];
static size_t n_handed;

/* The runtime's side. */
int init_ask(struct init *unused, struct message *message, const int *send_fds, size_t n_send, int *fds, size_t max_fds,
	     size_t *n_fds, struct error *error)
{
	(void)unused, (void)send_fds, (void)n_send, (void)error;
	asked = message->type;
	if (n_fds) {
		assert_true(n_handed <= max_fds);
		memcpy(fds, handed, n_handed * sizeof(*fds));
		*n_fds = n_handed;
	}
	return 0;
}

void init_log(struct init *unused, const char *fmt, ...)
{
	(void)unused, (void)fmt;
}

void init_warn(struct init *unused, const char *fmt, ...)
{
	(void)unused, (void)fmt;
}

/* Runs test in a child with new namespaces. */
static void in_namespaces(int flags, int (*test)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(flags) < 0)
			_exit(77);
		in = (struct init){ .config = &config, .new_namespaces = (unsigned)flags };
		in.procfs = proc_open_private(NULL);
		_exit(in.procfs < 0 ? 78 : test());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	if (status)
		fail_msg("exit status %d", WEXITSTATUS(status));
}

/* ---- sysctl ---- */

static const char *sysctl(const char *key, const char *value)
{
	static struct oci_pair pair;

	pair = (struct oci_pair){ key, value };
	linux.sysctl = &pair;
	linux.n_sysctl = 1;
	err = (struct error){ 0 };
	return step_sysctl(&in, &err) == 0 ? "" : err.text;
}

static bool reads(const char *path, const char *wanted)
{
	auto_free char *text = NULL;

	return proc_read(in.procfs, path, &text) == 0 && strcmp(text, wanted) == 0;
}

static int sysctls(void)
{
	static const struct {
		const char *key, *value, *text;
	} rows[] = {
		{ "net.ipv4.ip_forward", "1", "" },
		{ "net/ipv4/ip_forward", "0", "" },
		{ "net.ipv4.ip_local_port_range", "2000 3000", "" }, /* shown with a tab */
		{ "net.ipv4.ip_local_reserved_ports", "5,6,7", "" }, /* shown as 5-7 */
		{ "net.ipv4.conf.lo.forwarding", "1", "" },
		{ "net.ipv4.route.flush", "1", "" }, /* can only be written */
		{ "net.ipv4.nothing", "1",
		  "config.json:/linux/sysctl/net.ipv4.nothing: cannot write 1: no such file or directory" },
		{ "net.ipv4.ip_local_port_range", "x",
		  "config.json:/linux/sysctl/net.ipv4.ip_local_port_range: cannot write x: invalid argument" },
		/* Ways to the rest of /proc. */
		{ "net/../../self/oom_score_adj", "5",
		  "config.json:/linux/sysctl/net~1..~1..~1self~1oom_score_adj: is no sysctl's name" },
		{ "...self.oom_score_adj", "5", "config.json:/linux/sysctl/...self.oom_score_adj: is no sysctl's name" },
		{ ".//self.oom_score_adj", "5",
		  "config.json:/linux/sysctl/.~1~1self.oom_score_adj: is no sysctl's name" },
		{ "/self/oom_score_adj", "5", "config.json:/linux/sysctl/~1self~1oom_score_adj: is no sysctl's name" },
		{ "net..ipv4.ip_forward", "1", "config.json:/linux/sysctl/net..ipv4.ip_forward: is no sysctl's name" },
		{ "net.ipv4.", "1", "config.json:/linux/sysctl/net.ipv4.: is no sysctl's name" },
		{ "", "1", "config.json:/linux/sysctl/: is no sysctl's name" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text = sysctl(rows[i].key, rows[i].value);

		if (strcmp(text, rows[i].text) != 0) {
			fprintf(stderr, "# %s: %s\n", rows[i].key, text);
			return 1;
		}
	}
	if (!reads("sys/net/ipv4/ip_forward", "0\n") || !reads("sys/net/ipv4/ip_local_port_range", "2000\t3000\n") ||
	    !reads("self/oom_score_adj", "0\n"))
		return 2;
	return 0;
}

static void test_sysctls(void **state)
{
	(void)state;
	in_namespaces(CLONE_NEWNET, sysctls);
}

/* ---- names ---- */

static int names(void)
{
	struct utsname name;

	config.hostname = "host-1";
	config.domainname = "domain.example";
	if (step_names(&in, &err) != 0 || uname(&name) < 0 || strcmp(name.nodename, "host-1") != 0 ||
	    strcmp(name.domainname, "domain.example") != 0)
		return 1;
	config.hostname = "a-name-that-is-longer-than-the-sixty-four-bytes-that-the-kernel-keeps-of-it";
	if (step_names(&in, &err) != -1 || err.code != -EINVAL || !strstr(err.text, "config.json:/hostname"))
		return 2;
	return 0;
}

static void test_names(void **state)
{
	(void)state;
	in_namespaces(CLONE_NEWUTS, names);
}

/* ---- time ---- */

static struct oci_time_offset offsets[] = {
	{ .key = "monotonic", .secs = 1000 },
	{ .key = "boottime", .secs = -1, .nanosecs = 7 },
};

static int times(void)
{
	auto_free char *text = NULL;
	char clock_a[16], clock_b[16];
	long long a, a_nano, b, b_nano;

	linux.time_offsets = offsets;
	linux.n_time_offsets = 2;
	if (step_time(&in, &err) != 0) {
		fprintf(stderr, "# %s\n", err.text);
		return 1;
	}
	if (proc_read(in.procfs, "self/timens_offsets", &text) < 0 ||
	    sscanf(text, "%15s %lld %lld %15s %lld %lld", clock_a, &a, &a_nano, clock_b, &b, &b_nano) != 6)
		return 2;
	return a == 1000 && a_nano == 0 && b == -1 && b_nano == 7 ? 0 : 3;
}

static void test_times(void **state)
{
	(void)state;
	in_namespaces(CLONE_NEWTIME, times);
}

/* In a user namespace an undumpable process may no longer open the file: it was opened before. */
static int times_of_user(void)
{
	in.new_namespaces = CLONE_NEWUSER | CLONE_NEWTIME;
	linux.time_offsets = offsets;
	linux.n_time_offsets = 2;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return 4;
	asked = 0;
	/* Without maps nobody can become root inside: that the runtime was asked for them is what counts here. */
	(void)step_user_namespace(&in, &err);
	if (asked != MSG_MAP || in.time_offsets <= 0 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return 5;
	return step_new_namespaces(&in, &err) == 0 && step_time(&in, &err) == 0 ? 0 : 6;
}

static void test_times_of_user(void **state)
{
	(void)state;
	in_namespaces(0, times_of_user);
}

/* ---- joining ---- */

static int open_new(int flag, const char *path)
{
	int fd = -1;

	if (unshare(flag) == 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd;
}

static ino_t inode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

static int joins(void)
{
	ino_t uts, net;

	handed[0] = open_new(CLONE_NEWUTS, "/proc/self/ns/uts");
	uts = inode_of("/proc/self/ns/uts");
	handed[1] = open_new(CLONE_NEWNET, "/proc/self/ns/net");
	net = inode_of("/proc/self/ns/net");
	if (unshare(CLONE_NEWUTS | CLONE_NEWNET) < 0 || inode_of("/proc/self/ns/uts") == uts)
		return 77;
	n_handed = 2;
	in.new_namespaces = 0;
	in.joined_namespaces = CLONE_NEWUTS | CLONE_NEWNET;
	if (step_join(&in, &err) != 0 || step_join_inside(&in, &err) != 0)
		return 1;
	return inode_of("/proc/self/ns/uts") == uts && inode_of("/proc/self/ns/net") == net ? 0 : 2;
}

/* What is no namespace, and the same kind twice, are refused. */
static int strangers(void)
{
	in.joined_namespaces = CLONE_NEWUTS;
	handed[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	n_handed = 1;
	if (step_join(&in, &err) != -1 || err.code != ERR_INTERNAL)
		return 1;
	handed[0] = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	handed[1] = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	n_handed = 2;
	return step_join(&in, &err) == -1 && err.code == ERR_INTERNAL ? 0 : 2;
}

/* Nothing to join: the runtime is not asked. */
static int nothing(void)
{
	asked = 0;
	in.new_namespaces = CLONE_NEWNS;
	in.flags = INIT_NAMESPACES_NEW;
	return step_join(&in, &err) == 0 && step_user_namespace(&in, &err) == 0 && step_join_inside(&in, &err) == 0 &&
			       step_new_namespaces(&in, &err) == 0 && step_time(&in, &err) == 0 &&
			       step_fork(&in, &err) == 0 && step_cgroup_namespace(&in, &err) == 0 && asked == 0 ?
		       0 :
		       1;
}

static void test_joins(void **state)
{
	(void)state;
	in_namespaces(0, joins);
	in_namespaces(0, strangers);
	in_namespaces(0, nothing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sysctls),	      cmocka_unit_test(test_names), cmocka_unit_test(test_times),
		cmocka_unit_test(test_times_of_user), cmocka_unit_test(test_joins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
