/*
 * The mark of an update that waits for its health check (docs/storage.md):
 * written before the commit, removed when the check has ended, and looked for
 * at the next start.
 */
#include "engine/apply/unchecked.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/record.h"
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"

#include <assert.h>

#define UNCHECKED_MAGIC "ERPUNCH1"

enum { UNCHECKED_MAX = 4096 };

int
unchecked_write(struct folder *f, const struct unchecked *mark, struct err *e)
{
	struct buf b;
	int rc;

	assert(f->own >= 0 && !f->opt.read_only);
	buf_init(&b, UNCHECKED_MAX);
	if ((rc = record_begin(&b, UNCHECKED_MAGIC, e)) == 0 &&
	    (rc = buf_append(&b, mark->release.b, HASH_LEN, e)) == 0 &&
	    (rc = put_u64(&b, mark->tx, e)) == 0 &&
	    (rc = record_end(&b, e)) == 0)
		rc = file_write_durable(
		    f->fs, f->own, OWN_UNCHECKED, buf_data(&b), b.len, e);
	buf_release(&b);
	return rc;
}

int
unchecked_read(struct folder *f, struct unchecked *out, struct err *e)
{
	struct cursor c;
	struct buf b;
	int rc;

	if (f->own < 0)
		return 0;
	buf_init(&b, UNCHECKED_MAX);
	rc = record_find(f->fs, (struct at){f->own, OWN_UNCHECKED},
	    UNCHECKED_MAGIC, &b, &c, e);
	if (rc == 1) {
		cursor_copy(&c, out->release.b, HASH_LEN);
		out->tx = cursor_u64(&c);
		rc = !c.bad;
	}
	buf_release(&b);
	return rc;
}

int
unchecked_clear(struct folder *f, struct err *e)
{
	return own_forget(f->fs, f->own, OWN_UNCHECKED, e);
}
