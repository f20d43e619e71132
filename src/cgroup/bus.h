// SPDX-License-Identifier: LGPL-2.1-or-later
/* bus.h - a connection to a systemd instance (D-Bus), private to cgroup/.
 *
 * Messages are marshalled by libdbus-1; connection and authentication are hull's own.  No call waits longer than its
 * deadline.  A hull that is built without libdbus-1 refuses to connect. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "cgroup/variant.h"

struct bus;

/* Deadlines: of the answer to a call, and of a job of systemd. */
#define BUS_CALL_MS (25 * 1000) /* as sd-bus(3) waits */
#define BUS_JOB_MS  (60 * 1000)

/* Connects to systemd: its private socket (system: no bus daemon is needed); user: that of the user's instance, or
 * else the session bus.  The kernel tells the peer who we are, also from within a user namespace.  *ret is owned by
 * the caller.  0 or -1. */
int bus_open(bool user, struct bus **ret, struct error *err);
void bus_close(struct bus *bus);

#define BUS_TEXT_MAX 512

struct bus_reply {
	char text[BUS_TEXT_MAX];  /* the first value, where it is a text (also within a variant) */
	char error[BUS_TEXT_MAX]; /* name of the error in the answer; "" if there is none */
};

/* Calls a method of systemd; args: a node whose items are the arguments, or NULL.  path NULL: the manager.
 * 0; -1 with err, also where the answer is an error: ret->error is its name then. */
int bus_call(struct bus *bus, const char *path, const char *interface, const char *method, const struct variant *args,
	     struct bus_reply *ret, struct error *err);

/* Waits for the end of a job, whose path a call on this connection has returned.  "done" is 0; any other result, or
 * none before the deadline, is -1. */
int bus_wait_job(struct bus *bus, const char *job, struct error *err);
