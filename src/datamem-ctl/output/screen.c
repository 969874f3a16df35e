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

#define KEY_BACKSPACE 0x7f

/* How long the rest of a key's sequence may take. */
#define SEQUENCE_MS 50

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

void ctl_screen_size(int *columns, int *lines)
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

static int read_byte(int timeout_ms)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned char byte;
	int n = poll(&input, 1, timeout_ms);

	if (n < 0)
		return errno == EINTR ? CTL_KEY_NONE : CTL_KEY_END;
	if (n == 0)
		return CTL_KEY_NONE;
	return read(STDIN_FILENO, &byte, 1) == 1 ? byte : CTL_KEY_END;
}

/* Read ahead, and not part of a sequence. */
static int unread = CTL_KEY_NONE;

/* Behind Escape: "[A", "OA" are arrows; anything else is a key of its own. */
static int read_sequence(void)
{
	int byte = read_byte(SEQUENCE_MS);

	if (byte != '[' && byte != 'O') {
		unread = byte;
		return CTL_KEY_ESCAPE;
	}
	byte = read_byte(SEQUENCE_MS);
	switch (byte) {
	case 'A':
		return CTL_KEY_UP;
	case 'B':
		return CTL_KEY_DOWN;
	}
	/* Others have parameters and end with a letter or '~'. */
	while (byte > 0 && (byte < '@' || byte > '~'))
		byte = read_byte(SEQUENCE_MS);
	return byte == CTL_KEY_END ? CTL_KEY_END : CTL_KEY_NONE;
}

int ctl_screen_key(double seconds)
{
	int key = unread;

	unread = CTL_KEY_NONE;
	if (key == CTL_KEY_NONE)
		key = read_byte((int)(seconds * 1000));
	if (key == '\r')
		return CTL_KEY_ENTER;
	return key == CTL_KEY_ESCAPE ? read_sequence() : key;
}

bool ctl_screen_ask(const char *question, char *answer, size_t size)
{
	size_t n = 0;

	for (;;) {
		int key;

		answer[n] = '\0';
		printf("\033[H\033[K%s%s", question, answer);
		fflush(stdout);
		key = ctl_screen_key(1);
		if (key == CTL_KEY_END || key == CTL_KEY_ESCAPE)
			return false;
		if (key == CTL_KEY_ENTER)
			return true;
		if ((key == KEY_BACKSPACE || key == '\b') && n > 0)
			n--;
		else if (key > ' ' && key <= '~' && n + 1 < size)
			answer[n++] = (char)key;
	}
}
