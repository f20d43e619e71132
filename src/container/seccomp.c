// SPDX-License-Identifier: LGPL-2.1-or-later
/* seccomp.c - the spec's profile becomes BPF; the only user of libseccomp.
 *
 * In front of libseccomp's program stands a short one of ours: a system call with a higher number than any that the
 * profile names is answered ENOSYS, not with the default action.  Programs probe for new calls and fall back on
 * ENOSYS only; a profile older than the kernel must not break them. */
#include "container/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "kernel/pidfd.h"
#include "kernel/sys.h"

#ifdef HAVE_SECCOMP
#include <seccomp.h>

const bool seccomp_is_supported = true;

/* Most that is read of what libseccomp writes, so that its size can be told. */
#define EXPORT_LIMIT (1024 * 1024)
#define X32_BIT	   0x40000000U

static uint32_t action_of(uint64_t action, bool has_errno, uint32_t errno_ret)
{
	uint32_t number = has_errno ? errno_ret : EPERM;

	if (action == SECCOMP_RET_ERRNO)
		return SCMP_ACT_ERRNO(number);
	if (action == SECCOMP_RET_TRACE)
		return SCMP_ACT_TRACE(number);
	return (uint32_t)action;
}

static struct scmp_arg_cmp comparison(const struct oci_syscall_arg *arg)
{
	struct scmp_arg_cmp cmp = { .arg = arg->index, .op = (enum scmp_compare)arg->op, .datum_a = arg->value };

	/* MASKED_EQ: the spec's value is the mask, valueTwo what must be left; that is libseccomp's order too. */
	cmp.datum_b = arg->op == OCI_CMP_MASKED_EQ ? arg->value_two : 0;
	return cmp;
}

static int add_rule(scmp_filter_ctx filter, uint32_t action, int number, unsigned n, const struct scmp_arg_cmp *args)
{
	/* The same rule twice says nothing new, and is no error. */
	return seccomp_rule_add_array(filter, action, number, n, args);
}

/* Conditions on different arguments must all hold.  libseccomp takes one for each argument; several on one
 * argument are alternatives, as profiles in use have it. */
