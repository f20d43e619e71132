// SPDX-License-Identifier: LGPL-2.1-or-later
/* process.c - the steps that make the process what config.json says: score, keyring, working directory, ids,
 * capabilities, environment, the executable.
 *
 * The image is hostile here as well: /etc/passwd and every directory of PATH are its own. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/annotations.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "init/init.h"
#include "init/labels.h"
#include "kernel/caps.h"
#include "kernel/proc.h"
#include "kernel/sys.h"
#include "ocispec.h"

/* The whole of a file like that is read; a bigger one is left alone. */
#define PASSWD_MAX (4 * 1024 * 1024)

/* What execvp(3) searches without PATH. */
#define DEFAULT_PATH "/bin:/usr/bin"

static const struct oci_user root_user;

static const struct oci_user *user_of(const struct init *in)
{
	return in->process->user ? in->process->user : &root_user;
}

/* ---- score, keyring ---- */

int step_oom_score(struct init *in, struct error *err)
{
	char number[32];
	int r;

	if (!in->process->has_oom_score_adj)
		return 0;
	snprintf(number, sizeof(number), "%lld", (long long)in->process->oom_score_adj);
	r = proc_write(in->procfs, "self/oom_score_adj", number, true);
	return r < 0 ? fail(err, r, "config.json:/process/oomScoreAdj: cannot set it to %s", number) : 0;
}

/* Rights of a key (keyctl_setperm(3)): what others may do with the session keyring is search it, so that a
 * later exec can join it by name. */
enum { KEY_USER_SEARCH = 0x00080000, KEY_OTHER_SEARCH = 0x00000008 };

int step_keyring(struct init *in, struct error *err)
{
	char name[sizeof(in->id) + 8];
	unsigned permissions;
	int key, r;

	if (in->flags & INIT_NO_NEW_KEYRING)
		return 0;
	snprintf(name, sizeof(name), "_ses.%s", in->id);
	if (labels_begin_keys(in, err) < 0)
		return -1;
	key = sys_keyctl_join_session(name);
	if (labels_end_keys(in, err) < 0)
		return -1;
	if (key == -ENOSYS) /* no keys in this kernel: nothing to keep apart */
		return 0;
	if (key == -EDQUOT) {
		init_warn(in, "no new session keyring: the user's quota of keys is used up (kernel.keys.maxkeys)");
		return 0;
	}
	if (key < 0)
		return fail(err, key, "cannot make a session keyring");
	if (in->flags & INIT_EXEC) /* joined, or it is gone and nobody else will look for it */
		return 0;
	r = sys_keyctl_get_perm(key, &permissions);
	if (r == 0) {
		/* Its owner is a user of this namespace; exec comes from outside and is another one there. */
		permissions |= in->new_namespaces & CLONE_NEWUSER ? KEY_OTHER_SEARCH : KEY_USER_SEARCH;
		r = sys_keyctl_setperm(key, permissions);
	}
	return r < 0 ? fail(err, r, "cannot set the rights of the session keyring") : 0;
}

/* ---- working directory ---- */

int step_make_cwd(struct init *in, struct error *err)
{
	auto_close int fd = rootfs_open(&in->root, in->process->cwd, O_PATH | O_DIRECTORY, 0), made = -1;

	if (fd != -ENOENT) /* whatever else is wrong with it is said when it is entered */
		return 0;
	made = root_make_dir(in, in->process->cwd);
	if (made == -EXDEV)
		return fail(err, made,
			    "config.json:/process/cwd: cannot make %s: a link leads to a directory that is not the container's own",
			    in->process->cwd);
	return made < 0 ? fail(err, made, "config.json:/process/cwd: cannot make %s", in->process->cwd) : 0;
}

/* The descriptor is from below the root, but what it names may be moved at any time: the kernel has the last
 * word on where the process is. */
