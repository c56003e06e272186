/*
 * What a station need not say again.  The answer to it may leave before the
 * station's last words of the handshake came, and who began it may be somebody
 * who only repeats what he once recorded: so that answer is foretold, by asking
 * and changing nothing, and said by the session when they are there.
 */
#include "transport/host/conn_internal.h"

#include "engine/base/err.h"
#include "transport/host/peers.h"
#include "transport/host/rates.h"
#include "transport/net/channel_tls.h"

#include <assert.h>
#include <string.h>

enum {
	SAID_MAX = 1024, /* a preface and the fields of HELLO */
	TOLD_MAX = 4096 /* a preface, WELCOME and most seals */
};

void
again_init(struct conn *c)
{
	buf_init(&c->again.told, TOLD_MAX);
}

void
again_release(struct conn *c)
{
	buf_release(&c->again.told);
}

void
again_give(struct conn *c)
{
	struct buf said;

	buf_init(&said, SAID_MAX);
	if (c->channel.tls != NULL && server_said(c->session, &said, NULL) == 0)
		channel_tls_remember(&c->channel, buf_data(&said), said.len);
	buf_release(&said);
}

static int
admit_foreseen(void *ctx, const struct msg_hello *hello, struct admission *out,
    struct err *e)
{
	const struct conn *c = ctx;

	return c->host->foresee(c->host->ctx, c, hello, out)
	    ? 0
	    : err_set(e, ERP_NOTFOUND, "there is something to do");
}

/* Nobody knows yet who listens. */
static void
answer(struct conn *c, const uint8_t *said, size_t n)
{
	const struct server_env env = {
	    .store = c->host->store,
	    .clock = c->host->clock,
	    .admit = admit_foreseen,
	    .ctx = c,
	};
	struct buf *told = &c->again.told;

	if (c->again.asked)
		return;
	c->again.asked = true;
	server_foretell(&env, said, n, told);
	if (told->len > 0 &&
	    !channel_tls_answer(&c->channel, buf_data(told), told->len))
		buf_release(told);
}

/* Of the session's answer these bytes have left already. */
static int
pass_over(struct conn *c, struct err *e)
{
	const struct buf *told = &c->again.told;
	struct server_bytes out;

	if (!server_output(c->session, &out) || out.p == NULL ||
	    out.n < told->len || memcmp(out.p, buf_data(told), told->len) != 0)
		return err_set(e, ERP_LOST,
		    "what it was told has changed since: it comes again");
	rates_take(c->host->rates, c->peer->key, told->len);
	server_sent(c->session, told->len);
	return 0;
}

int
again_hear(struct conn *c, struct err *e)
{
	const uint8_t *said;
	size_t n = channel_tls_said(&c->channel, &said);
	int rc = 0;

	if (n == 0 || c->again.heard)
		return 0;
	if (!channel_tls_is_shaken(&c->channel)) {
		answer(c, said, n);
		return 0;
	}
	c->again.heard = true;
	(void)server_input(c->session, said, n, e);
	if (c->again.told.len > 0)
		rc = pass_over(c, e);
	buf_release(&c->again.told);
	return rc;
}
