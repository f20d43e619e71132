// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_netlink.c - a dump of addresses, as a network namespace answers it. */
#include "../../src/kernel/netlink.c" // NOLINT(bugprone-suspicious-include): its functions are static

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct addresses addresses;
	char *copy = malloc(size ? size : 1); /* aligned for any type */
	int r;

	MUST(copy);
	if (size)
		memcpy(copy, data, size);
	addresses.n = 0;
	r = read_addresses(copy, size, 1, &addresses);
	MUST(r <= 1 && addresses.n <= MAX_ADDRESSES);
	for (size_t i = 0; i < addresses.n; i++)
		MUST(addresses.rows[i].header.nlmsg_len <= sizeof(addresses.rows[i]));
	free(copy);
	return 0;
}
