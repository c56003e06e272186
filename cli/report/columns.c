/*
 * Text in columns: the tables of reports, histories and publishing, for
 * people.  Counts characters, not bytes.
 */
#include "cli/report/columns.h"

#include <stdbool.h>

/* UTF-8: every byte but a continuation byte begins a character. */
static bool
begins_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

size_t
columns_of(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += begins_character(*text);
	return n;
}

const char *
columns_skip(const char *text, size_t n)
{
	for (; *text != '\0'; text++)
		if (begins_character(*text) && n-- == 0)
			break;
	return text;
}

static void
pad(FILE *out, const char *text, size_t width)
{
	size_t n = columns_of(text);

	for (; n < width; n++)
		(void)fputc(' ', out);
}

void
columns_left(FILE *out, const char *text, size_t width)
{
	(void)fputs(text, out);
	pad(out, text, width);
}

void
columns_right(FILE *out, const char *text, size_t width)
{
	pad(out, text, width);
	(void)fputs(text, out);
}
