/*
 * From the names of a release to those of a folder where they differ in case
 * (README.TXT, Readme.txt): after the scan and before the plan, which compares
 * names by their bytes.  Folders are looked at from
 * the top, each once, and only those where a name is missing.
 */
#include "engine/tree/spelling.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_file.h"
#include "engine/base/path.h"
#include "engine/tree/filter.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Folders in each other: no path that was checked has more components, neither
 * of a release nor of a folder (own_names.h). */
enum { LEVELS = 64 };

/* A name of a folder under the key that it shares with its other spellings. */
struct folded {
	char *key;
	const char *name; /* of list */
};

/* One of the folders that the current path goes through. */
struct level {
	char *path; /* as the paths that are looked for have it */
	char *lies; /* as the folder spells it */
	bool there;
	bool listed;
	struct names list;
	struct folded *v; /* sorted by key */
};

struct walk {
	const struct spelling_folder *f;
	struct level level[LEVELS]; /* the first is the folder itself */
	size_t n;
};

static void
level_release(struct level *l)
{
	size_t i;

	for (i = 0; l->v != NULL && i < l->list.n; i++)
		free(l->v[i].key);
	free(l->v);
	names_release(&l->list);
	free(l->path);
	free(l->lies);
	memset(l, 0, sizeof(*l));
}

static void
walk_cut(struct walk *w, size_t n)
{
	while (w->n > n)
		level_release(&w->level[--w->n]);
}

static int
collect_name(void *arg, const char *name)
{
	return names_add(arg, name, NULL) == 0 ? 0 : -ENOMEM;
}

static int
compare_folded(const void *a, const void *b)
{
	return strcmp(
	    ((const struct folded *)a)->key, ((const struct folded *)b)->key);
}

/* What cannot be looked into has no names here.  What may not be has none
 * where a scan spoke of it. */
static bool
is_closed(const struct walk *w, int rc)
{
	return rc == -ENOENT || rc == -ENOTDIR || rc == -ELOOP ||
	    rc == -EXDEV || (rc == -EACCES && w->f->have != NULL);
}

static int
level_read(struct walk *w, struct level *l, struct err *e)
{
	const char *path = l->lies[0] == '\0' ? "." : l->lies;
	int fd = fs_open(w->f->fs, w->f->dir, path, FS_DIRECTORY, 0);
	int rc;

	if (is_closed(w, fd))
		return 0;
	if (fd < 0)
		return err_sys(e, -fd, "open folder", path);
	rc = fs_list(w->f->fs, fd, collect_name, &l->list);
	fs_close_quietly(w->f->fs, &fd);
	return rc < 0 ? err_sys(e, -rc, "read folder", path) : 0;
}

static int
level_list(struct walk *w, struct level *l, struct err *e)
{
	size_t i;
	int rc;

	if (l->listed)
		return 0;
	if ((rc = level_read(w, l, e)) != 0)
		return rc;
	if ((l->v = calloc(l->list.n + 1, sizeof(*l->v))) == NULL)
		return err_nomem(e);
	for (i = 0; i < l->list.n; i++) {
		l->v[i].name = l->list.v[i];
		if ((l->v[i].key = path_fold(l->list.v[i])) == NULL)
			return err_nomem(e);
	}
	if (l->list.n > 1)
		qsort(l->v, l->list.n, sizeof(*l->v), compare_folded);
	l->listed = true;
	return 0;
}

/*
 * The listed name of the same fold, if there is one; *exact: name itself is
 * listed.  Two that differ in case only are two files on this disk.
 */
static const char *
level_match(const struct level *l, char *key, const char *name, bool *exact)
{
	const struct folded wanted = {key, name};
	const struct folded *x = l->list.n == 0
	    ? NULL
	    : bsearch(&wanted, l->v, l->list.n, sizeof(*l->v), compare_folded);
	const char *found = NULL;
	size_t n = 0;

	*exact = false;
	if (x == NULL)
		return NULL;
	while (x > l->v && strcmp(x[-1].key, key) == 0)
		x--;
	for (; x < l->v + l->list.n && strcmp(x->key, key) == 0; x++, n++) {
		if (strcmp(x->name, name) == 0)
			*exact = true;
		found = x->name;
	}
	return *exact || n > 1 ? NULL : found;
}

