/*
 * A server's half of TLS: what it shows, and whom it lets in.  Below
 * transport/host, which has the connections.
 */
#include "transport/net/channel_tls_internal.h"

#include "engine/base/err.h"

enum { DAY_S = 24 * 60 * 60 };

/* Ours, or nothing: the client is told at once. */
static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *offered, unsigned n, void *arg)
{
	unsigned char *chosen;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&chosen, out_len,
		(const unsigned char *)TLS_ALPN, sizeof(TLS_ALPN) - 1, offered,
		n) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
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
	(void)SSL_CTX_set_num_tickets(t->ctx, 1);
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
