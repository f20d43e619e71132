// SPDX-License-Identifier: LGPL-2.1-or-later
/* criu_messages.c - what is said to criu and by it, in the form of its protocol; the only file that includes
 * libprotobuf-c.
 *
 * Structs and descriptors are made from criu.def, so neither generated code nor a compiler of .proto files is needed. */
#include "container/criu_messages.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_PROTOBUFC
#include <protobuf-c/protobuf-c.h>

/* ---- structs: what a field is in memory ---- */

#define TYPE_BOOL   protobuf_c_boolean
#define TYPE_INT32  int32_t
#define TYPE_UINT32 uint32_t
#define TYPE_UINT64 uint64_t
#define MEMBER_REQUIRED(name, type) type name;
#define MEMBER_OPTIONAL(name, type)	\
	protobuf_c_boolean has_##name;	\
	type name;

#define MESSAGE(message) struct message { ProtobufCMessage base;
#define NUMBER(name, id, need, kind) MEMBER_##need(name, TYPE_##kind)
#define STRING(name, id, need)	     char *name;
#define STRINGS(name, id)	     size_t n_##name; char **name;
#define CHILD(name, id, type)	     struct type *name;
#define CHILDREN(name, id, type)     size_t n_##name; struct type **name;
#define END(message) };
#include "container/criu.def"
#undef MESSAGE
#undef NUMBER
#undef STRING
#undef STRINGS
#undef CHILD
#undef CHILDREN
#undef END

/* ---- descriptors ---- */

#define MESSAGE(message) message##_index,
#define NUMBER(name, id, need, kind)
#define STRING(name, id, need)
#define STRINGS(name, id)
#define CHILD(name, id, type)
#define CHILDREN(name, id, type)
#define END(message)
enum {
#include "container/criu.def"
	N_MESSAGES
};
#undef MESSAGE
#undef NUMBER
#undef STRING
#undef STRINGS
#undef CHILD
#undef CHILDREN
#undef END

/* What the library wants to know of a field.  Its own tables are made of these when they are asked for: they are full of
 * pointers, which every command would write anew when it starts. */
struct field {
	uint8_t id, label, type, child; /* child: an index, or N_MESSAGES */
	uint16_t quantifier, offset;
};

static ProtobufCMessageDescriptor descriptors[N_MESSAGES];

static void describe(unsigned index, size_t size, const struct field *rows, unsigned n, ProtobufCFieldDescriptor *fields,
		     ProtobufCIntRange *ranges)
{
	for (unsigned i = 0; i < n; i++) {
		fields[i] = (ProtobufCFieldDescriptor){
			.name = "",
			.id = rows[i].id,
			.label = rows[i].label,
			.type = rows[i].type,
			.quantifier_offset = rows[i].quantifier,
			.offset = rows[i].offset,
			.descriptor = rows[i].child < N_MESSAGES ? &descriptors[rows[i].child] : NULL,
		};
		ranges[i] = (ProtobufCIntRange){ rows[i].id, i };
	}
	ranges[n] = (ProtobufCIntRange){ 0, n };
	descriptors[index] = (ProtobufCMessageDescriptor){
		.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
		.name = "",
		.short_name = "",
		.c_name = "",
		.package_name = "",
		.sizeof_message = size,
		.n_fields = n,
		.fields = fields,
		.n_field_ranges = n,
		.field_ranges = ranges,
	};
}

