// SPDX-License-Identifier: LGPL-2.1-or-later
/* probe.c - what a container's program sees of itself, as one JSON object on stdout.
 *
 *	probe [PATH | read:PATH | write:PATH | list:PATH]...
 *
 * PATH is looked at (type, mode, owner, device, target), its first bytes are read with read:, its entries with list:, and with write: it is tried
 * whether it can be written to (a directory: whether a file can be made in it).  Static, without options of its own, and
 * uses system calls rather than /proc where there is one: a container need not have /proc.  "probe pause", "probe exit" and "probe
 * fail" do only that. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

/* ---- JSON ---- */

static bool first = true;

static void comma(void)
{
	if (!first)
		putchar(',');
	first = false;
}

static void put_string(const char *text, size_t length)
{
	putchar('"');
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			printf("\\u%04x", c); /* bytes, as if they were Latin-1 */
		else
			putchar(c);
	}
	putchar('"');
}

static void key(const char *name)
{
	comma();
	put_string(name, strlen(name));
	putchar(':');
}

static void open_as(const char *name, char bracket)
{
	if (name)
		key(name);
	else
		comma();
	putchar(bracket);
	first = true;
}

static void close_it(char bracket)
{
	putchar(bracket);
	first = false;
}

static void put_text(const char *name, const char *text)
{
	if (name)
		key(name);
	else
		comma();
	if (text)
		put_string(text, strlen(text));
	else
		fputs("null", stdout);
}

static void put_number(const char *name, long long number)
{
	if (name)
		key(name);
	else
		comma();
	printf("%lld", number);
}

static void put_mode(const char *name, unsigned mode)
{
	char text[16];

	snprintf(text, sizeof(text), "%04o", mode & 07777);
	put_text(name, text);
}

static void put_errno(const char *name, int code)
{
	put_text(name, code == 0 ? "ok" : strerrorname_np(code));
}

/* The whole of a file of /proc or a small one; NULL where it cannot be read. */
static char *slurp(const char *path, size_t *ret_size)
{
	static char buffer[1 << 18];
	size_t size = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return NULL;
	while (size < sizeof(buffer) - 1 && (n = read(fd, buffer + size, sizeof(buffer) - 1 - size)) > 0)
		size += (size_t)n;
	n = size == 0 ? read(fd, buffer, 1) : 0;
	close(fd);
	if (n < 0)
		return NULL;
	buffer[size] = '\0';
	if (ret_size)
		*ret_size = size;
	return buffer;
}

static void put_file(const char *name, const char *path)
{
	char *text = slurp(path, NULL);

	if (text)
		text[strcspn(text, "\n")] = strchr(text, '\n') && strchr(text, '\n')[1] ? '\n' : '\0';
	put_text(name, text);
}

static void put_lines(const char *name, const char *path)
{
	char *rest = slurp(path, NULL), *line;

	if (!rest) {
		put_text(name, NULL);
		return;
	}
	open_as(name, '[');
	while ((line = strsep(&rest, "\n")))
		if (*line)
			put_text(NULL, line);
	close_it(']');
}

/* ---- what there is to say ---- */

static void identity(void)
{
	gid_t groups[256];
	uid_t r, e, s;
	int n = getgroups(256, groups);
	mode_t mask = umask(0);

	open_as("identity", '{');
	getresuid(&r, &e, &s);
	put_number("ruid", r);
	put_number("euid", e);
	put_number("suid", s);
	put_number("fsuid", setfsuid((uid_t)-1));
	getresgid(&r, &e, &s);
	put_number("rgid", r);
	put_number("egid", e);
	put_number("sgid", s);
	put_number("fsgid", setfsgid((gid_t)-1));
	open_as("groups", '[');
	for (int i = 0; i < n; i++)
		put_number(NULL, groups[i]);
	close_it(']');
	put_mode("umask", mask);
	umask(mask);
	close_it('}');
}

static void put_caps(const char *name, uint64_t set)
{
	char text[24];

	snprintf(text, sizeof(text), "%016llx", (unsigned long long)set);
	put_text(name, text);
}

static void capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	uint64_t bounding = 0, ambient = 0;

	syscall(SYS_capget, &header, data);
	for (int i = 0; i < 64; i++) {
		if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
			bounding |= (uint64_t)1 << i;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) == 1)
			ambient |= (uint64_t)1 << i;
	}
	open_as("capabilities", '{');
	put_caps("bounding", bounding);
	put_caps("permitted", data[0].permitted | (uint64_t)data[1].permitted << 32);
	put_caps("effective", data[0].effective | (uint64_t)data[1].effective << 32);
	put_caps("inheritable", data[0].inheritable | (uint64_t)data[1].inheritable << 32);
	put_caps("ambient", ambient);
	put_number("securebits", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
	close_it('}');
}

