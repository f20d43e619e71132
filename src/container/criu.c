// SPDX-License-Identifier: LGPL-2.1-or-later
/* criu.c - the criu process and the conversation with it.
 *
 * It runs in a mount namespace of its own: what it mounts for itself, and what is mounted for it, ends with it, however it
 * ends.  Nobody but us is behind its socket, so when hull is killed criu gives up and lets the container go on. */
#include "container/criu.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/socket.h"
#include "base/text.h"
#include "container/criu_messages.h"
#include "kernel/host.h"
#include "kernel/mount.h"
#include "kernel/pidfd.h"
#include "kernel/signals.h"
#include "kernel/sys.h"

/* Engines call us with no PATH at all. */
#define USUAL_PATH     "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define REPLY_MAX      65536
#define END_TIMEOUT_MS (10 * 1000)
/* For what takes no work of criu's. */
#define ASK_TIMEOUT_MS (60 * 1000)
/* Of the log, as much as is looked at for errors, and as much of these as an error of ours has room for. */
#define LOG_TAIL       65536
#define QUOTE_LINES    3
#define QUOTE_MAX      600
/* In the child, what is to be put in its place stands up here meanwhile. */
#define ASIDE	       512
#define CRIU_SOCKET_FD 3

/* ---- the program ---- */

int criu_config_file(const char *annotation, char **ret)
{
	static const char *const usual[] = { "/etc/criu/crun.conf", "/etc/criu/runc.conf" };
	const char *file = annotation && *annotation ? annotation : NULL;

	for (size_t i = 0; !annotation && !file && i < sizeof(usual) / sizeof(usual[0]); i++) {
		auto_close int fd = host_open_file(usual[i], O_PATH);

		file = fd >= 0 ? usual[i] : NULL;
	}
	*ret = file ? strdup(file) : NULL;
	return file && !*ret ? -ENOMEM : 0;
}

static int open_program(const char *path)
{
	auto_close int fd = host_open_file(path, O_PATH);
	int r = fd < 0 ? fd : sys_faccess(fd, X_OK);

	return r < 0 ? r : take_fd(&fd);
}

static int find_program(const char *name, struct error *err)
{
	const char *path = getenv("PATH");
	int fd = -ENOENT;

	if (strchr(name, '/')) {
		fd = open_program(name);
		return fd < 0 ? fail(err, fd, "--criu: cannot execute %s", name) : fd;
	}
	path = path && *path ? path : USUAL_PATH;
	for (size_t n; *path; path += n + (path[n] == ':')) {
		auto_text struct text file = TEXT_INIT;

		n = strcspn(path, ":");
		text_append(&file, path, n);
		text_printf(&file, "/%s", name);
		if (n == 0 || *path != '/' || file.failed)
			continue;
		fd = open_program(text_string(&file));
		if (fd >= 0)
			return fd;
	}
	return fail(err, ERR_HOST, "there is no program \"%s\" in PATH: install criu, or name it with hull --criu FILE", name);
}

/* ---- the process ---- */

struct birth {
	const struct criu_process *process;
	int binary, null, report;
	int channel, images, work; /* made in the process */
};

/* Puts fd where criu expects it.  0 or -errno */
static int place(int fd, int number)
{
	return dup2(fd, number) < 0 ? -errno : 0;
}

/* Everything goes aside first, since some of it may stand where something else belongs.  0 or -errno */
static int arrange(struct birth *b)
{
	const struct criu_process *p = b->process;
	int *const all[] = { &b->report, &b->binary, &b->channel, &b->images, &b->work };
	int aside[64], r = 0;

	if (p->n_fds > sizeof(aside) / sizeof(aside[0]))
		return -EMFILE;
	for (size_t i = 0; r >= 0 && i < sizeof(all) / sizeof(all[0]); i++)
		r = *all[i] = fd_dup(*all[i], ASIDE);
	for (size_t i = 0; r >= 0 && i < p->n_fds; i++)
		r = aside[i] = fd_dup(p->fds[i], ASIDE);
	if (r < 0)
		return r;
	r = 0;
	for (int fd = 0; r == 0 && !p->own_stdio && fd < 3; fd++)
		r = place(b->null, fd);
	if (r == 0)
		r = place(b->channel, CRIU_SOCKET_FD);
	if (r == 0)
		r = place(b->images, CRIU_IMAGES_FD);
	if (r == 0)
		r = place(b->work, CRIU_WORK_FD);
	for (size_t i = 0; r == 0 && i < p->n_fds; i++)
		r = place(aside[i], CRIU_FIRST_FD + (int)i);
	return r < 0 ? r : fd_cloexec_from(CRIU_FIRST_FD + (unsigned)p->n_fds);
}