static int enter_cwd(struct init *in, struct error *err)
{
	char path[PATH_MAX];
	auto_close int fd = rootfs_open(&in->root, in->process->cwd, O_PATH | O_DIRECTORY, 0);
	int r;

	if (fd < 0)
		return fail(err, fd, "config.json:/process/cwd: cannot open %s", in->process->cwd);
	r = sys_fchdir(fd);
	if (r < 0)
		return fail(err, r, "config.json:/process/cwd: cannot change to %s", in->process->cwd);
	r = sys_getcwd(path, sizeof(path));
	if (r < 0)
		return fail(err, r, "config.json:/process/cwd: cannot tell where %s is", in->process->cwd);
	if (path[0] != '/')
		return fail(err, ERR_CONFIG, "config.json:/process/cwd: %s is outside of the container's root",
			    in->process->cwd);
	return 0;
}

int step_cwd_try(struct init *in, struct error *err)
{
	if (enter_cwd(in, err) == 0)
		return 0;
	if (err->code != -EACCES)
		return -1;
	in->cwd_again = true;
	return 0;
}

int step_cwd_again(struct init *in, struct error *err)
{
	return in->cwd_again ? enter_cwd(in, err) : 0;
}

/* ---- ids and capabilities ---- */

/* The five lists of config.json, and where each goes. */
static const struct {
	const char *word;
	size_t names, n; /* offsets in struct oci_capabilities */
	size_t set;	 /* offset in struct caps */
} cap_lists[] = {
#define CAP_LIST(word)                                                                                       \
	{                                                                                                    \
		#word, offsetof(struct oci_capabilities, word), offsetof(struct oci_capabilities, n_##word), \
			offsetof(struct caps, word)                                                          \
	}
	CAP_LIST(bounding), CAP_LIST(permitted), CAP_LIST(effective), CAP_LIST(inheritable), CAP_LIST(ambient),
#undef CAP_LIST
};

#define N_CAP_LISTS (sizeof(cap_lists) / sizeof(cap_lists[0]))

static const char *const *cap_names(const struct oci_capabilities *from, size_t list, size_t *n)
{
	*n = *(const size_t *)((const char *)from + cap_lists[list].n);
	return *(const char *const *const *)((const char *)from + cap_lists[list].names);
}

static const uint64_t *cap_set(const struct caps *caps, size_t list)
{
	return (const uint64_t *)((const char *)caps + cap_lists[list].set);
}

static bool named_before(const struct oci_capabilities *from, size_t list, const char *name)
{
	for (size_t i = 0; i < list; i++) {
		size_t n;
		const char *const *names = cap_names(from, i, &n);

		for (size_t k = 0; k < n; k++)
			if (strcmp(names[k], name) == 0)
				return true;
	}
	return false;
}

/* Unknown names are warned of once, not for each list (cap-02). */
static void read_caps(struct init *in, struct caps *ret)
{
	const struct oci_capabilities *from = in->process->capabilities;

	*ret = (struct caps){ 0 };
	for (size_t list = 0; from && list < N_CAP_LISTS; list++) {
		uint64_t *set = (uint64_t *)((char *)ret + cap_lists[list].set);
		size_t n;
		const char *const *names = cap_names(from, list, &n);

		for (size_t i = 0; i < n; i++) {
			int number = cap_number(names[i]);

			if (number >= 0 && number <= cap_last())
				*set |= (uint64_t)1 << number;
			else if (!named_before(from, list, names[i]))
				init_warn(in, "config.json:/process/capabilities: unknown capability %s is ignored",
					  names[i]);
		}
	}
}

static void warn_of_lost(struct init *in, const char *set, uint64_t lost)
{
	auto_text struct text names = TEXT_INIT;

	for (int n = 0; lost; n++, lost >>= 1)
		if (lost & 1)
			text_printf(&names, " %s", cap_name(n));
	if (names.length > 0)
		init_warn(in, "config.json:/process/capabilities/%s: cannot be granted:%s", set, names.data);
}

