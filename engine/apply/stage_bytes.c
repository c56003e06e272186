/*
 * Contents of the stage as bytes in memory: what a merge reads and what it
 * makes.
 */
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/stage_internal.h"
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"

int
stage_read(struct stage *s, const struct hash *hash, uint64_t size,
    struct buf *out, struct err *e)
{
	char place[STAGE_NAME_BYTES];
	int rc;

	if (size == 0)
		return 0;
	stage_place(place, hash);
	if ((rc = stage_has(s, hash, size, e)) < 0)
		return rc;
	if (rc == 0)
		return err_path(e, ERP_NOTFOUND, place,
		    "was not received; run the update again");
	return own_failed(file_read(s->fs, s->dir, place, out, e), e);
}

int
stage_add(
    struct stage *s, const struct buf *bytes, struct hash *out, struct err *e)
{
	struct stage_file file;
	struct sink to;
	int rc = hash_bytes(buf_data(bytes), bytes->len, out, e);

	if (rc != 0 || bytes->len == 0)
		return rc;
	if ((rc = stage_file_begin(s, &file, out, bytes->len, e)) != 0)
		return rc;
	to = sink_of_file(&file.out);
	rc = to.write(to.ctx, buf_data(bytes), bytes->len, e);
	rc = stage_file_end(s, &file, rc, e);
	return stage_give_back(s, rc);
}
