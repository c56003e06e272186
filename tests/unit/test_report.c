/* Every form of the report, byte for byte where scripts or people rely on
 * it, and with names that try to break out of it. */
#include "cli/report/report.h"

#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct erpsync_change items[] = {
    {"app", NULL, ERPSYNC_ACTION_NEW, 0, ERPSYNC_DIR, 0, ERPSYNC_NO_TRANSFER, 0,
	0},
    {"app/a.dll", NULL, ERPSYNC_ACTION_NEW, 0, ERPSYNC_FILE, 1000,
	ERPSYNC_CODEC_FULL, 40, 700},
    {"app/link", "a.dll", ERPSYNC_ACTION_NEW, 0, ERPSYNC_SYMLINK, 0,
	ERPSYNC_NO_TRANSFER, 0, 0},
    {"b.exe", NULL, ERPSYNC_ACTION_CHANGED,
	ERPSYNC_REASON_SIZE | ERPSYNC_REASON_TIME | ERPSYNC_REASON_CONTENT,
	ERPSYNC_FILE, 2000000, ERPSYNC_CODEC_RSYNC, 5000, 60000},
    {"c.ini", NULL, ERPSYNC_ACTION_META,
	ERPSYNC_REASON_TIME | ERPSYNC_REASON_EXEC, ERPSYNC_FILE, 30,
	ERPSYNC_NO_TRANSFER, 0, 0},
    {"d.log", NULL, ERPSYNC_ACTION_EXTRA, 0, ERPSYNC_FILE, 9,
	ERPSYNC_NO_TRANSFER, 0, 0},
    {"old.dll", NULL, ERPSYNC_ACTION_DELETE, 0, ERPSYNC_FILE, 77,
	ERPSYNC_NO_TRANSFER, 0, 0},
    {"same.dll", NULL, ERPSYNC_ACTION_SAME, 0, ERPSYNC_FILE, 500,
	ERPSYNC_NO_TRANSFER, 0, 0},
};

static struct report
sample(void)
{
	struct report r = {.dry_run = true,
	    .folder = "/erp/smartclient",
	    .server = "erp:2345",
	    .from_build = "7.00.170117A",
	    .to_build = "7.00.191205P",
	    .verdict = ERPSYNC_COMPATIBLE,
	    .v = items,
	    .n = sizeof(items) / sizeof(items[0]),
	    .sent = 5500,
	    .received = 61000,
	    .literal = 59000,
	    .matched = 1942000,
	    .elapsed_ms = 2000};

	memset(&r.release, 0xab, sizeof(r.release));
	return r;
}

static char *
written(enum report_format format, enum lang lang, const struct report *r)
{
	struct err e;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	const struct report_sink sink = {out, format, lang};

	cr_assert_not_null(out);
	cr_assert_eq(report_write(r, &sink, 1, &e), 0);
	(void)fclose(out);
	return text;
}

static void
check_form(enum report_format format, enum lang lang, const struct report *r,
    const char *want)
{
	char *got = written(format, lang, r);

	cr_assert_str_eq(got, want);
	free(got);
}

Test(report, text_says_what_why_and_how_much)
{
	struct report r = sample();

	check_form(REPORT_TEXT, LANG_EN, &r,
	    "Update check (nothing was changed): /erp/smartclient\n"
	    "Server    erp:2345\n"
	    "Release   abababababababab\n"
	    "Versions  7.00.170117A -> 7.00.191205P\n"
	    "Verdict   compatible\n"
	    "\n"
	    "Conclusion: entries to change: 6; to transfer: 66500 bytes "
	    "(65K).\n"
	    "New: 3. Changed: 1. Attributes only: 1. To delete: 1. Same: 1. "
	    "Only on the station (left alone): 1.\n"
	    "Content of new and changed files: 2001000 bytes (1.9M). On the "
	    "wire: 5500 bytes (5.4K) sent, 61000 bytes (60K) received.\n"
	    "\n"
	    "action      why                     size  sent  received  as     "
	    "file\n"
	    "new         -                          0     0         0  -      "
	    "app\n"
	    "new         -                       1000    40       700  full   "
	    "app/a.dll\n"
	    "new         -                          0     0         0  -      "
	    "app/link\n"
	    "changed     size, time, content  2000000  5000     60000  rsync  "
	    "b.exe\n"
	    "attributes  time, executable          30     0         0  -      "
	    "c.ini\n"
	    "delete      -                         77     0         0  -      "
	    "old.dll\n"
	    "\n"
	    "                              sent    received\n"
	    "Total of the files            5040       60700\n"
	    "Protocol and file list         460         300\n"
	    "In total                      5500       61000\n");
}

