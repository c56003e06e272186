/*
 * rsync's two forms: itemized lines and the block of statistics, for scripts
 * that read rsync's.  Two of the writers that report_write.c chooses from.
 */
#include "cli/report/report_internal.h"

#include "engine/base/text.h"

#include <string.h>

enum { ITEMIZE_LEN = 11, COUNT_MAX = 32 };

/* rsync(1), --itemize-changes: YXcstpoguax. */
static void
itemize_codes(const struct erpsync_change *item, char codes[ITEMIZE_LEN + 1])
{
	bool whole = item->action == ERPSYNC_ACTION_NEW ||
	    (item->reasons & ERPSYNC_REASON_TYPE) != 0;

	(void)memset(codes, whole ? '+' : '.', ITEMIZE_LEN);
	codes[ITEMIZE_LEN] = '\0';
	if (item->action == ERPSYNC_ACTION_META)
		codes[0] = '.';
	else
		codes[0] = item->type == ERPSYNC_FILE ? '>' : 'c';
	codes[1] = "?fdL"[item->type];
	if (whole)
		return;
	if ((item->reasons &
		(ERPSYNC_REASON_CONTENT | ERPSYNC_REASON_TARGET)) != 0)
		codes[2] = 'c';
	if ((item->reasons & ERPSYNC_REASON_SIZE) != 0)
		codes[3] = 's';
	if ((item->reasons & ERPSYNC_REASON_TIME) != 0)
		codes[4] = 't';
	if ((item->reasons & ERPSYNC_REASON_EXEC) != 0)
		codes[5] = 'p';
}

void
report_itemize(FILE *out, const struct report *r)
{
	char codes[ITEMIZE_LEN + 1], shown[4 * PATH_MAX_BYTES + 1];
	const struct erpsync_change *item;

	for (item = r->v; item != r->v + r->n; item++) {
		if (!report_is_listed(item))
			continue;
		itemize_codes(item, codes);
		if (item->action == ERPSYNC_ACTION_DELETE)
			(void)memcpy(codes, "*deleting  ", ITEMIZE_LEN);
		text_escape(shown, sizeof(shown), item->path);
		fprintf(out, "%s %s%s", codes, shown,
		    item->type == ERPSYNC_DIR ? "/" : "");
		if (item->type == ERPSYNC_SYMLINK && item->target != NULL &&
		    item->action != ERPSYNC_ACTION_DELETE) {
			text_escape(shown, sizeof(shown), item->target);
			fprintf(out, " -> %s", shown);
		}
		(void)fputc('\n', out);
	}
}

/* A number with a comma every three digits, as rsync prints it. */
static const char *
commas(char out[COUNT_MAX], uint64_t v)
{
	char *p = out + COUNT_MAX - 1;
	int digits = 0;

	*p = '\0';
	do {
		if (digits > 0 && digits % 3 == 0)
			*--p = ',';
		*--p = (char)('0' + v % 10);
		digits++;
	} while ((v /= 10) > 0);
	return p;
}

static void
number_line(FILE *out, const char *label, uint64_t v, const char *unit)
{
	char text[COUNT_MAX];

	fprintf(out, "%s: %s%s\n", label, commas(text, v), unit);
}

/* "Number of files: 5 (reg: 3, dir: 2)": only the types there are. */
static void
types_line(FILE *out, const char *label, const struct report_types *t)
{
	const char *names[] = {"reg", "dir", "link"};
	size_t counts[] = {t->files, t->dirs, t->links}, i, shown = 0;
	char text[COUNT_MAX];

	fprintf(
	    out, "%s: %s", label, commas(text, t->files + t->dirs + t->links));
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		if (counts[i] > 0)
			fprintf(out, "%s%s: %s", shown++ == 0 ? " (" : ", ",
			    names[i], commas(text, counts[i]));
	fprintf(out, "%s\n", shown > 0 ? ")" : "");
}

/* A ratio with two decimals. */
static void
ratio(FILE *out, double v)
{
	char text[COUNT_MAX];
	uint64_t hundredths = (uint64_t)(v * 100 + 0.5);

	fprintf(out, "%s.%02u", commas(text, hundredths / 100),
	    (unsigned)(hundredths % 100));
}

void
report_stats(FILE *out, const struct report *r)
{
	uint64_t wire = r->sent + r->received;
	char sent[COUNT_MAX], received[COUNT_MAX];
	struct report_totals t;

	report_count(r, &t);
	(void)fputc('\n', out);
	types_line(out, "Number of files", &t.wanted);
	types_line(out, "Number of created files", &t.created);
	types_line(out, "Number of deleted files", &t.deleted);
	number_line(
	    out, "Number of regular files transferred", t.transferred, "");
	number_line(out, "Total file size", t.wanted_bytes, " bytes");
	number_line(
	    out, "Total transferred file size", t.transferred_bytes, " bytes");
	number_line(out, "Literal data", r->literal, " bytes");
	number_line(out, "Matched data", r->matched, " bytes");
	number_line(out, "Total bytes sent", r->sent, "");
	number_line(out, "Total bytes received", r->received, "");
	fprintf(out, "\nsent %s bytes  received %s bytes  ",
	    commas(sent, r->sent), commas(received, r->received));
	ratio(out,
	    r->elapsed_ms > 0 ? (double)wire * 1000 / (double)r->elapsed_ms
			      : 0);
	fprintf(out, " bytes/sec\ntotal size is %s  speedup is ",
	    commas(sent, t.wanted_bytes));
	ratio(out, wire > 0 ? (double)t.wanted_bytes / (double)wire : 0);
	fprintf(out, "%s\n", r->dry_run ? " (DRY RUN)" : "");
}
