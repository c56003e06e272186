/*
 * Seals of releases, release/OS/ID.seal: what they say is for others to know.
 * Beside store_save.c, which saves the releases.
 */
#include "engine/store/store_release_internal.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"

int
store_keep_seal(struct store *s, enum path_os os, const struct hash *id,
    const struct buf *text, struct err *e)
{
	char folder[STORE_PATH_BYTES], path[2 * STORE_PATH_BYTES];
	int rc;

	kept_folder(folder, os);
	kept_beside(path, os, id, KEPT_SEAL);
	if ((rc = dir_make(s->fs, s->root, folder, e)) != 0 ||
	    (rc = dir_sync(s->fs, s->root, "release", e)) != 0)
		return rc;
	return file_write_durable(
	    s->fs, s->root, path, buf_data(text), text->len, e);
}

int
store_load_seal(struct store *s, enum path_os os, const struct hash *id,
    struct buf *out, struct err *e)
{
	char path[2 * STORE_PATH_BYTES];
	struct fs_stat st;
	int rc;

	kept_beside(path, os, id, KEPT_SEAL);
	if ((rc = at_find(s->fs, s->root, path, &st, e)) != 1)
		return rc;
	rc = file_read(s->fs, s->root, path, out, e);
	return rc != 0 ? rc : 1;
}
