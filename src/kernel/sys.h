// SPDX-License-Identifier: LGPL-2.1-or-later
/* sys.h - every raw system call that hull uses beyond plain read, write and close, one function each.
 *
 * All return what the call returns, or -errno.  Nothing here retries, except on EINTR where the call
 * cannot have had an effect.  The rest of hull calls these and never syscall(2): a test reads the symbols. */
#pragma once

#include <linux/openat2.h>
#include <linux/sched.h>
#include <sys/stat.h>
#include <sys/types.h>

struct mount_attr; /* linux/mount.h */
union bpf_attr;	   /* linux/bpf.h */
struct rlimit64;
struct sock_filter; /* linux/filter.h */

/* ---- processes ---- */
/* clone3(2) with its own stack semantics of fork: returns 0 in the child, the pid in the parent. */
pid_t sys_clone3(const struct clone_args *args);
/* The same as vfork(2) has it: run(arg) is called in the child, on a stack of 128 KiB and in the caller's memory, while
 * the caller waits for its exec or end.  Elsewhere than on x86_64 in a copy of the memory, and nobody waits.  Returns
 * the pid, or -errno.  One at a time. */
pid_t sys_clone3_vfork(const struct clone_args *args, int (*run)(void *arg), void *arg);
/* The same for a sibling, a child of the caller's parent, on every machine. */
pid_t sys_vfork_sibling(int (*run)(void *arg), void *arg);
int sys_execveat(int fd, const char *path, char *const argv[], char *const envp[], int flags);
int sys_execve(const char *path, char *const argv[], char *const envp[]);
/* seccomp(2) with SECCOMP_SET_MODE_FILTER; the program is n instructions.  0, or with SECCOMP_FILTER_FLAG_NEW_LISTENER its
 * descriptor (close-on-exec). */
int sys_seccomp_filter(const struct sock_filter *code, size_t n, unsigned flags);
int sys_unshare(unsigned long flags);
int sys_setns(int fd, int type);
int sys_pidfd_open(pid_t pid, unsigned flags);
int sys_pidfd_send_signal(int pidfd, int signal);
int sys_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
int sys_setgroups(size_t n, const gid_t *groups); /* of this thread: the process has one */
int sys_setresuid(uid_t r, uid_t e, uid_t s);
int sys_setresgid(gid_t r, gid_t e, gid_t s);
/* Lets the calling process run on every CPU that its cpuset allows. */
int sys_all_cpus(void);
int sys_prlimit(pid_t pid, int resource, const struct rlimit64 *limit);
int sys_get_rlimit(pid_t pid, int resource, struct rlimit64 *ret);
int sys_sched_setattr(pid_t pid, const void *attr); /* which begins with its own size */
int sys_sched_setaffinity(pid_t pid, size_t bytes, const void *cpus);
int sys_ioprio_set(int which, int who, int value);
int sys_set_mempolicy(int mode, const void *nodes, unsigned long bits);
int sys_personality(unsigned long persona); /* the one before; as an unsigned number it is never an error */
int sys_keyctl_join_session(const char *name);
int sys_keyctl_setperm(int key, unsigned perm);
int sys_keyctl_get_perm(int key, unsigned *ret);
int sys_sethostname(const char *name, size_t size);
int sys_setdomainname(const char *name, size_t size);

/* landlock_create_ruleset(2), landlock_add_rule(2), landlock_restrict_self(2); the attrs are linux/landlock.h's. */
int sys_landlock_create_ruleset(const void *attr, size_t size, unsigned flags);
int sys_landlock_add_rule(int ruleset, int type, const void *attr);
int sys_landlock_restrict_self(int ruleset);

/* ---- files, by descriptor ---- */
int sys_openat2(int dir, const char *path, const struct open_how *how);
int sys_close_range(unsigned first, unsigned last, unsigned flags);
int sys_fchdir(int fd);
int sys_fchown(int fd, uid_t uid, gid_t gid);     /* also for O_PATH descriptors */
int sys_fchmod(int fd, mode_t mode);
/* From here on sys_fchmod uses no path below /proc, which is somebody else's: -ENOSYS before Linux 6.6. */
void sys_avoid_proc(void);
int sys_fstat(int fd, struct stat *ret);
int sys_faccess(int fd, int mode); /* R_OK, W_OK, X_OK with the effective ids; also for O_PATH descriptors */
int sys_getcwd(char *path, size_t size); /* the kernel's words: "(unreachable)..." outside of the root; length or -errno */
int sys_flock(int fd, int operation);
int sys_ioctl(int fd, unsigned long request, void *arg);

/* ---- mounts, by descriptor ---- */
/* Id of the mount that the descriptor is on (statx(2), STATX_MNT_ID). */
int sys_mount_id(int fd, unsigned long long *ret);
int sys_fsopen(const char *type, unsigned flags);
int sys_fspick(int fd); /* of the mount whose root fd is */
int sys_fsconfig(int fd, unsigned command, const char *key, const void *value, int aux);
int sys_fsmount(int fd, unsigned flags, unsigned attr_flags);
int sys_open_tree(int dir, const char *path, unsigned flags);
int sys_move_mount(int from, int to); /* both with EMPTY_PATH */
int sys_mount_setattr(int fd, unsigned flags, struct mount_attr *attr); /* path "" with AT_EMPTY_PATH */
/* mount(2) and umount2(MNT_DETACH) for what the calls above cannot say: relative targets in mount.c alone. */
int sys_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data);
int sys_umount(const char *target);
/* pivot_root(".", "."), then detach the old root (umount2(".", MNT_DETACH)). */
int sys_pivot_root_here(void);
/* chroot(".") */
int sys_chroot_here(void);
/* MS_MOVE of the current directory onto "/", then chroot(".") (--no-pivot). */
int sys_move_root_here(void);

/* ---- others ---- */
/* bpf(2) with the whole attr, whose unused bytes are zero: kernels write into parts that a short one would not have. */
int sys_bpf(int command, union bpf_attr *attr);
