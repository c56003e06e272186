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

#include <string.h>

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
};

static int
sums_flush(struct sums_writer *w, struct err *e)
{
	int rc;

	if (w->piece.len == 0)
		return 0;
	rc = sums_encode(buf_data(&w->piece), w->piece.len, &w->s->out, e);
	if (rc != 0)
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

static int
sums_make(struct sums_writer *w, const struct transfer *t,
    const struct source *basis, struct err *e)
{
	struct sink out = {sums_write, w};
	struct sig_params params;
	int rc;

	w->t = t;
	if (!t->asked_sums) {
		w->skip = 0;
		w->left = short_sums_len(t->basis->content.size);
		return short_sums_make(basis, t->basis->content.size, &out, e);
	}
	if ((rc = sig_params_for(t->basis->content.size, &params, e)) != 0)
		return rc;
	w->skip = SIG_HEADER_LEN;
	w->left = sig_length(t->basis->content.size, &params) - SIG_HEADER_LEN;
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

/* Do t's sums go together with those of the group g?  Not across ASKs: how
 * they arrive must not change what is sent. */
static bool
is_joined(
    const struct transfer *t, const struct transfer_group *g, uint64_t asked_by)
{
	return t != NULL && g != NULL && t->group == g && !t->asked_sums &&
	    t->asked_by == asked_by;
}

/*
 * Send the sums of one file, or those that a group's members owe by now, if
 * some are due and the output has room.
 */
int
sums_next(struct station *s, struct err *e)
{
	struct transfer *t = TAILQ_FIRST(&s->transfers.sums);
	struct transfer_group *g;
	struct sums_writer w;
	uint64_t asked_by;
	int rc;

	if (t == NULL || s->out.len >= STATION_OUT_HIGH)
		return 0;
	memset(&w, 0, sizeof(w));
	g = t->group;
	asked_by = t->asked_by;
	w.s = s;
	buf_init(&w.piece, BULK_PIECE);
	do {
		transfer_asked(s, t);
		rc = sums_send(&w, t, e);
		t = TAILQ_FIRST(&s->transfers.sums);
	} while (rc == 0 && is_joined(t, g, asked_by));
	if (rc == 0)
		rc = sums_flush(&w, e);
	buf_release(&w.piece);
	return rc != 0 ? rc : 1;
}
