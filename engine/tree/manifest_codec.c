/*
 * The canonical bytes of a manifest.  Integers are little-endian.
 *
 *   magic        4  "ERPM"
 *   version      2  1
 *   os           1  0 windows, 1 linux, 2 macosx
 *   reserved     1  0
 *   build        1 + n  length (0..64), printable ASCII
 *   count        4  entries
 *
 * Then the entries, sorted by path bytewise, as one column after the other,
 * since like stands beside like there and compresses better:
 *
 *   kind         1 an entry  low 4 bits: 1 file, 2 directory, 3 link;
 *                            bit 4: the owner may execute the file
 *   shared       2 an entry  leading bytes in common with the path before
 *                            (0 for the first), as many as there are
 *   path         the rest of each path, each with a NUL behind it
 *   target       of each link, each with a NUL behind it
 *   size         8 a file    as eight columns of one byte, lowest first
 *   mtime        8 a file or link, seconds since 1970
 *   mtime_ns     4 a file or link
 *   hash         32 a file
 *
 * There is exactly one encoding of a manifest: anything else is refused, so
 * the hash of the bytes is the identity of a release.
 */
#include "engine/tree/manifest_internal.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"

#include <assert.h>
#include <string.h>

static const char magic[4] = {'E', 'R', 'P', 'M'};

enum {
	VERSION = 1,
	KIND_TYPE = 0x0f,
	KIND_EXEC = 0x10,
	/* kind, shared, one byte of path and its NUL */
	ENTRY_MIN_BYTES = 5
};

static bool
build_is_valid(const char *build, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (build[i] < 0x20 || build[i] > 0x7e)
			return false;
	return true;
}

static int
put_head(const struct manifest *m, struct buf *out, struct err *e)
{
	size_t len = strlen(m->build);
	int rc;

	if (!build_is_valid(m->build, len))
		return err_path(e, ERP_USAGE, m->build, "not a build label");
	if ((rc = buf_append(out, magic, sizeof(magic), e)) != 0 ||
	    (rc = put_u16(out, VERSION, e)) != 0 ||
	    (rc = put_u8(out, (uint8_t)m->os, e)) != 0 ||
	    (rc = put_u8(out, 0, e)) != 0 ||
	    (rc = put_u8(out, (uint8_t)len, e)) != 0 ||
	    (rc = buf_append(out, m->build, len, e)) != 0)
		return rc;
	return put_u32(out, (uint32_t)m->n, e);
}

/* Leading bytes that both have. */
static size_t
common_prefix(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] != '\0' && a[n] == b[n])
		n++;
	return n;
}

static const char *
path_before(const struct manifest *m, size_t i)
{
	return i == 0 ? "" : m->v[i - 1].path;
}

static int
put_kinds(const struct manifest *m, struct buf *out, struct err *e)
{
	const struct entry *en;
	uint8_t kind;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < m->n; i++) {
		en = &m->v[i];
		kind = (uint8_t)en->type;
		if (en->exec)
			kind |= KIND_EXEC;
		rc = put_u8(out, kind, e);
	}
	return rc;
}

static int
put_paths(const struct manifest *m, struct buf *out, struct err *e)
{
	const char *path;
	size_t i, shared;
	int rc = 0;

	for (i = 0; rc == 0 && i < m->n; i++) {
		shared = common_prefix(path_before(m, i), m->v[i].path);
		assert(shared <= PATH_MAX_BYTES); /* check_encodable */
		rc = put_u16(out, (uint16_t)shared, e);
	}
	for (i = 0; rc == 0 && i < m->n; i++) {
		path = m->v[i].path;
		shared = common_prefix(path_before(m, i), path);
		rc = buf_append(
		    out, path + shared, strlen(path + shared) + 1, e);
	}
	for (i = 0; rc == 0 && i < m->n; i++)
		if (m->v[i].type == ENTRY_SYMLINK)
			rc = buf_append(
			    out, m->v[i].target, strlen(m->v[i].target) + 1, e);
	return rc;
}

/* May this manifest be encoded?  If not, our own code made it wrongly. */
static int
check_encodable(const struct manifest *m, struct err *e)
{
	const struct entry *en;
	size_t i;

	for (i = 0; i < m->n; i++) {
		en = &m->v[i];
		if (en->type == ENTRY_FILE && !en->content.known)
			return err_path(
			    e, ERP_INTERNAL, en->path, "has no hash yet");
		if (strcmp(path_before(m, i), en->path) >= 0)
			return err_path(
			    e, ERP_INTERNAL, en->path, "is out of order");
		if (strlen(en->path) > PATH_MAX_BYTES)
			return err_path(
			    e, ERP_USAGE, en->path, "path too long");
	}
	return 0;
}