/* The directory in this mount namespace, where what lies in it is only data: no link that somebody puts there meanwhile
 * leads out of it, and no node is a device.  fd or -errno */
static int open_local(int dir, bool follow)
{
	auto_close int fd = mount_local(dir), mnt = -1;
	int r;

	if (fd < 0)
		return fd;
	mnt = mount_clone_fd(fd, true);
	r = mnt < 0 ? mnt
		    : mount_change(mnt, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | (follow ? 0 : MOUNT_ATTR_NOSYMFOLLOW),
				   0, 0, true);
	if (r == 0)
		r = mount_attach(mnt, fd);
	return r == 0 ? take_fd(&mnt) : r;
}

/* The directories in this mount namespace, and the socket, whose other end goes to the runtime.  0 or -1 */
static int make_ends(struct birth *b, struct error *err)
{
	int pair[2], r;

	b->images = open_local(b->process->images, b->process->follow);
	b->work = b->images < 0 ? -1 : open_local(b->process->work, b->process->follow);
	if (b->work < 0)
		return fail(err, b->images < 0 ? b->images : b->work, "cannot open the images' directories for criu");
	r = socket_pair(pair);
	if (r < 0)
		return fail(err, r, "cannot make a socket for criu");
	b->channel = pair[1];
	r = socket_send(b->report, "", 1, &pair[0], 1);
	(void)fd_close(pair[0]);
	return r < 0 ? fail(err, r, "cannot hand over the socket of criu") : 0;
}

/* Whoever has the session keyring of the caller may use the keys in it.  exec joins the container's by its name. */
static int new_keyring(const char *name)
{
	enum { KEY_USER_SEARCH = 0x00080000 };
	unsigned permissions;
	int key = sys_keyctl_join_session(name), r;

	if (key == -ENOSYS || key == -EDQUOT) /* as with create */
		return 0;
	r = key < 0 ? key : sys_keyctl_get_perm(key, &permissions);
	return r < 0 ? r : sys_keyctl_setperm(key, permissions | KEY_USER_SEARCH);
}

static int become_criu(struct birth *b, struct error *err)
{
	const struct criu_process *p = b->process;
	char *argv[] = { (char *)"criu", (char *)"swrk", (char *)"3", NULL };
	int r;

	r = signals_reset();
	if (r == 0 && p->cgroup)
		r = cgroup_join_self(p->cgroup);
	if (r < 0)
		return fail(err, r, "cannot have criu in the container's cgroup");
	r = p->new_cgroup_ns ? sys_unshare(CLONE_NEWCGROUP) : 0;
	if (r < 0)
		return fail(err, r, "cannot make a cgroup namespace");
	r = p->keyring ? new_keyring(p->keyring) : 0;
	if (r < 0)
		return fail(err, r, "cannot make a session keyring");
	/* Whom criu signals by group is never our caller. */
	if (!p->same_session && setsid() < 0)
		return fail(err, -errno, "cannot make a session");
	r = sys_unshare(CLONE_NEWNS);
	if (r == 0)
		r = mount_tree_propagation(MS_SLAVE);
	if (r < 0)
		return fail(err, r, "cannot make a mount namespace for criu");
	if (make_ends(b, err) < 0)
		return -1;
	if (p->prepare && p->prepare(p->context, err) < 0)
		return -1;
	r = arrange(b);
	if (r < 0)
		return fail(err, r, "cannot hand on the descriptors");
	(void)fd_restore_limit();
	if (!getenv("PATH") && setenv("PATH", USUAL_PATH, 1) < 0)
		return fail(err, -errno, "cannot set PATH");
	r = sys_execveat(b->binary, "", argv, environ, AT_EMPTY_PATH);
	/* A script: its interpreter opens it by its number. */
	if (r == -ENOENT && fd_cloexec(b->binary, 0) == 0)
		r = sys_execveat(b->binary, "", argv, environ, AT_EMPTY_PATH);
	return fail(err, r, "cannot execute %s", p->program ? p->program : "criu");
}

