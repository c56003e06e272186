/*
 * What leaves: the outbox of a session.  Messages are put into it as whole
 * frames; the manifest and the bytes of blobs are sent from where they are,
 * piece by piece, after all frames that wait.  A fetch of the books becomes
 * read jobs, and what they made ready becomes pieces; nobody else changes the
 * outbox.
 */
#include "engine/base/crc.h"
#include "engine/base/fs.h"
#include "engine/store/store.h"
#include "transport/server/server_internal.h"
#include "transport/wire/frame.h"
#include "transport/wire/preface.h"

#include <assert.h>
#include <string.h>

void
outbox_init(struct outbox *o)
{
	buf_init(&o->words, OUT_MAX);
	o->fd = -1;
}

void
outbox_release(struct outbox *o, const struct fs *fs)
{
	buf_release(&o->words);
	fs_close_quietly(fs, &o->fd);
}

bool
outbox_is_empty(const struct outbox *o)
{
	return o->words.len == 0 && o->bulk.len == 0;
}

bool
outbox_is_high(const struct outbox *o)
{
	return o->words.len >= OUT_HIGH;
}

int
outbox_say_preface(struct outbox *o, struct err *e)
{
	assert(outbox_is_empty(o) && o->sent == 0);
	return preface_encode(FEATURE_HINTS | FEATURE_SEALS | FEATURE_INI |
		FEATURE_NOT_NOW | FEATURE_PREVIEW,
	    &o->words, e);
}

int
outbox_say_welcome(struct outbox *o, const struct msg_welcome *m, struct err *e)
{
	return welcome_encode(m, &o->words, e);
}

int
outbox_say_seal(struct outbox *o, const struct buf *seal, struct err *e)
{
	return seal_encode(buf_data(seal), seal->len, &o->words, e);
}

int
outbox_say_nop(struct outbox *o, const struct msg_nop *m, struct err *e)
{
	return nop_encode(m, &o->words, e);
}

int
outbox_say_ask(
    struct outbox *o, enum sums_kind kind, const struct asked *a, struct err *e)
{
	return a->n == 0 ? 0 : ask_encode(kind, a->v, a->n, &o->words, e);
}

/* As few OFFERs as can be. */
int
outbox_say_offers(
    struct outbox *o, const struct msg_offer *v, size_t n, struct err *e)
{
	size_t part;
	int rc = 0;

	for (; rc == 0 && n > 0; v += part, n -= part) {
		part = n < WANT_MAX ? n : WANT_MAX;
		rc = offers_encode(v, part, &o->words, e);
	}
	return rc;
}

void
outbox_end(struct outbox *o, const struct msg_error *m)
{
	/* Without memory for them there are no last words. */
	if (m != NULL)
		(void)error_encode(m, &o->words, NULL);
	if (o->bulk.sent == 0)
		o->bulk.len = 0;
	o->sending_manifest = false;
	o->crcs_at = o->crcs_n;
}

void
outbox_drop(struct outbox *o)
{
	buf_clear(&o->words);
	o->bulk.len = o->bulk.sent = 0;
}

void
outbox_use_manifest(struct outbox *o, const uint8_t *p, size_t n)
{
	assert(o->manifest_len == 0 && n > 0);
	o->manifest = p;
	o->manifest_len = n;
}

int
outbox_send_manifest(struct outbox *o, struct err *e)
{
	assert(o->manifest_len > 0);
	if (o->sending_manifest || o->manifest_pos > 0)
		return err_set(e, ERP_PROTO, "the manifest was already sent");
	o->sending_manifest = true;
	return 0;
}

static void
manifest_next(struct outbox *o)
{
	struct bulk *b = &o->bulk;

	assert(o->manifest_pos < o->manifest_len);
	b->p = o->manifest + o->manifest_pos;
	b->len = o->manifest_len - o->manifest_pos;
	if (b->len > BULK_PIECE)
		b->len = BULK_PIECE;
	b->head_n = bulk_head(
	    b->head, MSG_MANIFEST, 0, b->len, crc_add(0, b->p, b->len));
	o->manifest_pos += b->len;
	if (o->manifest_pos == o->manifest_len)
		o->sending_manifest = false;
}

static void
data_next(struct outbox *o, struct books *books)
{
	const struct pending *p = books_next_fetch(books);
	struct bulk *b = &o->bulk;

	assert(p != NULL && o->fd >= 0);
	b->p = NULL;
	b->offset = p->offset;
	b->len = piece_len(p->offset, p->offer.len);
	b->head_n =
	    bulk_head(b->head, MSG_DATA, p->index, b->len, o->crcs[o->crcs_at]);
	o->crcs_at++;
	books_sent(books, b->len);
	o->served_pieces = true;
}

