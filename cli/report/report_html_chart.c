/*
 * The bars of the HTML report: which bytes travel, by kind of transfer and by
 * file.  Drawn as SVG, which is printed as it is.  Beside report_html.c, on
 * report_html_page.c.
 */
#include "cli/report/report_html_internal.h"

#include "cli/messages/figures.h"

#include <stdlib.h>
#include <string.h>

enum { BARS = 12 }; /* files with a bar of their own */

/* One bar: how it is called, how long, and its colour, which is the word of a
 * codec or "rest". */
struct bar {
	const char *label;
	uint64_t bytes;
	const char *colour;
};

static uint64_t
wire_bytes(const struct erpsync_change *item)
{
	return item->sent + item->received;
}

static int
compare_bars(const void *a, const void *b)
{
	const struct erpsync_change *const *x = a, *const *y = b;
	uint64_t p = wire_bytes(*x), q = wire_bytes(*y);

	if (p != q)
		return p < q ? 1 : -1;
	return strcmp((*x)->path, (*y)->path);
}

static void
bar_print(FILE *out, enum lang lang, const struct bar *bar, uint64_t most)
{
	/* Thousandths: what is there at all is seen. */
	uint64_t part = most == 0
	    ? 0
	    : (uint64_t)(1000 * ((double)bar->bytes / (double)most) + 0.5);
	char bytes[FIGURES_MAX];

	if (part == 0 && bar->bytes > 0)
		part = 1;
	figures_bytes(bytes, lang, bar->bytes);
	fprintf(out, "<tr><td class=\"l\">");
	html_text(out, bar->label);
	fprintf(out,
	    "</td><td><svg aria-hidden=\"true\"><rect class=\"%s\" "
	    "width=\"%" PRIu64 ".%" PRIu64 "%%\" height=\"100%%\"/></svg></td>"
	    "<td class=\"n\">%s</td><td>%s</td></tr>\n",
	    bar->colour, part / 10, part % 10, bytes,
	    strcmp(bar->colour, "rest") == 0 ? "" : bar->colour);
}

static void
chart(FILE *out, enum lang lang, const char *key, const struct bar *v, size_t n)
{
	uint64_t most = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].bytes > most)
			most = v[i].bytes;
	fprintf(out, "<section><h2>");
	html_text(out, messages_text(lang, key));
	fprintf(out, "</h2><table class=\"chart\">\n");
	for (i = 0; i < n; i++)
		if (v[i].bytes > 0)
			bar_print(out, lang, &v[i], most);
	fprintf(out, "</table></section>\n");
}

/* What is not of one file alone: the protocol, the list of files. */
static uint64_t
overhead(const struct report *r, const struct report_totals *t)
{
	uint64_t all = r->sent + r->received, files = t->sent + t->received;

	return all > files ? all - files : 0;
}

static void
chart_kinds(FILE *out, enum lang lang, const struct report *r,
    const struct report_totals *t)
{
	struct bar bars[] = {[ERPSYNC_CODEC_FULL - 1] = {NULL, 0, "full"},
	    [ERPSYNC_CODEC_RSYNC - 1] = {NULL, 0, "rsync"},
	    [ERPSYNC_CODEC_PATCH - 1] = {NULL, 0, "patch"},
	    [ERPSYNC_CODEC_PATCH] = {NULL, 0, "rest"}};
	const char *const keys[] = {REP143, REP144, REP145, REP028};
	size_t i, n = sizeof(bars) / sizeof(bars[0]);

	for (i = 0; i < n; i++)
		bars[i].label = messages_text(lang, keys[i]);
	for (i = 0; i < r->n; i++)
		if (r->v[i].codec != ERPSYNC_NO_TRANSFER)
			bars[r->v[i].codec - 1].bytes += wire_bytes(&r->v[i]);
	bars[n - 1].bytes = overhead(r, t);
	chart(out, lang, REP140, bars, n);
}

/* Those with the most, the largest first; the others together. */
static void
chart_files(FILE *out, enum lang lang, const struct report *r,
    const struct report_totals *t)
{
	const struct erpsync_change **v = calloc(r->n + 1, sizeof(*v));
	struct bar bars[BARS + 2];
	char others[REPORT_WHY_MAX];
	size_t i, n = 0, shown;

	/* The tables have all of it. */
	if (v == NULL)
		return;
	for (i = 0; i < r->n; i++)
		if (wire_bytes(&r->v[i]) > 0)
			v[n++] = &r->v[i];
	qsort(v, n, sizeof(*v), compare_bars);
	shown = n > BARS ? BARS : n;
	for (i = 0; i < shown; i++)
		bars[i] = (struct bar){v[i]->path, wire_bytes(v[i]),
		    v[i]->codec == ERPSYNC_NO_TRANSFER
			? "rest"
			: report_codec_word(v[i]->codec)};
	(void)snprintf(
	    others, sizeof(others), messages_text(lang, REP142), n - shown);
	bars[shown] = (struct bar){others, 0, "rest"};
	for (; i < n; i++)
		bars[shown].bytes += wire_bytes(v[i]);
	bars[shown + 1] =
	    (struct bar){messages_text(lang, REP028), overhead(r, t), "rest"};
	chart(out, lang, REP141, bars, shown + 2);
	free(v);
}

void
html_charts(FILE *out, enum lang lang, const struct report *r)
{
	struct report_totals t;

	report_count(r, &t);
	if (t.sent + t.received == 0)
		return;
	fprintf(out, "<div class=\"charts\">\n");
	chart_kinds(out, lang, r, &t);
	chart_files(out, lang, r, &t);
	fprintf(out, "</div>\n");
}
