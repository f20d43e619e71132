// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_serve.c - what init, which may be in the hands of the container, says to the runtime.
 *
 * Requests that would change the host for good are looked at only; the others are answered. */
#include "../../src/container/serve.c" // NOLINT(bugprone-suspicious-include): its functions are static

#include "messages.h"

static const char config_text[] = "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"/nonexistent\"},\"mounts\":["
				  "{\"destination\":\"/a\",\"type\":\"bind\",\"source\":\"/nonexistent/a\",\"options\":[\"bind\"]},"
				  "{\"destination\":\"/b\",\"type\":\"bind\",\"source\":\"/nonexistent/b\",\"options\":[\"rbind\",\"idmap\"]}],"
				  "\"linux\":{\"uidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}],"
				  "\"gidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}]}}";

static bool is_harmless(const struct request *rq)
{
	switch (rq->message.type) {
	case MSG_PROCFS:
	case MSG_NAMESPACES:
	case MSG_MAP:
	case MSG_NETDEV:
	case MSG_HOOKS:
	case MSG_CHILD: /* its end would be waited for */
	case MSG_READY:
	case MSG_SCHEDULING:
	case MSG_LISTENER:
		return false;
	case MSG_SHIFT: /* with a good index it makes a user namespace */
		return rq->n_fds != 1 || (uint64_t)rq->message.number > 1;
	default:
		return true;
	}
}

static void hear_all(struct creation *cr)
{
	struct error err = { 0 };
	struct request rq;

	for (size_t n = 0; n <= MANY_MESSAGES; n++) {
		rq.n_fds = rq.n_reply = 0;
		rq.close_reply = rq.done = false;
		if (receive(cr, &rq, &err) < 0) {
			fuzz_one_line(err.text);
			(void)within(&err, "create");
			MUST(error_word(err.code) && errno_text(err.code));
			(void)error_exit_status(err.code);
			return;
		}
		MUST(rq.n_fds <= SOCKET_MAX_FDS && strlen(rq.message.text) < sizeof(rq.message.text));
		if (is_allowed(cr, &rq) && is_harmless(&rq) && answer(cr, &rq, &err) < 0)
			fuzz_one_line(err.text);
		for (size_t i = 0; i < rq.n_fds; i++)
			(void)fd_close(rq.fds[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct log_options silent = { .level = LOG_ERROR, .quiet = true };
	struct creation cr = CREATION_INIT;
	struct error err;
	int first = dup(0);

	(void)close(first);
	MUST(first >= 0 && log_open(&silent, &err) == 0);
	cr.config.oci = oci_parse(&oci_config_type, config_text, strlen(config_text), NULL);
	MUST(cr.config.oci && cgroup_reopen("none", "", 0, &cr.cgroup, &err) == 0);
	cr.config.rootfs = strdup("/nonexistent");
	cr.channel = open_channel(data, size);
	hear_all(&cr);
	cgroup_free(cr.cgroup);
	config_free(&cr.config);
	close_all(first);
	return 0;
}
