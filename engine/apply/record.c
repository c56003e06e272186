/*
 * The shell of our own files: magic, version, length, payload, hash.  Under
 * state, journal, backup record and refused release, whose payloads their own
 * files know.
 */
#include "engine/apply/record.h"

#include "engine/apply/folder.h"
#include "engine/apply/own_names.h"
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/path.h"
#include "engine/base/reserved.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { RECORD_VERSION = 1 };

int
record_begin(struct buf *b, const char *magic, struct err *e)
{
	int rc;

	assert(b->len == 0 && strlen(magic) == RECORD_MAGIC_LEN);
	if ((rc = buf_append(b, magic, RECORD_MAGIC_LEN, e)) != 0 ||
	    (rc = put_u32(b, RECORD_VERSION, e)) != 0)
		return rc;
	return put_u64(b, 0, e); /* the length, known at the end */
}

int
record_end(struct buf *b, struct err *e)
{
	struct hash h;
	int rc;

	assert(b->len >= RECORD_HEADER_LEN);
	store_u64(
	    b->p + b->off + RECORD_MAGIC_LEN + 4, b->len - RECORD_HEADER_LEN);
	if ((rc = hash_bytes(buf_data(b), b->len, &h, e)) != 0)
		return rc;
	return buf_append(b, h.b, HASH_LEN, e);
}

int
record_open(const void *p, size_t n, const char *magic, struct cursor *payload,
    struct err *e)
{
	struct cursor c;
	struct hash seen, h;
	const uint8_t *m;
	int rc;

	if (n < RECORD_OVERHEAD)
		return err_set(e, ERP_CORRUPT, "too short");
	cursor_init(&c, (const uint8_t *)p + n - HASH_LEN, HASH_LEN);
	cursor_copy(&c, seen.b, HASH_LEN);
	cursor_init(&c, p, n - HASH_LEN);
	m = cursor_bytes(&c, RECORD_MAGIC_LEN);
	if (m == NULL || memcmp(m, magic, RECORD_MAGIC_LEN) != 0)
		return err_set(e, ERP_CORRUPT, "not a file of this kind");
	if ((rc = hash_bytes(p, n - HASH_LEN, &h, e)) != 0)
		return rc;
	if (!hash_equal(&h, &seen))
		return err_set(e, ERP_CORRUPT, "its checksum does not fit");
	if (cursor_u32(&c) != RECORD_VERSION)
		return err_set(
		    e, ERP_NEWER, "written by a newer erpsync; use that one");
	if (cursor_u64(&c) != c.len || c.bad)
		return err_set(e, ERP_CORRUPT, "its length does not fit");
	*payload = c;
	return 0;
}

int
record_read(const struct fs *fs, struct at file, const char *magic,
    struct buf *b, struct cursor *payload, struct err *e)
{
	bool of_backup = strstr(file.path, FOLDER_OWN) != NULL;
	int rc = file_read(fs, file.dir, file.path, b, e);

	if (rc != 0)
		return of_backup ? rc : own_failed(rc, e);
	rc = record_open(buf_data(b), b->len, magic, payload, e);
	if (rc == ERP_NEWER)
		(void)err_context(
		    e, "%s%s", of_backup ? "" : FOLDER_OWN "/", file.path);
	return rc;
}

int
record_find(const struct fs *fs, struct at file, const char *magic,
    struct buf *b, struct cursor *payload, struct err *e)
{
	int rc = record_read(fs, file, magic, b, payload, e);

	if (rc == ERP_NOTFOUND || rc == ERP_CORRUPT)
		return 0;
	return rc == 0 ? 1 : rc;
}

int
record_put_text(struct buf *b, const char *text, struct err *e)
{
	size_t len = strlen(text);
	int rc;

	if (len > UINT16_MAX)
		return err_set(e, ERP_USAGE, "text too long to be recorded");
	if ((rc = put_u16(b, (uint16_t)len, e)) != 0)
		return rc;
	return buf_append(b, text, len, e);
}

/* The next text, which is not ended; NULL for one that cannot be. */
static const uint8_t *
take_text(struct cursor *c, size_t max, size_t *len, struct err *e)
{
	const uint8_t *p;

	*len = cursor_u16(c);
	p = cursor_bytes(c, *len);
	if (p != NULL && *len <= max &&
	    (*len == 0 || memchr(p, 0, *len) == NULL))
		return p;
	(void)err_set(e, ERP_CORRUPT, "a text in it is malformed");
	return NULL;
}

int
record_get_text(struct cursor *c, size_t max, char **out, struct err *e)
{
	size_t len;
	const uint8_t *p = take_text(c, max, &len, e);

	if (p == NULL)
		return ERP_CORRUPT;
	if ((*out = malloc(len + 1)) == NULL)
		return err_nomem(e);
	memcpy(*out, p, len);
	(*out)[len] = '\0';
	return 0;
}

int
record_get_label(struct cursor *c, char *out, size_t cap, struct err *e)
{
	size_t len;
	const uint8_t *p = take_text(c, cap - 1, &len, e);

	if (p == NULL)
		return ERP_CORRUPT;
	memcpy(out, p, len);
	out[len] = '\0';
	return 0;
}

int
record_get_path(struct cursor *c, char **out, struct err *e)
{
	int rc = record_get_text(c, RAW_PATH_BYTES, out, e);

	if (rc != 0)
		return rc;
	assert(*out != NULL);
	if (raw_path_ok(*out, strlen(*out)) && !path_is_reserved(*out))
		return 0;
	rc = err_path(e, ERP_CORRUPT, *out, "not a path we write");
	free(*out);
	*out = NULL;
	return rc;
}
