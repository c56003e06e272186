/*
 * The contents behind the changes of a report: both files are read and
 * compared, INI files by key, texts by line (diff.c).  The writers of reports
 * only show what is found here.
 */
#include "cli/report/contents.h"

#include "cli/messages/messages.h"
#include "cli/report/diff.h"
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_file.h"
#include "engine/base/ini.h"
#include "transport/api/erpsync.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	FILE_MAX = INI_MAX_BYTES, /* bytes of one that is shown */
	LINES_MAX = 400 /* told of one diff */
};

struct item {
	const char *why;
	struct contents_line *v;
	size_t n, cap;
	struct names texts; /* what the lines point to */
};

struct contents {
	struct item *v; /* one for each change */
	size_t n;
	struct contents_options opt;
	int old_dir, new_dir; /* while they are read, or -1 */
};

/* A copy that lives as long as the item; NULL without memory. */
static const char *
keep(struct item *item, const char *text, struct err *e)
{
	return names_add(&item->texts, text, e) == 0
	    ? item->texts.v[item->texts.n - 1]
	    : NULL;
}

static int
add_line(struct item *item, const struct contents_line *line, struct err *e)
{
	size_t cap = item->cap == 0 ? 16 : 2 * item->cap;
	struct contents_line *v, own = *line;

	if (item->n == item->cap) {
		if ((v = reallocarray(item->v, cap, sizeof(*v))) == NULL)
			return err_nomem(e);
		item->v = v;
		item->cap = cap;
	}
	if ((own.text = keep(item, line->text, e)) == NULL ||
	    (line->section != NULL &&
		(own.section = keep(item, line->section, e)) == NULL) ||
	    (line->old_value != NULL &&
		(own.old_value = keep(item, line->old_value, e)) == NULL) ||
	    (line->new_value != NULL &&
		(own.new_value = keep(item, line->new_value, e)) == NULL))
		return ERP_NOMEM;
	item->v[item->n++] = own;
	return 0;
}

/* Would its value tell how to come in? */
static bool
is_secret(const char *key)
{
	static const char *const words[] = {
	    "pass", "pwd", "senha", "secret", "token", "clave", "contras"};
	const char *p;
	size_t i;

	for (p = key; *p != '\0'; p++)
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (strncasecmp(p, words[i], strlen(words[i])) == 0)
				return true;
	return false;
}

/* The conflict of change x about this key, or NULL. */
static const struct erpsync_conflict *
conflict_of(const struct erpsync_change *x, const struct ini_entry *named)
{
	const struct erpsync_conflict *c = x->conflicts;
	size_t i;

	for (i = 0; i < x->conflicts_n; i++)
		if (strcasecmp(c[i].section, named->section) == 0 &&
		    strcasecmp(c[i].key, named->key) == 0)
			return &c[i];
	return NULL;
}

static int
add_key(struct item *item, const struct erpsync_change *x,
    const struct ini_entry *named, const struct ini_entry *was,
    const struct ini_entry *is, struct err *e)
{
	const struct erpsync_conflict *conflict = conflict_of(x, named);
	bool hidden = is_secret(named->key);
	const struct contents_line line = {
	    .section = named->section,
	    .text = named->key,
	    .old_value = was == NULL ? NULL
		: hidden             ? "***"
				     : was->value,
	    .new_value = is == NULL ? NULL
		: hidden            ? "***"
				    : is->value,
	    .conflict = conflict,
	    .release_value = conflict == NULL || conflict->release_value == NULL
		? NULL
		: hidden ? "***"
			 : conflict->release_value,
	};

	return add_line(item, &line, e);
}

static const void *
bytes_of(const struct buf *b)
{
	return b->len > 0 ? buf_data(b) : (const uint8_t *)"";
}

static bool
is_line(const struct item *item, const struct erpsync_conflict *c)
{
	size_t i;

	for (i = 0; i < item->n; i++)
		if (item->v[i].conflict == c)
			return true;
	return false;
}

/* Conflicts that change nothing: the value here stays. */
static int
add_kept(struct item *item, const struct erpsync_change *of,
    const struct ini *was, const struct ini *is, struct err *e)
{
	const struct erpsync_conflict *c;
	struct ini_entry named;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < of->conflicts_n; i++) {
		c = &of->conflicts[i];
		/* Nobody reads what stands before the first section. */
		if (c->section[0] == '\0' || is_line(item, c))
			continue;
		named =
		    (struct ini_entry){.section = c->section, .key = c->key};
		rc = add_key(item, of, &named, ini_get(was, c->section, c->key),
		    ini_get(is, c->section, c->key), e);
	}
	return rc;
}

/* First what the new one has, in its order, then what it has not, and what
 * stays in spite of the release. */
static int
compare_keys(struct item *item, const struct erpsync_change *of,
    const struct ini *was, const struct ini *is, struct err *e)
{
	const struct ini_entry *x, *other;
	int rc = 0;

	for (x = is->v; rc == 0 && x != is->v + is->n; x++) {
		other = ini_get(was, x->section, x->key);
		if (other == NULL || strcmp(other->value, x->value) != 0)
			rc = add_key(item, of, x, other, x, e);
	}
	for (x = was->v; rc == 0 && x != was->v + was->n; x++)
		if (ini_get(is, x->section, x->key) == NULL)
			rc = add_key(item, of, x, x, NULL, e);
	if (rc == 0)
		rc = add_kept(item, of, was, is, e);
	if (rc == 0 && item->n == 0)
		item->why = REP123;
	return rc;
}