static void child(struct birth *b) __attribute__((noreturn));
static void child(struct birth *b)
{
	static struct error err;

	(void)become_criu(b, &err);
	(void)socket_send(b->report, &err, sizeof(err), NULL, 0);
	_exit(EXIT_FAILURE);
}

static int clone_it(struct birth *b, struct criu *ret, struct error *err)
{
	int cgroup_fd = b->process->cgroup ? cgroup_clone_fd(b->process->cgroup) : -1;
	struct clone_args args = { .flags = CLONE_PIDFD, .exit_signal = SIGCHLD };
	pid_t pid;

	if (cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup_fd;
	}
	args.pidfd = (uint64_t)(uintptr_t)&ret->pidfd;
	pid = sys_clone3(&args);
	if (pid == 0)
		child(b);
	ret->pid = pid;
	if (pid < 0)
		ret->pidfd = -1;
	return pid < 0 ? fail(err, (int)pid, "cannot clone a process for criu") : 0;
}

/* First comes the socket; end of file says that criu has been executed. */
static int hear_birth(int report, struct criu *ret, struct error *err)
{
	struct error said;
	size_t n_fds = 0;
	ssize_t n = socket_receive(report, &said, sizeof(said), &ret->socket, 1, &n_fds, NULL);

	if (n == 1 && n_fds == 1)
		n = socket_receive(report, &said, sizeof(said), NULL, 0, &n_fds, NULL);
	else if (n == 0)
		n = -EPIPE;
	if (n == 0)
		return 0;
	if (n != (ssize_t)sizeof(said))
		return fail(err, n < 0 ? (int)n : ERR_HOST, "criu's process ended too early");
	*err = said;
	return -1;
}

static int spawn(struct birth *b, int report, struct criu *ret, struct error *err)
{
	int r = clone_it(b, ret, err);

	b->report = fd_close(b->report);
	return r < 0 ? -1 : hear_birth(report, ret, err);
}

/* ---- the conversation ---- */

static int log_dir(const struct criu_job *job)
{
	return job->work >= 0 ? job->work : job->images;
}

static int request(const struct criu *criu, const struct criu_request *rq, struct error *err)
{
	auto_free void *data = NULL;
	size_t size = 0;
	int r = criu_pack(rq, &data, &size);

	if (r == 0) {
		socket_make_room(criu->socket, size);
		r = socket_send(criu->socket, data, size, NULL, 0);
	}
	if (r == -ENOSYS)
		return fail(err, ERR_UNSUPPORTED, "this hull was built without checkpoint and restore (libprotobuf-c)");
	if (r == -EPIPE || r == -ECONNRESET)
		return 0; /* what it said last is to be read yet */
	if ((r == -EMSGSIZE || r == -ENOBUFS) && rq->job)
		return fail(err, ERR_HOST,
			    "cannot tell criu of %zu mounts, files and namespaces that are not in the images: the message has %zu "
			    "bytes, more than a socket takes",
			    rq->job->external.n, size);
	return r < 0 ? fail(err, r, "cannot speak to criu") : 0;
}

static int how_it_ended(struct criu *criu, struct error *err)
{
	int status = 0;

	if (pidfd_wait_exit(criu->pidfd, END_TIMEOUT_MS) != 1 || pidfd_reap(criu->pidfd, &status) < 0)
		return fail(err, ERR_HOST, "criu closed its socket");
	criu->pidfd = fd_close(criu->pidfd);
	if (status > 128)
		return fail(err, ERR_HOST, "criu was killed by signal %d", status - 128);
	return fail(err, ERR_HOST, "criu ended with status %d and without an answer", status);
}

/* Whether there is something to hear: 1, 0: it has ended, -ETIME.  What criu has restored so far holds its end of the socket as
 * well, so its own end does not close that.  timeout_ms: -1 for as long as it takes. */
