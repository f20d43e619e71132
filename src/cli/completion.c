// SPDX-License-Identifier: LGPL-2.1-or-later
/* completion.c - completions for bash, zsh and fish, printed from the command table.
 *
 * What an option's value is offered from follows from its row: DIR and FILE are looked up, choices list their
 * words, anything else gets nothing.  ID is asked of `hull list`. */
#include "cli/cli.h"

#include <string.h>

static bool is_shown(const struct option *option)
{
	return !(option->flags & (OPTION_HIDDEN | OPTION_IGNORED));
}

/* The next word belongs to the option: not so where the value may be missing. */
static bool takes_next(const struct option *option)
{
	return option_takes_value(option) && !(option->flags & OPTION_BARE);
}

static bool is_value(const struct option *option, const char *value)
{
	return option->value && strcmp(option->value, value) == 0;
}

/* ---- bash ---------------------------------------------------------------------------------- */

static const char bash_code[] =
	"# The words before the cursor: sets command, n (words behind it) and root.\n"
	"_hull_read()\n"
	"{\n"
	"\tlocal i word\n"
	"\tcommand=\"\" n=0 root=\"\"\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tif [[ $word == -?* ]]; then\n"
	"\t\t\t[[ $word == -[!-]?* ]] && word=-$word\n"
	"\t\t\tif [[ ${COMP_WORDS[i + 1]-} == = ]]; then\n"
	"\t\t\t\t((i += 2))\n"
	"\t\t\telif [[ -n $(_hull_value \"$command\" \"$word\") ]]; then\n"
	"\t\t\t\t((i++))\n"
	"\t\t\tfi\n"
	"\t\t\t[[ $word == --root ]] && root=${COMP_WORDS[i]}\n"
	"\t\telif [[ -z $command ]]; then\n"
	"\t\t\tcommand=$word\n"
	"\t\telse\n"
	"\t\t\t((n++))\n"
	"\t\tfi\n"
	"\tdone\n"
	"}\n"
	"\n"
	"_hull()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} command n root what\n"
	"\tCOMPREPLY=()\n"
	"\t_hull_read\n"
	"\tif [[ $cur == = ]]; then\n"
	"\t\tcur=\n"
	"\telif [[ $option == = ]]; then\n"
	"\t\toption=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\tfi\n"
	"\t[[ $option == -[!-]?* ]] && option=-$option\n"
	"\twhat=$(_hull_value \"$command\" \"$option\")\n"
	"\tif [[ -z $what && $cur == -* ]]; then\n"
	"\t\twhat=$(_hull_options \"$command\")\n"
	"\telif [[ -z $what ]]; then\n"
	"\t\twhat=$(_hull_word \"$command\" \"$n\")\n"
	"\tfi\n"
	"\tcase $what in\n"
	"\tDIR) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
	"\tFILE) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
	"\tID) mapfile -t COMPREPLY < <(compgen -W \"$(hull ${root:+--root \"$root\"} list --quiet 2>/dev/null)\" -- \"$cur\") ;;\n"
	"\tSIGNAL) mapfile -t COMPREPLY < <(compgen -A signal -- \"$cur\") ;;\n"
	"\tNOTHING) ;;\n"
	"\t*) mapfile -t COMPREPLY < <(compgen -W \"$what\" -- \"$cur\") ;;\n"
	"\tesac\n"
	"}\n"
	"complete -F _hull hull\n";

static void bash_value(struct text *text, const char *command, const struct option *option)
{
	text_printf(text, "\t%s:--%s", command, option->name);
	for (const char *p = option->letters ? option->letters : ""; *p; p++)
		text_printf(text, " | %s:-%c", command, *p);
	text_puts(text, ") echo ");
	if (option->kind == OPTION_CHOICE)
		for (size_t i = 0; i < option->n_words; i++)
			text_printf(text, "%s%s", i > 0 ? " " : "", option->words[i].name);
	else
		text_puts(text, is_value(option, "DIR") || is_value(option, "FILE") ? option->value : "NOTHING");
	text_puts(text, " ;;\n");
}

static void bash_values(struct text *text, const char *command, const struct option *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (takes_next(&table[i]) && !(table[i].flags & OPTION_HIDDEN))
			bash_value(text, command, &table[i]);
}

static void bash_options(struct text *text, const char *command, const struct option *table, size_t n)
{
	text_printf(text, "\t%s) echo ", *command ? command : "''");
	for (size_t i = 0; i < n; i++) {
		if (!is_shown(&table[i]))
			continue;
		text_printf(text, "--%s ", table[i].name);
		for (const char *p = table[i].letters ? table[i].letters : ""; *p; p++)
			text_printf(text, "-%c ", *p);
	}
	text_puts(text, "--help -h ;;\n");
}

static void bash_command_names(struct text *text)
{
	for (size_t i = 0; commands[i]; i++)
		text_printf(text, "%s%s", i > 0 ? " " : "", commands[i]->name);
}

