/*
 * The three-way merge of an INI file: who changed each key, who has his way,
 * and the station's rows with what follows from that.  Above ini_file.c, which
 * takes files apart; what a policy makes of the result is engine/apply's.
 */
#include "engine/ini/ini_merge.h"

#include "engine/base/err.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* More than two files make together: each byte of Windows-1252 may be three of
 * UTF-8, and a row may get an end. */
enum { MERGED_BYTES = 8 * INI_FILE_BYTES };

/* What becomes of a row of the station's. */
struct fate {
	bool drop;
	const struct ini_row *value; /* of the release, to be taken; or NULL */
};

/* A row that comes from the release, or a blank one. */
struct addition {
	/* How many of the station's rows come before it; one more where it is
	 * of a new section, behind all that is added to the others. */
	size_t after;
	size_t number; /* and of the additions there */
	const struct ini_row *row; /* NULL: a blank one */
};

struct merger {
	struct ini_merged *out;
	enum ini_conflict conflict;
	struct fate *fates; /* one for each of the station's rows */
	struct addition *added;
	size_t added_n, added_cap;
	bool has_section; /* a new one is among them */
};

static bool
same_value(const struct ini_row *a, const struct ini_row *b)
{
	struct ini_span x, y;

	if (a == NULL || b == NULL)
		return a == b;
	x = ini_unquoted(a->value);
	y = ini_unquoted(b->value);
	return x.len == y.len && (x.len == 0 || memcmp(x.p, y.p, x.len) == 0);
}

static struct ini_span
value_of(const struct ini_row *r)
{
	return r == NULL ? (struct ini_span){NULL, 0} : r->value;
}

/* The file in whose encoding the result is: ASCII takes the release's. */
static const struct ini_file *
writes_as(const struct ini_merged *m)
{
	return m->station.style.encoding == INI_ASCII ? &m->release
						      : &m->station;
}

/* What the release before had of a key that is not the same in both.  One that
 * the station's file could not hold was none of its to remove. */
static const struct ini_row *
base_of(const struct merger *m, const struct ini_row *station,
    const struct ini_row *release)
{
	const struct ini_row *any = station != NULL ? station : release;
	const struct ini_row *base =
	    ini_file_key(&m->out->base, any->section, any->key);

	if (base != NULL && station == NULL && !same_value(base, release) &&
	    !ini_file_can_hold(writes_as(m->out), base->all))
		return NULL;
	return base;
}

/*
 * Decide about a key, which one of both has, and note it: is the release's to
 * be taken, which the station's file can hold or not?  False too when they are
 * the same.
 */
static bool
decide(struct merger *m, const struct ini_row *station,
    const struct ini_row *release, bool can_hold)
{
	const struct ini_row *any = station != NULL ? station : release;
	const struct ini_row *base;
	struct ini_decision d = {.section = any->section, .key = any->key};

	if (same_value(station, release))
		return false;
	base = base_of(m, station, release);
	d.base = value_of(base);
	d.station = value_of(station);
	d.release = value_of(release);
	d.taken = same_value(base, station);
	d.conflict = !d.taken && !same_value(base, release);
	if (d.conflict)
		d.taken = m->conflict == INI_RELEASE_WINS;
	d.unwritable = d.taken && !can_hold;
	d.taken = d.taken && can_hold;
	m->out->conflicts += d.conflict;
	m->out->unwritable += d.unwritable;
	m->out->v[m->out->n++] = d;
	return d.taken;
}

static int
add(struct merger *m, size_t after, const struct ini_row *row, struct err *e)
{
	size_t cap = m->added_cap == 0 ? 64 : 2 * m->added_cap;
	struct addition *v = m->added;

	if (m->added_n == m->added_cap) {
		if ((v = reallocarray(v, cap, sizeof(*v))) == NULL)
			return err_nomem(e);
		m->added = v;
		m->added_cap = cap;
	}
	m->added[m->added_n] = (struct addition){after, m->added_n, row};
	m->added_n++;
	return 0;
}

/* Add a row of the release with the comments right above it, but for those
 * that the station's file cannot hold. */
static int
add_commented(
    struct merger *m, size_t after, const struct ini_row *row, struct err *e)
{
	const struct ini_row *from = row;
	int rc = 0;

	while (from > m->out->release.rows && from[-1].kind == INI_COMMENT)
		from--;
	for (; rc == 0 && from <= row; from++)
		if (ini_file_can_hold(&m->out->station, from->all))
			rc = add(m, after, from, e);
	return rc;
}

/* A section that the station does not have, behind all it has and a blank
 * row. */
static int
add_section(struct merger *m, const struct ini_row *row, struct err *e)
{
	const struct ini_file *s = &m->out->station;
	bool is_apart = s->n == 0
	    ? m->added_n == 0
	    : !m->has_section && s->rows[s->n - 1].kind == INI_BLANK;
	int rc = is_apart ? 0 : add(m, s->n + 1, NULL, e);

	m->has_section = true;
	return rc != 0 ? rc : add_commented(m, s->n + 1, row, e);
}

