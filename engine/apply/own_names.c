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

#include <assert.h>
#include <bsd/string.h>
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
	size_t n = strlen(folder), len = strlen(below);

	/* Asked many times for each file, so no format is read. */
	if (n + (n > 0) + len >= OWN_PATH_BYTES)
		return err_path(e, ERP_USAGE, below,
		    "the path is too long; move it out of the folder");
	memcpy(out, folder, n);
	if (n > 0)
		out[n++] = '/';
	memcpy(out + n, below, len + 1);
	return 0;
}

/* Numbers with this bit have their folder above their place in it. */
#define DEEP ((uint32_t)1 << 31)

uint32_t
own_number(uint32_t n, uint32_t beside)
{
	assert(beside > 0 && beside <= OWN_BESIDE);
	assert(n / beside < DEEP / OWN_BESIDE);
	return n < beside ? n : DEEP | n / beside * OWN_BESIDE | n % beside;
}

uint32_t
own_home_of(uint32_t number)
{
	return (number & DEEP) == 0 ? 0 : (number & ~DEEP) / OWN_BESIDE;
}

void
own_home(char out[OWN_PATH_BYTES], const struct tx_names *names, uint32_t home)
{
	if (home == 0)
		(void)strlcpy(out, names->tmp, OWN_PATH_BYTES);
	else
		(void)snprintf(
		    out, OWN_PATH_BYTES, "%s/in.%" PRIu32, names->tmp, home);
}

static void
numbered(char out[OWN_PATH_BYTES], const struct tx_names *names,
    const char *prefix, uint32_t number)
{
	uint32_t home = own_home_of(number);
	size_t len;

	own_home(out, names, home);
	len = strlen(out);
	(void)snprintf(out + len, OWN_PATH_BYTES - len, "/%s%" PRIu32, prefix,
	    home == 0 ? number : number % OWN_BESIDE);
}

void
own_fresh(
    char out[OWN_PATH_BYTES], const struct tx_names *names, uint32_t number)
{
	numbered(out, names, "", number);
}

void
own_taken(
    char out[OWN_PATH_BYTES], const struct tx_names *names, uint32_t number)
{
	numbered(out, names, "old.", number);
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
