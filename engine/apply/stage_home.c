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

struct walk {
	const struct fs *fs;
	stage_see_fn *see;
	void *arg;
	int rc; /* of the first failure */
	struct err why;
};

static void
note(struct walk *w, int rc, const char *home, const struct err *why)
{
	if (rc == 0 || w->rc != 0)
		return;
	w->rc = rc;
	w->why = *why;
	if (home != NULL)
		(void)err_context(&w->why, "%s", home);
}

/* All in one open folder. */
static void
walk_home(struct walk *w, int home, const char *shown)
{
	struct stage_sight it = {.at = home, .home = true};
	struct names list = {NULL, 0, 0};
	struct err why;
	size_t i;

	note(w, names_list(w->fs, home, shown, &list, &why), NULL, &why);
	for (i = 0; i < list.n; i++) {
		it.name = list.v[i];
		note(w, w->see(w->arg, &it, &why), shown, &why);
	}
	names_release(&list);
}

static void
remove_empty(struct walk *w, int dir, const char *name)
{
	struct err why;
	int rc = fs_rmdir(w->fs, dir, name);

	if (rc != 0 && rc != -ENOTEMPTY && rc != -EEXIST && rc != -ENOENT)
		note(w, err_sys(&why, -rc, "remove", name), NULL, &why);
}

static void
walk_name(struct walk *w, int dir, const char *name)
{
	const struct stage_sight it = {.at = dir, .name = name};
	struct err why;
	int home = is_home(name) ? fs_open(w->fs, dir, name, FS_DIRECTORY, 0)
				 : -ENOTDIR;

	if (is_no_home(home)) {
		note(w, w->see(w->arg, &it, &why), NULL, &why);
		return;
	}
	if (home >= 0)
		walk_home(w, home, name);
	/* Made under an odd umask it is empty, and goes. */
	else if (home != -EACCES)
		note(w, err_sys(&why, -home, "open folder", name), NULL, &why);
	/* On Windows none goes that is open. */
	fs_close_quietly(w->fs, &home);
	remove_empty(w, dir, name);
}

int
stage_walk(
    const struct fs *fs, int dir, stage_see_fn *see, void *arg, struct err *e)
{
	struct walk w = {.fs = fs, .see = see, .arg = arg};
	struct names list = {NULL, 0, 0};
	size_t i;
	int rc = names_list(fs, dir, OWN_RECV, &list, e);

	for (i = 0; rc == 0 && i < list.n; i++)
		walk_name(&w, dir, list.v[i]);
	names_release(&list);
	if (w.rc != 0 && e != NULL)
		*e = w.why;
	rc = rc != 0 ? rc : w.rc;
	return rc == 0 ? 0 : err_context(e, FOLDER_OWN "/" OWN_RECV);
}
