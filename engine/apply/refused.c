/*
 * Refused releases and their bytes (docs/storage.md): written when an update
 * was taken back, asked by apply_health.c before the next one begins.
 */
#include "engine/apply/refused.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/record.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"

#include <assert.h>

#define REFUSED_MAGIC "ERPREFU1"

/* More than a person goes back through, or a check refuses in a row. */
enum { REFUSED_MANY = 64 };
enum { REFUSED_MAX = 4096 };

struct refusal {
	struct hash release;
	uint64_t date;
	uint8_t why;
};

/* The next one of a record, newest first; false behind the last. */
static bool
next_of(struct cursor *c, struct refusal *out)
{
	if (c->len == 0)
		return false;
	cursor_copy(c, out->release.b, HASH_LEN);
	out->date = cursor_u64(c);
	/* Records of before have no reason but the check. */
	out->why = c->len > 0 ? cursor_u8(c) : REFUSED_BY_CHECK;
	return !c->bad;
}

static int
put(struct buf *b, const struct refusal *x, struct err *e)
{
	int rc;

	if ((rc = buf_append(b, x->release.b, HASH_LEN, e)) != 0 ||
	    (rc = put_u64(b, x->date, e)) != 0)
		return rc;
	return put_u8(b, x->why, e);
}

/* Those of before go on being refused, but the two: their number or a code. */
static int
put_earlier(struct folder *f, const struct refusal *new,
    const struct hash *back, struct buf *b, struct err *e)
{
	struct refusal x;
	struct buf old;
	struct cursor c;
	int rc, n = 0;

	buf_init(&old, REFUSED_MAX);
	rc = record_find(f->fs, (struct at){f->own, OWN_REFUSED}, REFUSED_MAGIC,
	    &old, &c, e);
	if (rc == 1)
		for (rc = 0;
		     rc == 0 && n < REFUSED_MANY - 1 && next_of(&c, &x);) {
			if ((new !=
				NULL &&hash_equal(&x.release, &new->release)) ||
			    (back != NULL && hash_equal(&x.release, back)))
				continue;
			rc = put(b, &x, e);
			n++;
		}
	buf_release(&old);
	return rc != 0 ? rc : n;
}

/* new and back may be NULL. */
static int
write_to(struct folder *f, const char *path, const struct refusal *new,
    const struct hash *back, struct err *e)
{
	struct buf b;
	int rc;

	buf_init(&b, REFUSED_MAX);
	if ((rc = record_begin(&b, REFUSED_MAGIC, e)) != 0 ||
	    (new != NULL && (rc = put(&b, new, e)) != 0) ||
	    (rc = put_earlier(f, new, back, &b, e)) < 0)
		goto out;
	if (new == NULL && rc == 0)
		rc = own_forget(f->fs, f->own, path, e);
	else if ((rc = record_end(&b, e)) == 0)
		rc = file_write_durable(
		    f->fs, f->own, path, buf_data(&b), b.len, e);
out:
	buf_release(&b);
	return rc;
}

int
refused_write(struct folder *f, const struct hash *release,
    enum refused_why why, struct err *e)
{
	const struct refusal x = {
	    *release, (uint64_t)clock_s(f->opt.clock), (uint8_t)why};

	assert(why == REFUSED_BY_CHECK || why == REFUSED_BY_PERSON);
	return write_to(f, OWN_REFUSED, &x, NULL, e);
}

int
refused_write_next(struct folder *f, const char *tmp, const struct hash *left,
    const struct hash *back, struct err *e)
{
	const struct refusal x = {
	    *left, (uint64_t)clock_s(f->opt.clock), REFUSED_BY_PERSON};
	char path[OWN_PATH_BYTES];
	int rc = own_join(path, tmp, OWN_REFUSED, e);

	return rc != 0 ? rc : write_to(f, path, &x, back, e);
}

int
refused_is(struct folder *f, const struct hash *release, struct err *e)
{
	struct refusal x;
	struct cursor c;
	struct buf b;
	int rc;

	if (f->own < 0)
		return 0;
	buf_init(&b, REFUSED_MAX);
	rc = record_find(
	    f->fs, (struct at){f->own, OWN_REFUSED}, REFUSED_MAGIC, &b, &c, e);
	if (rc == 1)
		for (rc = REFUSED_NOT; rc == REFUSED_NOT && next_of(&c, &x);)
			if (hash_equal(&x.release, release))
				rc = x.why == REFUSED_BY_PERSON
				    ? REFUSED_BY_PERSON
				    : REFUSED_BY_CHECK;
	buf_release(&b);
	/* Only who looks without a right to update comes here to it. */
	if (rc == ERP_AUTH)
		return folder_not_this_user(f, e);
	return rc;
}

int
refused_lift(struct folder *f, const struct hash *release, struct err *e)
{
	int rc = refused_is(f, release, e);

	return rc <= 0 ? rc : write_to(f, OWN_REFUSED, NULL, release, e);
}
