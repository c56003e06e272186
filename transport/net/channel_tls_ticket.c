/*
 * A station's tickets, beside channel_tls_client.c: where a connection may
 * begin that has seen the server before, in this run or in an earlier one, and
 * what need not be said again then.  The server's half is in
 * channel_tls_server.c.
 */
#include "transport/net/channel_tls_internal.h"

#include "engine/base/codec.h"
#include "engine/base/err.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

enum {
	SAYS_MAX = 4096, /* a preface and HELLO are a tenth of it */
	SHOWN_LEN = 32 /* SHA-256 of a certificate */
};

/* What names the station's own certificate; zeroes without one. */
static bool
own_certificate(const struct tls *t, uint8_t out[SHOWN_LEN])
{
	const X509 *own = SSL_CTX_get0_certificate(t->ctx);
	unsigned n = SHOWN_LEN;

	memset(out, 0, SHOWN_LEN);
	return own == NULL ||
	    (X509_digest(own, EVP_sha256(), out, &n) == 1 && n == SHOWN_LEN);
}

/* Would the server that gave the ticket be believed, if it showed what it
 * showed then?  Somebody has to vouch for it: a key, or a CA. */
static bool
is_believed(const struct channel_tls *t)
{
	struct tls_trust *trust = &t->tls->trust;
	X509 *shown = SSL_SESSION_get0_peer(t->tls->session);
	X509_STORE_CTX *chain;
	bool yes;

	if (shown == NULL || (!trust->has_ca && trust->pin[0] == '\0') ||
	    (chain = tls_chain_of(t->ssl, shown)) == NULL)
		return false;
	yes = tls_judge(chain, t->tls) == 1;
	X509_STORE_CTX_free(chain);
	/* No server of this connection was judged. */
	trust->other_key = false;
	return yes;
}

int
channel_tls_offer(
    struct channel *ch, const uint8_t *says, size_t n, struct err *e)
{
	static const unsigned char both[] = TLS_ALPN_AGAIN TLS_ALPN;
	struct channel_tls *t = ch->tls;
	int rc;

	assert(!t->tls->is_server && !t->shaken && t->says.len == 0 && n > 0);
	buf_init(&t->says, SAYS_MAX);
	if ((rc = buf_append(&t->says, says, n, e)) != 0)
		return rc;
	ERR_clear_error();
	if (t->tls->session == NULL || !is_believed(t) ||
	    SSL_set_session(t->ssl, t->tls->session) != 1)
		return 0;
	t->repeats = t->tls->said.len > 0 && buf_equal(&t->says, &t->tls->said);
	if (t->repeats &&
	    SSL_set_alpn_protos(t->ssl, both, sizeof(both) - 1) != 0)
		return err_nomem(e);
	return 0;
}

bool
channel_tls_is_said(const struct channel *ch)
{
	const struct channel_tls *t = ch->tls;

	return t != NULL && t->shaken && t->repeats &&
	    tls_has_protocol(t->ssl, TLS_ALPN_AGAIN);
}

int
tls_ticket(struct tls *t, struct buf *out, struct err *e)
{
	uint8_t own[SHOWN_LEN], *p = NULL;
	int n, rc;

	assert(!t->is_server);
	if (!t->fresh)
		return 0;
	if (!own_certificate(t, own) ||
	    (n = i2d_SSL_SESSION(t->session, &p)) <= 0)
		return err_nomem(e);
	if ((rc = buf_append(out, own, SHOWN_LEN, e)) == 0 &&
	    (rc = put_u16(out, (uint16_t)t->said.len, e)) == 0 &&
	    (rc = buf_append(out, buf_data(&t->said), t->said.len, e)) == 0)
		rc = buf_append(out, p, (size_t)n, e);
	OPENSSL_clear_free(p, (size_t)n);
	return rc;
}

void
tls_resume(struct tls *t, const uint8_t *p, size_t n)
{
	uint8_t own[SHOWN_LEN], then[SHOWN_LEN];
	SSL_SESSION *session;
	const uint8_t *said;
	struct cursor c;
	size_t said_n;

	assert(!t->is_server && t->session == NULL);
	cursor_init(&c, p, n);
	cursor_copy(&c, then, SHOWN_LEN);
	said_n = cursor_u16(&c);
	said = cursor_bytes(&c, said_n);
	if (c.bad || !own_certificate(t, own) ||
	    memcmp(own, then, SHOWN_LEN) != 0)
		return;
	session = d2i_SSL_SESSION(NULL, &c.p, (long)c.len);
	buf_init(&t->said, SAYS_MAX);
	if (session != NULL && SSL_SESSION_is_resumable(session) == 1 &&
	    SSL_SESSION_get_protocol_version(session) == TLS1_3_VERSION &&
	    buf_append(&t->said, said, said_n, NULL) == 0)
		t->session = session;
	else
		SSL_SESSION_free(session);
	ERR_clear_error();
}
