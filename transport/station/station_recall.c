/*
 * Sums that were sent before a link broke: the server may have the blob that
 * it made from them, so their hash is said first.  station_sums.c asks here
 * before it sends any.
 */
#include "engine/base/err.h"
#include "transport/station/station_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int
recall_about(const struct transfer *first, size_t n, const struct station *s,
    struct hash *about, struct err *e)
{
	const struct transfer *t = first;
	uint8_t kind = first->asked_sums ? SUMS_SIGNATURE : SUMS_SHORT;
	struct hasher *h;
	int rc;

	if ((rc = hasher_new(&h, e)) != 0)
		return rc;
	rc = hasher_update(h, &kind, sizeof(kind), e);
	for (; rc == 0 && n > 0; n--, t = TAILQ_NEXT(t, list)) {
		rc = hasher_update(
		    h, action_of(s, t)->want->content.hash.b, HASH_LEN, e);
		if (rc == 0)
			rc = hasher_update(
			    h, t->basis->content.hash.b, HASH_LEN, e);
	}
	if (rc == 0)
		rc = hasher_final(h, about, e);
	hasher_free(h);
	return rc;
}

const struct hash *
recall_find(struct station *s, const struct hash *about)
{
	struct recall *r = s->recalls.v;

	for (; r < s->recalls.v + s->recalls.old_n; r++) {
		if (!hash_equal(&r->about, about))
			continue;
		memset(&r->about, 0, sizeof(r->about));
		return &r->sums;
	}
	return NULL;
}

int
recall_note(struct station *s, const struct recall *r, struct err *e)
{
	struct recall *more =
	    reallocarray(s->recalls.v, s->recalls.n + 1, sizeof(*s->recalls.v));

	if (more == NULL)
		return err_nomem(e);
	s->recalls.v = more;
	s->recalls.v[s->recalls.n++] = *r;
	return 0;
}

void
recalls_take(struct station *s, struct station *before)
{
	assert(s->recalls.v == NULL);
	s->recalls = before->recalls;
	s->recalls.old_n = s->recalls.n;
	memset(&before->recalls, 0, sizeof(before->recalls));
}

void
recalls_release(struct station *s)
{
	free(s->recalls.v);
}