static char *
join(const char *above, const char *name)
{
	size_t a = strlen(above), n = strlen(name);
	char *out = malloc(a + n + 2);

	if (out == NULL)
		return NULL;
	memcpy(out, above, a);
	if (a > 0)
		out[a++] = '/';
	memcpy(out + a, name, n + 1);
	return out;
}

/* Look for a name that no scan found; *lies is its path under the folders'
 * spelling, and may become the one of another name. */
static int
look_up(struct walk *w, struct level *l, const char *name, char **lies,
    bool *there, struct err *e)
{
	const char *other;
	struct fs_stat st;
	char *key, *path;
	int rc;

	if ((rc = level_list(w, l, e)) != 0)
		return rc;
	if ((key = path_fold(name)) == NULL)
		return err_nomem(e);
	other = level_match(l, key, name, there);
	free(key);
	if (other == NULL)
		return 0;
	/* Would it be another file?  Then this disk does not fold here. */
	rc = w->f->folds ? 0 : fs_stat(w->f->fs, w->f->dir, *lies, &st);
	if (is_closed(w, rc))
		return 0;
	if (rc < 0)
		return err_sys(e, -rc, "stat", *lies);
	if ((path = join(l->lies, other)) == NULL)
		return err_nomem(e);
	free(*lies);
	*lies = path;
	*there = true;
	return 0;
}

/* The path of a name in a folder of the walk, which the caller frees. */
static int
spell(struct walk *w, struct level *l, const char *name, char **lies,
    bool *there, struct err *e)
{
	int rc;

	*there = false;
	if ((*lies = join(l->lies, name)) == NULL)
		return err_nomem(e);
	if (!l->there)
		return 0;
	if (w->f->have != NULL && manifest_find(w->f->have, *lies) != NULL) {
		*there = true;
		return 0;
	}
	if ((rc = look_up(w, l, name, lies, there, e)) != 0) {
		free(*lies);
		*lies = NULL;
	}
	return rc;
}

/* Add the folder that is the first len bytes of path. */
static int
walk_enter(struct walk *w, const char *path, size_t len, struct err *e)
{
	struct level *above = &w->level[w->n - 1], *l = above + 1;

	assert(w->n < LEVELS);
	if ((l->path = strndup(path, len)) == NULL)
		return err_nomem(e);
	w->n++;
	return spell(w, above, path_base(l->path), &l->lies, &l->there, e);
}

/* Go to the folder of path; those that it shares with the last stay. */
static int
walk_to(struct walk *w, const char *path, struct err *e)
{
	const char *slash;
	size_t n = 1, len;
	int rc = 0;

	for (slash = strchr(path, '/'); rc == 0 && slash != NULL;
	     slash = strchr(slash + 1, '/'), n++) {
		assert(n < LEVELS);
		len = (size_t)(slash - path);
		if (n < w->n && strncmp(w->level[n].path, path, len) == 0 &&
		    w->level[n].path[len] == '\0')
			continue;
		walk_cut(w, n);
		rc = walk_enter(w, path, len, e);
	}
	if (rc == 0)
		walk_cut(w, n);
	return rc;
}

static int
find_one(struct walk *w, const char *path, char **out, struct err *e)
{
	bool there;
	int rc;

	*out = NULL;
	if (w->f->have != NULL && manifest_find(w->f->have, path) != NULL)
		return 0;
	if ((rc = walk_to(w, path, e)) != 0 ||
	    (rc = spell(
		 w, &w->level[w->n - 1], path_base(path), out, &there, e)) != 0)
		return rc;
	if (strcmp(*out, path) != 0)
		return 0;
	free(*out);
	*out = NULL;
	return 0;
}

static void
free_all(char **v, size_t n)
{
	while (n > 0) {
		free(v[--n]);
		v[n] = NULL;
	}
}

