/*
 * Between window_text.c and zenity: texts with its escapes, for the window of
 * our own and for the progress that another program shows.
 */
#include "cli/window/zenity_text.h"

#include <bsd/string.h>
#include <stdio.h>
#include <string.h>

/* Append text as zenity reads it, with the escapes of C: "\\n" for a new
 * line.  What does not fit is cut. */
static void
put(char out[ZENITY_TEXT_MAX], const char *text)
{
	size_t n = strlen(out);

	for (; *text != '\0' && n + 3 < ZENITY_TEXT_MAX; text++) {
		if (*text == '\\' || *text == '\n')
			out[n++] = '\\';
		out[n++] = *text == '\n' ? 'n' : *text;
	}
	out[n] = '\0';
}

static void
put_line(char out[ZENITY_TEXT_MAX], const char *text, const char *more)
{
	put(out, text);
	if (text[0] != '\0' && more[0] != '\0')
		put(out, "   ");
	put(out, more);
	put(out, "\n");
}

/* The lines made, or none of them. */
static size_t
fits(int n)
{
	return n > 0 && n < ZENITY_TEXT_MAX ? (size_t)n : 0;
}

size_t
zenity_text(const struct window_text *t, char out[ZENITY_TEXT_MAX])
{
	char text[ZENITY_TEXT_MAX] = "";
	/* At 100 it would close. */
	int share = t->permille < 0 ? 0 : t->permille / 10;

	put_line(text, t->headline, "");
	put_line(text, t->file, "");
	put_line(text, t->amount, t->left);
	put_line(text, t->files, "");
	put_line(text, "", "");
	put(text, t->consequence);
	return fits(snprintf(out, ZENITY_TEXT_MAX, "pulsate:%s\n%d\n#%s\n",
	    t->permille < 0 ? "true" : "false", share > 99 ? 99 : share, text));
}

size_t
zenity_line(const char *text, char out[ZENITY_TEXT_MAX])
{
	char escaped[ZENITY_TEXT_MAX] = "";

	put(escaped, text);
	return fits(snprintf(out, ZENITY_TEXT_MAX, "#%s\n", escaped));
}
