// SPDX-License-Identifier: LGPL-2.1-or-later
/* bus.c - calls of systemd over D-Bus: the only file that uses libdbus-1, and of that only the marshalling.
 *
 * An answer may be overtaken by the signal that a job has ended, so those are kept. */
#include "cgroup/bus.h"

#ifdef HAVE_DBUS

#include <dbus/dbus.h>
#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/text.h"
#include "cgroup/bus_socket.h"

#define SYSTEMD      "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER      SYSTEMD ".Manager"

/* Nothing that systemd answers to us is longer. */
#define MESSAGE_MAX (1 << 20)
#define ENDED_MAX   8

#ifdef HAVE_DBUS_STUBS
/* What the rest of libdbus-1's archive refers to, and hull never calls: it is no server, connects to no host and asks for
 * no user's name.  Those of the C library would bring a resolver along, a fifth of the binary. */
int sd_listen_fds(int unset_environment);
int sd_listen_fds(int unset_environment)
{
	(void)unset_environment;
	return 0;
}

int sd_is_socket(int fd, int family, int type, int listening);
int sd_is_socket(int fd, int family, int type, int listening)
{
	(void)fd;
	(void)family;
	(void)type;
	(void)listening;
	return 0;
}

/* Wanted by dbus_message_get_path_decomposed alone, and in the file that brings connections, transports and keyrings. */
dbus_bool_t _dbus_decompose_path(const char *data, int size, char ***path, int *n);
dbus_bool_t _dbus_decompose_path(const char *data, int size, char ***path, int *n)
{
	(void)data;
	(void)size;
	(void)path;
	(void)n;
	return FALSE;
}

int getaddrinfo(const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints,
		struct addrinfo **restrict ret)
{
	(void)node;
	(void)service;
	(void)hints;
	(void)ret;
	return EAI_FAIL;
}

void freeaddrinfo(struct addrinfo *list)
{
	(void)list;
}

const char *gai_strerror(int error)
{
	(void)error;
	return "no network";
}

int getnameinfo(const struct sockaddr *restrict address, socklen_t size, char *restrict host, socklen_t host_size,
		char *restrict service, socklen_t service_size, int flags)
{
	(void)address;
	(void)size;
	(void)host;
	(void)host_size;
	(void)service;
	(void)service_size;
	(void)flags;
	return EAI_FAIL;
}

int getpwnam_r(const char *restrict name, struct passwd *restrict passwd, char *restrict buffer, size_t size,
	       struct passwd **restrict ret)
{
	(void)name;
	(void)passwd;
	(void)buffer;
	(void)size;
	*ret = NULL;
	return ENOENT;
}

int getpwuid_r(uid_t uid, struct passwd *restrict passwd, char *restrict buffer, size_t size, struct passwd **restrict ret)
{
	(void)uid;
	(void)passwd;
	(void)buffer;
	(void)size;
	*ret = NULL;
	return ENOENT;
}

int getgrouplist(const char *user, gid_t group, gid_t *groups, int *n)
{
	(void)user;
	(void)group;
	(void)groups;
	*n = 0;
	return -1;
}
#endif

struct bus {
	int fd;
	uint32_t serial;
	struct {
		char job[128], result[32];
	} ended[ENDED_MAX]; /* the last jobs whose end was heard */
	size_t n_ended;
};

/* ---- messages ---- */

/* libdbus reads a basic value of the type's own width: little endian or not, so each has its own. */
union basic {
	dbus_bool_t truth;
	unsigned char byte;
	dbus_uint16_t half;
	dbus_uint32_t word;
	dbus_uint64_t number;
	double real;
	const char *text;
};

/* False: it is a container. */
static bool basic_value(const struct variant *v, union basic *ret)
{
	switch (*v->type) {
	case 'b':
		ret->truth = v->number != 0;
		return true;
	case 'y':
		ret->byte = (unsigned char)v->number;
		return true;
	case 'n':
	case 'q':
		ret->half = (dbus_uint16_t)v->number;
		return true;
	case 'i':
	case 'u':
		ret->word = (dbus_uint32_t)v->number;
		return true;
	case 'x':
	case 't':
		ret->number = v->number;
		return true;
	case 'd':
		ret->real = v->real;
		return true;
	case 's':
	case 'o':
	case 'g':
		ret->text = v->text;
		return true;
	default:
		return false;
	}
}

