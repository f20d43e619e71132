// SPDX-License-Identifier: LGPL-2.1-or-later
/* bpf.h - device rules as a BPF program on a cgroup v2 directory (BPF_PROG_TYPE_CGROUP_DEVICE). */
#pragma once

#include <linux/bpf.h>
#include <stddef.h>

#include "cgroup/devices.h"

/* The program for the rules, owned by the caller.  0 or -ENOMEM */
int bpf_device_program(const struct device_rules *rules, struct bpf_insn **ret, size_t *ret_n);

/* Loads the program and attaches it to the cgroup directory, besides whatever is attached there and above: all of them
 * must allow an access.  The kernel keeps it as long as the directory.  log gets the verifier's words if it refuses.
 * 0 or -errno */
int bpf_device_attach(int dir, const struct bpf_insn *program, size_t n, char *log, size_t log_size);
