/*
 * Keys: small records that say which blob answers a question and which
 * contents that answer is about.
 */
#include "engine/store/store_internal.h"

#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"

#include <assert.h>
#include <string.h>

enum {
	KEY_MAX = 65536, /* keys on disk before half of them go */
	KEY_MAGIC = 0x59454b45, /* "EKEY" */
	/* magic, codec, number of refs, length, id, refs, hash of all that */
	KEY_BODY = 4 + 1 + 1 + 8 + HASH_LEN + BLOB_MAX_REFS * HASH_LEN,
	KEY_BYTES = KEY_BODY + HASH_LEN
};

static int
key_encode(const struct key_record *r, uint8_t out[KEY_BYTES], struct err *e)
{
	struct hash sum;
	size_t at = 14;
	int rc;

	assert(r->ref_n <= BLOB_MAX_REFS);
	memset(out, 0, KEY_BYTES);
	store_u32(out, KEY_MAGIC);
	out[4] = (uint8_t)r->blob.codec;
	out[5] = (uint8_t)r->ref_n;
	store_u64(out + 6, r->blob.len);
	memcpy(out + at, r->blob.id.b, HASH_LEN);
	memcpy(out + at + HASH_LEN, r->refs, r->ref_n * HASH_LEN);
	if ((rc = hash_bytes(out, KEY_BODY, &sum, e)) == 0)
		memcpy(out + KEY_BODY, sum.b, HASH_LEN);
	return rc;
}

static bool
key_decode(const uint8_t in[KEY_BYTES], struct key_record *r)
{
	struct cursor c;
	struct hash sum;
	uint8_t codec;

	cursor_init(&c, in, KEY_BYTES);
	if (cursor_u32(&c) != KEY_MAGIC ||
	    hash_bytes(in, KEY_BODY, &sum, NULL) != 0 ||
	    memcmp(sum.b, in + KEY_BODY, HASH_LEN) != 0)
		return false;
	codec = cursor_u8(&c);
	r->ref_n = cursor_u8(&c);
	r->blob.len = cursor_u64(&c);
	cursor_copy(&c, r->blob.id.b, HASH_LEN);
	cursor_copy(&c, r->refs, sizeof(r->refs));
	r->blob.codec = (enum codec)codec;
	return codec >= CODEC_FULL && codec <= CODEC_PATCH &&
	    r->ref_n <= BLOB_MAX_REFS;
}

bool
key_read(const struct store *s, const char *path, struct key_record *r)
{
	uint8_t bytes[KEY_BYTES];
	int fd = fs_open(s->fs, s->root, path, FS_READ, 0);
	bool good = fd >= 0 &&
	    fs_pread(s->fs, fd, bytes, KEY_BYTES, 0) == KEY_BYTES &&
	    key_decode(bytes, r);

	fs_close_quietly(s->fs, &fd);
	return good;
}

static bool
keep_half(void *arg, const char *path, const struct hash *h)
{
	struct store *s = arg;
	struct key_record r;

	(void)h;
	if (s->blobs->key_n >= KEY_MAX / 2 || !key_read(s, path, &r) ||
	    entry_find(s->blobs, &r.blob.id) == NULL)
		return false;
	s->blobs->key_n++;
	return true;
}

/* Stations can ask ever new questions: count one more key, and make room
 * when there are too many.  Which ones go matters little. */
static int
count_key(struct store *s, struct err *e)
{
	bool full;

	store_lock(s);
	full = ++s->blobs->key_n > KEY_MAX;
	if (full)
		s->blobs->key_n = 0;
	store_unlock(s);
	return full ? store_sweep(s, "key", keep_half, s, e) : 0;
}

int
key_write(struct store *s, const struct hash *key, const struct key_record *r,
    struct err *e)
{
	char temp[STORE_PATH_BYTES];
	uint8_t bytes[KEY_BYTES];
	int fd, rc;

	if ((rc = key_encode(r, bytes, e)) != 0)
		return rc;
	if ((fd = store_temp(s, temp, e)) < 0)
		return fd;
	if ((rc = fs_pwrite(s->fs, fd, bytes, KEY_BYTES, 0)) < 0)
		rc = err_sys(e, -rc, "write", temp);
	fs_close_quietly(s->fs, &fd);
	if (rc == 0)
		rc = store_place(s, temp, "key", key, e);
	if (rc != 0)
		(void)fs_unlink(s->fs, s->root, temp);
	return rc == 0 ? count_key(s, e) : rc;
}

static bool
note_key(void *arg, const char *path, const struct hash *h)
{
	struct store *s = arg;

	(void)path;
	(void)h;
	s->blobs->key_n++;
	return true;
}

int
keys_count(struct store *s, struct err *e)
{
	return store_sweep(s, "key", note_key, s, e);
}