static int add_syscall(scmp_filter_ctx filter, const struct oci_syscall *row, uint32_t action, int number)
{
	struct scmp_arg_cmp args[6];
	unsigned seen[6] = { 0 };
	bool alternatives = false;

	for (size_t i = 0; i < row->n_args; i++)
		alternatives = alternatives || seen[row->args[i].index]++ > 0;
	if (!alternatives) {
		for (size_t i = 0; i < row->n_args; i++)
			args[i] = comparison(&row->args[i]);
		return add_rule(filter, action, number, (unsigned)row->n_args, args);
	}
	for (size_t i = 0; i < row->n_args; i++) {
		int r;

		args[0] = comparison(&row->args[i]);
		r = add_rule(filter, action, number, 1, args);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_syscalls(scmp_filter_ctx filter, const struct oci_seccomp *profile, uint32_t default_action,
			struct error *err)
{
	for (size_t i = 0; i < profile->n_syscalls; i++) {
		const struct oci_syscall *row = &profile->syscalls[i];
		uint32_t action = action_of(row->action, row->has_errno_ret, row->errno_ret);

		if (action == default_action)
			continue; /* libseccomp refuses a rule that changes nothing */
		for (size_t k = 0; k < row->n_names; k++) {
			int number = seccomp_syscall_resolve_name(row->names[k]), r;

			if (number == __NR_SCMP_ERROR) {
				log_debug("seccomp: unknown system call %s is ignored", row->names[k]);
				continue;
			}
			r = add_syscall(filter, row, action, number);
			if (r == -EEXIST)
				return fail(err, ERR_CONFIG,
					    "config.json:/linux/seccomp/syscalls/%zu: an earlier entry has another action for %s under "
					    "the same conditions",
					    i, row->names[k]);
			if (r < 0)
				return fail(err, r, "config.json:/linux/seccomp/syscalls/%zu: cannot add a rule for %s", i,
					    row->names[k]);
		}
	}
	return 0;
}

static int add_arches(scmp_filter_ctx filter, const struct oci_seccomp *profile, struct error *err)
{
	for (size_t i = 0; i < profile->n_architectures; i++) {
		int r = seccomp_arch_add(filter, (uint32_t)profile->architectures[i]);

		if (r < 0 && r != -EEXIST)
			return fail(err, r, "config.json:/linux/seccomp/architectures/%zu: cannot filter %s", i,
				    oci_word(oci_seccomp_arch_words, profile->architectures[i]));
	}
	return 0;
}

bool seccomp_filters_arch(uint64_t arch)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r = filter ? seccomp_arch_add(filter, (uint32_t)arch) : -ENOMEM;

	seccomp_release(filter);
	return r == 0 || r == -EEXIST;
}

/* ---- the program in front ---- */

size_t seccomp_arches(const struct oci_seccomp *profile, uint64_t *ret)
{
	size_t n = 0;

	ret[n++] = seccomp_arch_native();
	for (size_t i = 0; i < profile->n_architectures && n < SECCOMP_ARCHES; i++) {
		bool known = false;

		for (size_t k = 0; k < n; k++)
			known = known || ret[k] == profile->architectures[i];
		if (!known)
			ret[n++] = profile->architectures[i];
	}
	return n;
}

char *seccomp_call_name(uint32_t arch, int number)
{
	return seccomp_syscall_resolve_num_arch(arch, number);
}

int seccomp_call_number(uint32_t arch, const char *name)
{
	return seccomp_syscall_resolve_name_arch(arch, name);
}

int seccomp_newest(const struct oci_seccomp *profile, uint64_t arch)
{
	int newest = -1;

	for (size_t i = 0; i < profile->n_syscalls; i++)
		for (size_t k = 0; k < profile->syscalls[i].n_names; k++) {
			int number = seccomp_call_number((uint32_t)arch, profile->syscalls[i].names[k]);

			newest = number > newest ? number : newest;
		}
	return newest;
}

static bool is_permissive(uint64_t action)
{
	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG || action == SECCOMP_RET_TRACE ||
	       action == SECCOMP_RET_USER_NOTIF;
}

bool seccomp_answers_enosys(const struct oci_seccomp *profile)
{
	return !is_permissive(profile->default_action) &&
	       !(profile->default_action == SECCOMP_RET_ERRNO && profile->has_default_errno_ret &&
		 profile->default_errno_ret == ENOSYS);
}

#define LOAD(field) \
	(struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
#define JUMP(test, k, yes, no) (struct sock_filter) BPF_JUMP(BPF_JMP | (test) | BPF_K, (k), (yes), (no))
#define ENOSYS_HERE	       (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)

/* Five or six instructions for each architecture: not it: the next; beyond its highest: ENOSYS; x32 is x86_64 with a bit. */
static size_t write_front(const struct oci_seccomp *profile, struct sock_filter *code)
{
	uint64_t arches[SECCOMP_ARCHES];
	size_t n, at = 0;

	if (!seccomp_answers_enosys(profile))
		return 0;
	n = seccomp_arches(profile, arches);
	for (size_t i = 0; i < n; i++) {
		/* x32 has a value of its own in libseccomp only. */
		bool x32 = arches[i] == SCMP_ARCH_X32, x64 = arches[i] == SCMP_ARCH_X86_64;
		int newest = seccomp_newest(profile, arches[i]);

		if (newest < 0)
			continue;
		code[at++] = LOAD(arch);
		code[at++] = JUMP(BPF_JEQ, x32 ? AUDIT_ARCH_X86_64 : (uint32_t)arches[i], 0, x64 || x32 ? 4 : 3);
		code[at++] = LOAD(nr);
		/* The other one of the two that share an architecture's value goes on to its own row. */
		if (x64)
			code[at++] = JUMP(BPF_JGE, X32_BIT, 2, 0);
		else if (x32)
			code[at++] = JUMP(BPF_JGE, X32_BIT, 0, 2);
		code[at++] = JUMP(BPF_JGT, (uint32_t)newest, 0, 1);
		code[at++] = ENOSYS_HERE;
	}
	return at;
}

/* ---- how large a profile may be ----
 *
 * libseccomp's time grows with the square of the program's size, and the kernel's limit shows at the end only. */

/* From so many conditions on it works in a process of its own, which can be ended. */
#define MANY_CONDITIONS	   500
#define EXPORT_DEADLINE_MS (5 * 1000)

static size_t count_conditions(const struct oci_seccomp *profile)
{
	size_t n = 0;

	for (size_t i = 0; i < profile->n_syscalls; i++)
		n += profile->syscalls[i].n_args * profile->syscalls[i].n_names;
	return n;
}

static int compare_args(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct oci_syscall_arg));
}

