/*
 * The list of kept releases as a table, JSON and CSV: what cmd_releases.c
 * prints.  Keys and words of the last two never change.
 */
#include "cli/report/report_releases.h"

#include "cli/messages/figures.h"
#include "cli/report/cells.h"
#include "cli/report/csv.h"
#include "cli/report/json_put.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "transport/api/erpsync_server.h"

#include <bsd/string.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Raised when a key changes its meaning or goes away. */
enum { RELEASES_JSON_FORMAT = 1, SHORT_ID = 12, COLUMNS = 9 };
enum { BUILD_MAX = 4 * ERPSYNC_LABEL_MAX + 1, STATE_MAX = 120 };

/* A row as text. */
struct row {
	char number[24], files[FIGURES_MAX], size[FIGURES_MAX];
	char build[BUILD_MAX];
	char id[HASH_HEX_LEN + 1];
	char date[FIGURES_MAX], stations[FIGURES_MAX];
	char state[STATE_MAX];
};

static void
state_add(struct row *r, enum lang lang, bool is, const char *key)
{
	if (!is)
		return;
	if (r->state[0] != '\0')
		(void)strlcat(r->state, ", ", sizeof(r->state));
	(void)strlcat(r->state, messages_text(lang, key), sizeof(r->state));
}

static void
row_of(struct row *r, enum lang lang, const struct erpsync_kept *k)
{
	memset(r, 0, sizeof(*r));
	(void)snprintf(r->number, sizeof(r->number), "%" PRIu64, k->number);
	figures_count(r->files, lang, k->release.files);
	figures_bytes(r->size, lang, k->release.bytes);
	if (k->damaged)
		r->files[0] = r->size[0] = '\0';
	text_escape(r->build, sizeof(r->build), k->build);
	if (r->build[0] == '\0')
		(void)strlcpy(r->build, "-", sizeof(r->build));
	cells_id(r->id, k->release.id);
	figures_time(r->date, k->published);
	figures_count(r->stations, lang, k->stations);
	state_add(r, lang, k->current, RLS006);
	state_add(r, lang, k->held, RLS007);
	state_add(r, lang, k->sealed, RLS008);
	state_add(r, lang, k->damaged, RLS009);
}

/* The cells of one row, which points into r. */
static void
cells_of(const char **cells, const char *system, struct row *r)
{
	const char *const from[COLUMNS] = {r->number, system, r->build, r->id,
	    r->files, r->size, r->date, r->stations, r->state};

	r->id[SHORT_ID] = '\0';
	memcpy(cells, from, sizeof(from));
}

static int
write_text(FILE *out, const struct releases_form *form,
    const struct releases_item *v, size_t n, struct err *e)
{
	static const char *const heads[COLUMNS] = {RLS001, RLS002, RLS003,
	    RLS004, HIS003, REP022, RLS005, RLS011, RLS010};
	struct row *rows = calloc(n + 1, sizeof(*rows));
	const char **cells = calloc((n + 1) * COLUMNS, sizeof(*cells));
	const struct cells_form table = {
	    COLUMNS, 1U << 0 | 1U << 4 | 1U << 5 | 1U << 7, form->width, 6};
	size_t i;
	int rc = 0;

	if (rows == NULL || cells == NULL) {
		rc = err_set(e, ERP_NOMEM, "no memory for the list");
		goto out;
	}
	for (i = 0; i < COLUMNS; i++)
		cells[i] = messages_text(form->lang, heads[i]);
	for (i = 0; i < n; i++) {
		row_of(&rows[i], form->lang, v[i].kept);
		cells_of(cells + (i + 1) * COLUMNS, v[i].system, &rows[i]);
	}
	cells_print(out, cells, n + 1, &table);
out:
	free(cells);
	free(rows);
	return rc;
}

static json_t *
item_json(const struct releases_item *item)
{
	const struct erpsync_kept *k = item->kept;
	char date[CELLS_DATE_MAX], id[HASH_HEX_LEN + 1];
	json_t *o = json_object();

	cells_date(date, k->published);
	cells_id(id, k->release.id);
	if (json_put(o, "number", json_put_number(k->number)) &&
	    json_put(o, "system", json_put_text(item->system)) &&
	    json_put(o, "build",
		json_put_text(k->build[0] == '\0' ? NULL : k->build)) &&
	    json_put(o, "release", json_put_text(id)) &&
	    json_put(o, "files", json_put_number(k->release.files)) &&
	    json_put(o, "bytes", json_put_number(k->release.bytes)) &&
	    json_put(o, "published", json_put_text(date)) &&
	    json_put(o, "current", json_boolean(k->current)) &&
	    json_put(o, "held", json_boolean(k->held)) &&
	    json_put(o, "sealed", json_boolean(k->sealed)) &&
	    json_put(o, "damaged", json_boolean(k->damaged)) &&
	    json_put(o, "stations", json_put_number(k->stations)))
		return o;
	json_decref(o);
	return NULL;
}

static int
write_json(FILE *out, const struct releases_item *v, size_t n, struct err *e)
{
	json_t *o = json_object(), *list = json_array();
	bool ok = json_put(o, "format", json_put_number(RELEASES_JSON_FORMAT));
	size_t i;

	for (i = 0; ok && i < n; i++)
		ok = json_put_last(list, item_json(&v[i]));
	/* The list is the object's from here on. */
	if (json_put(o, "releases", list) && ok)
		return json_put_out(out, o, e);
	json_decref(o);
	return err_set(e, ERP_NOMEM, "no memory for the list");
}

static const char *
yes_or_no(bool is)
{
	return is ? "yes" : "no";
}

static void
write_csv(FILE *out, const struct releases_item *v, size_t n)
{
	char date[CELLS_DATE_MAX], id[HASH_HEX_LEN + 1];
	const struct erpsync_kept *k;
	size_t i;

	fprintf(out,
	    "number,system,build,release,files,bytes,published,current,held,"
	    "sealed,damaged,stations\r\n");
	for (i = 0; i < n; i++) {
		k = v[i].kept;
		cells_date(date, k->published);
		cells_id(id, k->release.id);
		fprintf(out, "%" PRIu64 ",%s,", k->number, v[i].system);
		csv_field(out, k->build);
		fprintf(out,
		    ",%s,%" PRIu64 ",%" PRIu64 ",%s,%s,%s,%s,%s,%" PRIu32
		    "\r\n",
		    id, k->release.files, k->release.bytes, date,
		    yes_or_no(k->current), yes_or_no(k->held),
		    yes_or_no(k->sealed), yes_or_no(k->damaged), k->stations);
	}
}

int
releases_write(FILE *out, const struct releases_form *form,
    const struct releases_item *v, size_t n, struct err *e)
{
	int rc = 0;

	switch (form->format) {
	case RELEASES_TEXT:
		rc = write_text(out, form, v, n, e);
		break;
	case RELEASES_JSON:
		rc = write_json(out, v, n, e);
		break;
	case RELEASES_CSV:
		write_csv(out, v, n);
		break;
	}
	if (rc == 0 && (fflush(out) != 0 || ferror(out)))
		return err_sys(e, errno, "write", "the list");
	return rc;
}