static int append(DBusMessageIter *to, const struct variant *v)
{
	const char *contained = NULL;
	DBusMessageIter inner;
	union basic value;

	if (basic_value(v, &value))
		return dbus_message_iter_append_basic(to, *v->type, &value) ? 0 : -ENOMEM;
	if (*v->type == 'a')
		contained = v->type + 1;
	else if (*v->type == 'v' && v->first)
		contained = v->first->type;
	if (!dbus_message_iter_open_container(to, *v->type == '(' ? DBUS_TYPE_STRUCT : *v->type, contained, &inner))
		return -ENOMEM;
	for (const struct variant *item = v->first; item; item = item->next) {
		int r = append(&inner, item);

		if (r < 0) {
			dbus_message_iter_abandon_container(to, &inner);
			return r;
		}
	}
	return dbus_message_iter_close_container(to, &inner) ? 0 : -ENOMEM;
}

static int send_message(struct bus *bus, DBusMessage *message)
{
	char *data = NULL;
	int size = 0, r;

	dbus_message_set_serial(message, ++bus->serial);
	if (!dbus_message_marshal(message, &data, &size))
		return -ENOMEM;
	r = bus_socket_send(bus->fd, data, (size_t)size);
	dbus_free(data);
	return r;
}

/* The next message, to be unreferenced.  0 or -errno */
static int receive_message(struct bus *bus, DBusMessage **ret, int64_t deadline)
{
	char head[DBUS_MINIMUM_HEADER_SIZE];
	auto_free char *data = NULL;
	DBusError error = DBUS_ERROR_INIT;
	int size, r;

	r = bus_socket_receive(bus->fd, head, sizeof(head), deadline);
	if (r < 0)
		return r;
	size = dbus_message_demarshal_bytes_needed(head, sizeof(head));
	if (size < (int)sizeof(head) || size > MESSAGE_MAX)
		return -EPROTO;
	data = malloc((size_t)size);
	if (!data)
		return -ENOMEM;
	memcpy(data, head, sizeof(head));
	r = bus_socket_receive(bus->fd, data + sizeof(head), (size_t)size - sizeof(head), deadline);
	if (r < 0)
		return r;
	*ret = dbus_message_demarshal(data, size, &error);
	dbus_error_free(&error);
	return *ret ? 0 : -EPROTO;
}

/* Keeps "the job at this path has ended like that". */
static void note_signal(struct bus *bus, DBusMessage *message)
{
	const char *job, *unit, *result;
	dbus_uint32_t id;

	if (!dbus_message_is_signal(message, MANAGER, "JobRemoved") ||
	    !dbus_message_get_args(message, NULL, DBUS_TYPE_UINT32, &id, DBUS_TYPE_OBJECT_PATH, &job, DBUS_TYPE_STRING,
				   &unit, DBUS_TYPE_STRING, &result, DBUS_TYPE_INVALID))
		return;
	snprintf(bus->ended[bus->n_ended % ENDED_MAX].job, sizeof(bus->ended[0].job), "%s", job);
	snprintf(bus->ended[bus->n_ended % ENDED_MAX].result, sizeof(bus->ended[0].result), "%s", result);
	bus->n_ended++;
}

/* The first text of a message, also that of a variant. */
static void first_text(DBusMessage *message, char *ret, size_t size)
{
	DBusMessageIter at, inner;
	const char *text = "";
	int type;

	*ret = '\0';
	if (!dbus_message_iter_init(message, &at))
		return;
	type = dbus_message_iter_get_arg_type(&at);
	if (type == DBUS_TYPE_VARIANT) {
		dbus_message_iter_recurse(&at, &inner);
		at = inner;
		type = dbus_message_iter_get_arg_type(&at);
	}
	if (type != DBUS_TYPE_STRING && type != DBUS_TYPE_OBJECT_PATH)
		return;
	dbus_message_iter_get_basic(&at, &text);
	snprintf(ret, size, "%s", text);
}