int
manifest_encode(const struct manifest *m, struct buf *out, struct err *e)
{
	size_t i;
	int rc;

	if ((rc = check_encodable(m, e)) != 0 ||
	    (rc = put_head(m, out, e)) != 0 ||
	    (rc = put_kinds(m, out, e)) != 0 ||
	    (rc = put_paths(m, out, e)) != 0 ||
	    (rc = manifest_put_columns(m, out, e)) != 0)
		return rc;
	for (i = 0; rc == 0 && i < m->n; i++)
		if (m->v[i].type == ENTRY_FILE)
			rc = buf_append(
			    out, m->v[i].content.hash.b, HASH_LEN, e);
	return rc;
}

static int
corrupt(struct err *e, const char *why)
{
	return err_set(e, ERP_CORRUPT, "manifest: %s", why);
}

static int
get_head(struct cursor *c, struct manifest *m, size_t *count, struct err *e)
{
	const uint8_t *p = cursor_bytes(c, sizeof(magic));
	uint16_t version = cursor_u16(c);
	uint8_t os = cursor_u8(c), reserved = cursor_u8(c), len = cursor_u8(c);

	if (p == NULL || memcmp(p, magic, sizeof(magic)) != 0)
		return corrupt(e, "is none");
	if (version != VERSION)
		return corrupt(e, "unknown version");
	if (os >= PATH_OS_N || reserved != 0)
		return corrupt(e, "unknown system or flag");
	m->os = (enum path_os)os;
	if (len > MANIFEST_MAX_BUILD)
		return corrupt(e, "build label too long");
	cursor_copy(c, m->build, len);
	if (strlen(m->build) != len || !build_is_valid(m->build, len))
		return corrupt(e, "not a build label");
	*count = cursor_u32(c);
	if (c->bad)
		return corrupt(e, "cut short");
	if (*count > MANIFEST_MAX_ENTRIES || *count > c->len / ENTRY_MIN_BYTES)
		return corrupt(e, "more entries than it can hold");
	return 0;
}

/* The next text that ends with NUL, in place; NULL (and bad) without one. */
static const char *
get_text(struct cursor *c, size_t *len)
{
	const uint8_t *end = c->len > 0 ? memchr(c->p, '\0', c->len) : NULL;

	if (end == NULL) {
		c->bad = true;
		return NULL;
	}
	*len = (size_t)(end - c->p);
	return (const char *)cursor_bytes(c, *len + 1);
}

/*
 * Put the next path in place of the one before it.  The first byte that
 * differs must be greater: that is the order, that nothing is there twice,
 * and that shared could not be larger.
 */
static int
next_path(char path[PATH_MAX_BYTES + 1], size_t shared, struct cursor *rest,
    struct err *e)
{
	size_t len = 0;
	const char *text = get_text(rest, &len);

	if (text == NULL)
		return corrupt(e, "cut short");
	if (shared > strlen(path) || len > PATH_MAX_BYTES - shared)
		return corrupt(e, "path too long");
	if ((uint8_t)text[0] <= (uint8_t)path[shared])
		return corrupt(e, "paths out of order");
	memcpy(path + shared, text, len + 1);
	return 0;
}

static int
get_entry(struct manifest *m, uint8_t kind, char *path, struct err *e)
{
	struct entry en;
	uint8_t type = kind & KIND_TYPE;

	if ((kind & ~(KIND_TYPE | KIND_EXEC)) != 0 || type < ENTRY_FILE ||
	    type > ENTRY_SYMLINK)
		return corrupt(e, "unknown kind of entry");
	memset(&en, 0, sizeof(en));
	en.path = path;
	en.type = (enum entry_type)type;
	en.exec = (kind & KIND_EXEC) != 0;
	return manifest_add(m, &en, e);
}

/* So many bytes of the room that is left for paths and targets. */
static int
take_room(size_t *room, size_t n, struct err *e)
{
	if (n > *room)
		return corrupt(e, "paths too long in all");
	*room -= n;
	return 0;
}

/* Shared prefixes must not make much out of little: the room for all paths is
 * added up before any is taken.  Both columns are the caller's copies. */
