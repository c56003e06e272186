/*
 * For the tables of the commands, on top of opt.c: what an argument may be.
 * Each way takes one argument into one field, or complains.
 */
#include "cli/opt.h"

#include "cli/fault.h"
#include "cli/progress/progress.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/text.h"
#include "transport/api/erpsync.h"

#include <assert.h>
#include <bsd/stdlib.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LIST_MAX = 200 };

bool
opt_flag(struct opt *o, void *out)
{
	bool *flag = out;

	assert(o->row->arg == NULL);
	*flag = true;
	return true;
}

bool
opt_text(struct opt *o, void *out)
{
	const char **text = out;

	*text = o->arg;
	return true;
}

/* Within the row's bounds? */
static bool
take_whole(struct opt *o, long long *v)
{
	const char *why = NULL;

	*v = strtonum(o->arg, o->row->least, o->row->most, &why);
	if (why == NULL)
		return true;
	(void)opt_usage(o,
	    "--%s: '%s' is not a whole number from %" PRId64 " to %" PRId64,
	    o->row->name, o->arg, o->row->least, o->row->most);
	return false;
}

bool
opt_number(struct opt *o, void *out)
{
	uint32_t *number = out;
	long long v;

	assert(o->row->least >= 0 && o->row->most <= UINT32_MAX);
	if (!take_whole(o, &v))
		return false;
	*number = (uint32_t)v;
	return true;
}

bool
opt_integer(struct opt *o, void *out)
{
	int *number = out;
	long long v;

	assert(o->row->least >= INT_MIN && o->row->most <= INT_MAX);
	if (!take_whole(o, &v))
		return false;
	*number = (int)v;
	return true;
}

bool
opt_seconds(struct opt *o, void *out)
{
	uint32_t *ms = out, s;

	assert(o->row->most <= UINT32_MAX / 1000);
	if (!opt_number(o, &s))
		return false;
	*ms = s * 1000;
	return true;
}

static bool
no_size(struct opt *o)
{
	(void)opt_usage(
	    o, "--%s: '%s' is not a size like 64k or 2m", o->row->name, o->arg);
	return false;
}

bool
opt_size(struct opt *o, void *out)
{
	return text_size(o->arg, out) || no_size(o);
}

bool
opt_rate(struct opt *o, void *out)
{
	return text_rate(o->arg, out) || no_size(o);
}

/* The row's words as "a, b, c". */
static void
words_list(const struct opt_row *row, char out[LIST_MAX])
{
	const char *p;
	size_t n = 0;

	for (p = row->arg; *p != '\0'; p++) {
		assert(n + 3 < LIST_MAX);
		out[n++] = *p == '|' ? ',' : *p;
		if (*p == '|')
			out[n++] = ' ';
	}
	out[n] = '\0';
}

bool
opt_choice(struct opt *o, void *out)
{
	const char *word = o->row->arg;
	size_t len, given = strlen(o->arg);
	char list[LIST_MAX];
	int *which = out, i;

	for (i = 0; *word != '\0'; i++) {
		len = strcspn(word, "|");
		if (len == given && strncasecmp(word, o->arg, len) == 0) {
			*which = i;
			return true;
		}
		word += len + (word[len] == '|');
	}
	words_list(o->row, list);
	(void)opt_usage(
	    o, "--%s: '%s' is none of %s", o->row->name, o->arg, list);
	return false;
}

bool
opt_progress(struct opt *o, void *out)
{
	int *mode = out;

	*mode = PROGRESS_AUTO;
	if (o->arg == NULL)
		return true;
	if (!opt_choice(o, mode))
		return false;
	*mode += PROGRESS_BAR;
	return true;
}

bool
opt_pattern(struct opt *o, void *out)
{
	struct names *list = out;
	struct erpsync_error why;
	struct err e;

	if (erpsync_exclude_check(o->arg, &why) != 0)
		(void)fault_take(&e, &why);
	else if (names_add(list, o->arg, &e) == 0)
		return true;
	(void)opt_usage(o, "--%s: %s", o->row->name, e.msg);
	return false;
}

static bool
take_lang(struct opt *o, void *out)
{
	struct opt_speech *speech = out;

	speech->language = o->arg;
	if (lang_of_name(o->arg, &speech->lang))
		return true;
	(void)opt_usage(o, "--lang: '%s' is none of pt, es, en", o->arg);
	return false;
}

const struct opt_row opt_common[] = {
    {0, "lang", "pt|es|en", "language of the messages", take_lang, .offset = 0},
    {'q', "quiet", NULL, "say only what went wrong", opt_flag,
	.offset = offsetof(struct opt_speech, quiet)},
    {.name = NULL},
};
