// SPDX-License-Identifier: LGPL-2.1-or-later
/* fake-restore.c - a criu whose images hold what the file "mode" beside them says: "honest" is a container as the test's
 * config has it, every other word one thing more.  "users WORD" is the same in a user namespace, whose root is 100000.  Real images
 * cannot be made to hold all of these.
 *
 * As criu it makes namespaces and mounts, then executes its copy in the container's root ("/odd MODE"), which takes the
 * last rights off and waits.  "host" and "cgroup" beside "mode" name a file and a directory of the host;
 * "label" is an option of /dev. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CHANNEL 3
#define IMAGES	4
#define HOST	9 /* of the host, for the container's program */
#define READY	10

#define USERS	"users "

static char mode[64], label[256];

static int has_users(void)
{
	return strncmp(mode, USERS, strlen(USERS)) == 0;
}

static int is(const char *word)
{
	return strcmp(has_users() ? mode + strlen(USERS) : mode, word) == 0;
}

static void must(long r, const char *what)
{
	if (r >= 0)
		return;
	dprintf(2, "fake-restore: %s: %s: %s\n", mode, what, strerror(errno));
	_exit(9);
}

/* ---- the program in the container ---- */

static void filter(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { 1, &allow };

	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges");
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "filter");
}

static void bound(int also)
{
	for (int i = 0; i < 64; i++)
		if (i != CAP_KILL && i != also)
			(void)prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
}

static void drop(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { 1U << CAP_KILL, 1U << CAP_KILL, 0 }, { 0, 0, 0 } };

	must(syscall(SYS_capset, &header, data), "capset");
}

static pthread_barrier_t begun;

static void wait_for_ever(void) __attribute__((noreturn));
static void wait_for_ever(void)
{
	for (;;)
		pause();
}

static void *thread(void *unused)
{
	(void)unused;
	pthread_barrier_wait(&begun);
	wait_for_ever();
}

/* The user namespace comes last, since the limits are those of the host's root; criu writes its mappings. */
static void enter_users(void)
{
	char map[64];
	int fd, n;

	must(unshare(CLONE_NEWUSER), "unshare");
	must(write(READY, "u", 1), "write");
	do {
		fd = open("/proc/self/gid_map", O_RDONLY);
		must(fd, "gid_map");
		n = (int)read(fd, map, sizeof(map));
		must(n, "gid_map");
		close(fd);
	} while (n == 0);
	must(setgroups(0, NULL), "setgroups");
	must(setresgid(0, 0, 0), "setresgid");
	must(setresuid(0, 0, 0), "setresuid");
}

static void odd(void) __attribute__((noreturn));
static void odd(void)
{
	static const struct rlimit more = { 2000, 2000 }, limit = { 1024, 1024 };
	static const gid_t group = 42;
	pthread_t other;
	int score;

	if (is("thread")) {
		pthread_barrier_init(&begun, NULL, 2);
		must(-pthread_create(&other, NULL, thread, NULL), "thread");
		pthread_barrier_wait(&begun);
	}
	if (is("child") && fork() == 0) {
		close(READY);
		wait_for_ever();
	}
	if (is("child-mounts")) {
		int pair[2];
		char c;

		must(pipe(pair), "pipe");
		if (fork() == 0) {
			must(unshare(CLONE_NEWNS), "unshare");
			must(mount("tmpfs", "/more", "tmpfs", 0, NULL), "mount");
			bound(-1);
			drop();
			filter();
			close(READY);
			close(pair[1]);
			wait_for_ever();
		}
		close(pair[1]);
		must(read(pair[0], &c, 1), "read");
		close(pair[0]);
	}
	for (int i = 0; is("many") && i < 400; i++) {
		int pair[2];

		must(pipe(pair), "pipe");
	}
	if (is("cwd"))
		must(fchdir(HOST), "fchdir");
	if (is("map"))
		must(mmap(NULL, 4096, PROT_READ, MAP_SHARED, HOST, 0) == MAP_FAILED ? -1 : 0, "mmap");
	must(setrlimit(RLIMIT_NOFILE, is("limit") ? &more : &limit), "setrlimit");
	score = open("/proc/self/oom_score_adj", O_WRONLY);
	must(write(score, is("oom") ? "50" : "100", is("oom") ? 2 : 3), "oom_score_adj");
	close(score);
	if (is("child-home") && fork() != 0)
		must(setns(HOST, CLONE_NEWUTS), "setns");
	if (has_users())
		enter_users();
	if (is("group"))
		must(setgroups(1, &group), "setgroups");
	bound(is("capability") ? CAP_SYS_ADMIN : -1);
	if (is("user"))
		must(setresuid(1000, 1000, 1000), "setresuid"); /* without capabilities from here on */
	else
		drop();
	if (is("no-filter"))
		must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges");
	else if (!is("new-privileges"))
		filter();
	if (!is("descriptor"))
		close(HOST);
	for (int i = 0; is("many") && i < 100; i++)
		if (fork() == 0)
			break;
	close(READY);
	wait_for_ever();
}

