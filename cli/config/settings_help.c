/*
 * The table of settings as a person reads it, for main.c: what
 * `erpsync help settings` prints.
 */
#include "cli/config/settings.h"

#include <string.h>

enum { HELP_COLUMN = 30, LEFT_MAX = 80 };

static void
row_print(FILE *out, const struct setting *s)
{
	char left[LEFT_MAX];
	int n;

	if (s->most > 0)
		n = snprintf(left, sizeof(left), "%s=%lld..%lld", s->key,
		    s->least, s->most);
	else
		n = snprintf(left, sizeof(left), "%s", s->key);
	fprintf(out, "  %s%*s%s", left, HELP_COLUMN - 2 - n, "", s->help);
	if (s->preset != NULL)
		fprintf(out, " (%s)", s->preset);
	(void)fputc('\n', out);
}

/* Are the two shown under one head? */
static bool
is_same_place(const struct setting *a, const struct setting *b)
{
	if (a->file != b->file || (a->section == NULL) != (b->section == NULL))
		return false;
	return a->section == NULL || strcmp(a->section, b->section) == 0;
}

void
settings_help(FILE *out)
{
	static const char *const files[SETTING_FILES] = {
	    [SETTING_SERVER] = "AppServer.ini",
	    [SETTING_STATION] = "smartclient.ini"};
	const struct setting *s, *before = NULL;

	for (s = settings; s != settings + SETTINGS_N; before = s++) {
		if (before == NULL || before->file != s->file)
			fprintf(out, "%s%s\n", before == NULL ? "" : "\n",
			    files[s->file]);
		if (before != NULL && is_same_place(before, s))
			;
		else if (s->section != NULL)
			fprintf(out, "[%s]\n", s->section);
		else
			fprintf(out, "[the section that is active]\n");
		row_print(out, s);
	}
}
