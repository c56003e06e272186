/*
 * Cryptography of seals over OpenSSL, none of it our own.  Below minisign.c
 * and minisign_secret.c.
 */
#include "engine/seal/ed25519.h"

#include "engine/base/err.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

static int
failed(const char *what, struct err *e)
{
	return err_set(e, ERP_NOMEM, "%s cannot be computed", what);
}

int
ed25519_public(const uint8_t seed[ED25519_SEED], uint8_t out[ED25519_PUBLIC],
    struct err *e)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, seed, ED25519_SEED);
	size_t n = ED25519_PUBLIC;
	bool ok = key != NULL && EVP_PKEY_get_raw_public_key(key, out, &n) == 1;

	EVP_PKEY_free(key);
	return ok && n == ED25519_PUBLIC ? 0 : failed("Ed25519", e);
}

int
ed25519_sign(const uint8_t seed[ED25519_SEED], const void *p, size_t n,
    uint8_t out[ED25519_SIG], struct err *e)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, seed, ED25519_SEED);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = ED25519_SIG;
	bool ok = key != NULL && ctx != NULL &&
	    EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestSign(ctx, out, &len, p, n) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok ? 0 : failed("Ed25519", e);
}

int
ed25519_verify(const uint8_t public[ED25519_PUBLIC], const void *p, size_t n,
    const uint8_t sig[ED25519_SIG], struct err *e)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_ED25519, NULL, public, ED25519_PUBLIC);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc;

	if (key == NULL || ctx == NULL ||
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) != 1)
		rc = failed("Ed25519", e);
	else
		rc = EVP_DigestVerify(ctx, sig, ED25519_SIG, p, n) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return rc;
}

int
blake2b512(const void *p, size_t n, uint8_t out[BLAKE2B512_LEN], struct err *e)
{
	unsigned len = 0;

	if (EVP_Digest(p, n, out, &len, EVP_blake2b512(), NULL) != 1 ||
	    len != BLAKE2B512_LEN)
		return failed("BLAKE2b", e);
	return 0;
}

int
random_bytes(void *p, size_t n, struct err *e)
{
	return RAND_bytes(p, (int)n) == 1 ? 0 : failed("a random number", e);
}

void
secret_wipe(void *p, size_t n)
{
	OPENSSL_cleanse(p, n);
}
