/* Every form of the report, byte for byte where scripts or people rely on
 * it, and with names that try to break out of it. */
#include "cli/report/report.h"

#include "cli/report/contents.h"
#include "cli/report/report_internal.h"
#include "engine/base/err.h"
#include "tests/support/tempdir.h"
#include "transport/api/erpsync_seal.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The richest update there is: one change of each class, and of each codec. */
static const struct erpsync_conflict conflicts[] = {
    {"srv", "mine", false, "5"}, {"SRV", "Server", true, "new"}};

static struct erpsync_change items[] = {
    {.path = "app", .action = ERPSYNC_ACTION_NEW, .type = ERPSYNC_DIR},
    {.path = "app/a.dll",
	.action = ERPSYNC_ACTION_NEW,
	.type = ERPSYNC_FILE,
	.size = 1000,
	.codec = ERPSYNC_CODEC_FULL,
	.sent = 40,
	.received = 700,
	.kind = ERPSYNC_KIND_PROGRAM},
    {.path = "app/link",
	.target = "a.dll",
	.action = ERPSYNC_ACTION_NEW,
	.type = ERPSYNC_SYMLINK},
    {.path = "app/renamed.dat",
	.action = ERPSYNC_ACTION_NEW,
	.type = ERPSYNC_FILE,
	.size = 5000,
	.from = "old/named.dat"},
    {.path = "b.exe",
	.action = ERPSYNC_ACTION_CHANGED,
	.reasons =
	    ERPSYNC_REASON_SIZE | ERPSYNC_REASON_TIME | ERPSYNC_REASON_CONTENT,
	.type = ERPSYNC_FILE,
	.size = 2000000,
	.codec = ERPSYNC_CODEC_PATCH,
	.sent = 5000,
	.received = 60000,
	.kind = ERPSYNC_KIND_PROGRAM,
	.old_size = 1999000},
    {.path = "c.sh",
	.action = ERPSYNC_ACTION_META,
	.reasons = ERPSYNC_REASON_TIME | ERPSYNC_REASON_EXEC,
	.type = ERPSYNC_FILE,
	.size = 30,
	.kind = ERPSYNC_KIND_PROGRAM,
	.old_size = 30},
    {.path = "client.ini",
	.action = ERPSYNC_ACTION_CHANGED,
	.reasons = ERPSYNC_REASON_SIZE | ERPSYNC_REASON_CONTENT,
	.type = ERPSYNC_FILE,
	.size = 300,
	.codec = ERPSYNC_CODEC_FULL,
	.sent = 50,
	.received = 250,
	.kind = ERPSYNC_KIND_INI,
	.old_size = 280,
	.conflicts = conflicts,
	.conflicts_n = 2},
    {.path = "d.log",
	.action = ERPSYNC_ACTION_EXTRA,
	.type = ERPSYNC_FILE,
	.size = 9,
	.old_size = 9},
    {.path = "docs/manual.txt",
	.action = ERPSYNC_ACTION_META,
	.reasons = ERPSYNC_REASON_TIME,
	.type = ERPSYNC_FILE,
	.size = 700,
	.old_size = 700},
    {.path = "edited.txt",
	.action = ERPSYNC_ACTION_CHANGED,
	.reasons = ERPSYNC_REASON_TIME | ERPSYNC_REASON_CONTENT,
	.type = ERPSYNC_FILE,
	.size = 60,
	.codec = ERPSYNC_CODEC_RSYNC,
	.sent = 60,
	.received = 40,
	.old_size = 60,
	.edited = true},
    {.path = "old.dll",
	.action = ERPSYNC_ACTION_DELETE,
	.type = ERPSYNC_FILE,
	.size = 77,
	.kind = ERPSYNC_KIND_PROGRAM,
	.old_size = 77},
    {.path = "same.dll",
	.action = ERPSYNC_ACTION_SAME,
	.type = ERPSYNC_FILE,
	.size = 500,
	.kind = ERPSYNC_KIND_PROGRAM,
	.old_size = 500},
    {.path = "table.dat",
	.action = ERPSYNC_ACTION_CHANGED,
	.reasons = ERPSYNC_REASON_TIME | ERPSYNC_REASON_CONTENT,
	.type = ERPSYNC_FILE,
	.size = 40000,
	.codec = ERPSYNC_CODEC_RSYNC,
	.sent = 300,
	.received = 700,
	.old_size = 40000},
};

