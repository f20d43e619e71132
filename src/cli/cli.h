// SPDX-License-Identifier: LGPL-2.1-or-later
/* cli.h - THE command table: a row says all there is to know about a command.
 *
 * --help, the OPTIONS sections of the manual, the completions and the JSON description are printed from it
 * (document.c), so nothing about a command is written twice. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/options.h"
#include "container/container.h"

/* Values of the options that stand before the command. */
struct global_options {
	struct runtime runtime;
	const char *log;
	int log_format, log_level;
	bool version;
	const char *print_document; /* hidden: what `make docs` asks for */
};

struct command;

/* One call of a command. */
struct call {
	const struct command *command;
	const struct runtime *runtime;
	const void *options; /* the command's own struct of values */
	char **words;        /* what is left: the ID, ... */
	size_t n_words;
	int status; /* exit status of success; run may set it */
};

/* Flags of a command. */
enum {
	COMMAND_OPTIONS_FIRST = 1 << 0, /* the first word that is no option ends the options */
	COMMAND_QUIET = 1 << 1,         /* callers read stdout and stderr as one: nothing but the answer */
};

#define STATUS_BIT(status) (1U << (status))
#define STATUS_ANY         (~0U)

struct command {
	const char *name;
	const char *about;        /* one line, no full stop */
	const char *words;        /* "ID [SIGNAL]": brackets are optional, "..." repeats; this is also the check */
	const char *const *notes; /* paragraphs behind the options in --help, up to a NULL; or NULL */
	const struct option *options;
	size_t n_options;
	size_t options_size; /* of the struct of values, all zero before the command line is read */
	unsigned statuses;   /* STATUS_BIT of the statuses in which it works; 0: no container is needed */
	unsigned flags;
	int failure;         /* exit status when run fails; 0: as the error's code has it */
	int (*run)(struct call *call, struct error *err); /* 0, or -1 with err */
};

#define OPTION_TABLE(table) .options = (table), .n_options = sizeof(table) / sizeof((table)[0])

/* The rows, each on top of its command's file. */
extern const struct command command_checkpoint;
extern const struct command command_create;
extern const struct command command_delete;
extern const struct command command_doctor;
extern const struct command command_events;
extern const struct command command_exec;
extern const struct command command_features;
extern const struct command command_gc;
extern const struct command command_help;
extern const struct command command_kill;
extern const struct command command_list;
extern const struct command command_pause;
extern const struct command command_ps;
extern const struct command command_restore;
extern const struct command command_resume;
extern const struct command command_run;
extern const struct command command_seccomp;
extern const struct command command_spec;
extern const struct command command_start;
extern const struct command command_state;
extern const struct command command_update;
extern const struct command command_validate;

/* THE table: all commands, sorted by name, up to a NULL. */
extern const struct command *const commands[];

/* The options before the command. */
extern const struct option global_table[];
extern const size_t global_n;

/* The row of that name, or NULL. */
const struct command *command_find(const char *name);

/* Least and greatest number of words that `words` of a row allows; SIZE_MAX: no limit. */
void command_limits(const struct command *command, size_t *min, size_t *max);

/* The whole program after main.c has decided that it is no init stage: exit status. */
int cli_main(int argc, char **argv);

/* Writes all of it to stdout; a failure is an error ("cannot write to stdout: ...").  0 or -1. */
int print(const char *data, size_t size, struct error *err);
/* Writes the text to stdout, once, at the end of a command; a failed allocation is an error.  0 or -1. */
int print_text(const struct text *text, struct error *err);

/* version.c: the answer to --version. */
int print_version(struct error *err);

/* document.c: what is printed from the table. */
/* `hull --help` or, with a row, `hull COMMAND --help`. */
int print_help(const struct command *command, struct error *err);
/* kind: "man-head[:COMMAND]", "man-options[:COMMAND]", "man-commands" (parts of manual pages in man(7)), "bash",
 * "zsh", "fish", "json", "errors", "annotations", "resources" (Markdown).  0, or -1 with ERR_USAGE. */
int print_document(const char *kind, struct error *err);

/* An option as documents show it: "DIR", "table|json", or "" where it takes no value. */
void option_value(struct text *text, const struct option *option);
/* The first sentence of an option's about, without its full stop. */
void option_summary(struct text *text, const struct option *option);

/* completion.c: scripts for shells. */
void completion_bash(struct text *text);
void completion_zsh(struct text *text);
void completion_fish(struct text *text);

/* select.c: calls act for the container `id` or, with is_regex, for each whose id matches the extended regular
 * expression `id`, in order.  There a container that vanishes is passed over, the others are tried after a
 * failure, and the first failure is the result. */
int for_containers(const struct call *call, const char *id, bool is_regex,
		   int (*act)(const struct call *call, const char *id, struct error *err), struct error *err);

/* state.c: appends the state document.  indent: two spaces a level and a line a member; else one line. */
void state_document(struct text *text, const struct container_state *state, bool indent);

/* owner.c: name of a user by the host's /etc/passwd, "#UID" where it has none.  Valid until the next call. */
const char *owner_name(uid_t uid);

/* spec.c: appends the default configuration; rootless: for the calling user, in a user namespace. */
void spec_document(struct text *text, bool rootless);

/* features.c: appends the features document.  0 or -1. */
int features_document(struct text *text, struct error *err);
