/*
 * The manifest as a value: building, searching, copying, its rules.  A scan
 * fills it, a plan compares two; its bytes are in manifest_codec.c.
 */
#include "engine/tree/manifest.h"
#include "engine/base/reserved.h"
#include "engine/tree/manifest_internal.h"

#include "engine/base/err.h"
#include "engine/base/sort.h"
#include "engine/base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* CLASH_SHOWN: two paths have to fit one message. */
enum { FIRST_CAP = 64, CLASH_SHOWN = 200 };

void
manifest_init(struct manifest *m, enum path_os os)
{
	memset(m, 0, sizeof(*m));
	m->os = os;
}

void
manifest_release(struct manifest *m)
{
	arena_release(&m->texts);
	free(m->v);
	manifest_init(m, m->os);
}

int
manifest_reserve(struct manifest *m, size_t n, struct err *e)
{
	struct entry *v;

	if (n <= m->cap)
		return 0;
	if ((v = reallocarray(m->v, n, sizeof(*v))) == NULL)
		return err_nomem(e);
	m->v = v;
	m->cap = n;
	return 0;
}

char *
manifest_text(struct manifest *m, const char *text)
{
	return arena_text(&m->texts, text, strlen(text));
}

int
manifest_add(struct manifest *m, const struct entry *entry, struct err *e)
{
	struct entry en = *entry;
	int rc;

	assert(m->n <= m->cap && entry->path != NULL);
	if (m->n == m->cap &&
	    (rc = manifest_reserve(
		 m, m->cap == 0 ? FIRST_CAP : 2 * m->cap, e)) != 0)
		return rc;
	if ((en.path = manifest_text(m, entry->path)) == NULL ||
	    (entry->target != NULL &&
		(en.target = manifest_text(m, entry->target)) == NULL))
		return err_nomem(e);
	m->v[m->n++] = en;
	return 0;
}

