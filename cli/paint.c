/*
 * Below the messages: what a terminal is told besides the text, where whoever
 * sits there has not asked for none.
 */
#include "cli/paint.h"

#include "cli/streams.h"

#include <stdbool.h>
#include <stdlib.h>

static bool
is_wanted(FILE *out)
{
	const char *no = getenv("NO_COLOR");

	return (no == NULL || no[0] == '\0') && streams_can_redraw(out);
}

void
paint_print(FILE *out, enum paint how, const char *text)
{
	if (is_wanted(out))
		fprintf(out, "\033[%sm%s\033[0m",
		    how == PAINT_BAD ? "1;31" : "33", text);
	else
		(void)fputs(text, out);
}
