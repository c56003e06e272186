/*
 * The state file of a client folder (docs/storage.md): which release is
 * installed.  Read when the folder is opened, written when a transaction has
 * committed.
 */
#include "engine/apply/folder_state.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/record.h"
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/who.h"

#include <string.h>

#define STATE_MAGIC "ERPSTAT1"

/* More than is written: versions of before took larger releases. */
enum { STATE_MAX = 256 * 1024 * 1024 + 4096 };

int
state_encode(const struct manifest *m, int64_t installed_at,
    struct hash *release, struct buf *out, struct err *e)
{
	struct buf bytes;
	int rc;

	buf_init(&bytes, MANIFEST_MAX_BYTES);
	if ((rc = manifest_encode(m, &bytes, e)) != 0 ||
	    (rc = hash_bytes(buf_data(&bytes), bytes.len, release, e)) != 0 ||
	    (rc = record_begin(out, STATE_MAGIC, e)) != 0 ||
	    (rc = buf_append(out, release->b, HASH_LEN, e)) != 0 ||
	    (rc = put_u64(out, (uint64_t)installed_at, e)) != 0 ||
	    (rc = buf_append(out, buf_data(&bytes), bytes.len, e)) != 0)
		goto out;
	rc = record_end(out, e);
out:
	buf_release(&bytes);
	return rc;
}

int
state_decode(struct cursor *c, struct folder_state *s, struct err *e)
{
	struct hash h;
	int rc;

	memset(s, 0, sizeof(*s));
	cursor_copy(c, s->release.b, HASH_LEN);
	s->installed_at = (int64_t)cursor_u64(c);
	if (c->bad || c->len == 0)
		return err_set(e, ERP_CORRUPT, "it is malformed");
	if ((rc = hash_bytes(c->p, c->len, &h, e)) != 0)
		return rc;
	if (!hash_equal(&h, &s->release))
		return err_set(
		    e, ERP_CORRUPT, "its manifest is not of its release");
	rc = manifest_decode(&s->manifest, c->p, c->len, e);
	s->known = rc == 0;
	if (rc != ERP_CORRUPT)
		return rc;
	memset(s, 0, sizeof(*s));
	manifest_init(&s->manifest, who_os());
	s->unread = true;
	return 0;
}

int
state_read(const struct fs *fs, int dir, const char *path,
    struct folder_state *s, struct err *e)
{
	struct cursor c;
	struct buf b;
	int rc;

	memset(s, 0, sizeof(*s));
	manifest_init(&s->manifest, who_os());
	buf_init(&b, STATE_MAX);
	rc = record_read(fs, (struct at){dir, path}, STATE_MAGIC, &b, &c, e);
	if (rc == 0)
		rc = state_decode(&c, s, e);
	if (rc == ERP_CORRUPT)
		(void)err_context(e, "recovery required: .erpsync/%s", path);
	if (rc == ERP_NOTFOUND)
		rc = 0;
	buf_release(&b);
	return rc;
}

void
state_release(struct folder_state *s)
{
	manifest_release(&s->manifest);
	spelling_release(&s->spelling);
	memset(s, 0, sizeof(*s));
}

int
folder_state_load(struct folder *f, const char *path, struct err *e)
{
	int rc;

	state_release(&f->state);
	rc = state_read(f->fs, f->own, path, &f->state, e);
	if (rc == 0 && f->state.unread)
		folder_warn(f, path,
		    "the installed release is larger than this version of "
		    "erpsync allows, and counts as unknown: files that only it "
		    "has will stay when the next one is installed");
	return rc;
}

void
folder_state_clear(struct folder *f)
{
	state_release(&f->state);
	manifest_init(&f->state.manifest, who_os());
}

void
folder_state_swap(struct folder *f, struct folder_state *next)
{
	struct folder_state old = f->state;

	f->state = *next;
	*next = old;
}

const struct manifest *
folder_installed(const struct folder *f)
{
	const struct folder_state *s = &f->state;

	return s->known ? spelling_manifest(&s->spelling, &s->manifest) : NULL;
}

int
folder_spell(struct folder *f, struct manifest *have,
    const struct filter *filter, struct err *e)
{
	const struct spelling_folder at = {
	    .fs = f->fs, .dir = f->dir, .have = have, .filter = filter};

	spelling_release(&f->state.spelling);
	return f->state.known
	    ? spelling_make(&at, &f->state.manifest, &f->state.spelling, e)
	    : 0;
}
