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

/* Those that are refused, newest first: their number or a code. */
static int
read_all(struct folder *f, struct refusal v[REFUSED_MANY], struct err *e)
{
	struct cursor c;
	struct buf b;
	int rc, n = 0;

	buf_init(&b, REFUSED_MAX);
	rc = record_find(
	    f->fs, (struct at){f->own, OWN_REFUSED}, REFUSED_MAGIC, &b, &c, e);
	while (rc == 1 && n < REFUSED_MANY && next_of(&c, &v[n]))
		n++;
	buf_release(&b);
	return rc < 0 ? rc : n;
}

/* None: the file goes. */
static int
write_all(struct folder *f, const char *path, const struct refusal *v, int n,
    struct err *e)
{
	struct buf b;
	int i, rc;

	if (n == 0)
		return own_forget(f->fs, f->own, path, e);
	buf_init(&b, REFUSED_MAX);
	rc = record_begin(&b, REFUSED_MAGIC, e);
	for (i = 0; rc == 0 && i < n; i++)
		rc = put(&b, &v[i], e);
	if (rc == 0 && (rc = record_end(&b, e)) == 0)
		rc = file_write_durable(
		    f->fs, f->own, path, buf_data(&b), b.len, e);
	buf_release(&b);
	return rc;
}

/* Without this release: how many are left. */
static int
leave_out(struct refusal *v, int n, const struct hash *release)
{
	int i, left = 0;

	for (i = 0; i < n; i++)
		if (!hash_equal(&v[i].release, release))
			v[left++] = v[i];
	return left;
}

/* One more, in front; the oldest makes room for it.  back may be NULL. */
static int
add(struct folder *f, const char *path, const struct refusal *x,
    const struct hash *back, struct err *e)
{
	struct refusal v[1 + REFUSED_MANY];
	int n = read_all(f, v + 1, e);

	if (n < 0)
		return n;
	n = leave_out(v + 1, n, &x->release);
	if (back != NULL)
		n = leave_out(v + 1, n, back);
	v[0] = *x;
	return write_all(f, path, v, n < REFUSED_MANY ? n + 1 : n, e);
}

int
refused_write(struct folder *f, const struct hash *release,
    enum refused_why why, struct err *e)
{
	const struct refusal x = {
	    *release, (uint64_t)clock_s(f->opt.clock), (uint8_t)why};

	assert(why == REFUSED_BY_CHECK || why == REFUSED_BY_PERSON);
	return add(f, OWN_REFUSED, &x, NULL, e);
}

int
refused_write_next(struct folder *f, const char *tmp, const struct hash *left,
    const struct hash *back, struct err *e)
{
	const struct refusal x = {
	    *left, (uint64_t)clock_s(f->opt.clock), REFUSED_BY_PERSON};
	char path[OWN_PATH_BYTES];
	int rc = own_join(path, tmp, OWN_REFUSED, e);

	return rc != 0 ? rc : add(f, path, &x, back, e);
}

int
refused_is(struct folder *f, const struct hash *release, struct err *e)
{
	struct refusal v[REFUSED_MANY];
	int i, n = f->own < 0 ? 0 : read_all(f, v, e);

	for (i = 0; i < n; i++)
		if (hash_equal(&v[i].release, release))
			return v[i].why == REFUSED_BY_PERSON ? REFUSED_BY_PERSON
							     : REFUSED_BY_CHECK;
	/* Only who looks without a right to update comes here to it. */
	if (n == ERP_AUTH)
		return folder_not_this_user(f, e);
	return n < 0 ? n : REFUSED_NOT;
}

int
refused_lift(struct folder *f, const struct hash *release, struct err *e)
{
	struct refusal v[REFUSED_MANY];
	int left, n = read_all(f, v, e);

	if (n <= 0 || (left = leave_out(v, n, release)) == n)
		return n < 0 ? n : 0;
	return write_all(f, OWN_REFUSED, v, left, e);
}
