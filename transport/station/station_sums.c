/*
 * The sums of a basis, sent when the server asks for them: a signature, or
 * short sums, in bulk and a piece at a time as the output has room.
 */
#include "engine/apply/folder.h"
#include "engine/base/fs.h"
#include "engine/base/fs_at.h"
#include "engine/base/stream.h"
#include "engine/delta/short_sums.h"
#include "engine/delta/signature.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"

#include <assert.h>
#include <string.h>

/* Bytes of sums that are worth a RECALL, and perhaps a question more. */
enum { RECALL_LEAST = 128 };

/* May this be asked of t?  Each kind of sums once, the short ones first. */
static int
question_check(const struct transfer *t, enum sums_kind kind, struct err *e)
{
	if (t->whole)
		return err_set(e, ERP_PROTO,
		    "the server asks for sums where there is no basis");
	if (t->asked_sums || (t->asked_short && kind == SUMS_SHORT))
		return err_set(
		    e, ERP_PROTO, "the server asks for the same sums again");
	return 0;
}

int
ask_receive(struct station *s, const struct frame *f, struct err *e)
{
	uint32_t v[GROUP_MAX];
	enum sums_kind kind;
	struct transfer *t;
	int i, rc, n = ask_decode(f->payload, f->len, &kind, v, e);

	if (n < 0)
		return n;
	s->transfers.asks_n++;
	for (i = 0; i < n; i++) {
		if ((t = transfer_open(s, v[i])) == NULL)
			return err_set(e, ERP_PROTO,
			    "the server asks for sums of entry %u, "
			    "which nobody wants",
			    v[i]);
		if ((rc = question_check(t, kind, e)) != 0)
			return rc;
		transfer_owes(s, t, kind);
	}
	return 0;
}

/* A sink that turns sums into SUMS frames of exactly `left` bytes. */
struct sums_writer {
	struct station *s;
	const struct transfer *t; /* whose sums they are now */
	size_t skip; /* header bytes still to drop */
	uint64_t left;
	struct buf piece;
	struct hasher *hasher; /* of all of them */
};

static int
sums_flush(struct sums_writer *w, struct err *e)
{
	int rc;

	if (w->piece.len == 0)
		return 0;
	if ((rc = say_sums(w->s, &w->piece, e)) != 0)
		return rc;
	item_sent(w->s, w->t, FRAME_HEADER_LEN);
	buf_clear(&w->piece);
	return 0;
}

static int
sums_write(void *ctx, const void *p, size_t n, struct err *e)
{
	struct sums_writer *w = ctx;
	const uint8_t *from = p;
	size_t part = n < w->skip ? n : w->skip;
	int rc;

	w->skip -= part;
	from += part;
	n -= part;
	/* A basis that grew meanwhile has more blocks than promised. */
	if (n > w->left)
		n = (size_t)w->left;
	w->left -= n;
	item_sent(w->s, w->t, n);
	if ((rc = hasher_update(w->hasher, from, n, e)) != 0)
		return rc;
	while (n > 0) {
		part = BULK_PIECE - w->piece.len;
		if (part > n)
			part = n;
		if ((rc = buf_append(&w->piece, from, part, e)) != 0)
			return rc;
		from += part;
		n -= part;
		if (w->piece.len == BULK_PIECE && (rc = sums_flush(w, e)) != 0)
			return rc;
	}
	return 0;
}

/* A basis that shrank meanwhile: blocks that match nothing. */
static int
sums_pad(struct sums_writer *w, struct err *e)
{
	static const uint8_t zeroes[256];
	int rc = 0;

	while (rc == 0 && w->left > 0)
		rc = sums_write(w, zeroes, sizeof(zeroes), e);
	return rc;
}

/* How many bytes the sums that t owes are. */
static int
sums_len(const struct transfer *t, uint64_t *len, struct err *e)
{
	uint64_t size = t->basis->content.size;
	struct sig_params params;
	int rc;

	*len = short_sums_len(size);
	if (!t->asked_sums)
		return 0;
	if ((rc = sig_params_for(size, &params, e)) == 0)
		*len = sig_length(size, &params) - SIG_HEADER_LEN;
	return rc;
}

