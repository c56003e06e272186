/*
 * The list of backups as a table, JSON and CSV: what cmd_history.c prints.
 * Keys and words of the last two never change.
 */
#include "cli/report/report_history.h"

#include "cli/messages/figures.h"
#include "cli/report/cells.h"
#include "cli/report/columns.h"
#include "cli/report/csv.h"
#include "cli/report/json_put.h"
#include "engine/base/err.h"
#include "engine/base/hash.h"
#include "engine/base/text.h"
#include "transport/api/erpsync.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Raised when a key changes its meaning or goes away. */
enum { HISTORY_JSON_FORMAT = 1, SHORT_ID = 8, CELLS = 7 };
enum {
	BUILD_MAX = 4 * ERPSYNC_LABEL_MAX + 1,
	CELL_MAX = BUILD_MAX + 1 + SHORT_ID
};

/* How a release is called: its build, as several may have one, and the start
 * of its id; or what of the two is known, or "-". */
static void
release_name(char out[CELL_MAX], const char *build, bool known,
    const uint8_t id[ERPSYNC_HASH_LEN])
{
	char shown[BUILD_MAX], hex[HASH_HEX_LEN + 1];

	text_escape(shown, sizeof(shown), build);
	cells_id(hex, id);
	hex[known ? SHORT_ID : 0] = '\0';
	(void)snprintf(out, CELL_MAX, "%s%s%.*s", shown,
	    shown[0] != '\0' && known ? " " : "", SHORT_ID, hex);
	if (out[0] == '\0')
		(void)snprintf(out, CELL_MAX, "-");
}

static const char *
state_key(enum erpsync_backup_state state)
{
	switch (state) {
	case ERPSYNC_BACKUP_GOOD:
		return HIS008;
	case ERPSYNC_BACKUP_BAD:
		return HIS009;
	case ERPSYNC_BACKUP_FOREIGN:
		return HIS010;
	}
	return HIS009;
}

static void
cells_of(
    char cells[CELLS][CELL_MAX], enum lang lang, const struct erpsync_backup *x)
{
	bool blank = x->date == 0;

	(void)snprintf(cells[0], CELL_MAX, "bkp_remote.%03d", x->number);
	figures_time(cells[1], x->date);
	figures_count(cells[2], lang, x->files);
	figures_bytes(cells[3], lang, x->bytes);
	release_name(cells[4], x->from_build, x->has_from, x->from);
	release_name(cells[5], x->to_build, x->has_to, x->to);
	(void)snprintf(
	    cells[6], CELL_MAX, "%s", messages_text(lang, state_key(x->state)));
	if (!blank)
		return;
	(void)snprintf(cells[1], CELL_MAX, "-");
	(void)snprintf(cells[2], CELL_MAX, "-");
	(void)snprintf(cells[3], CELL_MAX, "-");
}

static void
row_print(FILE *out, const size_t widths[CELLS], char cells[CELLS][CELL_MAX])
{
	int i;

	for (i = 0; i < CELLS - 1; i++) {
		if (i == 2 || i == 3)
			columns_right(out, cells[i], widths[i]);
		else
			columns_left(out, cells[i], widths[i]);
		(void)fputs("  ", out);
	}
	fprintf(out, "%s\n", cells[CELLS - 1]);
}

/* An item in two lines: the first cells, and what does not fit beside them. */
static void
row_print_narrow(FILE *out, const size_t widths[CELLS],
    char cells[CELLS][CELL_MAX], const char *verifies)
{
	columns_left(out, cells[0], widths[0]);
	(void)fputs("  ", out);
	columns_left(out, cells[1], widths[1]);
	(void)fputs("  ", out);
	columns_right(out, cells[2], widths[2]);
	(void)fputs("  ", out);
	columns_right(out, cells[3], widths[3]);
	(void)fputc('\n', out);
	if (verifies != NULL)
		fprintf(out, "    %s -> %s\n    %s: %s\n", cells[4], cells[5],
		    verifies, cells[6]);
}

