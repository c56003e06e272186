/*
 * A server's half of TLS: what it shows, and whom it lets in.  Below
 * transport/host, which has the connections.
 */
#include "transport/net/channel_tls_internal.h"

#include "engine/base/err.h"

#include <assert.h>
#include <string.h>

enum {
	DAY_S = 24 * 60 * 60,
	TICKET_S = 7 * DAY_S /* the longest that TLS 1.3 lets one live */
};

/* Does a station come with a ticket of ours, and what did it say then? */
static size_t
said_before(SSL *ssl, const uint8_t **out)
{
	void *said = NULL;
	size_t n = 0;

	if (SSL_session_reused(ssl) != 1 ||
	    SSL_SESSION_get0_ticket_appdata(SSL_get_session(ssl), &said, &n) !=
		1)
		return 0;
	*out = said;
	return n;
}

/* Ours, or nothing: the client is told at once. */
static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *offered, unsigned n, void *arg)
{
	static const unsigned char both[] = TLS_ALPN_AGAIN TLS_ALPN;
	static const unsigned char ours[] = TLS_ALPN;
	const uint8_t *said;
	/* The first of them can only be meant where something was said. */
	bool knows = said_before(ssl, &said) > 0;
	unsigned char *chosen;

	(void)arg;
	if (SSL_select_next_proto(&chosen, out_len, knows ? both : ours,
		knows ? sizeof(both) - 1 : sizeof(ours) - 1, offered,
		n) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* Is what a station showed when it got a ticket good still?  Dates pass. */
static bool
is_still_good(SSL *ssl, SSL_SESSION *session)
{
	X509 *shown = SSL_SESSION_get0_peer(session);
	X509_STORE_CTX *chain;
	bool good;

	if ((SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) == 0)
		return true;
	if (shown == NULL || (chain = tls_chain_of(ssl, shown)) == NULL)
		return false;
	good = X509_verify_cert(chain) == 1;
	X509_STORE_CTX_free(chain);
	return good;
}

static SSL_TICKET_RETURN
take_ticket(SSL *ssl, SSL_SESSION *session, const unsigned char *name,
    size_t name_n, SSL_TICKET_STATUS status, void *arg)
{
	(void)name;
	(void)name_n;
	(void)arg;
	return (status == SSL_TICKET_SUCCESS ||
		   status == SSL_TICKET_SUCCESS_RENEW) &&
		is_still_good(ssl, session)
	    ? SSL_TICKET_RETURN_USE
	    : SSL_TICKET_RETURN_IGNORE;
}

static int
let_in(struct tls *t, const char *client_ca, struct err *e)
{
	static const unsigned char ours[] = "erpsync";
	int rc;

	/* Sessions of other certificates' are none of ours. */
	if (SSL_CTX_set_session_id_context(t->ctx, ours, sizeof(ours) - 1) != 1)
		return err_nomem(e);
	SSL_CTX_set_alpn_select_cb(t->ctx, choose_protocol, NULL);
	/* The one that there is comes when it is known what was said. */
	if (SSL_CTX_set_num_tickets(t->ctx, 0) != 1 ||
	    SSL_CTX_set_session_ticket_cb(t->ctx, NULL, take_ticket, NULL) != 1)
		return err_nomem(e);
	(void)SSL_CTX_set_timeout(t->ctx, TICKET_S);
	if (client_ca == NULL)
		return 0;
	if ((rc = tls_believe(t, client_ca, e)) != 0)
		return rc;
	SSL_CTX_set_verify(
	    t->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return 0;
}

int
tls_server_new(const struct tls_server *from, struct tls **out, struct err *e)
{
	int rc;

	if ((rc = tls_new(true, out, e)) != 0)
		return rc;
	rc = from->own != NULL
	    ? tls_use_pem(*out, from->own, e)
	    : tls_use_files(*out, from->certificate, from->key, e);
	if (rc == 0)
		rc = let_in(*out, from->client_ca, e);
	if (rc != 0) {
		tls_free(*out);
		*out = NULL;
	}
	return rc;
}

void
channel_tls_remember(struct channel *ch, const uint8_t *said, size_t n)
{
	struct channel_tls *t = ch->tls;

	if (t == NULL)
		return;
	assert(t->tls->is_server && t->shaken);
	/* Without one the next handshake is a whole one. */
	if (SSL_SESSION_set1_ticket_appdata(SSL_get_session(t->ssl), said, n) ==
	    1)
		(void)SSL_new_session_ticket(t->ssl);
}

size_t
channel_tls_said(const struct channel *ch, const uint8_t **out)
{
	const struct channel_tls *t = ch->tls;

	return t != NULL && t->opened && !t->failed &&
		tls_has_protocol(t->ssl, TLS_ALPN_AGAIN)
	    ? said_before(t->ssl, out)
	    : 0;
}

bool
channel_tls_is_shaken(const struct channel *ch)
{
	return ch->tls != NULL && ch->tls->shaken;
}

bool
channel_tls_answer(struct channel *ch, const uint8_t *p, size_t n)
{
	size_t sent;

	assert(ch->tls->opened && !ch->tls->shaken);
	return SSL_write_early_data(ch->tls->ssl, p, n, &sent) == 1;
}

static bool
seconds_of(const ASN1_TIME *when, const ASN1_TIME *epoch, int64_t *out)
{
	int days, seconds;

	if (ASN1_TIME_diff(&days, &seconds, epoch, when) != 1)
		return false;
	*out = (int64_t)days * DAY_S + seconds;
	return true;
}

int
tls_dates(const struct tls *t, struct tls_dates *out, struct err *e)
{
	const X509 *shown = SSL_CTX_get0_certificate(t->ctx);
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	bool is_told = epoch != NULL &&
	    seconds_of(X509_get0_notBefore(shown), epoch, &out->from) &&
	    seconds_of(X509_get0_notAfter(shown), epoch, &out->until);

	ASN1_TIME_free(epoch);
	return is_told ? 0 : err_nomem(e);
}
