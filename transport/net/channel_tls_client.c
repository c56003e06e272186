/*
 * A station's half of TLS, on top of channel_tls.c: whom it believes, and what
 * it says of a server that it does not believe.  For dial.c's callers.
 */
#include "transport/net/channel_tls_internal.h"

#include "engine/base/err.h"

#include <assert.h>
#include <bsd/string.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>
#include <string.h>

/* Is the server's certificate to be believed?  Whatever pins say comes first:
 * a key that changed is the news, whoever signed it. */
int
tls_judge(X509_STORE_CTX *chain, void *arg)
{
	struct tls *t = arg;
	struct tls_trust *trust = &t->trust;

	trust->other_key = false;
	if (tls_pin_of(X509_STORE_CTX_get0_cert(chain), trust->shown) != 0) {
		X509_STORE_CTX_set_error(chain, X509_V_ERR_OUT_OF_MEM);
		return 0;
	}
	if (trust->pin[0] != '\0' && strcmp(trust->pin, trust->shown) != 0 &&
	    strcmp(trust->other, trust->shown) != 0) {
		trust->other_key = true;
		X509_STORE_CTX_set_error(
		    chain, X509_V_ERR_APPLICATION_VERIFICATION);
		return 0;
	}
	return trust->has_ca ? X509_verify_cert(chain) : 1;
}

static int
set_trust(struct tls *t, const struct tls_client *from, struct err *e)
{
	struct tls_trust *trust = &t->trust;
	const char *pin = from->pin;
	int rc;

	if (pin != NULL && from->pin_yields && from->before != NULL)
		(void)strlcpy(trust->other, from->before, sizeof(trust->other));
	/* A CA speaks for a new key as well. */
	if (pin == NULL && from->ca == NULL && from->before != NULL &&
	    from->before[0] != '\0') {
		pin = from->before;
		trust->pin_is_before = true;
	}
	if (pin != NULL && !tls_pin_is_valid(pin))
		return err_set(e, ERP_USAGE,
		    "a pin is sha256// and 44 characters, as the server's "
		    "log and erpsync keygen tell it");
	if (pin != NULL)
		(void)strlcpy(trust->pin, pin, sizeof(trust->pin));
	if (strlcpy(trust->host, from->host, sizeof(trust->host)) >=
	    sizeof(trust->host))
		return err_set(e, ERP_USAGE, "the server's name is too long");
	if (from->ca != NULL && (rc = tls_believe(t, from->ca, e)) != 0)
		return err_context(e, "CA");
	trust->has_ca = from->ca != NULL;
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(t->ctx, tls_judge, t);
	return 0;
}

int
tls_client_new(const struct tls_client *from, struct tls **out, struct err *e)
{
	struct tls *t;
	int rc;

	if ((rc = tls_new(false, out, e)) != 0)
		return rc;
	t = *out;
	if ((rc = set_trust(t, from, e)) == 0 && from->certificate != NULL) {
		rc = tls_use_files(t, from->certificate,
		    from->key != NULL ? from->key : from->certificate, e);
		/* That of the server's key was not seen so far. */
		t->pin[0] = '\0';
	}
	if (rc == 0 &&
	    SSL_CTX_set_alpn_protos(t->ctx, (const unsigned char *)TLS_ALPN,
		sizeof(TLS_ALPN) - 1) != 0)
		rc = err_nomem(e);
	if (rc != 0) {
		tls_free(t);
		*out = NULL;
	}
	return rc;
}

static int
other_key(const struct tls *t, const char *shown, struct err *e)
{
	if (t->trust.pin_is_before)
		return err_set(e, ERP_UNTRUSTED,
		    "%s shows the key %s, where it had %s; if its "
		    "administrator has changed it, say --accept-key once",
		    shown, t->trust.shown, t->trust.pin);
	return err_set(e, ERP_UNTRUSTED,
	    "%s shows the key %s, and not the one that Pin says", shown,
	    t->trust.shown);
}