/* Conditions that differ have an instruction each at least; the same one may be shared by many calls. */
static int check_different(const struct oci_seccomp *profile, struct error *err)
{
	auto_free struct oci_syscall_arg *all = NULL;
	size_t n = 0, different = 0;

	for (size_t i = 0; i < profile->n_syscalls; i++)
		n += profile->syscalls[i].n_args;
	if (n <= BPF_MAXINSNS)
		return 0;
	all = calloc(n, sizeof(*all));
	if (!all)
		return fail(err, -ENOMEM, "cannot look at the seccomp profile");
	n = 0;
	for (size_t i = 0; i < profile->n_syscalls; i++)
		for (size_t k = 0; k < profile->syscalls[i].n_args; k++) {
			const struct oci_syscall_arg *arg = &profile->syscalls[i].args[k];

			/* Member by member: what lies between them has any value. */
			all[n].index = arg->index;
			all[n].op = arg->op;
			all[n].value = arg->value;
			all[n++].value_two = arg->value_two;
		}
	qsort(all, n, sizeof(*all), compare_args);
	for (size_t i = 0; i < n; i++)
		different += i == 0 || compare_args(&all[i - 1], &all[i]) != 0;
	if (different > BPF_MAXINSNS)
		return fail(err, ERR_UNSUPPORTED,
			    "config.json:/linux/seccomp/syscalls: %zu different conditions on arguments do not fit into a program: the "
			    "kernel takes %d instructions",
			    different, BPF_MAXINSNS);
	return 0;
}

/* The same in a child, which writes to the same file. */
static int export_bounded(scmp_filter_ctx filter, int fd)
{
	int pidfd = -1, r, status = 0;
	const struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd, .exit_signal = SIGCHLD };
	pid_t pid = sys_clone3(&args);

	if (pid < 0)
		return pid;
	if (pid == 0) {
		(void)sys_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		_exit(-seccomp_export_bpf(filter, fd) & 0xff);
	}
	r = pidfd_wait_exit(pidfd, EXPORT_DEADLINE_MS);
	if (r != 1)
		(void)pidfd_kill(pidfd, SIGKILL); /* the reaping tells */
	if (pidfd_reap(pidfd, &status) < 0)
		status = 0;
	(void)fd_close(pidfd);
	if (r != 1)
		return r < 0 ? r : -ETIMEDOUT;
	return status > 128 ? -ENOMEM : -status; /* killed: by whom else? */
}

/* ---- the whole ---- */

