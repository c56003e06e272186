/*
 * The content hash as a value and as text: the name of contents, blobs and
 * releases on both ends.  It is made in hash_openssl.c.
 */
#include "engine/base/hash.h"

#include "engine/base/err.h"

#include <string.h>

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