static const struct erpsync_seal seal = {.key = "0123456789ABCDEF",
    .product = "smartclient",
    .serial = 7,
    .expires = 1800000000};

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
	    .sent = 5900,
	    .received = 63000,
	    .literal = 61000,
	    .matched = 1980360,
	    .elapsed_ms = 2000,
	    .facts = {.station = "loja-07",
		.date = 1790000000,
		.rate = 125000,
		.outlook = {.disk_needed = 3 << 20,
		    .disk_free = (uint64_t)20 << 30,
		    .backup = 3,
		    .backup_pushes = true,
		    .backup_files = 1234,
		    .backup_bytes = 300 << 20},
		.seal = &seal,
		.in_use = "b.exe (1234)"}};

	memset(&r.release, 0xab, sizeof(r.release));
	/* Times are told as they are here. */
	(void)setenv("TZ", "UTC3", 1);
	tzset();
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

/* Both contents of what changes inside. */
static struct contents *
inside(const struct report *r)
{
	const char *const was = "[srv]\nserver=a\nport=1\npassword=x\nmine=1\n";
	const char *const is = "[srv]\nserver=b\npassword=y\nlog=1\nmine=1\n";
	struct tempdir old, new;
	struct contents_options opt = {.diff = true};
	struct contents *c;
	struct err e;

	tempdir_open(&old);
	tempdir_open(&new);
	tempdir_text(&old, "client.ini", was, -1);
	tempdir_text(&new, "client.ini", is, -1);
	tempdir_text(&old, "edited.txt", "one\nmine\nthree\n", -1);
	tempdir_text(&new, "edited.txt", "one\n<two> & more\nthree\n", -1);
	opt.old_folder = old.path;
	opt.new_folder = new.path;
	cr_assert_eq(contents_make(r->v, r->n, &opt, &c, &e), 0, "%s", e.msg);
	tempdir_close(&old);
	tempdir_close(&new);
	return c;
}

static char *
golden(const char *name)
{
	char path[64];
	struct tempdir here = {.fd = AT_FDCWD};

	(void)snprintf(path, sizeof(path), "tests/golden/report/%s", name);
	return tempdir_read(&here, path, NULL);
}

/* Each form byte by byte, as tests/golden/report has it. */
Test(report, every_form_is_the_golden_one)
{
	static const struct {
		const char *name;
		enum report_format format;
		enum lang lang;
		bool dry_run;
	} forms[] = {
	    {"check.pt.txt", REPORT_TEXT, LANG_PT, true},
	    {"check.es.txt", REPORT_TEXT, LANG_ES, true},
	    {"check.en.txt", REPORT_TEXT, LANG_EN, true},
	    {"update.en.txt", REPORT_TEXT, LANG_EN, false},
	    {"check.itemize", REPORT_ITEMIZE, LANG_EN, true},
	    {"check.json", REPORT_JSON, LANG_ES, true},
	    {"check.csv", REPORT_CSV, LANG_ES, true},
	    {"check.pt.html", REPORT_HTML, LANG_PT, true},
	    {"update.en.html", REPORT_HTML, LANG_EN, false},
	    {"check.pt.brief", REPORT_BRIEF, LANG_PT, true},
	    {"check.es.brief", REPORT_BRIEF, LANG_ES, true},
	    {"update.en.brief", REPORT_BRIEF, LANG_EN, false},
	};
	struct report r = sample();
	struct contents *c = inside(&r);
	char *got, *want;
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		r.dry_run = forms[i].dry_run;
		r.contents =
		    r.dry_run && forms[i].format == REPORT_TEXT ? NULL : c;
		got = written(forms[i].format, forms[i].lang, &r);
		want = golden(forms[i].name);
		cr_expect_str_eq(got, want, "%s", forms[i].name);
		free(got);
		free(want);
	}
	contents_free(c);
}

