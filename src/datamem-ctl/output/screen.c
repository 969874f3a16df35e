/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Raw mode and a handful of control sequences that every terminal knows. */
#include "tool.h"
#include "screen.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* The other screen, cursor off; and back. */
#define BEGIN "\033[?1049h\033[?25l"
#define END "\033[?25h\033[?1049l"

#define KEY_ESCAPE 0x1b
#define KEY_BACKSPACE 0x7f

static struct termios before;

static void restore(void)
{
	ssize_t ignored = write(STDOUT_FILENO, END, sizeof(END) - 1);

	(void)ignored;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
}

static void end(int number)
{
	restore();
	signal(number, SIG_DFL);
	raise(number);
}

/* Here to interrupt the wait for a key, so that the new size is drawn. */
static void note_size(int number CTL_UNUSED)
{
}

bool ctl_screen_open(void)
{
	struct sigaction on_size = { .sa_handler = note_size };
	struct sigaction on_end = { .sa_handler = end,
				    .sa_flags = (int)SA_RESETHAND };
	struct termios raw;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
	    tcgetattr(STDIN_FILENO, &before) != 0)
		return false;
	raw = before;
	/* Signals of keys stay; Ctrl-Z would leave a raw terminal behind. */
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VSUSP] = _POSIX_VDISABLE;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	/* Not TCSAFLUSH: what was typed while the tool began counts. */
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) != 0)
		return false;
	atexit(restore);
	sigaction(SIGWINCH, &on_size, NULL);
	sigaction(SIGINT, &on_end, NULL);
	sigaction(SIGTERM, &on_end, NULL);
	sigaction(SIGHUP, &on_end, NULL);
	fputs(BEGIN, stdout);
	return true;
}

/* 80x24 where the terminal does not tell. */
static void ask_size(int *columns, int *lines)
{
	struct winsize size;

	*columns = 80;
	*lines = 24;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		return;
	if (size.ws_col > 0)
		*columns = size.ws_col;
	if (size.ws_row > 0)
		*lines = size.ws_row;
}

void ctl_screen_draw(const char *text, int heading)
{
	int columns, lines;

	ask_size(&columns, &lines);
	fputs("\033[H", stdout);
	for (int line = 0; line < lines; line++) {
		int length = (int)strcspn(text, "\n");
		int shown = length < columns ? length : columns;

		if (line == heading)
			printf("\033[7m%-*.*s\033[0m", columns, shown, text);
		else
			printf("%.*s\033[K", shown, text);
		text += length;
		if (*text == '\n')
			text++;
		/* A break in the last line would scroll. */
		if (line + 1 < lines)
			fputs("\r\n", stdout);
	}
	fflush(stdout);
}

int ctl_screen_key(double seconds)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned char key;
	int n = poll(&input, 1, (int)(seconds * 1000));

	if (n < 0)
		return errno == EINTR ? 0 : -1;
	if (n == 0)
		return 0;
	if (read(STDIN_FILENO, &key, 1) != 1)
		return -1;
	return key;
}

bool ctl_screen_ask(const char *question, char *answer, size_t size)
{
	size_t n = 0;

	for (;;) {
		int key;

		answer[n] = '\0';
		printf("\033[H%s%s\033[K", question, answer);
		fflush(stdout);
		key = ctl_screen_key(1);
		if (key == -1 || key == KEY_ESCAPE)
			return false;
		if (key == '\n' || key == '\r')
			return n > 0;
		if ((key == KEY_BACKSPACE || key == '\b') && n > 0)
			n--;
		else if (key > ' ' && key <= '~' && n + 1 < size)
			answer[n++] = (char)key;
	}
}
