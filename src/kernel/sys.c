// SPDX-License-Identifier: LGPL-2.1-or-later
/* sys.c - every raw system call, one function each.
 *
 * syscall(2) sets errno; callers of this file never look at it, they get -errno.  glibc's wrappers are not
 * used where they do more than the call (setresuid, setgroups: signals to all threads) or are too new. */
#include "kernel/sys.h"

#include <errno.h>
#include <string.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <fcntl.h>
#include <sched.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452 /* Linux 6.6, the same number everywhere */
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 439 /* Linux 5.8, the same number everywhere */
#endif
#ifndef MNT_DETACH
#define MNT_DETACH 2 /* sys/mount.h and linux/mount.h cannot be included together everywhere */
#endif

static int result(long r)
{
	return r < 0 ? -errno : (int)r;
}

/* ---- processes ---- */

pid_t sys_clone3(const struct clone_args *args)
{
	return result(syscall(SYS_clone3, args, sizeof(*args)));
}

static char child_stack[128 * 1024] __attribute__((aligned(16)));

/* Sanitizers know nothing of a stack that they have not seen made. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_STACKS 0
#elif defined(__has_feature)
#define OWN_STACKS (!__has_feature(address_sanitizer) && !__has_feature(memory_sanitizer))
#else
#define OWN_STACKS 1
#endif

#if defined(__x86_64__) && OWN_STACKS
/* The C library has no function for it.  In the child every register but those two is its own from here on. */
static long clone3_run(const struct clone_args *args, int (*run)(void *arg), void *arg)
{
	register int (*child_run)(void *) __asm__("r12") = run;
	register void *child_arg __asm__("r13") = arg;
	long r;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "mov %%r13, %%rdi\n\t"
			 "call *%%r12\n\t"
			 "mov %%eax, %%edi\n\t"
			 "mov %[exit], %%eax\n\t"
			 "syscall\n"
			 "1:"
			 : "=a"(r)
			 : "0"(SYS_clone3), "D"(args), "S"(sizeof(*args)), "r"(child_run), "r"(child_arg),
			   [exit] "i"(SYS_exit_group)
			 : "rcx", "r11", "memory");
	return r;
}
#endif

static pid_t fork_and_run(const struct clone_args *args, int (*run)(void *arg), void *arg)
{
	pid_t pid = sys_clone3(args);

	if (pid == 0)
		_exit(run(arg));
	return pid;
}

pid_t sys_clone3_vfork(const struct clone_args *args, int (*run)(void *arg), void *arg)
{
#if defined(__x86_64__) && OWN_STACKS
	struct clone_args shared = *args;

	shared.flags |= CLONE_VM | CLONE_VFORK;
	shared.stack = (uint64_t)(uintptr_t)child_stack;
	shared.stack_size = sizeof(child_stack);
	return (pid_t)clone3_run(&shared, run, arg);
#else
	return fork_and_run(args, run, arg);
#endif
}

pid_t sys_vfork_sibling(int (*run)(void *arg), void *arg)
{
	const struct clone_args args = { .flags = CLONE_PARENT };

	/* It grows downwards wherever hull runs.  The exit signal is the caller's own (CLONE_PARENT). */
	if (!OWN_STACKS)
		return fork_and_run(&args, run, arg);
	return result(clone(run, child_stack + sizeof(child_stack), CLONE_VM | CLONE_VFORK | CLONE_PARENT, arg));
}

int sys_execveat(int fd, const char *path, char *const argv[], char *const envp[], int flags)
{
	return result(syscall(SYS_execveat, fd, path, argv, envp, flags));
}

int sys_execve(const char *path, char *const argv[], char *const envp[])
{
	(void)execve(path, argv, envp);
	return -errno;
}