static int
compare_entries(const void *a, const void *b)
{
	return strcmp(
	    ((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

int
manifest_sort(struct manifest *m, struct err *e)
{
	struct entry *v;
	size_t i;

	/* All are there: what they do not need is not kept. */
	if (m->n > 0 && (v = reallocarray(m->v, m->n, sizeof(*v))) != NULL) {
		m->v = v;
		m->cap = m->n;
	}
	sort_array(m->v, m->n, sizeof(m->v[0]), compare_entries);
	for (i = 1; i < m->n; i++)
		if (strcmp(m->v[i - 1].path, m->v[i].path) == 0)
			return err_path(
			    e, ERP_CORRUPT, m->v[i].path, "is there twice");
	return 0;
}

struct entry *
manifest_find(const struct manifest *m, const char *path)
{
	size_t low = 0, high = m->n, mid;
	int order;

	while (low < high) {
		mid = low + (high - low) / 2;
		order = strcmp(path, m->v[mid].path);
		if (order == 0)
			return &m->v[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

static void
take_out(struct manifest *m, size_t from, size_t to)
{
	assert(from <= to && to <= m->n);
	if (from < to)
		memmove(&m->v[from], &m->v[to], (m->n - to) * sizeof(*m->v));
	m->n -= to - from;
}

/* Does at come before, among or after what lies below the folder of len
 * bytes? */
static int
order_below(const char *at, const char *folder, size_t len)
{
	int order = strncmp(at, folder, len);

	return order != 0 ? order : (int)(unsigned char)at[len] - '/';
}

void
manifest_drop(struct manifest *m, const char *path)
{
	size_t len = strlen(path), low = 0, high = m->n, mid;
	const struct entry *one;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (order_below(m->v[mid].path, path, len) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	while (high < m->n && order_below(m->v[high].path, path, len) == 0)
		high++;
	take_out(m, low, high);
	if ((one = manifest_find(m, path)) != NULL)
		take_out(m, (size_t)(one - m->v), (size_t)(one - m->v) + 1);
}

uint64_t
manifest_total(const struct manifest *m)
{
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (m->v[i].content.size > UINT64_MAX - total)
			return UINT64_MAX;
		total += m->v[i].content.size;
	}
	return total;
}

int
manifest_copy(struct manifest *to, const struct manifest *from, struct err *e)
{
	size_t i;
	int rc;

	assert(to != from);
	manifest_init(to, from->os);
	memcpy(to->build, from->build, sizeof(to->build));
	rc = manifest_reserve(to, from->n, e);
	for (i = 0; rc == 0 && i < from->n; i++)
		rc = manifest_add(to, &from->v[i], e);
	if (rc != 0)
		manifest_release(to);
	return rc;
}

/* What is wrong with the numbers and the type of an entry, or NULL. */
static const char *
entry_fault(const struct entry *en, enum path_os os)
{
	if (en->content.size > ENTRY_MAX_SIZE)
		return "file too large";
	if (en->mtime.s < 0 || en->mtime.s > ENTRY_MAX_MTIME ||
	    en->mtime.ns >= STAMP_NS_END)
		return "time out of range";
	if ((en->type == ENTRY_SYMLINK) != (en->target != NULL))
		return "link without target, or the reverse";
	if (en->type == ENTRY_SYMLINK && os == PATH_OS_WINDOWS)
		return "symbolic link in a set for windows";
	if (en->type != ENTRY_FILE && (en->content.size != 0 || en->exec))
		return "size or exec bit without a file";
	if (path_is_reserved(en->path))
		return "name is erpsync's own";
	if (path_is_short_of_reserved(en->path))
		return "is the short name of erpsync's own files on some disks";
	return NULL;
}

/* The parent of a path is there, as a directory. */
static int
check_parent(const struct manifest *m, const char *path, struct err *e)
{
	char parent[PATH_MAX_BYTES + 1];
	const char *slash = strrchr(path, '/');
	const struct entry *above;
	size_t len;

	if (slash == NULL)
		return 0;
	len = (size_t)(slash - path);
	assert(len < sizeof(parent)); /* path_check came first */
	memcpy(parent, path, len);
	parent[len] = '\0';
	above = manifest_find(m, parent);
	if (above == NULL || above->type != ENTRY_DIR)
		return err_path(
		    e, ERP_USAGE, path, "its folder is not an entry");
	return 0;
}

/* The i-th entry; those before it are checked. */
static int
check_entry(const struct manifest *m, size_t i, struct err *e)
{
	const struct entry *en = &m->v[i];
	const char *why;
	int rc;

	if ((rc = path_check(en->path, strlen(en->path), m->os, e)) != 0)
		return rc;
	if ((why = entry_fault(en, m->os)) != NULL)
		return err_path(e, ERP_USAGE, en->path, why);
	if (en->type == ENTRY_SYMLINK &&
	    (rc = path_check_link(en->path, en->target, e)) != 0)
		return rc;
	if (en->type == ENTRY_SYMLINK &&
	    path_link_is_root(en->path, en->target))
		return err_path(e, ERP_USAGE, en->path,
		    "is a link to the folder itself; remove it");
	if (i > 0 && path_same_folder(m->v[i - 1].path, en->path))
		return 0;
	return check_parent(m, en->path, e);
}

static int
compare_folded(const void *a, const void *b)
{
	return path_fold_compare(
	    *(const char *const *)a, *(const char *const *)b);
}

/* Keys of all names would take twice what the names do. */
int
manifest_clashes(
    const struct manifest *m, manifest_clash_fn *fn, void *ctx, struct err *e)
{
	const char **v = calloc(m->n + 1, sizeof(*v));
	size_t i;

	if (v == NULL)
		return err_nomem(e);
	for (i = 0; i < m->n; i++)
		v[i] = m->v[i].path;
	sort_array(v, m->n, sizeof(v[0]), compare_folded);
	for (i = 1; i < m->n; i++)
		if (path_fold_compare(v[i - 1], v[i]) == 0)
			fn(ctx, v[i - 1], v[i]);
	free(v);
	return 0;
}

/* The first clash. */
struct clash {
	const char *a, *b; /* NULL: none */
};

static void
note_clash(void *ctx, const char *a, const char *b)
{
	struct clash *c = ctx;

	if (c->a == NULL)
		*c = (struct clash){a, b};
}

/* No two names are the same on a system that ignores case. */
static int
check_case(const struct manifest *m, struct err *e)
{
	char a[CLASH_SHOWN], b[CLASH_SHOWN];
	struct clash c = {NULL, NULL};
	int rc = manifest_clashes(m, note_clash, &c, e);

	if (rc != 0 || c.a == NULL)
		return rc;
	text_escape(a, sizeof(a), c.a);
	text_escape(b, sizeof(b), c.b);
	return err_set(e, ERP_USAGE,
	    "%s and %s are the same name where case does not count", a, b);
}

/* What a decoder would refuse must not be published. */
static int
check_room(const struct manifest *m, struct err *e)
{
	size_t i, total = 0;

	for (i = 0; i < m->n; i++)
		total += strlen(m->v[i].path) +
		    (m->v[i].target == NULL ? 0 : strlen(m->v[i].target));
	if (total <= MANIFEST_MAX_PATHS)
		return 0;
	return err_set(e, ERP_USAGE,
	    "the paths have more than %d MB in all; use fewer or shorter ones",
	    MANIFEST_MAX_PATHS / 1024 / 1024);
}

int
manifest_check(const struct manifest *m, struct err *e)
{
	size_t i;
	int rc;

	if (m->n > MANIFEST_MAX_ENTRIES)
		return err_set(
		    e, ERP_USAGE, "more than %d entries", MANIFEST_MAX_ENTRIES);
	for (i = 0; i < m->n; i++)
		if ((rc = check_entry(m, i, e)) != 0)
			return rc;
	if ((rc = check_room(m, e)) != 0)
		return rc;
	if (manifest_total(m) > MANIFEST_MAX_TOTAL)
		return err_set(e, ERP_USAGE, "files are too large in all");
	return check_case(m, e);
}

static int
gist_entry(struct hasher *h, const struct entry *x, struct err *e)
{
	const char *target = x->target != NULL ? x->target : "";
	uint8_t head[2 + HASH_LEN] = {(uint8_t)x->type, x->exec};
	int rc;

	memcpy(head + 2, x->content.hash.b, HASH_LEN);
	if ((rc = hasher_update(h, head, sizeof(head), e)) != 0 ||
	    (rc = hasher_update(h, x->path, strlen(x->path) + 1, e)) != 0)
		return rc;
	return hasher_update(h, target, strlen(target) + 1, e);
}

int
manifest_gist(const struct manifest *m, struct hash *out, struct err *e)
{
	struct hasher *h;
	size_t i;
	int rc;

	if ((rc = hasher_new(&h, e)) != 0)
		return rc;
	for (i = 0; rc == 0 && i < m->n; i++)
		rc = gist_entry(h, &m->v[i], e);
	if (rc == 0)
		rc = hasher_final(h, out, e);
	hasher_free(h);
	return rc;
}

/* Has it the same gist, but for the path? */
static bool
is_like(const struct entry *a, const struct entry *b)
{
	if (a->type != b->type || a->exec != b->exec ||
	    !hash_equal(&a->content.hash, &b->content.hash))
		return false;
	if (a->target == NULL || b->target == NULL)
		return a->target == b->target;
	return strcmp(a->target, b->target) == 0;
}

bool
manifest_same_gist(const struct manifest *a, const struct manifest *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (!is_like(&a->v[i], &b->v[i]) ||
		    strcmp(a->v[i].path, b->v[i].path) != 0)
			return false;
	return true;
}
