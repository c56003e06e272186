/*
 * The manifest of the wanted release as it arrives: pieces, unpacked when the
 * last one is here, believed when their hash is the release's.
 */
#include "engine/apply/folder.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/delta/compress/compress.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"

/* What a rate is told from, at least. */
enum { RATE_BYTES = 64 * 1024, RATE_MS = 50 };

/* The canonical bytes out of what was received. */
static int
unpack_manifest(struct station *s, struct buf *raw, struct err *e)
{
	const struct folder_state *state = folder_state(s->opt.folder);
	struct span frame = {buf_data(&s->manifest.packed),
			s->manifest.packed.len - s->report.welcome.hints_len},
		    prefix;
	struct buf own;
	int rc;

	if ((s->report.welcome.flags & WELCOME_RELATIVE) == 0)
		return decompress_bytes(frame.p, frame.n, raw, e);
	if (!state->known)
		return err_set(e, ERP_PROTO,
		    "the manifest leans on one that we do not have");
	buf_init(&own, MANIFEST_MAX_BYTES);
	if ((rc = manifest_encode(&state->manifest, &own, e)) == 0) {
		prefix.p = buf_data(&own);
		prefix.n = own.len;
		rc = decompress_after(&prefix, &frame, raw, e);
	}
	buf_release(&own);
	return rc;
}

/* What could not be unpacked is told. */
static int
named(int rc, struct err *e)
{
	return rc == ERP_CORRUPT || rc == ERP_MISMATCH
	    ? err_context(e, "the list of files")
	    : rc;
}

/* What the server knows of contents that names do not tell.  Hints that lead
 * nowhere are not given to who has no release they could be about. */
static int
unpack_hints(struct station *s, struct buf *hints, struct err *e)
{
	const struct buf *packed = &s->manifest.packed;
	size_t n = s->report.welcome.hints_len;

	if (n == 0)
		return 0;
	if (!folder_state(s->opt.folder)->known)
		return err_set(e, ERP_PROTO,
		    "the server gives hints about a release that we do not "
		    "have");
	return decompress_bytes(
	    buf_data(packed) + packed->len - n, n, hints, e);
}

/* The bytes of a manifest that is whole, believed when their hash is the
 * release's. */
static int
believe(struct station *s, const struct buf *raw, const struct buf *hints,
    struct err *e)
{
	const struct folder_state *state = folder_state(s->opt.folder);
	struct hash id;
	int rc;

	if ((rc = hash_bytes(buf_data(raw), raw->len, &id, e)) != 0)
		return rc;
	if (!hash_equal(&id, &s->report.welcome.release))
		return err_set(e, ERP_MISMATCH,
		    "the manifest is not the one the server announced");
	if ((rc = manifest_decode(
		 &s->manifest.want, buf_data(raw), raw->len, e)) != 0)
		return rc;
	if (s->manifest.want.os != s->opt.os)
		return err_set(e, ERP_MISMATCH,
		    "the server sent the files of another system");
	return s->report.welcome.hints_len == 0
	    ? 0
	    : hints_decode(&s->manifest.hints, &s->manifest.want,
		  &state->manifest, hints, e);
}

int
manifest_begin(struct station *s, bool by_itself, struct err *e)
{
	if (!by_itself)
		return say_get_manifest(s, e);
	/* A dry run foretells an update that asks somebody first. */
	if (s->report.welcome.verdict != VERDICT_COMPATIBLE && !s->opt.agreed &&
	    !s->opt.download_only)
		s->account.foretold_sent += FRAME_HEADER_LEN;
	return 0;
}

int
manifest_receive(struct station *s, const struct frame *f, struct err *e)
{
	const struct msg_welcome *w = &s->report.welcome;
	struct buf raw, hints;
	int rc;

	if (f->len == 0 || f->len > w->packed_len - s->manifest.packed.len)
		return err_set(e, ERP_PROTO, "manifest longer than announced");
	if ((rc = buf_append(&s->manifest.packed, f->payload, f->len, e)) !=
		0 ||
	    s->manifest.packed.len < w->packed_len)
		return rc;
	buf_init(&raw, w->manifest_len);
	buf_init(&hints, HINTS_MAX_BYTES);
	if ((rc = unpack_manifest(s, &raw, e)) == 0)
		rc = unpack_hints(s, &hints, e);
	/* The list is made of these bytes: no others beside it. */
	buf_release(&s->manifest.packed);
	if ((rc = named(rc, e)) == 0)
		rc = believe(s, &raw, &hints, e);
	buf_release(&raw);
	buf_release(&hints);
	return rc == 0 ? 1 : rc;
}

/* The manifest comes without a pause of either end's: all that it takes is the
 * link's time. */
void
manifest_measure(struct station *s, size_t n)
{
	struct rate_in *r = &s->rate;

	if (s->state != STATE_MANIFEST)
		return;
	if (r->first_ms != 0)
		r->bytes += n;
	else
		r->first_ms = clock_ms(s->opt.clock);
	r->last_ms = clock_ms(s->opt.clock);
}

/* 0: so few bytes, or so short a time, tell nothing. */
uint64_t
manifest_rate(const struct station *s)
{
	const struct rate_in *r = &s->rate;
	uint64_t ms = r->last_ms - r->first_ms;

	return r->bytes < RATE_BYTES || ms < RATE_MS ? 0 : r->bytes * 1000 / ms;
}
