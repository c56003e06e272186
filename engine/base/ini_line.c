/*
 * The lines of the ERP's INI dialect, beneath its two readers: ini.c, which
 * wants the values, and engine/ini, which keeps every byte.
 */
#include "engine/base/ini_line.h"

#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* What lies between from and to, without blanks around. */
static struct ini_span
trimmed(const char *from, const char *to)
{
	while (from < to && is_blank(*from))
		from++;
	while (to > from && is_blank(to[-1]))
		to--;
	return (struct ini_span){from, (size_t)(to - from)};
}

static bool
is_comment(struct ini_span s)
{
	return s.p[0] == ';' || (s.len >= 2 && memcmp(s.p, "//", 2) == 0);
}

void
ini_line_read(const char *p, size_t n, struct ini_line *out)
{
	const char *mark, *end = p + n;
	struct ini_span all = trimmed(p, end);

	memset(out, 0, sizeof(*out));
	if (all.len == 0) {
		out->kind = INI_BLANK;
	} else if (is_comment(all)) {
		out->kind = INI_COMMENT;
	} else if (all.p[0] == '[') {
		out->kind = INI_UNCLOSED;
		if ((mark = memchr(all.p, ']', all.len)) == NULL)
			return;
		out->kind = INI_SECTION;
		out->name = trimmed(all.p + 1, mark);
		out->rest = trimmed(mark + 1, end);
	} else {
		out->kind = INI_STRAY;
		if ((mark = memchr(all.p, '=', all.len)) == NULL)
			return;
		out->kind = INI_KEY;
		out->name = trimmed(all.p, mark);
		out->value = trimmed(mark + 1, end);
	}
}

struct ini_span
ini_unquoted(struct ini_span v)
{
	if (v.len >= 2 && (v.p[0] == '"' || v.p[0] == '\'') &&
	    v.p[v.len - 1] == v.p[0] &&
	    memchr(v.p + 1, v.p[0], v.len - 2) == NULL) {
		v.p++;
		v.len -= 2;
	}
	return v;
}

/* Not tolower: its answer depends on the locale. */
static unsigned char
lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

int
ini_name_compare(struct ini_span a, struct ini_span b)
{
	size_t i, n = a.len < b.len ? a.len : b.len;

	for (i = 0; i < n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return lower(a.p[i]) < lower(b.p[i]) ? -1 : 1;
	return (a.len > b.len) - (a.len < b.len);
}