static int
compare_ini(struct item *item, const struct erpsync_change *of,
    const struct buf *was, const struct buf *is, struct err *e)
{
	struct ini old, new = {.n = 0};
	int rc = ini_parse("", bytes_of(was), was->len, &old, e);

	if (rc == 0 &&
	    (rc = ini_parse("", bytes_of(is), is->len, &new, e)) == 0)
		rc = compare_keys(item, of, &old, &new, e);
	ini_release(&old);
	ini_release(&new);
	if (rc != ERP_USAGE)
		return rc;
	item->why = REP124;
	return 0;
}

static int
tell_line(void *ctx, const char *text, struct err *e)
{
	const struct contents_line line = {.text = text};
	struct item *item = ctx;

	if (item->n < LINES_MAX)
		return add_line(item, &line, e);
	item->why = REP122;
	return 0;
}

/* Nothing is told of what is no text. */
static int
compare_texts(struct item *item, const struct buf *was, const struct buf *is,
    struct err *e)
{
	char *old, *new;
	int rc;

	if (memchr(bytes_of(was), '\0', was->len) != NULL ||
	    memchr(bytes_of(is), '\0', is->len) != NULL)
		return 0;
	old = ini_as_utf8(bytes_of(was), was->len);
	new = ini_as_utf8(bytes_of(is), is->len);
	rc = old == NULL || new == NULL
	    ? err_nomem(e)
	    : diff_texts(old, new, tell_line, item, e);
	if (rc == 0 && item->n == 0)
		item->why = REP123;
	free(old);
	free(new);
	return rc;
}

/* 1 when it is there; 0 with a reason why it is not told. */
static int
read_file(struct item *item, int dir, const char *path, struct buf *out,
    struct err *e)
{
	int rc =
	    dir < 0 ? ERP_NOTFOUND : file_read(fs_real(), dir, path, out, e);

	if (rc == 0)
		return 1;
	item->why = rc == ERP_CORRUPT ? REP122 : REP121;
	return rc == ERP_NOMEM ? rc : 0;
}

/* The same of the new one, which a check was told. */
static int
read_new(const struct contents *c, struct item *item,
    const struct erpsync_change *x, struct buf *out, struct err *e)
{
	int rc;

	if (x->becomes == NULL)
		return read_file(item, c->new_dir, x->path, out, e);
	rc = buf_append(out, x->becomes, x->becomes_len, e);
	return rc == 0 ? 1 : rc;
}

static int
compare_files(struct contents *c, struct item *item,
    const struct erpsync_change *x, struct err *e)
{
	/* What is left as it is has no other content. */
	int old = x->action == ERPSYNC_ACTION_EXTRA ? c->new_dir : c->old_dir;
	struct buf was, is;
	int rc;

	buf_init(&was, FILE_MAX);
	buf_init(&is, FILE_MAX);
	if ((rc = read_file(item, old, x->path, &was, e)) == 1 &&
	    (rc = read_new(c, item, x, &is, e)) == 1)
		rc = x->kind == ERPSYNC_KIND_INI
		    ? compare_ini(item, x, &was, &is, e)
		    : compare_texts(item, &was, &is, e);
	buf_release(&was);
	buf_release(&is);
	return rc;
}

/* Is something to be told of what is in it? */
static bool
is_told(const struct contents *c, const struct erpsync_change *x)
{
	return (x->action == ERPSYNC_ACTION_CHANGED || x->conflicts_n > 0) &&
	    x->type == ERPSYNC_FILE &&
	    (x->kind == ERPSYNC_KIND_INI ||
		(c->opt.diff && x->kind == ERPSYNC_KIND_OTHER));
}

/* What is not here cannot be told; nor is a large file. */
static int
compare_change(struct contents *c, struct item *item,
    const struct erpsync_change *x, struct err *e)
{
	if (!is_told(c, x))
		return 0;
	if (c->opt.new_folder == NULL && x->becomes == NULL)
		item->why = REP120;
	else if (c->opt.old_folder == NULL && x->action != ERPSYNC_ACTION_EXTRA)
		item->why = REP121;
	else if (x->size > FILE_MAX || x->old_size > FILE_MAX)
		item->why = REP122;
	else
		return compare_files(c, item, x, e);
	return 0;
}

static int
open_folder(const char *path)
{
	int dir = path == NULL ? -1 : fs_open_root(fs_real(), path);

	return dir < 0 ? -1 : dir;
}

int
contents_make(const struct erpsync_change *v, size_t n,
    const struct contents_options *opt, struct contents **out, struct err *e)
{
	struct contents *c = calloc(1, sizeof(*c));
	size_t i;
	int rc = 0;

	*out = c;
	if (c == NULL || (c->v = calloc(n + 1, sizeof(*c->v))) == NULL)
		return err_nomem(e);
	c->n = n;
	c->opt = *opt;
	c->old_dir = open_folder(opt->old_folder);
	c->new_dir = open_folder(opt->new_folder);
	for (i = 0; rc == 0 && i < n; i++)
		rc = compare_change(c, &c->v[i], &v[i], e);
	fs_close_quietly(fs_real(), &c->old_dir);
	fs_close_quietly(fs_real(), &c->new_dir);
	return rc < 0 ? rc : 0;
}

void
contents_free(struct contents *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->n; i++) {
		free(c->v[i].v);
		names_release(&c->v[i].texts);
	}
	free(c->v);
	free(c);
}

bool
contents_line(
    const struct contents *c, size_t i, size_t k, struct contents_line *out)
{
	if (c == NULL || i >= c->n || k >= c->v[i].n)
		return false;
	*out = c->v[i].v[k];
	return true;
}

const char *
contents_why(const struct contents *c, size_t i)
{
	return c == NULL || i >= c->n ? NULL : c->v[i].why;
}