static int
sums_make(struct sums_writer *w, const struct transfer *t,
    const struct source *basis, struct err *e)
{
	struct sink out = {sums_write, w};
	struct sig_params params;
	int rc;

	w->t = t;
	if ((rc = sums_len(t, &w->left, e)) != 0)
		return rc;
	if (!t->asked_sums) {
		w->skip = 0;
		return short_sums_make(basis, t->basis->content.size, &out, e);
	}
	if ((rc = sig_params_for(t->basis->content.size, &params, e)) != 0)
		return rc;
	w->skip = SIG_HEADER_LEN;
	return signature_make(basis, &params, &out, e);
}

/* Write the sums of one basis. */
static int
sums_send(struct sums_writer *w, const struct transfer *t, struct err *e)
{
	const struct folder *folder = w->s->opt.folder;
	const struct fs *fs = folder_fs(folder);
	struct file_stream file = {fs, -1, 0, t->basis->path};
	struct source basis = source_of_file(&file);
	int rc;

	file.fd = at_open(fs, folder_dir(folder), file.path, FS_READ, e);
	if (file.fd < 0)
		return file.fd;
	if ((rc = sums_make(w, t, &basis, e)) == 0)
		rc = sums_pad(w, e);
	fs_close_quietly(fs, &file.fd);
	return rc;
}

/* The transfers whose sums go together, and what of. */
struct sums_job {
	struct transfer *first;
	size_t n;
	uint64_t len;
	struct hash about;
};

/* Do t's sums go together with first's?  Those of a group do, but not across
 * ASKs: how they arrive must not change what is sent. */
static bool
is_joined(const struct transfer *first, const struct transfer *t)
{
	return t == first ||
	    (t != NULL && first->group != NULL && t->group == first->group &&
		t->asked_by == first->asked_by);
}

static int
job_find(struct station *s, struct sums_job *job, struct err *e)
{
	struct transfer *t = job->first;
	uint64_t len;
	int rc;

	for (; is_joined(job->first, t); t = TAILQ_NEXT(t, list), job->n++) {
		assert(t->asked_sums == job->first->asked_sums);
		if ((rc = sums_len(t, &len, e)) != 0)
			return rc;
		job->len += len;
	}
	return recall_about(job->first, job->n, s, &job->about, e);
}

/* Say their hash instead of them: 1, or 0 if they were not sent before. */
static int
job_recall(struct station *s, const struct sums_job *job, struct err *e)
{
	const struct hash *sums =
	    job->len < RECALL_LEAST ? NULL : recall_find(s, &job->about);
	struct transfer *t, *next = job->first;
	size_t n;
	int rc;

	if (sums == NULL)
		return 0;
	if ((rc = say_recall(s, sums, e)) != 0)
		return rc;
	item_sent(s, job->first, FRAME_HEADER_LEN + HASH_LEN);
	for (n = job->n; n > 0; n--) {
		t = next;
		next = TAILQ_NEXT(t, list);
		transfer_recalled(s, t);
	}
	return 1;
}

static int
job_send(struct station *s, const struct sums_job *job, struct err *e)
{
	struct recall sent = {.about = job->about};
	struct sums_writer w = {.s = s};
	struct transfer *t;
	size_t n;
	int rc;

	if ((rc = hasher_new(&w.hasher, e)) != 0)
		return rc;
	buf_init(&w.piece, BULK_PIECE);
	for (n = job->n; rc == 0 && n > 0; n--) {
		t = TAILQ_FIRST(&s->transfers.sums);
		transfer_asked(s, t);
		rc = sums_send(&w, t, e);
	}
	if (rc == 0)
		rc = sums_flush(&w, e);
	if (rc == 0)
		rc = hasher_final(w.hasher, &sent.sums, e);
	if (rc == 0)
		rc = recall_note(s, &sent, e);
	buf_release(&w.piece);
	hasher_free(w.hasher);
	return rc;
}

/*
 * Send the sums of one file, or those that a group's members owe by now, if
 * some are due and the output has room.
 */
int
sums_next(struct station *s, struct err *e)
{
	struct sums_job job = {.first = TAILQ_FIRST(&s->transfers.sums)};
	int rc;

	if (job.first == NULL || s->out.len >= STATION_OUT_HIGH)
		return 0;
	if ((rc = job_find(s, &job, e)) != 0 ||
	    (rc = job_recall(s, &job, e)) != 0)
		return rc;
	rc = job_send(s, &job, e);
	return rc != 0 ? rc : 1;
}