/* What the kernel would refuse is left out, with a warning (cap-02, cap-03). */
static void limit_caps(struct init *in, const struct caps *own, struct caps *caps)
{
	const struct caps asked = *caps;

	caps->bounding = caps_bounded(caps->bounding);
	caps->permitted &= own->permitted;
	caps->effective &= caps->permitted;
	caps->inheritable &= own->inheritable | (own->permitted & caps->bounding);
	caps->ambient &= caps->permitted & caps->inheritable;
	for (size_t list = 0; list < N_CAP_LISTS; list++)
		warn_of_lost(in, cap_lists[list].word, *cap_set(&asked, list) & ~*cap_set(caps, list));
}

bool keeps_groups(const struct init *in)
{
	const struct oci_config *config = in->config;

	for (size_t i = 0; i < config->n_annotations; i++)
		if (strcmp(config->annotations[i].key, ANNOTATION_KEEP_GROUPS) == 0)
			return strcmp(config->annotations[i].value, "0") != 0;
	return false;
}

static int set_groups(const struct init *in, const struct oci_user *user, const struct caps *own, struct error *err)
{
	int r = keeps_groups(in) ? 0 : sys_setgroups(user->n_additional_gids, user->additional_gids);

	/* Refused although the right is there: a user namespace denies it to all.  Then there is nothing to add, and
	 * what is left cannot be dropped. */
	if (r == -EPERM && user->n_additional_gids == 0 && own->effective & (uint64_t)1 << CAP_SETGID)
		return 0;
	return r < 0 ? fail(err, r, "config.json:/process/user/additionalGids: cannot set the groups") : 0;
}

static int set_ids(const struct init *in, const struct oci_user *user, const struct caps *own, struct error *err)
{
	int r;

	if (set_groups(in, user, own, err) < 0)
		return -1;
	r = sys_setresgid(user->gid, user->gid, user->gid);
	if (r < 0)
		return fail(err, r, "config.json:/process/user/gid: cannot become group %u%s", user->gid,
			    r == -EINVAL ? ", which is not mapped in the user namespace" : "");
	r = sys_setresuid(user->uid, user->uid, user->uid);
	if (r < 0)
		return fail(err, r, "config.json:/process/user/uid: cannot become user %u%s", user->uid,
			    r == -EINVAL ? ", which is not mapped in the user namespace" : "");
	return 0;
}

/* Daemons often run with umask 0, and a container must not inherit that (conformance page). */
static void set_umask(const struct init *in, const struct oci_user *user)
{
	mode_t mask = in->inherited_umask ? in->inherited_umask : 0022;

	(void)umask(user->has_umask ? (mode_t)user->umask : mask); /* cannot fail */
}

/* Without no_new_privs the kernel lets only CAP_SYS_ADMIN load a filter or a Landlock ruleset.  The exec of the program drops it again where
 * the config does not grant it: what a program may have is bounded by the bounding set (root) or ambient (others). */
static void keep_for_filters(const struct init *in, const struct caps *own, struct caps *caps)
{
	const uint64_t admin = (uint64_t)1 << CAP_SYS_ADMIN;

	if ((in->filter || in->landlock >= 0) && !in->process->no_new_privileges && (own->permitted & admin)) {
		caps->permitted |= admin;
		caps->effective |= admin;
	}
}

int step_user(struct init *in, struct error *err)
{
	const struct oci_user *user = user_of(in);
	struct caps own, caps;
	int r;

	r = caps_current(&own);
	if (r < 0)
		return fail(err, r, "cannot read init's capabilities");
	read_caps(in, &caps);
	limit_caps(in, &own, &caps);
	/* While CAP_SETPCAP is there. */
	r = caps_bound(caps.bounding);
	if (r < 0)
		return fail(err, r, "config.json:/process/capabilities/bounding: cannot drop the others");
	/* Or the change of user would drop what the lists grant. */
	r = sys_prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	if (r < 0)
		return fail(err, r, "cannot keep capabilities over the change of user");
	if (set_ids(in, user, &own, err) < 0)
		return -1;
	keep_for_filters(in, &own, &caps);
	r = caps_set(&caps);
	if (r < 0)
		return fail(err, r, "config.json:/process/capabilities: cannot set them");
	r = sys_prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	if (r < 0)
		return fail(err, r, "cannot stop keeping capabilities");
	set_umask(in, user);
	return 0;
}