static void limits(void)
{
	static const char *const names[] = { "cpu",   "fsize",	"data",	 "stack",      "core",	   "rss",  "nproc",  "nofile",
					     "memlock", "as",	"locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime" };

	open_as("rlimits", '{');
	for (int i = 0; i < 16; i++) {
		struct rlimit limit;
		char text[64];

		getrlimit((__rlimit_resource_t)i, &limit);
		snprintf(text, sizeof(text), "%lld %lld", (long long)limit.rlim_cur, (long long)limit.rlim_max);
		put_text(names[i], text);
	}
	close_it('}');
}

static void put_signals(const char *name, bool (*has)(int signal))
{
	open_as(name, '[');
	for (int i = 1; i < 32; i++)
		if (has(i))
			put_number(NULL, i);
	close_it(']');
}

static bool is_ignored(int signal)
{
	struct sigaction action;

	return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static bool is_blocked(int signal)
{
	sigset_t set;

	return sigprocmask(SIG_BLOCK, NULL, &set) == 0 && sigismember(&set, signal) == 1;
}

static void security(void)
{
	open_as("security", '{');
	put_number("noNewPrivileges", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	put_number("seccomp", prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
	put_number("dumpable", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	put_number("keepCaps", prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0));
	put_number("parentDeathSignal", ({ int s = -1; prctl(PR_GET_PDEATHSIG, &s, 0, 0, 0); s; }));
	put_number("subreaper", ({ int s = -1; prctl(PR_GET_CHILD_SUBREAPER, &s, 0, 0, 0); s; }));
	put_file("label", "/proc/self/attr/current");
	put_signals("ignoredSignals", is_ignored);
	put_signals("blockedSignals", is_blocked);
	close_it('}');
}

static void keyring(void)
{
	char text[256] = "";
	long n = syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, sizeof(text) - 1);

	put_text("keyring", n < 0 ? strerrorname_np(errno) : text);
}

struct attributes { /* of sched_setattr(2) */
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

static void scheduling(void)
{
	struct attributes a = { .size = sizeof(a) };
	unsigned long nodes[16] = { 0 }, mask[128] = { 0 };
	int mode = -1;
	long n = syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask);

	open_as("scheduling", '{');
	syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0);
	put_number("policy", a.policy);
	put_number("flags", (long long)a.flags);
	put_number("nice", a.nice);
	put_number("priority", a.priority);
	put_number("ioprio", syscall(SYS_ioprio_get, 1, 0));
	put_number("personality", personality(0xffffffff));
	put_number("memoryPolicy", syscall(SYS_get_mempolicy, &mode, nodes, sizeof(nodes) * 8, NULL, 0) < 0 ? -errno : mode);
	put_number("memoryNodes", (long long)nodes[0]);
	open_as("affinity", '[');
	for (long i = 0; i < n * 8; i++)
		if (mask[i / 64] >> (i % 64) & 1)
			put_number(NULL, i);
	close_it(']');
	put_number("timerSlack", prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0));
	put_number("thp", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	put_file("oomScoreAdj", "/proc/self/oom_score_adj");
	close_it('}');
}

static const char *kind(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "link";
	case S_IFCHR:
		return "character";
	case S_IFBLK:
		return "block";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	}
	return "other";
}

static void put_stat(const struct stat *st)
{
	put_text("type", kind(st->st_mode));
	put_mode("mode", st->st_mode);
	put_number("uid", st->st_uid);
	put_number("gid", st->st_gid);
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode)) {
		put_number("major", major(st->st_rdev));
		put_number("minor", minor(st->st_rdev));
	}
}

static void descriptors(void)
{
	open_as("descriptors", '{');
	for (int fd = 0; fd < 1024; fd++) {
		int flags = fcntl(fd, F_GETFD);
		struct stat st;
		char name[16];

		if (flags < 0)
			continue;
		snprintf(name, sizeof(name), "%d", fd);
		open_as(name, '{');
		put_number("closeOnExec", flags & FD_CLOEXEC);
		put_number("access", fcntl(fd, F_GETFL) & O_ACCMODE);
		if (fstat(fd, &st) == 0)
			put_stat(&st);
		put_number("terminal", isatty(fd));
		close_it('}');
	}
	close_it('}');
}

