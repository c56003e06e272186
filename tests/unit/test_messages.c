/* The language is the right one, failures begin with the documented line,
 * and silence is never a yes. */
#include "cli/messages/messages.h"

#include "cli/failure.h"
#include "cli/messages/details.h"
#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Test(messages, the_erps_own_words_are_kept)
{
	cr_assert_str_eq(messages_text(LANG_PT, K1),
	    "Smart Client e Application Server estão incompatíveis em versão. "
	    "Deseja atualizar a versão do Smart Client?");
	cr_assert_str_eq(messages_text(LANG_PT, K2),
	    "Não foi possível atualizar automaticamente o Remote");
	cr_assert_str_eq(
	    messages_coded(LANG_EN, UPD006), "UPD006: No update needed.");
	cr_assert_str_eq(messages_coded(LANG_ES, UPD006),
	    "UPD006: No se necesita actualización.");
}

Test(messages, language_is_chosen_in_order)
{
	static const struct {
		const char *option;
		int ini;
		const char *locale;
		enum lang want;
	} cases[] = {
	    {NULL, 0, NULL, LANG_PT},
	    {NULL, 0, "C", LANG_PT},
	    {NULL, 0, "de_DE.UTF-8", LANG_PT},
	    {NULL, 0, "en_US.UTF-8", LANG_EN},
	    {NULL, 0, "es", LANG_ES},
	    {NULL, 0, "est_EE", LANG_PT},
	    {NULL, 1, "en_US.UTF-8", LANG_PT},
	    {NULL, 2, "en_US.UTF-8", LANG_ES},
	    {NULL, 3, NULL, LANG_EN},
	    {NULL, 4, "es_AR", LANG_ES},
	    {"en", 1, "es", LANG_EN},
	    {"PT-br", 2, "es", LANG_PT},
	    {"xx", 2, "en", LANG_ES},
	    {"", 0, "", LANG_PT},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(
		    lang_choose(cases[i].option, cases[i].ini, cases[i].locale),
		    cases[i].want, "case %zu", i);
}

Test(messages, the_first_locale_variable_decides)
{
	(void)unsetenv("LC_ALL");
	(void)unsetenv("LC_MESSAGES");
	(void)unsetenv("LANG");
	cr_assert_null(lang_locale());
	(void)setenv("LANG", "es_ES", 1);
	cr_assert_str_eq(lang_locale(), "es_ES");
	(void)setenv("LC_MESSAGES", "en_US", 1);
	cr_assert_str_eq(lang_locale(), "en_US");
	(void)setenv("LC_ALL", "", 1);
	cr_assert_str_eq(lang_locale(), "en_US");
	(void)setenv("LC_ALL", "pt_BR", 1);
	cr_assert_str_eq(lang_locale(), "pt_BR");
}

/* What messages_failure prints for e. */
static char *
failure_text(enum lang lang, const struct err *e)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	cr_assert_not_null(out);
	messages_failure(out, lang, K2, e);
	(void)fclose(out);
	return text;
}

Test(messages, a_failure_says_what_where_and_what_to_do)
{
	static const struct {
		int code, sys;
		const char *line;
		const char *act;
	} cases[] = {
	    {ERP_IO, EIO, UPD034, DO034},
	    {ERP_IO, EPIPE, UPD034, DO034},
	    {ERP_NOSPACE, ENOSPC, UPD021, DO021},
	    {ERP_NOTFOUND, ENOENT, UPD035, DO035},
	    {ERP_PROTO, 0, UPD033, DO033},
	    {ERP_CORRUPT, 0, UPD025, DO025},
	    {ERP_MISMATCH, 0, UPD025, DO025},
	    {ERP_AUTH, EACCES, UPD020, DO020},
	    {ERP_TIMEOUT, 0, UPD032, DO029},
	    {ERP_BUSY, ETXTBSY, UPD022, DO022},
	    {ERP_BUSY, 0, UPD022, DO022},
	    {ERP_HELD, 0, UPD023, DO023},
	    {ERP_UNFINISHED, 0, UPD049, DO049},
	    {ERP_NEWER, 0, UPD050, DO050},
	    {ERP_UNTRUSTED, 0, UPD051, DO051},
	    {ERP_UNSEALED, 0, UPD060, DO060},
	    {ERP_ROLLED_BACK, 0, UPD061, DO060},
	    {ERP_FROZEN, 0, UPD062, DO062},
	    {ERP_ENDLESS, 0, UPD063, DO060},
	    {ERP_MIXED, 0, UPD064, DO060},
	    {ERP_FORWARDED, 0, UPD065, DO065},
	    {ERP_OTHER_SOFTWARE, 0, UPD066, DO060},
	    {ERP_NOMEM, 0, UPD036, DO036},
	    {ERP_CANCELLED, 0, UPD037, DO037},
	    {ERP_USAGE, 0, UPD038, DO038},
	    {ERP_INTERNAL, 0, UPD039, DO039},
	    {ERP_HEALTH, 0, UPD041, DO041},
	    {ERP_DELETES, 0, UPD042, DO042},
	    {ERP_BLOCKED, 0, UPD043, DO043},
	    {ERP_LOST, ECONNRESET, UPD029, DO029},
	    {ERP_UNREACHABLE, ECONNREFUSED, UPD028, DO028},
	    {ERP_UNANSWERED, 0, UPD032, DO028},
	    {ERP_NOVERSION, 0, UPD033, DO033},
	    {ERP_OVERLOAD, 0, UPD044, DO044},
	    {ERP_SERVER_FULL, 0, UPD047, DO047},
	    {ERP_SERVER_FAILED, 0, UPD045, DO056},
	    {1, 0, UPD039, DO039},
	    {-1000, 0, UPD039, DO039},
	};
	struct err e = {.msg = "open a/100%s.dll: why"};
	char want[1024], *got;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		e.code = cases[i].code;
		e.sys = cases[i].sys;
		got = failure_text(LANG_EN, &e);
		(void)snprintf(want, sizeof(want),
		    "The Remote could not be updated automatically\n"
		    "%s: open a/100%%s.dll: why\nWhat to do: %s\n",
		    cases[i].line, strstr(cases[i].act, ": ") + 2);
		cr_expect_str_eq(got, want);
		free(got);
	}
	e.code = ERP_AUTH;
	e.sys = EACCES;
	got = failure_text(LANG_PT, &e);
	cr_assert_str_eq(got,
	    "Não foi possível atualizar automaticamente o Remote\n"
	    "UPD020: Sem permissão: open a/100%s.dll: why\n"
	    "O que fazer: Dê a este usuário o direito de leitura e gravação na "
	    "pasta do cliente, ou atualize como o dono dela.\n");
	free(got);
}

