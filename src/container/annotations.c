// SPDX-License-Identifier: LGPL-2.1-or-later
/* annotations.c - THE table of annotations.  `features`, validate and docs/annotations.md are made from it. */
#include "container/annotations.h"

#include <string.h>

#include "base/annotations.h"
#include "base/text.h"

#ifdef HAVE_DBUS
#define NO_SYSTEMD false
#else
#define NO_SYSTEMD true
#endif
#ifdef HAVE_SELINUX
#define NO_SELINUX false
#else
#define NO_SELINUX true
#endif
#ifdef HAVE_PROTOBUFC
#define NO_CRIU false
#else
#define NO_CRIU true
#endif

static const char other_executor[] = "hull runs Linux processes; engines choose another runtime for virtual machines and wasm";

// clang-format off
static const struct annotation rows[] = {
	/* name, honoured, left out, unsafe, meaning, why not, harmless */
	{ "bundle", false, false, false,
	  "runc's label for the bundle of a container", "the state document has the bundle's path; a label could only contradict it", true },
	{ "io.kubernetes.cri.container-type", false, false, false,
	  "turns a handler for wasm off in sandboxes", other_executor, true },
	{ "krun.", false, false, false, "settings of a virtual machine", other_executor, false },
	{ "module.wasm.image/variant", false, false, false, "runs the image's wasm module", other_executor, false },
	{ ANNOTATION_CRIU_CONFIG, true, NO_CRIU, true,
	  "configuration file of criu for checkpoint and restore, which overrides their options; empty: none",
	  NO_CRIU ? "this hull was built without checkpoint and restore" : NULL, false },
	{ ANNOTATION_LANDLOCK, true, false, false,
	  "what the process may do by Landlock: paths, ports and scopes, as JSON (landlock.md)", NULL, false },
	{ ANNOTATION_SYSTEMD_PROPERTY, true, NO_SYSTEMD, true,
	  "a further property of the container's systemd unit, as GVariant text (systemd cgroup driver; see cgroups.md)",
	  NO_SYSTEMD ? "this hull was built without the systemd cgroup driver" : NULL, false },
	{ "run.oci.delegate-cgroup", false, false, false,
	  "one more cgroup below that of run.oci.systemd.subgroup for the process", "as for run.oci.systemd.subgroup", false },
	{ "run.oci.handler", false, false, false, "the process is run by another executor (krun, wasm)", other_executor, false },
	{ ANNOTATION_HOOKS_STDERR, true, false, true, "file of the host that the hooks' stderr is appended to", NULL, false },
	{ ANNOTATION_HOOKS_STDOUT, true, false, true, "file of the host that the hooks' stdout is appended to", NULL, false },
	{ ANNOTATION_KEEP_GROUPS, true, false, true,
	  "present and not \"0\": the process keeps the caller's supplementary groups, and additionalGids is not applied", NULL, false },
	{ ANNOTATION_MOUNT_CONTEXT_TYPE, true, NO_SELINUX, true,
	  "how linux.mountLabel is given to mounts: context (the default), fscontext, defcontext or rootcontext",
	  NO_SELINUX ? "this hull was built without SELinux" : NULL, false },
	{ ANNOTATION_PIDFD_RECEIVER, true, false, true,
	  "Unix socket of the host that receives a pidfd of the container's init, where --pidfd-socket is not given", NULL, false },
	{ "run.oci.seccomp.plugins", false, false, false,
	  "libraries that answer seccomp notifications within the runtime",
	  "a library of the host would run with the runtime's rights; a process at linux.seccomp.listenerPath does the same apart from it", false },
	{ "run.oci.seccomp.receiver", false, false, false,
	  "socket that receives the seccomp listener", "linux.seccomp.listenerPath is the specification's own way to say it", false },
	{ "run.oci.seccomp_bpf_data", false, false, false,
	  "a filter in base64 instead of the profile", "it would replace the profile of linux.seccomp by one that nobody can read", false },
	{ ANNOTATION_FAIL_UNKNOWN_SYSCALL, true, false, false,
	  "present and not \"0\": a system call in linux.seccomp that libseccomp does not know is an error", NULL, false },
	{ "run.oci.systemd.force_cgroup_v1", false, false, false,
	  "mounts a v1 hierarchy for systemd on a host with cgroup v2", "only a systemd in the container that is too old for cgroup v2 needs it", false },
	{ "run.oci.systemd.subgroup", false, false, false,
	  "a cgroup below the unit for the process", "the process is in the unit's own cgroup, as with an empty value elsewhere", false },
};
// clang-format on

const struct annotation *annotation_row(size_t i)
{
	return i < sizeof(rows) / sizeof(rows[0]) ? &rows[i] : NULL;
}

const struct annotation *annotation_find(const char *key)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool is_prefix = rows[i].name[strlen(rows[i].name) - 1] == '.';

		if (is_prefix ? text_starts(key, rows[i].name) : strcmp(key, rows[i].name) == 0)
			return &rows[i];
	}
	return NULL;
}

const char *annotation_value(const struct oci_config *config, const char *name)
{
	for (size_t i = 0; i < config->n_annotations; i++)
		if (strcmp(config->annotations[i].key, name) == 0)
			return config->annotations[i].value;
	return NULL;
}
