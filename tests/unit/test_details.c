#include "cli/messages/details.h"

#include "cli/messages/details_internal.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <string.h>

static const struct {
	const char *en, *pt, *es;
} cases[] = {
    {"open /erp/a b: Permission denied", "abrir /erp/a b: permissão negada",
	"abrir /erp/a b: permiso denegado"},
    {"lib: x.so: is gone meanwhile", "lib: x.so: sumiu entretanto",
	"lib: x.so: desapareció entretanto"},
    /* A file may be called like a beginning of ours. */
    {"read me.txt: has changed", "read me.txt: mudou", "read me.txt: cambió"},
    {"file: has changed", "file: mudou", "file: cambió"},
    {"a: a folder is where the release has a file; leave it out (--exclude) or "
     "move it away",
	"a: há uma pasta onde a versão publicada tem um arquivo; deixe-o de "
	"fora (--exclude) ou mova-o para fora da pasta",
	"a: hay una carpeta donde la versión publicada tiene un archivo; "
	"déjelo fuera (--exclude) o muévalo a otro lugar"},
    {"the health check ended with exit code 3; the version before is in "
     "place again",
	"o teste de saúde terminou com o código 3; a versão anterior está de "
	"novo no lugar",
	"la prueba de salud terminó con el código 3; la versión anterior está "
	"de nuevo en su lugar"},
    {"recovery required: .erpsync/journal: its checksum does not fit",
	"é preciso recuperar: .erpsync/journal: a soma de verificação não "
	"confere",
	"es necesario recuperar: .erpsync/journal: la suma de verificación no "
	"coincide"},
    {"connect to [::1]:80: Connection refused",
	"conectar a [::1]:80: conexão recusada",
	"conectar con [::1]:80: conexión rechazada"},
    {"files that would be deleted: 12 of 40, at most 10 may be; "
     "--max-delete=12 allows it",
	"arquivos que seriam excluídos: 12 de 40, no máximo 10 podem ser; "
	"--max-delete=12 permite",
	"archivos que se eliminarían: 12 de 40, como máximo pueden ser 10; "
	"--max-delete=12 lo permite"},
    /* A script's unset variable. */
    {"--timeout: '' is not a whole number from 1 to 86400",
	"--timeout: '' não é um número inteiro de 1 a 86400",
	"--timeout: '' no es un número entero de 1 a 86400"},
    {"open : No such file or directory", "abrir : arquivo ou pasta inexistente",
	"abrir : no existe el archivo o la carpeta"},
    {"something new", "something new", "something new"},
    {"", "", ""},
};

Test(details, are_told_in_the_persons_language)
{
	char out[DETAIL_MAX];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		details_text(LANG_EN, cases[i].en, out);
		cr_expect_str_eq(out, cases[i].en);
		details_text(LANG_PT, cases[i].en, out);
		cr_expect_str_eq(out, cases[i].pt);
		details_text(LANG_ES, cases[i].en, out);
		cr_expect_str_eq(out, cases[i].es);
	}
}

/* The arguments of a format, in their order. */
static void
arguments(const char *format, char out[8])
{
	size_t n = 0;

	for (; *format != '\0'; format++)
		if (*format == '%') {
			format++;
			cr_assert(*format == 's' || *format == 'm');
			cr_assert_lt(n, 7);
			out[n++] = *format;
		}
	out[n] = '\0';
}

static void
check_rows(const struct detail *rows)
{
	char key[8], other[8];

	for (; rows->key != NULL; rows++) {
		arguments(rows->key, key);
		arguments(rows->pt, other);
		cr_expect_str_eq(key, other, "%s", rows->key);
		arguments(rows->es, other);
		cr_expect_str_eq(key, other, "%s", rows->key);
	}
}

Test(details, have_the_same_arguments_in_each_language)
{
	check_rows(details_of_folder);
	check_rows(details_of_names);
	check_rows(details_of_peers);
	check_rows(details_of_usage);
	check_rows(details_of_server);
	check_rows(details_of_ini);
	check_rows(details_of_calls);
	check_rows(details_of_system);
}

/* A text as long as an error's, and longer, and full of colons. */
Test(details, may_be_of_any_length)
{
	char text[600], out[DETAIL_MAX];
	size_t i;

	for (i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, ": ", 2);
	text[sizeof(text) - 1] = '\0';
	text[sizeof(text) - 2] = '\0';
	details_text(LANG_ES, text, out);
	cr_expect_gt(strlen(out), 0);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text, "content of ", 11);
	details_text(LANG_PT, text, out);
	cr_expect(strncmp(out, "conteúdo de x", strlen("conteúdo de x")) == 0);
}