/* Sends and waits for the answer.  0, or -errno; an answer that is an error is -EBADMSG */
static int exchange(struct bus *bus, DBusMessage *message, struct bus_reply *ret)
{
	int64_t deadline = clock_ms() + BUS_CALL_MS;
	uint32_t serial;
	int r = send_message(bus, message);

	serial = bus->serial;
	while (r == 0) {
		DBusMessage *got = NULL;

		r = receive_message(bus, &got, deadline);
		if (r < 0)
			break;
		note_signal(bus, got);
		if (dbus_message_get_reply_serial(got) == serial) {
			const char *name = dbus_message_get_error_name(got);

			first_text(got, ret->text, sizeof(ret->text));
			snprintf(ret->error, sizeof(ret->error), "%s", name ? name : "");
			dbus_message_unref(got);
			return name ? -EBADMSG : 0;
		}
		dbus_message_unref(got);
	}
	return r;
}

static int call(struct bus *bus, const char *destination, const char *path, const char *interface, const char *method,
		const struct variant *args, struct bus_reply *ret, struct error *err)
{
	DBusMessage *message = dbus_message_new_method_call(destination, path, interface, method);
	DBusMessageIter to;
	int r = message ? 0 : -ENOMEM;

	*ret = (struct bus_reply){ "", "" };
	if (message)
		dbus_message_iter_init_append(message, &to);
	for (const struct variant *arg = args ? args->first : NULL; arg && r == 0; arg = arg->next)
		r = append(&to, arg);
	if (r == 0)
		r = exchange(bus, message, ret);
	if (message)
		dbus_message_unref(message);
	if (r == 0)
		return 0;
	if (r == -EBADMSG)
		return fail(err, ERR_HOST, "systemd refuses %s: %s", method, *ret->text ? ret->text : ret->error);
	if (r == -ETIMEDOUT)
		return fail(err, ERR_TIMEOUT, "systemd did not answer %s within %d s", method, BUS_CALL_MS / 1000);
	return fail(err, r, "cannot call %s of systemd", method);
}

int bus_call(struct bus *bus, const char *path, const char *interface, const char *method, const struct variant *args,
	     struct bus_reply *ret, struct error *err)
{
	return call(bus, SYSTEMD, path ? path : MANAGER_PATH, interface, method, args, ret, err);
}

/* How the job has ended, as far as it was heard; else NULL. */
static const char *result_of(const struct bus *bus, const char *job)
{
	for (size_t i = 0; i < ENDED_MAX; i++)
		if (strcmp(bus->ended[i].job, job) == 0)
			return bus->ended[i].result;
	return NULL;
}

int bus_wait_job(struct bus *bus, const char *job, struct error *err)
{
	int64_t deadline = clock_ms() + BUS_JOB_MS;
	const char *result;

	while (!(result = result_of(bus, job))) {
		DBusMessage *got = NULL;
		int r = receive_message(bus, &got, deadline);

		if (r == -ETIMEDOUT)
			return fail(err, ERR_TIMEOUT, "job %s has not ended within %d s", job, BUS_JOB_MS / 1000);
		if (r < 0)
			return fail(err, r, "cannot hear of job %s", job);
		note_signal(bus, got);
		dbus_message_unref(got);
	}
	return strcmp(result, "done") == 0 ? 0 : fail(err, ERR_HOST, "job %s ended with: %s", job, result);
}

/* ---- whom to ask ---- */

/* unix:path=PLACE of $DBUS_SESSION_BUS_ADDRESS; false if it says something else. */
static bool session_address(char *ret, size_t size)
{
	const char *address = getenv("DBUS_SESSION_BUS_ADDRESS");

	if (!address || !text_starts(address, "unix:path="))
		return false;
	address += strlen("unix:path=");
	return snprintf(ret, size, "%.*s", (int)strcspn(address, ",;"), address) < (int)size;
}

