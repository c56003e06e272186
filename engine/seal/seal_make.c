/*
 * New seals, for who has a secret key, and successions behind them; seal.c
 * judges both.
 */
#include "engine/seal/seal.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"

#include <string.h>

/* Append a succession: the secret's key takes the place of the older one. */
static int
succeed(const struct minisign_secret *older,
    const struct minisign_secret *secret, const struct successor *from,
    struct buf *out, struct err *e)
{
	char comment[MINISIGN_COMMENT_MAX + 1];
	struct minisign_seal seal;
	size_t before = out->len;
	int rc;

	successor_encode(from, comment);
	if ((rc = minisign_key_encode(&secret->key, out, e)) != 0 ||
	    (rc = minisign_sign(older, buf_data(out) + before,
		 out->len - before, comment, &seal, e)) != 0)
		return rc;
	return minisign_seal_encode(&seal, out, e);
}

int
seal_make(const struct seal_order *order, struct buf *out, struct err *e)
{
	const struct statement *says = &order->says;
	/* What the new key has to be above of. */
	const struct successor from = {says->serial - 1, says->issued};
	struct seal_text successions = {NULL, 0};
	char comment[MINISIGN_COMMENT_MAX + 1];
	struct minisign_seal seal;
	struct sealed before;
	int rc;

	if (order->before.n > 0 &&
	    (rc = seal_read(order->before, &before, &successions, e)) != 0)
		return rc;
	if ((rc = statement_encode(says, comment, e)) != 0 ||
	    (rc = minisign_sign(order->secret, order->bytes.p, order->bytes.n,
		 comment, &seal, e)) != 0 ||
	    (rc = minisign_seal_encode(&seal, out, e)) != 0)
		return rc;
	if (successions.n > 0 &&
	    (rc = buf_append(out, successions.p, successions.n, e)) != 0)
		return rc;
	return order->older == NULL
	    ? 0
	    : succeed(order->older, order->secret, &from, out, e);
}