/* It is no change, and still told. */
Test(report, what_stays_against_the_release_has_its_lines)
{
	const struct erpsync_change left = {.path = "client.ini",
	    .action = ERPSYNC_ACTION_EXTRA,
	    .type = ERPSYNC_FILE,
	    .size = 9,
	    .kind = ERPSYNC_KIND_INI,
	    .old_size = 9,
	    .conflicts = conflicts,
	    .conflicts_n = 1};
	struct report r = sample();
	struct contents *c;
	struct report_totals t;
	char *text;

	r.v = &left;
	r.n = 1;
	r.dry_run = false;
	r.contents = c = inside(&r);
	report_count(&r, &t);
	cr_expect_eq(report_changes(&t), 0);
	cr_expect_eq(t.classes[REPORT_KEPT], 1);
	text = written(REPORT_TEXT, LANG_EN, &r);
	cr_expect_not_null(
	    strstr(text, "Left as they are here, against the release (1)\n"),
	    "%s", text);
	cr_expect_not_null(
	    strstr(text,
		"client.ini\n"
		"    [srv] mine: 1 -> 1 (not as in the release; "
		"this station's value stays; the release's is 5)\n"),
	    "%s", text);
	free(text);
	text = written(REPORT_HTML, LANG_EN, &r);
	cr_expect_not_null(
	    strstr(text,
		"<del>1</del> &rarr; <ins>1</ins> <small>(not as in the "
		"release; this station"),
	    "%s", text);
	free(text);
	text = written(REPORT_JSON, LANG_EN, &r);
	cr_expect_not_null(strstr(text, "\"kept\""), "%s", text);
	cr_expect_not_null(strstr(text, "\"station\""), "%s", text);
	free(text);
	contents_free(c);
}

/* Beside what is one: each counts for the table of both. */
Test(report, a_change_beside_what_stays_has_its_line_too)
{
	const struct erpsync_change v[] = {{.path = "client.ini",
					       .action = ERPSYNC_ACTION_EXTRA,
					       .type = ERPSYNC_FILE,
					       .kind = ERPSYNC_KIND_INI,
					       .conflicts = conflicts,
					       .conflicts_n = 1},
	    {.path = "touched",
		.action = ERPSYNC_ACTION_META,
		.reasons = ERPSYNC_REASON_TIME,
		.type = ERPSYNC_FILE}};
	struct report r = sample();
	char *text;

	r.v = v;
	r.n = 2;
	text = written(REPORT_TEXT, LANG_EN, &r);
	cr_expect_not_null(strstr(text, "client.ini\n"), "%s", text);
	cr_expect_null(strstr(text, "touched"), "%s", text);
	free(text);
	r.all = true;
	text = written(REPORT_TEXT, LANG_EN, &r);
	cr_expect_not_null(strstr(text, "client.ini\n"), "%s", text);
	cr_expect_not_null(strstr(text, "touched\n"), "%s", text);
	free(text);
}

