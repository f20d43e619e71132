// SPDX-License-Identifier: LGPL-2.1-or-later
/* floor.c - the least that the kernel must be asked to do for a container of the default
 * configuration: one clone3, the cgroups, the mounts, masks and devices, pivot_root, exec.
 *
 * It reads no configuration, checks nothing, logs nothing, records nothing and sets no
 * credentials; what a runtime takes beyond its time is the price of being one.  The calls are
 * the cheapest known for each purpose, so that the ratio is honest.
 *
 *	floor [--cgroup NAME] [--binds N --source DIR] [--docker FILE] [--no-cgroup] ROOT COMMAND...
 *
 * --docker: the limits and mounts of Docker, FILE bound on the three files of /etc that it provides.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define CGROUPS "/sys/fs/cgroup"

struct knob {
	const char *file, *value;
};

struct hierarchy {
	const char *name, *data;
	const struct knob *knobs, *docker_knobs;
};

struct mount_row {
	const char *source, *target, *type;
	unsigned long flags;
	const char *data;
};

/* A write to devices.allow takes one rule.  These are what every container may use, after "a". */
static const struct knob device_rules[] = {
	{"devices.deny", "a"},
	{"devices.allow", "c *:* m"},
	{"devices.allow", "b *:* m"},
	{"devices.allow", "c 1:3 rwm"},
	{"devices.allow", "c 1:5 rwm"},
	{"devices.allow", "c 1:7 rwm"},
	{"devices.allow", "c 1:8 rwm"},
	{"devices.allow", "c 1:9 rwm"},
	{"devices.allow", "c 5:0 rwm"},
	{"devices.allow", "c 5:2 rwm"},
	{"devices.allow", "c 136:* rwm"},
	{NULL, NULL},
};

static const struct knob docker_memory[] = {{"memory.limit_in_bytes", "536870912"}, {NULL, NULL}};
static const struct knob docker_cpu[] = {
	{"cpu.shares", "512"}, {"cpu.cfs_period_us", "100000"}, {"cpu.cfs_quota_us", "50000"}, {NULL, NULL},
};
static const struct knob docker_pids[] = {{"pids.max", "100"}, {NULL, NULL}};

/* cpuset comes with clone_children unset: its cpus and mems must be copied before a task may enter. */
static const struct hierarchy hierarchies[] = {
	{"devices", "devices", device_rules, device_rules},
	{"memory", "memory", NULL, docker_memory},
	{"cpu", "cpu", NULL, docker_cpu},
	{"cpuacct", "cpuacct", NULL, NULL},
	{"cpu,cpuacct", "cpu,cpuacct", NULL, docker_cpu},
	{"cpuset", "cpuset", NULL, NULL},
	{"freezer", "freezer", NULL, NULL},
	{"blkio", "blkio", NULL, NULL},
	{"pids", "pids", NULL, docker_pids},
	{"hugetlb", "hugetlb", NULL, NULL},
	{"perf_event", "perf_event", NULL, NULL},
	{"net_cls,net_prio", "net_cls,net_prio", NULL, NULL},
	{"systemd", "none,name=systemd", NULL, NULL},
	{"unified", NULL, NULL, NULL},
};

#define NSND (MS_NOSUID | MS_NODEV)
#define NSNDNX (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static const struct mount_row first_mounts[] = {
	{"proc", "proc", "proc", 0, NULL},
	{"tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k"},
	{"devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5"},
	{"shm", "dev/shm", "tmpfs", NSNDNX, "mode=1777,size=65536k"},
	{"mqueue", "dev/mqueue", "mqueue", NSNDNX, NULL},
	{"sysfs", "sys", "sysfs", NSNDNX | MS_RDONLY, NULL},
};

static const struct {
	const char *name;
	unsigned major, minor;
} nodes[] = {{"dev/null", 1, 3}, {"dev/zero", 1, 5}, {"dev/full", 1, 7}, {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0}};

static const struct {
	const char *target, *name;
} links[] = {{"/proc/self/fd", "dev/fd"}, {"/proc/self/fd/0", "dev/stdin"}, {"/proc/self/fd/1", "dev/stdout"},
	{"/proc/self/fd/2", "dev/stderr"}, {"pts/ptmx", "dev/ptmx"}};

