/*
 * Path rules, by which every name of a manifest is accepted or refused before
 * anything is done with it.  The normal form is utf8proc's, folding is ours.
 */
#include "engine/base/path.h"

#include "engine/base/err.h"
#include "engine/base/fold.h"
#include "engine/base/reserved.h"
#include "engine/base/text.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* A folded character may be longer in UTF-8, by half at most. */
enum { FOLD_GROWTH = 2 };

enum { UTF8_BYTES = 4, NO_CHARACTER = 0x110000 };

char *
path_fold(const char *path)
{
	size_t left = strlen(path), used = 0, n;
	uint8_t *out = malloc(FOLD_GROWTH * left + 1);
	const char *start = path;
	uint32_t cp;

	if (out == NULL)
		return NULL;
	for (; left > 0; path += n, left -= n) {
		n = utf8_next(path, left, &cp);
		if (n == 0) {
			/* Not a character: only equal to itself. */
			n = 1;
			out[used++] = (uint8_t)*path;
		} else if ((cp = fold_char(cp)) != 0) {
			used += (size_t)utf8proc_encode_char(
			    (utf8proc_int32_t)cp, out + used);
		}
	}
	assert(used <= FOLD_GROWTH * (size_t)(path - start));
	out[used] = '\0';
	return (char *)out;
}

/* Is it a byte of a character behind its first one? */
static bool
is_inside(char byte)
{
	return ((uint8_t)byte & 0xc0) == 0x80;
}

/* The next character of a key, 0 at its end; what is none is above them all. */
static uint32_t
next_folded(const char **p)
{
	uint32_t cp;
	size_t n;

	do {
		if (**p == '\0')
			return 0;
		n = utf8_next(*p, strnlen(*p, UTF8_BYTES), &cp);
		if (n == 0) {
			cp = NO_CHARACTER + (uint8_t)(*p)[0];
			(*p)++;
			return cp;
		}
		*p += n;
	} while ((cp = fold_char(cp)) == 0);
	return cp;
}

int
path_fold_compare(const char *a, const char *b)
{
	const char *start = a;
	uint32_t x, y;

	/* What both begin with is soon passed by. */
	for (; *a == *b && *a != '\0'; a++, b++)
		;
	for (; a > start && (is_inside(*a) || is_inside(*b)); a--, b--)
		;
	do {
		x = next_folded(&a);
		y = next_folded(&b);
	} while (x == y && x != 0);
	return (x > y) - (x < y);
}

static bool
is_forbidden(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) ||
	    (cp < 0x80 && strchr("\\:*?\"<>|", (int)cp) != NULL);
}

/*
 * Is the component a device for Windows: CON, PRN, AUX, NUL, CONIN$,
 * CONOUT$, COMn and LPTn with a digit or a superscript 1, 2, 3, with or
 * without extension?
 */
static bool
is_device(const char *name, size_t len)
{
	static const char *const devices[] = {
	    "con", "prn", "aux", "nul", "conin$", "conout$"};
	static const char *const ports[] = {"com", "lpt"};
	const char *dot = memchr(name, '.', len);
	char stem[8] = "";
	size_t i, n = dot == NULL ? len : (size_t)(dot - name);

	while (n > 0 && name[n - 1] == ' ')
		n--;
	if (n >= sizeof(stem))
		return false;
	for (i = 0; i < n; i++)
		stem[i] = (char)(name[i] >= 'A' && name[i] <= 'Z'
			? name[i] - 'A' + 'a'
			: name[i]);
	for (i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (strcmp(stem, devices[i]) == 0)
			return true;
	for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		if (strncmp(stem, ports[i], 3) != 0)
			continue;
		if (n == 4 && stem[3] >= '0' && stem[3] <= '9')
			return true;
		if (n == 5 &&
		    (strcmp(stem + 3, "\u00b9") == 0 ||
			strcmp(stem + 3, "\u00b2") == 0 ||
			strcmp(stem + 3, "\u00b3") == 0))
			return true;
	}
	return false;
}

static_assert(
    PATH_MAX_COMPONENT == 200 && PATH_MAX_BYTES == 1024 && PATH_MAX_DEPTH == 32,
    "the limits that messages name");

/* What is wrong with one component, or NULL. */
static const char *
component_fault(const char *name, size_t len, enum path_os os)
{
	if (len == 0)
		return "empty name";
	if (len > PATH_MAX_COMPONENT)
		return "name too long: at most 200 bytes";
	if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
		return "\".\" or \"..\" in a path";
	if (os != PATH_OS_WINDOWS)
		return NULL;
	if (name[len - 1] == '.' || name[len - 1] == ' ')
		return "name ends with a dot or a blank";
	if (is_device(name, len))
		return "name of a device";
	return NULL;
}

