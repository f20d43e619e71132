// SPDX-License-Identifier: LGPL-2.1-or-later
/* spec.c - `hull spec`: a default config.json.
 *
 * It stands here as the text that it is, so that it can be read; what depends on --rootless are the few pieces
 * between. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "cli/abilities.h"
#include "kernel/host.h"

struct spec_options {
	const char *bundle, *file;
	bool rootless;
};

static const struct option options[] = {
	{ "bundle", "b", OPTION_STRING, OPTION_AT(struct spec_options, bundle), "DIR",
	  "Directory to write to. Default: the current directory." },
	{ "file", "f", OPTION_STRING, OPTION_AT(struct spec_options, file), "FILE",
	  "Name of the file. Default: config.json. A single dash prints it instead." },
	{ "rootless", NULL, OPTION_FLAG, OPTION_AT(struct spec_options, rootless), NULL,
	  "Write a configuration for a user who is not root: the calling user becomes root in a user namespace." },
};

// clang-format off
#define CAPS \
	"\t\t\t\t\"CAP_AUDIT_WRITE\",\n" \
	"\t\t\t\t\"CAP_KILL\",\n" \
	"\t\t\t\t\"CAP_NET_BIND_SERVICE\"\n"

static const char head[] =
	"{\n"
	"\t\"ociVersion\": \"" SPEC_VERSION_MAX "\",\n"
	"\t\"process\": {\n"
	"\t\t\"terminal\": true,\n"
	"\t\t\"user\": {\n"
	"\t\t\t\"uid\": 0,\n"
	"\t\t\t\"gid\": 0\n"
	"\t\t},\n"
	"\t\t\"args\": [\n"
	"\t\t\t\"sh\"\n"
	"\t\t],\n"
	"\t\t\"env\": [\n"
	"\t\t\t\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\",\n"
	"\t\t\t\"TERM=xterm\"\n"
	"\t\t],\n"
	"\t\t\"cwd\": \"/\",\n"
	"\t\t\"capabilities\": {\n"
	"\t\t\t\"bounding\": [\n"
	CAPS
	"\t\t\t],\n"
	"\t\t\t\"effective\": [\n"
	CAPS
	"\t\t\t],\n"
	"\t\t\t\"permitted\": [\n"
	CAPS
	"\t\t\t]\n"
	"\t\t},\n"
	"\t\t\"rlimits\": [\n"
	"\t\t\t{\n"
	"\t\t\t\t\"type\": \"RLIMIT_NOFILE\",\n"
	"\t\t\t\t\"hard\": 1024,\n"
	"\t\t\t\t\"soft\": 1024\n"
	"\t\t\t}\n"
	"\t\t],\n"
	"\t\t\"noNewPrivileges\": true\n"
	"\t},\n"
	"\t\"root\": {\n"
	"\t\t\"path\": \"rootfs\",\n"
	"\t\t\"readonly\": true\n"
	"\t},\n"
	"\t\"hostname\": \"hull\",\n"
	"\t\"mounts\": [\n";

/* Of "linux", in both forms. */
static const char paths[] =
	"\t\t\"maskedPaths\": [\n"
	"\t\t\t\"/proc/acpi\",\n"
	"\t\t\t\"/proc/asound\",\n"
	"\t\t\t\"/proc/interrupts\",\n"
	"\t\t\t\"/proc/kcore\",\n"
	"\t\t\t\"/proc/keys\",\n"
	"\t\t\t\"/proc/latency_stats\",\n"
	"\t\t\t\"/proc/sched_debug\",\n"
	"\t\t\t\"/proc/scsi\",\n"
	"\t\t\t\"/proc/timer_list\",\n"
	"\t\t\t\"/proc/timer_stats\",\n"
	"\t\t\t\"/sys/devices/virtual/powercap\",\n"
	"\t\t\t\"/sys/firmware\"\n"
	"\t\t],\n"
	"\t\t\"readonlyPaths\": [\n"
	"\t\t\t\"/proc/bus\",\n"
	"\t\t\t\"/proc/fs\",\n"
	"\t\t\t\"/proc/irq\",\n"
	"\t\t\t\"/proc/sys\",\n"
	"\t\t\t\"/proc/sysrq-trigger\"\n"
	"\t\t]\n"
	"\t}\n"
	"}\n";

static const char resources[] =
	"\t\t\"resources\": {\n"
	"\t\t\t\"devices\": [\n"
	"\t\t\t\t{\n"
	"\t\t\t\t\t\"allow\": false,\n"
	"\t\t\t\t\t\"access\": \"rwm\"\n"
	"\t\t\t\t}\n"
	"\t\t\t]\n"
	"\t\t},\n";

/* users: for whom the row is */
enum { ROOT = 1, ROOTLESS = 2, BOTH = ROOT | ROOTLESS };