/* Where the walk over the release's rows is. */
struct place {
	size_t after; /* where its next new key goes */
	const struct ini_row *begins; /* a section to be added first, or NULL */
};

/* Can the station's file hold the value of a key that it has, or a new key with
 * the section that it may need? */
static bool
can_hold(const struct merger *m, const struct ini_row *mine,
    const struct ini_row *row, const struct place *at)
{
	const struct ini_file *s = &m->out->station;

	if (mine != NULL)
		return ini_file_can_hold(s, row->value);
	return ini_file_can_hold(s, row->all) &&
	    (at->begins == NULL || ini_file_can_hold(s, at->begins->all));
}

static int
add_key(struct merger *m, const struct ini_row *row, struct place *at,
    struct err *e)
{
	int rc;

	if (at->begins != NULL && (rc = add_section(m, at->begins, e)) != 0)
		return rc;
	at->begins = NULL;
	return add_commented(m, at->after, row, e);
}

/* One row of the release: a section, or the first of a key. */
static int
take_row(struct merger *m, const struct ini_row *row, struct place *at,
    struct err *e)
{
	const struct ini_file *s = &m->out->station;
	const struct ini_row *mine;
	bool taken;

	if (row->kind == INI_SECTION) {
		mine = ini_file_section(s, row->section);
		at->after =
		    (mine == NULL ? s->n : (size_t)(mine - s->rows)) + 1;
		at->begins = mine == NULL ? row : NULL;
	}
	if (row->kind != INI_KEY ||
	    ini_file_key(&m->out->release, row->section, row->key) != row)
		return 0;
	mine = ini_file_key(s, row->section, row->key);
	taken = decide(m, mine, row, can_hold(m, mine, row, at));
	if (mine == NULL)
		return taken ? add_key(m, row, at, e) : 0;
	at->after = (size_t)(mine - s->rows) + 1;
	if (taken)
		m->fates[mine - s->rows].value = row;
	return 0;
}

/* What only the station has: what the release no longer has goes, also where
 * it is there once more. */
static void
look_at_own(struct merger *m)
{
	const struct ini_file *s = &m->out->station;
	const struct ini_row *row, *first;
	size_t i;

	for (i = 0; i < s->n; i++) {
		row = &s->rows[i];
		if (row->kind != INI_KEY ||
		    ini_file_key(&m->out->release, row->section, row->key) !=
			NULL)
			continue;
		first = ini_file_key(s, row->section, row->key);
		m->fates[i].drop = first == row
		    ? decide(m, row, NULL, true)
		    : m->fates[first - s->rows].drop;
	}
}