static void put_path(const char *name, const char *path)
{
	char target[4096];
	struct stat st;
	ssize_t n;

	open_as(name, '{');
	if (lstat(path, &st) < 0) {
		put_errno("error", errno);
	} else {
		put_stat(&st);
		if (S_ISLNK(st.st_mode) && (n = readlink(path, target, sizeof(target) - 1)) >= 0) {
			target[n] = '\0';
			put_text("target", target);
		}
		if (S_ISREG(st.st_mode))
			put_number("size", st.st_size);
	}
	close_it('}');
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void directory(const char *name, const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	char *names[512], below[512];
	size_t n = 0;

	if (!d) {
		put_text(name, NULL);
		return;
	}
	while ((entry = readdir(d)) && n < 512)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			names[n++] = strdup(entry->d_name);
	closedir(d);
	qsort(names, n, sizeof(names[0]), by_name);
	open_as(name, '{');
	for (size_t i = 0; i < n; i++) {
		snprintf(below, sizeof(below), "%s/%s", path, names[i]);
		put_path(names[i], below);
	}
	close_it('}');
}

static void namespaces(void)
{
	static const char *const names[] = { "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts" };
	struct utsname uts;

	open_as("namespaces", '{');
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64], target[128];
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		n = readlink(path, target, sizeof(target) - 1);
		target[n < 0 ? 0 : n] = '\0';
		put_text(names[i], n < 0 ? NULL : target);
	}
	uname(&uts);
	put_text("hostname", uts.nodename);
	put_text("domainname", uts.domainname);
	put_file("uidMap", "/proc/self/uid_map");
	put_file("gidMap", "/proc/self/gid_map");
	put_file("setgroups", "/proc/self/setgroups");
	put_lines("timeOffsets", "/proc/self/timens_offsets");
	close_it('}');
}

static void process(char **argv, char **env)
{
	char cwd[4096], *got;

	open_as("process", '{');
	put_number("pid", getpid());
	put_number("ppid", getppid());
	put_number("sid", getsid(0));
	put_number("pgid", getpgrp());
	got = getcwd(cwd, sizeof(cwd));
	put_text("cwd", got);
	open_as("args", '[');
	for (; *argv; argv++)
		put_text(NULL, *argv);
	close_it(']');
	open_as("env", '[');
	for (; *env; env++)
		put_text(NULL, *env);
	close_it(']');
	close_it('}');
}

static void try_write(const char *path)
{
	char below[4096];
	struct stat st;
	int fd;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		snprintf(below, sizeof(below), "%s/.probe", path);
		fd = open(below, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd >= 0)
			unlink(below);
	} else {
		fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
	}
	put_errno("write", fd < 0 ? errno : 0);
	if (fd >= 0)
		close(fd);
}

static void asked(char **words)
{
	open_as("paths", '{');
	for (; *words; words++) {
		const char *path = strchr(*words, '/');
		size_t size = 0;
		char *text;

		if (!path)
			continue;
		if (strncmp(*words, "read:", 5) == 0) {
			text = slurp(path, &size);
			key(*words);
			if (text)
				put_string(text, size < 4096 ? size : 4096);
			else
				printf("\"%s\"", strerrorname_np(errno));
		} else if (strncmp(*words, "write:", 6) == 0) {
			open_as(*words, '{');
			try_write(path);
			close_it('}');
		} else if (strncmp(*words, "list:", 5) == 0) {
			directory(*words, path);
		} else {
			put_path(*words, path);
		}
	}
	close_it('}');
}

int main(int argc, char **argv, char **env)
{
	if (argc == 2 && strcmp(argv[1], "pause") == 0)
		pause(); /* somebody to exec into */
	if (argc == 2 && (strcmp(argv[1], "exit") == 0 || strcmp(argv[1], "fail") == 0))
		return argv[1][0] == 'f'; /* a hook */
	putchar('{');
	/* Descriptors first: nothing of ours is open. */
	descriptors();
	identity();
	capabilities();
	limits();
	security();
	keyring();
	scheduling();
	namespaces();
	process(argv, env);
	put_lines("mounts", "/proc/self/mountinfo");
	put_lines("cgroups", "/proc/self/cgroup");
	directory("root", "/");
	directory("devices", "/dev");
	asked(argv + 1);
	puts("}");
	return 0;
}
