/*
 * Two sets of contents, sketched; the hashes of the older ones in one sorted
 * list, in which those of each new one are looked up.
 */
#include "engine/release/resemble.h"

#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/stream.h"
#include "engine/delta/sketch.h"
#include "engine/store/store.h"
#include "engine/tree/content_index.h"
#include "engine/tree/hints.h"
#include "engine/tree/manifest.h"
#include "engine/tree/missing.h"
#include "engine/tree/namesake.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* What is read of one release, and how many files of it; of contents
	 * that stay so many times what is sought, and a little. */
	RESEMBLE_BYTES = 256 * 1024 * 1024,
	STAYS_TIMES = 16,
	STAYS_LEAST = 4 * 1024 * 1024,
	RESEMBLE_FILES = 8192,
	PIECE = 64 * 1024,
	/* A hash that more of the older contents have says nothing: a licence
	 * in front of each. */
	COMMON = 64,
	/* Of a sketch that must be shared at least: 1/16, and two. */
	SHARE = 16,
	LEAST = 2,
	/* A basis by name gives way to one with so many times as much. */
	BETTER = 2
};

/* A file, and what it looks like. */
struct seen {
	const struct entry *entry;
	struct sketch sketch;
};
struct seen_list {
	struct seen *v;
	size_t n;
	uint64_t bytes; /* read so far */
};

/* One hash of an older content. */
struct posting {
	uint32_t hash, at; /* its place in the list */
};

struct resemblance {
	struct store *store;
	const struct manifest *m, *older;
	/* Contents of the older, of the new one. */
	struct content_index has, stays;
	struct seen_list from, to;
	struct posting *postings;
	size_t postings_n;
	uint32_t *score; /* for each of from; zeroes between two questions */
};

/* Sketch one content; false when it cannot be read. */
static bool
sketch_content(struct store *s, const struct entry *entry, struct sketch *out)
{
	struct file_stream file = {
	    .fs = store_fs(s), .path = "content in the state folder"};
	struct source from = source_of_file(&file);
	uint8_t piece[PIECE];
	uint64_t size;
	int64_t got = -1;

	memset(out, 0, sizeof(*out));
	file.fd = store_open_content(s, &entry->content.hash, &size, NULL);
	if (file.fd < 0)
		return false;
	while ((got = from.read(from.ctx, piece, sizeof(piece), NULL)) > 0)
		sketch_add(out, piece, (size_t)got);
	fs_close_quietly(file.fs, &file.fd);
	return got == 0;
}

/* Add a file to a list, as long as there is room: most bytes in all. */
static int
see(struct resemblance *r, struct seen_list *list, const struct entry *entry,
    uint64_t most, struct err *e)
{
	if (list->v == NULL &&
	    (list->v = calloc(RESEMBLE_FILES, sizeof(*list->v))) == NULL)
		return err_nomem(e);
	if (list->n == RESEMBLE_FILES || list->bytes > most ||
	    entry->content.size > most - list->bytes)
		return 0;
	list->bytes += entry->content.size;
	if (!sketch_content(r->store, entry, &list->v[list->n].sketch))
		return 0;
	list->v[list->n++].entry = entry;
	return 0;
}

/*
 * Is it worth a look, since its name tells nothing?  A content may also have
 * changed its place with another: of small files that is cheap to see, and the
 * large ones are programs, which keep their names.
 */
static bool
is_puzzling(struct resemblance *r, const struct entry *want, bool *is_new)
{
	const struct entry *was = manifest_find(r->older, want->path);

	if (want->type != ENTRY_FILE || want->content.size == 0 ||
	    content_index_has(&r->has, &want->content.hash))
		return false;
	*is_new = was == NULL || !namesake_is_basis(was);
	return *is_new || want->content.size <= GROUP_FILE;
}

/* What is sought: first what came into being. */
static int
see_new(struct resemblance *r, bool *any_new, struct err *e)
{
	size_t i;
	bool is_new, first;
	int rc = 0;

	for (first = true;; first = false) {
		for (i = 0; rc == 0 && i < r->m->n; i++)
			if (is_puzzling(r, &r->m->v[i], &is_new) &&
			    is_new == first)
				rc = see(
				    r, &r->to, &r->m->v[i], RESEMBLE_BYTES, e);
		if (!first)
			return rc;
		*any_new = r->to.n > 0;
	}
}

/* What it may be made from: first what is no more, then, for files that came
 * into being, what stays as it is. */
