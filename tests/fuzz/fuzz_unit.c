// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_unit.c - how a config names a unit of systemd, and GVariant text of annotations: the input holds a cgroupsPath, a
 * newline, NAME=VALUE lines.  What is taken can be put into a message. */
#include "../../src/cgroup/bus.c"     // NOLINT(bugprone-suspicious-include): its functions are static
#undef MANAGER
#define append append_argument
#include "../../src/cgroup/systemd.c" // NOLINT(bugprone-suspicious-include)

#include "fuzz.h"

static void check_path(const char *cgroups_path)
{
	struct text directories = TEXT_INIT;
	struct unit *unit = new_unit(false);
	struct error err = { 0 };

	MUST(unit);
	if (read_path(unit, cgroups_path, "id", &err) == 0 &&
	    expand_slice(&directories, unit->is_slice ? unit->name : unit->slice, &err) == 0) {
		MUST(*unit->name && !strchr(unit->name, '/') && !strchr(unit->slice, '/'));
		MUST(!text_goes_up(text_string(&directories)));
	} else {
		fuzz_one_line(err.text);
	}
	text_free(&directories);
	unit_free(unit);
}

static void check_message(const struct variant *properties)
{
#ifdef HAVE_DBUS
	DBusMessage *message = dbus_message_new_method_call("a.b", "/a", "a.b", "C");
	DBusMessageIter to;
	char *data = NULL;
	int size = 0;
#undef append
	MUST(message);
	dbus_message_iter_init_append(message, &to);
	MUST(append(&to, properties) == 0);
	dbus_message_set_serial(message, 1);
	MUST(dbus_message_marshal(message, &data, &size) && size > 0);
	dbus_free(data);
	dbus_message_unref(message);
#else
	(void)properties;
#endif
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text, *line;
	struct variant *properties = variant_new("a(sv)");
	struct error err = { 0 };

	check_path(strsep(&rest, "\n"));
	for (size_t n = 0; n < 16 && (line = strsep(&rest, "\n")); n++) {
		char *name = strsep(&line, "=");

		if (line && add_annotation(properties, name, line, &err) < 0)
			fuzz_one_line(err.text);
	}
	/* Every text of a config is UTF-8. */
	for (const char *at = text; at < text + size; at += *at ? text_utf8(at) : 1)
		if (*at && !text_utf8(at))
			goto end;
	check_message(properties);
end:
	variant_free(properties);
	free(text);
	return 0;
}
