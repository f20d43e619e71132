// SPDX-License-Identifier: LGPL-2.1-or-later
/* annotations.h - names of the annotations of a config that change what hull does.
 *
 * What each one means, and which of other runtimes hull does not honour and why, says the table in
 * container/annotations.c. */
#pragma once

#define ANNOTATION_CRIU_CONFIG		"org.criu.config"
#define ANNOTATION_FAIL_UNKNOWN_SYSCALL "run.oci.seccomp_fail_unknown_syscall"
#define ANNOTATION_HOOKS_STDERR		"run.oci.hooks.stderr"
#define ANNOTATION_HOOKS_STDOUT		"run.oci.hooks.stdout"
#define ANNOTATION_KEEP_GROUPS		"run.oci.keep_original_groups"
#define ANNOTATION_LANDLOCK		"org.hull.landlock"
#define ANNOTATION_MOUNT_CONTEXT_TYPE	"run.oci.mount_context_type"
#define ANNOTATION_PIDFD_RECEIVER	"run.oci.pidfd_receiver"
#define ANNOTATION_SYSTEMD_PROPERTY	"org.systemd.property." /* a prefix */