/* What differs in time only is counted, unless all is asked for. */
Test(report, text_folds_what_differs_in_time_only)
{
	struct erpsync_change v[4];
	struct report r = sample();
	char *text;
	size_t i;

	for (i = 0; i < 4; i++) {
		v[i] = items[4];
		v[i].path = i == 3 ? "exec" : "touched";
		v[i].reasons =
		    i == 3 ? ERPSYNC_REASON_EXEC : ERPSYNC_REASON_TIME;
	}
	r.v = v;
	r.n = 4;
	text = written(REPORT_TEXT, LANG_EN, &r);
	cr_expect_null(strstr(text, "touched"));
	cr_expect_not_null(strstr(text,
	    "  exec\n"
	    "Only the time differs: 3 more (--all "
	    "lists them).\n\n"));
	cr_expect_not_null(strstr(text, "Attributes only: 4."));
	free(text);
	/* A table of nothing has no head either. */
	r.n = 3;
	text = written(REPORT_TEXT, LANG_EN, &r);
	cr_expect_null(strstr(text, "action "));
	cr_expect_not_null(strstr(text, "\n\nOnly the time differs: 3 more"));
	free(text);
	r.all = true;
	text = written(REPORT_TEXT, LANG_EN, &r);
	cr_expect_not_null(strstr(text, "touched"));
	cr_expect_null(strstr(text, "--all"));
	free(text);
}

Test(report, a_refusal_is_foretold)
{
	static const struct err refusal = {
	    .code = ERP_DELETES, .msg = "9 of 20 files <would> be deleted"};
	struct report r = sample();
	json_error_t why;
	json_t *o;
	char *text;

	r.refusal = &refusal;
	text = written(REPORT_TEXT, LANG_EN, &r);
	cr_expect(
	    strstr(text,
		"An update would be refused.\n"
		"UPD042: Too much would be deleted; nothing was applied: "
		"9 of 20 files <would> be deleted\nWhat to do: ") != NULL);
	free(text);
	text = written(REPORT_HTML, LANG_PT, &r);
	cr_expect(strstr(text,
		      "<strong>Uma atualização seria recusada.</strong> "
		      "9 of 20 files &lt;would&gt; be deleted</p>") != NULL);
	free(text);
	text = written(REPORT_JSON, LANG_EN, &r);
	o = json_loads(text, JSON_REJECT_DUPLICATES, &why);
	cr_expect_str_eq(
	    json_string_value(json_object_get(o, "refusal")), refusal.msg);
	json_decref(o);
	free(text);
}

Test(report, text_speaks_the_language)
{
	struct report r = sample();

	r.v = items + 3;
	r.n = 1;
	r.dry_run = false;
	check_form(REPORT_TEXT, LANG_PT, &r,
	    "Relatório da atualização: /erp/smartclient\n"
	    "Servidor    erp:2345\n"
	    "Publicação  abababababababab\n"
	    "Versões     7.00.170117A -> 7.00.191205P\n"
	    "Resposta    compatível\n"
	    "\n"
	    "Conclusão: itens alterados: 1; transferidos: 66500 bytes "
	    "(65K).\n"
	    "Novos: 0. Alterados: 1. Só atributos: 0. A excluir: 0. Iguais: "
	    "0. Só na estação (ficam como estão): 0.\n"
	    "Conteúdo dos arquivos novos e alterados: 2000000 bytes (1.9M). "
	    "Na rede: 5500 bytes (5.4K) enviados, 61000 bytes (60K) "
	    "recebidos.\n"
	    "\n"
	    "ação      motivo                      tamanho  enviados  "
	    "recebidos  como   arquivo\n"
	    "alterado  tamanho, horário, conteúdo  2000000      5000      "
	    "60000  rsync  b.exe\n"
	    "\n"
	    "                                 enviados   recebidos\n"
	    "Soma dos arquivos                    5000       60000\n"
	    "Protocolo e lista de arquivos         500        1000\n"
	    "No total                             5500       61000\n");
}

