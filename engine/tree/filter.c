/*
 * Names to leave out, by shell patterns: asked for each entry while a folder
 * is scanned, and for each entry of a release that is compared.
 */
#include "engine/tree/filter.h"

#include "engine/base/err.h"
#include "engine/base/path.h"
#include "engine/tree/kind.h"
#include "engine/tree/pattern.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define ANY_FOLDER "**/"

void
filter_init(struct filter *f)
{
	memset(f, 0, sizeof(*f));
}

void
filter_release(struct filter *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		free(f->v[i]);
	free(f->v);
	free(f->hit);
	filter_init(f);
}

/* As it is matched: with slashes, and without "./" in front. */
static void
normalise(char *pattern)
{
	char *p;

	for (p = pattern; *p != '\0'; p++)
		if (p[0] == '\\' && isalnum((unsigned char)p[1]))
			*p = '/';
	for (p = pattern; p[0] == '.' && p[1] == '/' && p[2] != '\0'; p += 2)
		continue;
	memmove(pattern, p, strlen(p) + 1);
}

int
filter_add(struct filter *f, const char *pattern, struct err *e)
{
	size_t cap = f->cap == 0 ? 8 : 2 * f->cap;
	size_t len = strlen(pattern);
	bool *hit;
	char **v;

	if (len > 0 && pattern[len - 1] == '/')
		len--;
	if (len == 0)
		return err_set(e, ERP_USAGE, "the pattern is empty");
	if (len > PATH_MAX_BYTES)
		return err_path(
		    e, ERP_USAGE, pattern, "is longer than a path can be");
	assert(f->n <= f->cap);
	if (f->n == f->cap) {
		if ((v = reallocarray(f->v, cap, sizeof(*v))) == NULL)
			return err_nomem(e);
		f->v = v;
		if ((hit = reallocarray(f->hit, cap, sizeof(*hit))) == NULL)
			return err_nomem(e);
		f->hit = hit;
		f->cap = cap;
	}
	if ((f->v[f->n] = strndup(pattern, len)) == NULL)
		return err_nomem(e);
	normalise(f->v[f->n]);
	f->hit[f->n] = false;
	f->n++;
	return 0;
}

const char *
filter_below_any(const char *pattern)
{
	const char *p = pattern + (pattern[0] == '/');
	const char *begin = p;

	while (strncmp(p, ANY_FOLDER, strlen(ANY_FOLDER)) == 0)
		p += strlen(ANY_FOLDER);
	return p == begin || *p == '\0' ? NULL : p;
}

static bool
matches_below_any(const char *pattern, const char *path)
{
	while (!pattern_matches(pattern, path, true)) {
		if ((path = strchr(path, '/')) == NULL)
			return false;
		path++;
	}
	return true;
}

static bool
matches(const char *pattern, const char *path)
{
	const char *below = filter_below_any(pattern);

	if (strchr(pattern, '/') == NULL)
		return pattern_matches(pattern, path_base(path), false);
	if (below != NULL)
		return matches_below_any(below, path);
	return pattern_matches(pattern + (pattern[0] == '/'), path, true);
}

/* One of those from the i-th on. */
static bool
any_matches(const struct filter *f, size_t i, const char *path)
{
	bool any = false;

	for (; i < f->n; i++) {
		if ((f->hit[i] && any) || !matches(f->v[i], path))
			continue;
		f->hit[i] = any = true;
	}
	return any;
}

bool
filter_is_idle(const struct filter *f, size_t i)
{
	const char *p = f->v[i], *below = filter_below_any(p);

	assert(i < f->n);
	if (f->hit[i])
		return false;
	if (below != NULL)
		p = below;
	if (strpbrk(p, "*?") == NULL || p[0] == '/')
		return true;
	for (; *p != '\0'; p++)
		if (isupper((unsigned char)*p) || strchr("\\[ ", *p) != NULL)
			return true;
	return false;
}

bool
filter_excludes(const struct filter *f, const char *path)
{
	char part[2 * PATH_MAX_BYTES];
	size_t i, first, len = strlen(path);

	if (f == NULL || f->n == 0)
		return false;
	first = kind_leads_to_station_ini(path) ? f->yields : 0;
	/* Every folder above it counts as well. */
	for (i = 0; i < len && i + 1 < sizeof(part); i++) {
		part[i] = '\0';
		if (path[i] == '/' && any_matches(f, first, part))
			return true;
		part[i] = path[i];
	}
	return any_matches(f, first, path);
}
