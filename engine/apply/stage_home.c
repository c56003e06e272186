/*
 * The names in the receiving area, and the folders they lie in.  Under all
 * that puts contents there, takes them or looks for what was left.
 */
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/space.h"
#include "engine/apply/stage_internal.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"

#include <bsd/string.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { HOME_LEN = 2 }; /* digits of the hash that name its folder */

void
stage_name(
    char out[STAGE_NAME_BYTES], const struct hash *hash, const char *suffix)
{
	char hex[HASH_HEX_LEN + 1];

	hash_hex(hash, hex);
	(void)strlcpy(out, hex, STAGE_NAME_BYTES);
	(void)strlcat(out, suffix, STAGE_NAME_BYTES);
}

bool
stage_name_parse(const char *name, const char *suffix, struct hash *out)
{
	char hex[HASH_HEX_LEN + 1];

	if (strlen(name) != HASH_HEX_LEN + strlen(suffix) ||
	    strcmp(name + HASH_HEX_LEN, suffix) != 0)
		return false;
	memcpy(hex, name, HASH_HEX_LEN);
	hex[HASH_HEX_LEN] = '\0';
	return hash_parse(hex, out);
}

void
stage_place(char out[STAGE_NAME_BYTES], const struct hash *hash)
{
	char hex[HASH_HEX_LEN + 1];

	hash_hex(hash, hex);
	(void)snprintf(out, STAGE_NAME_BYTES, "%.*s/%s", HOME_LEN, hex, hex);
}

int
stage_home(struct folder *f, int dir, const struct hash *hash, bool make,
    struct err *e)
{
	char name[STAGE_NAME_BYTES];
	int fd, rc;

	stage_name(name, hash, "");
	name[HOME_LEN] = '\0';
	fd = fs_open(f->fs, dir, name, FS_DIRECTORY, 0);
	if (fd == -ENOENT && make) {
		space_give(f, STAGE_HOME_SIZE);
		if ((rc = at_mkdir(f->fs, dir, name, 0700, e)) != 0)
			return own_failed(rc, e);
		fd = fs_open(f->fs, dir, name, FS_DIRECTORY, 0);
	}
	return fd < 0 ? own_failed(err_sys(e, -fd, "open folder", name), e)
		      : fd;
}

static bool
is_home(const char *name)
{
	return strlen(name) == HOME_LEN &&
	    strspn(name, "0123456789abcdef") == HOME_LEN;
}

/* It is none, whatever its name. */
static bool
is_no_home(int rc)
{
	return rc == -ENOTDIR || rc == -ELOOP;
}

/* All in one open folder. */
static int
walk_home(const struct fs *fs, int home, const char *shown, stage_see_fn *see,
    void *arg, struct err *e)
{
	struct stage_sight it = {.at = home, .home = true};
	struct names list = {NULL, 0, 0};
	size_t i;
	int rc = names_list(fs, home, shown, &list, e);

	for (i = 0; rc == 0 && i < list.n; i++) {
		it.name = list.v[i];
		rc = see(arg, &it, e);
	}
	names_release(&list);
	return rc;
}

/* Where another program stands in it, as a Windows shell does, it stays: empty
 * it does no harm, and a later walk takes it. */
static int
remove_empty(const struct fs *fs, int dir, const char *name, struct err *e)
{
	int rc = fs_rmdir(fs, dir, name);

	return rc == 0 || rc == -ENOTEMPTY || rc == -EEXIST || rc == -EBUSY
	    ? 0
	    : err_sys(e, -rc, "remove", name);
}

int
stage_walk(
    const struct fs *fs, int dir, stage_see_fn *see, void *arg, struct err *e)
{
	struct stage_sight it = {.at = dir};
	struct names list = {NULL, 0, 0};
	size_t i;
	int home, rc = names_list(fs, dir, OWN_RECV, &list, e);

	for (i = 0; rc == 0 && i < list.n; i++) {
		it.name = list.v[i];
		home = is_home(it.name)
		    ? fs_open(fs, dir, it.name, FS_DIRECTORY, 0)
		    : -ENOTDIR;
		if (is_no_home(home)) {
			rc = see(arg, &it, e);
			continue;
		}
		/* Made under an odd umask it is empty, and goes. */
		if (home == -EACCES) {
			(void)fs_rmdir(fs, dir, it.name);
			continue;
		}
		rc = home < 0 ? err_sys(e, -home, "open folder", it.name)
			      : walk_home(fs, home, it.name, see, arg, e);
		/* On Windows none goes that is open. */
		fs_close_quietly(fs, &home);
		if (rc == 0)
			rc = remove_empty(fs, dir, it.name, e);
	}
	names_release(&list);
	return rc;
}