static const char *const masked_files[] = {"/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
	"/proc/timer_stats", "/proc/sched_debug"};
static const char *const masked_directories[] = {"/proc/acpi", "/proc/asound", "/proc/scsi", "/sys/firmware"};
static const char *const readonly_paths[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};

static const char *root, *source, *cgroup_name = "hull-test/floor";
static char **command;
static unsigned binds;
static const char *docker;
static int want_cgroups = 1;
static int join_fd[COUNT(hierarchies)];
static unsigned n_join;
static int unified_fd = -1; /* its tasks are born there: cgroup.procs would wait for a grace period */

static void die(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	_exit(125);
}

static void check(long result, const char *what)
{
	if (result < 0)
		die(what);
}

static void put_at(int dir, const char *file, const char *value)
{
	int fd = openat(dir, file, O_WRONLY | O_CLOEXEC);

	check(fd, file);
	check(write(fd, value, strlen(value)), file);
	close(fd);
}

static void copy_knob(int dir, const char *name, const char *file)
{
	char path[512], text[4096];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), CGROUPS "/%s/%s", name, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd, path);
	n = read(fd, text, sizeof(text) - 1);
	check(n, path);
	close(fd);
	text[n] = '\0';
	put_at(dir, file, text);
}

/* The parents exist: whoever measures makes them once. */
static void make_cgroups(void)
{
	for (size_t i = 0; i < COUNT(hierarchies); i++) {
		const struct hierarchy *h = &hierarchies[i];
		const struct knob *knob = docker ? h->docker_knobs : h->knobs;
		char path[512];
		int dir;

		snprintf(path, sizeof(path), CGROUPS "/%s/%s", h->name, cgroup_name);
		if (mkdir(path, 0755) < 0) {
			if (errno == ENOENT)
				continue;
			check(errno == EEXIST ? 0 : -1, path);
		}
		dir = open(path, (h->data ? O_PATH : O_RDONLY) | O_DIRECTORY | O_CLOEXEC);
		check(dir, path);
		if (!strcmp(h->name, "cpuset")) {
			char parent[512];

			snprintf(parent, sizeof(parent), "cpuset/%.*s", (int)(strrchr(cgroup_name, '/') - cgroup_name), cgroup_name);
			copy_knob(dir, parent, "cpuset.cpus");
			copy_knob(dir, parent, "cpuset.mems");
		}
		for (; knob && knob->file; knob++)
			put_at(dir, knob->file, knob->value);
		if (!h->data) {
			unified_fd = dir;
			continue;
		}
		join_fd[n_join] = openat(dir, "tasks", O_WRONLY | O_CLOEXEC);
		check(join_fd[n_join++], path);
		close(dir);
	}
}

static void remove_cgroups(void)
{
	for (size_t i = 0; i < COUNT(hierarchies); i++) {
		char path[512];

		snprintf(path, sizeof(path), CGROUPS "/%s/%s", hierarchies[i].name, cgroup_name);
		rmdir(path);
	}
}

/* A task that writes 0 to v1's tasks moves itself alone, which spares the kernel its global lock. */
static void join_cgroups(void)
{
	for (unsigned i = 0; i < n_join; i++)
		check(write(join_fd[i], "0", 1), "join");
}

static void loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	check(fd, "socket");
	check(ioctl(fd, SIOCSIFFLAGS, &request), "lo");
	close(fd);
}

static void cgroup_mounts(void)
{
	check(mount("tmpfs", "sys/fs/cgroup", "tmpfs", NSNDNX, "mode=755"), "sys/fs/cgroup");
	for (size_t i = 0; i < COUNT(hierarchies); i++) {
		const struct hierarchy *h = &hierarchies[i];
		char target[256];

		snprintf(target, sizeof(target), CGROUPS "/%s", h->name);
		if (access(target, F_OK) < 0)
			continue;
		check(mkdir(target + 1, 0755), target);
		if (h->data)
			check(mount("cgroup", target + 1, "cgroup", NSNDNX | MS_RDONLY | MS_RELATIME, h->data), target);
		else
			check(mount("cgroup2", target + 1, "cgroup2", NSNDNX | MS_RDONLY | MS_RELATIME, NULL), target);
	}
	check(mount(NULL, "sys/fs/cgroup", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | NSNDNX, NULL), "sys/fs/cgroup");
}