Test(report, text_speaks_spanish)
{
	struct report r = sample();

	r.v = items + 3;
	r.n = 1;
	check_form(REPORT_TEXT, LANG_ES, &r,
	    "Verificación de la actualización (no se cambió nada): "
	    "/erp/smartclient\n"
	    "Servidor     erp:2345\n"
	    "Publicación  abababababababab\n"
	    "Versiones    7.00.170117A -> 7.00.191205P\n"
	    "Respuesta    compatible\n"
	    "\n"
	    "Conclusión: elementos a cambiar: 1; a transferir: 66500 bytes "
	    "(65K).\n"
	    "Nuevos: 0. Cambiados: 1. Solo atributos: 0. A eliminar: 0. "
	    "Iguales: 0. Solo en la estación (quedan como están): 0.\n"
	    "Contenido de los archivos nuevos y cambiados: 2000000 bytes "
	    "(1.9M). En la red: 5500 bytes (5.4K) enviados, 61000 bytes (60K) "
	    "recibidos.\n"
	    "\n"
	    "acción    motivo                    tamaño  enviados  recibidos  "
	    "como   archivo\n"
	    "cambiado  tamaño, hora, contenido  2000000      5000      60000  "
	    "rsync  b.exe\n"
	    "\n"
	    "                                 enviados   recibidos\n"
	    "Suma de los archivos                 5000       60000\n"
	    "Protocolo y lista de archivos         500        1000\n"
	    "En total                             5500       61000\n");
}

Test(report, text_of_nothing_and_of_a_refusal)
{
	struct report r = {.dry_run = true,
	    .server = "a\033:1",
	    .verdict = ERPSYNC_COMPATIBLE};

	check_form(REPORT_TEXT, LANG_EN, &r,
	    "Update check (nothing was changed): .\n"
	    "Server    a\\033:1\n"
	    "Release   -\n"
	    "Versions  unknown -> unknown\n"
	    "Verdict   compatible\n"
	    "\n"
	    "Conclusion: nothing to update.\n");
	r.verdict = ERPSYNC_NO_PACKAGE;
	check_form(REPORT_TEXT, LANG_ES, &r,
	    "Verificación de la actualización (no se cambió nada): .\n"
	    "Servidor     a\\033:1\n"
	    "Publicación  -\n"
	    "Versiones    desconocida -> desconocida\n"
	    "Respuesta    no hay paquete para este sistema operativo\n"
	    "\n"
	    "Conclusión: este servidor no ofrece actualización: no hay "
	    "paquete para este sistema operativo.\n");
}

Test(report, itemize_is_rsyncs)
{
	static const struct {
		struct erpsync_change item;
		const char *line;
	} cases[] = {
	    {{"a", NULL, ERPSYNC_ACTION_NEW, 0, ERPSYNC_FILE, 1,
		 ERPSYNC_CODEC_FULL, 0, 0},
		">f+++++++++ a\n"},
	    {{"d", NULL, ERPSYNC_ACTION_NEW, 0, ERPSYNC_DIR, 0,
		 ERPSYNC_NO_TRANSFER, 0, 0},
		"cd+++++++++ d/\n"},
	    {{"l", "a b", ERPSYNC_ACTION_NEW, 0, ERPSYNC_SYMLINK, 0,
		 ERPSYNC_NO_TRANSFER, 0, 0},
		"cL+++++++++ l -> a b\n"},
	    {{"a", NULL, ERPSYNC_ACTION_CHANGED,
		 ERPSYNC_REASON_SIZE | ERPSYNC_REASON_TIME, ERPSYNC_FILE, 1,
		 ERPSYNC_CODEC_RSYNC, 0, 0},
		">f.st...... a\n"},
	    {{"a", NULL, ERPSYNC_ACTION_CHANGED, ERPSYNC_REASON_CONTENT,
		 ERPSYNC_FILE, 1, ERPSYNC_CODEC_RSYNC, 0, 0},
		">fc........ a\n"},
	    {{"a", NULL, ERPSYNC_ACTION_CHANGED, ERPSYNC_REASON_TYPE,
		 ERPSYNC_FILE, 1, ERPSYNC_CODEC_FULL, 0, 0},
		">f+++++++++ a\n"},
	    {{"a", NULL, ERPSYNC_ACTION_META, ERPSYNC_REASON_TIME, ERPSYNC_FILE,
		 1, ERPSYNC_NO_TRANSFER, 0, 0},
		".f..t...... a\n"},
	    {{"a", NULL, ERPSYNC_ACTION_META,
		 ERPSYNC_REASON_TIME | ERPSYNC_REASON_EXEC, ERPSYNC_FILE, 1,
		 ERPSYNC_NO_TRANSFER, 0, 0},
		".f..tp..... a\n"},
	    {{"l", "b", ERPSYNC_ACTION_CHANGED, ERPSYNC_REASON_TARGET,
		 ERPSYNC_SYMLINK, 0, ERPSYNC_NO_TRANSFER, 0, 0},
		"cLc........ l -> b\n"},
	    {{"d", NULL, ERPSYNC_ACTION_DELETE, 0, ERPSYNC_DIR, 0,
		 ERPSYNC_NO_TRANSFER, 0, 0},
		"*deleting   d/\n"},
	    {{"a\nb", NULL, ERPSYNC_ACTION_DELETE, 0, ERPSYNC_FILE, 0,
		 ERPSYNC_NO_TRANSFER, 0, 0},
		"*deleting   a\\nb\n"},
	    {{"a", NULL, ERPSYNC_ACTION_SAME, 0, ERPSYNC_FILE, 0,
		 ERPSYNC_NO_TRANSFER, 0, 0},
		""},
	    {{"a", NULL, ERPSYNC_ACTION_EXTRA, 0, ERPSYNC_FILE, 0,
		 ERPSYNC_NO_TRANSFER, 0, 0},
		""},
	};
	struct report r = {.n = 1};
	struct erpsync_change item;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		item = cases[i].item;
		r.v = &item;
		check_form(REPORT_ITEMIZE, LANG_EN, &r, cases[i].line);
	}
}

