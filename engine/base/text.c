/*
 * UTF-8 checks and safe display of foreign text: whatever a peer, a disk or a
 * settings file said passes here before it is shown or logged.
 */
#include "engine/base/text.h"

#include <assert.h>
#include <bsd/stdlib.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Length and lowest code point that a lead byte announces (RFC 3629). */
static size_t
lead_length(uint8_t lead, uint32_t *bits, uint32_t *least)
{
	if (lead < 0x80) {
		*bits = lead;
		*least = 0;
		return 1;
	}
	if (lead >= 0xc2 && lead < 0xe0) {
		*bits = lead & 0x1fu;
		*least = 0x80;
		return 2;
	}
	if (lead >= 0xe0 && lead < 0xf0) {
		*bits = lead & 0x0fu;
		*least = 0x800;
		return 3;
	}
	if (lead >= 0xf0 && lead < 0xf5) {
		*bits = lead & 0x07u;
		*least = 0x10000;
		return 4;
	}
	return 0;
}

size_t
utf8_next(const char *p, size_t len, uint32_t *cp)
{
	const uint8_t *u = (const uint8_t *)p;
	uint32_t v, least;
	size_t i, n = lead_length(u[0], &v, &least);

	assert(len > 0);
	if (n == 0 || n > len)
		return 0;
	for (i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (u[i] & 0x3fu);
	}
	if (v < least || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return 0;
	*cp = v;
	return n;
}

bool
utf8_is_valid(const char *p, size_t len)
{
	uint32_t cp;
	size_t n;

	for (; len > 0; p += n, len -= n)
		if ((n = utf8_next(p, len, &cp)) == 0)
			return false;
	return true;
}

bool
utf8_is_printable(const char *p, size_t len)
{
	uint32_t cp;
	size_t n;

	for (; len > 0; p += n, len -= n)
		if ((n = utf8_next(p, len, &cp)) == 0 || cp < 0x20 ||
		    (cp >= 0x7f && cp < 0xa0))
			return false;
	return true;
}

/*
 * Is the character one that changes how a line is read without being seen:
 * controls, line and paragraph separators, marks that turn the direction, and
 * those of no width at all?
 */
static bool
is_unseen(uint32_t cp)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {{0, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x61c, 0x61c},
	    {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},
	    {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb},
	    {0xe0000, 0xe007f}};
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return true;
	return false;
}

bool
text_is_plain(const char *text)
{
	size_t n, len = strlen(text);
	uint32_t cp;

	for (; len > 0; text += n, len -= n)
		if ((n = utf8_next(text, len, &cp)) == 0 || is_unseen(cp))
			return false;
	return true;
}

/* What to show for the character or stray byte at p; its input length. */
static size_t
escape_one(const char *p, size_t len, char shown[8])
{
	static const char names[] = "abtnvfr"; /* \a is 7 ... \r is 13 */
	uint8_t byte = (uint8_t)*p;
	uint32_t cp = 0;
	size_t n = utf8_next(p, len, &cp);

	if (n > 0 && cp != '\\' && !is_unseen(cp)) {
		memcpy(shown, p, n);
		shown[n] = '\0';
		return n;
	}
	if (byte == '\\')
		(void)snprintf(shown, 8, "\\\\");
	else if (byte >= 7 && byte <= 13)
		(void)snprintf(shown, 8, "\\%c", names[byte - 7]);
	else
		(void)snprintf(shown, 8, "\\%03o", byte);
	/* Of several bytes each is shown as its own number. */
	return 1;
}

void
text_escape(char *out, size_t cap, const char *text)
{
	size_t len = strlen(text), used = 0, n, piece;
	char shown[8];

	assert(cap > 0);
	while (len > 0) {
		n = escape_one(text, len, shown);
		piece = strlen(shown);
		assert(n > 0 && n <= len && piece < sizeof(shown));
		if (used + piece >= cap)
			break;
		memcpy(out + used, shown, piece);
		used += piece;
		text += n;
		len -= n;
	}
	out[used] = '\0';
}

void
text_escape_rest(char *out, size_t cap, const char *text)
{
	size_t len;

	if (!text_is_plain(text) || (len = strlen(text)) >= cap)
		text_escape(out, cap, text);
	else
		memcpy(out, text, len + 1);
}

void
text_word(char *out, size_t cap, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ._:/+-";
	size_t used = 1, len = strlen(text), n, piece;
	char shown[8];

	assert(cap > 3);
	if (text[strspn(text, plain)] == '\0') {
		text_escape(out, cap, text);
		return;
	}
	out[0] = '"';
	for (; len > 0; text += n, len -= n) {
		n = escape_one(text, len, shown);
		if (shown[0] == '"')
			(void)snprintf(shown, sizeof(shown), "\\\"");
		piece = strlen(shown);
		if (used + piece + 2 > cap)
			break;
		memcpy(out + used, shown, piece);
		used += piece;
	}
	assert(used + 2 <= cap);
	out[used++] = '"';
	out[used] = '\0';
}

void
text_bytes(char out[TEXT_BYTES_MAX], uint64_t bytes)
{
	int64_t n = bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes;

	/* Three digits at most. */
	(void)humanize_number(
	    out, TEXT_BYTES_MAX - 9, n, "B", HN_AUTOSCALE, HN_DECIMAL);
}

/* With digits alone in units of 1 << shift. */
static bool
read_size(const char *text, unsigned shift, uint64_t *out)
{
	static const char letters[] = "kmgtpe";
	const char *p = text + strspn(text, "0123456789"), *letter = NULL;
	uint64_t v;

	errno = 0;
	v = strtoull(text, NULL, 10);
	if (p == text || errno != 0)
		return false;
	if (*p != '\0')
		letter = strchr(letters, tolower((unsigned char)*p));
	if (letter != NULL) {
		shift = 10 * (unsigned)(letter - letters + 1);
		p++;
		if (strcasecmp(p, "b") == 0 || strcasecmp(p, "ib") == 0)
			p += strlen(p);
	}
	if (*p != '\0' || v > UINT64_MAX >> shift)
		return false;
	*out = v << shift;
	return true;
}

bool
text_size(const char *text, uint64_t *out)
{
	return read_size(text, 0, out);
}

bool
text_rate(const char *text, uint64_t *out)
{
	return read_size(text, 10, out);
}
