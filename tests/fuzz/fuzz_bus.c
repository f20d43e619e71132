// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_bus.c - what systemd, or a bus daemon, answers: first byte 'a': lines of the authentication, else messages. */
#include "../../src/cgroup/bus.c" // NOLINT(bugprone-suspicious-include): its functions are static

#include "fuzz.h"

#ifdef HAVE_DBUS

static void hear_messages(struct bus *bus, int64_t deadline)
{
	struct bus_reply reply;
	DBusMessage *got = NULL;

	while (receive_message(bus, &got, deadline) == 0) {
		note_signal(bus, got);
		first_text(got, reply.text, sizeof(reply.text));
		(void)dbus_message_get_reply_serial(got);
		(void)dbus_message_get_error_name(got);
		dbus_message_unref(got);
	}
	for (size_t i = 0; i < ENDED_MAX; i++)
		MUST(strlen(bus->ended[i].job) < sizeof(bus->ended[i].job));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bus bus = { .fd = -1 };
	int64_t deadline = clock_ms() + 60000;
	int pair[2];

	if (size == 0)
		return 0;
	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	if (send(pair[1], data + 1, size - 1, MSG_DONTWAIT) >= 0) {
		MUST(shutdown(pair[1], SHUT_WR) == 0);
		bus.fd = pair[0];
		if (*data == 'a')
			(void)bus_socket_authenticate(pair[0], true, deadline);
		else
			hear_messages(&bus, deadline);
	}
	(void)close(pair[0]);
	(void)close(pair[1]);
	return 0;
}

#else

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)data, (void)size;
	return 0;
}

#endif
