// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_cgroup.c - /proc/PID/cgroup and mountinfo: the input holds one, a byte 1, and the other. */
#include "../../src/cgroup/hierarchy.c" // NOLINT(bugprone-suspicious-include): its functions are static

#include "fuzz.h"

static void look_for_mounts(struct cgroup *cgroup, char *mountinfo)
{
	char place[PATH_MAX], *mount;

	for (char *line; (line = strsep(&mountinfo, "\n"));)
		for (size_t i = 0; i < cgroup->n && i < 4; i++) {
			char *copy = strdup(line);

			if (is_mount_of(&cgroup->hierarchies[i], copy, &mount))
				MUST(mount >= copy && mount <= copy + strlen(line));
			free(copy);
		}
	for (size_t i = 0; i < cgroup->n; i++) {
		for (size_t k = 0; standard_place(cgroup, &cgroup->hierarchies[i], k, place, sizeof(place)); k++)
			MUST(k < 1000000 && strncmp(place, STANDARD_PLACE, strlen(STANDARD_PLACE)) == 0);
		(void)hierarchy_has(&cgroup->hierarchies[i], "memory");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text, *current = strsep(&rest, "\1"), path[] = "/a/b";
	struct cgroup cgroup = { .driver = &driver_fs1, .path = path, .leaf = path + 3, .depth = 2 };
	struct error err = { 0 };
	bool v2;

	cgroup.text = strdup(current);
	if (read_hierarchies(&cgroup, &v2) == 0 && cgroup.n < 100) {
		look_for_mounts(&cgroup, rest);
		for (size_t i = 0; i < cgroup.n; i++)
			cgroup.hierarchies[i].unmounted = true; /* nothing of the host is opened */
		if (cgroup_follow(&cgroup, current, &err) < 0)
			fuzz_one_line(err.text);
	}
	hierarchies_close(&cgroup);
	free(text);
	return 0;
}
