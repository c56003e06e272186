/*
 * Matching a text with a shell pattern, in time that grows with the product of
 * their lengths.  Below filter.c.
 */
#include "engine/tree/pattern.h"

#include "engine/base/text.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wctype.h>

enum {
	CLASS_MAX = 16,
	/* Above all characters: bytes that belong to none. */
	STRAY = 0x110000
};

/* The next character; *p goes behind it.  Not at the end. */
static uint32_t
next_char(const char **p)
{
	uint32_t c;
	size_t n;

	assert(**p != '\0');
	if ((n = utf8_next(*p, strlen(*p), &c)) == 0) {
		c = STRAY + (uint8_t) * *p;
		n = 1;
	}
	*p += n;
	return c;
}

/* "[:alpha:]" at p, behind its "[": is c one of it?  *p goes behind it.
 * False, and *p stays, when it is no such thing. */
static bool
take_class(const char **p, uint32_t c, bool *in)
{
	const char *end = strstr(*p + 1, ":]");
	char name[CLASS_MAX];
	size_t n;

	if (**p != ':' || end == NULL)
		return false;
	n = (size_t)(end - *p) - 1;
	if (n == 0 || n >= sizeof(name))
		return false;
	memcpy(name, *p + 1, n);
	name[n] = '\0';
	if (wctype(name) == 0)
		return false;
	*in = c < STRAY && iswctype((wint_t)c, wctype(name)) != 0;
	*p = end + 2;
	return true;
}

/* A character of a set, which a backslash may have in front. */
static uint32_t
set_char(const char **p)
{
	if ((*p)[0] == '\\' && (*p)[1] != '\0')
		++*p;
	return next_char(p);
}

/*
 * The set behind a "[" at *p: 1 when c is in it, 0 when it is not, and *p is
 * behind it; -1 when it has no end: then it is none.
 */
static int
take_set(const char **p, uint32_t c)
{
	const char *at = *p;
	bool other = *at == '!' || *at == '^', in = false, one, first = true;
	uint32_t low, high;

	at += other;
	for (; *at != ']' || first; first = false) {
		if (*at == '\0')
			return -1;
		if (at[0] == '[' && at[1] == ':') {
			at++;
			if (take_class(&at, c, &one)) {
				in |= one;
				continue;
			}
			at--;
		}
		low = high = set_char(&at);
		if (at[0] == '-' && at[1] != ']' && at[1] != '\0') {
			at++;
			high = set_char(&at);
		}
		in |= low <= c && c <= high;
	}
	*p = at + 1;
	return in != other;
}

/* Does one character of the pattern, no "*", match one of the text?  Both go
 * behind theirs. */
static bool
match_one(const char **pattern, const char **text, bool slashes)
{
	uint32_t c = next_char(text);
	int in;

	switch (**pattern) {
	case '?':
		++*pattern;
		return !slashes || c != '/';
	case '[':
		++*pattern;
		if ((in = take_set(pattern, c)) >= 0)
			return in == 1 && (!slashes || c != '/');
		return c == '[';
	case '\\':
		/* At the end it stands for nothing that could be there. */
		if (*++*pattern == '\0')
			return false;
		break;
	default:
		break;
	}
	return next_char(pattern) == c;
}

bool
pattern_matches(const char *pattern, const char *text, bool slashes)
{
	const char *star = NULL, *from = NULL; /* behind the last "*" */

	for (;;) {
		if (*pattern == '*') {
			star = ++pattern;
			from = text;
			continue;
		}
		if (*text == '\0' && *pattern == '\0')
			return true;
		if (*text != '\0' && *pattern != '\0' &&
		    match_one(&pattern, &text, slashes))
			continue;
		/* The last "*" takes one more, if it may. */
		if (star == NULL || *from == '\0' || (slashes && *from == '/'))
			return false;
		(void)next_char(&from);
		text = from;
		pattern = star;
	}
}
