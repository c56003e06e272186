#include "tests/support/hashed.h"

#include "engine/tree/manifest.h"
#include "engine/tree/scan.h"

int
scan_hashed(const struct fs *fs, int dir, const struct scan_options *opt,
    struct manifest *m, struct err *e)
{
	int rc = scan_folder(fs, dir, opt, m, e);

	return rc != 0 ? rc : scan_hash(fs, dir, m, e);
}