int sys_seccomp_filter(const struct sock_filter *code, size_t n, unsigned flags)
{
	struct sock_fprog program = { .len = (unsigned short)n, .filter = (struct sock_filter *)code };

	if (n > BPF_MAXINSNS)
		return -E2BIG;
	return result(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}

int sys_unshare(unsigned long flags)
{
	return result(syscall(SYS_unshare, flags));
}

int sys_setns(int fd, int type)
{
	return result(syscall(SYS_setns, fd, type));
}

int sys_pidfd_open(pid_t pid, unsigned flags)
{
	return result(syscall(SYS_pidfd_open, pid, flags));
}

int sys_pidfd_send_signal(int pidfd, int signal)
{
	return result(syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}

int sys_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	return result(prctl(option, a, b, c, d));
}

int sys_setgroups(size_t n, const gid_t *groups)
{
	return result(syscall(SYS_setgroups, n, groups));
}

int sys_setresuid(uid_t r, uid_t e, uid_t s)
{
	return result(syscall(SYS_setresuid, r, e, s));
}

int sys_setresgid(gid_t r, gid_t e, gid_t s)
{
	return result(syscall(SYS_setresgid, r, e, s));
}

int sys_prlimit(pid_t pid, int resource, const struct rlimit64 *limit)
{
	return result(syscall(SYS_prlimit64, pid, resource, limit, NULL));
}

int sys_get_rlimit(pid_t pid, int resource, struct rlimit64 *ret)
{
	return result(syscall(SYS_prlimit64, pid, resource, NULL, ret));
}

int sys_all_cpus(void)
{
	unsigned long mask[1024 / sizeof(unsigned long)]; /* 8192 CPUs: the most that Linux can have */

	memset(mask, 0xff, sizeof(mask));
	return result(syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask));
}

int sys_sched_setattr(pid_t pid, const void *attr)
{
	return result(syscall(SYS_sched_setattr, pid, attr, 0));
}

int sys_sched_setaffinity(pid_t pid, size_t bytes, const void *cpus)
{
	return result(syscall(SYS_sched_setaffinity, pid, bytes, cpus));
}

int sys_ioprio_set(int which, int who, int value)
{
	return result(syscall(SYS_ioprio_set, which, who, value));
}

int sys_set_mempolicy(int mode, const void *nodes, unsigned long bits)
{
	return result(syscall(SYS_set_mempolicy, mode, nodes, bits));
}

int sys_personality(unsigned long persona)
{
	return result(syscall(SYS_personality, persona));
}

int sys_landlock_create_ruleset(const void *attr, size_t size, unsigned flags)
{
	return result(syscall(SYS_landlock_create_ruleset, attr, size, flags));
}

int sys_landlock_add_rule(int ruleset, int type, const void *attr)
{
	return result(syscall(SYS_landlock_add_rule, ruleset, type, attr, 0));
}

int sys_landlock_restrict_self(int ruleset)
{
	return result(syscall(SYS_landlock_restrict_self, ruleset, 0));
}

int sys_keyctl_join_session(const char *name)
{
	return result(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name));
}

int sys_keyctl_setperm(int key, unsigned perm)
{
	return result(syscall(SYS_keyctl, KEYCTL_SETPERM, key, perm));
}

/* KEYCTL_DESCRIBE gives "type;uid;gid;perm;description", perm in hexadecimal. */
int sys_keyctl_get_perm(int key, unsigned *ret)
{
	char text[512];
	long n = syscall(SYS_keyctl, KEYCTL_DESCRIBE, key, text, sizeof(text));
	unsigned perm = 0, semicolons = 0;
	const char *at = text;

	if (n < 0)
		return -errno;
	text[sizeof(text) - 1] = '\0';
	while (*at && semicolons < 3)
		semicolons += *at++ == ';';
	for (; *at && *at != ';'; at++) {
		unsigned digit = *at >= '0' && *at <= '9'   ? (unsigned)(*at - '0')
				 : *at >= 'a' && *at <= 'f' ? (unsigned)(*at - 'a') + 10
							    : 16;
		if (digit == 16)
			return -EIO;
		perm = perm << 4 | digit;
	}
	if (semicolons != 3 || *at != ';')
		return -EIO;
	*ret = perm;
	return 0;
}

int sys_sethostname(const char *name, size_t size)
{
	return result(syscall(SYS_sethostname, name, size));
}

int sys_setdomainname(const char *name, size_t size)
{
	return result(syscall(SYS_setdomainname, name, size));
}

/* ---- files, by descriptor ---- */

int sys_openat2(int dir, const char *path, const struct open_how *how)
{
	return result(syscall(SYS_openat2, dir, path, how, sizeof(*how)));
}

