// SPDX-License-Identifier: LGPL-2.1-or-later
/* abilities.h - what this release does and does not do: `features` and --version print it.
 *
 * A value becomes 1 (or HAVE_... of config.h) in the change that makes it true. */
#pragma once

#define SPEC_VERSION_MIN "1.0.0"
#define SPEC_VERSION_MAX "1.3.0"

#ifdef HAVE_SECCOMP
#define CAN_SECCOMP 1
#define CAN_SECCOMP_LISTENER 1
#else
#define CAN_SECCOMP 0
#define CAN_SECCOMP_LISTENER 0
#endif
#define CAN_APPARMOR 1
#ifdef HAVE_SELINUX
#define CAN_SELINUX 1
#else
#define CAN_SELINUX 0
#endif
#ifdef HAVE_DBUS
#define CAN_SYSTEMD 1
#else
#define CAN_SYSTEMD 0
#endif
#ifdef HAVE_PROTOBUFC
#define CAN_CRIU 1
#else
#define CAN_CRIU 0
#endif
#define CAN_HOOKS 1
#define CAN_INTEL_RDT 1
#define CAN_NET_DEVICES 1
#define CAN_MEMORY_POLICY 1
#define CAN_IDMAP 1
#define CAN_TMPCOPYUP 1
#define CAN_COPY_SYMLINK 1
#define CAN_RDMA 1
