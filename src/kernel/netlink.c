// SPDX-License-Identifier: LGPL-2.1-or-later
/* netlink.c - the few rtnetlink messages that hull needs, without a library.
 *
 * Each request asks for an acknowledgement: without it a refusal would be silent. */
#include "kernel/netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"

/* Sends the request and returns what the kernel's acknowledgement says. */
static int request(int fd, struct nlmsghdr *header)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} answer;
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t n;

	header->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	header->nlmsg_seq = 1;
	do
		n = sendto(fd, header, header->nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	/* The acknowledgement of a refusal repeats the request behind its error: that part may be cut. */
	do
		n = recv(fd, &answer, sizeof(answer), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if ((size_t)n < sizeof(answer) || answer.header.nlmsg_type != NLMSG_ERROR || answer.header.nlmsg_seq != 1)
		return -EPROTO;
	return answer.error.error;
}

int netlink_loopback_up(void)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
	} message = {
		.header = { .nlmsg_len = sizeof(message), .nlmsg_type = RTM_NEWLINK },
		/* In every network namespace the loopback interface is the first. */
		.link = { .ifi_family = AF_UNSPEC, .ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP },
	};
	auto_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return fd < 0 ? -errno : request(fd, &message.header);
}
