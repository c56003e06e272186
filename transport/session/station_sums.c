/* The sums of a basis, sent when the server asks for them. */
#include "engine/apply/folder.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/stream.h"
#include "engine/delta/signature.h"
#include "transport/session/station_internal.h"

#include <string.h>

/* A sink that turns a signature into SUMS frames of exactly `left` bytes. */
struct sums_writer {
	struct station *s;
	struct transfer *t;
	size_t skip; /* header bytes still to drop */
	uint64_t left;
	struct buf piece;
};

static int
sums_flush(struct sums_writer *w, struct err *e)
{
	struct msg_bulk m = {w->t->index, buf_data(&w->piece), w->piece.len};
	int rc;

	if (w->piece.len == 0)
		return 0;
	if ((rc = bulk_encode(MSG_SUMS, &m, &w->s->out, e)) != 0)
		return rc;
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
	return rc != 0 ? rc : sums_flush(w, e);
}

static int
sums_send(struct station *s, struct transfer *t, struct err *e)
{
	const struct entry *have = t->basis;
	const struct fs *fs = folder_fs(s->opt.folder);
	struct file_stream file = {fs, -1, 0, have->path};
	struct source basis = source_of_file(&file);
	struct sums_writer w;
	struct sink out = {sums_write, &w};
	struct sig_params params;
	int rc;

	memset(&w, 0, sizeof(w));
	w.s = s;
	w.t = t;
	w.skip = SIG_HEADER_LEN;
	buf_init(&w.piece, BULK_PIECE);
	if ((rc = sig_params_for(have->size, &params, e)) != 0)
		return rc;
	w.left = sig_length(have->size, &params) - SIG_HEADER_LEN;
	item_of(s, t)->sent += bulk_frames_len(w.left);
	file.fd =
	    fs_open(fs, folder_dir(s->opt.folder), have->path, FS_READ, 0);
	if (file.fd < 0)
		return err_sys(e, -file.fd, "open", have->path);
	if ((rc = signature_make(&basis, &params, &out, e)) == 0)
		rc = sums_pad(&w, e);
	fs_close_quietly(fs, &file.fd);
	buf_release(&w.piece);
	return rc;
}

/* Send the sums of one file, if some are due and the output has room. */
int
sums_next(struct station *s, struct err *e)
{
	struct transfer *t = TAILQ_FIRST(&s->sums);
	int rc;

	if (t == NULL || s->out.len >= STATION_OUT_HIGH)
		return 0;
	if ((rc = sums_send(s, t, e)) != 0)
		return rc;
	TAILQ_REMOVE(&s->sums, t, list);
	t->state = TRANSFER_ASKED;
	return 1;
}
