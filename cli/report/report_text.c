/*
 * The report for people: what it comes to, then a table and its sums.  One of
 * the writers that report_write.c chooses from.
 */
#include "cli/report/report_internal.h"

#include "cli/failure.h"
#include "cli/messages/details.h"
#include "cli/messages/figures.h"
#include "cli/report/columns.h"
#include "cli/report/contents.h"
#include "cli/streams.h"
#include "engine/base/err.h"
#include "engine/base/text.h"

#include <stdlib.h>
#include <string.h>

enum { CELLS = 6, SUM_COLUMNS = 14 };

/* One line of the table but for its path. */
struct row {
	const char *action;
	char why[REPORT_WHY_MAX];
	char size[FIGURES_MAX];
	char sent[FIGURES_MAX];
	char received[FIGURES_MAX];
	const char *codec;
};

static void
row_of(struct row *row, enum lang lang, const struct erpsync_change *item)
{
	row->action = messages_text(lang, report_action_key(item->action));
	report_why(row->why, lang, item->reasons);
	if (row->why[0] == '\0')
		(void)snprintf(row->why, sizeof(row->why), "-");
	figures_count(row->size, lang, item->size);
	figures_count(row->sent, lang, item->sent);
	figures_count(row->received, lang, item->received);
	row->codec = report_codec_word(item->codec);
	if (row->codec == NULL)
		row->codec = "-";
}

/* Cells in their order; the numbers stand right. */
static void
row_cells(const struct row *row, const char *cells[CELLS])
{
	cells[0] = row->action;
	cells[1] = row->why;
	cells[2] = row->size;
	cells[3] = row->sent;
	cells[4] = row->received;
	cells[5] = row->codec;
}

static void
cells_widen(size_t widths[CELLS], const char *const cells[CELLS])
{
	size_t i, n;

	for (i = 0; i < CELLS; i++) {
		n = columns_of(cells[i]);
		if (n > widths[i])
			widths[i] = n;
	}
}

/* How wide the table is, and whether paths have lines of their own. */
struct layout {
	size_t widths[CELLS];
	bool is_narrow;
};

static void
cells_print(FILE *out, const struct layout *layout,
    const char *const cells[CELLS], const char *path)
{
	size_t i;

	for (i = 0; i < CELLS; i++) {
		if (i > 0)
			(void)fputs("  ", out);
		if (i >= 2 && i <= 4)
			columns_right(out, cells[i], layout->widths[i]);
		else
			columns_left(out, cells[i], layout->widths[i]);
	}
	fprintf(out, "%s%s\n", layout->is_narrow ? "\n    " : "  ", path);
}

/* The path, and what it was before. */
static void
path_of(char *out, size_t cap, const struct erpsync_change *item)
{
	size_t n;

	text_escape(out, cap, item->path);
	n = strlen(out);
	if (item->from == NULL || n + 4 >= cap)
		return;
	(void)snprintf(out + n, cap - n, " <- ");
	text_escape(out + n + 4, cap - n - 4, item->from);
}

static void
value_print(FILE *out, enum lang lang, const char *value)
{
	char shown[4 * PATH_MAX_BYTES + 1];

	if (value == NULL) {
		fprintf(out, "(%s)", messages_text(lang, REP125));
		return;
	}
	text_escape_rest(shown, sizeof(shown), value);
	(void)fputs(shown, out);
}

/* "[section] key: old -> new", or a line of a diff. */
static void
inside_line(FILE *out, enum lang lang, const struct contents_line *line)
{
	char shown[4 * PATH_MAX_BYTES + 1];

	if (line->section == NULL) {
		text_escape_rest(shown, sizeof(shown), line->text);
		fprintf(out, "    %s\n", shown);
		return;
	}
	text_escape_rest(shown, sizeof(shown), line->section);
	fprintf(out, "    [%s] ", shown);
	text_escape_rest(shown, sizeof(shown), line->text);
	fprintf(out, "%s: ", shown);
	value_print(out, lang, line->old_value);
	(void)fputs(" -> ", out);
	value_print(out, lang, line->new_value);
	if (line->conflict != NULL) {
		fprintf(out, " (%s",
		    messages_text(lang, report_conflict_key(line->conflict)));
		if (!line->conflict->release_wins) {
			fprintf(out, "; %s ", messages_text(lang, REP128));
			value_print(out, lang, line->release_value);
		}
		(void)fputc(')', out);
	}
	(void)fputc('\n', out);
}