void
outbox_next(struct outbox *o, struct books *books)
{
	if (o->bulk.len > 0)
		return;
	assert(o->bulk.sent == 0);
	if (o->sending_manifest)
		manifest_next(o);
	else if (o->crcs_at < o->crcs_n)
		data_next(o, books);
}

void
outbox_sent(
    struct outbox *o, struct books *books, const struct fs *fs, size_t n)
{
	const struct pending *p = books_next_fetch(books);
	struct bulk *b = &o->bulk;

	o->sent += n;
	if (o->words.len > 0 && b->sent == 0) {
		assert(n <= o->words.len);
		buf_consume(&o->words, n);
		if (o->words.len == 0)
			buf_release(&o->words);
		return;
	}
	b->sent += n;
	assert(b->len > 0 && b->sent <= b->head_n + b->len);
	if (b->sent < b->head_n + b->len)
		return;
	b->len = b->sent = 0;
	if (b->p != NULL || p->offset < p->offer.len)
		return;
	fs_close_quietly(fs, &o->fd);
	books_end_fetch(books);
}

bool
server_output(const struct server *s, struct server_bytes *out)
{
	const struct outbox *o = &s->outbox;
	const struct bulk *b = &o->bulk;
	size_t at = b->sent < b->head_n ? 0 : b->sent - b->head_n;

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	if (o->words.len > 0 && b->sent == 0) {
		out->p = buf_data(&o->words);
		out->n = o->words.len;
		out->more = b->len > 0;
	} else if (b->len == 0) {
		return false;
	} else if (b->sent < b->head_n) {
		out->p = b->head + b->sent;
		out->n = b->head_n - b->sent;
		out->more = true;
	} else {
		out->p = b->p == NULL ? NULL : b->p + at;
		out->fd = o->fd;
		out->offset = b->offset + at;
		out->n = b->len - at;
		out->more = o->words.len > 0 || o->crcs_at < o->crcs_n;
	}
	assert(out->n > 0 && (out->p != NULL || out->fd >= 0));
	return true;
}

/* Make the next pieces of a blob ready, if all before are sent. */
int
read_next(struct server *s, struct err *e)
{
	const struct pending *p = books_next_fetch(&s->books);
	struct outbox *o = &s->outbox;
	struct read_job *read;
	struct job *job;

	if (p == NULL || s->reading != NULL || outbox_is_high(o) ||
	    (o->bulk.len > 0 && o->bulk.p == NULL) || o->crcs_at < o->crcs_n)
		return 0;
	assert(p->state == PENDING_FETCH && p->offset < p->offer.len);
	s->must_wait = o->fd < 0 && s->env.may_open != NULL &&
	    !s->env.may_open(s->env.ctx);
	if (s->must_wait)
		return 0;
	if ((job = job_new(s, JOB_READ, e)) == NULL)
		return ERP_NOMEM;
	read = &job->read;
	read->blob = p->offer.blob;
	read->offset = p->offset;
	read->len = p->offer.len;
	read->crcs_n = pieces_between(p->offset, p->offer.len);
	if (read->crcs_n > WINDOW_PIECES)
		read->crcs_n = WINDOW_PIECES;
	/* The descriptor travels with the job and comes back with it. */
	read->fd = o->fd;
	o->fd = -1;
	job_submit(job);
	return 0;
}

/* A small blob: all of it, from its offset on, leaves in one frame. */
static int
small_done(struct server *s, const struct read_job *read, struct err *e)
{
	const struct pending *p = books_next_fetch(&s->books);
	size_t n = piece_len(read->offset, read->len);
	struct msg_data m = {p->index, read->bytes, n};
	int rc = data_encode(&m, &s->outbox.words, e);

	if (rc != 0)
		return rc;
	books_sent(&s->books, n);
	books_end_fetch(&s->books); /* job_free closes the descriptor */
	return 0;
}

int
read_done(struct server *s, struct job *job, struct err *e)
{
	const struct pending *p = books_next_fetch(&s->books);
	struct read_job *read = &job->read;
	struct outbox *o = &s->outbox;

	if (job->rc != 0) {
		*e = job->err;
		return job->rc;
	}
	assert(p != NULL && p->offset == read->offset);
	assert(o->fd < 0 && o->crcs_at == o->crcs_n);
	if (read->bytes != NULL)
		return small_done(s, read, e);
	memcpy(o->crcs, read->crcs, read->crcs_n * sizeof(o->crcs[0]));
	o->crcs_at = 0;
	o->crcs_n = read->crcs_n;
	o->fd = read->fd;
	read->fd = -1;
	return 0;
}
