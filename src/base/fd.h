// SPDX-License-Identifier: LGPL-2.1-or-later
/* fd.h - descriptors and memory that clean up after themselves. */
#pragma once

#include <stdlib.h>
#include <unistd.h>

/* Closes fd if it is not negative; keeps errno.  Always returns -1, so `fd = fd_close(fd)`. */
int fd_close(int fd);

static inline void fd_cleanup(int *fd)
{
	(void)fd_close(*fd);
}

static inline void ptr_cleanup(void *ptr)
{
	free(*(void **)ptr);
}

/* A descriptor (initialise to -1) or pointer (to NULL) that is closed or freed at the end of the scope. */
#define auto_close __attribute__((cleanup(fd_cleanup)))
#define auto_free __attribute__((cleanup(ptr_cleanup)))

/* Moves ownership out of an auto_close or auto_free variable. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define take_ptr(ptr)                                  \
	({                                             \
		__typeof__(ptr) *from_ = &(ptr);       \
		__typeof__(ptr) taken_ = *from_;       \
		*from_ = NULL;                         \
		taken_;                                \
	})

/* Sets or clears close-on-exec (fcntl(2)).  0 or -errno. */
int fd_cloexec(int fd, int on);

/* Duplicates fd to the lowest free number at or above `least`, close-on-exec.  New fd or -errno. */
int fd_dup(int fd, int least);

/* Opens /dev/null on each of 0, 1, 2 that is closed, before anything else can land there.  0 or -errno. */
int fd_fill_stdio(void);

/* Lets this process open as many descriptors as its hard limit allows (getrlimit(2)): what hull needs depends on the host
 * and the config, not on what its caller may open.  A limit that cannot be raised stays. */
void fd_raise_limit(void);

/* The soft limit from before fd_raise_limit, for a program that is to be executed; the hard limit stays as it is now.
 * Safe between fork and exec.  0 or -errno. */
int fd_restore_limit(void);

/* Marks every descriptor from `first` up close-on-exec (close_range(2), Linux 5.11).  0 or -errno. */
int fd_cloexec_from(unsigned first);

/* A sealed memfd (F_SEAL_SEAL|SHRINK|GROW|WRITE; not executable) that holds the bytes.  fd at
 * offset 0, owned by the caller, or -errno. */
int fd_sealed(const char *name, const void *data, size_t size);
