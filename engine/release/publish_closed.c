/*
 * Which files cannot be read: asked by publish.c when a round has failed, since
 * the first of them, or a bad name, ends it before the others are met.
 */
#include "engine/release/publish_closed.h"

#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/release/publish_check.h"
#include "engine/tree/manifest.h"

size_t
publish_closed(
    const struct fs *fs, int root, const struct manifest *m, struct refusals *r)
{
	struct err e;
	size_t i, n = 0;
	int fd;

	for (i = 0; i < m->n; i++) {
		if (m->v[i].type != ENTRY_FILE)
			continue;
		fd = at_open(fs, root, m->v[i].path, FS_READ, &e);
		if (fd == ERP_AUTH) {
			refusals_add(r, e.msg);
			n++;
		} else if (fd >= 0) {
			fs_close_quietly(fs, &fd);
		}
	}
	return n;
}
