/*
 * Windows-1252 and UTF-8: beneath all that reads or writes the texts of the
 * ERP's files.
 */
#include "engine/base/cp1252.h"

#include "engine/base/text.h"

#include <assert.h>
#include <stdlib.h>

enum { HIGH = 0x80, HIGH_N = 32 };

/* From 0x80 to 0x9f; the five holes become C1 controls. */
static const uint16_t high[HIGH_N] = {0x20ac, 0x81, 0x201a, 0x192, 0x201e,
    0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d,
    0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc,
    0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178};

/* Write code point cp < 0x10000 at to; the bytes used. */
static size_t
put_utf8(char *to, unsigned cp)
{
	assert(cp < 0x10000);
	if (cp < 0x80) {
		to[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		to[0] = (char)(0xc0 | cp >> 6);
		to[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	to[0] = (char)(0xe0 | cp >> 12);
	to[1] = (char)(0x80 | (cp >> 6 & 0x3f));
	to[2] = (char)(0x80 | (cp & 0x3f));
	return 3;
}

char *
cp1252_to_utf8(const void *p, size_t n, size_t *len)
{
	const uint8_t *from = p;
	char *text = calloc(1, 3 * n + 1);
	size_t i, used = 0;
	unsigned c;

	if (text == NULL)
		return NULL;
	for (i = 0; i < n; i++) {
		c = from[i];
		if (c >= HIGH && c < HIGH + HIGH_N)
			c = high[c - HIGH];
		used += put_utf8(text + used, c);
	}
	assert(used <= 3 * n);
	*len = used;
	return text;
}

/* The byte of a character, or -1. */
static int
byte_of(uint32_t cp)
{
	int i;

	if (cp < HIGH || (cp >= HIGH + HIGH_N && cp <= 0xff))
		return (int)cp;
	for (i = 0; i < HIGH_N; i++)
		if (high[i] == cp)
			return HIGH + i;
	return -1;
}

bool
cp1252_from_utf8(const char *p, size_t n, uint8_t *out, size_t *len)
{
	size_t i, step, used = 0;
	uint32_t cp;
	int byte;

	for (i = 0; i < n; i += step) {
		step = utf8_next(p + i, n - i, &cp);
		assert(step > 0);
		if ((byte = byte_of(cp)) < 0)
			return false;
		out[used++] = (uint8_t)byte;
	}
	*len = used;
	return true;
}

bool
cp1252_has(const char *p, size_t n)
{
	size_t i, step;
	uint32_t cp;

	for (i = 0; i < n; i += step) {
		step = utf8_next(p + i, n - i, &cp);
		assert(step > 0);
		if (byte_of(cp) < 0)
			return false;
	}
	return true;
}