/* What is wrong about its certificate. */
static int
bad_certificate(
    const struct tls *t, long verdict, const char *shown, struct err *e)
{
	switch (verdict) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return err_set(e, ERP_UNTRUSTED,
		    "the certificate of %s has expired; it needs a new one",
		    shown);
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return err_set(e, ERP_UNTRUSTED,
		    "the certificate of %s is not valid yet; is this "
		    "machine's clock right?",
		    shown);
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return err_set(e, ERP_UNTRUSTED,
		    "the certificate of %s is for another name, not for %s",
		    shown, t->trust.host);
	case X509_V_ERR_CERT_REVOKED:
		return err_set(e, ERP_UNTRUSTED,
		    "the certificate of %s was revoked; it needs a new one",
		    shown);
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return err_set(e, ERP_UNTRUSTED,
		    "the certificate of %s was issued by nobody in the CA "
		    "file; its key is %s",
		    shown, t->trust.shown);
	default:
		return err_set(e, ERP_UNTRUSTED,
		    "the certificate of %s is not good: %s", shown,
		    X509_verify_cert_error_string(verdict));
	}
}

/* What a bad link or a bad memory does to a record; is_shaken: after the
 * handshake the other end does speak TLS. */
static bool
is_damage(int reason, bool is_shaken)
{
	switch (reason) {
	case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
	case SSL_R_SSLV3_ALERT_BAD_RECORD_MAC:
		return true;
	case SSL_R_BAD_RECORD_TYPE:
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_PACKET_LENGTH_TOO_LONG:
	case SSL_R_UNEXPECTED_MESSAGE:
		return is_shaken;
	default:
		return false;
	}
}

/* TLS failed for this reason of OpenSSL's. */
static int
bad_handshake(int reason, const char *why, const char *shown, struct err *e)
{
	switch (reason) {
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
	case SSL_R_PACKET_LENGTH_TOO_LONG:
	case SSL_R_UNEXPECTED_MESSAGE:
		return err_set(e, ERP_UNTRUSTED,
		    "%s does not answer in TLS: it is no erpsync server, or "
		    "one that needs Insecure=1 here",
		    shown);
	case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
	case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
	case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
		return err_set(e, ERP_UNTRUSTED,
		    "%s wants a certificate of this station that it believes "
		    "(%s); set CertificateClient and KeyClient",
		    shown, why);
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
	case SSL_R_UNSUPPORTED_PROTOCOL:
		return err_set(e, ERP_UNTRUSTED, "%s has no TLS 1.3", shown);
	default:
		return err_set(
		    e, ERP_UNTRUSTED, "%s: TLS failed: %s", shown, why);
	}
}

int
channel_tls_blame(const struct channel *ch, const char *shown, struct err *e)
{
	if (channel_tls_why(ch) == NULL)
		return 0;
	if (is_damage(ch->tls->reason, ch->tls->shaken))
		return err_set(e, ERP_LOST,
		    "what was on the way from or to %s arrived damaged", shown);
	return bad_handshake(ch->tls->reason, ch->tls->why, shown, e);
}

/* The server is believed.  Only now its key may be remembered; and where nobody
 * else vouches for one, later connections are to have it. */
static int
believe(struct channel_tls *t, struct err *e)
{
	struct tls_trust *trust = &t->tls->trust;
	X509 *certificate = SSL_get1_peer_certificate(t->ssl);
	int rc = certificate != NULL ? tls_pin_of(certificate, t->tls->pin)
				     : ERP_NOMEM;

	X509_free(certificate);
	if (rc != 0)
		return err_nomem(e);
	if (!trust->has_ca && trust->pin[0] == '\0') {
		memcpy(trust->pin, t->tls->pin, sizeof(trust->pin));
		trust->pin_is_before = true;
	}
	return 1;
}

int
channel_tls_shake(struct channel *ch, const char *shown, struct err *e)
{
	struct channel_tls *t = ch->tls;
	int rc = channel_tls_step(ch);
	long verdict;

	assert(!t->tls->is_server);
	if (rc >= 0)
		return rc == 0 ? 0 : believe(t, e);
	verdict = SSL_get_verify_result(t->ssl);
	if (rc == CHANNEL_END)
		return err_set(e, ERP_LOST,
		    "%s closed the connection before TLS was there: it has no "
		    "place, or is an erpsync without TLS, which needs "
		    "Insecure=1 here",
		    shown);
	if (t->tls->trust.other_key)
		return other_key(t->tls, shown, e);
	if (verdict != X509_V_OK)
		return bad_certificate(t->tls, verdict, shown, e);
	if ((rc = channel_tls_blame(ch, shown, e)) != 0)
		return rc;
	return err_sys_as(
	    e, ERP_LOST, ch->sys, "lost the connection to", shown);
}