/* What changes in the file: a line for each key, or for each line. */
static void
inside_print(FILE *out, enum lang lang, const struct report *r, size_t i)
{
	struct contents_line line;
	const char *why = contents_why(r->contents, i);
	size_t k;

	for (k = 0; contents_line(r->contents, i, k, &line); k++)
		inside_line(out, lang, &line);
	if (why != NULL)
		fprintf(out, "    (%s)\n", messages_text(lang, why));
}

static void
class_print(FILE *out, enum lang lang, const struct report *r,
    const struct layout *layout, enum report_class class)
{
	char path[8 * PATH_MAX_BYTES + 5];
	const char *cells[CELLS];
	struct row row;
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (report_class_of(&r->v[i]) != class)
			continue;
		row_of(&row, lang, &r->v[i]);
		row_cells(&row, cells);
		path_of(path, sizeof(path), &r->v[i]);
		cells_print(out, layout, cells, path);
		inside_print(out, lang, r, i);
	}
}

/* Of the terminal that it goes to, if that is one. */
static void
layout_make(struct layout *layout, FILE *out, enum lang lang,
    const struct report *r, const char *const head[CELLS])
{
	size_t sum = 2 * CELLS, longest = 0, n, i;
	char path[8 * PATH_MAX_BYTES + 5];
	unsigned columns = streams_columns(out);
	const char *cells[CELLS];
	struct row row;

	memset(layout, 0, sizeof(*layout));
	cells_widen(layout->widths, head);
	for (i = 0; i < r->n; i++) {
		if (!report_has_line(r, &r->v[i]))
			continue;
		row_of(&row, lang, &r->v[i]);
		row_cells(&row, cells);
		cells_widen(layout->widths, cells);
		path_of(path, sizeof(path), &r->v[i]);
		if ((n = columns_of(path)) > longest)
			longest = n;
	}
	for (i = 0; i < CELLS; i++)
		sum += layout->widths[i];
	layout->is_narrow = columns > 0 && sum + longest >= columns;
}

static void
table_print(FILE *out, enum lang lang, const struct report *r,
    const struct report_totals *t)
{
	const char *head[CELLS] = {messages_text(lang, REP020),
	    messages_text(lang, REP021), messages_text(lang, REP022),
	    messages_text(lang, REP023), messages_text(lang, REP024),
	    messages_text(lang, REP025)};
	enum report_class class,
	    last = r->all ? REPORT_TIMES : REPORT_ATTRIBUTES;
	struct layout layout;

	layout_make(&layout, out, lang, r, head);
	cells_print(out, &layout, head, messages_text(lang, REP026));
	for (class = REPORT_PROGRAMS; class <= last; class ++) {
		if (t->classes[class] == 0)
			continue;
		fprintf(out, "%s (%zu)\n",
		    messages_text(lang, report_class_key(class)),
		    t->classes[class]);
		class_print(out, lang, r, &layout, class);
	}
}

/* One line of the sums. */
struct sum {
	const char *label;
	uint64_t sent;
	uint64_t received;
};

