/*
 * Names in our own folder, raw paths, messages about them.  The ground of
 * apply: whoever joins or makes a name below .erpsync does it here.
 */
#include "engine/apply/own_names.h"

#include "engine/apply/folder.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void
tx_names_of(uint64_t tx, struct tx_names *out)
{
	(void)snprintf(out->tmp, sizeof(out->tmp), "tmp.%016" PRIx64, tx);
	(void)snprintf(out->bkp, sizeof(out->bkp), "bkp.%016" PRIx64, tx);
	(void)snprintf(out->trash, sizeof(out->trash), "trash.%016" PRIx64, tx);
}

int
own_join(char out[OWN_PATH_BYTES], const char *folder, const char *below,
    struct err *e)
{
	int n = folder[0] == '\0'
	    ? snprintf(out, OWN_PATH_BYTES, "%s", below)
	    : snprintf(out, OWN_PATH_BYTES, "%s/%s", folder, below);

	if (n < 0 || n >= OWN_PATH_BYTES)
		return err_path(e, ERP_USAGE, below,
		    "the path is too long; move it out of the folder");
	return 0;
}

void
own_fresh(
    char out[OWN_PATH_BYTES], const struct tx_names *names, uint32_t number)
{
	(void)snprintf(out, OWN_PATH_BYTES, "%s/%" PRIu32, names->tmp, number);
}

void
own_taken(
    char out[OWN_PATH_BYTES], const struct tx_names *names, uint32_t number)
{
	(void)snprintf(
	    out, OWN_PATH_BYTES, "%s/old.%" PRIu32, names->tmp, number);
}

/* One component: not empty, not "." and not "..". */
static bool
component_ok(const char *p, size_t len)
{
	if (len == 0 || (len == 1 && p[0] == '.'))
		return false;
	return !(len == 2 && p[0] == '.' && p[1] == '.');
}

bool
raw_path_ok(const char *path, size_t len)
{
	size_t depth = 0, i, start = 0;

	if (len == 0 || len > RAW_PATH_BYTES || memchr(path, 0, len) != NULL)
		return false;
	for (i = 0; i <= len; i++) {
		if (i < len && path[i] != '/')
			continue;
		if (!component_ok(path + start, i - start) ||
		    ++depth > RAW_PATH_DEPTH)
			return false;
		start = i + 1;
	}
	return true;
}

int
own_exists(const struct fs *fs, int dir, const char *path, struct err *e)
{
	struct fs_stat st;

	return at_find(fs, dir, path, &st, e);
}

int
own_failed(int rc, struct err *e)
{
	if (rc < 0)
		(void)err_context(e, FOLDER_OWN);
	return rc;
}

int
own_forget(const struct fs *fs, int own, const char *name, struct err *e)
{
	int rc = fs_unlink(fs, own, name);

	if (rc == -ENOENT)
		return 0;
	rc =
	    rc < 0 ? err_sys(e, -rc, "remove", name) : dir_sync(fs, own, "", e);
	return own_failed(rc, e);
}