int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	return result(syscall(SYS_close_range, first, last, flags));
}

int sys_fchdir(int fd)
{
	return result(fchdir(fd));
}

int sys_fchown(int fd, uid_t uid, gid_t gid)
{
	return result(fchownat(fd, "", uid, gid, AT_EMPTY_PATH));
}

static bool no_proc;

void sys_avoid_proc(void)
{
	no_proc = true;
}

/* fchmod(2) refuses O_PATH descriptors with EBADF; before Linux 6.6 only their magic link can be changed. */
int sys_fchmod(int fd, mode_t mode)
{
	char link[] = "/proc/self/fd/0000000000";
	char *end = link + sizeof(link) - 1;

	if (fchmod(fd, mode) == 0)
		return 0;
	if (errno != EBADF || fd < 0)
		return -errno;
	if (syscall(SYS_fchmodat2, fd, "", mode, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno != ENOSYS || no_proc)
		return -errno;
	for (int n = fd, i = 0; i < 10; i++, n /= 10)
		*--end = (char)('0' + n % 10);
	while (end[0] == '0' && end[1])
		end++;
	for (char *to = link + sizeof("/proc/self/fd/") - 1; (*to++ = *end++);)
		;
	return result(fchmodat(AT_FDCWD, link, mode, 0));
}

int sys_fstat(int fd, struct stat *ret)
{
	return result(fstat(fd, ret));
}

int sys_faccess(int fd, int mode)
{
	return result(syscall(SYS_faccessat2, fd, "", mode, AT_EACCESS | AT_EMPTY_PATH));
}

int sys_getcwd(char *path, size_t size)
{
	return result(syscall(SYS_getcwd, path, size));
}

int sys_flock(int fd, int operation)
{
	int r;

	do
		r = result(flock(fd, operation));
	while (r == -EINTR && !(operation & LOCK_NB));
	return r;
}

int sys_ioctl(int fd, unsigned long request, void *arg)
{
	return result(ioctl(fd, request, arg));
}

/* ---- mounts, by descriptor ---- */

int sys_fsopen(const char *type, unsigned flags)
{
	return result(syscall(SYS_fsopen, type, flags));
}

int sys_fspick(int fd)
{
	return result(syscall(SYS_fspick, fd, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH));
}

int sys_fsconfig(int fd, unsigned command, const char *key, const void *value, int aux)
{
	return result(syscall(SYS_fsconfig, fd, command, key, value, aux));
}

int sys_fsmount(int fd, unsigned flags, unsigned attr_flags)
{
	return result(syscall(SYS_fsmount, fd, flags, attr_flags));
}

int sys_open_tree(int dir, const char *path, unsigned flags)
{
	return result(syscall(SYS_open_tree, dir, path, flags));
}

int sys_move_mount(int from, int to)
{
	return result(syscall(SYS_move_mount, from, "", to, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
}

int sys_mount_setattr(int fd, unsigned flags, struct mount_attr *attr)
{
	return result(syscall(SYS_mount_setattr, fd, "", flags | AT_EMPTY_PATH, attr, sizeof(*attr)));
}

int sys_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)
{
	return result(syscall(SYS_mount, source, target, type, flags, data));
}

int sys_umount(const char *target)
{
	return result(syscall(SYS_umount2, target, MNT_DETACH));
}

/* pivot_root(".", ".") leaves the old root mounted on top of the new one, at "." (pivot_root(2), NOTES). */
int sys_pivot_root_here(void)
{
	int r = result(syscall(SYS_pivot_root, ".", "."));

	return r < 0 ? r : sys_umount(".");
}

int sys_chroot_here(void)
{
	return result(chroot("."));
}

int sys_move_root_here(void)
{
	int r = sys_mount(".", "/", NULL, MS_MOVE, NULL);

	return r < 0 ? r : sys_chroot_here();
}

/* ---- others ---- */

int sys_bpf(int command, union bpf_attr *attr)
{
	return result(syscall(SYS_bpf, command, attr, sizeof(*attr)));
}

int sys_mount_id(int fd, unsigned long long *ret)
{
	struct statx stx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) < 0)
		return -errno;
	*ret = stx.stx_mnt_id;
	return 0;
}