static void
sums_print(FILE *out, enum lang lang, const struct report *r,
    const struct report_totals *t)
{
	/* A session that was not measured as a whole has no remainder. */
	struct sum sums[] = {
	    {messages_text(lang, REP027), t->sent, t->received},
	    {messages_text(lang, REP028),
		r->sent > t->sent ? r->sent - t->sent : 0,
		r->received > t->received ? r->received - t->received : 0},
	    {messages_text(lang, REP029), r->sent, r->received}};
	const char *sent = messages_text(lang, REP023);
	const char *received = messages_text(lang, REP024);
	char text[FIGURES_MAX];
	size_t i, label = 0, wide = SUM_COLUMNS;

	for (i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		if (columns_of(sums[i].label) > label)
			label = columns_of(sums[i].label);
	columns_left(out, "", label);
	columns_right(out, sent, wide);
	columns_right(out, received, wide);
	(void)fputc('\n', out);
	for (i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		columns_left(out, sums[i].label, label);
		figures_count(text, lang, sums[i].sent);
		columns_right(out, text, wide);
		figures_count(text, lang, sums[i].received);
		columns_right(out, text, wide);
		(void)fputc('\n', out);
	}
}

static void
head_print(FILE *out, enum lang lang, const struct report *r)
{
	struct report_fact facts[REPORT_FACTS];
	char shown[4 * PATH_MAX_BYTES + 1];
	size_t i, n = report_heading(facts, lang, r), wide, label = 0;

	text_escape(shown, sizeof(shown), r->folder != NULL ? r->folder : ".");
	fprintf(
	    out, "%s: %s\n", messages_text(lang, report_title_key(r)), shown);
	for (i = 0; i < n; i++)
		if ((wide = columns_of(messages_text(lang, facts[i].key))) >
		    label)
			label = wide;
	for (i = 0; i < n; i++) {
		columns_left(out, messages_text(lang, facts[i].key), label);
		fprintf(out, "  %s\n", facts[i].text);
	}
	(void)fputc('\n', out);
}

/* The sentences that say all: what it comes to, how much, and why not. */
static void
summary_print(FILE *out, enum lang lang, const struct report *r,
    const struct report_totals *t)
{
	char content[REPORT_BYTES_MAX], sent[REPORT_BYTES_MAX];
	char received[REPORT_BYTES_MAX];

	report_conclusion(out, lang, r);
	if (r->n > 0) {
		report_bytes(content, lang, t->content_bytes);
		report_bytes(sent, lang, r->sent);
		report_bytes(received, lang, r->received);
		messages_print(out, lang, REP050, t->kinds[ERPSYNC_ACTION_NEW],
		    t->kinds[ERPSYNC_ACTION_CHANGED],
		    t->kinds[ERPSYNC_ACTION_META],
		    t->kinds[ERPSYNC_ACTION_DELETE],
		    t->kinds[ERPSYNC_ACTION_SAME],
		    t->kinds[ERPSYNC_ACTION_EXTRA]);
		if (r->other == NULL)
			messages_print(
			    out, lang, REP051, content, sent, received);
	}
	if (t->classes[REPORT_EDITED] > 0)
		messages_print(out, lang, r->dry_run ? REP110 : REP111,
		    t->classes[REPORT_EDITED]);
	if (r->refusal == NULL)
		return;
	fprintf(out, "%s\n", messages_text(lang, report_refusal_key(r)));
	if (r->advice != NULL)
		messages_advice(out, lang, *r->advice, r->refusal->msg);
	else
		messages_reason(out, lang, r->refusal);
}

void
report_text(FILE *out, enum lang lang, const struct report *r)
{
	struct report_totals t;

	report_count(r, &t);
	head_print(out, lang, r);
	summary_print(out, lang, r, &t);
	if (report_changes(&t) + t.classes[REPORT_KEPT] > 0) {
		(void)fputc('\n', out);
		if (report_changes(&t) + t.classes[REPORT_KEPT] >
		    report_folded(r))
			table_print(out, lang, r, &t);
		if (report_folded(r) > 0)
			messages_print(out, lang, REP066, report_folded(r));
		if (r->other != NULL)
			return;
		(void)fputc('\n', out);
		sums_print(out, lang, r, &t);
	}
}

/* One line for scripts and mails; the exit code says it shorter. */
void
report_brief(FILE *out, enum lang lang, const struct report *r)
{
	char bytes[FIGURES_MAX], shown[4 * PATH_MAX_BYTES + 1];
	char detail[DETAIL_MAX];
	const char *what;
	struct report_totals t;

	report_count(r, &t);
	text_escape(shown, sizeof(shown), r->folder != NULL ? r->folder : ".");
	fprintf(out, "%s: ", shown);
	if (report_is_turned_away(r)) {
		fprintf(out, "%s\n",
		    messages_text(lang, report_verdict_key(r->verdict)));
		return;
	}
	fprintf(out, messages_text(lang, r->dry_run ? REP130 : REP131),
	    report_changes(&t), t.classes[REPORT_PROGRAMS],
	    t.classes[REPORT_INI], t.classes[REPORT_OTHERS],
	    t.classes[REPORT_NEW] + t.classes[REPORT_MOVED],
	    t.classes[REPORT_REMOVED], t.classes[REPORT_EDITED]);
	if (r->other == NULL) {
		figures_bytes(bytes, lang, r->sent + r->received);
		fprintf(out, "; %s: %s; %s", messages_text(lang, REP146), bytes,
		    messages_text(lang, report_verdict_key(r->verdict)));
	}
	if (r->refusal != NULL) {
		details_text(lang, r->refusal->msg, detail);
		text_escape_rest(shown, sizeof(shown), detail);
		what = messages_text(lang, report_refusal_key(r));
		fprintf(
		    out, "; %.*s: %s", (int)strcspn(what, "."), what, shown);
	}
	(void)fputc('\n', out);
}