static void bind_mounts(void)
{
	static const char *const provided[] = {"etc/resolv.conf", "etc/hostname", "etc/hosts"};
	char target[64];

	for (size_t i = 0; docker && i < COUNT(provided); i++)
		check(mount(docker, provided[i], NULL, MS_BIND, NULL), provided[i]);

	for (unsigned i = 0; i < binds; i++) {
		snprintf(target, sizeof(target), "binds/%u", i);
		check(mount(source, target, NULL, MS_BIND, NULL), target);
	}
}

static void populate_dev(void)
{
	for (size_t i = 0; i < COUNT(nodes); i++)
		check(mknod(nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)), nodes[i].name);
	for (size_t i = 0; i < COUNT(links); i++)
		check(symlink(links[i].target, links[i].name), links[i].name);
}

static void make_masks(void)
{
	for (size_t i = 0; i < COUNT(readonly_paths); i++) {
		const char *path = readonly_paths[i];

		if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) < 0)
			continue;
		check(mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | NSNDNX, NULL), path);
	}
	for (size_t i = 0; i < COUNT(masked_files); i++)
		(void)mount("/dev/null", masked_files[i], NULL, MS_BIND, NULL);
	for (size_t i = 0; i < COUNT(masked_directories); i++)
		(void)mount("tmpfs", masked_directories[i], "tmpfs", MS_RDONLY, NULL);
}

static void child(void)
{
	join_cgroups();
	check(unshare(CLONE_NEWCGROUP), "unshare");
	loopback_up();
	check(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "/");
	check(mount(root, root, NULL, MS_BIND | MS_REC, NULL), root);
	check(chdir(root), root);
	umask(0);
	for (size_t i = 0; i < COUNT(first_mounts); i++) {
		const struct mount_row *m = &first_mounts[i];

		if (!strncmp(m->target, "dev/", 4))
			check(mkdir(m->target, 0755), m->target);
		check(mount(m->source, m->target, m->type, m->flags, m->data), m->target);
	}
	if (want_cgroups)
		cgroup_mounts();
	bind_mounts();
	populate_dev();
	check(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	check(umount2(".", MNT_DETACH), "umount");
	check(chdir("/"), "/");
	check(sethostname("floor", 5), "hostname");
	if (!docker)
		check(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), "read-only root");
	make_masks();
	umask(022);
	execv(command[0], command);
	die(command[0]);
}

static void options(int argc, char **argv)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--docker") && i + 1 < argc)
			docker = argv[++i];
		else if (!strcmp(argv[i], "--no-cgroup"))
			want_cgroups = 0;
		else if (!strcmp(argv[i], "--cgroup") && i + 1 < argc)
			cgroup_name = argv[++i];
		else if (!strcmp(argv[i], "--binds") && i + 1 < argc)
			binds = (unsigned)atoi(argv[++i]);
		else if (!strcmp(argv[i], "--source") && i + 1 < argc)
			source = argv[++i];
		else
			break;
	}
	if (i + 2 > argc || (binds && !source)) {
		fprintf(stderr, "floor [--cgroup NAME] [--binds N --source DIR] [--docker FILE] [--no-cgroup] ROOT COMMAND...\n");
		exit(125);
	}
	root = argv[i];
	command = argv + i + 1;
}

int main(int argc, char **argv)
{
	struct clone_args args = {
		.flags = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS,
		.exit_signal = SIGCHLD,
	};
	int status;
	long pid;

	options(argc, argv);
	if (want_cgroups)
		make_cgroups();
	if (unified_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)unified_fd;
	}
	pid = syscall(SYS_clone3, &args, sizeof(args));
	check(pid, "clone3");
	if (pid == 0)
		child();
	check(waitpid((pid_t)pid, &status, 0), "wait");
	if (want_cgroups)
		remove_cgroups();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
