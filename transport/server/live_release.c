/*
 * A release, ready for many sessions: made by the publisher when it is
 * current, shared by sessions and the background, freed by the last of them.
 */
#include "transport/server/live_release.h"

#include "engine/base/err.h"
#include "engine/delta/compress/compress.h"
#include "engine/release/lineage.h"
#include "engine/release/resemble.h"
#include "engine/seal/seal.h"
#include "engine/store/store.h"
#include "engine/tree/filter.h"
#include "engine/tree/hints.h"
#include "transport/wire/msg_left_out.h"

#include <assert.h>
#include <stdlib.h>

/* Made once for a release, sent to every station: worth a slow level.  Of more
 * than LARGE most is hashes, of which a slow one makes no less: of 6 MB level
 * 15 makes 0.2 % less than 9, behind an older one 1 % of 55 KB, for seven times
 * the time and 100 MB. */
enum { PACK_LEVEL = 19, LARGE_LEVEL = 9, LARGE = 1024 * 1024 };

static int
level_of(size_t len)
{
	return len > LARGE ? LARGE_LEVEL : PACK_LEVEL;
}

/* Stations whose patterns knew no "**" want a folder where it stands: for the
 * names that are in none they are told what follows it, too. */
static int
put_name(struct buf *out, const char *pattern, struct err *e)
{
	const char *below = filter_below_any(pattern);
	int rc = below == NULL ? 1 : left_out_put(out, below, e);

	return rc == 1 ? left_out_put(out, pattern, e) : rc;
}

int
live_release_names(const struct filter *f, struct buf *out, struct err *e)
{
	int rc = 0, untold = 0;
	size_t i;

	for (i = 0; rc >= 0 && i < f->n; i++) {
		rc = put_name(out, f->v[i], e);
		untold += rc == 0;
	}
	return rc < 0 ? rc : untold;
}

int
live_release_new(struct manifest *m, struct live_release **out, struct err *e)
{
	struct live_release *s = calloc(1, sizeof(*s));
	struct buf raw;
	int rc;

	*out = NULL;
	if (s == NULL)
		return err_nomem(e);
	buf_init(&raw, MANIFEST_MAX_BYTES);
	buf_init(&s->packed, MANIFEST_MAX_BYTES);
	buf_init(&s->seal, SEAL_TEXT_MAX);
	buf_init(&s->left_out, LEFT_OUT_ALL);
	s->manifest = *m;
	manifest_init(m, s->manifest.os);
	atomic_init(&s->refs, 1);
	if ((rc = manifest_encode(&s->manifest, &raw, e)) != 0 ||
	    (rc = hash_bytes(buf_data(&raw), raw.len, &s->id, e)) != 0 ||
	    (rc = compress_bytes(buf_data(&raw), raw.len, level_of(raw.len),
		 &s->packed, e)) != 0)
		goto out;
	s->manifest_len = (uint32_t)raw.len;
	buf_trim(&s->packed);
out:
	buf_release(&raw);
	if (rc != 0)
		live_release_unref(s);
	else
		*out = s;
	return rc;
}

int
live_release_find_ancestors(
    struct live_release *s, struct store *store, struct err *e)
{
	assert(s->ancestors == NULL);
	return lineage_ancestors(store, &s->manifest, &s->ancestors, e);
}

int
live_release_find_seal(
    struct live_release *s, struct store *store, struct err *e)
{
	int rc;

	assert(s->seal.len == 0);
	rc = store_load_seal(store, s->manifest.os, &s->id, &s->seal, e);
	return rc < 0 ? rc : 0;
}

int
live_release_load(struct store *store, enum path_os os,
    struct live_release **out, struct err *e)
{
	struct manifest m;
	int rc;

	*out = NULL;
	manifest_init(&m, os);
	rc = store_load_current(store, os, &m, e);
	if (rc == 0 && (rc = live_release_new(&m, out, e)) == 0 &&
	    ((rc = live_release_find_ancestors(*out, store, e)) != 0 ||
		(rc = live_release_find_seal(*out, store, e)) != 0)) {
		live_release_unref(*out);
		*out = NULL;
	}
	manifest_release(&m);
	return rc;
}

struct live_release *
live_release_ref(struct live_release *s)
{
	if (s != NULL)
		atomic_fetch_add(&s->refs, 1);
	return s;
}

void
live_release_unref(struct live_release *s)
{
	size_t i;

	if (s == NULL || atomic_fetch_sub(&s->refs, 1) != 1)
		return;
	manifest_release(&s->manifest);
	buf_release(&s->packed);
	buf_release(&s->seal);
	buf_release(&s->left_out);
	free(s->ancestors);
	for (i = 0; i < s->relatives_n; i++)
		buf_release(&s->relatives[i].packed);
	free(s);
}

/* The manifest behind the older one, which goes as soon as its bytes are there,
 * or by itself where that is not smaller: *leans. */