Test(report, stats_have_rsyncs_lines)
{
	struct report r = sample();
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	cr_assert_not_null(out);
	report_stats(out, &r);
	(void)fclose(out);
	cr_assert_str_eq(text,
	    "\n"
	    "Number of files: 6 (reg: 4, dir: 1, link: 1)\n"
	    "Number of created files: 3 (reg: 1, dir: 1, link: 1)\n"
	    "Number of deleted files: 1 (reg: 1)\n"
	    "Number of regular files transferred: 2\n"
	    "Total file size: 2,001,530 bytes\n"
	    "Total transferred file size: 2,001,000 bytes\n"
	    "Literal data: 59,000 bytes\n"
	    "Matched data: 1,942,000 bytes\n"
	    "Total bytes sent: 5,500\n"
	    "Total bytes received: 61,000\n"
	    "\n"
	    "sent 5,500 bytes  received 61,000 bytes  33,250.00 bytes/sec\n"
	    "total size is 2,001,530  speedup is 30.10 (DRY RUN)\n");
	free(text);
}

Test(report, stats_of_nothing_divide_by_nothing)
{
	struct report r = {.dry_run = false};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	cr_assert_not_null(out);
	report_stats(out, &r);
	(void)fclose(out);
	cr_assert_not_null(strstr(text, "Number of files: 0\n"));
	cr_assert_not_null(
	    strstr(text, "0.00 bytes/sec\ntotal size is 0  speedup is 0.00\n"));
	free(text);
}

Test(report, csv_is_rfc_4180)
{
	struct erpsync_change odd[] = {
	    {"a,\"b\"\r\n", NULL, ERPSYNC_ACTION_CHANGED,
		ERPSYNC_REASON_TIME | ERPSYNC_REASON_SIZE, ERPSYNC_FILE, 5,
		ERPSYNC_CODEC_RSYNC, 1, 2},
	    {"plain file", NULL, ERPSYNC_ACTION_EXTRA, 0, ERPSYNC_DIR, 0,
		ERPSYNC_NO_TRANSFER, 0, 0},
	    {"same", NULL, ERPSYNC_ACTION_SAME, 0, ERPSYNC_FILE, 0,
		ERPSYNC_NO_TRANSFER, 0, 0},
	};
	struct report r = {.v = odd, .n = 3};

	check_form(REPORT_CSV, LANG_PT, &r,
	    "path,type,action,reasons,size,codec,sent_bytes,received_bytes\r\n"
	    "\"a,\"\"b\"\"\\r\\n\",file,changed,size time,5,rsync,1,2\r\n"
	    "plain file,folder,extra,,0,,0,0\r\n");
}

