// SPDX-License-Identifier: LGPL-2.1-or-later
/* oom.c - out of memory: who waits for it is woken up by the kernel, v1 by an eventfd, v2 by a file that is polled. */
#include "cgroup/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/fd.h"

static int watch_memory(struct cgroup *cgroup, struct oom_watch *ret)
{
	struct hierarchy *h = hierarchy_of(cgroup, "memory");
	auto_close int control = -1, event = -1;
	char line[32];
	int r;

	if (!h) { /* v2: the file itself wakes up a poll */
		h = hierarchy_unified(cgroup);
		r = h ? hierarchy_file(cgroup, h, "memory.events", O_RDONLY) : -ENOENT;
		if (r < 0)
			return r;
		ret->fd = r;
		ret->is_file = true;
		(void)cgroup_oom(ret); /* what was before is no news */
		return 0;
	}
	control = hierarchy_file(cgroup, h, "memory.oom_control", O_RDONLY);
	if (control < 0)
		return control;
	event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event < 0)
		return -errno;
	snprintf(line, sizeof(line), "%d %d", event, control);
	r = hierarchy_write(cgroup, h, "cgroup.event_control", line);
	if (r == 0)
		ret->fd = take_fd(&event);
	return r;
}

int cgroup_watch_oom(const struct cgroup *cgroup, struct oom_watch *ret)
{
	int r = cgroup_load(cgroup);

	*ret = (struct oom_watch){ .fd = -1 };
	return r < 0 ? r : watch_memory((struct cgroup *)cgroup, ret);
}

uint64_t cgroup_oom(struct oom_watch *watch)
{
	uint64_t number = 0, before = watch->count;
	char text[1024];
	ssize_t n;

	if (!watch->is_file)
		return read(watch->fd, &number, sizeof(number)) == sizeof(number) ? number : 0;
	n = pread(watch->fd, text, sizeof(text) - 1, 0);
	text[n < 0 ? 0 : n] = '\0';
	watch->count = stats_value(text, "oom_kill");
	return watch->count > before ? watch->count - before : 0;
}
