// SPDX-License-Identifier: LGPL-2.1-or-later
/* listener.c - the way of a filter's notifications (SCMP_ACT_NOTIFY) to the runtime, which sends them to listenerPath.
 *
 * The thread that becomes the program may make no system call after the filter but exec: sendmsg could be one that the
 * filter refuses, or one that waits for the very listener that it is to send.  So a second thread, which was there before
 * the filter and stays outside of it, sends the descriptor; the first waits in its own memory.  A thread, not a process:
 * exec ends it, and the program never has a child that it does not know.  And not the runtime from outside
 * (pidfd_getfd(2)): Yama and a user namespace may refuse that. */
#include <errno.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "init/init.h"
#include "kernel/sys.h"

#define STACK_SIZE (64 * 1024)
#define NOT_YET	   (-1)
#define NEVER	   (-2)

struct listener {
	struct init *in;
	sem_t ready, about_to_load;
	atomic_int fd; /* of the notifications, NOT_YET, or NEVER: the filter was not loaded */
	atomic_bool handed_on;
};

static void wait_for(sem_t *semaphore)
{
	while (sem_wait(semaphore) < 0)
		; /* interrupted */
}

/* The other thread is in seccomp(2), which tells nobody when it is done. */
static int wait_for_filter(struct listener *listener)
{
	const struct timespec moment = { .tv_nsec = 20 * 1000 };
	int fd;

	wait_for(&listener->about_to_load);
	while ((fd = atomic_load(&listener->fd)) == NOT_YET)
		(void)nanosleep(&moment, NULL);
	return fd;
}

static void *hand_on(void *argument)
{
	const struct sched_param none = { 0 };
	struct listener *listener = argument;
	struct message message = { .type = MSG_LISTENER };
	struct error err;
	int fd;

	/* The other one waits awake: under its own real-time policy, on its only CPU, this one would never run. */
	(void)sched_setscheduler(0, SCHED_OTHER, &none); /* allowed to everybody */
	(void)sem_post(&listener->ready);		 /* cannot fail: the count is 0 */
	fd = wait_for_filter(listener);

	if (fd == NEVER)
		return NULL;
	/* The runtime knows why it did not answer, and says it.  This ends the waiting thread, too. */
	if (init_ask(listener->in, &message, &fd, 1, NULL, 0, NULL, &err) < 0)
		_exit(EXIT_FAILURE);
	atomic_store(&listener->handed_on, true);
	return NULL;
}

static int begin_thread(struct listener *listener)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int r;

	r = pthread_attr_init(&attributes);
	if (r != 0)
		return -r;
	r = pthread_attr_setstacksize(&attributes, STACK_SIZE);
	if (r == 0)
		r = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	if (r == 0)
		r = pthread_create(&thread, &attributes, hand_on, listener);
	(void)pthread_attr_destroy(&attributes); /* cannot fail */
	return -r;
}

int step_listener(struct init *in, struct error *err)
{
	struct message message = { .type = MSG_LISTENER };
	struct listener *listener;
	int r;

	if (!in->wants_listener)
		return 0;
	/* The runtime connects: if nobody listens, nothing has begun yet. */
	if (init_ask(in, &message, NULL, 0, NULL, 0, NULL, err) < 0)
		return -1;
	listener = calloc(1, sizeof(*listener));
	if (!listener)
		return fail(err, -ENOMEM, "cannot prepare the seccomp listener");
	listener->in = in;
	atomic_init(&listener->fd, NOT_YET);
	atomic_init(&listener->handed_on, false);
	(void)sem_init(&listener->ready, 0, 0);		/* cannot fail with these arguments */
	(void)sem_init(&listener->about_to_load, 0, 0); /* likewise */
	r = begin_thread(listener);
	if (r < 0) {
		free(listener);
		return fail(err, r, "config.json:/linux/seccomp/listenerPath: cannot make the thread that sends the listener%s",
			    r == -EAGAIN ? " (is a limit of processes reached, or the policy SCHED_DEADLINE?)" : "");
	}
	wait_for(&listener->ready);
	in->listener = listener;
	return 0;
}

int load_with_listener(struct init *in, unsigned flags, struct error *err)
{
	struct listener *listener = in->listener;
	int fd;

	/* The kernel takes no TSYNC with a listener, and the filter belongs on this thread alone. */
	flags &= ~(unsigned)SECCOMP_FILTER_FLAG_TSYNC;
	(void)sem_post(&listener->about_to_load); /* cannot fail: the count is 0 */
	fd = sys_seccomp_filter(in->filter, in->n_filter, flags | SECCOMP_FILTER_FLAG_NEW_LISTENER);
	atomic_store(&listener->fd, fd < 0 ? NEVER : fd);
	if (fd == -EBUSY)
		return fail(err, fd, "config.json:/linux/seccomp: a filter that is in force already has a listener");
	if (fd < 0)
		return fail(err, fd, "config.json:/linux/seccomp: cannot load the filter%s",
			    fd == -EINVAL && flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
				    ? " (SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs Linux 5.19)"
				    : "");
	while (!atomic_load(&listener->handed_on))
		; /* no system call */
	return 0;
}