static const struct mount_row {
	unsigned users;
	const char *destination, *type, *source, *options;
} mounts[] = {
	{ BOTH,     "/proc",          "proc",   "proc",   "" },
	{ BOTH,     "/dev",           "tmpfs",  "tmpfs",  "nosuid strictatime mode=755 size=65536k" },
	{ ROOT,     "/dev/pts",       "devpts", "devpts", "nosuid noexec newinstance ptmxmode=0666 mode=0620 gid=5" },
	{ ROOTLESS, "/dev/pts",       "devpts", "devpts", "nosuid noexec newinstance ptmxmode=0666 mode=0620" },
	{ BOTH,     "/dev/shm",       "tmpfs",  "shm",    "nosuid noexec nodev mode=1777 size=65536k" },
	{ BOTH,     "/dev/mqueue",    "mqueue", "mqueue", "nosuid noexec nodev" },
	{ ROOT,     "/sys",           "sysfs",  "sysfs",  "nosuid noexec nodev ro" },
	{ ROOTLESS, "/sys",           "none",   "/sys",   "rbind nosuid noexec nodev ro" },
	{ BOTH,     "/sys/fs/cgroup", "cgroup", "cgroup", "nosuid noexec nodev relatime ro" },
};
// clang-format on

#define N_MOUNTS (sizeof(mounts) / sizeof(mounts[0]))

/* "a b" as the array ["a", "b"], a line each; indent is in tabs. */
static void put_array(struct text *text, const char *words, const char *indent, const char *before, const char *after)
{
	text_puts(text, "[\n");
	while (*words) {
		size_t length = strcspn(words, " ");

		text_printf(text, "%s\t%s\"%.*s\"%s", indent, before, (int)length, words, after);
		words += length;
		words += *words == ' ';
		text_puts(text, *words ? ",\n" : "\n");
	}
	text_printf(text, "%s]", indent);
}

static void put_mount(struct text *text, const struct mount_row *row)
{
	text_printf(text, "\t\t{\n\t\t\t\"destination\": \"%s\",\n\t\t\t\"type\": \"%s\",\n\t\t\t\"source\": \"%s\"",
		    row->destination, row->type, row->source);
	if (*row->options) {
		text_puts(text, ",\n\t\t\t\"options\": ");
		put_array(text, row->options, "\t\t\t", "", "");
	}
	text_puts(text, "\n\t\t}");
}

static void put_mapping(struct text *text, const char *name, unsigned host)
{
	text_printf(text,
		    "\t\t\"%s\": [\n\t\t\t{\n\t\t\t\t\"containerID\": 0,\n\t\t\t\t\"hostID\": %u,\n"
		    "\t\t\t\t\"size\": 1\n\t\t\t}\n\t\t],\n",
		    name, host);
}

static void put_namespaces(struct text *text, const char *words)
{
	text_puts(text, "\t\t\"namespaces\": ");
	put_array(text, words, "\t\t", "{ \"type\": ", " }");
	text_puts(text, ",\n");
}

void spec_document(struct text *text, bool rootless)
{
	text_puts(text, head);
	for (size_t i = 0; i < N_MOUNTS; i++) {
		if (!(mounts[i].users & (rootless ? ROOTLESS : ROOT)))
			continue;
		put_mount(text, &mounts[i]);
		text_puts(text, i + 1 < N_MOUNTS ? ",\n" : "\n"); /* the last row is for both */
	}
	text_puts(text, "\t],\n\t\"linux\": {\n");
	if (rootless) {
		put_mapping(text, "uidMappings", geteuid());
		put_mapping(text, "gidMappings", getegid());
	} else {
		text_puts(text, resources);
	}
	/* Without root there is no network namespace: nobody could connect it, and /sys is the host's. */
	put_namespaces(text, rootless ? "pid ipc uts mount cgroup user" : "pid network ipc uts mount cgroup");
	text_puts(text, paths);
}

static int write_file(int dir, const char *name, const struct text *text, struct error *err)
{
	auto_close int fd = -1;
	int r;

	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0)
		return fail(err, -errno, "cannot make %s", name);
	r = file_write(fd, text->data, text->length);
	if (r < 0) {
		(void)unlinkat(dir, name, 0); /* half a file is worse than none; the first failure counts */
		return fail(err, r, "cannot write %s", name);
	}
	return 0;
}

static int run(struct call *call, struct error *err)
{
	const struct spec_options *spec = call->options;
	const char *bundle = spec->bundle ? spec->bundle : ".";
	auto_text struct text text = TEXT_INIT;
	auto_close int dir = -1;

	spec_document(&text, spec->rootless);
	if (text.failed)
		return fail(err, ERR_HOST, "out of memory");
	if (spec->file && strcmp(spec->file, "-") == 0)
		return print_text(&text, err);
	dir = host_open_dir(bundle);
	if (dir < 0)
		return fail(err, dir, "cannot open the directory %s", bundle);
	return write_file(dir, spec->file ? spec->file : "config.json", &text, err);
}

const struct command command_spec = {
	.name = "spec",
	.about = "write a default config.json",
	.words = "",
	OPTION_TABLE(options),
	.options_size = sizeof(struct spec_options),
	.run = run,
};