/* The words behind a command, each by its number. */
static void bash_words(struct text *text, const struct command *command)
{
	const char *p = command->words;

	for (size_t n = 0; *p; n++) {
		size_t bracket = *p == '[', length = strcspn(p + bracket, " ].");

		text_printf(text, "\t%s:%zu) echo ", command->name, n);
		if (length == 7 && strncmp(p + bracket, "COMMAND", 7) == 0)
			bash_command_names(text);
		else
			text_append(text, p + bracket, length);
		text_puts(text, " ;;\n");
		p += strcspn(p, " ");
		p += *p == ' ';
	}
}

void completion_bash(struct text *text)
{
	text_puts(text, "# bash completion for hull, printed by hull from its command table (make update-docs)\n\n"
			"# COMMAND OPTION: what the option's value is; nothing where it has none.\n"
			"_hull_value()\n{\n\tcase $1:$2 in\n");
	bash_values(text, "", global_table, global_n);
	for (size_t i = 0; commands[i]; i++)
		bash_values(text, commands[i]->name, commands[i]->options, commands[i]->n_options);
	text_puts(text, "\tesac\n}\n\n# COMMAND: its options.\n_hull_options()\n{\n\tcase $1 in\n");
	bash_options(text, "", global_table, global_n);
	for (size_t i = 0; commands[i]; i++)
		bash_options(text, commands[i]->name, commands[i]->options, commands[i]->n_options);
	text_puts(
		text,
		"\tesac\n}\n\n# COMMAND N: what its word number N is.\n_hull_word()\n{\n\tcase $1:$2 in\n\t:*) echo ");
	bash_command_names(text);
	text_puts(text, " ;;\n");
	for (size_t i = 0; commands[i]; i++)
		bash_words(text, commands[i]);
	text_puts(text, "\t*) echo NOTHING ;;\n\tesac\n}\n\n");
	text_puts(text, bash_code);
}

/* ---- zsh ----------------------------------------------------------------------------------- */

/* Within single quotes, in a spec of _arguments. */
static void zsh_quoted(struct text *text, const char *words)
{
	for (const char *p = words; *p; p++) {
		if (*p == '\'')
			text_puts(text, "'\\''");
		else if (strchr("[]:\\", *p))
			text_printf(text, "\\%c", *p);
		else
			text_append(text, p, 1);
	}
}

static void zsh_action(struct text *text, const struct option *option)
{
	auto_text struct text value = TEXT_INIT;

	option_value(&value, option);
	text_puts(text, ":");
	zsh_quoted(text, text_string(&value));
	text_puts(text, ":");
	if (option->kind == OPTION_CHOICE) {
		text_puts(text, "(");
		for (size_t i = 0; i < option->n_words; i++)
			text_printf(text, "%s%s", i > 0 ? " " : "", option->words[i].name);
		text_puts(text, ")");
	} else if (is_value(option, "DIR")) {
		text_puts(text, "_files -/");
	} else if (is_value(option, "FILE")) {
		text_puts(text, "_files");
	}
}

static void zsh_option(struct text *text, const char *indent, const char *form, const struct option *option)
{
	auto_text struct text summary = TEXT_INIT;

	option_summary(&summary, option);
	text_printf(text, "%s'%s%s[", indent, option->kind == OPTION_LIST ? "*" : "", form);
	zsh_quoted(text, text_string(&summary));
	text_puts(text, "]");
	if (takes_next(option))
		zsh_action(text, option);
	text_puts(text, "' \\\n");
}

static void zsh_options(struct text *text, const char *indent, const struct option *table, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		auto_text struct text form = TEXT_INIT;

		if (!is_shown(&table[i]))
			continue;
		text_printf(&form, "--%s%s", table[i].name, takes_next(&table[i]) ? "=" : "");
		zsh_option(text, indent, text_string(&form), &table[i]);
		for (const char *p = table[i].letters ? table[i].letters : ""; *p; p++) {
			char letter[] = { '-', *p, takes_next(&table[i]) ? '+' : '\0', '\0' };

			zsh_option(text, indent, letter, &table[i]);
		}
	}
	text_printf(text, "%s'--help[Print a short description]' \\\n%s'-h[Print a short description]'", indent,
		    indent);
}

static void zsh_words(struct text *text, const char *indent, const struct command *command)
{
	const char *p = command->words;

	for (size_t n = 1; *p; n++) {
		size_t bracket = *p == '[', length = strcspn(p + bracket, " ].");

		text_printf(text, " \\\n%s'%zu:%s%.*s:_hull_%.*s'", indent, n, bracket ? ":" : "", (int)length,
			    p + bracket, (int)length, p + bracket);
		p += strcspn(p, " ");
		p += *p == ' ';
	}
}

static const char zsh_helpers[] = "_hull_ID() {\n"
				  "\tlocal -a ids\n"
				  "\tids=(${(f)\"$(hull ${root:+--root} $root list --quiet 2>/dev/null)\"})\n"
				  "\t_describe container ids\n"
				  "}\n"
				  "\n"
				  "_hull_SIGNAL() {\n"
				  "\t_signals -s\n"
				  "}\n"
				  "\n";

