#ifndef ERPSYNC_CLI_MESSAGES_MESSAGES_H
#define ERPSYNC_CLI_MESSAGES_MESSAGES_H

/*
 * What the program says to people, in three languages.  A message is named
 * by its key (messages_catalogue.h), which is also its English format; the
 * compiler checks the arguments against it:
 *
 *	messages_print(stdout, lang, UPD013, "linux");
 *
 * Text is UTF-8.
 */

#include "cli/messages/messages_catalogue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct advice;
struct err;

enum lang { LANG_PT, LANG_ES, LANG_EN };

/* "pt", "es" or "en", in any case, alone or as in "pt_BR.UTF-8", "es-419":
 * false for anything else. */
bool lang_of_name(const char *name, enum lang *out);

/*
 * The first of these that names one of the three, else Portuguese: the
 * option --lang (or NULL), `language` of smartclient.ini (1 pt, 2 es, 3 en;
 * 0 unset), the name of the locale (or NULL).
 */
enum lang lang_choose(const char *option, int ini, const char *locale);

/* The name of the environment's message locale, else of the system's language,
 * or NULL. */
const char *lang_locale(void);

/* "pt", "es", "en". */
const char *lang_name(enum lang lang);

/* The text of a message, without its code; a format with key's arguments. */
const char *messages_text(enum lang lang, const char *key)
    __attribute__((format_arg(2)));

/* The same with its code in front ("UPD013: ..."). */
const char *messages_coded(enum lang lang, const char *key)
    __attribute__((format_arg(2)));

/* Print a message without its code, and a newline. */
void messages_print(FILE *out, enum lang lang, const char *key, ...)
    __attribute__((format(printf, 3, 4)));

/* The detail of e in the language, and what to do about it, each of DETAIL_MAX:
 * as the key advised says, unless the detail itself tells. */
void messages_detail(enum lang lang, const struct err *e, const char *advised,
    char *text, char *act);

/* Cut off the end of text, a detail, that says again what the message of the
 * key what says. */
void messages_cut_said(enum lang lang, const char *what, char *text);

/* Say what went wrong, with its code and a detail behind it, then what to
 * do. */
void messages_advice(
    FILE *out, enum lang lang, struct advice a, const char *detail);

/* Warn of what does not end anything. */
void messages_warn(FILE *out, enum lang lang, const char *detail);

/*
 * Say why something failed: the catalogue's line for e with its code and
 * e's message, then what to do.
 */
void messages_reason(FILE *out, enum lang lang, const struct err *e);

/* The same where no client folder is meant: of files, and of a server. */
void messages_plain(FILE *out, enum lang lang, const struct err *e);

/* A failed update or check of a station, or one that would fail: first, K2,
 * CLI015 or REP065, as its first line, then the reason. */
void messages_failure(
    FILE *out, enum lang lang, const char *first, const struct err *e);

/*
 * Ask key (a question without arguments) on the terminal: /dev/tty, or
 * standard input if that is one.  No terminal, which is told on standard
 * error, end of input and three answers that are neither are a no.
 */
bool messages_ask(enum lang lang, const char *key);

/* One line of in as an answer, in whatever language. */
enum answer { ANSWER_END = -2, ANSWER_NEITHER, ANSWER_NO, ANSWER_YES };
int messages_answer(FILE *in);

/* The same as messages_ask on given streams. */
bool messages_ask_on(FILE *in, FILE *out, enum lang lang, const char *key);

/* A part of the catalogue, counted from 0, which a row without a key ends;
 * NULL behind the last. */
struct message {
	const char *key; /* code and English text */
	const char *pt;
	const char *es;
};
const struct message *messages_catalogue(size_t part);

#endif
