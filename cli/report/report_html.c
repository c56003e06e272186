/*
 * The report as one HTML page that needs nothing else: no script, no other
 * file.  One of the writers that report_write.c chooses from.
 */
#include "cli/report/report_internal.h"

#include "cli/messages/details.h"
#include "engine/base/err.h"
#include "engine/base/text.h"

#include <stdlib.h>

/* Text as content or attribute value; control characters are escaped first,
 * since a path may hold any that its file system allows. */
static void
html(FILE *out, const char *text)
{
	char shown[4 * PATH_MAX_BYTES + 1];
	const char *p;

	text_escape(shown, sizeof(shown), text != NULL ? text : "-");
	for (p = shown; *p != '\0'; p++)
		switch (*p) {
		case '&':
			(void)fputs("&amp;", out);
			break;
		case '<':
			(void)fputs("&lt;", out);
			break;
		case '>':
			(void)fputs("&gt;", out);
			break;
		case '"':
			(void)fputs("&quot;", out);
			break;
		case '\'':
			(void)fputs("&#39;", out);
			break;
		default:
			(void)fputc(*p, out);
			break;
		}
}

static void
head_html(FILE *out, const char *title, enum lang lang)
{
	fprintf(out,
	    "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<title>",
	    lang_name(lang));
	html(out, title);
	fprintf(out,
	    "</title>\n<style>\n"
	    "body { font-family: sans-serif; margin: 2em; }\n"
	    "table { border-collapse: collapse; margin: 1em 0; }\n"
	    "th, td { padding: .2em .8em; text-align: left; "
	    "border-bottom: 1px solid #ccc; }\n"
	    ".n { text-align: right; }\n"
	    "</style>\n</head>\n<body>\n<h1>");
	html(out, title);
	fprintf(out, "</h1>\n");
}

static void
fact_html(FILE *out, const char *label, const char *value)
{
	fprintf(out, "<tr><th>");
	html(out, label);
	fprintf(out, "</th><td>");
	html(out, value);
	fprintf(out, "</td></tr>\n");
}

static void
facts_html(FILE *out, enum lang lang, const struct report *r)
{
	char versions[REPORT_VERSIONS_MAX], release[HASH_HEX_LEN + 1];

	report_versions(versions, lang, r);
	hash_hex(&r->release, release);
	fprintf(out, "<table>\n");
	fact_html(out, messages_text(lang, REP003), r->server);
	fact_html(out, messages_text(lang, REP004),
	    hash_is_zero(&r->release) ? NULL : release);
	fact_html(out, messages_text(lang, REP005), versions);
	fact_html(out, messages_text(lang, REP006),
	    messages_text(lang, report_verdict_key(r->verdict)));
	fprintf(out, "</table>\n");
}

static void
item_html(FILE *out, enum lang lang, const struct erpsync_change *item)
{
	char why[REPORT_WHY_MAX];

	report_why(why, lang, item->reasons);
	fprintf(out, "<tr><td>");
	html(out, messages_text(lang, report_action_key(item->action)));
	fprintf(out, "</td><td>");
	html(out, why);
	fprintf(out,
	    "</td><td class=\"n\">%" PRIu64 "</td><td class=\"n\">%" PRIu64
	    "</td><td class=\"n\">%" PRIu64 "</td><td>",
	    item->size, item->sent, item->received);
	html(out, report_codec_word(item->codec));
	fprintf(out, "</td><td>");
	html(out, item->path);
	fprintf(out, "</td></tr>\n");
}

static void
items_html(FILE *out, enum lang lang, const struct report *r)
{
	const char *keys[] = {
	    REP020, REP021, REP022, REP023, REP024, REP025, REP026};
	size_t i;

	fprintf(out, "<table>\n<tr>");
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		fprintf(out, "<th%s>", i >= 2 && i <= 4 ? " class=\"n\"" : "");
		html(out, messages_text(lang, keys[i]));
		fprintf(out, "</th>");
	}
	fprintf(out, "</tr>\n");
	for (i = 0; i < r->n; i++)
		if (report_has_line(r, &r->v[i]))
			item_html(out, lang, &r->v[i]);
	fprintf(out, "</table>\n");
}

/* The sentences that say all: what it comes to, how much, and why not. */
static void
summary_html(FILE *out, enum lang lang, const struct report *r,
    const struct report_totals *t)
{
	char content[REPORT_BYTES_MAX], sent[REPORT_BYTES_MAX];
	char received[REPORT_BYTES_MAX], detail[DETAIL_MAX];

	report_bytes(content, lang, t->content_bytes);
	report_bytes(sent, lang, r->sent);
	report_bytes(received, lang, r->received);
	fprintf(out, "<p><strong>");
	report_conclusion(out, lang, r);
	fprintf(out, "</strong></p>\n<p>");
	messages_print(out, lang, REP050, t->kinds[ERPSYNC_ACTION_NEW],
	    t->kinds[ERPSYNC_ACTION_CHANGED], t->kinds[ERPSYNC_ACTION_META],
	    t->kinds[ERPSYNC_ACTION_DELETE], t->kinds[ERPSYNC_ACTION_SAME],
	    t->kinds[ERPSYNC_ACTION_EXTRA]);
	fprintf(out, "</p>\n<p>");
	messages_print(out, lang, REP051, content, sent, received);
	fprintf(out, "</p>\n");
	if (r->refusal == NULL)
		return;
	fprintf(out, "<p><strong>%s</strong> ", messages_text(lang, REP065));
	details_text(lang, r->refusal->msg, detail);
	html(out, detail);
	fprintf(out, "</p>\n");
}

void
report_html(FILE *out, enum lang lang, const struct report *r)
{
	struct report_totals t;

	report_count(r, &t);
	head_html(out, messages_text(lang, r->dry_run ? REP002 : REP001), lang);
	fprintf(out, "<p>");
	html(out, r->folder);
	fprintf(out, "</p>\n");
	facts_html(out, lang, r);
	summary_html(out, lang, r, &t);
	if (report_changes(&t) > report_folded(r))
		items_html(out, lang, r);
	if (report_folded(r) > 0) {
		fprintf(out, "<p>");
		messages_print(out, lang, REP066, report_folded(r));
		fprintf(out, "</p>\n");
	}
	fprintf(out, "</body>\n</html>\n");
}
