/*
 * Asking for a passphrase: the terminal's echo off, a line, the echo on again.
 * For who seals; the library calls it when a key has one.
 */
#include "cli/passphrase.h"

#include "cli/fault.h"
#include "cli/stop_signals.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "transport/api/erpsync.h"

#include <bsd/string.h>
#include <errno.h>
#include <poll.h>
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

/* Wait for a line of the terminal, or for a signal that asks to stop: false. */
static bool
wait_for_line(int stop)
{
	struct pollfd p[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
	    {.fd = stop, .events = POLLIN}};

	while (poll(p, 2, -1) < 0 && errno == EINTR)
		;
	return p[1].revents == 0;
}

/*
 * A line of the terminal, which echoes nothing meanwhile, and echoes again
 * however this ends: what stops a program waits, and what only suspends it,
 * or dumps core, has no key.
 */
static int
read_silently(
    const struct termios *was, char *out, size_t n, struct erpsync_error *e)
{
	struct termios silent = *was;
	struct stop_signals stop;
	struct err why;
	bool got, stopped;

	if (stop_signals_begin(&stop, &why) != 0)
		return fault_give(e, &why);
	silent.c_lflag &= ~(tcflag_t)ECHO;
	silent.c_cc[VSUSP] = silent.c_cc[VQUIT] = _POSIX_VDISABLE;
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	stopped = !wait_for_line(stop.fd);
	got = !stopped && fgets(out, (int)n, stdin) != NULL;
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, was);
	(void)fputc('\n', stderr);
	stop_signals_end(&stop);
	if (stopped)
		return fail(e, ERPSYNC_CANCELLED, "interrupted by a signal");
	return got ? 0 : fail(e, ERPSYNC_USAGE, "no passphrase was given");
}

/* One line of standard input. */
static int
read_line(char *out, size_t n, struct erpsync_error *e)
{
	struct termios was;
	int rc = 0;

	if (tcgetattr(STDIN_FILENO, &was) == 0)
		rc = read_silently(&was, out, n, e);
	else if (fgets(out, (int)n, stdin) == NULL)
		rc = fail(e, ERPSYNC_USAGE, "no passphrase was given");
	if (rc == 0)
		out[strcspn(out, "\r\n")] = '\0';
	return rc;
}

int
passphrase_ask(void *ctx, const char *file, bool anew, char *out, size_t n,
    struct erpsync_error *e)
{
	const struct passphrase *p = ctx;
	char again[LINE_BYTES], shown[SHOWN_BYTES];
	bool same;
	int rc;

	if (anew && p->none) {
		out[0] = '\0';
		return 0;
	}
	text_escape(shown, sizeof(shown), file);
	(void)fprintf(stderr, messages_text(p->lang, CLI050), shown);
	(void)fflush(stderr);
	if ((rc = read_line(out, n, e)) != 0 || !anew)
		return rc;
	if (out[0] == '\0')
		return fail(e, ERPSYNC_USAGE,
		    "an empty passphrase; give --no-passphrase for a key "
		    "without one");
	(void)fprintf(stderr, messages_text(p->lang, CLI051), shown);
	(void)fflush(stderr);
	rc = read_line(again, sizeof(again), e);
	same = rc == 0 && strcmp(again, out) == 0;
	explicit_bzero(again, sizeof(again));
	if (rc == ERPSYNC_CANCELLED)
		return rc;
	if (rc != 0)
		return fail(e, ERPSYNC_USAGE,
		    "the passphrase is there once; a new one is read twice, "
		    "so give two lines of it");
	return same ? 0
		    : fail(e, ERPSYNC_USAGE,
			  "the passphrase was not the same the second time");
}
