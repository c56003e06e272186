/*
 * What both ends of TLS have in common, below channel_tls_client.c and
 * channel_tls_server.c: the context, certificates out of files, pins.
 */
#include "transport/net/channel_tls_internal.h"

#include "engine/base/err.h"
#include "engine/base/path_file.h"

#include <assert.h>
#include <bsd/string.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIN_PREFIX "sha256//"
#define NO_CERTIFICATE "has no certificate in it"

enum {
	PIN_DIGITS = 44, /* base64 of 32 bytes */
	SHA256_LEN = 32
};

const char *
tls_reason(void)
{
	unsigned long code = ERR_peek_error();
	const char *text = ERR_reason_error_string(code);

	return text != NULL ? text : "no reason is known";
}

/* A file that OpenSSL does not take; lacks is what to say where it only did
 * not find what it looked for. */
static int
bad_file(struct err *e, const char *path, const char *lacks)
{
	unsigned long code = ERR_peek_error();
	int why = ERR_GET_REASON(code);
	char text[128];

	if (ERR_GET_LIB(code) == ERR_LIB_SYS)
		return err_sys(e, why, "read", path);
	if (why == ERR_R_MALLOC_FAILURE)
		return err_nomem(e);
	if (why == PEM_R_NO_START_LINE || why == ERR_R_UNSUPPORTED)
		return err_path(e, ERP_USAGE, path, lacks);
	(void)snprintf(
	    text, sizeof(text), "is damaged (OpenSSL: %s)", tls_reason());
	return err_path(e, ERP_USAGE, path, text);
}

/* In place of OpenSSL's own, which would ask at the terminal of a server.
 * asked: a bool that becomes true. */
static int
no_passphrase(char *out, int n, int writes, void *asked)
{
	(void)out;
	(void)n;
	(void)writes;
	*(bool *)asked = true;
	return -1;
}

static int
bad_key(struct err *e, const char *path, bool asked)
{
	if (asked)
		return err_path(e, ERP_USAGE, path,
		    "has a passphrase, and there is nobody to ask for it; keep "
		    "the key without one");
	return bad_file(e, path, "has no key in it");
}

int
tls_pin_of(X509 *certificate, char pin[TLS_PIN_BYTES])
{
	unsigned char *der = NULL, sum[SHA256_LEN];
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der), rc;

	static_assert(
	    sizeof(PIN_PREFIX) + PIN_DIGITS <= TLS_PIN_BYTES, "a pin fits");
	if (n < 0)
		return ERP_NOMEM;
	rc = EVP_Digest(der, (size_t)n, sum, NULL, EVP_sha256(), NULL);
	OPENSSL_free(der);
	if (rc != 1)
		return ERP_NOMEM;
	(void)strlcpy(pin, PIN_PREFIX, TLS_PIN_BYTES);
	n = EVP_EncodeBlock(
	    (unsigned char *)pin + strlen(PIN_PREFIX), sum, sizeof(sum));
	assert(n == PIN_DIGITS && tls_pin_is_valid(pin));
	return 0;
}

