/*
 * Base64 for keys and seals, of which there is one form for each byte range:
 * the ground of this folder.
 */
#include "engine/seal/base64.h"

#include <string.h>

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_encode(const void *p, size_t n, char *out)
{
	const uint8_t *in = p;
	uint32_t v;
	size_t i;

	for (i = 0; i < n; i += 3) {
		v = (uint32_t)in[i] << 16;
		if (i + 1 < n)
			v |= (uint32_t)in[i + 1] << 8;
		if (i + 2 < n)
			v |= in[i + 2];
		*out++ = digits[v >> 18];
		*out++ = digits[v >> 12 & 63];
		*out++ = i + 1 < n ? digits[v >> 6 & 63] : '=';
		*out++ = i + 2 < n ? digits[v & 63] : '=';
	}
	*out = '\0';
}

/* Six bits, or -1. */
static int
value_of(char c)
{
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

bool
base64_decode(const char *text, size_t len, void *out, size_t n)
{
	uint8_t *to = out;
	uint32_t v = 0;
	size_t i, full = (n * 8 + 5) / 6;
	unsigned bits = 0;
	int six;

	if (len != BASE64_LEN(n))
		return false;
	for (i = 0; i < full; i++) {
		if ((six = value_of(text[i])) < 0)
			return false;
		v = v << 6 | (uint32_t)six;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		*to++ = (uint8_t)(v >> bits);
		v &= (UINT32_C(1) << bits) - 1;
	}
	for (; i < len; i++)
		if (text[i] != '=')
			return false;
	/* Bits that belong to no byte: any but zeroes is another form. */
	return v == 0;
}
