/*
 * Is there room for an update?  Space set aside for it before its first byte
 * arrives, and given back step by step as stage, new files and backup are
 * written.  How much it needs is added up in apply_preflight.c.
 */
#include "engine/apply/space.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/text.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>

/* Recovery takes away what ends in .new, if a crash leaves the name. */
#define SPACE_NAME "space.new"

enum { BLOCK = 4096 };
#define STEP ((uint64_t)1 << 20) /* let go at least so much at a time */

uint64_t
space_blocks(uint64_t size)
{
	return (size + BLOCK - 1) / BLOCK * BLOCK;
}

static int
no_room(struct folder *f, const struct space_need *need, uint64_t bytes,
    uint64_t there, struct err *e)
{
	char where[160], needed[TEXT_BYTES_MAX], is_free[TEXT_BYTES_MAX];
	char most[160];

	text_escape(where, sizeof(where), f->path);
	text_bytes(needed, bytes);
	text_bytes(is_free, there);
	if (need->most_of != NULL && need->most > bytes / 2) {
		text_escape(most, sizeof(most), need->most_of);
		return err_set(e, ERP_NOSPACE,
		    "%s: %s needed, most of it to back up %s, and %s free; "
		    "make space, or leave that file out (--backup-exclude), "
		    "and try again",
		    where, needed, most, is_free);
	}
	return err_set(e, ERP_NOSPACE,
	    "%s: %s needed, %s free; make space and try again", where, needed,
	    is_free);
}

/* The file system has room, and does not give it. */
static int
no_quota(struct folder *f, uint64_t need, struct err *e)
{
	char where[160], needed[TEXT_BYTES_MAX];

	text_escape(where, sizeof(where), f->path);
	text_bytes(needed, need);
	return err_set(e, ERP_NOSPACE,
	    "%s: %s needed, and a quota leaves less than that; make space, or "
	    "have it raised, and try again",
	    where, needed);
}

int
space_check(struct folder *f, const struct space_need *need, struct err *e)
{
	uint64_t bytes = need->bytes + need->passing;
	char where[160];
	struct fs_space s;
	int rc = fs_space(f->fs, f->dir, &s);

	/* Some do not tell, or not us; there the first write without room
	 * does. */
	if (rc < 0)
		return 0;
	if (bytes > s.bytes_free)
		return no_room(f, need, bytes, s.bytes_free, e);
	if (need->inodes <= s.inodes_free)
		return 0;
	text_escape(where, sizeof(where), f->path);
	return err_set(e, ERP_NOSPACE,
	    "not enough inodes for %s: %" PRIu64 " needed, %" PRIu64
	    " free; remove files and try again",
	    where, need->inodes, s.inodes_free);
}

/* Only the descriptor keeps the file: 1; 0 where what is open cannot be
 * removed, so that there is none. */
static int
open_nameless(struct folder *f, struct err *e)
{
	int rc;

	(void)fs_unlink(f->fs, f->own, SPACE_NAME);
	f->space = at_create(f->fs, f->own, SPACE_NAME, e);
	if (f->space < 0)
		return f->space;
	rc = fs_unlink(f->fs, f->own, SPACE_NAME);
	if (rc == 0)
		return 1;
	if (rc != -EBUSY && rc != -ETXTBSY)
		return err_sys(e, -rc, "remove", SPACE_NAME);
	space_drop(f);
	return at_unlink(f->fs, f->own, SPACE_NAME, e);
}

int
space_reserve(struct folder *f, const struct space_need *need, struct err *e)
{
	struct fs_space s;
	int rc;

	space_drop(f);
	assert(f->space < 0 && f->space_bytes == 0);
	if ((rc = space_check(f, need, e)) != 0 ||
	    (rc = open_nameless(f, e)) <= 0)
		goto out;
	f->space_bytes = need->bytes;
	rc = fs_allocate(f->fs, f->space, need->bytes);
	if (rc == -ENOSPC || rc == -EDQUOT) {
		/* A quota, or somebody was faster. */
		if (fs_space(f->fs, f->dir, &s) < 0)
			s.bytes_free = 0;
		rc = s.bytes_free < need->bytes
		    ? no_room(f, need, need->bytes, s.bytes_free, e)
		    : no_quota(f, need->bytes, e);
	} else if (rc < 0) {
		rc = err_sys(e, -rc, "reserve space in", f->path);
	}
out:
	if (rc != 0)
		space_drop(f);
	return rc;
}

/* It is only a reserve: a failure is noticed by whoever needs the room. */
static void
shrink_to(struct folder *f, uint64_t bytes)
{
	if (bytes >= f->space_bytes)
		return;
	assert(f->space >= 0);
	(void)fs_truncate(f->fs, f->space, bytes);
	f->space_bytes = bytes;
}

void
space_give(struct folder *f, uint64_t size)
{
	uint64_t least = SPACE_SLACK, n = space_blocks(size), step;

	if (n <= f->space_ahead) {
		f->space_ahead -= n;
		return;
	}
	n -= f->space_ahead;
	step = n > STEP ? n : STEP;
	f->space_ahead = step - n;
	if (f->space_bytes > least && f->space_bytes - least > step)
		least = f->space_bytes - step;
	shrink_to(f, least);
}

void
space_give_rest(struct folder *f)
{
	shrink_to(f, SPACE_SLACK);
}

void
space_drop(struct folder *f)
{
	if (f->space > 0)
		fs_close_quietly(f->fs, &f->space);
	f->space = -1;
	f->space_bytes = f->space_ahead = 0;
}