/* ---- environment ---- */

/* Field number `index` (from 0) of a line of passwd(5); its length, or -1. */
static ssize_t passwd_field(const char *line, size_t length, unsigned index, const char **ret)
{
	const char *end = line + length;

	for (; index > 0; index--) {
		line = memchr(line, ':', (size_t)(end - line));
		if (!line)
			return -1;
		line++;
	}
	*ret = line;
	end = memchr(line, ':', (size_t)(end - line)) ? memchr(line, ':', (size_t)(end - line)) : end;
	return end - line;
}

/* Home of the first line with that uid, owned by the caller; NULL: none. */
static char *find_home(const char *passwd, uid_t uid)
{
	char wanted[16];
	size_t wanted_length = (size_t)snprintf(wanted, sizeof(wanted), "%u", uid);

	for (const char *line = passwd; *line;) {
		size_t length = strcspn(line, "\n");
		const char *id, *home;

		if (passwd_field(line, length, 2, &id) == (ssize_t)wanted_length &&
		    memcmp(id, wanted, wanted_length) == 0) {
			ssize_t n = passwd_field(line, length, 5, &home);

			return n > 0 && home[0] == '/' ? strndup(home, (size_t)n) : NULL;
		}
		line += length + (line[length] == '\n');
	}
	return NULL;
}

/* "HOME=..." by the container's own /etc/passwd, without NSS; "/" where that says nothing. */
static char *home_variable(const struct init *in)
{
	auto_close int fd = rootfs_open(&in->root, "/etc/passwd", O_RDONLY, 0);
	auto_free char *passwd = NULL, *home = NULL;
	auto_text struct text variable = TEXT_INIT;

	if (fd >= 0 && file_read(fd, PASSWD_MAX, &passwd, NULL) == 0)
		home = find_home(passwd, user_of(in)->uid);
	text_printf(&variable, "HOME=%s", home ? home : "/");
	return variable.failed ? NULL : take_ptr(variable.data);
}

static const char *get_variable(const struct init *in, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < in->process->n_env; i++)
		if (strncmp(in->process->env[i], name, length) == 0 && in->process->env[i][length] == '=')
			return in->process->env[i] + length + 1;
	return NULL;
}

/* Replaces every variable of that name; at least one entry of room is left at the end. */
static void set_variable(char **environment, char *variable)
{
	size_t length = strcspn(variable, "=") + 1, n = 0;

	for (size_t i = 0; environment[i]; i++)
		if (strncmp(environment[i], variable, length) != 0)
			environment[n++] = environment[i];
	environment[n++] = variable;
	environment[n] = NULL;
}

/* A variable that is set twice has its last value, in its first place: programs differ in which of two they take. */
static void put_variable(char **environment, size_t *n, char *variable)
{
	size_t length = strcspn(variable, "=") + 1, i = 0;

	while (i < *n && strncmp(environment[i], variable, length) != 0)
		i++;
	environment[i] = variable;
	*n += i == *n;
}

int step_environment(struct init *in, struct error *err)
{
	static char listen_fds[32], listen_pid[] = "LISTEN_PID=1";
	static char notify_socket[] = "NOTIFY_SOCKET=/run/notify/notify.sock";
	const struct oci_process *process = in->process;
	const char *home = get_variable(in, "HOME");
	char *variable;
	size_t n = 0;

	in->environment = calloc(process->n_env + 5, sizeof(*in->environment));
	if (!in->environment)
		return fail(err, -ENOMEM, "cannot make the environment");
	for (size_t i = 0; i < process->n_env; i++)
		put_variable(in->environment, &n, (char *)process->env[i]);
	if (!home || !*home) {
		variable = home_variable(in);
		if (!variable)
			return fail(err, -ENOMEM, "cannot make the environment");
		set_variable(in->environment, variable);
	}
	if (in->n_listen > 0) {
		snprintf(listen_fds, sizeof(listen_fds), "LISTEN_FDS=%d", in->n_listen);
		set_variable(in->environment, listen_fds);
		set_variable(in->environment, listen_pid);
	}
	if (in->flags & INIT_NOTIFY)
		set_variable(in->environment, notify_socket);
	return 0;
}

