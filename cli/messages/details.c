/*
 * From the English details of the engine to the person's language: a text is
 * matched with the formats that it may come from, the most telling reading
 * wins, and its arguments go into the format of the language.
 */
#include "cli/messages/details.h"

#include "cli/messages/details_internal.h"

#include <assert.h>
#include <bsd/string.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
	ARGS_MAX = 6,
	TEXT_MAX = 512,
	/* A peer's text must not cost more than a moment. */
	DEPTH_MAX = 3,
	SPLITS_MAX = 4
};

/* A piece of the text. */
struct span {
	const char *p;
	size_t n;
};

struct reading {
	const struct detail *row;
	struct span args[ARGS_MAX];
	size_t known; /* bytes of the text that are the format's */
};

static bool
is_argument(const char *format)
{
	return format[0] == '%' && (format[1] == 's' || format[1] == 'm');
}

/* Does all of text come from format?  Arguments are as short as can be: of
 * nothing, too, as a script's unset variable is. */
static bool
matches(const char *format, struct span text, struct reading *r, size_t arg)
{
	size_t n;

	for (; *format != '\0' && !is_argument(format); format++) {
		if (text.n == 0 || *text.p != *format)
			return false;
		text = (struct span){text.p + 1, text.n - 1};
		r->known++;
	}
	if (*format == '\0')
		return text.n == 0;
	assert(arg < ARGS_MAX);
	for (n = 0; n <= text.n; n++) {
		struct reading longer = *r;

		longer.args[arg] = (struct span){text.p, n};
		if (matches(format + 2, (struct span){text.p + n, text.n - n},
			&longer, arg + 1)) {
			*r = longer;
			return true;
		}
	}
	return false;
}

static void
read_as(const struct detail *rows, struct span text, struct reading *best)
{
	const struct detail *row;

	for (row = rows; row->key != NULL; row++) {
		struct reading r = {.row = row};

		if (matches(row->key, text, &r, 0) && r.known > best->known)
			*best = r;
	}
}

static size_t translate(
    enum lang lang, struct span text, unsigned depth, char out[DETAIL_MAX]);

static void
append(char out[DETAIL_MAX], const char *p, size_t n)
{
	size_t len = strlen(out);

	if (n > DETAIL_MAX - 1 - len)
		n = DETAIL_MAX - 1 - len;
	memcpy(out + len, p, n);
	out[len + n] = '\0';
}

/* An argument as it is, but for a number of bytes (text_bytes), which is
 * written as figures_bytes does it. */
static void
append_argument(char out[DETAIL_MAX], struct span arg)
{
	static const char digits[] = "0123456789.";
	size_t n = 0, i;

	while (n < arg.n && strchr(digits, arg.p[n]) != NULL)
		n++;
	if (n == 0 || arg.n != n + 3 || arg.p[n] != ' ' ||
	    memchr("KMGTPE", arg.p[n + 1], 6) == NULL || arg.p[n + 2] != 'B') {
		append(out, arg.p, arg.n);
		return;
	}
	for (i = 0; i < n; i++)
		append(out, arg.p[i] == '.' ? "," : arg.p + i, 1);
	append(out, arg.p + n, 3);
}

/* A reading in the language: how much of the text was known. */
static size_t
put_reading(enum lang lang, const struct reading *r, unsigned depth,
    char out[DETAIL_MAX])
{
	const char *format = lang == LANG_PT ? r->row->pt : r->row->es;
	char inner[DETAIL_MAX];
	size_t known = r->known, arg = 0;

	out[0] = '\0';
	for (; *format != '\0'; format++) {
		if (!is_argument(format)) {
			append(out, format, 1);
			continue;
		}
		if (format[1] == 'm') {
			known +=
			    translate(lang, r->args[arg], depth + 1, inner);
			append(out, inner, strlen(inner));
		} else {
			append_argument(out, r->args[arg]);
		}
		format++;
		arg++;
	}
	return known;
}

/* "left: right", each by itself: what a file is called is no message. */
static size_t
put_split(enum lang lang, struct span text, size_t at, unsigned depth,
    char out[DETAIL_MAX])
{
	struct span left = {text.p, at};
	struct span right = {text.p + at + 2, text.n - at - 2};
	struct reading reason = {.row = NULL}, call = {.row = NULL};
	char inner[DETAIL_MAX];
	size_t known;

	known = translate(lang, right, depth + 1, inner);
	if (known == 0)
		return 0;
	read_as(details_of_system, right, &reason);
	read_as(details_of_calls, left, &call);
	if (reason.known == right.n && call.row != NULL) {
		known += put_reading(lang, &call, depth, out);
	} else if (memchr(left.p, ' ', left.n) != NULL) {
		known += translate(lang, left, depth + 1, out);
	} else {
		out[0] = '\0';
		append(out, left.p, left.n);
	}
	append(out, ": ", 2);
	append(out, inner, strlen(inner));
	return known + 2;
}

/* The reading that knows most of text, in out: how many bytes it knows. */
static size_t
translate(
    enum lang lang, struct span text, unsigned depth, char out[DETAIL_MAX])
{
	struct reading whole = {.row = NULL};
	char other[DETAIL_MAX];
	size_t best = 0, known, at, splits = 0;

	out[0] = '\0';
	append(out, text.p, text.n);
	if (depth > DEPTH_MAX || text.n == 0)
		return 0;
	read_as(details_of_folder, text, &whole);
	read_as(details_of_backups, text, &whole);
	read_as(details_of_names, text, &whole);
	read_as(details_of_peers, text, &whole);
	read_as(details_of_security, text, &whole);
	read_as(details_of_usage, text, &whole);
	read_as(details_of_server, text, &whole);
	read_as(details_of_ini, text, &whole);
	read_as(details_of_disks, text, &whole);
	read_as(details_of_seals, text, &whole);
	read_as(details_of_system, text, &whole);
	if (whole.row != NULL)
		best = put_reading(lang, &whole, depth, out);
	for (at = 1; at + 2 < text.n && splits < SPLITS_MAX; at++) {
		if (memcmp(text.p + at, ": ", 2) != 0)
			continue;
		splits++;
		known = put_split(lang, text, at, depth, other);
		if (known > best) {
			best = known;
			(void)strlcpy(out, other, DETAIL_MAX);
		}
	}
	return best;
}

void
details_text(enum lang lang, const char *text, char out[DETAIL_MAX])
{
	struct span all = {text, strnlen(text, TEXT_MAX)};

	if (lang == LANG_EN)
		(void)strlcpy(out, text, DETAIL_MAX);
	else
		(void)translate(lang, all, 0, out);
}

bool
details_cut_act(char text[DETAIL_MAX], char act[DETAIL_MAX])
{
	char *cut = NULL, *next = text;

	while ((next = strstr(next, "; ")) != NULL) {
		cut = next;
		next += 2;
	}
	if (cut == NULL || cut[2] == '\0')
		return false;
	/* None of ours begins with an accent. */
	(void)snprintf(
	    act, DETAIL_MAX, "%c%s.", toupper((unsigned char)cut[2]), cut + 3);
	*cut = '\0';
	return true;
}