static int
pack_after(const struct live_release *s, struct manifest *older,
    struct relative *out, struct err *e)
{
	struct buf from, to;
	struct span prefix, bytes;
	int rc;

	buf_init(&from, MANIFEST_MAX_BYTES);
	buf_init(&to, MANIFEST_MAX_BYTES);
	rc = manifest_encode(older, &from, e);
	manifest_release(older);
	if (rc != 0 || (rc = manifest_encode(&s->manifest, &to, e)) != 0)
		goto out;
	prefix.p = buf_data(&from);
	prefix.n = from.len;
	bytes.p = buf_data(&to);
	bytes.n = to.len;
	rc =
	    compress_after(&prefix, &bytes, level_of(bytes.n), &out->packed, e);
	out->leans = rc == 0 && out->packed.len < s->packed.len;
	if (!out->leans)
		buf_clear(&out->packed);
out:
	buf_release(&from);
	buf_release(&to);
	return rc;
}

static int
find_hints(const struct live_release *s, struct store *store,
    const struct manifest *older, struct buf *out, struct err *e)
{
	struct hints hints = {.v = NULL};
	int rc = resemble_find(store, &s->manifest, older, &hints, e);

	if (rc == 0)
		rc = hints_encode(&hints, older, out, e);
	hints_release(&hints);
	return rc;
}

/* Hints, behind the manifest in whatever form. */
static int
add_hints(const struct live_release *s, const struct buf *hints,
    struct relative *out, struct err *e)
{
	size_t before;
	int rc;

	if (hints->len == 0)
		return 0;
	if (!out->leans &&
	    (rc = buf_append(
		 &out->packed, buf_data(&s->packed), s->packed.len, e)) != 0)
		return rc;
	before = out->packed.len;
	rc = compress_bytes(
	    buf_data(hints), hints->len, PACK_LEVEL, &out->packed, e);
	out->hints_len = (uint32_t)(out->packed.len - before);
	return rc;
}

/* older goes on the way: packing takes as much memory as both. */
static int
relate(const struct live_release *s, struct store *store,
    struct manifest *older, struct relative *out, struct err *e)
{
	struct buf hints;
	int rc;

	assert(out->packed.len == 0 && out->hints_len == 0);
	buf_init(&hints, HINTS_MAX_BYTES);
	if ((rc = find_hints(s, store, older, &hints, e)) == 0 &&
	    (rc = pack_after(s, older, out, e)) == 0)
		rc = add_hints(s, &hints, out, e);
	buf_release(&hints);
	/* It was made where all of the manifest would fit, and stays. */
	buf_trim(&out->packed);
	return rc;
}

int
live_release_relate(const struct live_release *s, struct store *store,
    struct relative *out, struct err *e)
{
	struct manifest older;
	int rc;

	manifest_init(&older, s->manifest.os);
	rc = store_load_release(store, older.os, &out->from, &older, e);
	if (rc == 0)
		rc = relate(s, store, &older, out, e);
	manifest_release(&older);
	return rc;
}

int
live_release_relate_older(const struct live_release *s, struct store *store,
    size_t back, struct relative *out, struct err *e)
{
	struct manifest older;
	int rc;

	*out = (struct relative){.leans = false};
	buf_init(&out->packed, MANIFEST_MAX_BYTES);
	manifest_init(&older, s->manifest.os);
	if ((rc = store_load_older(store, older.os, back, &older, e)) == 0)
		rc = manifest_id(&older, &out->from, e);
	/* Another one was published meanwhile. */
	if (rc == 0 && hash_equal(&out->from, &s->id))
		rc = ERP_NOTFOUND;
	if (rc == 0)
		rc = relate(s, store, &older, out, e);
	manifest_release(&older);
	return rc;
}

struct relative *
live_release_find_relative(struct live_release *s, const struct hash *from)
{
	size_t i;

	for (i = 0; i < s->relatives_n; i++)
		if (hash_equal(&s->relatives[i].from, from))
			return &s->relatives[i];
	return NULL;
}

bool
live_release_begin_relative(struct live_release *s, const struct hash *from)
{
	struct relative *r;

	if (s->relatives_n == RELATIVES_MAX ||
	    live_release_find_relative(s, from) != NULL)
		return false;
	assert(!hash_equal(from, &s->id));
	r = &s->relatives[s->relatives_n++];
	*r = (struct relative){.from = *from};
	buf_init(&r->packed, MANIFEST_MAX_BYTES);
	return true;
}

void
live_release_end_relative(
    struct live_release *s, const struct hash *from, struct relative *made)
{
	struct relative *r = live_release_find_relative(s, from);

	if (r == NULL)
		return;
	/* It is being made until here, and once. */
	assert(r->packed.len == 0 && s->relatives_n > 0);
	if (made != NULL) {
		assert(hash_equal(&made->from, from));
		*r = *made;
		buf_init(&made->packed, made->packed.limit);
		return;
	}
	*r = s->relatives[--s->relatives_n];
}
