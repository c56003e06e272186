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

/* A sink that turns sums into SUMS frames of exactly `left` bytes. */
struct sums_writer {
	struct station *s;
	uint32_t index; /* of the frames */
	const struct transfer *t; /* whose sums they are now */
	size_t skip; /* header bytes still to drop */
	uint64_t left;
	struct buf piece;
};

static int
sums_flush(struct sums_writer *w, struct err *e)
{
	struct msg_bulk m = {w->index, buf_data(&w->piece), w->piece.len};
	int rc;

	if (w->piece.len == 0)
		return 0;
	if ((rc = bulk_encode(MSG_SUMS, &m, &w->s->out, e)) != 0)
		return rc;
	item_sent(w->s, w->t, FRAME_HEADER_LEN + BULK_HEADER_LEN);
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

/* Do t's sums go together with those of the group g?  Not across OFFERs: how
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
	w.index = g != NULL ? g->summed->index : t->index;
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
