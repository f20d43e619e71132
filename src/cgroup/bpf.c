// SPDX-License-Identifier: LGPL-2.1-or-later
/* bpf.c - assembles the device program, one instruction at a time.
 *
 * The kernel asks with a type, two numbers and a set of accesses, and wants one answer.  The rules are tried from the
 * last to the first; each settles those accesses that it speaks of and that are still open: one denied is the end, all
 * settled is a yes.  (open(2) for reading and writing may be allowed by two rules together.) */
#include "cgroup/bpf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "kernel/sys.h"

/* Longest piece for one rule, and what stands before and behind all of them. */
#define RULE_INSNS  10
#define OTHER_INSNS 16

/* Registers: R1 is the context throughout.  The numbers are loaded anew for each comparison: what the verifier learns
 * from one would otherwise make it follow every rule's outcome through all rules behind, and give up on long lists. */
enum { TYPE = BPF_REG_2, OPEN = BPF_REG_3, SCRATCH = BPF_REG_4 };

struct program {
	struct bpf_insn *insns;
	size_t n;
};

static struct bpf_insn *emit(struct program *p, unsigned code, int dst, int src, int off, int32_t imm)
{
	struct bpf_insn *insn = &p->insns[p->n++];

	*insn = (struct bpf_insn){ .code = (uint8_t)code,
				   .dst_reg = (uint8_t)dst & 15,
				   .src_reg = (uint8_t)src & 15,
				   .off = (int16_t)off,
				   .imm = imm };
	return insn;
}

static void load(struct program *p, int dst, size_t offset)
{
	emit(p, BPF_LDX | BPF_MEM | BPF_W, dst, BPF_REG_1, (int)offset, 0);
}

static void answer(struct program *p, int value)
{
	emit(p, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, value);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* "if (reg != value) skip this rule": the distance is filled in when the rule ends. */
static void unless_skip(struct program *p, int reg, int64_t value)
{
	emit(p, BPF_JMP32 | BPF_JNE | BPF_K, reg, 0, 0, (int32_t)(uint32_t)value);
}

static void emit_rule(struct program *p, const struct device_rule *rule)
{
	size_t start = p->n;

	unless_skip(p, TYPE, rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	if (rule->major != DEVICE_ANY) {
		load(p, SCRATCH, offsetof(struct bpf_cgroup_dev_ctx, major));
		unless_skip(p, SCRATCH, rule->major);
	}
	if (rule->minor != DEVICE_ANY) {
		load(p, SCRATCH, offsetof(struct bpf_cgroup_dev_ctx, minor));
		unless_skip(p, SCRATCH, rule->minor);
	}
	if (rule->allow) {
		emit(p, BPF_ALU | BPF_AND | BPF_K, OPEN, 0, 0, (int32_t)(ACCESS_ALL & ~rule->access));
		emit(p, BPF_JMP32 | BPF_JNE | BPF_K, OPEN, 0, 2, 0); /* something is open: on to the next rule */
		answer(p, 1);
	} else {
		emit(p, BPF_ALU | BPF_MOV | BPF_X, SCRATCH, OPEN, 0, 0);
		emit(p, BPF_ALU | BPF_AND | BPF_K, SCRATCH, 0, 0, (int32_t)rule->access);
		emit(p, BPF_JMP32 | BPF_JEQ | BPF_K, SCRATCH, 0, 2, 0); /* none of ours is open */
		answer(p, 0);
	}
	for (size_t i = start; i < p->n; i++)
		if (p->insns[i].code == (BPF_JMP32 | BPF_JNE | BPF_K) && p->insns[i].off == 0)
			p->insns[i].off = (int16_t)(p->n - i - 1);
}

int bpf_device_program(const struct device_rules *rules, struct bpf_insn **ret, size_t *ret_n)
{
	struct program p = { calloc(rules->n * RULE_INSNS + OTHER_INSNS, sizeof(struct bpf_insn)), 0 };

	if (!p.insns)
		return -ENOMEM;
	load(&p, TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	emit(&p, BPF_ALU | BPF_MOV | BPF_X, OPEN, TYPE, 0, 0);
	emit(&p, BPF_ALU | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
	emit(&p, BPF_ALU | BPF_RSH | BPF_K, OPEN, 0, 0, 16);
	for (size_t i = rules->n; i > 0; i--)
		emit_rule(&p, &rules->rules[i - 1]);
	answer(&p, rules->allow);
	*ret = p.insns;
	*ret_n = p.n;
	return 0;
}

static int load_program(const struct bpf_insn *program, size_t n, char *log, size_t log_size)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uint64_t)(uintptr_t)program;
	attr.insn_cnt = (uint32_t)n;
	attr.license = (uint64_t)(uintptr_t) "LGPL-2.1-or-later";
	memcpy(attr.prog_name, "hull_devices", sizeof("hull_devices"));
	if (log) {
		attr.log_buf = (uint64_t)(uintptr_t)log;
		attr.log_size = (uint32_t)log_size;
		attr.log_level = 1;
	}
	return sys_bpf(BPF_PROG_LOAD, &attr);
}

int bpf_device_attach(int dir, const struct bpf_insn *program, size_t n, char *log, size_t log_size)
{
	auto_close int fd = load_program(program, n, NULL, 0);
	union bpf_attr attr;

	log[0] = '\0';
	if (fd == -EINVAL || fd == -EACCES) /* once more, for the verifier's reason */
		fd = load_program(program, n, log, log_size);
	if (fd < 0)
		return fd;
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)dir;
	attr.attach_bpf_fd = (uint32_t)fd;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	return sys_bpf(BPF_PROG_ATTACH, &attr);
}
