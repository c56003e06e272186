/*
 * Arguments as CommandLineToArgvW and the C libraries of Windows take them
 * apart.  Below launch_win32.c and companion_win32.c.
 */
#include "cli/process_win32.h"

#include "engine/base/wide_win32.h"

#include <assert.h>
#include <stdlib.h>

struct line {
	wchar_t *p;
	size_t cap, n;
	bool full;
};

static void
put(struct line *l, wchar_t c, size_t times)
{
	for (; times > 0; times--) {
		if (l->n + 1 >= l->cap) {
			l->full = true;
			return;
		}
		l->p[l->n++] = c;
	}
	l->p[l->n] = L'\0';
}

/* Backslashes mean themselves unless a quote follows. */
static void
put_quoted(struct line *l, const wchar_t *in)
{
	size_t slashes;

	put(l, L'"', 1);
	for (; *in != L'\0'; in++) {
		for (slashes = 0; *in == L'\\'; in++)
			slashes++;
		if (*in == L'\0') {
			put(l, L'\\', 2 * slashes);
			break;
		}
		put(l, L'\\', *in == L'"' ? 2 * slashes + 1 : slashes);
		put(l, *in, 1);
	}
	put(l, L'"', 1);
}

bool
process_append(wchar_t *line, size_t cap, const char *argument)
{
	struct line l = {line, cap, wcslen(line), false};
	wchar_t wide[WIDE_PATH];
	const wchar_t *c;

	assert(l.n < cap);
	if (wide_of(argument, wide, WIDE_PATH) < 0)
		return false;
	if (l.n > 0)
		put(&l, L' ', 1);
	if (wide[0] != L'\0' && wcspbrk(wide, L" \t\n\v\"") == NULL)
		for (c = wide; *c != L'\0'; c++)
			put(&l, *c, 1);
	else
		put_quoted(&l, wide);
	return !l.full;
}

bool
process_line(wchar_t *line, size_t cap, char *const argv[])
{
	size_t i;

	line[0] = L'\0';
	for (i = 0; argv[i] != NULL; i++)
		if (!process_append(line, cap, argv[i]))
			return false;
	return true;
}