static int has_spoken(const struct criu *criu, int timeout_ms)
{
	struct pollfd fds[] = { { .fd = criu->socket, .events = POLLIN }, { .fd = criu->pidfd, .events = POLLIN } };
	int n;

	while ((n = poll(fds, 2, timeout_ms)) < 0)
		if (errno != EINTR)
			return 1; /* then receiving says why not */
	return n == 0 ? -ETIME : fds[0].revents != 0;
}

static int receive(struct criu *criu, int timeout_ms, struct criu_reply *ret, int *ret_fd, struct error *err)
{
	static char data[REPLY_MAX];
	size_t n_fds = 0;
	ssize_t n;
	int r;

	*ret_fd = -1;
	r = has_spoken(criu, timeout_ms);
	if (r < 0)
		return fail(err, ERR_TIMEOUT, "criu has not answered for %d seconds", timeout_ms / 1000);
	if (r == 0)
		return how_it_ended(criu, err);
	n = socket_receive(criu->socket, data, sizeof(data), ret_fd, 1, &n_fds, NULL);
	if (n == 0 || n == -ECONNRESET)
		return how_it_ended(criu, err);
	if (n < 0)
		return fail(err, (int)n, "cannot hear from criu");
	r = criu_unpack(data, (size_t)n, ret);
	if (r < 0) {
		*ret_fd = fd_close(*ret_fd);
		return fail(err, ERR_HOST, "criu's answer makes no sense: is it a criu?");
	}
	return 0;
}

static int ask_version(struct criu *criu, struct error *err)
{
	const struct criu_request rq = { .type = CRIU_VERSION, .keep_open = true };
	struct criu_reply reply;
	auto_close int fd = -1;

	if (request(criu, &rq, err) < 0 || receive(criu, ASK_TIMEOUT_MS, &reply, &fd, err) < 0)
		return -1;
	if (!reply.success || reply.version < CRIU_OLDEST)
		return fail(err, ERR_HOST, "criu does not tell its version, or is older than " CRIU_OLDEST_TEXT);
	criu->version = reply.version;
	log_debug("criu: version %d.%d.%d", reply.version / 10000, reply.version / 100 % 100, reply.version % 100);
	return 0;
}

int criu_start(const struct criu_process *process, struct criu *ret, struct error *err)
{
	struct birth b = { process, -1, -1, -1, -1, -1, -1 };
	auto_close int binary = -1, null = -1, report = -1;
	int pair[2], r;

	if (!criu_is_supported())
		return fail(err, ERR_UNSUPPORTED, "this hull was built without checkpoint and restore (libprotobuf-c)");
	b.binary = binary = find_program(process->program ? process->program : "criu", err);
	if (binary < 0)
		return -1;
	b.null = null = host_open_file("/dev/null", O_RDWR);
	r = null < 0 ? null : socket_pair(pair);
	if (r < 0)
		return fail(err, r, "cannot make a socket for criu");
	report = pair[0];
	b.report = pair[1];
	if (spawn(&b, report, ret, err) < 0)
		return -1;
	return ask_version(ret, err);
}

int criu_check(struct criu *criu, const struct criu_options *options, bool pre_dump, struct error *err)
{
	const struct criu_request rq = { .type = CRIU_FEATURE_CHECK, .keep_open = true, .mem_track = pre_dump,
					 .lazy_pages = options->lazy_pages };
	struct criu_reply reply;
	auto_close int fd = -1;

	if (!pre_dump && !options->lazy_pages)
		return 0;
	if (request(criu, &rq, err) < 0 || receive(criu, ASK_TIMEOUT_MS, &reply, &fd, err) < 0)
		return -1;
	if (pre_dump && !reply.mem_track)
		return fail(err, ERR_UNSUPPORTED, "--pre-dump: this kernel cannot track changes of memory (soft-dirty)");
	if (options->lazy_pages && !reply.lazy_pages)
		return fail(err, ERR_UNSUPPORTED, "--lazy-pages: this kernel or criu cannot do it (userfaultfd)");
	return 0;
}

int criu_send(struct criu *criu, const struct criu_job *job, struct error *err)
{
	const struct criu_request rq = { .type = (int)job->type, .job = job };

	/* What an earlier one has left there would pass for what this one says when it fails before it begins a log. */
	(void)file_remove_at(log_dir(job), job->log_name);
	return request(criu, &rq, err);
}

