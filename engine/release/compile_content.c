/*
 * Contents of the store, checked against their names as they are read, and
 * held in memory or mapped for as long as one answer is made of them.  Below
 * every road of compile.c.
 */
#include "engine/release/compile_internal.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Shorter contents are copied in less time than they are mapped. */
enum { MAP_FROM = 1 << 20 };

/* A content that is not what its name says is of no use to anyone. */
static int
drop_damaged(struct store *s, const struct hash *want, struct err *e)
{
	char hex[HASH_HEX_LEN + 1];

	store_drop_content(s, want);
	(void)store_drop_answers(s, want, NULL);
	hash_hex(want, hex);
	return err_set(e, ERP_CORRUPT,
	    "content %s in the state folder was damaged and is removed; "
	    "publish again (a running server does so by itself)",
	    hex);
}

static int64_t
checked_read(void *ctx, void *p, size_t n, struct err *e)
{
	struct content_reader *c = ctx;
	int64_t got;
	int rc;

	if (c->how != NULL && compile_is_stopped(c->how))
		return err_set(e, ERP_CANCELLED, "given up");
	if ((got = c->inner.read(c->inner.ctx, p, n, e)) <= 0)
		return got;
	if (c->hasher != NULL &&
	    (rc = hasher_update(c->hasher, p, (size_t)got, e)) != 0)
		return rc;
	c->count += (uint64_t)got;
	return got;
}

struct source
content_source(struct content_reader *c)
{
	return (struct source){checked_read, c};
}

int
content_open(struct content_reader *c, struct store *s, const struct hash *want,
    uint64_t size, struct err *e)
{
	int rc = 0;

	memset(c, 0, sizeof(*c));
	c->s = s;
	c->want = *want;
	c->size = size;
	c->file.fs = store_fs(s);
	c->file.path = "content in the state folder";
	c->inner = source_of_file(&c->file);
	if ((c->file.fd = store_open_content(s, want, &c->real, e)) < 0)
		return c->file.fd;
	if (!store_content_is_checked(s, want) &&
	    (rc = hasher_new(&c->hasher, e)) != 0)
		fs_close_quietly(c->file.fs, &c->file.fd);
	return rc;
}

int
content_close(struct content_reader *c, int rc, struct err *e)
{
	bool hashed = c->hasher != NULL;
	bool wrong = c->count != c->size || c->real != c->size;
	struct hash got;

	assert(c->file.fd >= 0);
	fs_close_quietly(c->file.fs, &c->file.fd);
	if ((rc == 0 || rc == ERP_MISMATCH) &&
	    (!hashed || hasher_final(c->hasher, &got, e) == 0)) {
		wrong = wrong || (hashed && !hash_equal(&got, &c->want));
		if (wrong)
			rc = drop_damaged(c->s, &c->want, e);
		else if (hashed)
			store_content_checked(c->s, &c->want);
	}
	hasher_free(c->hasher);
	return rc;
}

/* A sink for bytes that nobody needs. */
static int
pass(void *ctx, const void *p, size_t n, struct err *e)
{
	(void)ctx;
	(void)p;
	(void)n;
	(void)e;
	return 0;
}

static int
hash_content(
    struct store *s, const struct hash *want, uint64_t size, struct err *e)
{
	struct content_reader c;
	struct source src;
	struct sink none = {pass, NULL};
	int64_t n;
	int rc;

	if ((rc = content_open(&c, s, want, size, e)) != 0)
		return rc;
	src = content_source(&c);
	n = stream_copy(&src, &none, e);
	return content_close(&c, n < 0 ? (int)n : 0, e);
}

int
content_verify(
    struct store *s, const struct hash *want, uint64_t size, struct err *e)
{
	store_uncheck_contents(s);
	/* It was hashed within the last minute. */
	if (store_content_is_checked(s, want))
		return 0;
	return hash_content(s, want, size, e);
}

int
content_vouch(
    struct store *s, const struct hash *want, uint64_t size, struct err *e)
{
	struct err why;
	int rc;

	if (store_content_is_checked(s, want))
		return 0;
	if ((rc = hash_content(s, want, size, &why)) == ERP_NOTFOUND)
		return 0;
	if (rc != 0 && e != NULL)
		*e = why;
	return rc;
}

static int
read_whole(struct content_reader *c, uint8_t *to, struct err *e)
{
	struct source src = content_source(c);
	int64_t n = source_read_full(&src, to, (size_t)c->size, e);

	return n < 0 ? (int)n : 0;
}

int
content_read(struct store *s, const struct hash *want, uint64_t size,
    uint8_t *to, struct err *e)
{
	struct content_reader c;
	int rc;

	if ((rc = content_open(&c, s, want, size, e)) != 0)
		return rc;
	return content_close(&c, read_whole(&c, to, e), e);
}

/* No copy is made where that can be: it takes memory that has to be cleared
 * before, which costs more than reading. */
static bool
hold_mapped(struct content_reader *c, struct held *out)
{
	const struct fs *fs = store_fs(c->s);
	const void *p;

	if (c->size < MAP_FROM || c->real != c->size ||
	    fs_map(fs, c->file.fd, (size_t)c->size, &p) != 0)
		return false;
	out->p = p;
	out->fs = fs;
	return true;
}

static int
hash_mapped(struct content_reader *c, const struct held *h, struct err *e)
{
	assert(c->count == 0 && h->n == c->real);
	c->count = h->n;
	return c->hasher == NULL ? 0 : hasher_update(c->hasher, h->p, h->n, e);
}

static int
hold_copy(struct content_reader *c, struct held *out, struct err *e)
{
	uint8_t *p = malloc((size_t)c->size + 1);

	if (p == NULL)
		return err_nomem(e);
	out->p = p;
	return read_whole(c, p, e);
}

int
content_hold(struct store *s, const struct hash *want, uint64_t size,
    struct held *out, struct err *e)
{
	struct content_reader c;
	int rc;

	*out = (struct held){.n = (size_t)size};
	if ((rc = content_open(&c, s, want, size, e)) != 0)
		return rc;
	rc = hold_mapped(&c, out) ? hash_mapped(&c, out, e)
				  : hold_copy(&c, out, e);
	if ((rc = content_close(&c, rc, e)) != 0)
		content_release(out);
	return rc;
}

void
content_release(struct held *h)
{
	if (h->fs != NULL)
		fs_unmap(h->fs, h->p, h->n);
	else
		free((void *)(uintptr_t)h->p);
	*h = (struct held){.p = NULL};
}
