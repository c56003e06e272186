/*
 * ".erpsync/keys", public keys of minisign one behind the other, and
 * ".erpsync/seals", a record (docs/storage.md).  Whoever may read the folder
 * may read them.
 */
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/record.h"
#include "engine/apply/trust_internal.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"

#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

#define SEEN_MAGIC "ERPSEAL1"

enum {
	KEYS_BYTES_MAX = SEAL_KEYS_MAX * MINISIGN_FILE_MAX,
	SEEN_BYTES_MAX = KEPT_SEALS_MAX * SEAL_TEXT_MAX + 4096
};

void
kept_seals_release(struct kept_seals *k)
{
	while (k->n > 0)
		free((void *)(uintptr_t)k->v[--k->n].p);
}

static int
put_first(struct kept_seals *k, const void *p, size_t n, struct err *e)
{
	char *copy = malloc(n + 1);

	if (copy == NULL)
		return err_nomem(e);
	memcpy(copy, p, n);
	copy[n] = '\0';
	if (k->n == KEPT_SEALS_MAX)
		free((void *)(uintptr_t)k->v[--k->n].p);
	memmove(&k->v[1], &k->v[0], k->n * sizeof(k->v[0]));
	k->v[0] = (struct seal_text){copy, n};
	k->n++;
	return 0;
}

int
kept_seals_add(struct kept_seals *k, const struct buf *text, struct err *e)
{
	int rc;

	if (k->n > 0 && k->v[0].n == text->len &&
	    memcmp(k->v[0].p, buf_data(text), text->len) == 0)
		return 0;
	if ((rc = put_first(k, buf_data(text), text->len, e)) == 0)
		k->fresh = true;
	return rc;
}

/* ERP_CORRUPT, of which the caller has more to tell. */
static int
keys_decode(const struct buf *b, struct seal_trust *out, struct err *e)
{
	const char *p = (const char *)buf_data(b);
	size_t left = b->len;
	int64_t used;

	while (left > 0) {
		if (out->n == SEAL_KEYS_MAX)
			return ERP_CORRUPT;
		used = minisign_key_take(p, left, &out->keys[out->n], e);
		if (used < 0)
			return (int)used;
		out->n++;
		p += used;
		left -= (size_t)used;
	}
	/* Somebody wanted seals here: of none is not the same as no matter. */
	return out->n > 0 ? 0 : ERP_CORRUPT;
}

int
trust_keys_read(struct folder *f, struct trust *t, struct err *e)
{
	struct buf b;
	int rc = f->own < 0 ? 0 : own_exists(f->fs, f->own, OWN_KEYS, e);

	if (rc <= 0)
		return rc;
	buf_init(&b, KEYS_BYTES_MAX);
	rc = file_read(f->fs, f->own, OWN_KEYS, &b, e);
	if (rc == 0)
		rc = keys_decode(&b, &t->now, e);
	if (rc == ERP_CORRUPT)
		rc = err_path(e, ERP_BLOCKED, FOLDER_OWN "/" OWN_KEYS,
		    "is damaged; delete it and add the keys again (erpsync "
		    "keys add)");
	else if (rc != 0)
		(void)err_context(e, FOLDER_OWN "/" OWN_KEYS);
	buf_release(&b);
	return rc;
}

int
trust_keys_write(struct folder *f, const struct trust *t, struct err *e)
{
	struct buf b;
	size_t i;
	int rc = 0;

	buf_init(&b, KEYS_BYTES_MAX);
	for (i = 0; rc == 0 && i < t->now.n; i++)
		rc = minisign_key_encode(&t->now.keys[i], &b, e);
	if (rc == 0)
		rc = folder_write_shared(f, OWN_KEYS, &b, e);
	buf_release(&b);
	return rc;
}

static int
kept_decode(struct cursor *c, struct kept_seals *out, struct err *e)
{
	size_t n = cursor_u8(c), len;
	const uint8_t *p;
	int rc = 0;

	/* The oldest comes first. */
	for (; rc == 0 && n > 0; n--) {
		len = cursor_u16(c);
		p = len <= SEAL_TEXT_MAX ? cursor_bytes(c, len) : NULL;
		rc = p == NULL || out->n == KEPT_SEALS_MAX
		    ? err_set(e, ERP_CORRUPT, "it is malformed")
		    : put_first(out, p, len, e);
	}
	return rc;
}

static int
seen_decode(struct cursor *c, struct trust *t, struct err *e)
{
	struct seal_seen *seen = &t->now.seen;
	int rc;

	seen->serial = cursor_u64(c);
	seen->issued = (int64_t)cursor_u64(c);
	cursor_copy(c, seen->release.b, HASH_LEN);
	if ((rc = record_get_label(
		 c, seen->product, sizeof(seen->product), e)) != 0 ||
	    (rc = record_get_label(c, seen->build, sizeof(seen->build), e)) !=
		0 ||
	    (rc = kept_decode(c, &t->kept, e)) != 0)
		return rc;
	return cursor_end(c) ? 0 : err_set(e, ERP_CORRUPT, "it is malformed");
}

int
trust_seen_read(struct folder *f, struct trust *t, struct err *e)
{
	struct cursor c;
	struct buf b;
	int rc = f->own < 0 ? 0 : own_exists(f->fs, f->own, OWN_SEALS, e);

	if (rc <= 0 || t->now.n == 0)
		return rc < 0 ? rc : 0;
	buf_init(&b, SEEN_BYTES_MAX);
	rc = record_read(
	    f->fs, (struct at){f->own, OWN_SEALS}, SEEN_MAGIC, &b, &c, e);
	if (rc == 0)
		rc = seen_decode(&c, t, e);
	/* Without it an older release could come back. */
	if (rc == ERP_CORRUPT)
		rc = err_path(e, ERP_BLOCKED, FOLDER_OWN "/" OWN_SEALS,
		    "is damaged; delete it, and what was seen is "
		    "forgotten");
	buf_release(&b);
	return rc;
}

static int
put_text(struct buf *b, struct seal_text text, struct err *e)
{
	int rc = put_u16(b, (uint16_t)text.n, e);

	return rc != 0 ? rc : buf_append(b, text.p, text.n, e);
}

int
trust_seen_write(struct folder *f, struct trust *t, struct err *e)
{
	const struct seal_seen *seen = &t->now.seen;
	struct buf b;
	size_t i;
	int rc;

	buf_init(&b, SEEN_BYTES_MAX);
	if ((rc = record_begin(&b, SEEN_MAGIC, e)) == 0 &&
	    (rc = put_u64(&b, seen->serial, e)) == 0 &&
	    (rc = put_u64(&b, (uint64_t)seen->issued, e)) == 0 &&
	    (rc = buf_append(&b, seen->release.b, HASH_LEN, e)) == 0 &&
	    (rc = record_put_text(&b, seen->product, e)) == 0 &&
	    (rc = record_put_text(&b, seen->build, e)) == 0)
		rc = put_u8(&b, (uint8_t)t->kept.n, e);
	for (i = t->kept.n; rc == 0 && i > 0; i--)
		rc = put_text(&b, t->kept.v[i - 1], e);
	if (rc == 0 && (rc = record_end(&b, e)) == 0)
		rc = folder_write_shared(f, OWN_SEALS, &b, e);
	if (rc == 0)
		t->kept.fresh = false;
	buf_release(&b);
	return rc;
}

int
trust_forget(struct folder *f, struct err *e)
{
	int rc = own_forget(f->fs, f->own, OWN_SEALS, e);

	return rc != 0 ? rc : own_forget(f->fs, f->own, OWN_KEYS, e);
}