int
spelling_find(const struct spelling_folder *f, const char *const *paths,
    size_t n, char **out, struct err *e)
{
	struct walk w = {.f = f, .n = 1};
	size_t i;
	int rc = 0;

	w.level[0].there = true;
	w.level[0].path = strdup("");
	w.level[0].lies = strdup("");
	if (w.level[0].path == NULL || w.level[0].lies == NULL)
		rc = err_nomem(e);
	for (i = 0; rc == 0 && i < n; i++)
		rc = find_one(&w, paths[i], &out[i], e);
	walk_cut(&w, 0);
	if (rc != 0)
		free_all(out, i);
	return rc;
}

/* An entry on its way to its place. */
struct placed {
	const char *path;
	size_t from;
};

static int
compare_placed(const void *a, const void *b)
{
	return strcmp(
	    ((const struct placed *)a)->path, ((const struct placed *)b)->path);
}

/* The release under the names lies, where they differ. */
static int
respell(const struct manifest *release, char *const *lies, struct spelling *out,
    struct err *e)
{
	struct placed *v = calloc(release->n + 1, sizeof(*v));
	struct entry en;
	size_t i;
	int rc = 0;

	out->from = calloc(release->n + 1, sizeof(*out->from));
	if (v == NULL || out->from == NULL) {
		free(v);
		return err_nomem(e);
	}
	for (i = 0; i < release->n; i++)
		v[i] = (struct placed){
		    lies[i] == NULL ? release->v[i].path : lies[i], i};
	qsort(v, release->n, sizeof(*v), compare_placed);
	for (i = 0; rc == 0 && i < release->n; i++) {
		/* Names of one fold are never two of a release. */
		assert(i == 0 || strcmp(v[i - 1].path, v[i].path) != 0);
		en = release->v[v[i].from];
		en.path = lies[v[i].from] == NULL ? en.path : lies[v[i].from];
		out->from[i] = v[i].from;
		rc = manifest_add(&out->m, &en, e);
	}
	free(v);
	return rc;
}

/* What is left out by the release's name; 1 when other names are left. */
static int
leave_out(const struct spelling_folder *f, const struct manifest *release,
    char **lies)
{
	size_t i;
	int any = 0;

	for (i = 0; i < release->n; i++) {
		if (lies[i] == NULL)
			continue;
		if (!filter_excludes(f->filter, release->v[i].path)) {
			any = 1;
			continue;
		}
		if (f->have != NULL)
			manifest_drop(f->have, lies[i]);
		free(lies[i]);
		lies[i] = NULL;
	}
	return any;
}

int
spelling_make(const struct spelling_folder *f, const struct manifest *release,
    struct spelling *out, struct err *e)
{
	struct spelling_folder at = *f;
	const char **paths = calloc(release->n + 1, sizeof(*paths));
	char **lies = calloc(release->n + 1, sizeof(*lies));
	size_t i;
	int rc;

	memset(out, 0, sizeof(*out));
	manifest_init(&out->m, release->os);
	memcpy(out->m.build, release->build, sizeof(out->m.build));
	if (paths == NULL || lies == NULL) {
		rc = err_nomem(e);
		goto out;
	}
	at.folds = release->os == PATH_OS_WINDOWS;
	for (i = 0; i < release->n; i++)
		paths[i] = release->v[i].path;
	if ((rc = spelling_find(&at, paths, release->n, lies, e)) == 0 &&
	    leave_out(f, release, lies))
		rc = respell(release, lies, out, e);
	free_all(lies, release->n);
	if (rc != 0)
		spelling_release(out);
out:
	free(lies);
	free(paths);
	return rc;
}

void
spelling_release(struct spelling *s)
{
	manifest_release(&s->m);
	free(s->from);
	s->from = NULL;
}

const struct manifest *
spelling_manifest(const struct spelling *s, const struct manifest *release)
{
	assert(s->from == NULL || s->m.n == release->n);
	return s->from == NULL ? release : &s->m;
}

size_t
spelling_index(const struct spelling *s, const struct manifest *release,
    const struct entry *entry)
{
	size_t i = (size_t)(entry - spelling_manifest(s, release)->v);

	assert(i < release->n);
	return s->from == NULL ? i : s->from[i];
}
