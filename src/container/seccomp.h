// SPDX-License-Identifier: LGPL-2.1-or-later
/* seccomp.h - linux.seccomp to a program for the kernel (seccomp(2)), compiled once and kept in the state root. */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "ocispec.h"

struct seccomp_data; /* linux/seccomp.h */

struct seccomp_program {
	struct sock_filter *code; /* owned (free) */
	size_t n;
};

/* Compiles the profile; no file is touched.  Errors carry no pointer beyond /linux/seccomp.  0 or -1. */
int seccomp_compile(const struct oci_seccomp *profile, struct seccomp_program *ret, struct error *err);

/* The same, from the cache in the state root (a directory descriptor) where that holds a program for exactly this
 * profile, and into it otherwise.  A cache that cannot be read or written costs time only. */
int seccomp_program(int state_root, const struct oci_seccomp *profile, struct seccomp_program *ret, struct error *err);

/* Whether SCMP_ACT_NOTIFY is in use: then the filter has a listener. */
bool seccomp_wants_listener(const struct oci_seccomp *profile);

/* The architectures that the program is for (enum of linux.seccomp.architectures), the host's own first.  ret has room for
 * SECCOMP_ARCHES. */
#define SECCOMP_ARCHES 32
size_t seccomp_arches(const struct oci_seccomp *profile, uint64_t *ret);

/* Whether a filter can have that architecture beside this machine's: not where its byte order is another, and not one that
 * this libseccomp does not know. */
bool seccomp_filters_arch(uint64_t arch);

/* Name of a system call, owned by the caller (free), or NULL; its number, or a negative one where it has none. */
char *seccomp_call_name(uint32_t arch, int number);
int seccomp_call_number(uint32_t arch, const char *name);

/* The highest number that the profile names on that architecture, -1: none.  Calls beyond it are answered ENOSYS where
 * seccomp_answers_enosys, because the profile cannot have known them. */
int seccomp_newest(const struct oci_seccomp *profile, uint64_t arch);
bool seccomp_answers_enosys(const struct oci_seccomp *profile);

/* ---- seccomp_calls.c: what a program answers ---- */

/* Runs the program, as the kernel does for a call.  Returns SECCOMP_RET_* with its data; *ret_reads_args: the answer may
 * hang on arguments. */
uint32_t seccomp_run(const struct seccomp_program *program, const struct seccomp_data *data, bool *ret_reads_args);

/* Conditions that must all hold, and what the program then answers. */
struct seccomp_answer_rule {
	const struct oci_syscall_arg *args;
	size_t n;
	bool possible; /* there are such arguments */
	uint32_t action;
};

struct seccomp_answer {
	int number;
	char *name;	 /* owned */
	bool depends;	 /* on arguments: see rules */
	uint32_t action; /* otherwise */
	bool has_other;	 /* false: the rules speak of all arguments */
	struct seccomp_answer_rule *rules; /* owned */
	size_t n_rules;
};

struct seccomp_arch {
	uint64_t arch;	 /* of linux.seccomp.architectures */
	int enosys_from; /* calls from this number on are answered ENOSYS; -1: none */
	struct seccomp_answer *answers; /* owned; in the order of their numbers */
	size_t n_answers;
};

/* Fills in the answers to all system calls of ret->arch.  Also after a failure they are to be freed.  0 or -ENOMEM. */
int seccomp_answers(const struct oci_seccomp *profile, const struct seccomp_program *program, struct seccomp_arch *ret);

/* ---- seccomp_file.c ---- */

struct seccomp_description {
	void *document; /* what conditions point into */
	struct seccomp_program program;
	struct seccomp_arch arches[SECCOMP_ARCHES];
	size_t n_arches;
};

/* Describes the profile in the file at path ("-": standard input), a config.json or the object linux.seccomp alone.
 * Errors name the place in it.  0 or -1. */
int container_seccomp(const char *path, struct seccomp_description *ret, struct error *err);
void container_seccomp_free(struct seccomp_description *description);

/* Whether libseccomp has a system call of that name, on whatever architecture; without it: false. */
bool seccomp_knows(const char *name);

/* Whether this build can do it. */
extern const bool seccomp_is_supported;