static int export_filter(scmp_filter_ctx filter, bool large, char **ret, size_t *ret_size)
{
	auto_close int fd = memfd_create("hull:seccomp", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = large ? export_bounded(filter, fd) : seccomp_export_bpf(filter, fd);
	if (r < 0)
		return r;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	return file_read(fd, EXPORT_LIMIT, ret, ret_size);
}

static int join(const struct oci_seccomp *profile, const char *body, size_t size, struct seccomp_program *ret,
		struct error *err)
{
	struct sock_filter front[6 * SECCOMP_ARCHES];
	size_t n_front = write_front(profile, front), n_body = size / sizeof(struct sock_filter);

	if (n_front + n_body > BPF_MAXINSNS)
		return fail(err, ERR_UNSUPPORTED, "config.json:/linux/seccomp: the program has %zu instructions, the kernel takes %d",
			    n_front + n_body, BPF_MAXINSNS);
	ret->code = malloc((n_front + n_body) * sizeof(struct sock_filter));
	if (!ret->code)
		return fail(err, -ENOMEM, "cannot keep the seccomp program");
	memcpy(ret->code, front, n_front * sizeof(struct sock_filter));
	memcpy(ret->code + n_front, body, n_body * sizeof(struct sock_filter));
	ret->n = n_front + n_body;
	return 0;
}

static int compile_into(scmp_filter_ctx filter, const struct oci_seccomp *profile, uint32_t default_action,
			struct seccomp_program *ret, struct error *err)
{
	size_t size, n_conditions = count_conditions(profile);
	auto_free char *body = NULL;
	int r;

	if (check_different(profile, err) < 0)
		return -1;
	/* A binary tree instead of a list: calls at its end are as quick as those at its start. */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (add_arches(filter, profile, err) < 0 || add_syscalls(filter, profile, default_action, err) < 0)
		return -1;
	r = export_filter(filter, n_conditions > MANY_CONDITIONS, &body, &size);
	if (r == -ETIMEDOUT)
		return fail(err, ERR_UNSUPPORTED,
			    "config.json:/linux/seccomp/syscalls: %zu conditions on arguments are more than libseccomp compiles in %d s",
			    n_conditions, EXPORT_DEADLINE_MS / 1000);
	if (r < 0)
		return fail(err, r, "config.json:/linux/seccomp: cannot compile the profile");
	return join(profile, body, size, ret, err);
}

bool seccomp_knows(const char *name)
{
	return seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR;
}

int seccomp_compile(const struct oci_seccomp *profile, struct seccomp_program *ret, struct error *err)
{
	uint32_t default_action =
		action_of(profile->default_action, profile->has_default_errno_ret, profile->default_errno_ret);
	scmp_filter_ctx filter = seccomp_init(default_action);
	int r;

	if (!filter)
		return fail(err, ERR_UNSUPPORTED, "config.json:/linux/seccomp/defaultAction: this kernel does not know %s",
			    oci_word(oci_seccomp_action_words, profile->default_action));
	r = compile_into(filter, profile, default_action, ret, err);
	seccomp_release(filter);
	return r;
}

/* What else the program depends on besides the profile. */
static void format_builder(char *buffer, size_t size)
{
	const struct scmp_version *version = seccomp_version();

	snprintf(buffer, size, "hull " PACKAGE_VERSION " libseccomp %u.%u.%u arch %#x\n", version->major, version->minor,
		 version->micro, seccomp_arch_native());
}

#else

const bool seccomp_is_supported = false;

bool seccomp_filters_arch(uint64_t arch)
{
	(void)arch;
	return false;
}

bool seccomp_knows(const char *name)
{
	(void)name;
	return false;
}

int seccomp_compile(const struct oci_seccomp *profile, struct seccomp_program *ret, struct error *err)
{
	(void)profile;
	(void)ret;
	return fail(err, ERR_UNSUPPORTED, "config.json:/linux/seccomp: this hull was built without libseccomp");
}

size_t seccomp_arches(const struct oci_seccomp *profile, uint64_t *ret)
{
	(void)profile;
	(void)ret;
	return 0;
}

char *seccomp_call_name(uint32_t arch, int number)
{
	(void)arch;
	(void)number;
	return NULL;
}

int seccomp_call_number(uint32_t arch, const char *name)
{
	(void)arch;
	(void)name;
	return -1;
}

int seccomp_newest(const struct oci_seccomp *profile, uint64_t arch)
{
	(void)profile;
	(void)arch;
	return -1;
}

bool seccomp_answers_enosys(const struct oci_seccomp *profile)
{
	(void)profile;
	return false;
}

static void format_builder(char *buffer, size_t size)
{
	snprintf(buffer, size, "none\n");
}

#endif

bool seccomp_wants_listener(const struct oci_seccomp *profile)
{
	bool wanted = profile->default_action == SECCOMP_RET_USER_NOTIF;

	for (size_t i = 0; i < profile->n_syscalls; i++)
		wanted = wanted || profile->syscalls[i].action == SECCOMP_RET_USER_NOTIF;
	return wanted;
}

/* ---- the cache ----
 *
 * @seccomp/N in the state root: a header, the normalised profile, the program.  It is used only if the profile is
 * byte-equal: the number N, from a hash, only chooses the file, so that the cache cannot grow without bound. */

#define CACHE_NAME  "@seccomp" /* no container can have that id */
#define CACHE_FILES 64
#define CACHE_LIMIT (4 * 1024 * 1024)

struct cache_header {
	char magic[8];
	uint64_t profile_size, n_instructions;
};

static const char cache_magic[8] = "hullbpf";

static uint64_t fnv1a(const char *data, size_t size)
{
	uint64_t hash = 0xcbf29ce484222325U;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)data[i]) * 0x100000001b3U;
	return hash;
}