static int
compare_additions(const void *a, const void *b)
{
	const struct addition *x = a, *y = b;

	if (x->after != y->after)
		return x->after < y->after ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static int
decide_all(struct merger *m, struct err *e)
{
	struct ini_merged *out = m->out;
	const struct ini_file *r = &out->release;
	struct place at = {0, NULL};
	size_t i;
	int rc = 0;

	m->fates = calloc(out->station.n + 1, sizeof(*m->fates));
	out->v = calloc(r->n + out->station.n + 1, sizeof(*out->v));
	if (m->fates == NULL || out->v == NULL)
		return err_nomem(e);
	for (i = 0; rc == 0 && i < r->n; i++)
		rc = take_row(m, &r->rows[i], &at, e);
	if (rc == 0)
		look_at_own(m);
	if (m->added_n > 1)
		qsort(
		    m->added, m->added_n, sizeof(*m->added), compare_additions);
	return rc;
}

/* The text of the result.  The end of a row is written when the next one comes,
 * for the last one may have none. */
struct writer {
	struct buf *to;
	struct ini_span end; /* of the row before; p NULL: there is none */
	struct ini_span usual; /* where a row needs one that has none */
};

static int
put(struct writer *w, struct ini_span s, struct err *e)
{
	return s.len == 0 ? 0 : buf_append(w->to, s.p, s.len, e);
}

static int
put_end(struct writer *w, struct err *e)
{
	if (w->end.p == NULL)
		return 0;
	return put(w, w->end.len == 0 ? w->usual : w->end, e);
}

/* A row, with another value if there is one. */
static int
put_row(struct writer *w, const struct ini_row *row,
    const struct ini_row *value, struct err *e)
{
	struct ini_span head = row->all, tail = {NULL, 0};
	int rc = put_end(w, e);

	w->end = row->end;
	if (value != NULL) {
		head.len = (size_t)(row->value.p - row->all.p);
		tail.p = row->value.p + row->value.len;
		tail.len = row->all.len - head.len - row->value.len;
	}
	if (rc == 0 && (rc = put(w, head, e)) == 0 && value != NULL &&
	    (rc = put(w, value->value, e)) == 0)
		rc = put(w, tail, e);
	return rc;
}

static int
put_addition(struct writer *w, const struct addition *a, struct err *e)
{
	static const struct ini_row blank = {.kind = INI_BLANK};
	const struct ini_row *row = a->row == NULL ? &blank : a->row;
	int rc = put_row(w, row, NULL, e);

	w->end = w->usual;
	return rc;
}

/* The line end of a file, if it has any. */
static bool
has_end(const struct ini_file *f, struct ini_span *end)
{
	*end = f->n == 0 ? (struct ini_span){NULL, 0} : f->rows[0].end;
	return end->len > 0;
}

static int
write_all(struct merger *m, struct buf *to, struct err *e)
{
	const struct ini_file *s = &m->out->station, *r = &m->out->release;
	struct writer w = {to, {NULL, 0}, {NULL, 0}};
	const struct ini_file *last = s->n > 0 ? s : r;
	const struct addition *a = m->added, *end = m->added + m->added_n;
	size_t i;
	int rc = 0;

	if (!has_end(s, &w.usual) && !has_end(r, &w.usual))
		w.usual = (struct ini_span){"\n", 1};
	for (i = 0; rc == 0 && i <= s->n + 1; i++) {
		for (; rc == 0 && a != end && a->after == i; a++)
			rc = put_addition(&w, a, e);
		if (rc == 0 && i < s->n && !m->fates[i].drop)
			rc = put_row(&w, &s->rows[i], m->fates[i].value, e);
	}
	assert(rc != 0 || a == end);
	if (rc == 0 && last->n > 0 && last->rows[last->n - 1].end.len > 0)
		rc = put_end(&w, e);
	return rc;
}

/* In the station's encoding, or the release's if that is none yet.  1: it would
 * be read as another. */
static int
encode_all(struct ini_merged *out, const struct buf *text, struct err *e)
{
	const char *p = (const char *)buf_data(text);
	int rc =
	    ini_file_encode(&out->station.style, p, text->len, &out->bytes, e);

	return rc == 1 && out->station.style.encoding == INI_ASCII
	    ? ini_file_encode(&out->release.style, p, text->len, &out->bytes, e)
	    : rc;
}

/* Nothing that was to be taken is: the station's file stays as it is. */
static int
take_nothing(struct ini_merged *out, struct ini_bytes station, struct err *e)
{
	struct ini_decision *d;

	out->is_left = true;
	for (d = out->v; d != out->v + out->n; d++) {
		out->unwritable += d->taken;
		d->unwritable = d->unwritable || d->taken;
		d->taken = false;
	}
	return buf_append(&out->bytes, station.p, station.n, e);
}

static int
make_result(struct merger *m, struct ini_bytes station, struct err *e)
{
	struct buf text;
	int rc;

	if (m->out->station.n + m->added_n > INI_FILE_ROWS)
		return 1;
	buf_init(&text, MERGED_BYTES);
	if ((rc = write_all(m, &text, e)) == 0)
		rc = encode_all(m->out, &text, e);
	if (rc == 1)
		rc = take_nothing(m->out, station, e);
	buf_release(&text);
	return rc == 0 && m->out->bytes.len > INI_FILE_BYTES ? 1 : rc;
}

static bool
same_bytes(struct ini_bytes a, struct ini_bytes b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* The file that is the result as it is, or NULL. */
static const struct ini_bytes *
whole_of(const struct ini_merge *in)
{
	if (same_bytes(in->station, in->base))
		return &in->release;
	if (same_bytes(in->release, in->base) ||
	    same_bytes(in->release, in->station))
		return &in->station;
	return NULL;
}

/* Take the three apart: 1 if one of them is no INI. */
static int
read_all(const struct ini_merge *in, struct ini_merged *out, struct err *e)
{
	int rc[3] = {ini_file_read(in->base, &out->base, e),
	    ini_file_read(in->station, &out->station, e),
	    ini_file_read(in->release, &out->release, e)};

	if (rc[0] < 0 || rc[1] < 0 || rc[2] < 0)
		return ERP_NOMEM;
	return rc[0] == 1 || rc[1] == 1 || rc[2] == 1;
}

static int
merge(struct merger *m, const struct ini_merge *in, struct err *e)
{
	const struct ini_bytes *whole = whole_of(in);
	int rc, bad = read_all(in, m->out, e);

	if (bad < 0 || (bad == 1 && whole == NULL))
		return bad;
	if (bad == 0 && (rc = decide_all(m, e)) != 0)
		return rc;
	if (whole == NULL)
		return make_result(m, in->station, e);
	return whole->n == 0
	    ? 0
	    : buf_append(&m->out->bytes, whole->p, whole->n, e);
}

int
ini_merge(const struct ini_merge *in, struct ini_merged *out, struct err *e)
{
	struct merger m = {.out = out, .conflict = in->conflict};
	int rc;

	memset(out, 0, sizeof(*out));
	buf_init(&out->bytes, MERGED_BYTES);
	if (in->base.n > INI_FILE_BYTES || in->station.n > INI_FILE_BYTES ||
	    in->release.n > INI_FILE_BYTES)
		return 1;
	rc = merge(&m, in, e);
	free(m.fates);
	free(m.added);
	return rc;
}

void
ini_merged_release(struct ini_merged *m)
{
	ini_file_release(&m->base);
	ini_file_release(&m->station);
	ini_file_release(&m->release);
	free(m->v);
	buf_release(&m->bytes);
	memset(m, 0, sizeof(*m));
}