/* ---- the executable ---- */

/* A path of the program's own view: a relative one is from its working directory.  O_PATH fd or -errno. */
static int open_program(const struct init *in, const char *path)
{
	char whole[PATH_MAX];
	int n = snprintf(whole, sizeof(whole), "%s/%s", *path == '/' ? "" : in->process->cwd, path);

	if (n < 0 || (size_t)n >= sizeof(whole))
		return -ENAMETOOLONG;
	return rootfs_open(&in->root, whole, O_PATH, 0);
}

/* May this user execute it?  A directory is "permission denied" as well: callers make 126 of that. */
static int check_program(int fd)
{
	struct stat st;
	int r;

	r = sys_fstat(fd, &st);
	if (r < 0)
		return r;
	return S_ISREG(st.st_mode) ? sys_faccess(fd, X_OK) : -EACCES;
}

static int find_by_path(struct init *in, const char *name, struct error *err)
{
	auto_close int fd = open_program(in, name);

	if (fd < 0)
		return fail(err, ERR_EXECUTABLE, "exec: \"%s\": stat %s: %s", name, name, errno_text(fd));
	if (check_program(fd) < 0)
		return fail(err, ERR_EXECUTABLE, "exec: \"%s\": permission denied", name);
	in->executable = strdup(name);
	return in->executable ? 0 : fail(err, -ENOMEM, "cannot remember the executable");
}

/* 0 and in->executable; -EACCES: something there may not be executed; -ENOENT and others: not there. */
static int try_directory(struct init *in, const char *directory, size_t length, const char *name)
{
	auto_text struct text path = TEXT_INIT;
	auto_close int fd = -1;
	int r;

	text_append(&path, directory, length);
	text_puts(&path, length > 0 ? "/" : "./");
	text_puts(&path, name);
	if (path.failed)
		return -ENOMEM;
	fd = open_program(in, path.data);
	if (fd < 0)
		return fd;
	r = check_program(fd);
	if (r == 0)
		in->executable = take_ptr(path.data);
	return r;
}

static int find_in_path(struct init *in, const char *name, struct error *err)
{
	const char *path = get_variable(in, "PATH"), *at = path ? path : DEFAULT_PATH;
	bool denied = false;

	while (at && *name) {
		size_t length = strcspn(at, ":");
		int r = try_directory(in, at, length, name);

		if (r == 0)
			return 0;
		denied = denied || r == -EACCES;
		at = at[length] ? at + length + 1 : NULL;
	}
	if (denied)
		return fail(err, ERR_EXECUTABLE, "exec: \"%s\": permission denied", name);
	return fail(err, ERR_EXECUTABLE, "exec: \"%s\": executable file not found in $PATH", name);
}

int step_find_executable(struct init *in, struct error *err)
{
	const char *name = in->process->args[0];

	return strchr(name, '/') ? find_by_path(in, name, err) : find_in_path(in, name, err);
}

/* ---- descriptors ---- */

int step_close_fds(struct init *in, struct error *err)
{
	int r = fd_cloexec_from(3 + (unsigned)in->n_preserved);

	return r < 0 ? fail(err, r, "cannot mark init's descriptors close-on-exec") : 0;
}

int step_rlimits(struct init *in, struct error *err)
{
	int r = fd_restore_limit();

	if (r < 0)
		return fail(err, r, "cannot restore the limit of open files");
	for (size_t i = 0; i < in->process->n_rlimits; i++) {
		const struct oci_rlimit *rl = &in->process->rlimits[i];
		const struct rlimit64 limit = { .rlim_cur = rl->soft, .rlim_max = rl->hard };

		r = sys_prlimit(0, (int)rl->type, &limit);
		if (r < 0)
			return fail(err, r, "config.json:/process/rlimits/%zu: cannot set %s", i,
				    oci_word(oci_rlimit_words, rl->type));
	}
	return 0;
}