static int normalise(const struct oci_seccomp *profile, struct oci_buffer *ret)
{
	char builder[128];

	format_builder(builder, sizeof(builder));
	ret->data = strdup(builder);
	if (!ret->data)
		return -ENOMEM;
	ret->length = strlen(builder);
	ret->size = ret->length + 1;
	return oci_write(&oci_seccomp_type, profile, NULL, ret);
}

/* True and *ret filled if the data are whole and for this profile. */
static bool cache_take(const char *data, size_t size, const struct oci_buffer *profile, struct seccomp_program *ret)
{
	struct cache_header header;

	if (size < sizeof(header))
		return false;
	memcpy(&header, data, sizeof(header));
	if (memcmp(header.magic, cache_magic, sizeof(cache_magic)) != 0 || header.profile_size != profile->length ||
	    header.n_instructions == 0 || header.n_instructions > BPF_MAXINSNS ||
	    size != sizeof(header) + profile->length + header.n_instructions * sizeof(struct sock_filter) ||
	    memcmp(data + sizeof(header), profile->data, profile->length) != 0)
		return false;
	ret->n = header.n_instructions;
	ret->code = malloc(ret->n * sizeof(struct sock_filter));
	if (!ret->code)
		return false;
	memcpy(ret->code, data + sizeof(header) + profile->length, ret->n * sizeof(struct sock_filter));
	return true;
}

/* The same of a file, which must be ours alone. */
static bool cache_read(int dir, const char *name, const struct oci_buffer *profile, struct seccomp_program *ret)
{
	auto_close int fd = file_open_at(dir, name, O_RDONLY | O_NONBLOCK, 0);
	auto_free char *data = NULL;
	struct stat st;
	size_t size;

	if (fd < 0 || sys_fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022))
		return false;
	return file_read(fd, CACHE_LIMIT, &data, &size) == 0 && cache_take(data, size, profile, ret);
}

static void cache_write(int dir, const char *name, const struct oci_buffer *profile, const struct seccomp_program *program)
{
	struct cache_header header = { .profile_size = profile->length, .n_instructions = program->n };
	auto_text struct text data = TEXT_INIT;

	memcpy(header.magic, cache_magic, sizeof(cache_magic));
	text_append(&data, (const char *)&header, sizeof(header));
	text_append(&data, profile->data, profile->length);
	text_append(&data, (const char *)program->code, program->n * sizeof(struct sock_filter));
	if (!data.failed && data.length <= CACHE_LIMIT)
		(void)file_replace_at(dir, name, data.data, data.length, 0600); /* then the next one compiles again */
}

static int open_cache(int state_root)
{
	int dir = file_open_at(state_root, CACHE_NAME, O_RDONLY | O_DIRECTORY, 0);

	return dir == -ENOENT ? file_make_dir_at(state_root, CACHE_NAME, 0700) : dir;
}

int seccomp_program(int state_root, const struct oci_seccomp *profile, struct seccomp_program *ret, struct error *err)
{
	auto_close int dir = open_cache(state_root);
	struct oci_buffer text = { 0 };
	char name[16];
	int r;

	*ret = (struct seccomp_program){ NULL, 0 };
	r = normalise(profile, &text);
	if (r < 0) {
		r = fail(err, r, "config.json:/linux/seccomp: cannot write the profile down");
	} else {
		snprintf(name, sizeof(name), "%u", (unsigned)(fnv1a(text.data, text.length) % CACHE_FILES));
		if (dir < 0 || !cache_read(dir, name, &text, ret)) {
			r = seccomp_compile(profile, ret, err);
			if (r == 0 && dir >= 0)
				cache_write(dir, name, &text, ret);
		}
	}
	free(text.data);
	return r;
}
