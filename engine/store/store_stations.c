/*
 * The names of stations beside a release, release/OS/ID.stations.  Beside
 * store_seal.c; who tells them is transport/host/tally.c.
 */
#include "engine/store/store_stations.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/store/store_release_internal.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = STORE_STATIONS_MAX * (STORE_STATION_BYTES + 1) };

/* The length of the name that p, of n bytes, begins with; 0: it is none, or
 * does not end. */
static size_t
name_len(const uint8_t *p, size_t n)
{
	const uint8_t *end = memchr(p, '\n', n);
	size_t len = end != NULL ? (size_t)(end - p) : 0, i;

	for (i = 0; i < len; i++)
		if (p[i] <= ' ' || p[i] >= 0x7f)
			return 0;
	return len <= STORE_STATION_BYTES ? len : 0;
}

/* All of a text to an empty list: 1, 0 where it is not what was written, or a
 * code. */
static int
parse(const struct buf *text, struct names *out, struct err *e)
{
	char name[STORE_STATION_BYTES + 1];
	const uint8_t *p = buf_data(text), *end = p + text->len;
	size_t n;
	int rc = 0;

	for (; rc == 0 && p < end; p += n + 1) {
		if ((n = name_len(p, (size_t)(end - p))) == 0)
			return 0;
		memcpy(name, p, n);
		name[n] = '\0';
		if (out->n > 0 && strcmp(out->v[out->n - 1], name) >= 0)
			return 0;
		rc = names_add(out, name, e);
	}
	return rc == 0 ? 1 : rc;
}

/* Those at path: none where it is lost or damaged. */
static int
load(const struct store *s, const char *path, struct names *out, struct err *e)
{
	struct buf text;
	int rc;

	buf_init(&text, TEXT_MAX);
	rc = file_read(s->fs, s->root, path, &text, e);
	if (rc == ERP_NOTFOUND || rc == ERP_CORRUPT)
		rc = 0;
	else if (rc == 0)
		rc = parse(&text, out, e);
	buf_release(&text);
	if (rc != 1)
		names_release(out);
	return rc < 0 ? rc : 0;
}

static int
save(const struct store *s, const char *path, const struct names *names,
    struct err *e)
{
	struct buf text;
	size_t i;
	int rc = 0;

	buf_init(&text, TEXT_MAX);
	for (i = 0; rc == 0 && i < names->n; i++)
		if ((rc = buf_append(
			 &text, names->v[i], strlen(names->v[i]), e)) == 0)
			rc = buf_append(&text, "\n", 1, e);
	if (rc == 0)
		rc = file_write_durable(
		    s->fs, s->root, path, buf_data(&text), text.len, e);
	buf_release(&text);
	return rc;
}

/* Put it in its place, unless it is there or there is no room. */
static int
insert(struct names *names, const char *name, struct err *e)
{
	size_t from = 0, to = names->n, middle;
	char *added;
	int order, rc;

	while (from < to) {
		middle = from + (to - from) / 2;
		if ((order = strcmp(names->v[middle], name)) == 0)
			return 0;
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	if (names->n == STORE_STATIONS_MAX)
		return 0;
	if ((rc = names_add(names, name, e)) != 0)
		return rc;
	added = names->v[names->n - 1];
	memmove(names->v + from + 1, names->v + from,
	    (names->n - 1 - from) * sizeof(*names->v));
	names->v[from] = added;
	return 0;
}

/* 1, 0 or a code. */
static int
is_kept(const struct store *s, enum path_os os, const struct hash *id,
    struct err *e)
{
	struct kept_list list;
	size_t i = 0;
	int rc = kept_list_read(s, os, &list, e);

	while (rc == 0 && i < list.n && !hash_equal(&list.v[i].id, id))
		i++;
	if (rc == 0)
		rc = i < list.n;
	free(list.v);
	return rc;
}

static int
add(struct store *s, const char *path, const struct names *names, struct err *e)
{
	struct names have = {NULL, 0, 0};
	size_t i, before;
	int rc = load(s, path, &have, e);

	before = have.n;
	for (i = 0; rc == 0 && i < names->n; i++)
		rc = insert(&have, names->v[i], e);
	if (rc == 0 && have.n > before)
		rc = save(s, path, &have, e);
	names_release(&have);
	return rc;
}

int
store_add_stations(struct store *s, enum path_os os, const struct hash *id,
    const struct names *names, struct err *e)
{
	char path[2 * STORE_PATH_BYTES];
	int rc;

	kept_beside(path, os, id, KEPT_STATIONS);
	/* Who drops the release drops its names: not in between. */
	(void)pthread_mutex_lock(&s->publishing);
	if ((rc = is_kept(s, os, id, e)) == 1)
		rc = add(s, path, names, e);
	(void)pthread_mutex_unlock(&s->publishing);
	return rc;
}

size_t
store_count_stations(
    const struct store *s, enum path_os os, const struct hash *id)
{
	struct names names = {NULL, 0, 0};
	char path[2 * STORE_PATH_BYTES];
	size_t n;

	kept_beside(path, os, id, KEPT_STATIONS);
	(void)load(s, path, &names, NULL);
	n = names.n;
	names_release(&names);
	return n;
}
