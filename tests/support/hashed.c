#include "tests/support/hashed.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_file.h"
#include "engine/tree/manifest.h"
#include "engine/tree/scan.h"

int
scan_hashed(const struct fs *fs, int dir, const struct scan_options *opt,
    struct manifest *m, struct err *e)
{
	size_t i;
	int fd, rc = scan_folder(fs, dir, opt, m, e);

	for (i = 0; rc == 0 && i < m->n; i++) {
		if (m->v[i].type != ENTRY_FILE)
			continue;
		fd = fs_open(fs, dir, m->v[i].path, FS_READ, 0);
		if (fd < 0)
			return err_sys(e, -fd, "open", m->v[i].path);
		rc = file_hash(fs, fd, m->v[i].path, &m->v[i].content.hash, e);
		m->v[i].content.known = rc == 0;
		fs_close_quietly(fs, &fd);
	}
	return rc;
}
