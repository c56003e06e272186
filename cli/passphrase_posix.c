/*
 * Asking for a passphrase: the terminal's echo off, a line, the echo on again.
 * For who seals; the library calls it when a key has one.
 */
#include "cli/passphrase.h"

#include "engine/base/err.h"
#include "engine/base/text.h"
#include "transport/api/erpsync.h"

#include <bsd/string.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { SHOWN_BYTES = 300, LINE_BYTES = 1024 };

static int
fail(struct erpsync_error *to, int code, const char *text)
{
	to->code = code;
	(void)strlcpy(to->message, text, sizeof(to->message));
	return code;
}

/* One line of standard input, which echoes nothing where it is a terminal. */
static bool
read_line(char *out, size_t n)
{
	struct termios was, silent;
	bool terminal = tcgetattr(STDIN_FILENO, &was) == 0, got;

	if (terminal) {
		silent = was;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	}
	got = fgets(out, (int)n, stdin) != NULL;
	if (terminal) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
		(void)fputc('\n', stderr);
	}
	if (got)
		out[strcspn(out, "\r\n")] = '\0';
	return got;
}

int
passphrase_ask(void *ctx, const char *file, bool anew, char *out, size_t n,
    struct erpsync_error *e)
{
	const struct passphrase *p = ctx;
	char again[LINE_BYTES], shown[SHOWN_BYTES];
	bool same;

	if (anew && p->none) {
		out[0] = '\0';
		return 0;
	}
	text_escape(shown, sizeof(shown), file);
	(void)fprintf(stderr, messages_text(p->lang, CLI050), shown);
	(void)fflush(stderr);
	if (!read_line(out, n))
		return fail(e, ERPSYNC_USAGE, "no passphrase was given");
	if (!anew)
		return 0;
	if (out[0] == '\0')
		return fail(e, ERPSYNC_USAGE,
		    "an empty passphrase; give --no-passphrase for a key "
		    "without one");
	(void)fprintf(stderr, messages_text(p->lang, CLI051), shown);
	(void)fflush(stderr);
	if (!read_line(again, sizeof(again)))
		again[0] = '\0';
	same = strcmp(again, out) == 0;
	explicit_bzero(again, sizeof(again));
	return same ? 0
		    : fail(e, ERPSYNC_USAGE,
			  "the passphrase was not the same the second time");
}
