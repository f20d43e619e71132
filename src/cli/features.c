// SPDX-License-Identifier: LGPL-2.1-or-later
/* features.c - `hull features`: what this release does, whatever the host can do (features.md).
 *
 * The words come from the tables that the reader and the commands use, so that none is listed that is not
 * known; abilities.h says which of them work.  An empty list means "none", a missing member "unknown". */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/annotations.h"
#include "base/fd.h"
#include "cli/abilities.h"
#include "commit.h"
#include "container/annotations.h"
#include "container/criu.h"
#include "container/seccomp.h"
#include "kernel/caps.h"
#include "kernel/mountopts.h"
#include "ocispec.h"

/* Allocates for the document; a failure is kept and told once, at the end. */
struct builder {
	struct oci_features *document;
	bool failed;
};

static void *get(struct builder *in, size_t size)
{
	void *memory = oci_alloc(in->document, size);

	if (!memory)
		in->failed = true;
	return memory;
}

#define NEW(in, type) ((type *)get(in, sizeof(type)))

/* A member that says whether something works. */
#define SAY(object, member, yes) ((object)->member = (yes), (object)->has_##member = true)

static struct oci_features_enabled *enabled(struct builder *in, bool yes)
{
	struct oci_features_enabled *answer = NEW(in, struct oci_features_enabled);

	if (answer)
		SAY(answer, enabled, yes);
	return answer;
}

/* Words that are known, and refused by this release all the same. */
static const struct {
	const char *word;
	bool works;
} partly[] = {
	{ "SCMP_ACT_NOTIFY", CAN_SECCOMP_LISTENER },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", CAN_SECCOMP_LISTENER },
	{ "idmap", CAN_IDMAP },
	{ "ridmap", CAN_IDMAP },
	{ "tmpcopyup", CAN_TMPCOPYUP },
	{ "copy-symlink", CAN_COPY_SYMLINK },
};

static bool works(const char *word)
{
	uint64_t arch;

	if (oci_word_value(oci_seccomp_arch_words, word, strlen(word), &arch))
		return seccomp_filters_arch(arch);
	for (size_t i = 0; i < sizeof(partly) / sizeof(partly[0]); i++)
		if (strcmp(partly[i].word, word) == 0)
			return partly[i].works;
	return true;
}

enum extent { NONE, WORKING, ALL };

/* Of the n words name(table, 0), name(table, 1), ... those that the extent admits. */
static const char **choose(struct builder *in, const char *(*name)(const void *table, size_t i), const void *table,
			   enum extent extent, size_t *ret_n)
{
	const char **words;
	size_t n = 0;

	while (name(table, n))
		n++;
	words = get(in, (n + 1) * sizeof(*words));
	*ret_n = 0;
	for (size_t i = 0; words && i < n; i++)
		if (extent == ALL || (extent == WORKING && works(name(table, i))))
			words[(*ret_n)++] = name(table, i);
	return words;
}

static const char *word_name(const void *table, size_t i)
{
	return ((const struct oci_word *)table)[i].word;
}

static const char *option_name(const void *table, size_t i)
{
	(void)table;
	return mount_option_name(i);
}

static const char *capability_name(const void *table, size_t i)
{
	(void)table;
	return cap_name((int)i);
}

static const char **words_of(struct builder *in, const struct oci_word *table, enum extent extent, size_t *ret_n)
{
	return choose(in, word_name, table, extent, ret_n);
}

/* A list of words that is there and empty where the thing is not supported at all. */
#define WORKING_IF(can) ((can) ? WORKING : NONE)

static struct oci_features_cgroup *cgroup(struct builder *in)
{
	struct oci_features_cgroup *answer = NEW(in, struct oci_features_cgroup);

	if (!answer)
		return NULL;
	SAY(answer, v1, true);
	SAY(answer, v2, true);
	SAY(answer, systemd, CAN_SYSTEMD);
	SAY(answer, systemd_user, CAN_SYSTEMD);
	SAY(answer, rdma, CAN_RDMA);
	return answer;
}

static struct oci_features_seccomp *seccomp(struct builder *in)
{
	struct oci_features_seccomp *answer = NEW(in, struct oci_features_seccomp);

	if (!answer)
		return NULL;
	SAY(answer, enabled, CAN_SECCOMP);
	answer->actions = words_of(in, oci_seccomp_action_words, WORKING_IF(CAN_SECCOMP), &answer->n_actions);
	answer->operators = words_of(in, oci_seccomp_operator_words, WORKING_IF(CAN_SECCOMP), &answer->n_operators);
	answer->archs = words_of(in, oci_seccomp_arch_words, WORKING_IF(CAN_SECCOMP), &answer->n_archs);
	answer->known_flags = words_of(in, oci_seccomp_flag_words, CAN_SECCOMP ? ALL : NONE, &answer->n_known_flags);
	answer->supported_flags =
		words_of(in, oci_seccomp_flag_words, WORKING_IF(CAN_SECCOMP), &answer->n_supported_flags);
	return answer;
}

