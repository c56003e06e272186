/*
 * The spans of a patch rebuilt side by side, where all is reached by position:
 * what patch_apply.c does in order, by a crew, for large files of a station.
 */
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/delta/patch/patch_internal.h"

#include <assert.h>
#include <stdatomic.h>

/*
 * So many heads of spans are read ahead, and as many of those spans are
 * rebuilt at once as have room in so much memory, whatever the number of
 * processors.  One may always.  Threads take longer to start than what makes
 * less than FEW bytes takes: a peer may send spans of one byte.
 */
enum { AHEAD = 64, AT_ONCE = 8, MEMORY = 48 << 20, FEW = 1 << 20 };

struct piece {
	struct patch_span span;
	uint64_t at; /* of the target */
	uint64_t from, to; /* its chunks in the patch */
};

struct spread {
	const struct patch_files *files;
	struct patch_sight sight; /* of the basis */
	uint64_t room; /* bytes of memory for all workers */
	struct piece piece[AHEAD];
	size_t n;
	uint64_t memory; /* of the one that needs most */
	uint64_t made; /* bytes, by all */
	atomic_size_t next; /* that no worker has begun */
};

/* Output of the span that a worker rebuilds. */
struct placed {
	const struct range_sink *out;
	const struct sink *front; /* or NULL */
	uint64_t at;
};

static int
placed_write(void *ctx, const void *p, size_t n, struct err *e)
{
	struct placed *to = ctx;
	int rc = to->out->write_at(to->out->ctx, to->at, p, n, e);

	to->at += n;
	if (rc == 0 && to->front != NULL)
		rc = to->front->write(to->front->ctx, p, n, e);
	return rc;
}

static int
rebuild(const struct spread *s, const struct piece *piece,
    struct patch_replay *r, struct placed *to, struct err *e)
{
	struct range_reader reader = {s->files->patch, piece->from, piece->to};
	struct source chunks = source_of_range(&reader);

	assert(piece->from <= piece->to);
	to->front = piece->at == 0 ? s->files->front : NULL;
	to->at = piece->at;
	return patch_apply_span(r, piece->at, &piece->span, &chunks, e);
}

/* A crew_fn: rebuild spans as long as some are left.  The pages of the basis
 * are the worker's, not the span's: they take longer to clear than a short
 * span. */
static int
worker(void *arg, size_t i, bool here, struct err *e)
{
	struct spread *s = arg;
	struct placed placed = {s->files->out, NULL, 0};
	struct sink to = {placed_write, &placed};
	struct patch_replay *r = NULL;
	size_t k;
	int rc;

	(void)i;
	(void)here;
	if ((rc = patch_replay_new(&s->sight.basis, &to, &r, e)) == 0)
		patch_replay_use(r, s->sight.covers);
	while (rc == 0 && (k = atomic_fetch_add(&s->next, 1)) < s->n)
		rc = rebuild(s, &s->piece[k], r, &placed, e);
	patch_replay_free(r);
	return rc;
}

/* Rebuild all that was gathered. */
static int
work(struct spread *s, const struct crew *crew, struct err *e)
{
	size_t n = (size_t)(s->room / s->memory);

	assert(s->n > 0 && s->n <= AHEAD);
	if (n > AT_ONCE)
		n = AT_ONCE;
	if (n > s->n)
		n = s->n;
	if (n < 1 || s->made < FEW)
		n = 1;
	atomic_store(&s->next, 0);
	return crew_run(crew, worker, s, n, e);
}

/*
 * Read heads of spans from *in on until there are enough or the target is
 * complete.  *at counts in the target, which has so many bytes.
 */
static int
gather(struct spread *s, struct range_reader *in, uint64_t *at, uint64_t len,
    struct err *e)
{
	struct source heads = source_of_range(in);
	struct piece *piece;
	uint64_t n;
	int rc;

	assert(*at < len);
	s->memory = s->made = 0;
	for (s->n = 0; s->n < AHEAD && *at < len; s->n++) {
		piece = &s->piece[s->n];
		rc = patch_read_span(&heads, len - *at, &piece->span, e);
		if (rc != 0)
			return rc;
		n = patch_span_chunks(&piece->span);
		if (n > in->end - in->at)
			return err_set(e, ERP_CORRUPT, "patch is cut off");
		piece->from = in->at;
		piece->to = in->at += n;
		piece->at = *at;
		*at += piece->span.len;
		s->made += piece->span.len;
		n = patch_span_memory(&piece->span);
		if (n > s->memory)
			s->memory = n;
	}
	return 0;
}

/* All spans from *in on, of a target of so many bytes. */
static int
apply_all(struct spread *s, struct range_reader *in, uint64_t len,
    const struct crew *crew, struct err *e)
{
	uint64_t at = 0;
	int rc = 0;

	while (rc == 0 && at < len)
		if ((rc = gather(s, in, &at, len, e)) == 0)
			rc = work(s, crew, e);
	assert(rc != 0 || at == len);
	if (rc == 0 && in->at < in->end)
		rc = err_set(e, ERP_CORRUPT, "bytes behind a patch");
	return rc;
}

/* See the basis as the patch does, by what it says. */
static int
look(struct spread *s, struct source *in, uint8_t version, uint64_t len,
    struct err *e)
{
	struct patch_sight as_is = {.basis = *s->files->basis};
	uint64_t taken;
	int rc;

	s->sight = as_is;
	if (version == PATCH_VERSION)
		return 0;
	if (version != PATCH_VERSION_PROJECTED)
		return err_set(e, ERP_CORRUPT, "patch: bad views");
	if ((rc = patch_projected_open(in, &as_is, len, &s->sight, e)) != 0)
		return rc;
	taken = patch_projected_memory(&s->sight);
	s->room -= taken < s->room ? taken : s->room;
	return 0;
}

int
patch_apply_spread(const struct patch_files *files, uint64_t limit,
    const struct crew *crew, uint64_t *size, struct err *e)
{
	struct range_reader in = {files->patch, 0, files->patch->size};
	struct source head = source_of_range(&in);
	struct spread s = {.files = files, .room = MEMORY};
	uint8_t version;
	uint64_t len;
	int rc;

	*size = 0;
	if ((rc = patch_read_version(&head, &version, e)) != 0 ||
	    (rc = patch_read_lengths(
		 &head, files->basis->size, limit, &len, e)) != 0)
		return rc;
	if ((rc = look(&s, &head, version, len, e)) == 0 &&
	    (rc = apply_all(&s, &in, len, crew, e)) == 0)
		*size = len;
	if (version == PATCH_VERSION_PROJECTED)
		patch_projected_close(&s.sight);
	return rc;
}