int criu_go_on(struct criu *criu, bool well, struct error *err)
{
	const struct criu_request rq = { .type = CRIU_NOTIFY, .answers = true, .well = well };

	return request(criu, &rq, err);
}

/* ---- failures ---- */

/* Appends a line without its time stamp. */
static void quote(struct text *to, const char *line, size_t length)
{
	size_t stamp = 0;

	if (length && *line == '(') {
		const char *end = memchr(line, ')', length);

		stamp = end ? (size_t)(end - line) + 1 : 0;
	}
	while (stamp < length && line[stamp] == ' ')
		stamp++;
	if (to->length)
		text_puts(to, "; ");
	text_append(to, line + stamp, length - stamp);
}

/* The last lines that are errors. */
static void quote_errors(char *log, struct text *to)
{
	const char *lines[QUOTE_LINES] = { NULL };
	char *rest = log, *line;
	size_t n = 0;

	while ((line = strsep(&rest, "\n")))
		if (strstr(line, "Error ("))
			lines[n++ % QUOTE_LINES] = line;
	for (size_t i = n > QUOTE_LINES ? n - QUOTE_LINES : 0; i < n; i++)
		quote(to, lines[i % QUOTE_LINES], strlen(lines[i % QUOTE_LINES]));
	if (to->length > QUOTE_MAX) {
		to->length = QUOTE_MAX;
		to->data[QUOTE_MAX] = '\0';
		text_puts(to, "...");
	}
}

/* Puts what criu's log, or else its answer, says of it behind the error. */
static int explain(const struct criu_job *job, const struct criu_reply *reply, struct error *err)
{
	auto_close int fd = file_open_at(log_dir(job), job->log_name, O_RDONLY | O_NONBLOCK, 0);
	auto_text struct text errors = TEXT_INIT;
	auto_free char *text = NULL, *path = NULL;
	struct error why = *err;

	if (fd < 0 && *reply->text)
		return fail(err, why.code, "%s: %.*s", why.text, (int)strcspn(reply->text, "\n"), reply->text);
	if (fd < 0)
		return -1; /* it has not even begun a log */
	(void)lseek(fd, -LOG_TAIL, SEEK_END); /* a short one is read from its beginning */
	if (file_read(fd, LOG_TAIL + 4096, &text, NULL) == 0)
		quote_errors(text, &errors);
	(void)host_path_of(log_dir(job), &path);
	return fail(err, why.code > 0 ? why.code : ERR_HOST, "%s%s%s (its log: %s/%s)", why.text, errors.length ? ": " : "",
		    text_string(&errors), path ? path : "?", job->log_name);
}

int criu_next(struct criu *criu, const struct criu_job *job, struct criu_event *ret, struct error *err)
{
	struct criu_reply reply;

	*ret = (struct criu_event){ .fd = -1 };
	if (receive(criu, -1, &reply, &ret->fd, err) < 0)
		return explain(job, &(struct criu_reply){ 0 }, err);
	memcpy(ret->script, reply.script, sizeof(ret->script));
	ret->pid = reply.pid;
	if (reply.success && reply.type == CRIU_NOTIFY) {
		log_debug("criu: %s", reply.script);
		return 0;
	}
	ret->fd = fd_close(ret->fd);
	if (reply.success && reply.type == (int)job->type) {
		ret->done = true;
		return 0;
	}
	if (reply.error > 0)
		(void)fail(err, ERR_HOST, "criu failed (%s)", errno_text(reply.error));
	else
		(void)fail(err, ERR_HOST, "criu failed");
	return explain(job, &reply, err);
}

void criu_end(struct criu *criu, bool must)
{
	int ignored;

	criu->socket = fd_close(criu->socket);
	if (criu->pidfd < 0)
		return;
	if (must)
		(void)pidfd_kill(criu->pidfd, SIGKILL);
	if (pidfd_wait_exit(criu->pidfd, END_TIMEOUT_MS) != 1)
		(void)pidfd_kill(criu->pidfd, SIGKILL);
	(void)pidfd_reap(criu->pidfd, &ignored);
	criu->pidfd = fd_close(criu->pidfd);
}