Test(report, json_has_its_keys)
{
	struct report r = sample();
	char *text = written(REPORT_JSON, LANG_PT, &r);
	json_error_t why;
	json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, &why), *item;
	json_t *totals;

	cr_assert_not_null(o, "%s", why.text);
	cr_assert_eq(text[strlen(text) - 1], '\n');
	cr_assert_eq(json_integer_value(json_object_get(o, "format")), 1);
	cr_assert(json_is_true(json_object_get(o, "dry_run")));
	cr_assert(json_is_null(json_object_get(o, "refusal")));
	cr_assert_str_eq(
	    json_string_value(json_object_get(o, "verdict")), "compatible");
	cr_assert_eq(
	    json_string_length(json_object_get(o, "release")), HASH_HEX_LEN);
	totals = json_object_get(o, "totals");
	cr_assert_eq(json_integer_value(json_object_get(totals, "new")), 3);
	cr_assert_eq(json_integer_value(json_object_get(totals, "same")), 1);
	cr_assert_eq(
	    json_integer_value(json_object_get(totals, "received_bytes")),
	    61000);
	cr_assert_eq(
	    json_integer_value(json_object_get(totals, "release_bytes")),
	    2001530);
	cr_assert_eq(json_array_size(json_object_get(o, "items")), 7);
	item = json_array_get(json_object_get(o, "items"), 3);
	cr_assert_str_eq(
	    json_string_value(json_object_get(item, "path")), "b.exe");
	cr_assert_str_eq(
	    json_string_value(json_object_get(item, "action")), "changed");
	cr_assert_eq(json_array_size(json_object_get(item, "reasons")), 3);
	cr_assert_eq(
	    json_integer_value(json_object_get(item, "sent_bytes")), 5000);
	json_decref(o);
	free(text);
}

Test(report, json_of_unknown_and_foreign_text)
{
	struct erpsync_change odd = {"a\"\xff", NULL, ERPSYNC_ACTION_NEW, 0,
	    ERPSYNC_FILE, UINT64_MAX, ERPSYNC_NO_TRANSFER, 0, 0};
	struct report r = {.v = &odd, .n = 1};
	char *text = written(REPORT_JSON, LANG_PT, &r);
	json_t *o = json_loads(text, 0, NULL), *item;

	cr_assert_not_null(o);
	cr_assert(json_is_null(json_object_get(o, "release")));
	cr_assert(json_is_null(json_object_get(o, "server")));
	item = json_array_get(json_object_get(o, "items"), 0);
	cr_assert_str_eq(
	    json_string_value(json_object_get(item, "path")), "a\"\\377");
	cr_assert_eq(
	    json_integer_value(json_object_get(item, "size")), INT64_MAX);
	cr_assert(json_is_null(json_object_get(item, "codec")));
	json_decref(o);
	free(text);
}

/* Each cell in its place, and what it comes to before the table. */
Test(report, html_says_what_why_and_how_much)
{
	struct report r = sample();
	char hex[HASH_HEX_LEN + 1], *text, *table, *sums;

	memset(&r.release, 0x5a, sizeof(r.release));
	hash_hex(&r.release, hex);
	text = written(REPORT_HTML, LANG_EN, &r);
	cr_expect_not_null(strstr(text, hex));
	cr_expect_not_null(strstr(text,
	    "<tr><td>changed</td><td>size, time, content</td>"
	    "<td class=\"n\">2000000</td><td class=\"n\">5000</td>"
	    "<td class=\"n\">60000</td><td>rsync</td>"
	    "<td>b.exe</td></tr>\n"));
	cr_expect_not_null(strstr(text,
	    "<tr><td>new</td><td></td><td class=\"n\">0</td>"
	    "<td class=\"n\">0</td><td class=\"n\">0</td><td>-</td>"
	    "<td>app</td></tr>\n"));
	cr_expect_not_null(
	    strstr(text, "<tr><td>attributes</td><td>time, executable</td>"));
	cr_expect_not_null(strstr(text,
	    "<th>action</th><th>why</th><th class=\"n\">size</th>"
	    "<th class=\"n\">sent</th><th class=\"n\">received</th>"
	    "<th>as</th><th>file</th></tr>"));
	sums = strstr(text, "Conclusion: entries to change: 6;");
	table = strstr(text, "<th>action</th>");
	cr_assert(sums != NULL && table != NULL);
	cr_expect_lt(sums, table);
	cr_expect_lt(strstr(text, "New: 3. Changed: 1."), table);
	cr_expect_lt(strstr(text, "5500 bytes (5.4K) sent"), table);
	cr_expect_null(strstr(text, "d.log"), "what is left alone is counted");
	free(text);
}

