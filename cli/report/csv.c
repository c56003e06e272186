/*
 * Below the writers of CSV: how a text becomes one field.  RFC 4180 wants
 * quotes around commas, quotes and line ends.
 */
#include "cli/report/csv.h"

#include <string.h>

void
csv_field(FILE *out, const char *text)
{
	if (strpbrk(text, ",\"\r\n") == NULL) {
		(void)fputs(text, out);
		return;
	}
	(void)fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			(void)fputc('"', out);
		(void)fputc(*text, out);
	}
	(void)fputc('"', out);
}
