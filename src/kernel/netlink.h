// SPDX-License-Identifier: LGPL-2.1-or-later
/* netlink.h - the few rtnetlink(7) messages that hull needs. */
#pragma once

/* Sets the loopback interface of the calling process's network namespace up.  0 or -errno. */
int netlink_loopback_up(void);