bool
tls_pin_is_valid(const char *pin)
{
	const char *digits = pin + strlen(PIN_PREFIX);

	return strncmp(pin, PIN_PREFIX, strlen(PIN_PREFIX)) == 0 &&
	    strlen(digits) == PIN_DIGITS &&
	    strspn(digits,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/") == PIN_DIGITS - 1 &&
	    digits[PIN_DIGITS - 1] == '=';
}

const char *
tls_pin(const struct tls *t)
{
	return t->pin;
}

static int
set_up(SSL_CTX *ctx)
{
	int groups[] = {NID_X25519, NID_X9_62_prime256v1};

	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	/* A connection that just ends is one for our sessions, too: each knows
	 * by its messages whether all was said. */
	(void)SSL_CTX_set_options(
	    ctx, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_COMPRESSION);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1 &&
		SSL_CTX_set_ciphersuites(ctx,
		    "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:"
		    "TLS_AES_256_GCM_SHA384") == 1 &&
		SSL_CTX_set1_groups(ctx, groups, 2) == 1
	    ? 0
	    : ERP_NOMEM;
}

int
tls_new(bool is_server, struct tls **out, struct err *e)
{
	struct tls *t = calloc(1, sizeof(*t));

	*out = NULL;
	if (t == NULL)
		return err_nomem(e);
	t->users = 1;
	t->is_server = is_server;
	t->ctx =
	    SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
	if (t->ctx == NULL || set_up(t->ctx) != 0) {
		tls_free(t);
		return err_nomem(e);
	}
	*out = t;
	return 0;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	assert(t->users > 0);
	if (--t->users > 0)
		return;
	SSL_SESSION_free(t->session);
	buf_release(&t->said);
	SSL_CTX_free(t->ctx);
	BIO_meth_free(t->bio);
	free(t);
}

bool
tls_has_protocol(const SSL *ssl, const char *alpn)
{
	const unsigned char *name;
	unsigned n;

	SSL_get0_alpn_selected(ssl, &name, &n);
	return n == strlen(alpn) - 1 && memcmp(name, alpn + 1, n) == 0;
}

/* As OpenSSL makes it when the other end shows a certificate. */
X509_STORE_CTX *
tls_chain_of(SSL *ssl, X509 *certificate)
{
	X509_STORE *store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
	X509_STORE_CTX *chain = X509_STORE_CTX_new();

	if (chain != NULL &&
	    X509_STORE_CTX_init(chain, store, certificate, NULL) == 1 &&
	    X509_STORE_CTX_set_default(
		chain, SSL_is_server(ssl) ? "ssl_client" : "ssl_server") == 1 &&
	    X509_VERIFY_PARAM_set1(
		X509_STORE_CTX_get0_param(chain), SSL_get0_param(ssl)) == 1)
		return chain;
	X509_STORE_CTX_free(chain);
	return NULL;
}

/* The pin of what was set to be shown; does the key fit it? */
static int
take_own(struct tls *t, const char *shown, struct err *e)
{
	if (SSL_CTX_check_private_key(t->ctx) != 1)
		return err_path(e, ERP_USAGE, shown,
		    "is not the key of the certificate beside it");
	if (tls_pin_of(SSL_CTX_get0_certificate(t->ctx), t->pin) != 0)
		return err_nomem(e);
	return 0;
}

int
tls_use_files(
    struct tls *t, const char *certificate, const char *key, struct err *e)
{
	bool asked = false;
	int rc = path_file_ends(certificate, e);

	if (rc == 0)
		rc = path_file_ends(key, e);
	if (rc != 0)
		return rc;
	ERR_clear_error();
	SSL_CTX_set_default_passwd_cb(t->ctx, no_passphrase);
	SSL_CTX_set_default_passwd_cb_userdata(t->ctx, &asked);
	if (SSL_CTX_use_certificate_chain_file(t->ctx, certificate) != 1)
		rc = bad_file(e, certificate, NO_CERTIFICATE);
	else if (SSL_CTX_use_PrivateKey_file(t->ctx, key, SSL_FILETYPE_PEM) ==
	    1)
		rc = take_own(t, key, e);
	else if (ERR_GET_REASON(ERR_peek_last_error()) ==
	    X509_R_KEY_VALUES_MISMATCH)
		rc = err_path(e, ERP_USAGE, key,
		    "is not the key of the certificate beside it");
	else
		rc = bad_key(e, key, asked);
	SSL_CTX_set_default_passwd_cb_userdata(t->ctx, NULL);
	return rc;
}

int
tls_use_pem(struct tls *t, const char *pem, struct err *e)
{
	static const char *const shown = "tls.pem";
	bool asked = false;
	BIO *in = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = NULL;
	X509 *certificate = NULL;
	int rc;

	ERR_clear_error();
	if (in != NULL)
		key = PEM_read_bio_PrivateKey(in, NULL, no_passphrase, &asked);
	if (key != NULL)
		certificate = PEM_read_bio_X509(in, NULL, NULL, NULL);
	if (key == NULL)
		rc = bad_key(e, shown, asked);
	else if (certificate == NULL ||
	    SSL_CTX_use_certificate(t->ctx, certificate) != 1 ||
	    SSL_CTX_use_PrivateKey(t->ctx, key) != 1)
		rc = bad_file(e, shown, NO_CERTIFICATE);
	else
		rc = take_own(t, shown, e);
	X509_free(certificate);
	EVP_PKEY_free(key);
	BIO_free(in);
	return rc;
}

/* What a file of certificates and lists has next: a certificate, a CRL, or
 * both. */
static bool
add_next(X509_STORE *store, const X509_INFO *info)
{
	return (info->x509 == NULL ||
		   X509_STORE_add_cert(store, info->x509) == 1) &&
	    (info->crl == NULL || X509_STORE_add_crl(store, info->crl) == 1);
}

int
tls_believe(struct tls *t, const char *ca, struct err *e)
{
	X509_STORE *store = SSL_CTX_get_cert_store(t->ctx);
	STACK_OF(X509_INFO) *list = NULL;
	int i, n, certificates = 0, crls = 0, rc = path_file_ends(ca, e);
	BIO *in;

	if (rc != 0)
		return rc;
	ERR_clear_error();
	if ((in = BIO_new_file(ca, "r")) != NULL)
		list = PEM_X509_INFO_read_bio(in, NULL, NULL, NULL);
	n = list != NULL ? sk_X509_INFO_num(list) : 0;
	if (list == NULL)
		rc = bad_file(e, ca, NO_CERTIFICATE);
	for (i = 0; rc == 0 && i < n; i++) {
		const X509_INFO *info = sk_X509_INFO_value(list, i);

		if (!add_next(store, info))
			rc = bad_file(e, ca, NO_CERTIFICATE);
		crls += info->crl != NULL;
		certificates += info->x509 != NULL;
	}
	if (rc == 0 && certificates == 0)
		rc = err_path(e, ERP_USAGE, ca, NO_CERTIFICATE);
	if (crls > 0)
		(void)X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
	sk_X509_INFO_pop_free(list, X509_INFO_free);
	BIO_free(in);
	return rc;
}

int
tls_check_files(
    const char *ca, const char *certificate, const char *key, struct err *e)
{
	struct tls *t;
	int rc;

	if ((rc = tls_new(false, &t, e)) != 0)
		return rc;
	if (ca != NULL)
		rc = tls_believe(t, ca, e);
	if (rc == 0 && certificate != NULL)
		rc = tls_use_files(
		    t, certificate, key != NULL ? key : certificate, e);
	tls_free(t);
	return rc;
}