/* ---- criu ---- */

static char root[4096]; /* where the container's is staged; sources and devices are beside it */

/* The field of a message; a length in *size where it has one.  Enough of protobuf for strings. */
static const unsigned char *field(const unsigned char *at, const unsigned char *end, unsigned number, size_t *size)
{
	while (at < end) {
		uint64_t key = 0, value = 0;
		int shift;

		for (shift = 0; at < end; shift += 7) {
			key |= (uint64_t)(*at & 0x7f) << shift;
			if (!(*at++ & 0x80))
				break;
		}
		for (shift = 0; at < end; shift += 7) {
			value |= (uint64_t)(*at & 0x7f) << shift;
			if (!(*at++ & 0x80))
				break;
		}
		if ((key & 7) != 2)
			continue;
		if (key >> 3 == number) {
			*size = value;
			return at;
		}
		at += value;
	}
	exit(8);
}

static void hear(int look)
{
	static unsigned char data[65536];
	ssize_t n = recv(CHANNEL, data, sizeof(data), 0);
	const unsigned char *opts, *text;
	size_t size;

	if (n < 2)
		exit(8);
	if (!look)
		return;
	opts = field(data, data + n, 2, &size);
	text = field(opts, opts + size, 13, &size);
	snprintf(root, sizeof(root), "%.*s", (int)size, (const char *)text);
}

static size_t number(char *to, unsigned value)
{
	size_t n = 0;

	for (; value >= 0x80; value >>= 7)
		to[n++] = (char)(value | 0x80);
	to[n++] = (char)value;
	return n;
}

/* A reply of that type, with a message of a script (or none) and a pid. */
static void say(int type, const char *script, unsigned pid)
{
	char inner[64], data[96] = { 8, (char)type, 0x10, 1, type == 6 ? 0x2a : 0x22 };
	size_t n = 0;

	if (script) {
		inner[n++] = 0x0a;
		inner[n++] = (char)strlen(script);
		memcpy(inner + n, script, strlen(script));
		n += strlen(script);
	}
	inner[n++] = script ? 0x10 : 0x08;
	n += number(inner + n, pid);
	data[5] = (char)n;
	memcpy(data + 6, inner, n);
	must(send(CHANNEL, data, 6 + n, 0), "send");
}

static void put(const char *what, const char *to, unsigned long flags)
{
	char source[4200], target[4200];

	snprintf(source, sizeof(source), "%.*s%s", (int)(strlen(root) - strlen("/root")), root, what);
	snprintf(target, sizeof(target), "%s%s", root, to);
	must(mount(source, target, NULL, MS_BIND, NULL), to);
	if (flags)
		must(mount(NULL, target, NULL, MS_BIND | MS_REMOUNT | flags, NULL), to);
}

static void make_with(const char *type, const char *to, unsigned long flags, const char *data)
{
	char target[4200];

	snprintf(target, sizeof(target), "%s%s", root, to);
	must(mount(type, target, type, flags, data), to);
}

static void make(const char *type, const char *to, unsigned long flags)
{
	make_with(type, to, flags, NULL);
}

static void mounts(void)
{
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "propagation");
	make("proc", "/proc", 0);
	make_with("tmpfs", "/dev", MS_NOSUID | (is("tmpfs") ? 0 : MS_NOEXEC), label);
	if (is("other-source"))
		make("tmpfs", "/data", MS_RDONLY | MS_NOSUID | MS_NODEV);
	else
		put("/2", "/data", is("source-writable") ? MS_NOSUID | MS_NODEV : is("source-suid") ? MS_RDONLY | MS_NODEV : 0);
	if (!is("no-mask"))
		put(is("mask-zero") ? "/device1" : "/device0", "/proc/uptime", is("mask-writable") ? MS_NOSUID : 0);
	put("/root/proc/sys", "/proc/sys", is("path-writable") ? 0 : MS_RDONLY);
	if (is("second-proc"))
		make("proc", "/more", 0);
	if (is("second-tmpfs"))
		make("tmpfs", "/more", 0);
	if (is("root-twice"))
		put("/root", "/more", 0);
	for (int i = 3; is("many") && i < 1003; i++) {
		char source[16], target[32];

		snprintf(source, sizeof(source), "/%d", i);
		snprintf(target, sizeof(target), "/more/%d", i);
		put(source, target, 0);
	}
	if (is("host-mount")) {
		must(chdir(root), root);
		must(mount("/", "more", NULL, MS_BIND, NULL), "host");
	}
}

