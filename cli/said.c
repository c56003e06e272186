/*
 * Between the commands of a station and the messages: a failure is told on
 * standard error at once and kept for the window.
 */
#include "cli/said.h"

#include "cli/messages/details.h"
#include "cli/paint.h"
#include "engine/base/err.h"

#include <bsd/string.h>
#include <stdio.h>
#include <string.h>

void
said_text(struct said *s, enum lang lang, const char *first, const char *what,
    const char *act)
{
	memset(s, 0, sizeof(*s));
	if (first != NULL)
		(void)strlcpy(
		    s->first, messages_text(lang, first), sizeof(s->first));
	(void)strlcpy(s->what, what, sizeof(s->what));
	(void)strlcpy(s->act, act, sizeof(s->act));
	if (first != NULL) {
		paint_print(stderr, PAINT_BAD, s->first);
		(void)fputc('\n', stderr);
	}
	fprintf(stderr, "%s\n", s->what);
	messages_print(stderr, lang, CLI009, s->act);
}

static void
join(char out[SAID_WHAT_MAX], enum lang lang, const char *what, char *text)
{
	messages_cut_said(lang, what, text);
	(void)snprintf(out, SAID_WHAT_MAX, "%s%s%s", messages_coded(lang, what),
	    text[0] != '\0' ? ": " : "", text);
}

void
said_advice(struct said *s, enum lang lang, const char *first,
    struct advice advice, const char *detail)
{
	char text[DETAIL_MAX], what[SAID_WHAT_MAX];

	details_text(lang, detail, text);
	join(what, lang, advice.what, text);
	said_text(s, lang, first, what, messages_text(lang, advice.act));
}

void
said_failure(
    struct said *s, enum lang lang, const char *first, const struct err *e)
{
	char text[DETAIL_MAX], act[DETAIL_MAX], what[SAID_WHAT_MAX];
	struct advice advice = failure_advice(e);

	messages_detail(lang, e, advice.act, text, act);
	join(what, lang, advice.what, text);
	said_text(s, lang, first, what, act);
}
