// SPDX-License-Identifier: LGPL-2.1-or-later
/* netlink.c - the few rtnetlink messages that hull needs, without a library.
 *
 * Each request asks for an acknowledgement: without it a refusal would be silent. */
#include "kernel/netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/namespaces.h"
#include "kernel/sys.h"

static int send_request(int fd, struct nlmsghdr *header)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t n;

	header->nlmsg_flags |= NLM_F_REQUEST;
	header->nlmsg_seq = 1;
	do
		n = sendto(fd, header, header->nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel));
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* Sends the request and returns what the kernel's acknowledgement says. */
static int request(int fd, struct nlmsghdr *header)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} answer;
	ssize_t n;
	int r;

	header->nlmsg_flags |= NLM_F_ACK;
	r = send_request(fd, header);
	if (r < 0)
		return r;
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

static int open_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return fd < 0 ? -errno : fd;
}

static int set_up(int fd, int index)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
	} message = {
		.header = { .nlmsg_len = sizeof(message), .nlmsg_type = RTM_NEWLINK },
		.link = { .ifi_family = AF_UNSPEC, .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP },
	};

	return request(fd, &message.header);
}

int netlink_loopback_up(void)
{
	auto_close int fd = open_socket();

	/* In every network namespace the loopback interface is the first. */
	return fd < 0 ? fd : set_up(fd, 1);
}

/* ---- moving a device ---- */

#define MAX_ADDRESSES 64

struct address {
	struct nlmsghdr header;
	struct ifaddrmsg ifa;
	char attributes[256];
};

struct addresses {
	struct address rows[MAX_ADDRESSES];
	size_t n;
};

/* A socket belongs to the namespace in which it was made: in there, for a moment. */
static int open_socket_in(int netns)
{
	auto_close int own = namespace_open("/proc/self/ns/net", CLONE_NEWNET);
	int fd, r;

	if (own < 0)
		return own;
	r = sys_setns(netns, CLONE_NEWNET);
	if (r < 0)
		return r;
	fd = open_socket();
	r = sys_setns(own, CLONE_NEWNET);
	if (r < 0) {
		(void)fd_close(fd);
		return r;
	}
	return fd;
}

static void add_attribute(struct nlmsghdr *header, unsigned short type, const void *data, size_t size)
{
	struct rtattr *attribute = (struct rtattr *)((char *)header + NLMSG_ALIGN(header->nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(size);
	memcpy(RTA_DATA(attribute), data, size);
	header->nlmsg_len = NLMSG_ALIGN(header->nlmsg_len) + RTA_ALIGN(attribute->rta_len);
}

/* What is the interface's own to keep: permanent and global (netdev-06, netdev-07).  Labels name the old interface
 * and cache times the past: both are left behind. */
static int keep_address(const struct nlmsghdr *from, int index, struct addresses *ret)
{
	const struct ifaddrmsg *ifa = NLMSG_DATA(from);
	struct address *row;
	int left;

	if (from->nlmsg_len < NLMSG_LENGTH(sizeof(*ifa)))
		return -EPROTO;
	left = (int)IFA_PAYLOAD(from);
	if ((int)ifa->ifa_index != index || ifa->ifa_scope != RT_SCOPE_UNIVERSE || !(ifa->ifa_flags & IFA_F_PERMANENT))
		return 0;
	if (ret->n == MAX_ADDRESSES)
		return -E2BIG;
	row = &ret->rows[ret->n];
	*row = (struct address){ .ifa = *ifa };
	row->header.nlmsg_len = NLMSG_LENGTH(sizeof(*ifa));
	row->header.nlmsg_type = RTM_NEWADDR;
	row->header.nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	for (struct rtattr *a = IFA_RTA(ifa); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		bool kept = a->rta_type == IFA_LOCAL || a->rta_type == IFA_ADDRESS || a->rta_type == IFA_BROADCAST ||
			    a->rta_type == IFA_RT_PRIORITY;

		if (kept && RTA_PAYLOAD(a) <= 16 && row->header.nlmsg_len + RTA_SPACE(RTA_PAYLOAD(a)) <= sizeof(*row))
			add_attribute(&row->header, a->rta_type, RTA_DATA(a), RTA_PAYLOAD(a));
	}
	ret->n++;
	return 0;
}

/* What an error says instead of the dump: -errno. */
static int refusal(const struct nlmsghdr *h)
{
	const struct nlmsgerr *answer = NLMSG_DATA(h);

	return h->nlmsg_len >= NLMSG_LENGTH(sizeof(*answer)) && answer->error < 0 ? answer->error : -EPROTO;
}

/* 1: the dump goes on, 0: done, or -errno. */
static int read_addresses(const char *buffer, size_t size, int index, struct addresses *ret)
{
	int left = (int)size, r; /* below 0 behind a message whose length is not aligned */

	for (const struct nlmsghdr *h = (const struct nlmsghdr *)buffer; left > 0 && NLMSG_OK(h, (unsigned)left);
	     h = NLMSG_NEXT(h, left)) {
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR)
			return refusal(h);
		r = h->nlmsg_type == RTM_NEWADDR ? keep_address(h, index, ret) : 0;
		if (r < 0)
			return r;
	}
	return 1;
}

static int get_addresses(int fd, int index, struct addresses *ret)
{
	struct {
		struct nlmsghdr header;
		struct ifaddrmsg ifa;
	} message = { .header = { .nlmsg_len = sizeof(message), .nlmsg_type = RTM_GETADDR, .nlmsg_flags = NLM_F_DUMP } };
	_Alignas(struct nlmsghdr) char buffer[32768];
	int r = send_request(fd, &message.header);

	ret->n = 0;
	if (r < 0)
		return r;
	do {
		ssize_t n = recv(fd, buffer, sizeof(buffer), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EPROTO;
		r = read_addresses(buffer, (size_t)n, index, ret);
	} while (r > 0);
	return r;
}

/* The index is asked for, so that it is known there whatever the name becomes (IFLA_NEW_IFINDEX, Linux 5.12). */
static int move(int fd, int index, int netns, const char *name, int new_index)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
		char attributes[128];
	} message = {
		.header = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)), .nlmsg_type = RTM_NEWLINK },
		.link = { .ifi_family = AF_UNSPEC, .ifi_index = index },
	};

	add_attribute(&message.header, IFLA_NET_NS_FD, &netns, sizeof(netns));
	add_attribute(&message.header, IFLA_IFNAME, name, strlen(name) + 1);
	add_attribute(&message.header, IFLA_NEW_IFINDEX, &new_index, sizeof(new_index));
	return request(fd, &message.header);
}

