/* What people read in a window: pure, in three languages. */
#include "cli/window/window_text.h"

#include <criterion/criterion.h>
#include <string.h>

#define MIB ((uint64_t)1024 * 1024)

static struct progress_state
receiving(void)
{
	struct progress_state s;

	memset(&s, 0, sizeof(s));
	s.phase = PHASE_RECEIVE;
	(void)strcpy(s.path, "dlls/platforms/qwindows.dll");
	s.files = 12;
	s.files_n = 40;
	s.done = 34 * MIB + MIB / 5;
	s.total = 55 * MIB;
	s.permille = 621;
	return s;
}

Test(window_text, a_download_in_three_languages)
{
	struct progress_state s = receiving();
	struct window_text t;

	s.rate = 2 * MIB + MIB / 10;
	s.has_left = true;
	s.left_s = 67;
	window_text(&s, "", false, LANG_PT, &t);
	cr_expect_str_eq(t.headline, "Baixando arquivos...");
	cr_expect_str_eq(t.file, "dlls/platforms/qwindows.dll");
	cr_expect_str_eq(t.amount, "34,2 MB de 55,0 MB – 2,1 MB/s");
	cr_expect_str_eq(t.left, "Tempo restante: 1:07");
	cr_expect_str_eq(t.files, "Arquivo 12 de 40");
	cr_expect_str_eq(t.consequence,
	    "Ao cancelar, a versão atual continua inteira; um download "
	    "grande continua depois de onde parou.");
	cr_expect_eq(t.permille, 621);
	cr_expect(t.may_cancel);
	window_text(&s, "", false, LANG_ES, &t);
	cr_expect_str_eq(t.headline, "Descargando archivos...");
	cr_expect_str_eq(t.amount, "34,2 MB de 55,0 MB – 2,1 MB/s");
	window_text(&s, "", false, LANG_EN, &t);
	cr_expect_str_eq(t.amount, "34.2 MB of 55.0 MB – 2.1 MB/s");
	cr_expect_str_eq(t.left, "Time left: 1:07");
	cr_expect_str_eq(t.files, "File 12 of 40");
}

Test(window_text, what_is_not_known_is_not_there)
{
	struct progress_state s;
	struct window_text t;

	memset(&s, 0, sizeof(s));
	window_text(&s, "", false, LANG_EN, &t);
	cr_expect_str_eq(t.headline, "Connecting to the server...");
	cr_expect_str_eq(t.file, "");
	cr_expect_str_eq(t.files, "");
	cr_expect_eq(t.permille, -1);
	s = receiving();
	window_text(&s, "Fetching again: lost", false, LANG_EN, &t);
	cr_expect_str_eq(t.file, "Fetching again: lost");
	cr_expect_str_eq(t.amount, "34.2 MB of 55.0 MB");
	cr_expect_str_eq(t.left, "");
	s.phase = PHASE_CHECK;
	s.done = 1234;
	window_text(&s, "", false, LANG_EN, &t);
	cr_expect_str_eq(t.headline, "Checking files...");
	cr_expect_str_eq(t.amount, "Files looked at: 1,234");
	cr_expect_str_eq(t.files, "");
	cr_expect_eq(t.permille, -1);
}

Test(window_text, bytes_as_people_write_them)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {{0, "0 B of"}, {1023, "1023 B of"}, {1024, "1 KB of"},
	    {999 * 1024, "999 KB of"}, {1000 * 1024, "1.0 MB of"},
	    {MIB, "1.0 MB of"}, {100 * MIB, "100 MB of"},
	    {3 * 1024 * MIB / 2, "1.5 GB of"}};
	struct progress_state s = receiving();
	struct window_text t;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s.done = rows[i].bytes;
		window_text(&s, "", false, LANG_EN, &t);
		cr_expect_eq(
		    strncmp(t.amount, rows[i].text, strlen(rows[i].text)), 0,
		    "%s, not %s", t.amount, rows[i].text);
	}
}