static int
see_old(struct resemblance *r, bool stays, struct err *e)
{
	const struct entry *have;
	uint64_t most = RESEMBLE_BYTES;
	size_t i;
	int rc = 0;

	if (stays && STAYS_LEAST + STAYS_TIMES * r->to.bytes < most)
		most = STAYS_LEAST + STAYS_TIMES * r->to.bytes;
	for (i = 0; rc == 0 && i < r->older->n; i++) {
		have = &r->older->v[i];
		if (namesake_is_basis(have) &&
		    content_index_has(&r->stays, &have->content.hash) == stays)
			rc = see(r, &r->from, have, most, e);
	}
	return rc;
}

static int
compare_postings(const void *a, const void *b)
{
	const struct posting *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static int
index_old(struct resemblance *r, struct err *e)
{
	size_t i, j, n = 0;

	for (i = 0; i < r->from.n; i++)
		n += r->from.v[i].sketch.n;
	r->postings = calloc(n + 1, sizeof(*r->postings));
	r->score = calloc(r->from.n + 1, sizeof(*r->score));
	if (r->postings == NULL || r->score == NULL)
		return err_nomem(e);
	for (i = 0; i < r->from.n; i++)
		for (j = 0; j < r->from.v[i].sketch.n; j++)
			r->postings[r->postings_n++] = (struct posting){
			    r->from.v[i].sketch.v[j], (uint32_t)i};
	assert(r->postings_n == n);
	if (n > 1)
		qsort(r->postings, n, sizeof(*r->postings), compare_postings);
	return 0;
}

/* The first posting of this hash or a larger one. */
static size_t
first_posting(const struct resemblance *r, uint32_t hash)
{
	size_t low = 0, high = r->postings_n, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (r->postings[mid].hash < hash)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Add to the scores of all older contents what they share with this one. */
static void
add_scores(struct resemblance *r, const struct sketch *of)
{
	size_t i, j, first;

	for (i = 0; i < of->n; i++) {
		first = j = first_posting(r, of->v[i]);
		while (j < r->postings_n && r->postings[j].hash == of->v[i])
			j++;
		if (j - first > COMMON)
			continue;
		for (; first < j; first++)
			r->score[r->postings[first].at]++;
	}
}

/* The best for one new file, or NULL, when what its name finds, or nothing,
 * will do.  Leaves zeroes. */
static const struct entry *
choose(struct resemblance *r, struct namesakes *names, const struct seen *to)
{
	const struct entry *named = namesake_find(names, to->entry), *have;
	const struct entry *best = NULL;
	uint32_t most = 0, by_name = 0, score;
	bool met = named == NULL;
	size_t i;

	add_scores(r, &to->sketch);
	for (i = 0; i < r->from.n; i++) {
		score = r->score[i];
		r->score[i] = 0;
		have = r->from.v[i].entry;
		if (have == named) {
			by_name = score;
			met = true;
		}
		if (score == 0 || score < most ||
		    (score == most &&
			namesake_badness(to->entry, have) >=
			    namesake_badness(to->entry, best)))
			continue;
		most = score;
		best = have;
	}
	/* A name that nobody could look behind is believed. */
	if (!met || most < LEAST || most < to->sketch.n / SHARE ||
	    best == named || most < BETTER * by_name)
		return NULL;
	return best;
}

static int
choose_all(struct resemblance *r, struct hints *h, struct err *e)
{
	struct namesakes names = {.n = 0};
	const struct entry *best;
	size_t i;
	int rc;

	if ((rc = index_old(r, e)) != 0 ||
	    (rc = namesake_init(&names, r->older, r->m, NULL, e)) != 0)
		return rc;
	for (i = 0; rc == 0 && i < r->to.n; i++) {
		best = choose(r, &names, &r->to.v[i]);
		if (best == NULL)
			continue;
		if (h->v == NULL)
			rc = hints_init(h, r->m->n, e);
		if (rc == 0)
			rc = hints_set(h, (size_t)(r->to.v[i].entry - r->m->v),
			    best->path, e);
	}
	namesake_release(&names);
	return rc;
}

int
resemble_find(struct store *s, const struct manifest *m,
    const struct manifest *older, struct hints *h, struct err *e)
{
	struct resemblance r = {.store = s, .m = m, .older = older};
	bool any_new;
	int rc;

	assert(h->v == NULL && m->os == older->os);
	if ((rc = content_index_init(&r.has, older, e)) == 0 &&
	    (rc = content_index_init(&r.stays, m, e)) == 0)
		rc = see_new(&r, &any_new, e);
	if (rc == 0 && r.to.n > 0 && (rc = see_old(&r, false, e)) == 0 &&
	    any_new)
		rc = see_old(&r, true, e);
	if (rc == 0 && r.to.n > 0)
		rc = choose_all(&r, h, e);
	content_index_release(&r.has);
	content_index_release(&r.stays);
	free(r.from.v);
	free(r.to.v);
	free(r.postings);
	free(r.score);
	if (rc != 0)
		hints_release(h);
	return rc;
}