static void
write_text(
    FILE *out, enum lang lang, const struct erpsync_history *h, unsigned width)
{
	static const char *const heads[CELLS] = {
	    HIS001, HIS002, HIS003, REP022, HIS005, HIS006, HIS007};
	char rows[ERPSYNC_BACKUPS + 1][CELLS][CELL_MAX];
	size_t widths[CELLS] = {0}, n, sum = 2 * (CELLS - 1);
	int i, k;

	for (i = 0; i < CELLS; i++)
		(void)snprintf(
		    rows[0][i], CELL_MAX, "%s", messages_text(lang, heads[i]));
	for (k = 0; k < h->n; k++)
		cells_of(rows[k + 1], lang, &h->v[k]);
	for (k = 0; k <= h->n; k++)
		for (i = 0; i < CELLS; i++)
			if ((n = columns_of(rows[k][i])) > widths[i])
				widths[i] = n;
	for (i = 0; i < CELLS; i++)
		sum += widths[i];
	for (k = 0; k <= h->n; k++)
		if (width == 0 || sum < width)
			row_print(out, widths, rows[k]);
		else
			row_print_narrow(out, widths, rows[k],
			    k == 0 ? NULL : rows[0][CELLS - 1]);
}

static json_t *
text_or_null(const char *text)
{
	return json_put_text(text[0] == '\0' ? NULL : text);
}

/* What programs read of an item; "" is not known. */
struct facts {
	char number[8];
	char date[CELLS_DATE_MAX];
	char from_build[BUILD_MAX], to_build[BUILD_MAX];
	char from[HASH_HEX_LEN + 1], to[HASH_HEX_LEN + 1];
};

static void
facts_of(struct facts *f, const struct erpsync_backup *x)
{
	memset(f, 0, sizeof(*f));
	(void)snprintf(f->number, sizeof(f->number), "%03d", x->number);
	if (x->date != 0)
		cells_date(f->date, x->date);
	text_escape(f->from_build, sizeof(f->from_build), x->from_build);
	text_escape(f->to_build, sizeof(f->to_build), x->to_build);
	if (x->has_from)
		cells_id(f->from, x->from);
	if (x->has_to)
		cells_id(f->to, x->to);
}

static json_t *
item_json(const struct erpsync_backup *x)
{
	json_t *o = json_object();
	struct facts f;

	facts_of(&f, x);
	if (json_put(o, "number", json_put_text(f.number)) &&
	    json_put(o, "date", text_or_null(f.date)) &&
	    json_put(o, "from_build", text_or_null(f.from_build)) &&
	    json_put(o, "to_build", text_or_null(f.to_build)) &&
	    json_put(o, "from_release", text_or_null(f.from)) &&
	    json_put(o, "to_release", text_or_null(f.to)) &&
	    json_put(o, "files", json_put_number(x->files)) &&
	    json_put(o, "bytes", json_put_number(x->bytes)) &&
	    json_put(o, "verifies",
		x->state == ERPSYNC_BACKUP_FOREIGN
		    ? json_null()
		    : json_boolean(x->state == ERPSYNC_BACKUP_GOOD)))
		return o;
	json_decref(o);
	return NULL;
}

static int
write_json(FILE *out, const struct erpsync_history *h, struct err *e)
{
	json_t *o = json_object(), *list = json_array();
	bool ok = json_put(o, "format", json_put_number(HISTORY_JSON_FORMAT));
	int k;

	for (k = 0; ok && k < h->n; k++)
		ok = json_put_last(list, item_json(&h->v[k]));
	/* The list is the object's from here on. */
	if (json_put(o, "backups", list) && ok)
		return json_put_out(out, o, e);
	json_decref(o);
	return err_set(e, ERP_NOMEM, "no memory for the list");
}

static void
write_csv(FILE *out, const struct erpsync_history *h)
{
	static const char *const verifies[] = {"yes", "no", ""};
	struct facts f;
	int k;

	fprintf(out,
	    "number,date,from_build,to_build,from_release,to_release,files,"
	    "bytes,verifies\r\n");
	for (k = 0; k < h->n; k++) {
		facts_of(&f, &h->v[k]);
		fprintf(out, "%s,%s,", f.number, f.date);
		csv_field(out, f.from_build);
		(void)fputc(',', out);
		csv_field(out, f.to_build);
		fprintf(out, ",%s,%s,%" PRIu64 ",%" PRIu64 ",%s\r\n", f.from,
		    f.to, h->v[k].files, h->v[k].bytes,
		    verifies[h->v[k].state]);
	}
}

int
history_write(FILE *out, enum history_format format, enum lang lang,
    unsigned width, const struct erpsync_history *h, struct err *e)
{
	int rc = 0;

	switch (format) {
	case HISTORY_TEXT:
		write_text(out, lang, h, width);
		break;
	case HISTORY_JSON:
		rc = write_json(out, h, e);
		break;
	case HISTORY_CSV:
		write_csv(out, h);
		break;
	}
	if (rc == 0 && (fflush(out) != 0 || ferror(out)))
		return err_sys(e, errno, "write", "the list");
	return rc;
}