static void contained(int ready, const char *host)
{
	char *argv[] = { (char *)"odd", mode, NULL };
	int fd = open(host, is("cwd") ? O_RDONLY | O_DIRECTORY : O_RDONLY), null = open("/dev/null", O_RDONLY);

	must(fd, host);
	mounts();
	must(chdir(root), root);
	if (is("hidden")) {
		must(chroot("."), "chroot");
	} else if (!is("host-root")) {
		must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
		must(umount2(".", MNT_DETACH), "umount");
	}
	must(chdir(is("host-root") ? root : "/"), "chdir");
	must(dup2(is("descriptor") || is("cwd") || is("map") || is("child-home") ? fd : null, 300), "dup2");
	must(dup2(ready, 301), "dup2");
	must(dup2(300, HOST), "dup2");
	must(dup2(301, READY), "dup2");
	must(syscall(SYS_close_range, READY + 1, ~0U, 0), "close_range");
	for (int i = 3; i < HOST; i++)
		close(i);
	must(execv(is("host-root") ? "odd" : "/odd", argv), "execv");
}

static void write_map(pid_t pid, const char *name)
{
	static const char map[] = "0 100000 65536";
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_WRONLY);
	must(fd, path);
	must(write(fd, map, strlen(map)), path);
	close(fd);
}

static pid_t birth(const char *host)
{
	unsigned long flags = CLONE_PARENT | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWCGROUP | SIGCHLD;
	int pair[2];
	pid_t pid;
	char c;

	must(pipe(pair), "pipe");
	if (!is("namespace") && !is("child-home"))
		flags |= CLONE_NEWUTS;
	pid = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
	must(pid, "clone");
	if (pid == 0) {
		close(pair[0]);
		contained(pair[1], host);
	}
	if (is("stranger")) {
		pid_t other = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

		must(other, "clone");
		if (other == 0) {
			close(pair[1]);
			wait_for_ever();
		}
	}
	close(pair[1]);
	if (has_users()) {
		if (read(pair[0], &c, 1) != 1)
			exit(7);
		write_map(pid, "uid_map");
		write_map(pid, "gid_map");
	}
	if (read(pair[0], &c, 1) != 0)
		exit(7);
	return pid;
}

static void read_file(const char *name, char *to, size_t size)
{
	int fd = openat(IMAGES, name, O_RDONLY);

	if (fd >= 0 && read(fd, to, size - 1) > 0)
		to[strcspn(to, "\n")] = '\0';
	close(fd);
}

static void move(pid_t pid, const char *cgroup)
{
	char path[4200], text[16];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY);
	must(fd, path);
	must(write(fd, text, (size_t)snprintf(text, sizeof(text), "%d", (int)pid)), path);
	close(fd);
}

/* Two of one devpts: the container's own is its first one, and comes last. */
static void terminals(void)
{
	static const struct winsize sizes[] = { { 21, 79, 0, 0 }, { 22, 78, 0, 0 } };
	static char notice[] = "\x08\x06\x10\x01\x2a\x13\x0a\x11orphan-pts-master";
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	int masters[2];
	char path[4200];

	make("devpts", "/more", 0);
	snprintf(path, sizeof(path), "%s/more/ptmx", root);
	for (int i = 0; i < 2; i++) {
		masters[i] = open(path, O_RDWR | O_NOCTTY);
		must(masters[i], path);
		must(ioctl(masters[i], TIOCSWINSZ, &sizes[i]), "size");
	}
	for (int i = 1; i >= 0; i--) {
		struct iovec iov = { notice, sizeof(notice) - 1 };
		struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);

		hear(0);
		*header = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(header), &masters[i], sizeof(int));
		must(sendmsg(CHANNEL, &message, 0), "sendmsg");
	}
}

int main(int argc, char **argv)
{
	static char host[4096], cgroup[4096];
	static const char version[] = "\x08\x0a\x10\x01\x52\x04\x08\x04\x10\x01";
	pid_t pid;

	if (argc == 2 && strcmp(argv[0], "odd") == 0) {
		snprintf(mode, sizeof(mode), "%s", argv[1]);
		odd();
	}
	read_file("mode", mode, sizeof(mode));
	read_file("label", label, sizeof(label));
	read_file("host", host, sizeof(host));
	read_file("cgroup", cgroup, sizeof(cgroup));
	hear(0);
	must(send(CHANNEL, version, sizeof(version) - 1, 0), "send");
	hear(1);
	pid = birth(host);
	if (is("cgroup"))
		move(pid, cgroup);
	say(6, "setup-namespaces", (unsigned)pid);
	if (is("terminals"))
		terminals();
	hear(0);
	if (is("killed")) { /* the socket stays open in what it has forked */
		if (fork() == 0)
			wait_for_ever();
		raise(SIGKILL);
	}
	say(6, "post-restore", (unsigned)pid);
	hear(0);
	say(6, "pre-resume", (unsigned)pid);
	hear(0);
	say(2, NULL, (unsigned)pid);
	return 0;
}
