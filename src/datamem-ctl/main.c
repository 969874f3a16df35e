/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The tool: finds the command, and gives all commands the same manners. */
#include "cmd.h"

#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#define TOOL_NAME "datamem-ctl"

static const struct ctl_command *const commands[] = {
#define CTL_COMMAND(name) &ctl_cmd_##name,
	CTL_COMMANDS(CTL_COMMAND)
#undef CTL_COMMAND
};

static const char *error_prefix = TOOL_NAME;

static void print_error(const char *format, va_list args) CTL_PRINTF(1, 0);
static void print_error(const char *format, va_list args)
{
	fflush(stdout);
	fprintf(stderr, "%s: ", error_prefix);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void ctl_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_error(format, args);
	va_end(args);
}

void ctl_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_error(format, args);
	va_end(args);
	exit(CTL_TROUBLE);
}

void *ctl_realloc(void *ptr, size_t nelem, size_t elsize)
{
	void *result = reallocarray(ptr, nelem == 0 ? 1 : nelem, elsize);

	if (!result)
		ctl_die("%s", strerror(errno));
	return result;
}

void *ctl_alloc(size_t nelem, size_t elsize)
{
	void *result = calloc(nelem == 0 ? 1 : nelem, elsize);

	if (!result)
		ctl_die("%s", strerror(errno));
	return result;
}

char *ctl_strdup(const char *text)
{
	return ctl_printf("%s", text);
}

char *ctl_printf(const char *format, ...)
{
	va_list args;
	char *text;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		ctl_die("%s", strerror(ENOMEM));
	return text;
}

/* NULL when there is no such command. */
static const struct ctl_command *find_command(const char *name)
{
	for (size_t i = 0; i < CTL_ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

void ctl_parse(const struct argp *argp, int argc, char **argv,
	       unsigned int flags, void *input)
{
	error_t error = argp_parse(argp, argc, argv, flags, NULL, input);

	if (error != 0)
		ctl_die("%s", strerror(error));
}

/*
 * What was printed counts only when it has arrived: a full disk shows in the
 * exit status. Runs after all else at exit, as it is registered first.
 */
static void close_stdout(void)
{
	int error;

	errno = 0;
	error = ferror(stdout) != 0;
	if (fclose(stdout) != 0)
		error = 1;
	if (!error)
		return;
	if (errno != 0)
		fprintf(stderr, "%s: write error: %s\n", error_prefix,
			strerror(errno));
	else
		fprintf(stderr, "%s: write error\n", error_prefix);
	_exit(CTL_TROUBLE);
}

/*
 * Whoever starts the tool with a standard descriptor closed must not have a
 * file of ours take its place. They are opened the wrong way round, so that
 * using them still fails, and are gone again in a program that `run` starts.
 */
static void fill_standard_fds(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		if (open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY
							  : O_RDONLY) |
					      O_CLOEXEC) < 0)
			return;
	}
}

static void print_version(FILE *stream, struct argp_state *state CTL_UNUSED)
{
	fprintf(stream,
		TOOL_NAME " (libdatamem) " DATAMEM_VERSION_STRING "\n"
		"Copyright (C) 2026 The libdatamem authors\n"
		"License BSD-3-Clause. There is NO WARRANTY, to the extent "
		"permitted by law.\n");
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
	all = ctl_printf("%s\n" TOOL_NAME " COMMAND --help tells more about a "
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
	/* Never freed: the names live as long as the tool. */
	char *name = ctl_printf(TOOL_NAME " %s", command->name);

	error_prefix = name;
	argv[0] = name;
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
	static char main_name[] = TOOL_NAME, option[] = "--help";
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
	static char name[] = TOOL_NAME;

	fill_standard_fds();
	atexit(close_stdout);
	argp_err_exit_status = CTL_TROUBLE;
	argp_program_version_hook = print_version;
#ifdef PACKAGE_BUGREPORT
	if (PACKAGE_BUGREPORT[0] != '\0')
		argp_program_bug_address = PACKAGE_BUGREPORT;
#endif
	if (argc < 1)
		return CTL_TROUBLE;
	argv[0] = name;
	ctl_parse(&main_argp, argc, argv, ARGP_IN_ORDER, &arguments);
	return run_command(arguments.command, argc - arguments.first,
			   argv + arguments.first);
}
