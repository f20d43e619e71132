// SPDX-License-Identifier: LGPL-2.1-or-later
/* init.c - the init stage: says hello, reads the same config.json bytes as the runtime, runs the steps.
 *
 * Whatever fails becomes the runtime's own error word for word (MSG_FAILED); after READY it goes to `start`. */
#include "init/init.h"

#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "init/labels.h"
#include "init/steps.h"
#include "kernel/sys.h"
#include "ocispec.h"

int init_ask(struct init *in, struct message *message, const int *send_fds, size_t n_send, int *fds, size_t max_fds,
	     size_t *n_fds, struct error *err)
{
	uint32_t type = message->type;
	int r;

	r = message_send(in->channel, message, send_fds, n_send);
	if (r < 0)
		return fail(err, r, "cannot ask the runtime for %s", message_name(type));
	r = message_receive(in->channel, message, fds, max_fds, n_fds, NULL);
	if (r < 0)
		return fail(err, r, "cannot receive the runtime's answer to %s", message_name(type));
	if (r == 0)
		return fail(err, ERR_INTERNAL, "the runtime is gone");
	if (message->type == MSG_FAILED) {
		err->code = message->arg;
		memcpy(err->text, message->text, sizeof(err->text));
		return -1;
	}
	if (message->type != type)
		return fail(err, ERR_INTERNAL, "asked the runtime for %s, got %s", message_name(type),
			    message_name(message->type));
	return 0;
}

__attribute__((format(printf, 3, 0))) static void say(struct init *in, enum log_level level, const char *fmt,
						     va_list args)
{
	struct message message = { .type = MSG_LOG, .arg = level };

	(void)vsnprintf(message.text, sizeof(message.text), fmt, args);
	(void)message_send(in->channel, &message, NULL, 0); /* what is lost changes nothing */
}

void init_log(struct init *in, const char *fmt, ...)
{
	va_list args;

	if (!(in->flags & INIT_DEBUG))
		return;
	va_start(args, fmt);
	say(in, LOG_DEBUG_LEVEL, fmt, args);
	va_end(args);
}

void init_warn(struct init *in, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(in, LOG_WARNING, fmt, args);
	va_end(args);
}

/* How many descriptors come with HELLO, by its flags. */
static size_t hello_fds(unsigned flags)
{
	if (flags & INIT_EXEC)
		return 2;
	return 3U + !(flags & INIT_START_NOW) + !!(flags & INIT_NOTIFY);
}

/* HELLO is in the channel since before init was: nothing is waited for. */
static int say_hello(struct init *in, int *ret_config, struct error *err)
{
	struct message message = { .type = MSG_HELLO };
	int fds[HELLO_FDS], *fd = fds, r;
	size_t n = 0;

	(void)message_send(in->channel, &message, NULL, 0); /* a runtime that is gone shows in the next line */
	r = message_receive(in->channel, &message, fds, HELLO_FDS, &n, NULL);
	if (r <= 0 || message.type != MSG_HELLO)
		return fail(err, ERR_INTERNAL, "the runtime said nothing");
	if (n != hello_fds((unsigned)message.arg))
		return fail(err, ERR_INTERNAL, "HELLO came with %zu descriptors", n);
	in->flags = (unsigned)message.arg;
	in->n_preserved = (int)(message.number & INT32_MAX);
	in->n_listen = (int)(message.number >> 32);
	memcpy(in->id, message.text, sizeof(in->id));
	*ret_config = *fd++;
	if (in->flags & INIT_EXEC) {
		in->target = *fd;
		return 0;
	}
	in->bundle = *fd++;
	in->lock = *fd++;
	in->start_socket = in->flags & INIT_START_NOW ? -1 : *fd++;
	in->notify = in->flags & INIT_NOTIFY ? *fd : -1;
	return 0;
}

/* The namespaces of the config by whether they are this container's own; rules made sure of duplicates. */
static void sort_namespaces(struct init *in)
{
	const struct oci_linux *linux = in->config->linux;

	for (size_t i = 0; linux && i < linux->n_namespaces; i++) {
		const struct oci_namespace *ns = &linux->namespaces[i];

		if (ns->path || in->flags & INIT_EXEC)
			in->joined_namespaces |= (unsigned)ns->type;
		else
			in->new_namespaces |= (unsigned)ns->type;
	}
}

static int read_config(struct init *in, int fd, struct error *err)
{
	auto_close int config = fd;
	struct stat st;
	int r;

	r = sys_fstat(config, &st);
	if (r < 0)
		return fail(err, r, "cannot look at the config");
	in->config_size = (size_t)st.st_size;
	in->config_text = mmap(NULL, in->config_size, PROT_READ, MAP_PRIVATE, config, 0);
	if (in->config_text == MAP_FAILED)
		return fail(err, ERR_INTERNAL, "cannot map the config");
	in->config = oci_parse(&oci_config_type, in->config_text, in->config_size, NULL);
	if (!in->config)
		return fail(err, ERR_INTERNAL, "cannot read the config again");
	in->process = in->config->process;
	return 0;
}

static void report(struct init *in, const struct error *err)
{
	struct message message = { .type = MSG_FAILED, .arg = err->code };

	memcpy(message.text, err->text, sizeof(message.text));
	(void)message_send(in->channel, &message, NULL, 0); /* nobody is left to tell */
}

static int get_procfs(struct init *in, struct error *err)
{
	struct message message = { .type = MSG_PROCFS };
	const struct oci_linux *linux = in->config->linux;
	size_t n = 0;

	/* /proc of a mount namespace that is joined may be that of another pid namespace, or anything. */
	bool foreign = in->flags & INIT_DETACHED_ROOT && in->joined_namespaces & CLONE_NEWNS;

	if (!foreign && !(in->process && in->process->has_oom_score_adj) && !(linux && (linux->n_sysctl || linux->n_time_offsets)) &&
	    !labels_are_there(in))
		return 0;
	if (init_ask(in, &message, NULL, 0, &in->procfs, 1, &n, err) < 0)
		return -1;
	return n == 1 ? 0 : fail(err, ERR_INTERNAL, "PROCFS came with %zu descriptors", n);
}

static int run(struct init *in, struct error *err)
{
	int config = -1;

	if (say_hello(in, &config, err) < 0)
		return -1;
	if (read_config(in, config, err) < 0)
		return -1;
	sort_namespaces(in);
	if (get_procfs(in, err) < 0)
		return -1;
	return steps_run(in, err);
}

void init_go_on(struct init *in)
{
	static struct error err;

	if (steps_run(in, &err) < 0)
		report(in, &err);
	_exit(EXIT_FAILURE);
}

void init_main(int channel)
{
	static struct init in = { .procfs = -1, .bundle = -1, .lock = -1, .start_socket = -1, .target = -1, .root = { .fd = -1 },
				  .pty_master = -1, .pty_slave = -1, .null = -1, .tree = -1, .landlock = -1, .hook_files = { -1, -1, -1 } };
	static struct error err;

	in.channel = channel;
	in.inherited_umask = umask(0);
	(void)sys_prctl(PR_SET_NAME, (unsigned long)"hull:init", 0, 0, 0);
	if (fd_cloexec(channel, 1) < 0)
		_exit(EXIT_FAILURE);
	if (run(&in, &err) < 0)
		report(&in, &err);
	_exit(EXIT_FAILURE);
}