/* Numbers of bytes are written as everywhere in the language. */
Test(details, sizes_are_written_in_the_language)
{
	static const struct {
		const char *needed, *is_free, *text;
	} rows[] = {
	    {"1.1 MB", "64 GB", "/erp: são necessários 1,1 MB, há 64 GB"},
	    {"512 B", "1 KB", "/erp: são necessários 512 B, há 1 KB"},
	    {"1.2 XB", "1.2 MBs", "/erp: são necessários 1.2 XB, há 1.2 MBs"},
	    {"1.2 MA", "1.2MB", "/erp: são necessários 1.2 MA, há 1.2MB"},
	};
	char text[200], out[DETAIL_MAX];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "/erp: %s needed, %s free; make space and try again",
		    rows[i].needed, rows[i].is_free);
		details_text(LANG_PT, text, out);
		cr_expect_eq(strncmp(out, rows[i].text, strlen(rows[i].text)),
		    0, "%s", out);
	}
}

/* What to do is a sentence of its own, where a text ends with it. */
Test(details, what_to_do_can_be_cut_off)
{
	static const struct {
		const char *text, *left, *act;
	} rows[] = {
	    {"a: is in the way; move it away", "a: is in the way",
		"Move it away."},
	    {"a; b: is locked; \xe1x; y", "a; b: is locked; \xe1x", "Y."},
	    {"a; ; b", "a; ", "B."},
	    {"a: is there", "a: is there", NULL},
	    {"a;b", "a;b", NULL},
	    {"a; ", "a; ", NULL},
	};
	char text[DETAIL_MAX], act[DETAIL_MAX];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s", rows[i].text);
		cr_expect_eq(details_cut_act(text, act), rows[i].act != NULL);
		cr_expect_str_eq(text, rows[i].left);
		if (rows[i].act != NULL)
			cr_expect_str_eq(act, rows[i].act);
	}
}

/* The word behind a place for a number, and nothing in front of it says that
 * there are more of them in any case. */
static bool
counts_wrongly(const char *text)
{
	static const char *const words[] = {"seconds", "minutes", "hours",
	    "days", "files", "entries", "others", "segundos", "minutos",
	    "horas", "dias", "días", "arquivos", "archivos", "itens",
	    "elementos", "outros", "otros"};
	static const char *const limits[] = {
	    "more than ", "mais de ", "más de "};
	const char *at, *word;
	size_t i, n;

	for (at = text; (at = strchr(at, '%')) != NULL; at++) {
		for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
			n = strlen(limits[i]);
			if ((size_t)(at - text) >= n &&
			    memcmp(at - n, limits[i], n) == 0)
				break;
		}
		if (i < sizeof(limits) / sizeof(limits[0]) ||
		    (word = strchr(at, ' ')) == NULL)
			continue;
		n = (size_t)(word - at);
		if (n != 2 && (n != 3 || memcmp(at, "%zu", 3) != 0))
			continue;
		for (i = 0, word++; i < sizeof(words) / sizeof(words[0]); i++) {
			n = strlen(words[i]);
			if (strncmp(word, words[i], n) == 0 &&
			    !isalpha((unsigned char)word[n]))
				return true;
		}
	}
	return false;
}

static void
expect_counts(const char *const texts[3])
{
	size_t i;

	for (i = 0; i < 3; i++)
		cr_expect_not(counts_wrongly(texts[i]), "%s", texts[i]);
}

/* "1 files" is none: a number stands behind a colon, or before a unit's sign.
 */
Test(details, no_counted_text_is_wrong_for_one)
{
	static const struct detail *const tables[] = {details_of_folder,
	    details_of_backups, details_of_names, details_of_peers,
	    details_of_security, details_of_usage, details_of_server,
	    details_of_ini, details_of_disks, details_of_seals,
	    details_of_calls, details_of_system};
	const struct message *m;
	const struct detail *d;
	size_t i;

	cr_assert(counts_wrongly("within %s seconds"));
	cr_assert(counts_wrongly("X: %zu otros"));
	cr_assert_not(counts_wrongly("more than %s files of %s"));
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (d = tables[i]; d->key != NULL; d++)
			expect_counts(
			    (const char *const[]){d->key, d->pt, d->es});
	for (i = 0; (m = messages_catalogue(i)) != NULL; i++)
		for (; m->key != NULL; m++)
			expect_counts(
			    (const char *const[]){m->key, m->pt, m->es});
}