/* Every errno, and the details that are the same as their heading. */
Test(messages, no_heading_is_said_twice)
{
	static const struct {
		int code;
		const char *msg, *key, *rest;
	} rows[] = {
	    {ERP_NOMEM, "out of memory", UPD036, ""},
	    {ERP_NOMEM, "zstd: out of memory", UPD036, ": zstd"},
	    {ERP_CANCELLED, "stopped on request", UPD037, ""},
	    {ERP_NOMEM, "x", UPD036, ": x"},
	};
	enum { ERRNOS = 134 };
	char want[DETAIL_MAX], *got;
	enum lang lang;
	struct err e;
	size_t i;
	int sys;

	for (lang = LANG_PT; lang <= LANG_EN; lang++) {
		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			(void)err_set(&e, rows[i].code, "%s", rows[i].msg);
			got = failure_text(lang, &e);
			(void)snprintf(want, sizeof(want), "\n%s%s\n",
			    messages_coded(lang, rows[i].key), rows[i].rest);
			cr_expect_not_null(strstr(got, want), "%s", got);
			free(got);
		}
		for (sys = 1; sys < ERRNOS; sys++) {
			(void)err_sys(&e, sys, "open", "a");
			got = failure_text(lang, &e);
			(void)snprintf(want, sizeof(want), ": %s\n",
			    messages_text(lang, failure_advice(&e).what));
			cr_expect_null(strstr(got, want), "%s", got);
			want[2] = (char)tolower((unsigned char)want[2]);
			cr_expect_null(strstr(got, want), "%s", got);
			free(got);
		}
	}
	(void)err_set(&e, ERP_CANCELLED, "xstopped on request");
	got = failure_text(LANG_EN, &e);
	cr_expect_not_null(strstr(got, ": xstopped on request\n"), "%s", got);
	free(got);
}

Test(messages, only_a_yes_is_a_yes)
{
	static const struct {
		const char *typed;
		bool want;
		int asked;
		bool ends; /* before the answer, so its line is ended */
	} cases[] = {
	    {"s\n", true, 1, false},
	    {"SIM\n", true, 1, false},
	    {"y\r\n", true, 1, false},
	    {"yes", true, 1, false},
	    {"sí \n", true, 1, false},
	    {"n\n", false, 1, false},
	    {"não\n", false, 1, false},
	    {"\n", false, 1, false},
	    {"", false, 1, true},
	    {"talvez\ns\n", true, 2, false},
	    {"a\nb\nc\ns\n", false, 3, false},
	    {"so\n", false, 2, true},
	};
	char typed[32], *asked = NULL;
	size_t i, len;
	FILE *in, *out;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* fmemopen takes no empty buffer: the NUL ends the input. */
		(void)snprintf(typed, sizeof(typed), "%s", cases[i].typed);
		in = typed[0] == '\0' ? fopen("/dev/null", "r")
				      : fmemopen(typed, strlen(typed), "r");
		out = open_memstream(&asked, &len);
		cr_assert(in != NULL && out != NULL);
		cr_expect_eq(messages_ask_on(in, out, LANG_PT, K1),
		    cases[i].want, "%s", cases[i].typed);
		(void)fclose(in);
		(void)fclose(out);
		cr_expect_eq(len,
		    (size_t)cases[i].asked *
			    (strlen(messages_text(LANG_PT, K1)) + 7) +
			cases[i].ends,
		    "%s", cases[i].typed);
		free(asked);
	}
}

Test(messages, without_a_terminal_the_answer_is_no)
{
	int null = open("/dev/null", O_RDONLY);

	/* A session of its own has no controlling terminal. */
	(void)setsid();
	cr_assert_eq(dup2(null, STDIN_FILENO), STDIN_FILENO);
	(void)close(null);
	cr_redirect_stderr();
	cr_assert_not(messages_ask(LANG_PT, K1));
	(void)fflush(stderr);
	cr_assert_stderr_eq_str(
	    "Não há terminal em que perguntar; --yes concorda.\n");
}
