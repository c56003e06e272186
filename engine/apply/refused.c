/*
 * The refused release and its bytes (docs/storage.md): written when an update
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

enum { REFUSED_MAX = 4096 };

static int
write_to(struct folder *f, const char *path, const struct hash *release,
    enum refused_why why, struct err *e)
{
	const struct clock *c = f->opt.clock;
	struct buf b;
	int rc;

	assert(why == REFUSED_BY_CHECK || why == REFUSED_BY_PERSON);
	buf_init(&b, REFUSED_MAX);
	if ((rc = record_begin(&b, REFUSED_MAGIC, e)) == 0 &&
	    (rc = buf_append(&b, release->b, HASH_LEN, e)) == 0 &&
	    (rc = put_u64(&b, (uint64_t)clock_s(c), e)) == 0 &&
	    (rc = put_u8(&b, (uint8_t)why, e)) == 0 &&
	    (rc = record_end(&b, e)) == 0)
		rc = file_write_durable(
		    f->fs, f->own, path, buf_data(&b), b.len, e);
	buf_release(&b);
	return rc;
}

int
refused_write(struct folder *f, const struct hash *release,
    enum refused_why why, struct err *e)
{
	return write_to(f, OWN_REFUSED, release, why, e);
}

int
refused_write_next(struct folder *f, const char *tmp,
    const struct hash *release, enum refused_why why, struct err *e)
{
	char path[OWN_PATH_BYTES];
	int rc = own_join(path, tmp, OWN_REFUSED, e);

	return rc != 0 ? rc : write_to(f, path, release, why, e);
}

int
refused_is(struct folder *f, const struct hash *release, struct err *e)
{
	struct hash seen;
	uint8_t why;
	struct cursor c;
	struct buf b;
	int rc;

	if (f->own < 0)
		return 0;
	buf_init(&b, REFUSED_MAX);
	rc = record_find(
	    f->fs, (struct at){f->own, OWN_REFUSED}, REFUSED_MAGIC, &b, &c, e);
	if (rc == 1) {
		cursor_copy(&c, seen.b, HASH_LEN);
		(void)cursor_u64(&c);
		/* Records of before have no reason but the check. */
		why = c.len > 0 ? cursor_u8(&c) : REFUSED_BY_CHECK;
		rc = c.bad || !hash_equal(&seen, release) ? REFUSED_NOT
		    : why == REFUSED_BY_PERSON            ? REFUSED_BY_PERSON
							  : REFUSED_BY_CHECK;
	}
	buf_release(&b);
	/* Only who looks without a right to update comes here to it. */
	if (rc == ERP_AUTH)
		return folder_not_this_user(f, e);
	return rc;
}

int
refused_clear(struct folder *f, struct err *e)
{
	return own_forget(f->fs, f->own, OWN_REFUSED, e);
}
