/*
 * OpenSSL's base64, of which there is one form here for each byte range: what
 * was read is written again and must be the same.  The ground of this folder.
 */
#include "engine/seal/base64.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

void
base64_encode(const void *p, size_t n, char *out)
{
	assert(n <= BASE64_MOST);
	(void)EVP_EncodeBlock((unsigned char *)out, p, (int)n);
}

bool
base64_decode(const char *text, size_t len, void *out, size_t n)
{
	/* Padding counts as bytes. */
	unsigned char raw[BASE64_MOST + 2];
	char again[BASE64_LEN(BASE64_MOST) + 1];
	bool same = false;

	assert(n <= BASE64_MOST);
	if (len == BASE64_LEN(n) &&
	    EVP_DecodeBlock(raw, (const unsigned char *)text, (int)len) >=
		(int)n) {
		base64_encode(raw, n, again);
		same = memcmp(again, text, len) == 0;
	}
	if (same)
		memcpy(out, raw, n);
	/* It may be a secret key. */
	OPENSSL_cleanse(raw, sizeof(raw));
	OPENSSL_cleanse(again, sizeof(again));
	return same;
}