static int
check_room(struct cursor shared, struct cursor rest, size_t count, size_t *room,
    struct err *e)
{
	char path[PATH_MAX_BYTES + 1] = "";
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < count; i++)
		if ((rc = next_path(path, cursor_u16(&shared), &rest, e)) == 0)
			rc = take_room(room, strlen(path), e);
	return rc;
}

static int
get_entries(struct cursor *c, struct manifest *m, size_t count, size_t *room,
    struct err *e)
{
	const uint8_t *kinds = cursor_bytes(c, count);
	char path[PATH_MAX_BYTES + 1] = "";
	struct cursor shared;
	size_t i;
	int rc;

	/* get_head made sure that both columns are there. */
	assert(kinds != NULL);
	cursor_init(&shared, cursor_bytes(c, 2 * count), 2 * count);
	if ((rc = check_room(shared, *c, count, room, e)) == 0)
		rc = manifest_reserve(m, count, e);
	for (i = 0; rc == 0 && i < count; i++)
		if ((rc = next_path(path, cursor_u16(&shared), c, e)) == 0)
			rc = get_entry(m, kinds[i], path, e);
	return rc;
}

static int
get_targets(struct cursor *c, struct manifest *m, size_t *room, struct err *e)
{
	const char *text;
	size_t i, len = 0;
	int rc;

	for (i = 0; i < m->n; i++) {
		if (m->v[i].type != ENTRY_SYMLINK)
			continue;
		if ((text = get_text(c, &len)) == NULL)
			return corrupt(e, "cut short");
		if ((rc = take_room(room, len, e)) != 0)
			return rc;
		if ((m->v[i].target = manifest_text(m, text)) == NULL)
			return err_nomem(e);
	}
	return 0;
}

static int
decode(struct manifest *m, struct cursor *c, struct err *e)
{
	size_t i, count = 0, room = MANIFEST_MAX_PATHS;
	int rc;

	if ((rc = get_head(c, m, &count, e)) != 0 ||
	    (rc = get_entries(c, m, count, &room, e)) != 0 ||
	    (rc = get_targets(c, m, &room, e)) != 0)
		return rc;
	assert(m->n == count);
	manifest_get_columns(c, m);
	for (i = 0; i < m->n; i++)
		if (m->v[i].type == ENTRY_FILE) {
			cursor_copy(c, m->v[i].content.hash.b, HASH_LEN);
			m->v[i].content.known = true;
		}
	if (!cursor_end(c))
		return corrupt(
		    e, c->bad ? "cut short" : "bytes behind its end");
	rc = manifest_check(m, e);
	if (rc == ERP_USAGE) {
		(void)err_context(e, "manifest");
		rc = ERP_CORRUPT;
		if (e != NULL)
			e->code = rc;
	}
	return rc;
}

int
manifest_decode(struct manifest *m, const void *p, size_t n, struct err *e)
{
	struct cursor c;
	int rc;

	manifest_init(m, PATH_OS_WINDOWS);
	if (n > MANIFEST_MAX_BYTES)
		return corrupt(e, "too large");
	cursor_init(&c, p, n);
	if ((rc = decode(m, &c, e)) != 0)
		manifest_release(m);
	return rc;
}

int
manifest_decode_hashes(
    const void *p, size_t n, struct manifest_hashes *out, struct err *e)
{
	struct manifest m;
	const uint8_t *kinds;
	struct cursor c;
	size_t i, count = 0;
	int rc;

	manifest_init(&m, PATH_OS_WINDOWS);
	cursor_init(&c, p, n);
	if ((rc = get_head(&c, &m, &count, e)) != 0)
		return rc;
	*out = (struct manifest_hashes){.os = m.os};
	kinds = cursor_bytes(&c, count);
	assert(kinds != NULL);
	for (i = 0; i < count; i++)
		out->n += (kinds[i] & KIND_TYPE) == ENTRY_FILE;
	if (out->n > c.len / HASH_LEN)
		return corrupt(e, "cut short");
	out->p = c.p + c.len - out->n * HASH_LEN;
	return 0;
}

int
manifest_id(const struct manifest *m, struct hash *out, struct err *e)
{
	struct buf b;
	int rc;

	buf_init(&b, MANIFEST_MAX_BYTES);
	if ((rc = manifest_encode(m, &b, e)) == 0)
		rc = hash_bytes(buf_data(&b), b.len, out, e);
	buf_release(&b);
	return rc;
}
