// SPDX-License-Identifier: LGPL-2.1-or-later
/* checkpoint.h - the options that checkpoint and restore share: callers give restore the words that they gave checkpoint. */
#pragma once

#include "cli/options.h"
#include "container/container.h"

/* type: the struct of values, which has a member criu. */
#define CRIU_OPTIONS(type) \
	{ "image-path", NULL, OPTION_STRING, OPTION_AT(type, criu.image_path), "DIR", \
	  "Directory of the images. Default: ./checkpoint." }, \
	{ "work-path", NULL, OPTION_STRING, OPTION_AT(type, criu.work_path), "DIR", \
	  "Directory of criu's logs (dump.log, restore.log) and statistics. Default: that of the images." }, \
	{ "parent-path", NULL, OPTION_STRING, OPTION_AT(type, criu.parent_path), "DIR", \
	  "Directory of an earlier dump, relative to that of the images: only memory that has changed since is written. " \
	  "Not needed to restore." }, \
	{ "leave-running", NULL, OPTION_FLAG, OPTION_AT(type, criu.leave_running), NULL, \
	  "The container goes on after the dump. No effect on restore." }, \
	{ "tcp-established", NULL, OPTION_FLAG, OPTION_AT(type, criu.tcp_established), NULL, \
	  "Dump open TCP connections, or restore them." }, \
	{ "tcp-close", NULL, OPTION_FLAG, OPTION_AT(type, criu.tcp_close), NULL, \
	  "Close open TCP connections instead. Not together with --tcp-established." }, \
	{ "tcp-skip-in-flight", NULL, OPTION_FLAG, OPTION_AT(type, criu.tcp_skip_in_flight), NULL, \
	  "Leave out TCP connections that are only being opened." }, \
	{ "ext-unix-sk", NULL, OPTION_FLAG, OPTION_AT(type, criu.ext_unix_sk), NULL, \
	  "Allow Unix sockets whose other end is outside of the container." }, \
	{ "shell-job", NULL, OPTION_FLAG, OPTION_AT(type, criu.shell_job), NULL, \
	  "Allow a terminal and a session of the host: those of who restores take their place." }, \
	{ "file-locks", NULL, OPTION_FLAG, OPTION_AT(type, criu.file_locks), NULL, "Allow file locks." }, \
	{ "link-remap", NULL, OPTION_FLAG, OPTION_AT(type, criu.link_remap), NULL, \
	  "Allow open files that have been removed, by a link beside them." }, \
	{ "auto-dedup", NULL, OPTION_FLAG, OPTION_AT(type, criu.auto_dedup), NULL, \
	  "Remove memory from the images of an earlier dump once it is in later ones, or restored." }, \
	{ "lazy-pages", NULL, OPTION_FLAG, OPTION_AT(type, criu.lazy_pages), NULL, \
	  "Memory is fetched when it is needed: the dump serves it (--page-server), restore takes it from \"criu lazy-pages\"." }, \
	{ "page-server", NULL, OPTION_STRING, OPTION_AT(type, criu.page_server), "ADDRESS:PORT", \
	  "Send memory to, or with --lazy-pages serve it at, this address. No effect on restore." }, \
	{ "status-fd", NULL, OPTION_NUMBER, OPTION_AT(type, criu.status_fd), "N", \
	  "Descriptor that gets a NUL byte once the server of --lazy-pages listens. No effect on restore." }, \
	{ "manage-cgroups-mode", NULL, OPTION_CHOICE, OPTION_AT(type, criu.manage_cgroups), NULL, \
	  "What is done about cgroups below the container's own, and their settings. Default: soft.", criu_cgroups_modes, 4 }, \
	{ "network-lock", NULL, OPTION_CHOICE, OPTION_AT(type, criu.network_lock), NULL, \
	  "How the network stands still during the dump. Default: criu's own.", criu_network_locks, 3 }, \
	{ "empty-ns", NULL, OPTION_LIST, OPTION_AT(type, criu.empty_ns), "network", \
	  "Do not dump what the network namespace holds: it comes from elsewhere. May be repeated." }

extern const struct word criu_cgroups_modes[], criu_network_locks[];
