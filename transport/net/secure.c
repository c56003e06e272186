/*
 * Between dial.c, which makes a station's connection, and link.c, which runs a
 * session over it: is it to be plain or TLS, and the handshake.  retry.c asks
 * for it once in each try.
 */
#include "transport/net/secure.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/observer.h"
#include "transport/net/channel.h"

#include <assert.h>
#include <string.h>

enum { SLICE_MS = 200 /* between two looks at limits->interrupted */ };

void
secure_init(struct secure *s, const struct secure_options *opt)
{
	memset(s, 0, sizeof(*s));
	s->opt = opt;
}

void
secure_release(struct secure *s)
{
	tls_free(s->tls);
	s->tls = NULL;
}

const char *
secure_pin(const struct secure *s)
{
	return s->tls != NULL ? tls_pin(s->tls) : "";
}

static bool
is_known(const struct secure_options *opt)
{
	return opt->tls.before != NULL && opt->tls.before[0] != '\0';
}

/* 1: TLS, 0: plain, or a code. */
static int
choose(const struct secure *s, const struct channel *ch, const char *shown,
    struct err *e)
{
	const struct secure_options *opt = s->opt;

	switch (opt->wish) {
	case SECURE_TLS:
		return 1;
	case SECURE_PLAIN:
		if (opt->tls.ca != NULL || opt->tls.pin != NULL)
			return err_set(e, ERP_USAGE,
			    "Insecure=1 contradicts Pin and CA, which are "
			    "about TLS");
		if (!is_known(opt))
			return 0;
		return err_set(e, ERP_UNTRUSTED,
		    "%s was reached by TLS before, so Insecure=1 does not "
		    "count; remove Insecure=1, or --insecure",
		    shown);
	case SECURE_AUTO:
		break;
	}
	return s->believed || is_known(opt) || opt->tls.ca != NULL ||
	    opt->tls.pin != NULL || !channel_is_local(ch);
}

static int
make_tls(struct secure *s, struct err *e)
{
	struct tls_client from = s->opt->tls;
	int rc;

	if (s->tls != NULL)
		return 0;
	if (s->opt->accept)
		from.before = NULL;
	if ((rc = tls_client_new(&from, &s->tls, e)) == 0 &&
	    s->opt->ticket != NULL && s->opt->ticket->len > 0)
		tls_resume(
		    s->tls, buf_data(s->opt->ticket), s->opt->ticket->len);
	return rc;
}

static int
shake(struct channel *ch, const char *shown, const struct secure_limits *limits,
    struct err *e)
{
	uint64_t now;
	int rc;

	while ((rc = channel_tls_shake(ch, shown, e)) == 0) {
		if (limits->interrupted(limits->ctx) != 0)
			return err_set(e, ERP_CANCELLED, "interrupted");
		now = clock_ms(limits->clock);
		if (now >= limits->until)
			return err_set(e, ERP_TIMEOUT,
			    "%s: no TLS handshake in time", shown);
		now = limits->until - now;
		if (channel_wait(ch, CHANNEL_RECV,
			now < SLICE_MS ? (uint32_t)now : SLICE_MS) < 0)
			return err_sys_as(e, ERP_LOST, ch->sys,
			    "lost the connection to", shown);
	}
	return rc < 0 ? rc : 0;
}

static void
warn_plain(const struct observer *obs, const char *shown)
{
	struct err e;
	struct event ev = {.kind = EVENT_WARN, .text = e.msg};

	(void)err_set(&e, ERP_UNTRUSTED,
	    "the connection to %s has no TLS: whoever is on the way can read "
	    "and change what comes; that is what Insecure=1 means",
	    shown);
	observe(obs, &ev);
}

/* Another key than the pin's, which counts all the same, each time. */
static void
warn_pin(const struct secure *s, const char *shown)
{
	struct err e;
	struct event ev = {.kind = EVENT_WARN, .text = e.msg};

	if (s->believed || s->opt->tls.pin == NULL ||
	    strcmp(s->opt->tls.pin, secure_pin(s)) == 0)
		return;
	(void)err_set(&e, ERP_UNTRUSTED,
	    "a release brought smartclient.ini with the Pin of another server "
	    "than %s, which has the key that it had before; it is ignored: "
	    "publish a smartclient.ini with Pin=%s, or without Pin",
	    shown, secure_pin(s));
	observe(s->opt->obs, &ev);
}

int
secure_ticket(const struct secure *s, struct buf *out, struct err *e)
{
	return s->tls != NULL ? tls_ticket(s->tls, out, e) : 0;
}

int
secure_begin(struct secure *s, struct channel *ch, const struct buf *says,
    const char *shown, const struct secure_limits *limits, struct err *e)
{
	int rc = choose(s, ch, shown, e);

	assert(ch->tls == NULL);
	if (rc == 0 && !channel_is_local(ch))
		warn_plain(s->opt->obs, shown);
	if (rc <= 0)
		return rc;
	if ((rc = make_tls(s, e)) != 0 ||
	    (rc = channel_tls_begin(ch, s->tls, e)) != 0 ||
	    (rc = channel_tls_offer(ch, buf_data(says), says->len, e)) != 0 ||
	    (rc = shake(ch, shown, limits, e)) != 0)
		return rc;
	warn_pin(s, shown);
	s->believed = true;
	return channel_tls_is_said(ch);
}
