/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The commands of the tool: finds the one that is wanted, and lists them. */
#include "cmd.h"

static const struct ctl_command *const commands[] = {
#define CTL_COMMAND(name) &ctl_cmd_##name,
	CTL_COMMANDS(CTL_COMMAND)
#undef CTL_COMMAND
};

/* NULL when there is no such command. */
static const struct ctl_command *find_command(const char *name)
{
	for (size_t i = 0; i < CTL_ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

struct main_arguments {
	const struct ctl_command *command;
	int first;  /* index of the command in argv */
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct main_arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		arguments->command = find_command(arg);
		if (!arguments->command)
			argp_error(state, "unknown command '%s'", arg);
		arguments->first = state->next - 1;
		/* The rest belongs to the command. */
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "a command is missing");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static char *add_commands_help(int key, const char *text,
			       void *input CTL_UNUSED)
{
	char *help, *all;

	if (key != ARGP_KEY_HELP_POST_DOC)
		return text ? ctl_strdup(text) : NULL;
	help = ctl_strdup("Commands:\n");
	for (size_t i = 0; i < CTL_ARRAY_SIZE(commands); i++) {
		char *longer = ctl_printf("%s  %-10s %s\n", help,
					  commands[i]->name,
					  commands[i]->summary);

		free(help);
		help = longer;
	}
	all = ctl_printf("%s\n" CTL_NAME " COMMAND --help tells more about a "
			 "command.", help);
	free(help);
	return all;
}

static const struct argp main_argp = {
	.parser = parse_option,
	.args_doc = "COMMAND [OPTION...]",
	.doc = "Show what libdatamem and the kernel do on this machine, run "
	       "programs with other settings, show and steer those that run, "
	       "and measure allocators.\v ",
	.help_filter = add_commands_help,
};

static int run_command(const struct ctl_command *command, int argc, char **argv)
{
	argv[0] = ctl_name_command(command->name);
	return command->run(argc, argv);
}

static error_t parse_help_option(int key, char *arg, struct argp_state *state)
{
	const struct ctl_command **command = state->input;

	if (key != ARGP_KEY_ARG || state->arg_num > 0)
		return ARGP_ERR_UNKNOWN;
	*command = find_command(arg);
	if (!*command)
		argp_error(state, "unknown command '%s'", arg);
	return 0;
}

static int run_help(int argc, char **argv)
{
	static char main_name[] = CTL_NAME, option[] = "--help";
	static const struct argp argp = {
		.parser = parse_help_option,
		.args_doc = "[COMMAND]",
		.doc = "Print the help of datamem-ctl, or of a command.",
	};
	char *help_argv[] = { main_name, option, NULL };
	const struct ctl_command *command = NULL;

	ctl_parse(&argp, argc, argv, 0, &command);
	if (command)
		return run_command(command, 2, help_argv);
	ctl_parse(&main_argp, 2, help_argv, ARGP_IN_ORDER, NULL);
	return CTL_OK;
}

const struct ctl_command ctl_cmd_help = {
	.name = "help",
	.summary = "print this help, or that of a command",
	.run = run_help,
};

int main(int argc, char **argv)
{
	struct main_arguments arguments = { 0 };
	static char name[] = CTL_NAME;

	ctl_begin(NULL);
	if (argc < 1)
		return CTL_TROUBLE;
	argv[0] = name;
	ctl_parse(&main_argp, argc, argv, ARGP_IN_ORDER, &arguments);
	return run_command(arguments.command, argc - arguments.first,
			   argv + arguments.first);
}
