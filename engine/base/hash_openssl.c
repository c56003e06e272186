/*
 * BLAKE2b-512 over OpenSSL EVP.  Below hash.c; a system without OpenSSL has a
 * file of its own.
 */
#include "engine/base/hash.h"

#include "engine/base/err.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct hasher {
	EVP_MD_CTX *ctx;
};

int
hasher_new(struct hasher **out, struct err *e)
{
	struct hasher *h = calloc(1, sizeof(*h));
	int rc;

	*out = NULL;
	if (h == NULL || (h->ctx = EVP_MD_CTX_new()) == NULL) {
		hasher_free(h);
		return err_nomem(e);
	}
	if ((rc = hasher_reset(h, e)) != 0) {
		hasher_free(h);
		return rc;
	}
	*out = h;
	return 0;
}

void
hasher_free(struct hasher *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

int
hasher_reset(struct hasher *h, struct err *e)
{
	assert(h->ctx != NULL);
	if (EVP_DigestInit_ex(h->ctx, EVP_blake2b512(), NULL) != 1)
		return err_set(e, ERP_NOMEM, "BLAKE2b cannot be started");
	return 0;
}

int
hasher_update(struct hasher *h, const void *p, size_t n, struct err *e)
{
	if (n > 0 && EVP_DigestUpdate(h->ctx, p, n) != 1)
		return err_set(e, ERP_INTERNAL, "BLAKE2b update failed");
	return 0;
}

int
hasher_final(struct hasher *h, struct hash *out, struct err *e)
{
	uint8_t full[EVP_MAX_MD_SIZE];

	if (EVP_DigestFinal_ex(h->ctx, full, NULL) != 1)
		return err_set(e, ERP_INTERNAL, "BLAKE2b final failed");
	memcpy(out->b, full, HASH_LEN);
	return 0;
}
