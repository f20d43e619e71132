// SPDX-License-Identifier: LGPL-2.1-or-later
/* busy.c - who keeps a cgroup from being empty, for the error of whoever waited for that in vain. */
#include "cgroup/private.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"

/* How many of a long list are looked at. */
#define LOOKS 256

struct process {
	pid_t pid;
	char state; /* as in /proc/PID/stat; 0: not known */
	char name[64];
};

static void look_at(pid_t pid, struct process *ret)
{
	char place[64], text[512], *name, *end;
	auto_close int fd = -1;
	ssize_t n;

	*ret = (struct process){ .pid = pid };
	snprintf(place, sizeof(place), "/proc/%d/stat", (int)pid);
	fd = open(place, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return;
	text[n] = '\0';
	name = strchr(text, '(');
	end = strrchr(text, ')'); /* the name itself may hold one */
	if (!name || !end || end < name || end[1] != ' ')
		return;
	*end = '\0';
	snprintf(ret->name, sizeof(ret->name), "%s", name + 1);
	ret->state = end[2];
}

/* "process 17 (sleep, state D)" */
static void put_process(struct text *text, const struct process *p)
{
	text_printf(text, "process %d", (int)p->pid);
	if (p->state)
		text_printf(text, " (%s, state %c)", p->name, p->state);
}

/* Who cannot even die is the reason; the first process of a pid namespace waits for the others. */
static void pick(const struct pid_list *list, pid_t first, struct process *ret)
{
	look_at(first, ret);
	for (size_t i = 0; i < list->n && i < LOOKS && !strchr("DTt", ret->state ? ret->state : '?'); i++) {
		struct process other;

		look_at(list->pids[i], &other);
		if (other.state && strchr("DTt", other.state))
			*ret = other;
	}
}

/* Where the process is in the hierarchy, the path as /proc has it; owned by the caller, NULL where that cannot be said. */
static char *place_of(const struct hierarchy *h, pid_t pid)
{
	auto_free char *text = NULL;
	auto_close int fd = -1;
	size_t length = strlen(h->name);
	char place[64];

	snprintf(place, sizeof(place), "/proc/%d/cgroup", (int)pid);
	fd = open(place, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || file_read(fd, 1 << 20, &text, NULL) < 0)
		return NULL;
	for (char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		char *name = line + strcspn(line, ":\n"), *end = line + strcspn(line, "\n");

		if (*name != ':' || (size_t)(end - name) < length + 2)
			continue;
		name++;
		if (h->unified ? *name == ':' : strncmp(name, h->name, length) == 0 && name[length] == ':') {
			name = strchr(name, ':') + 1;
			return strndup(name, (size_t)(end - name));
		}
	}
	return NULL;
}

static bool is_frozen_above(const struct cgroup *cgroup)
{
	struct hierarchy *freezer = hierarchy_of(cgroup, "freezer");
	char above[8];

	return freezer && hierarchy_read(cgroup, freezer, "freezer.parent_freezing", above, sizeof(above)) > 0 &&
	       *above == '1';
}

static int blame(const struct cgroup *cgroup, struct hierarchy *h, const struct pid_list *list, const struct process *p,
		 struct error *err)
{
	auto_free char *path = place_of(h, p->pid);
	auto_text struct text text = TEXT_INIT;

	put_process(&text, p);
	text_printf(&text, " is still in cgroup %s in hierarchy %s (%zu in all)", path ? path : cgroup->path,
		    h->unified ? "unified" : h->name, list->n);
	if (is_frozen_above(cgroup))
		text_puts(&text, "; a cgroup above it is frozen: nothing in it can end before that is thawed");
	return fail(err, ERR_TIMEOUT, "%s", text.failed ? "a process is still in the cgroup" : text.data);
}

int busy_fail(const struct cgroup *cgroup, struct hierarchy *h, struct error *err)
{
	struct pid_list list = { NULL, 0, 0 };
	struct process p;
	int r;

	if (hierarchy_pids(cgroup, h, &list) < 0 || list.n == 0) {
		r = fail(err, ERR_TIMEOUT, "cgroup %s in hierarchy %s is still busy, though no process is in it", cgroup->path,
			 h->unified ? "unified" : h->name);
	} else {
		pick(&list, list.pids[0], &p);
		r = blame(cgroup, h, &list, &p, err);
	}
	free(list.pids);
	return r;
}

int busy_blame(const struct cgroup *cgroup, struct hierarchy *h, pid_t pid, struct error *err)
{
	auto_text struct text text = TEXT_INIT;
	struct pid_list list = { NULL, 0, 0 };
	struct process p;
	int r;

	if (h)
		(void)hierarchy_pids(cgroup, h, &list); /* then pid alone is named */
	pick(&list, pid, &p);
	put_process(&text, &p);
	r = h && list.n ? blame(cgroup, h, &list, &p, err) :
			  fail(err, ERR_TIMEOUT, "%s does not end", text.failed ? "its first process" : text.data);
	free(list.pids);
	return r;
}
