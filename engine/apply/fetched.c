/*
 * The opening of a conversation on the disk: written when all contents are in
 * the stage, found by the update that does without a server.
 */
#include "engine/apply/fetched.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/record.h"
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"

#include <assert.h>
#include <string.h>

#define FETCHED_MAGIC "ERPFETC1"

enum { FETCHED_OVERHEAD = RECORD_OVERHEAD + HASH_LEN };

/* The installed release; zeroes where there is none. */
static struct hash
installed(const struct folder *f)
{
	struct hash none;

	memset(&none, 0, sizeof(none));
	return f->state.known ? f->state.release : none;
}

int
fetched_keep(struct folder *f, const struct buf *said, struct err *e)
{
	const struct hash from = installed(f);
	struct buf b;
	int rc;

	assert(said->len > 0 && !f->opt.read_only);
	buf_init(&b, FETCHED_MAX + FETCHED_OVERHEAD);
	if ((rc = record_begin(&b, FETCHED_MAGIC, e)) == 0 &&
	    (rc = buf_append(&b, from.b, HASH_LEN, e)) == 0 &&
	    (rc = buf_append(&b, buf_data(said), said->len, e)) == 0 &&
	    (rc = record_end(&b, e)) == 0)
		rc = file_write_durable(
		    f->fs, f->own, OWN_FETCHED, buf_data(&b), b.len, e);
	buf_release(&b);
	return own_failed(rc, e);
}

int
fetched_find(const struct folder *f, struct buf *out, struct err *e)
{
	const struct hash now = installed(f);
	struct hash from;
	struct cursor c;
	struct buf b;
	int rc;

	if (f->own < 0)
		return 0;
	buf_init(&b, FETCHED_MAX + FETCHED_OVERHEAD);
	rc = record_find(
	    f->fs, (struct at){f->own, OWN_FETCHED}, FETCHED_MAGIC, &b, &c, e);
	if (rc == 1) {
		cursor_copy(&c, from.b, HASH_LEN);
		rc = 0;
		if (!c.bad && c.len > 0 && hash_equal(&from, &now) &&
		    (rc = buf_append(out, c.p, c.len, e)) == 0)
			rc = 1;
	}
	buf_release(&b);
	return rc;
}

int
fetched_forget(struct folder *f, struct err *e)
{
	return own_forget(f->fs, f->own, OWN_FETCHED, e);
}