#define COUNT_REQUIRED(name) 0
#define COUNT_OPTIONAL(name) offsetof(current, has_##name)
#define FIELD(field, number, how, kind, count, child) \
	{ (number), PROTOBUF_C_LABEL_##how, PROTOBUF_C_TYPE_##kind, (child), (count), offsetof(current, field) },

#define MESSAGE(message)                     \
	static void message##_describe(void) \
	{                                    \
		typedef struct message current; \
		static const struct field rows[] = {
#define NUMBER(name, id, need, kind) FIELD(name, id, need, kind, COUNT_##need(name), N_MESSAGES)
#define STRING(name, id, need)	     FIELD(name, id, need, STRING, 0, N_MESSAGES)
#define STRINGS(name, id)	     FIELD(name, id, REPEATED, STRING, offsetof(current, n_##name), N_MESSAGES)
#define CHILD(name, id, type)	     FIELD(name, id, OPTIONAL, MESSAGE, 0, type##_index)
#define CHILDREN(name, id, type)     FIELD(name, id, REPEATED, MESSAGE, offsetof(current, n_##name), type##_index)
#define END(message)                                                                     \
		};                                                                       \
		enum { N = sizeof(rows) / sizeof(rows[0]) };                             \
		static ProtobufCFieldDescriptor fields[N];                               \
		static ProtobufCIntRange ranges[N + 1];                                  \
                                                                                         \
		describe(message##_index, sizeof(current), rows, N, fields, ranges);     \
	}
#include "container/criu.def"
#undef MESSAGE
#undef NUMBER
#undef STRING
#undef STRINGS
#undef CHILD
#undef CHILDREN
#undef END

static void describe_all(void)
{
	static bool is_done;

	if (is_done)
		return;
	is_done = true;
#define MESSAGE(message) message##_describe();
#define NUMBER(name, id, need, kind)
#define STRING(name, id, need)
#define STRINGS(name, id)
#define CHILD(name, id, type)
#define CHILDREN(name, id, type)
#define END(message)
#include "container/criu.def"
}

/* ---- requests ---- */

/* Flags of the commands: the option, and the field of the same name. */
#define ROW(name) \
	{ offsetof(struct criu_options, name), offsetof(struct criu_opts, has_##name), offsetof(struct criu_opts, name) }
static const struct {
	size_t option, has, value;
} flags[] = {
	ROW(auto_dedup), ROW(ext_unix_sk), ROW(file_locks),	   ROW(lazy_pages), ROW(leave_running), ROW(link_remap),
	ROW(shell_job),	 ROW(tcp_close),   ROW(tcp_established), ROW(tcp_skip_in_flight),
};

/* criu's numbers: enum criu_cg_mode, by enum criu_cgroups_mode; enum criu_network_lock_method, by enum criu_network_lock. */
static const int32_t cgroup_modes[] = { [CRIU_CGROUPS_SOFT] = 3, [CRIU_CGROUPS_FULL] = 4, [CRIU_CGROUPS_STRICT] = 5,
					[CRIU_CGROUPS_IGNORE] = 0 };
static const int32_t network_locks[] = { [CRIU_LOCK_DEFAULT] = 0, [CRIU_LOCK_IPTABLES] = 1, [CRIU_LOCK_NFTABLES] = 2,
					 [CRIU_LOCK_SKIP] = 3 };

#define SET(to, member, what) ((to)->has_##member = true, (to)->member = (what))

static void put_options(struct criu_opts *to, const struct criu_options *options)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (*(const bool *)((const char *)options + flags[i].option)) {
			*(protobuf_c_boolean *)((char *)to + flags[i].has) = true;
			*(protobuf_c_boolean *)((char *)to + flags[i].value) = true;
		}
	SET(to, manage_cgroups, true);
	SET(to, manage_cgroups_mode, cgroup_modes[options->manage_cgroups]);
	if (options->network_lock != CRIU_LOCK_DEFAULT)
		SET(to, network_lock, network_locks[options->network_lock]);
	if (options->empty_ns.n)
		SET(to, empty_ns, CLONE_NEWNET);
	to->lsm_profile = (char *)options->lsm_profile;
	to->lsm_mount_context = (char *)options->lsm_mount_context;
}

#define LIST_MAX 256
struct lists {
	struct criu_page_server server;
	struct criu_inherit_fd inherit[LIST_MAX], *inherit_at[LIST_MAX];
	struct criu_cgroup_root roots[LIST_MAX], *roots_at[LIST_MAX];
	struct criu_join_ns join[LIST_MAX], *join_at[LIST_MAX];
	char address[256];
};

#define BASE(message) { .descriptor = &descriptors[message##_index] }

static int put_lists(struct criu_opts *to, const struct criu_job *job, struct lists *l)
{
	if (job->inherit.n > LIST_MAX || job->cgroup_roots.n > LIST_MAX || job->join.n > LIST_MAX)
		return -E2BIG;
	to->n_external = job->external.n;
	to->external = job->external.items;
	for (size_t i = 0; i < job->inherit.n; i++) {
		l->inherit[i] = (struct criu_inherit_fd){ BASE(criu_inherit_fd), job->inherit.items[i].key,
							  job->inherit.items[i].fd };
		l->inherit_at[i] = &l->inherit[i];
	}
	to->n_inherit_fds = job->inherit.n;
	to->inherit_fds = l->inherit_at;
	for (size_t i = 0; i < job->cgroup_roots.n; i++) {
		l->roots[i] = (struct criu_cgroup_root){ BASE(criu_cgroup_root), job->cgroup_roots.items[i].name,
							 job->cgroup_roots.items[i].path };
		l->roots_at[i] = &l->roots[i];
	}
	to->n_cgroup_roots = job->cgroup_roots.n;
	to->cgroup_roots = l->roots_at;
	for (size_t i = 0; i < job->join.n; i++) {
		l->join[i] = (struct criu_join_ns){ BASE(criu_join_ns), job->join.items[i].name, job->join.items[i].path };
		l->join_at[i] = &l->join[i];
	}
	to->n_join_ns = job->join.n;
	to->join_ns = l->join_at;
	return 0;
}

static void put_page_server(struct criu_opts *to, const char *server, struct lists *l)
{
	const char *colon = server ? strrchr(server, ':') : NULL;

	if (!colon)
		return; /* checked before */
	snprintf(l->address, sizeof(l->address), "%.*s", (int)(colon - server), server);
	l->server = (struct criu_page_server){ .base = BASE(criu_page_server), .address = l->address };
	SET(&l->server, port, atoi(colon + 1));
	to->page_server = &l->server;
}

static int put_job(struct criu_opts *to, const struct criu_job *job, struct lists *l)
{
	put_options(to, job->options);
	if (job->type == CRIU_RESTORE)
		to->has_leave_running = false;
	else
		put_page_server(to, job->options->page_server, l);
	to->images_dir_fd = CRIU_IMAGES_FD;
	SET(to, work_dir_fd, CRIU_WORK_FD);
	if (job->pid > 0)
		SET(to, pid, job->pid);
	if (job->type == CRIU_RESTORE) {
		SET(to, rst_sibling, true); /* the restored init is our child, as the one of create is */
		SET(to, evasive_devices, true);
	} else if (job->options->parent_path) {
		to->parent_img = (char *)job->options->parent_path;
		SET(to, track_mem, true);
	}
	if (job->type == CRIU_PRE_DUMP)
		SET(to, track_mem, true);
	SET(to, log_level, 4);
	SET(to, notify_scripts, true);
	SET(to, orphan_pts_master, !job->keeps_terminal);
	to->log_file = (char *)job->log_name;
	to->root = job->root;
	to->freeze_cgroup = job->freezer;
	to->config_file = job->config_file;
	return put_lists(to, job, l);
}

int criu_pack(const struct criu_request *request, void **ret, size_t *ret_size)
{
	struct criu_features features = { .base = BASE(criu_features) };
	struct criu_opts opts = { .base = BASE(criu_opts) };
	struct criu_req req = { .base = BASE(criu_req), .type = request->type };
	struct lists *lists = calloc(1, sizeof(*lists));
	int r = lists ? 0 : -ENOMEM;

	describe_all();
	if (request->keep_open)
		SET(&req, keep_open, true);
	if (request->answers)
		SET(&req, notify_success, request->well);
	if (request->type == CRIU_FEATURE_CHECK) {
		SET(&features, mem_track, request->mem_track);
		SET(&features, lazy_pages, request->lazy_pages);
		req.features = &features;
	}
	if (r == 0 && request->job) {
		r = put_job(&opts, request->job, lists);
		req.opts = &opts;
	}
	if (r == 0) {
		*ret_size = protobuf_c_message_get_packed_size(&req.base);
		*ret = malloc(*ret_size + 1);
		r = *ret ? 0 : -ENOMEM;
	}
	if (r == 0)
		(void)protobuf_c_message_pack(&req.base, *ret);
	free(lists);
	return r;
}

/* ---- replies ---- */

/* 0 for what is none. */
static int number_of(const struct criu_version *v)
{
	if (v->major < 0 || v->major > 9999 || v->minor < 0 || v->minor > 99 || (v->has_sublevel && (v->sublevel < 0 || v->sublevel > 99)))
		return 0;
	return v->major * 10000 + v->minor * 100 + (v->has_sublevel ? v->sublevel : 0);
}

int criu_unpack(const void *data, size_t size, struct criu_reply *ret)
{
	const struct criu_resp *resp;
	ProtobufCMessage *message;

	*ret = (struct criu_reply){ 0 };
	describe_all();
	message = protobuf_c_message_unpack(&descriptors[criu_resp_index], NULL, size, data);
	if (!message)
		return -EBADMSG;
	resp = (const struct criu_resp *)message;
	ret->type = resp->type;
	ret->success = resp->success;
	ret->error = resp->has_cr_errno ? resp->cr_errno : 0;
	snprintf(ret->text, sizeof(ret->text), "%s", resp->cr_errmsg ? resp->cr_errmsg : "");
	if (resp->notify) {
		snprintf(ret->script, sizeof(ret->script), "%s", resp->notify->script ? resp->notify->script : "");
		ret->pid = resp->notify->has_pid ? resp->notify->pid : 0;
	}
	if (resp->restored)
		ret->pid = resp->restored->pid;
	if (resp->version)
		ret->version = number_of(resp->version);
	if (resp->features) {
		ret->mem_track = resp->features->has_mem_track && resp->features->mem_track;
		ret->lazy_pages = resp->features->has_lazy_pages && resp->features->lazy_pages;
	}
	protobuf_c_message_free_unpacked(message, NULL);
	return 0;
}

/* ---- images ---- */

/* A range's flags: its pages are in the file. */
#define PAGEMAP_PRESENT 4

/* Newer lists have flags and nr_pages, older ones the others. */
static uint64_t pages_there(const struct criu_pagemap *entry)
{
	bool there = entry->has_flags ? entry->flags & PAGEMAP_PRESENT : !(entry->has_in_parent && entry->in_parent);
	uint64_t n = entry->has_nr_pages ? entry->nr_pages : entry->has_compat_nr_pages ? entry->compat_nr_pages : 0;

	return there ? n : 0;
}

int criu_unpack_entry(enum criu_entry kind, const void *data, size_t size, uint64_t *ret)
{
	static const uint8_t indexes[] = {
		[CRIU_PSTREE] = criu_pstree_index,
		[CRIU_PAGEMAP_HEAD] = criu_pagemap_head_index,
		[CRIU_PAGEMAP] = criu_pagemap_index,
	};
	ProtobufCMessage *message;

	describe_all();
	message = protobuf_c_message_unpack(&descriptors[indexes[kind]], NULL, size, data);
	if (!message)
		return -EBADMSG;
	switch (kind) {
	case CRIU_PSTREE:
		*ret = ((const struct criu_pstree *)message)->pid;
		break;
	case CRIU_PAGEMAP_HEAD:
		*ret = ((const struct criu_pagemap_head *)message)->pages_id;
		break;
	case CRIU_PAGEMAP:
		*ret = pages_there((const struct criu_pagemap *)message);
		break;
	}
	protobuf_c_message_free_unpacked(message, NULL);
	return 0;
}

bool criu_is_supported(void)
{
	return true;
}

#else

int criu_pack(const struct criu_request *request, void **ret, size_t *ret_size)
{
	(void)request;
	(void)ret;
	(void)ret_size;
	return -ENOSYS;
}

int criu_unpack(const void *data, size_t size, struct criu_reply *ret)
{
	(void)data;
	(void)size;
	(void)ret;
	return -ENOSYS;
}

int criu_unpack_entry(enum criu_entry kind, const void *data, size_t size, uint64_t *ret)
{
	(void)kind;
	(void)data;
	(void)size;
	(void)ret;
	return -ENOSYS;
}

bool criu_is_supported(void)
{
	return false;
}

#endif
