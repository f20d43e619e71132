// SPDX-License-Identifier: LGPL-2.1-or-later
/* netlink.h - the few rtnetlink(7) messages that hull needs. */
#pragma once

/* Sets the loopback interface of the calling process's network namespace up.  0 or -errno. */
int netlink_loopback_up(void);

/* Whether netlink_move_device can be expected to work: there is such an interface, it is not the loopback, and the name
 * (unless the kernel is to choose a number for it) is free in netns.  The kernel itself would find the name taken only
 * after the move, when a virtual interface goes down with the namespace.  0 or -errno, *ret_what as below. */
int netlink_check_device(const char *name, int netns, const char *new_name, const char **ret_what);

/* Moves the interface name of the calling process's network namespace into the namespace netns, as new_name (NULL:
 * under its own; a trailing %d lets the kernel choose a number), with its permanent global addresses, and sets it up there.
 * Its hardware address, MTU and the like move with it.
 * 0 or -errno: -ENODEV no such interface, -EEXIST the name is taken there, -EINVAL it cannot be moved.  *ret_what (never
 * NULL) says what was attempted, for "cannot ...". */
int netlink_move_device(const char *name, int netns, const char *new_name, const char **ret_what);
