/*
 * Passphrases of secret keys, for who seals: programs of one file, which only
 * verify, are built with an OpenSSL that has no scrypt.
 */
#include "engine/seal/ed25519.h"

#include "engine/base/err.h"

#include <openssl/evp.h>
#include <string.h>

int
scrypt_key(const char *passphrase, const uint8_t salt[32],
    const struct scrypt_cost *cost, uint8_t *out, size_t out_len, struct err *e)
{
	/* As OpenSSL counts it. */
	uint64_t memory = 128 * (uint64_t)cost->r * (cost->n + cost->p + 2);

	if (EVP_PBE_scrypt(passphrase, strlen(passphrase), salt, 32, cost->n,
		cost->r, cost->p, memory, out, out_len) != 1)
		return err_nomem(e);
	return 0;
}
