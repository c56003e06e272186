/*
 * The content hash: BLAKE2b-512, truncated to 32 bytes, over OpenSSL EVP.  The
 * name of contents, blobs and releases on both ends.
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
	unsigned int n = 0;

	if (EVP_DigestFinal_ex(h->ctx, full, &n) != 1 || n < HASH_LEN)
		return err_set(e, ERP_INTERNAL, "BLAKE2b final failed");
	memcpy(out->b, full, HASH_LEN);
	return 0;
}

int
hash_bytes(const void *p, size_t n, struct hash *out, struct err *e)
{
	struct hasher *h;
	int rc;

	if ((rc = hasher_new(&h, e)) != 0)
		return rc;
	if ((rc = hasher_update(h, p, n, e)) == 0)
		rc = hasher_final(h, out, e);
	hasher_free(h);
	return rc;
}

bool
hash_equal(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, HASH_LEN) == 0;
}

bool
hash_is_zero(const struct hash *h)
{
	static const struct hash zero;

	return hash_equal(h, &zero);
}

void
hash_hex(const struct hash *h, char out[HASH_HEX_LEN + 1])
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < HASH_LEN; i++) {
		out[2 * i] = digits[h->b[i] >> 4];
		out[2 * i + 1] = digits[h->b[i] & 15];
	}
	out[HASH_HEX_LEN] = '\0';
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool
hash_parse(const char *hex, struct hash *out)
{
	size_t i;
	int hi, lo;

	if (strlen(hex) != HASH_HEX_LEN)
		return false;
	for (i = 0; i < HASH_LEN; i++) {
		hi = digit_value(hex[2 * i]);
		lo = digit_value(hex[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return false;
		out->b[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}
