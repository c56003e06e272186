/*
 * The report as one HTML page that needs nothing else: the heading, the bars,
 * and a table for each class of changes.  One of the writers that
 * report_write.c chooses from.
 */
#include "cli/report/report_html_internal.h"

#include "cli/messages/details.h"
#include "cli/report/contents.h"
#include "engine/base/err.h"

enum { DENSE_ROWS = 60 };

static void
facts_html(FILE *out, enum lang lang, const struct report *r)
{
	struct report_fact facts[REPORT_FACTS];
	size_t i, n = report_heading(facts, lang, r);

	fprintf(out, "<dl>\n");
	for (i = 0; i < n; i++) {
		fprintf(out, "<div><dt>");
		html_text(out, messages_text(lang, facts[i].key));
		fprintf(out, "</dt><dd>");
		html_text(out, facts[i].text);
		fprintf(out, "</dd></div>\n");
	}
	fprintf(out, "</dl>\n");
}

/* Why an update would be refused, or failed. */
static void
refusal_html(FILE *out, enum lang lang, const struct report *r)
{
	char detail[DETAIL_MAX];

	fprintf(out, "<p><strong>");
	html_text(out, messages_text(lang, report_refusal_key(r)));
	fprintf(out, "</strong> ");
	details_text(lang, r->refusal->msg, detail);
	html_text(out, detail);
	fprintf(out, "</p>\n");
}

/* The sentences that say all: what it comes to, how much, and why not. */
static void
summary_html(FILE *out, enum lang lang, const struct report *r,
    const struct report_totals *t)
{
	char content[REPORT_BYTES_MAX], sent[REPORT_BYTES_MAX];
	char received[REPORT_BYTES_MAX];
	size_t edited = t->classes[REPORT_EDITED];

	report_bytes(content, lang, t->content_bytes);
	report_bytes(sent, lang, r->sent);
	report_bytes(received, lang, r->received);
	fprintf(out, "<div class=\"sum%s\">\n<p class=\"end\">",
	    r->refusal != NULL                           ? " bad"
		: edited > 0 || report_is_turned_away(r) ? " warn"
							 : "");
	report_conclusion(out, lang, r);
	fprintf(out, "</p>\n");
	if (r->n > 0) {
		fprintf(out, "<p>");
		messages_print(out, lang, REP050, t->kinds[ERPSYNC_ACTION_NEW],
		    t->kinds[ERPSYNC_ACTION_CHANGED],
		    t->kinds[ERPSYNC_ACTION_META],
		    t->kinds[ERPSYNC_ACTION_DELETE],
		    t->kinds[ERPSYNC_ACTION_SAME],
		    t->kinds[ERPSYNC_ACTION_EXTRA]);
		fprintf(out, "</p>\n");
	}
	if (r->n > 0 && r->other == NULL) {
		fprintf(out, "<p>");
		messages_print(out, lang, REP051, content, sent, received);
		fprintf(out, "</p>\n");
	}
	if (edited > 0) {
		fprintf(out, "<p><strong>");
		messages_print(out, lang, r->dry_run ? REP110 : REP111, edited);
		fprintf(out, "</strong></p>\n");
	}
	if (r->refusal != NULL)
		refusal_html(out, lang, r);
	fprintf(out, "</div>\n");
}

static void
value_html(FILE *out, enum lang lang, const char *mark, const char *value)
{
	fprintf(out, "<%s>", mark);
	html_text(out, value != NULL ? value : messages_text(lang, REP125));
	fprintf(out, "</%s>", mark);
}

static void
key_html(FILE *out, enum lang lang, const struct contents_line *line)
{
	fprintf(out, "<li>[");
	html_text(out, line->section);
	fprintf(out, "] <b>");
	html_text(out, line->text);
	fprintf(out, "</b>: ");
	value_html(out, lang, "del", line->old_value);
	fprintf(out, " &rarr; ");
	value_html(out, lang, "ins", line->new_value);
	if (line->conflict != NULL) {
		fprintf(out, " <small>(");
		html_text(out,
		    messages_text(lang, report_conflict_key(line->conflict)));
		if (!line->conflict->release_wins) {
			fprintf(out, "; ");
			html_text(out, messages_text(lang, REP128));
			(void)fputc(' ', out);
			value_html(out, lang, "q", line->release_value);
		}
		fprintf(out, ")</small>");
	}
	fprintf(out, "</li>\n");
}

