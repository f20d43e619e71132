// SPDX-License-Identifier: LGPL-2.1-or-later
/* criu_messages.h - what is said to criu and by it, and stands in its images, in the form of its protocol; private to criu.c and
 * pagemaps.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "container/criu.h"

/* criu's numbers of requests and replies, beyond enum criu_type. */
enum { CRIU_NOTIFY = 6, CRIU_FEATURE_CHECK = 9, CRIU_VERSION = 10 };

struct criu_request {
	int type;
	const struct criu_job *job; /* or NULL */
	bool keep_open;		    /* another request follows */
	bool answers, well;	    /* a notification; with success */
	bool mem_track, lazy_pages; /* asked for by CRIU_FEATURE_CHECK */
};

struct criu_reply {
	int type;
	bool success;
	int error;	   /* an errno, or 0 */
	char text[256];	   /* criu's own words, or "" */
	char script[32];   /* of a notification */
	pid_t pid;	   /* of a notification, or restored; 0: none */
	int version;	   /* 40100 for 4.1 */
	bool mem_track, lazy_pages;
};

/* *ret is owned by the caller.  0 or -ENOMEM, -ENOSYS in a build without libprotobuf-c. */
int criu_pack(const struct criu_request *request, void **ret, size_t *ret_size);
/* 0, -EBADMSG (no reply of criu), -ENOSYS */
int criu_unpack(const void *data, size_t size, struct criu_reply *ret);

/* What of an entry of an image counts here. */
enum criu_entry {
	CRIU_PSTREE,	   /* the pid of a process */
	CRIU_PAGEMAP_HEAD, /* the N of the pages-N.img that the list is of */
	CRIU_PAGEMAP,	   /* how many pages of the range lie there */
};

/* 0, -EBADMSG (no such entry), -ENOSYS */
int criu_unpack_entry(enum criu_entry kind, const void *data, size_t size, uint64_t *ret);