Test(report, html_folds_what_differs_in_time_only)
{
	struct erpsync_change v[3];
	struct report r = sample();
	char *text;
	size_t i;

	for (i = 0; i < 3; i++) {
		v[i] = items[4];
		v[i].path = "touched";
		v[i].reasons = ERPSYNC_REASON_TIME;
	}
	r.v = v;
	r.n = 3;
	text = written(REPORT_HTML, LANG_ES, &r);
	cr_expect_null(strstr(text, "touched"));
	cr_expect_null(strstr(text, "<table>\n<tr><th>acci"), "an empty table");
	cr_expect_not_null(strstr(
	    text, "<p>Solo difiere la hora: 3 más (--all los lista).\n</p>"));
	free(text);
	r.all = true;
	text = written(REPORT_HTML, LANG_ES, &r);
	cr_expect_not_null(strstr(text, "touched"));
	cr_expect_null(strstr(text, "--all"));
	free(text);
}

Test(report, html_lets_nothing_break_out)
{
	struct erpsync_change odd = {"<script>&'\"\001", NULL,
	    ERPSYNC_ACTION_NEW, 0, ERPSYNC_FILE, 5, ERPSYNC_CODEC_FULL, 1, 2};
	struct report r = {.v = &odd,
	    .verdict = ERPSYNC_COMPATIBLE,
	    .n = 1,
	    .dry_run = true,
	    .server = "<b>",
	    .from_build = "</td>"};
	char *text = written(REPORT_HTML, LANG_PT, &r);

	cr_assert_eq(strncmp(text,
			 "<!DOCTYPE html>\n<html lang=\"pt\">\n<head>\n"
			 "<meta charset=\"utf-8\">\n<title>",
			 70),
	    0);
	cr_assert_not_null(
	    strstr(text, "<td>&lt;script&gt;&amp;&#39;&quot;\\001</td></tr>"));
	cr_assert_not_null(strstr(text, "<td>&lt;b&gt;</td>"));
	cr_assert_not_null(strstr(text, "<td>&lt;/td&gt; -&gt; "));
	cr_assert_null(strstr(text, "<script>"));
	cr_assert_null(strstr(text, "http"));
	cr_assert_not_null(strstr(text, "</body>\n</html>\n"));
	free(text);
}

/* Each item in one row: what, why, how much, and by what. */
Test(report, html_tells_of_each_item_what_the_others_tell)
{
	struct report r = sample();
	char *text = written(REPORT_HTML, LANG_EN, &r);
	const char *heads = strstr(text, "<table>\n<tr><th>");
	static const char numbers[] = "<th class=\"n\">";
	int i;

	/* The three columns of bytes stand to the right, and only they. */
	cr_assert_not_null(heads, "%s", text);
	heads = strstr(heads, numbers);
	for (i = 0; i < 3; i++) {
		cr_assert_not_null(heads);
		cr_expect_eq(strncmp(heads, numbers, sizeof(numbers) - 1), 0);
		heads = strstr(heads, "</th>") + strlen("</th>");
	}
	cr_expect_null(strstr(heads, numbers));
	cr_expect_not_null(
	    strstr(text, "<tr><td>changed</td><td>size, time, content</td>"),
	    "%s", text);
	free(text);
}

Test(report, a_full_disk_is_seen)
{
	static const enum report_format formats[] = {
	    REPORT_TEXT, REPORT_ITEMIZE, REPORT_JSON, REPORT_CSV, REPORT_HTML};
	struct report r = sample();
	struct report_sink sink;
	struct err e;
	FILE *full;
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		full = fopen("/dev/full", "w");
		cr_assert_not_null(full);
		sink = (struct report_sink){full, formats[i], LANG_EN};
		cr_assert_eq(report_write(&r, &sink, 1, &e), ERP_NOSPACE);
		cr_assert_not_null(strstr(e.msg, "the report"));
		(void)fclose(full);
	}
}

Test(report, goes_to_each_sink_even_when_one_is_full)
{
	struct report r = sample();
	char *text = NULL, *alone = written(REPORT_CSV, LANG_EN, &r);
	struct report_sink sinks[3];
	struct err e;
	size_t len;

	sinks[0] =
	    (struct report_sink){fopen("/dev/full", "w"), REPORT_TEXT, LANG_PT};
	sinks[1] = (struct report_sink){
	    open_memstream(&text, &len), REPORT_CSV, LANG_EN};
	sinks[2] = sinks[0];
	cr_assert_not_null(sinks[0].out);
	cr_assert_not_null(sinks[1].out);
	cr_assert_eq(report_write(&r, sinks, 3, &e), ERP_NOSPACE);
	cr_assert_not_null(strstr(e.msg, "the report"));
	(void)fclose(sinks[0].out);
	(void)fclose(sinks[1].out);
	cr_assert_str_eq(text, alone);
	cr_assert_eq(report_write(&r, NULL, 0, &e), 0);
	free(text);
	free(alone);
}
