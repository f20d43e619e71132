// SPDX-License-Identifier: LGPL-2.1-or-later
/* copy.h - copies of directory trees, by descriptor. */
#pragma once

/* Copies everything below the directory `from` (O_RDONLY) into the directory `to`: files, directories, links, nodes,
 * with owner, mode, modification time and, where both file systems have them, extended attributes.  Links are
 * copied, never followed; other mounts below from are left out.  Where from is mounted nodev, devices are left out
 * too; where it is mounted nosuid, set-id bits and capabilities of files.  What the user namespace has no number for belongs to
 * the caller.  0 or -errno (-ELOOP: deeper than 64 directories). */
int copy_tree(int from, int to);