static struct oci_features_memory_policy *memory_policy(struct builder *in)
{
	struct oci_features_memory_policy *answer = NEW(in, struct oci_features_memory_policy);

	if (!answer)
		return NULL;
	answer->modes = words_of(in, oci_memory_policy_mode_words, WORKING_IF(CAN_MEMORY_POLICY), &answer->n_modes);
	answer->flags = words_of(in, oci_memory_policy_flag_words, WORKING_IF(CAN_MEMORY_POLICY), &answer->n_flags);
	return answer;
}

static struct oci_features_intel_rdt *intel_rdt(struct builder *in)
{
	struct oci_features_intel_rdt *answer = NEW(in, struct oci_features_intel_rdt);

	if (!answer)
		return NULL;
	SAY(answer, enabled, CAN_INTEL_RDT);
	SAY(answer, schemata, CAN_INTEL_RDT);
	SAY(answer, monitoring, CAN_INTEL_RDT);
	return answer;
}

static struct oci_features_linux *of_linux(struct builder *in)
{
	struct oci_features_linux *answer = NEW(in, struct oci_features_linux);

	if (!answer)
		return NULL;
	answer->namespaces = words_of(in, oci_namespace_words, ALL, &answer->n_namespaces);
	answer->capabilities = choose(in, capability_name, NULL, ALL, &answer->n_capabilities);
	answer->cgroup = cgroup(in);
	answer->seccomp = seccomp(in);
	answer->apparmor = enabled(in, CAN_APPARMOR);
	answer->selinux = enabled(in, CAN_SELINUX);
	answer->memory_policy = memory_policy(in);
	answer->intel_rdt = intel_rdt(in);
	answer->mount_extensions = NEW(in, struct oci_features_mount_extensions);
	if (answer->mount_extensions)
		answer->mount_extensions->idmap = enabled(in, CAN_IDMAP);
	answer->net_devices = enabled(in, CAN_NET_DEVICES);
	return answer;
}

/* Facts about this build; the last is only for one that can checkpoint.  The one before has the name by which engines ask. */
static const struct oci_pair annotations[] = {
	{ "hull.version", PACKAGE_VERSION },
	{ "hull.commit", COMMIT },
	{ ANNOTATION_LANDLOCK, "true" },
	{ "org.opencontainers.runc.checkpoint.enabled", CAN_CRIU ? "true" : "false" },
	{ "org.hull.criu.oldest", CRIU_OLDEST_TEXT },
};

/* Those of the table by which who can set annotations gains more than the container has. */
static const char **unsafe_annotations(struct builder *in, size_t *ret_n)
{
	const struct annotation *row;
	const char **names;
	size_t n = 0;

	while (annotation_row(n))
		n++;
	names = get(in, (n + 1) * sizeof(*names));
	*ret_n = 0;
	for (size_t i = 0; names && (row = annotation_row(i)); i++)
		if (row->is_honoured && !row->is_left_out && row->is_unsafe)
			names[(*ret_n)++] = row->name;
	return names;
}

static void fill(struct builder *in)
{
	struct oci_features *document = in->document;

	document->oci_version_min = SPEC_VERSION_MIN;
	document->oci_version_max = SPEC_VERSION_MAX;
	document->hooks = words_of(in, oci_hook_words, WORKING_IF(CAN_HOOKS), &document->n_hooks);
	document->mount_options = choose(in, option_name, NULL, WORKING, &document->n_mount_options);
	document->linux = of_linux(in);
	document->n_annotations = sizeof(annotations) / sizeof(annotations[0]) - !CAN_CRIU;
	document->annotations = get(in, sizeof(annotations) + sizeof(annotations[0]));
	for (size_t i = 0; document->annotations && i < document->n_annotations; i++)
		document->annotations[i] = annotations[i];
	document->potentially_unsafe_config_annotations =
		unsafe_annotations(in, &document->n_potentially_unsafe_config_annotations);
}

int features_document(struct text *text, struct error *err)
{
	struct builder in = { oci_new(&oci_features_type), false };
	struct oci_buffer buffer = { NULL, 0, 0 };
	int r = -ENOMEM;

	if (in.document) {
		fill(&in);
		if (!in.failed)
			r = oci_write(&oci_features_type, in.document, "  ", &buffer);
	}
	if (r == 0)
		text_append(text, buffer.data, buffer.length);
	free(buffer.data);
	oci_free(in.document);
	return r < 0 ? fail(err, r, "cannot write the features document") : 0;
}

static int run(struct call *call, struct error *err)
{
	auto_text struct text text = TEXT_INIT;

	(void)call; /* no options, no words */
	if (features_document(&text, err) < 0)
		return -1;
	text_puts(&text, "\n");
	return print_text(&text, err);
}

const struct command command_features = {
	.name = "features",
	.about = "print what this release supports, as JSON",
	.words = "",
	.flags = COMMAND_QUIET,
	.run = run,
};
