/*
 * Parts of blobs: bytes as they came, kept across crashes and verified as a
 * whole before use, so a torn tail after a power cut costs only its bytes.
 */
#include "engine/apply/stage.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/stage_internal.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"

#include <assert.h>
#include <errno.h>

/* Forget the part that is kept open. */
static void
part_forget(struct stage *s)
{
	fs_close_quietly(s->fs, &s->part_fd);
}

/* Make this part the open one; missing is ERP_NOTFOUND unless create. */
static int
part_select(
    struct stage *s, const struct hash *blob, bool create, struct err *e)
{
	char name[STAGE_NAME_BYTES];
	struct fs_stat st;
	int fd, rc;

	if (s->part_fd >= 0 && hash_equal(&s->part, blob))
		return 0;
	part_forget(s);
	stage_name(name, blob, STAGE_PART);
	fd = at_open(s->fs, s->dir, name,
	    FS_WRITE | (create ? FS_CREATE_OR_OPEN : 0), e);
	if (fd < 0)
		return own_failed(fd, e);
	if ((rc = at_fstat(s->fs, fd, name, &st, e)) != 0) {
		fs_close_quietly(s->fs, &fd);
		return rc;
	}
	s->part_fd = fd;
	s->part = *blob;
	s->part_len = st.size;
	return 0;
}

int
stage_part_len(
    struct stage *s, const struct hash *blob, uint64_t *len, struct err *e)
{
	int rc = part_select(s, blob, false, e);

	*len = rc == 0 ? s->part_len : 0;
	return rc == ERP_NOTFOUND ? 0 : rc;
}

int
stage_part_append(struct stage *s, const struct hash *blob, uint64_t off,
    const void *p, size_t n, struct err *e)
{
	char name[STAGE_NAME_BYTES];
	int rc = part_select(s, blob, true, e);

	if (rc != 0)
		return rc;
	assert(s->part_fd >= 0);
	if (off != s->part_len)
		return err_set(e, ERP_PROTO,
		    "content came for the wrong position of a file");
	rc = fs_pwrite(s->fs, s->part_fd, p, n, off);
	if (rc < 0) {
		/* What was written of it is unknown: cut it off. */
		(void)fs_truncate(s->fs, s->part_fd, off);
		stage_name(name, blob, STAGE_PART);
		return stage_give_back(s, err_sys(e, -rc, "write", name));
	}
	s->part_len += n;
	return 0;
}

int
stage_part_verify(
    struct stage *s, const struct hash *blob, uint64_t len, struct err *e)
{
	char name[STAGE_NAME_BYTES];
	struct hash seen;
	int rc = part_select(s, blob, false, e);
	bool good;

	if (rc == ERP_NOTFOUND)
		return 0;
	if (rc != 0)
		return rc;
	stage_name(name, blob, STAGE_PART);
	good = s->part_len == len;
	if (good) {
		if ((rc = file_hash(s->fs, s->part_fd, name, &seen, e)) != 0)
			return rc;
		good = hash_equal(&seen, blob);
	}
	if (good)
		return 1;
	return stage_part_remove(s, blob, e);
}

int
stage_part_open(struct stage *s, const struct hash *blob, struct err *e)
{
	char name[STAGE_NAME_BYTES];

	stage_name(name, blob, STAGE_PART);
	return at_open(s->fs, s->dir, name, FS_READ, e);
}

int
stage_part_remove(struct stage *s, const struct hash *blob, struct err *e)
{
	char name[STAGE_NAME_BYTES];

	if (s->part_fd >= 0 && hash_equal(&s->part, blob))
		part_forget(s);
	stage_name(name, blob, STAGE_PART);
	return tree_remove(s->fs, s->dir, name, e);
}
