/*
 * Names to leave out, by shell patterns: asked for each entry while a folder
 * is scanned, and for each entry of a release that is compared.
 */
#include "engine/tree/filter.h"

#include "engine/base/err.h"
#include "engine/base/path.h"

#include <assert.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

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
	filter_init(f);
}

int
filter_add(struct filter *f, const char *pattern, struct err *e)
{
	size_t cap = f->cap == 0 ? 8 : 2 * f->cap;
	size_t len = strlen(pattern);
	char **v;

	if (len > 0 && pattern[len - 1] == '/')
		len--;
	if (len == 0 || len > PATH_MAX_BYTES)
		return err_path(
		    e, ERP_USAGE, pattern, "empty or overlong pattern");
	assert(f->n <= f->cap);
	if (f->n == f->cap) {
		if ((v = reallocarray(f->v, cap, sizeof(*v))) == NULL)
			return err_nomem(e);
		f->v = v;
		f->cap = cap;
	}
	if ((f->v[f->n] = strndup(pattern, len)) == NULL)
		return err_nomem(e);
	f->n++;
	return 0;
}

static bool
matches(const char *pattern, const char *path)
{
	if (strchr(pattern, '/') == NULL)
		return fnmatch(pattern, path_base(path), 0) == 0;
	if (pattern[0] == '/')
		pattern++;
	return fnmatch(pattern, path, FNM_PATHNAME) == 0;
}

static bool
any_matches(const struct filter *f, const char *path)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (matches(f->v[i], path))
			return true;
	return false;
}

bool
filter_excludes(const struct filter *f, const char *path)
{
	char part[2 * PATH_MAX_BYTES];
	size_t i, len = strlen(path);

	if (f == NULL || f->n == 0)
		return false;
	/* Every folder above it counts as well. */
	for (i = 0; i < len && i + 1 < sizeof(part); i++) {
		part[i] = '\0';
		if (path[i] == '/' && any_matches(f, part))
			return true;
		part[i] = path[i];
	}
	return any_matches(f, path);
}
