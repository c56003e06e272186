/*
 * Sizes and times of a manifest as columns.  Under manifest_codec.c, which says
 * how they lie in its bytes; most of them, so each is written in one go.
 */
#include "engine/tree/manifest_internal.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"

#include <assert.h>

/* A column of integers, for the entries whose type is in types (bits). */
struct column {
	unsigned types;
	unsigned width; /* bytes of the integer */
	unsigned step; /* bytes of it that stand together */
	uint64_t (*get)(const struct entry *en);
	void (*set)(struct entry *en, uint64_t v);
};

static uint64_t
get_size(const struct entry *en)
{
	return en->content.size;
}

static void
set_size(struct entry *en, uint64_t v)
{
	en->content.size = v;
}

static uint64_t
get_mtime(const struct entry *en)
{
	return (uint64_t)en->mtime.s;
}

static void
set_mtime(struct entry *en, uint64_t v)
{
	/* What does not fit becomes -1, which manifest_check refuses. */
	en->mtime.s = v > INT64_MAX ? -1 : (int64_t)v;
}

static uint64_t
get_mtime_ns(const struct entry *en)
{
	return en->mtime.ns;
}

static void
set_mtime_ns(struct entry *en, uint64_t v)
{
	en->mtime.ns = (uint32_t)v;
}

enum { FILES = 1 << ENTRY_FILE, TIMED = FILES | 1 << ENTRY_SYMLINK };

static const struct column columns[] = {
    {FILES, 8, 1, get_size, set_size},
    {TIMED, 8, 8, get_mtime, set_mtime},
    {TIMED, 4, 4, get_mtime_ns, set_mtime_ns},
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static bool
is_in(const struct column *col, const struct entry *en)
{
	return (col->types & 1u << en->type) != 0;
}

/* The bytes of a column's integers that stand together. */
static size_t
column_bytes(const struct manifest *m, const struct column *col)
{
	size_t i, n = 0;

	for (i = 0; i < m->n; i++)
		n += is_in(col, &m->v[i]);
	return n * col->step;
}

static int
put_column(const struct manifest *m, const struct column *col, struct buf *out,
    struct err *e)
{
	size_t i, len = column_bytes(m, col);
	unsigned at, k;
	uint64_t v;
	uint8_t *to;
	int rc;

	for (at = 0; at < col->width; at += col->step) {
		if ((rc = buf_reserve(out, len, &to, e)) != 0)
			return rc;
		for (i = 0; i < m->n; i++) {
			if (!is_in(col, &m->v[i]))
				continue;
			v = col->get(&m->v[i]) >> 8 * at;
			for (k = 0; k < col->step; k++)
				*to++ = (uint8_t)(v >> 8 * k);
		}
		buf_commit(out, len);
	}
	return 0;
}

int
manifest_put_columns(const struct manifest *m, struct buf *out, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < COLUMNS; i++)
		rc = put_column(m, &columns[i], out, e);
	return rc;
}

static void
get_column(struct cursor *c, struct manifest *m, const struct column *col)
{
	size_t i, len = column_bytes(m, col);
	const uint8_t *from;
	struct entry *en;
	unsigned at, k;
	uint64_t v;

	for (at = 0; at < col->width; at += col->step) {
		if ((from = cursor_bytes(c, len)) == NULL)
			return;
		for (i = 0; i < m->n; i++) {
			en = &m->v[i];
			if (!is_in(col, en))
				continue;
			v = at == 0 ? 0 : col->get(en);
			for (k = 0; k < col->step; k++)
				v |= (uint64_t)*from++ << 8 * (at + k);
			col->set(en, v);
		}
	}
}

void
manifest_get_columns(struct cursor *c, struct manifest *m)
{
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		get_column(c, m, &columns[i]);
}
