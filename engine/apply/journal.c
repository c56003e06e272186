/*
 * The journal of a transaction and its bytes (docs/storage.md).  Filled while
 * new files are built, durable before the first name changes, and all that
 * recovery goes by.
 */
#include "engine/apply/journal.h"

#include "engine/apply/own_names.h"
#include "engine/apply/record.h"
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define JOURNAL_MAGIC "ERPJRNL1"

void
journal_init(struct journal *j, uint64_t tx)
{
	memset(j, 0, sizeof(*j));
	j->tx = tx;
}

void
journal_release(struct journal *j)
{
	size_t i;

	for (i = 0; i < j->n; i++)
		free(j->v[i].path);
	free(j->v);
	journal_init(j, j->tx);
}

/* A zeroed operation at the end, or NULL without memory. */
static struct op *
journal_grow(struct journal *j)
{
	size_t cap = j->cap == 0 ? 64 : 2 * j->cap;
	struct op *v = j->v;

	assert(j->n <= j->cap);
	if (j->n == j->cap) {
		if ((v = reallocarray(v, cap, sizeof(*v))) == NULL)
			return NULL;
		j->v = v;
		j->cap = cap;
	}
	memset(&v[j->n], 0, sizeof(*v));
	return &v[j->n++];
}

int
journal_add(struct journal *j, enum op_kind kind, const char *path,
    struct op **out, struct err *e)
{
	struct op *op = journal_grow(j);

	assert(kind >= OP_DELETE && kind <= OP_RMDIR);
	assert(path[0] != '\0' && j->n < UINT32_MAX);
	if (op == NULL)
		return err_nomem(e);
	op->kind = kind;
	op->number = (uint32_t)j->n;
	if ((op->path = strdup(path)) == NULL)
		return err_nomem(e);
	*out = op;
	return 0;
}

/* The wave an operation belongs to. */
static int
op_wave(const struct op *op)
{
	switch (op->kind) {
	case OP_DELETE:
		return 0;
	case OP_ADD:
	case OP_REPLACE:
		return 1;
	case OP_RMDIR:
		break;
	}
	return 2;
}

static int
compare_ops(const void *a, const void *b)
{
	const struct op *x = a, *y = b;
	int wave = op_wave(x);

	if (wave != op_wave(y))
		return wave - op_wave(y);
	return wave == 1 ? strcmp(x->path, y->path) : strcmp(y->path, x->path);
}

void
journal_sort(struct journal *j)
{
	if (j->n > 1)
		qsort(j->v, j->n, sizeof(j->v[0]), compare_ops);
}

static int
encode_op(const struct op *op, struct buf *out, struct err *e)
{
	int rc;

	assert(op->path != NULL);
	if ((rc = put_u8(out, (uint8_t)op->kind, e)) != 0 ||
	    (rc = put_u32(out, op->number, e)) != 0 ||
	    (rc = record_put_text(out, op->path, e)) != 0)
		return rc;
	if (op->kind == OP_DELETE || op->kind == OP_REPLACE)
		rc = identity_encode(&op->old, out, e);
	if (rc == 0 && op->kind == OP_REPLACE)
		rc = identity_encode(&op->saved, out, e);
	if (rc == 0 && (op->kind == OP_ADD || op->kind == OP_REPLACE))
		rc = identity_encode(&op->fresh, out, e);
	return rc;
}

int
journal_encode(const struct journal *j, struct buf *out, struct err *e)
{
	size_t i;
	int rc;

	if ((rc = record_begin(out, JOURNAL_MAGIC, e)) != 0 ||
	    (rc = put_u64(out, j->tx, e)) != 0 ||
	    (rc = put_u64(out, j->dev, e)) != 0 ||
	    (rc = put_u8(out, j->has_state, e)) != 0 ||
	    (rc = put_u32(out, (uint32_t)j->n, e)) != 0)
		return rc;
	for (i = 0; i < j->n; i++)
		if ((rc = encode_op(&j->v[i], out, e)) != 0)
			return rc;
	return record_end(out, e);
}

static int
decode_op(struct cursor *c, struct op *op, struct err *e)
{
	uint8_t kind = cursor_u8(c);
	int rc;

	if (kind < OP_DELETE || kind > OP_RMDIR)
		return err_set(e, ERP_CORRUPT, "unknown operation in it");
	op->kind = (enum op_kind)kind;
	op->number = cursor_u32(c);
	if ((rc = record_get_path(c, &op->path, e)) != 0)
		return rc;
	if (op->kind == OP_DELETE || op->kind == OP_REPLACE)
		identity_decode(c, &op->old);
	if (op->kind == OP_REPLACE)
		identity_decode(c, &op->saved);
	if (op->kind == OP_ADD || op->kind == OP_REPLACE)
		identity_decode(c, &op->fresh);
	if (c->bad)
		return err_set(e, ERP_CORRUPT, "an operation is malformed");
	return 0;
}

int
journal_decode(struct cursor *c, struct journal *j, struct err *e)
{
	struct op *op;
	uint32_t i, n;
	uint8_t has_state;
	int rc = 0;

	journal_init(j, cursor_u64(c));
	j->dev = cursor_u64(c);
	has_state = cursor_u8(c);
	j->has_state = has_state != 0;
	n = cursor_u32(c);
	for (i = 0; rc == 0 && i < n; i++) {
		op = journal_grow(j);
		rc = op == NULL ? err_nomem(e) : decode_op(c, op, e);
	}
	if (rc == 0 && (!cursor_end(c) || has_state > 1))
		rc = err_set(e, ERP_CORRUPT, "it is malformed");
	if (rc != 0)
		journal_release(j);
	return rc;
}

int
journal_write(
    const struct fs *fs, int own, const struct journal *j, struct err *e)
{
	struct buf b;
	int rc;

	buf_init(&b, JOURNAL_MAX);
	if ((rc = journal_encode(j, &b, e)) == 0)
		rc = file_write_durable(
		    fs, own, OWN_JOURNAL, buf_data(&b), b.len, e);
	buf_release(&b);
	return rc;
}

int
journal_read(const struct fs *fs, int own, const char *name, struct journal *j,
    struct err *e)
{
	struct cursor c;
	struct buf b;
	int rc;

	journal_init(j, 0);
	buf_init(&b, JOURNAL_MAX);
	rc = record_read(fs, (struct at){own, name}, JOURNAL_MAGIC, &b, &c, e);
	if (rc == 0)
		rc = journal_decode(&c, j, e);
	if (rc == ERP_CORRUPT)
		(void)err_context(e, "recovery required: .erpsync/%s", name);
	buf_release(&b);
	return rc;
}
