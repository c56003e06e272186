/*
 * An update without a server: what it said when the contents were fetched is
 * played to a station once more, which finds all that it would ask for in the
 * folder, and takes nothing for granted that it did not then.  Beside
 * update_reach.c.
 */
#include "transport/api/update_internal.h"

#include "engine/apply/fetched.h"
#include "engine/base/buf.h"
#include "transport/net/channel.h"

#include <string.h>

/* What is played, and how far. */
struct played {
	const struct buf *said;
	size_t at;
};

static int64_t
play(void *ctx, void *p, size_t n, uint32_t wait_ms)
{
	struct played *d = ctx;
	size_t left = d->said->len - d->at;

	(void)wait_ms;
	if (left == 0)
		return CHANNEL_END;
	if (n > left)
		n = left;
	memcpy(p, (const uint8_t *)buf_data(d->said) + d->at, n);
	d->at += n;
	return (int64_t)n;
}

/* Nobody hears what the station says. */
static int64_t
ignore(void *ctx, const void *p, size_t n, uint32_t wait_ms)
{
	(void)ctx;
	(void)p;
	(void)wait_ms;
	return (int64_t)n;
}

int
update_from_fetched(struct update *u, struct err *e)
{
	struct played played = {.at = 0};
	const struct channel_stream stream = {play, ignore, &played};
	struct buf said;
	int rc;

	buf_init(&said, FETCHED_MAX);
	played.said = &said;
	rc = fetched_find(u->folder->f, &said, e);
	if (rc == 1)
		rc = update_converse(u, &stream, "what was fetched", e);
	else
		u->none_fetched = rc == 0;
	buf_release(&said);
	/* It waits for what it has to ask for. */
	if (rc == ERP_LOST)
		return err_set(e, ERP_NOTFOUND,
		    "contents are missing from what was fetched, or are "
		    "damaged: fetch it again");
	return rc;
}