/* A bus daemon wants a greeting, and to be asked for signals. */
static int greet(struct bus *bus, struct error *err)
{
	struct variant *rule = variant_new("(");
	struct bus_reply reply;
	int r = -1;

	if (!variant_add_text(rule, "s", "type='signal',interface='" MANAGER "',member='JobRemoved'"))
		(void)fail(err, -ENOMEM, "cannot greet the bus");
	else if (call(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello", NULL,
		      &reply, err) == 0 &&
		 call(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch", rule,
		      &reply, err) == 0 &&
		 call(bus, SYSTEMD, MANAGER_PATH, MANAGER, "Subscribe", NULL, &reply, err) == 0)
		r = 0;
	variant_free(rule);
	return r;
}

/* Processes are told by their numbers, which mean others in another pid namespace.  The kernel shows the pid of a peer
 * that we cannot see as 0. */
static bool is_visible(int fd)
{
	struct ucred peer = { 0, 0, 0 };
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0;
}

/* 0, or -1 with err */
static int open_at(struct bus *bus, const char *path, bool brokered, struct error *err)
{
	int r;

	/* First with our uid.  In nested user namespaces nobody can tell us which one the peer sees: then without, and the
	 * kernel's word alone counts. */
	for (int attempt = 0; attempt < 2; attempt++) {
		bus->fd = fd_close(bus->fd);
		r = bus_socket_open(path);
		if (r < 0)
			return fail(err, r, "cannot connect to systemd at %s", path);
		bus->fd = r;
		if (!is_visible(bus->fd))
			return fail(err, ERR_HOST, "systemd at %s is in another pid namespace: it would take the wrong processes",
				    path);
		r = bus_socket_authenticate(bus->fd, attempt == 0, clock_ms() + BUS_CALL_MS);
		if (r != -EACCES)
			break;
	}
	if (r < 0)
		return fail(err, r, "cannot authenticate to systemd at %s", path);
	bus->serial = 0;
	return brokered ? greet(bus, err) : 0;
}

static int open_user(struct bus *bus, struct error *err)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");
	char place[512], path[600];
	struct error later;

	if (session_address(path, sizeof(path)) && open_at(bus, path, true, err) == 0)
		return 0;
	if (dir && *dir == '/')
		snprintf(place, sizeof(place), "%s", dir);
	else
		snprintf(place, sizeof(place), "/run/user/%u", (unsigned)bus_socket_uid());
	snprintf(path, sizeof(path), "%s/bus", place);
	if (open_at(bus, path, true, err) == 0)
		return 0;
	/* Without a bus daemon: the private socket of the user's instance. */
	snprintf(path, sizeof(path), "%s/systemd/private", place);
	return open_at(bus, path, false, &later);
}

int bus_open(bool user, struct bus **ret, struct error *err)
{
	struct bus *bus = calloc(1, sizeof(*bus));
	int r;

	if (!bus)
		return fail(err, -ENOMEM, "cannot connect to systemd");
	bus->fd = -1;
	r = user ? open_user(bus, err) : open_at(bus, "/run/systemd/private", false, err);
	if (r < 0) {
		bus_close(bus);
		return -1;
	}
	*ret = bus;
	return 0;
}

void bus_close(struct bus *bus)
{
	if (!bus)
		return;
	(void)fd_close(bus->fd);
	free(bus);
}

#else

int bus_open(bool user, struct bus **ret, struct error *err)
{
	(void)user;
	(void)ret;
	return fail(err, ERR_UNSUPPORTED, "this hull is built without the systemd cgroup driver (libdbus-1)");
}

void bus_close(struct bus *bus)
{
	(void)bus;
}

int bus_call(struct bus *bus, const char *path, const char *interface, const char *method, const struct variant *args,
	     struct bus_reply *ret, struct error *err)
{
	(void)bus;
	(void)path;
	(void)interface;
	(void)args;
	(void)ret;
	return fail(err, ERR_UNSUPPORTED, "cannot call %s of systemd: built without libdbus-1", method);
}

int bus_wait_job(struct bus *bus, const char *job, struct error *err)
{
	(void)bus;
	return fail(err, ERR_UNSUPPORTED, "cannot wait for job %s: built without libdbus-1", job);
}

#endif
