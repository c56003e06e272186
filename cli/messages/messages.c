/*
 * Language choice, look-up in the catalogue, failures and questions: whatever
 * a station says to people passes here.
 */
#include "cli/messages/messages.h"

#include "cli/failure.h"
#include "cli/messages/details.h"
#include "cli/paint.h"
#include "engine/base/err.h"
#include "engine/base/who.h"

#include <assert.h>
#include <bsd/string.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { ASK_TRIES = 3, WARNING_MAX = 32 };

static const char *const lang_names[] = {"pt", "es", "en"};

bool
lang_of_name(const char *name, enum lang *out)
{
	int i;

	for (i = LANG_PT; i <= LANG_EN; i++)
		if (strncasecmp(name, lang_names[i], 2) == 0 &&
		    !isalnum((unsigned char)name[2])) {
			*out = (enum lang)i;
			return true;
		}
	return false;
}

enum lang
lang_choose(const char *option, int ini, const char *locale)
{
	enum lang lang = LANG_PT;

	if (option != NULL && lang_of_name(option, &lang))
		return lang;
	if (ini >= 1 && ini <= 3)
		return (enum lang)(ini - 1);
	if (locale != NULL)
		(void)lang_of_name(locale, &lang);
	return lang;
}

const char *
lang_locale(void)
{
	/* The first that is set decides (POSIX, "Environment Variables"). */
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *v;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((v = getenv(names[i])) != NULL && v[0] != '\0')
			return v;
	return who_language();
}

const char *
lang_name(enum lang lang)
{
	return lang_names[lang];
}

/* The row of a key, or NULL. */
static const struct message *
find(const char *key)
{
	const struct message *m;
	size_t part;

	for (part = 0; (m = messages_catalogue(part)) != NULL; part++)
		for (; m->key != NULL; m++)
			if (strcmp(m->key, key) == 0)
				return m;
	return NULL;
}

const char *
messages_coded(enum lang lang, const char *key)
{
	const struct message *m = find(key);

	/* Not translated: the key is a good English text. */
	if (m == NULL)
		return key;
	switch (lang) {
	case LANG_PT:
		return m->pt;
	case LANG_ES:
		return m->es;
	case LANG_EN:
		break;
	}
	return key;
}

const char *
messages_text(enum lang lang, const char *key)
{
	const char *text = messages_coded(lang, key);
	const char *end = strstr(text, ": ");

	assert(end != NULL);
	return end != NULL ? end + 2 : text;
}

void
messages_print(FILE *out, enum lang lang, const char *key, ...)
{
	va_list ap;

	va_start(ap, key);
	(void)vfprintf(out, messages_text(lang, key), ap);
	va_end(ap);
	(void)fputc('\n', out);
}

void
messages_detail(enum lang lang, const struct err *e, const char *advised,
    char *text, char *act)
{
	details_text(lang, e->msg, text);
	if (!failure_tells(e) || !details_cut_act(text, act))
		(void)strlcpy(act, messages_text(lang, advised), DETAIL_MAX);
}

void
messages_cut_said(enum lang lang, const char *what, char *text)
{
	const char *said = messages_text(lang, what);
	size_t n = strlen(text), len = strlen(said);

	if (n < len || strcasecmp(text + n - len, said) != 0)
		return;
	if (n == len)
		text[0] = '\0';
	else if (n >= len + 2 && memcmp(text + n - len - 2, ": ", 2) == 0)
		text[n - len - 2] = '\0';
}

static void
say(FILE *out, enum lang lang, const char *what, char *text, const char *act)
{
	messages_cut_said(lang, what, text);
	paint_print(out, PAINT_BAD, messages_coded(lang, what));
	if (text[0] != '\0')
		fprintf(out, ": %s", text);
	(void)fputc('\n', out);
	messages_print(out, lang, CLI009, act);
}

void
messages_advice(FILE *out, enum lang lang, struct advice a, const char *detail)
{
	char text[DETAIL_MAX];

	details_text(lang, detail, text);
	say(out, lang, a.what, text, messages_text(lang, a.act));
}

void
messages_warn(FILE *out, enum lang lang, const char *detail)
{
	char text[DETAIL_MAX], line[DETAIL_MAX + WARNING_MAX];

	details_text(lang, detail, text);
	(void)snprintf(line, sizeof(line), messages_text(lang, CLI010), text);
	paint_print(out, PAINT_WARNING, line);
	(void)fputc('\n', out);
}

static void
say_failure(FILE *out, enum lang lang, struct advice a, const struct err *e)
{
	char text[DETAIL_MAX], act[DETAIL_MAX];

	messages_detail(lang, e, a.act, text, act);
	say(out, lang, a.what, text, act);
}

void
messages_reason(FILE *out, enum lang lang, const struct err *e)
{
	say_failure(out, lang, failure_advice(e), e);
}

void
messages_plain(FILE *out, enum lang lang, const struct err *e)
{
	say_failure(out, lang, failure_advice_plain(e), e);
}

void
messages_failure(
    FILE *out, enum lang lang, const char *first, const struct err *e)
{
	fprintf(out, "%s\n", messages_text(lang, first));
	messages_reason(out, lang, e);
}

static int
answer_of(const char *line)
{
	static const char *const yes[] = {
	    "s", "sim", "si", "sí", "y", "yes", NULL};
	static const char *const no[] = {"n", "nao", "não", "no", "", NULL};
	size_t i;

	for (i = 0; yes[i] != NULL; i++)
		if (strcasecmp(line, yes[i]) == 0)
			return ANSWER_YES;
	for (i = 0; no[i] != NULL; i++)
		if (strcasecmp(line, no[i]) == 0)
			return ANSWER_NO;
	return ANSWER_NEITHER;
}

int
messages_answer(FILE *in)
{
	char *line = NULL, *end;
	size_t cap = 0;
	int answer = ANSWER_END;

	if (getline(&line, &cap, in) >= 0) {
		end = line + strlen(line);
		while (end > line && isspace((unsigned char)end[-1]))
			*--end = '\0';
		answer = answer_of(line);
	}
	free(line);
	return answer;
}

bool
messages_ask_on(FILE *in, FILE *out, enum lang lang, const char *key)
{
	int try, answer = ANSWER_NEITHER;

	for (try = 0; try < ASK_TRIES && answer == ANSWER_NEITHER; try++) {
		fprintf(out, "%s [%s] ", messages_text(lang, key),
		    lang == LANG_EN ? "y/N" : "s/N");
		(void)fflush(out);
		answer = messages_answer(in);
		if (answer == ANSWER_END)
			(void)fputc('\n', out);
	}
	return answer == ANSWER_YES;
}

bool
messages_ask(enum lang lang, const char *key)
{
	FILE *tty = fopen("/dev/tty", "r+e");
	bool yes;

	if (tty == NULL && !isatty(STDIN_FILENO)) {
		messages_print(stderr, lang, UPD014);
		return false;
	}
	if (tty == NULL)
		return messages_ask_on(stdin, stderr, lang, key);
	/* Unbuffered: one stream reads and writes without a seek between. */
	(void)setvbuf(tty, NULL, _IONBF, 0);
	yes = messages_ask_on(tty, tty, lang, key);
	(void)fclose(tty);
	return yes;
}