/* What is wrong with the characters, or NULL; *ascii tells if all are. */
static const char *
characters_fault(const char *p, size_t len, bool *ascii)
{
	uint32_t cp;
	size_t n;

	*ascii = true;
	for (; len > 0; p += n, len -= n) {
		if ((n = utf8_next(p, len, &cp)) == 0)
			return "not UTF-8";
		if (is_forbidden(cp))
			return "forbidden character: a control or one of \\ : "
			       "* ? \" < > |";
		if (n > 1)
			*ascii = false;
	}
	return NULL;
}

/* What is wrong with its Unicode normal form, or NULL. */
static const char *
normal_form_fault(const char *p, size_t len)
{
	utf8proc_uint8_t *nfc = NULL;
	utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)p,
	    (utf8proc_ssize_t)len, &nfc, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	bool same = n == (utf8proc_ssize_t)len && memcmp(nfc, p, len) == 0;

	free(nfc);
	if (n == UTF8PROC_ERROR_NOMEM)
		return "no memory to check it";
	return same ? NULL
		    : "not in Unicode normal form C; rename it (convmv "
		      "--nfc)";
}

static const char *
path_fault(const char *path, size_t len, enum path_os os)
{
	const char *why, *slash, *p = path, *end = path + len;
	size_t depth = 1, n;
	bool ascii;

	if (len == 0)
		return "empty path";
	if (len > PATH_MAX_BYTES)
		return "path too long: at most 1024 bytes";
	if ((why = characters_fault(path, len, &ascii)) != NULL)
		return why;
	for (;; p = slash + 1, depth++) {
		assert(p <= end);
		slash = memchr(p, '/', (size_t)(end - p));
		n = (size_t)((slash == NULL ? end : slash) - p);
		if ((why = component_fault(p, n, os)) != NULL)
			return why;
		if (slash == NULL)
			break;
	}
	if (depth > PATH_MAX_DEPTH)
		return "too many folders in each other: at most 31";
	return ascii ? NULL : normal_form_fault(path, len);
}

const char *
path_os_name(enum path_os os)
{
	static const char *const names[PATH_OS_N] = {
	    [PATH_OS_WINDOWS] = "windows",
	    [PATH_OS_LINUX] = "linux",
	    [PATH_OS_MACOSX] = "macosx",
	};

	return (unsigned)os < PATH_OS_N ? names[os] : NULL;
}

int
path_check(const char *path, size_t len, enum path_os os, struct err *e)
{
	const char *why = path_fault(path, len, os);
	char shown[PATH_MAX_BYTES + 1];

	if (why == NULL)
		return 0;
	/* The text may have no end, or one in the middle. */
	if (len >= sizeof(shown))
		len = sizeof(shown) - 1;
	memcpy(shown, path, len);
	shown[len] = '\0';
	return err_path(e, ERP_USAGE, shown, why);
}

/*
 * The ".." of a target must all come first: there they climb real folders,
 * the link's own.  One behind a name could climb out of wherever another
 * link leads.
 */
static const char *
link_fault(const char *path, const char *target)
{
	const char *why, *p = target, *below = NULL;
	size_t depth = 0, n;
	bool ascii;

	for (; *path != '\0'; path++)
		depth += *path == '/';
	if (*target == '\0' || strlen(target) > PATH_MAX_BYTES)
		return "link target is empty or too long";
	if (*target == '/')
		return "link target is absolute";
	if ((why = characters_fault(target, strlen(target), &ascii)) != NULL)
		return why;
	for (; *p != '\0'; p += n + (p[n] == '/')) {
		n = strcspn(p, "/");
		if (n == 0 || (n == 1 && p[0] == '.'))
			continue;
		if (n == 2 && p[0] == '.' && p[1] == '.') {
			if (depth == 0 || below != NULL)
				return "link leaves the folder";
			depth--;
		} else if (below == NULL) {
			below = p;
		}
	}
	if (depth == 0 && below != NULL &&
	    (path_is_reserved(below) || path_is_short_of_reserved(below)))
		return "link into erpsync's own files";
	return NULL;
}

/*
 * All ".." of a legal target come first, so it is the folder itself when they
 * climb all the way and no name follows.  No other chain of links gets there.
 */
bool
path_link_is_root(const char *path, const char *target)
{
	size_t depth = 0, n;

	for (; *path != '\0'; path++)
		depth += *path == '/';
	for (; *target != '\0'; target += n + (target[n] == '/')) {
		n = strcspn(target, "/");
		if (n == 0 || (n == 1 && target[0] == '.'))
			continue;
		if (n != 2 || target[0] != '.' || target[1] != '.')
			return false;
		if (depth > 0)
			depth--;
	}
	return depth == 0;
}

int
path_check_link(const char *path, const char *target, struct err *e)
{
	const char *why = link_fault(path, target);

	return why == NULL ? 0 : err_path(e, ERP_USAGE, path, why);
}

const char *
path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

bool
path_same_folder(const char *a, const char *b)
{
	size_t n = (size_t)(path_base(a) - a);

	return (size_t)(path_base(b) - b) == n && memcmp(a, b, n) == 0;
}