/* -EBUSY says that the index is taken there. */
static int move_somewhere(int fd, int index, int netns, const char *name, int *ret_index)
{
	int r;

	*ret_index = index;
	for (int tries = 0; tries < 64; tries++) {
		r = move(fd, index, netns, name, *ret_index);
		if (r != -EBUSY)
			return r;
		*ret_index += 1000;
	}
	return r;
}

/* Any socket will do for these requests, in the namespace that it belongs to. */
static int ask_interface(int fd, const char *name, unsigned long what, struct ifreq *ret)
{
	memset(ret, 0, sizeof(*ret));
	memcpy(ret->ifr_name, name, strlen(name) + 1); /* shorter than IFNAMSIZ: the caller looked */
	return ioctl(fd, what, ret) < 0 ? -errno : 0;
}

int netlink_check_device(const char *name, int netns, const char *new_name, const char **ret_what)
{
	const char *other = new_name ? new_name : name;
	auto_close int here = -1, there = -1;
	struct ifreq answer;
	int r;

	*ret_what = "find the interface";
	if (strlen(name) >= IFNAMSIZ || strlen(other) >= IFNAMSIZ)
		return -ENODEV;
	here = open_socket();
	r = here < 0 ? here : ask_interface(here, name, SIOCGIFFLAGS, &answer);
	if (r < 0)
		return r;
	*ret_what = "move the interface";
	if (answer.ifr_flags & IFF_LOOPBACK)
		return -EINVAL;
	if (strchr(other, '%'))
		return 0;
	there = open_socket_in(netns);
	r = there < 0 ? there : ask_interface(there, other, SIOCGIFINDEX, &answer);
	return r == -ENODEV ? 0 : r < 0 ? r : -EEXIST;
}

int netlink_move_device(const char *name, int netns, const char *new_name, const char **ret_what)
{
	auto_close int here = -1, there = -1;
	struct addresses addresses;
	int index, r;

	*ret_what = "find the interface";
	if (strlen(name) >= IFNAMSIZ || (new_name && strlen(new_name) >= IFNAMSIZ))
		return -ENODEV;
	index = (int)if_nametoindex(name);
	if (index == 0)
		return -ENODEV;
	*ret_what = "read its addresses";
	here = open_socket();
	r = here < 0 ? here : get_addresses(here, index, &addresses);
	if (r < 0)
		return r;
	*ret_what = "enter the network namespace";
	there = open_socket_in(netns);
	if (there < 0)
		return there;
	*ret_what = "move the interface";
	r = move_somewhere(here, index, netns, new_name ? new_name : name, &index);
	if (r < 0)
		return r;
	*ret_what = "give it back its addresses";
	for (size_t i = 0; i < addresses.n; i++) {
		addresses.rows[i].ifa.ifa_index = (unsigned)index;
		r = request(there, &addresses.rows[i].header);
		if (r < 0)
			return r;
	}
	*ret_what = "set it up";
	return set_up(there, index);
}
