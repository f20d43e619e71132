// SPDX-License-Identifier: LGPL-2.1-or-later
/* caps.c - capabilities by name and number; the only user of libcap.
 *
 * Names and numbers are libcap's; the sets are given to the kernel as bits, without libcap's objects.
 * libcap is lenient about case and prefix: a config is not. */
#include "kernel/caps.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "kernel/sys.h"

int cap_number(const char *name)
{
	char lower[64];
	size_t n = strlen(name);
	cap_value_t value;

	if (strncmp(name, "CAP_", 4) != 0 || n >= sizeof(lower))
		return -1;
	if (name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")])
		return -1;
	for (size_t i = 0; i <= n; i++)
		lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] - 'A' + 'a') : name[i];
	return cap_from_name(lower, &value) < 0 ? -1 : value;
}

const char *cap_name(int number)
{
	static char names[64][32];
	char *name, *to;

	if (number < 0 || number >= 64)
		return NULL;
	to = names[number];
	if (*to)
		return to;
	name = cap_to_name(number);
	/* What libcap does not know it prints as a number. */
	if (name && strncmp(name, "cap_", 4) == 0 && strlen(name) < sizeof(names[0]))
		for (size_t i = 0; i <= strlen(name); i++)
			to[i] = name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 'a' + 'A') : name[i];
	(void)cap_free(name);
	return *to ? to : NULL;
}

static int is_bounded(int number)
{
	return sys_prctl(PR_CAPBSET_READ, (unsigned long)number, 0, 0, 0);
}

int cap_last(void)
{
	static int last = -1;
	int low = CAP_LAST_CAP, high = 63;

	if (last >= 0)
		return last;
	/* The kernel is nearly always as old or as new as the header: look there first. */
	if (is_bounded(CAP_LAST_CAP) < 0) {
		low = 0;
		high = CAP_LAST_CAP - 1;
	} else if (is_bounded(CAP_LAST_CAP + 1) < 0) {
		return last = CAP_LAST_CAP;
	}
	while (low < high) {
		int middle = (low + high + 1) / 2;

		if (is_bounded(middle) >= 0)
			low = middle;
		else
			high = middle - 1;
	}
	return last = low;
}

static uint64_t join_words(uint32_t low, uint32_t high)
{
	return (uint64_t)high << 32 | low;
}

int caps_current(struct caps *ret)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (capget(&header, data) < 0)
		return -errno;
	*ret = (struct caps){
		.effective = join_words(data[0].effective, data[1].effective),
		.permitted = join_words(data[0].permitted, data[1].permitted),
		.inheritable = join_words(data[0].inheritable, data[1].inheritable),
	};
	for (int n = 0; n < 64; n++) {
		const uint64_t bit = (uint64_t)1 << n;

		/* Ambient ones are always permitted and inheritable (capabilities(7)). */
		if (ret->permitted & ret->inheritable & bit &&
		    sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, (unsigned long)n, 0, 0) == 1)
			ret->ambient |= bit;
	}
	return 0;
}

uint64_t caps_bounded(uint64_t set)
{
	for (int n = 0; n < 64; n++)
		if (set & (uint64_t)1 << n && is_bounded(n) != 1)
			set &= ~((uint64_t)1 << n);
	return set;
}

int caps_bound(uint64_t set)
{
	for (int n = 0; n <= cap_last(); n++) {
		int r;

		if (set & (uint64_t)1 << n)
			continue;
		r = sys_prctl(PR_CAPBSET_DROP, (unsigned long)n, 0, 0, 0);
		/* Without CAP_SETPCAP even what is gone already cannot be dropped. */
		if (r < 0 && is_bounded(n) != 0)
			return r;
	}
	return 0;
}

int caps_set(const struct caps *caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	int r;

	for (unsigned i = 0; i < 2; i++)
		data[i] = (struct __user_cap_data_struct){
			.effective = (uint32_t)(caps->effective >> (32 * i)),
			.permitted = (uint32_t)(caps->permitted >> (32 * i)),
			.inheritable = (uint32_t)(caps->inheritable >> (32 * i)),
		};
	if (capset(&header, data) < 0)
		return -errno;
	r = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (int n = 0; r >= 0 && n <= cap_last(); n++)
		if (caps->ambient & (uint64_t)1 << n)
			r = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (unsigned long)n, 0, 0);
	return r < 0 ? r : 0;
}
