/*
 * Making a key and the certificate that goes with it, for a server that has
 * none of a CA's.  Nothing here touches the disk.
 */
#include "transport/net/channel_tls_internal.h"

#include "engine/base/err.h"

#include <assert.h>
#include <bsd/string.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

enum {
	DAY_S = 24 * 60 * 60,
	COMMON_NAME_MAX = 64, /* of X.509 */
	SERIAL_BITS = 127
};

static bool
set_serial(X509 *x)
{
	BIGNUM *n = BN_new();
	bool good = n != NULL &&
	    BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
	    BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;

	BN_free(n);
	return good;
}

static bool
set_times(X509 *x, unsigned days)
{
	return X509_gmtime_adj(X509_getm_notBefore(x), -DAY_S) != NULL &&
	    X509_time_adj_ex(X509_getm_notAfter(x), (int)days, 0, NULL) != NULL;
}

static bool
set_subject(X509 *x, const char *name)
{
	char common[COMMON_NAME_MAX + 1];
	X509_NAME *subject = X509_get_subject_name(x);

	(void)strlcpy(common, name, sizeof(common));
	return X509_NAME_add_entry_by_NID(subject, NID_commonName,
		   MBSTRING_UTF8, (const unsigned char *)common, -1, -1,
		   0) == 1 &&
	    X509_set_issuer_name(x, subject) == 1;
}

/* One of the names: an address, if it is the text of one. */
static bool
add_name(GENERAL_NAMES *list, const char *name)
{
	GENERAL_NAME *one = GENERAL_NAME_new();
	ASN1_STRING *text = NULL;

	if (one == NULL)
		return false;
	if ((text = a2i_IPADDRESS(name)) != NULL) {
		GENERAL_NAME_set0_value(one, GEN_IPADD, text);
	} else if ((text = ASN1_IA5STRING_new()) != NULL) {
		GENERAL_NAME_set0_value(one, GEN_DNS, text);
		if (ASN1_STRING_set(text, name, -1) != 1)
			text = NULL;
	}
	if (text != NULL && sk_GENERAL_NAME_push(list, one) > 0)
		return true;
	GENERAL_NAME_free(one);
	return false;
}

static bool
set_names(X509 *x, const struct tls_names *names)
{
	GENERAL_NAMES *list = sk_GENERAL_NAME_new_null();
	bool good = list != NULL;
	size_t i;

	for (i = 0; good && i < names->n; i++)
		good = add_name(list, names->v[i]);
	good =
	    good && X509_add1_ext_i2d(x, NID_subject_alt_name, list, 0, 0) == 1;
	sk_GENERAL_NAME_pop_free(list, GENERAL_NAME_free);
	return good;
}

static X509 *
make_certificate(EVP_PKEY *key, const struct tls_names *names, unsigned days)
{
	X509 *x = X509_new();

	if (x != NULL && X509_set_version(x, X509_VERSION_3) == 1 &&
	    set_serial(x) && set_times(x, days) &&
	    set_subject(x, names->v[0]) && set_names(x, names) &&
	    X509_set_pubkey(x, key) == 1 && X509_sign(x, key, EVP_sha256()) > 0)
		return x;
	X509_free(x);
	return NULL;
}

static int
take_text(BIO *from, struct buf *to, struct err *e)
{
	char *p;
	long n = BIO_get_mem_data(from, &p);

	assert(n > 0);
	return buf_append(to, p, (size_t)n, e);
}

/* Either as PEM: one into a buffer for both may stay the same. */
static int
write_pem(EVP_PKEY *key, X509 *certificate, struct buf *to, struct err *e)
{
	BIO *out = BIO_new(BIO_s_secmem());
	int rc = ERP_NOMEM;

	if (out == NULL ||
	    (key != NULL ? PEM_write_bio_PrivateKey(
			       out, key, NULL, NULL, 0, NULL, NULL)
			 : PEM_write_bio_X509(out, certificate)) != 1)
		(void)err_nomem(e);
	else
		rc = take_text(out, to, e);
	BIO_free(out);
	return rc;
}

int
tls_make_key(const struct tls_names *names, unsigned days, struct buf *key,
    struct buf *certificate, char pin[TLS_PIN_BYTES], struct err *e)
{
	EVP_PKEY *made = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	X509 *x = NULL;
	int rc;

	assert(names->n > 0 && days > 0);
	if (made == NULL || (x = make_certificate(made, names, days)) == NULL ||
	    tls_pin_of(x, pin) != 0)
		rc = err_set(e, ERP_USAGE,
		    "no certificate can be made for these names: %s",
		    tls_reason());
	else if ((rc = write_pem(made, NULL, key, e)) == 0)
		rc = write_pem(NULL, x, certificate, e);
	X509_free(x);
	EVP_PKEY_free(made);
	return rc;
}
