#ifndef ERPSYNC_ENGINE_SEAL_ED25519_H
#define ERPSYNC_ENGINE_SEAL_ED25519_H

/*
 * What seals need of cryptography, by OpenSSL and nothing of our own: Ed25519
 * (RFC 8032), BLAKE2b-512 as a whole, scrypt (RFC 7914), and random bytes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum {
	ED25519_SEED = 32, /* bytes of a secret key as such */
	ED25519_PUBLIC = 32,
	ED25519_SIG = 64,
	BLAKE2B512_LEN = 64
};

/* The public key of a seed.  ERP_NOMEM, ERP_INTERNAL. */
int ed25519_public(const uint8_t seed[ED25519_SEED],
    uint8_t out[ED25519_PUBLIC], struct err *e);
int ed25519_sign(const uint8_t seed[ED25519_SEED], const void *p, size_t n,
    uint8_t out[ED25519_SIG], struct err *e);
/* 1: it is of these bytes and this key; 0: it is not; or ERP_NOMEM. */
int ed25519_verify(const uint8_t public[ED25519_PUBLIC], const void *p,
    size_t n, const uint8_t sig[ED25519_SIG], struct err *e);

int blake2b512(
    const void *p, size_t n, uint8_t out[BLAKE2B512_LEN], struct err *e);

struct scrypt_cost {
	uint64_t n; /* a power of two */
	uint32_t r, p;
};
/* A key of out_len bytes from a passphrase.  It takes 128 * n * r bytes of
 * memory: ERP_NOMEM. */
int scrypt_key(const char *passphrase, const uint8_t salt[32],
    const struct scrypt_cost *cost, uint8_t *out, size_t out_len,
    struct err *e);

int random_bytes(void *p, size_t n, struct err *e);

/* Zeroes that no compiler leaves out. */
void secret_wipe(void *p, size_t n);

#endif