/* What differs in time only is counted, unless all is asked for. */
Test(report, text_folds_what_differs_in_time_only)
{
	struct erpsync_change v[4];
	struct report r = sample();
	char *text;
	size_t i;

	for (i = 0; i < 4; i++) {
		v[i] = items[5];
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

/* Each form tells it, and nothing of files. */
Test(report, a_server_that_gives_none_is_told)
{
	struct report r = {
	    .dry_run = true, .folder = "/erp", .verdict = ERPSYNC_NOT_NOW};
	static const enum erpsync_verdict none[] = {
	    ERPSYNC_DISABLED, ERPSYNC_NO_PACKAGE, ERPSYNC_NOT_NOW};
	char *text = written(REPORT_JSON, LANG_PT, &r);
	json_t *o = json_loads(text, 0, NULL);
	size_t i;

	cr_expect_str_eq(
	    json_string_value(json_object_get(o, "verdict")), "not-now");
	cr_expect(json_is_null(json_object_get(o, "opens")));
	cr_expect_eq(json_array_size(json_object_get(o, "items")), 0);
	json_decref(o);
	free(text);
	(void)setenv("TZ", "UTC3", 1);
	tzset();
	r.facts.opens = 1790000000;
	text = written(REPORT_JSON, LANG_PT, &r);
	cr_expect_not_null(
	    strstr(text, "\"opens\": \"2026-09-21T14:13:20Z\""), "%s", text);
	free(text);
	text = written(REPORT_TEXT, LANG_EN, &r);
	cr_expect_not_null(
	    strstr(text, "Next hours  2026-09-21 11:13:20 -03:00\n"), "%s",
	    text);
	free(text);
	check_form(REPORT_BRIEF, LANG_EN, &r, "/erp: it gives no update now\n");
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		r.verdict = none[i];
		text = written(REPORT_HTML, LANG_EN, &r);
		cr_expect_not_null(
		    strstr(text, "<div class=\"sum warn\">"), "%s", text);
		cr_expect_null(strstr(text, "New: 0"), "%s", text);
		cr_expect_null(strstr(text, "Content of"), "%s", text);
		free(text);
	}
}

/* Two folders have no server, and nothing travels. */
Test(report, text_of_two_folders)
{
	struct report r = {
	    .dry_run = true, .folder = "a", .other = "b", .n = 0};

	check_form(REPORT_TEXT, LANG_EN, &r,
	    "Comparison of two folders (nothing was changed): a\n"
	    "Compared with  b\n"
	    "\n"
	    "Conclusion: the folders are equal.\n");
	r.v = &items[6];
	r.n = 1;
	check_form(REPORT_TEXT, LANG_EN, &r,
	    "Comparison of two folders (nothing was changed): a\n"
	    "Compared with  b\n"
	    "\n"
	    "Conclusion: entries that differ: 1.\n"
	    "New: 0. Changed: 1. Attributes only: 0. To delete: 0. Same: 0. "
	    "Only on the station (left alone): 0.\n"
	    "\n"
	    "action   why            size  sent  received  as    file\n"
	    "INI files (1)\n"
	    "changed  size, content   300    50       250  full  client.ini\n");
	check_form(REPORT_BRIEF, LANG_EN, &r,
	    "a: to change: 1 (programs 0, INI 1, other 0, new 0, removed 0, "
	    "changed here 0)\n");
}

/* An update that came to nothing says so in each form for people. */
Test(report, a_failed_update_is_told)
{
	static const struct err failure = {.code = ERP_NOSPACE,
	    .msg = "/erp: 3 MB needed, 1 MB free; make space and try again"};
	struct report r = sample();
	char *text;

	r.dry_run = false;
	r.refusal = &failure;
	text = written(REPORT_TEXT, LANG_EN, &r);
	cr_expect_not_null(strstr(
	    text, "Conclusion: the update failed; nothing was changed.\n"));
	cr_expect_not_null(strstr(text,
	    "The Remote could not be updated automatically\n"
	    "UPD021: Not enough disk space or inodes: /erp: 3 MB needed"));
	free(text);
	text = written(REPORT_HTML, LANG_EN, &r);
	cr_expect_not_null(strstr(text, "<div class=\"sum bad\">"));
	cr_expect_not_null(strstr(text,
	    "<strong>The Remote could not be updated automatically</strong> "
	    "/erp: 3 MB needed"));
	free(text);
	text = written(REPORT_BRIEF, LANG_EN, &r);
	cr_expect_not_null(strstr(text,
	    "; The Remote could not be updated automatically: /erp: 3 MB"));
	free(text);
	text = written(REPORT_BRIEF, LANG_ES, &r);
	cr_expect_not_null(strstr(text, "/erp: se necesitan 3 MB"));
	free(text);
}

Test(report, a_failed_check_is_told_as_one)
{
	static const struct err failure = {.code = ERP_UNREACHABLE,
	    .msg = "connect to erp port 4330: refused"};
	struct report r = {.dry_run = true,
	    .folder = "/opt/erp",
	    .refusal = &failure,
	    .failed = true};
	char *text = written(REPORT_TEXT, LANG_EN, &r);

	cr_expect_not_null(strstr(text, "the check failed"), "%s", text);
	cr_expect_not_null(
	    strstr(text, "Remote could not be checked"), "%s", text);
	cr_expect_not_null(strstr(text, failure.msg), "%s", text);
	cr_expect_null(strstr(text, "nothing to update"), "%s", text);
	free(text);
}

/* How long it takes, by what is known of the link. */
Test(report, the_time_is_told_by_what_is_known_of_the_link)
{
	struct report r = sample();
	char *text;

	r.sent = 0;
	r.received = 125000 * 60;
	text = written(REPORT_TEXT, LANG_EN, &r);
	cr_expect_not_null(strstr(
	    text, "Time      about 1:00 at 122 KB a second (of --rate)"));
	free(text);
	r.received++;
	r.facts.rate = 0;
	r.facts.outlook.rate = 125000;
	text = written(REPORT_TEXT, LANG_EN, &r);
	cr_expect_not_null(strstr(text,
	    "about 1:01 at 122 KB a second (as the list of files "
	    "came)"));
	free(text);
	r.facts.outlook.rate = 0;
	r.received = (uint64_t)125000 * 3600;
	text = written(REPORT_TEXT, LANG_EN, &r);
	cr_expect_not_null(strstr(
	    text, "about 1:00:00 at 1 Mbit/s, 6:00 at 10 Mbit/s (--rate "));
	free(text);
	r.received = 125000 * 59;
	text = written(REPORT_TEXT, LANG_EN, &r);
	cr_expect_not_null(
	    strstr(text, "about 0:59 at 1 Mbit/s, 0:06 at 10 Mbit/s"));
	free(text);
}

Test(report, a_file_tells_its_form_by_its_ending)
{
	cr_expect_eq(report_format_of("a.html"), REPORT_HTML);
	cr_expect_eq(report_format_of("/d.csv/a.HTM"), REPORT_HTML);
	cr_expect_eq(report_format_of("a.json"), REPORT_JSON);
	cr_expect_eq(report_format_of("a.csv"), REPORT_CSV);
	cr_expect_eq(report_format_of("a.txt"), REPORT_TEXT);
	cr_expect_eq(report_format_of("a.log"), -1);
	cr_expect_eq(report_format_of("html"), -1);
}

Test(report, many_bytes_are_told_in_larger_units_too)
{
	char out[REPORT_BYTES_MAX];

	report_bytes(out, LANG_EN, 1023);
	cr_expect_str_eq(out, "1,023 bytes");
	report_bytes(out, LANG_EN, 1024);
	cr_expect_str_eq(out, "1,024 bytes (1 KB)");
}

Test(report, itemize_is_rsyncs)
{
	static const struct {
		struct erpsync_change item;
		const char *line;
	} cases[] = {
	    {{.path = "a", .action = ERPSYNC_ACTION_NEW, .type = ERPSYNC_FILE},
		">f+++++++++ a\n"},
	    {{.path = "d", .action = ERPSYNC_ACTION_NEW, .type = ERPSYNC_DIR},
		"cd+++++++++ d/\n"},
	    {{.path = "l",
		 .action = ERPSYNC_ACTION_NEW,
		 .type = ERPSYNC_SYMLINK,
		 .target = "a b"},
		"cL+++++++++ l -> a b\n"},
	    {{.path = "a",
		 .action = ERPSYNC_ACTION_CHANGED,
		 .type = ERPSYNC_FILE,
		 .reasons = ERPSYNC_REASON_SIZE | ERPSYNC_REASON_TIME},
		">f.st...... a\n"},
	    {{.path = "a",
		 .action = ERPSYNC_ACTION_CHANGED,
		 .type = ERPSYNC_FILE,
		 .reasons = ERPSYNC_REASON_CONTENT},
		">fc........ a\n"},
	    {{.path = "a",
		 .action = ERPSYNC_ACTION_CHANGED,
		 .type = ERPSYNC_FILE,
		 .reasons = ERPSYNC_REASON_TYPE},
		">f+++++++++ a\n"},
	    {{.path = "a",
		 .action = ERPSYNC_ACTION_CHANGED,
		 .type = ERPSYNC_FILE,
		 .reasons = ERPSYNC_REASON_TYPE | ERPSYNC_REASON_CONTENT |
		     ERPSYNC_REASON_SIZE | ERPSYNC_REASON_TIME |
		     ERPSYNC_REASON_EXEC},
		">f+++++++++ a\n"},
	    {{.path = "a",
		 .action = ERPSYNC_ACTION_META,
		 .type = ERPSYNC_FILE,
		 .reasons = ERPSYNC_REASON_TIME},
		".f..t...... a\n"},
	    {{.path = "a",
		 .action = ERPSYNC_ACTION_META,
		 .type = ERPSYNC_FILE,
		 .reasons = ERPSYNC_REASON_TIME | ERPSYNC_REASON_EXEC},
		".f..tp..... a\n"},
	    {{.path = "l",
		 .action = ERPSYNC_ACTION_CHANGED,
		 .type = ERPSYNC_SYMLINK,
		 .target = "b",
		 .reasons = ERPSYNC_REASON_TARGET},
		"cLc........ l -> b\n"},
	    {{.path = "d",
		 .action = ERPSYNC_ACTION_DELETE,
		 .type = ERPSYNC_DIR},
		"*deleting   d/\n"},
	    {{.path = "a\nb",
		 .action = ERPSYNC_ACTION_DELETE,
		 .type = ERPSYNC_FILE},
		"*deleting   a\\nb\n"},
	    {{.path = "a", .action = ERPSYNC_ACTION_SAME, .type = ERPSYNC_FILE},
		""},
	    {{.path = "a",
		 .action = ERPSYNC_ACTION_EXTRA,
		 .type = ERPSYNC_FILE},
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
	    "Number of files: 11 (reg: 9, dir: 1, link: 1)\n"
	    "Number of created files: 4 (reg: 2, dir: 1, link: 1)\n"
	    "Number of deleted files: 1 (reg: 1)\n"
	    "Number of regular files transferred: 5\n"
	    "Total file size: 2,047,590 bytes\n"
	    "Total transferred file size: 2,041,360 bytes\n"
	    "Literal data: 61,000 bytes\n"
	    "Matched data: 1,980,360 bytes\n"
	    "Total bytes sent: 5,900\n"
	    "Total bytes received: 63,000\n"
	    "\n"
	    "sent 5,900 bytes  received 63,000 bytes  34,450.00 bytes/sec\n"
	    "total size is 2,047,590  speedup is 29.72 (DRY RUN)\n");
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
	    {.path = "a,\"b\"\r\n",
		.action = ERPSYNC_ACTION_CHANGED,
		.reasons = ERPSYNC_REASON_TIME | ERPSYNC_REASON_SIZE,
		.type = ERPSYNC_FILE,
		.size = 5,
		.codec = ERPSYNC_CODEC_RSYNC,
		.sent = 1,
		.received = 2,
		.old_size = 4,
		.edited = true},
	    {.path = "plain file",
		.action = ERPSYNC_ACTION_EXTRA,
		.type = ERPSYNC_DIR},
	    {.path = "new",
		.action = ERPSYNC_ACTION_NEW,
		.type = ERPSYNC_FILE,
		.size = 3,
		.from = "was, before"},
	    {.path = "same",
		.action = ERPSYNC_ACTION_SAME,
		.type = ERPSYNC_FILE},
	};
	struct report r = {.v = odd, .n = 4};

	check_form(REPORT_CSV, LANG_PT, &r,
	    "path,type,action,reasons,size,codec,sent_bytes,received_bytes,"
	    "class,old_size,from,edited\r\n"
	    "\"a,\"\"b\"\"\\r\\n\",file,changed,size time,5,rsync,1,2,"
	    "edited,4,,yes\r\n"
	    "plain file,folder,extra,,0,,0,0,,0,,no\r\n"
	    "new,file,new,,3,,0,0,moved,0,\"was, before\",no\r\n");
}

Test(report, json_of_unknown_and_foreign_text)
{
	struct erpsync_change odd = {.path = "a\"\xff",
	    .action = ERPSYNC_ACTION_NEW,
	    .type = ERPSYNC_FILE,
	    .size = UINT64_MAX};
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

Test(report, html_folds_what_differs_in_time_only)
{
	struct erpsync_change v[3];
	struct report r = sample();
	char *text;
	size_t i;

	for (i = 0; i < 3; i++) {
		v[i] = items[5];
		v[i].path = "touched";
		v[i].reasons = ERPSYNC_REASON_TIME;
	}
	r.v = v;
	r.n = 3;
	text = written(REPORT_HTML, LANG_ES, &r);
	cr_expect_null(strstr(text, "touched"));
	cr_expect_null(
	    strstr(text, "<table class=\"list\">"), "an empty table");
	cr_expect_not_null(strstr(
	    text, "<p>Solo difiere la hora: 3 más (--all los lista).\n</p>"));
	free(text);
	r.all = true;
	text = written(REPORT_HTML, LANG_ES, &r);
	cr_expect_not_null(strstr(text, "touched"));
	cr_expect_null(strstr(text, "--all"));
	free(text);
}

/* What a name may be, no name can get out of. */
Test(report, html_lets_nothing_break_out)
{
	struct erpsync_change odd = {.path = "<script>&'\"\001",
	    .from = "</td>",
	    .action = ERPSYNC_ACTION_NEW,
	    .type = ERPSYNC_FILE,
	    .size = 5,
	    .codec = ERPSYNC_CODEC_FULL,
	    .sent = 1,
	    .received = 2};
	struct report r = {.v = &odd,
	    .verdict = ERPSYNC_COMPATIBLE,
	    .n = 1,
	    .dry_run = true,
	    .folder = "</style>\"}",
	    .server = "<b>",
	    .from_build = "</dd>"};
	char *text = written(REPORT_HTML, LANG_PT, &r), *script;

	cr_assert_eq(strncmp(text,
			 "<!DOCTYPE html>\n<html lang=\"pt\">\n<head>\n"
			 "<meta charset=\"utf-8\">\n",
			 60),
	    0);
	cr_expect_not_null(strstr(text,
	    "<td class=\"f\">&lt;script&gt;&amp;&#39;&quot;\\001 "
	    "<small>&larr; &lt;/td&gt;</small></td>"));
	cr_expect_not_null(strstr(text, "<dd>&lt;b&gt;</dd>"));
	cr_expect_not_null(strstr(text, "<dd>&lt;/dd&gt; -&gt; "));
	cr_expect_not_null(
	    strstr(text, "\\3c \\2f style\\3e \\22 \\7d \"}@bottom-right"));
	/* One script, which is ours, and nothing from elsewhere. */
	script = strstr(text, "<script>");
	cr_assert_not_null(script);
	cr_expect_null(strstr(script + 1, "<script>"));
	cr_expect_eq(
	    strncmp(script, "<script>\ndocument.querySelectorAll", 34), 0);
	cr_expect_null(strstr(text, "http:"));
	cr_expect_null(strstr(text, "https:"));
	cr_expect_null(strstr(text, "src="));
	cr_expect_null(strstr(text, "href="));
	cr_expect_not_null(strstr(text, "default-src 'none'"));
	cr_expect_not_null(strstr(text, "</body>\n</html>\n"));
	free(text);
}

/* Paper has many rows in columns, few as the screen has them. */
Test(report, html_is_dense_where_there_is_much)
{
	struct erpsync_change v[62];
	struct report r = sample();
	char *text;
	size_t i;

	for (i = 0; i < 62; i++) {
		v[i] = items[12];
		v[i].received = 1000 + i;
	}
	v[61] = items[8];
	r.v = v;
	r.n = 60;
	text = written(REPORT_HTML, LANG_EN, &r);
	cr_expect_not_null(strstr(text, "<body>"));
	cr_expect_null(strstr(text, "@top-right"));
	free(text);
	r.n = 62;
	text = written(REPORT_HTML, LANG_EN, &r);
	cr_expect_not_null(strstr(text, "<body class=\"dense\">"));
	/* The columns' heads, on each page. */
	cr_expect_not_null(strstr(
	    text, "@top-right{font:6pt sans-serif;content:\"file, size, rec"));
	/* Twelve have bars of their own, and the others one. */
	cr_expect_not_null(strstr(text, ">others: 49</td>"));
	free(text);
}

Test(report, one_byte_is_one)
{
	struct report r = sample();
	char *text;

	r.sent = 1;
	r.received = 2;
	text = written(REPORT_TEXT, LANG_EN, &r);
	cr_expect_not_null(strstr(text, " 1 byte sent, 2 bytes received"));
	free(text);
}

Test(report, a_full_disk_is_seen)
{
	static const enum report_format formats[] = {REPORT_TEXT,
	    REPORT_ITEMIZE, REPORT_JSON, REPORT_CSV, REPORT_HTML, REPORT_BRIEF};
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