static void
diff_html(FILE *out, const struct contents_line *line)
{
	const char *mark = line->text[0] == '-' ? "del"
	    : line->text[0] == '+'              ? "ins"
						: NULL;

	if (mark != NULL)
		fprintf(out, "<%s>", mark);
	html_text(out, line->text);
	if (mark != NULL)
		fprintf(out, "</%s>", mark);
	(void)fputc('\n', out);
}

/* What changes in file i. */
static void
inside_html(FILE *out, enum lang lang, const struct report *r, size_t i)
{
	const char *why = contents_why(r->contents, i);
	struct contents_line line;
	size_t k = 0;
	bool keys;

	if (contents_line(r->contents, i, 0, &line)) {
		keys = line.section != NULL;
		fprintf(out, keys ? "<ul class=\"in\">\n" : "<pre>\n");
		for (; contents_line(r->contents, i, k, &line); k++)
			if (keys)
				key_html(out, lang, &line);
			else
				diff_html(out, &line);
		fprintf(out, keys ? "</ul>" : "</pre>");
	}
	if (why == NULL)
		return;
	fprintf(out, "<br><small>");
	html_text(out, messages_text(lang, why));
	fprintf(out, "</small>");
}

/* A number, with its name for where there is no room for heads. */
static void
number_html(FILE *out, enum lang lang, const char *key, uint64_t v)
{
	fprintf(out, "<td class=\"n\" data-l=\"");
	html_text(out, messages_text(lang, key));
	fprintf(out, "\">");
	html_number(out, lang, v);
	fprintf(out, "</td>");
}

static void
item_html(FILE *out, enum lang lang, const struct report *r, size_t i)
{
	const struct erpsync_change *item = &r->v[i];
	char why[REPORT_WHY_MAX];

	report_why(why, lang, item->reasons);
	fprintf(out, "<tr><td class=\"f\">");
	html_text(out, item->path);
	if (item->from != NULL) {
		fprintf(out, " <small>&larr; ");
		html_text(out, item->from);
		fprintf(out, "</small>");
	}
	inside_html(out, lang, r, i);
	fprintf(out, "</td><td class=\"w\">");
	html_text(out, why);
	fprintf(out, "</td>");
	number_html(out, lang, REP022, item->size);
	if (r->other == NULL) {
		number_html(out, lang, REP023, item->sent);
		number_html(out, lang, REP024, item->received);
		fprintf(out, "<td class=\"o\">");
		html_text(out, report_codec_word(item->codec));
		fprintf(out, "</td>");
	}
	fprintf(out, "</tr>\n");
}

static void
class_html(FILE *out, enum lang lang, const struct report *r,
    const struct report_totals *t, enum report_class class)
{
	const char *const keys[] = {
	    REP026, REP021, REP022, REP023, REP024, REP025};
	static const char kinds[] = "fwnnno"; /* of the columns, for style */
	size_t i, n = r->other == NULL ? sizeof(keys) / sizeof(keys[0]) : 3;

	if (t->classes[class] == 0)
		return;
	fprintf(out, "<section><h2>");
	html_text(out, messages_text(lang, report_class_key(class)));
	fprintf(out, " <small>");
	html_number(out, lang, t->classes[class]);
	fprintf(out, "</small></h2>\n<table class=\"list\">\n<thead><tr>");
	for (i = 0; i < n; i++) {
		fprintf(out, "<th class=\"%c\">", kinds[i]);
		html_text(out, messages_text(lang, keys[i]));
		fprintf(out, "</th>");
	}
	fprintf(out, "</tr></thead>\n<tbody>\n");
	for (i = 0; i < r->n; i++)
		if (report_class_of(&r->v[i]) == class)
			item_html(out, lang, r, i);
	fprintf(out, "</tbody>\n</table></section>\n");
}

void
report_html(FILE *out, enum lang lang, const struct report *r)
{
	enum report_class class,
	    last = r->all ? REPORT_TIMES : REPORT_ATTRIBUTES;
	struct report_totals t;
	size_t folded = report_folded(r);

	report_count(r, &t);
	html_begin(out, lang, messages_text(lang, report_title_key(r)),
	    r->folder != NULL ? r->folder : ".",
	    report_changes(&t) - folded > DENSE_ROWS);
	summary_html(out, lang, r, &t);
	facts_html(out, lang, r);
	html_charts(out, lang, r);
	for (class = REPORT_PROGRAMS; class <= last; class ++)
		class_html(out, lang, r, &t, class);
	if (folded > 0) {
		fprintf(out, "<p>");
		messages_print(out, lang, REP066, folded);
		fprintf(out, "</p>\n");
	}
	html_end(out);
}