Test(window_text, a_swap_cannot_be_cancelled)
{
	struct progress_state s = receiving();
	struct window_text t;

	window_text(&s, "", true, LANG_EN, &t);
	cr_expect_str_eq(t.headline, "Cancelling...");
	cr_expect_str_eq(t.consequence, "Waiting until it is safe to stop.");
	cr_expect_not(t.may_cancel);
	s.phase = PHASE_SWAP;
	s.done = 3;
	s.total = 7;
	window_text(&s, "", false, LANG_EN, &t);
	cr_expect_not(t.may_cancel);
	cr_expect_str_eq(
	    t.headline, "Applying update. Do not turn off the computer.");
	cr_expect_str_eq(t.amount, "File 3 of 7");
	cr_expect_not_null(strstr(t.consequence, "cannot be cancelled"));
	/* Who was too late sees that it goes on. */
	window_text(&s, "", true, LANG_EN, &t);
	cr_expect_not_null(strstr(t.consequence, "cannot be cancelled"));
	s.phase = PHASE_DONE;
	window_text(&s, "", false, LANG_EN, &t);
	cr_expect_str_eq(t.headline, "Update finished.");
	cr_expect_str_eq(t.consequence, "");
	cr_expect_eq(t.permille, 1000);
}

Test(window_text, the_question_has_both_builds)
{
	struct window_question q;

	window_question("7.00.170117A", "7.00.191205P", LANG_PT, &q);
	cr_expect_str_eq(q.headline,
	    "Smart Client e Application Server estão incompatíveis em "
	    "versão. Deseja atualizar a versão do Smart Client?");
	cr_expect_str_eq(q.versions,
	    "Versão da estação: 7.00.170117A. Versão do servidor: "
	    "7.00.191205P.");
	window_question("", "a\033[1mb", LANG_EN, &q);
	cr_expect_str_eq(
	    q.versions, "Station version: -. Server version: a\\033[1mb.");
	cr_expect_not_null(strstr(q.consequence, "nothing is changed"));
}

Test(window_text, a_failure_with_details_to_copy)
{
	static const struct said said = {
	    "", "UPD028: Sem conexão: a:1", "Verifique a rede."};
	static const struct window_place place = {
	    "CAIXA-07", "C:\\erp", "erp:2345", "2026-01-02 03:04:05", 35};
	struct window_failure f;

	window_failure(&said, &place, true, LANG_PT, &f);
	cr_expect_str_eq(
	    f.headline, "Não foi possível atualizar automaticamente o Remote");
	cr_expect_str_eq(f.what, said.what);
	cr_expect_str_eq(f.act, "O que fazer: Verifique a rede.");
	cr_expect_str_eq(
	    f.start, "O programa inicia na versão que está na pasta.");
	cr_expect_str_eq(f.details,
	    "Não foi possível atualizar automaticamente o Remote\n"
	    "UPD028: Sem conexão: a:1\n"
	    "O que fazer: Verifique a rede.\n"
	    "Horário: 2026-01-02 03:04:05\n"
	    "Estação: CAIXA-07\n"
	    "Pasta: C:\\erp\n"
	    "Servidor: erp:2345\n"
	    "Código de saída: 35\n"
	    "Programa: erpsync " ERPSYNC_VERSION "\n");
}

Test(window_text, letters_of_buttons_differ_within_a_window)
{
	static const char *const windows[][3] = {
	    {WIN060, WIN061, NULL}, {WIN063, WIN064, WIN065}};
	char text[32], letters[3];
	int letter;
	size_t i, k, n;
	int lang;

	window_button(LANG_PT, WIN061, '&', text, sizeof(text));
	cr_expect_str_eq(text, "&Não");
	window_button(LANG_PT, WIN061, '_', text, sizeof(text));
	cr_expect_str_eq(text, "_Não");
	window_button(LANG_PT, WIN061, 0, text, sizeof(text));
	cr_expect_str_eq(text, "Não");
	for (lang = LANG_PT; lang <= LANG_EN; lang++)
		for (i = 0; i < 2; i++)
			for (k = n = 0; k < 3 && windows[i][k] != NULL; k++) {
				window_button((enum lang)lang, windows[i][k],
				    '&', text, sizeof(text));
				cr_assert_not_null(strchr(text, '&'));
				letter = strchr(text, '&')[1] | 0x20;
				cr_expect_null(
				    memchr(letters, letter, n), "%s", text);
				letters[n++] = (char)letter;
			}
}

Test(window_text, a_button_of_many_words_is_cut)
{
	char whole[64], cut[64];
	size_t cap, len;

	window_button(LANG_PT, WIN061, '_', whole, sizeof(whole));
	len = strlen(whole);
	cr_assert_gt(len, 2);
	for (cap = 1; cap <= len + 1; cap++) {
		memset(cut, 'x', sizeof(cut));
		window_button(LANG_PT, WIN061, '_', cut, cap);
		cr_expect_eq(strlen(cut), cap - 1);
		cr_expect_eq(strncmp(cut, whole, cap - 1), 0);
		cr_expect_eq(cut[cap], 'x', "written behind the end");
	}
}