void completion_zsh(struct text *text)
{
	text_puts(
		text,
		"#compdef hull\n# zsh completion for hull, printed by hull from its command table (make update-docs)\n\n");
	text_puts(text, "_hull_COMMAND() {\n\tlocal -a commands\n\tcommands=(\n");
	for (size_t i = 0; commands[i]; i++) {
		text_printf(text, "\t\t'%s:", commands[i]->name);
		zsh_quoted(text, commands[i]->about);
		text_puts(text, "'\n");
	}
	text_puts(text, "\t)\n\t_describe command commands\n}\n\n");
	text_puts(text, zsh_helpers);
	text_puts(text,
		  "_hull() {\n\tlocal curcontext=$curcontext state line\n\tlocal -A opt_args\n\n\t_arguments -C \\\n");
	zsh_options(text, "\t\t", global_table, global_n);
	text_puts(text, " \\\n\t\t'1:command:_hull_COMMAND' \\\n\t\t'*::argument:->words'\n"
			"\t[[ $state == words ]] || return\n\n"
			"\tlocal root=${(Q)opt_args[--root]}\n\tcase $words[1] in\n");
	for (size_t i = 0; commands[i]; i++) {
		text_printf(text, "\t%s)\n\t\t_arguments \\\n", commands[i]->name);
		zsh_options(text, "\t\t\t", commands[i]->options, commands[i]->n_options);
		zsh_words(text, "\t\t\t", commands[i]);
		text_puts(text, " ;;\n");
	}
	text_puts(text, "\tesac\n}\n\n_hull \"$@\"\n");
}

/* ---- fish ---------------------------------------------------------------------------------- */

static void fish_quoted(struct text *text, const char *words)
{
	text_puts(text, "'");
	for (const char *p = words; *p; p++) {
		if (*p == '\'' || *p == '\\')
			text_puts(text, "\\");
		text_append(text, p, 1);
	}
	text_puts(text, "'");
}

static void fish_option(struct text *text, const char *condition, const struct option *option)
{
	auto_text struct text summary = TEXT_INIT;

	text_printf(text, "complete -c hull -n '%s' -l %s", condition, option->name);
	for (const char *p = option->letters ? option->letters : ""; *p; p++)
		text_printf(text, " -s %c", *p);
	if (takes_next(option)) {
		text_puts(text, " -r");
		if (option->kind == OPTION_CHOICE) {
			text_puts(text, " -a '");
			for (size_t i = 0; i < option->n_words; i++)
				text_printf(text, "%s%s", i > 0 ? " " : "", option->words[i].name);
			text_puts(text, "'");
		} else if (is_value(option, "DIR")) {
			text_puts(text, " -a '(__fish_complete_directories)'");
		} else if (is_value(option, "FILE")) {
			text_puts(text, " -F");
		}
	}
	option_summary(&summary, option);
	text_puts(text, " -d ");
	fish_quoted(text, text_string(&summary));
	text_puts(text, "\n");
}

static void fish_options(struct text *text, const char *condition, const struct option *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_shown(&table[i]))
			fish_option(text, condition, &table[i]);
	text_printf(text, "complete -c hull -n '%s' -l help -s h -d 'Print a short description'\n", condition);
}

static void fish_words(struct text *text, const char *condition, const struct command *command)
{
	if (text_starts(command->words, "ID"))
		text_printf(text, "complete -c hull -n '%s' -a '(__hull_ids)' -d container\n", condition);
	if (strstr(command->words, "SIGNAL"))
		text_printf(text,
			    "complete -c hull -n '%s' -a 'TERM KILL HUP INT QUIT USR1 USR2 STOP CONT' -d signal\n",
			    condition);
}

void completion_fish(struct text *text)
{
	text_puts(text, "# fish completion for hull, printed by hull from its command table (make update-docs)\n\n"
			"function __hull_ids\n"
			"\tset -l words (commandline -opc)\n"
			"\tset -l at (contains -i -- --root $words)\n"
			"\tif test -n \"$at\"\n"
			"\t\thull --root $words[(math $at + 1)] list --quiet 2>/dev/null\n"
			"\telse\n"
			"\t\thull list --quiet 2>/dev/null\n"
			"\tend\n"
			"end\n\n"
			"complete -c hull -f\n");
	fish_options(text, "__fish_use_subcommand", global_table, global_n);
	for (size_t i = 0; commands[i]; i++) {
		text_printf(text, "complete -c hull -n __fish_use_subcommand -a %s -d ", commands[i]->name);
		fish_quoted(text, commands[i]->about);
		text_puts(text, "\n");
	}
	for (size_t i = 0; commands[i]; i++) {
		auto_text struct text condition = TEXT_INIT;

		text_printf(&condition, "__fish_seen_subcommand_from %s", commands[i]->name);
		fish_options(text, text_string(&condition), commands[i]->options, commands[i]->n_options);
		fish_words(text, text_string(&condition), commands[i]);
	}
}
