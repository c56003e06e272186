/*
 * Below the writers of CSV: how a text becomes one field.  RFC 4180 wants
 * quotes around commas, quotes and line ends.  Spreadsheets take a field that
 * begins as a formula for one, quoted or not: an apostrophe in front makes it
 * text.
 */
#include "cli/report/csv.h"

#include <stdbool.h>
#include <string.h>

void
csv_field(FILE *out, const char *text)
{
	bool formula = *text != '\0' && strchr("=+-@\t\r", *text) != NULL;

	if (!formula && strpbrk(text, ",\"\r\n") == NULL) {
		(void)fputs(text, out);
		return;
	}
	(void)fputs(formula ? "\"'" : "\"", out);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			(void)fputc('"', out);
		(void)fputc(*text, out);
	}
	(void)fputc('"', out);
}
