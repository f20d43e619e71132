// SPDX-License-Identifier: LGPL-2.1-or-later
/* tty.h - pseudo terminals (pty(7)). */
#pragma once

#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <termios.h>

#include "kernel/rootfs.h"

/* A new pair from the devpts mounted at /dev/pts of root (its magic is checked; /dev/ptmx itself is never
 * trusted): master, unlocked, and slave by TIOCGPTPEER; both close-on-exec.  0 or -errno. */
int tty_open(const struct rootfs *root, int *ret_master, int *ret_slave);
/* Whether fd is a terminal. */
bool tty_is(int fd);
/* The number of a master's slave in its devpts.  -errno */
int tty_number(int master);
/* Clears ONLCR, so that the caller's copy does not translate twice.  0 or -errno. */
int tty_clear_onlcr(int fd);
int tty_set_size(int fd, unsigned short rows, unsigned short columns);
int tty_get_size(int fd, struct winsize *ret);
/* Makes fd the controlling terminal of this session (the caller is its leader). */
int tty_make_controlling(int fd);
/* Raw mode for the caller's own terminal, but for what it does to output: the container's terminal had its ONLCR
 * cleared, so the translation is done here.  *saved gets what tty_restore puts back. */
int tty_raw(int fd, struct termios *saved);
int tty_restore(int fd, const struct termios *saved);
