/*
 * What a client folder's INI files say: smartclient.ini, which a server may
 * have sent, and .erpsync/station.ini, which no release can write.  Other
 * users may have put anything there, so nothing is believed by its name.
 */
#include "cli/station_ini.h"

#include "cli/config/config.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/path.h"
#include "engine/base/who.h"
#include "transport/api/erpsync.h"

#include <assert.h>
#include <bsd/string.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define OWN_DIR ".erpsync"
#define OWN_INI "station.ini"
#define OWN_PATH OWN_DIR "/" OWN_INI
#define LAST_PATH OWN_DIR "/last-server.ini"

#define INI "smartclient.ini"
#define APP "smartclient.app" /* of macOS, with the INI inside */

struct search {
	const char *beneath; /* the folder that it is in, or "" */
	char name[NAME_MAX + 1];
	struct names *others; /* those that do not count; NULL: not asked */
	bool has_app;
};

/* Which of the two counts?  The exact name, else the first in order. */
static bool
is_before(const char *a, const char *b)
{
	if (strcmp(a, INI) == 0 || strcmp(b, INI) == 0)
		return strcmp(a, INI) == 0;
	return strcmp(a, b) < 0;
}

/* For a warning only, which memory may be short for. */
static void
note_other(struct search *s, const char *name)
{
	if (s->others != NULL && name[0] != '\0')
		(void)names_add(s->others, name, NULL);
}

static int
take_ini(void *arg, const char *name)
{
	struct search *s = arg;

	s->has_app |= strcasecmp(name, APP) == 0;
	if (strcasecmp(name, INI) != 0)
		return 0;
	if (s->name[0] != '\0' && !is_before(name, s->name)) {
		note_other(s, name);
		return 0;
	}
	note_other(s, s->name);
	(void)strlcpy(s->name, name, sizeof(s->name));
	return 0;
}

/* Find it in the folder root, or where macOS has it; *root becomes the folder
 * that it is in. */
static void
search_ini(int *root, struct search *s)
{
	static const char *const inside[] = {
	    APP "/Contents/MacOS", APP "/Contents/Resources"};
	const struct fs *fs = fs_real();
	size_t i;
	int dir;

	(void)fs_list(fs, *root, take_ini, s);
	for (i = 0; i < 2 && s->has_app && s->name[0] == '\0'; i++) {
		dir = fs_open(fs, *root, inside[i], FS_DIRECTORY, 0);
		if (dir < 0)
			continue;
		(void)fs_list(fs, dir, take_ini, s);
		if (s->name[0] != '\0') {
			s->beneath = inside[i];
			fs_close_quietly(fs, root);
			*root = dir;
		} else {
			fs_close_quietly(fs, &dir);
		}
	}
}

/* Open a regular file; nothing else would be waited for or followed.  It may
 * be mounted there, which only who administers the station can have done. */
static int
open_file(int dir, const char *name, struct fs_stat *st, struct err *e)
{
	const struct fs *fs = fs_real();
	int fd = fs_open(fs, dir, name, FS_READ | FS_MOUNTED, 0), rc;

	if (fd == -ENOENT)
		return err_sys(e, ENOENT, "open", name);
	if (fd == -ELOOP || fd == -ENXIO || fd == -EISDIR)
		return err_path(e, ERP_USAGE, name,
		    "is no regular file; put one in its place");
	if (fd < 0)
		return err_sys(e, -fd, "open", name);
	rc = fs_fstat(fs, fd, st);
	if (rc == 0 && st->type == FS_FILE)
		return fd;
	fs_close_quietly(fs, &fd);
	return rc < 0 ? err_sys(e, -rc, "look at", name)
		      : err_path(e, ERP_USAGE, name,
			    "is no regular file; put one in its place");
}

/* Where others write, root reads what is theirs, and no second name of what
 * is not. */
static int
check_of_others(
    int dir, const struct fs_stat *file, const char *name, struct err *e)
{
	struct fs_stat st;
	int rc;

	if (!who_is_root())
		return 0;
	if ((rc = fs_fstat(fs_real(), dir, &st)) < 0)
		return err_sys(e, -rc, "look at the folder of", name);
	if (st.uid == who_uid() && (st.mode & 022) == 0)
		return 0;
	if (file->uid == st.uid && file->nlink == 1)
		return 0;
	return err_path(e, ERP_AUTH, name,
	    "lies in a folder that others can write and is not its owner's; "
	    "run this as the owner, not as root");
}

/* The one that counts, open: 1; 0: there is none.  Both descriptors are the
 * caller's to close in any case. */
static int
open_ini(const char *dir, struct search *s, int *root, int *fd, struct err *e)
{
	struct fs_stat st;
	int rc;

	*s = (struct search){.beneath = "", .others = s->others};
	*fd = -ENOENT;
	if ((*root = fs_open_root(fs_real(), dir)) < 0)
		return 0;
	search_ini(root, s);
	if (s->name[0] == '\0')
		return 0;
	if ((*fd = open_file(*root, s->name, &st, e)) < 0)
		return *fd;
	rc = check_of_others(*root, &st, s->name, e);
	return rc != 0 ? rc : 1;
}

int
station_ini_load(const char *dir, char name[NAME_MAX + 1], struct names *others,
    struct station_config *c, struct err *e)
{
	struct search s = {.others = others};
	int root, fd, rc = open_ini(dir, &s, &root, &fd, e);

	memset(c, 0, sizeof(*c));
	if (rc == 1 && (rc = station_config_load(fd, s.name, c, e)) == 0) {
		(void)strlcpy(name, s.name, NAME_MAX + 1);
		rc = 1;
	}
	fs_close_quietly(fs_real(), &fd);
	fs_close_quietly(fs_real(), &root);
	return rc;
}

void
station_ini_salvage(const char *dir, struct station_config *c)
{
	struct search s = {.others = NULL};
	int root, fd, rc = open_ini(dir, &s, &root, &fd, NULL);

	memset(c, 0, sizeof(*c));
	if (rc == 1)
		station_config_salvage(fd, c);
	else
		c->doubt.vague = rc != 0;
	fs_close_quietly(fs_real(), &fd);
	fs_close_quietly(fs_real(), &root);
}

bool
station_ini_is_between(const char *dir)
{
	const struct fs *fs = fs_real();
	struct fs_near own = FS_NEAR;
	int root = fs_open_root(fs, dir);
	struct fs_stat st;
	bool is;

	if (root < 0)
		return false;
	is = fs_stat_near(fs, root, OWN_DIR "/journal", &own, &st) == 0 ||
	    fs_stat_near(fs, root, OWN_DIR "/committed", &own, &st) == 0;
	fs_near_close(fs, &own);
	fs_close_quietly(fs, &root);
	return is;
}

/* What a command is taken from is this user's, and only his to write. */
static bool
is_private(int fd, uint32_t writers)
{
	struct fs_stat st;

	return fs_fstat(fs_real(), fd, &st) == 0 && st.uid == who_uid() &&
	    (st.mode & writers) == 0;
}

/* An open file of .erpsync. */
struct own_file {
	int root, own, fd;
	struct fs_stat st;
};

/* 1, or 0: there is none.  To be closed in any case. */
static int
open_own(const char *dir, const char *path, struct own_file *out, struct err *e)
{
	const struct fs *fs = fs_real();

	*out = (struct own_file){.own = -ENOENT, .fd = -ENOENT};
	if ((out->root = fs_open_root(fs, dir)) < 0 ||
	    (out->own = fs_open(fs, out->root, OWN_DIR, FS_DIRECTORY, 0)) < 0)
		return 0;
	out->fd = open_file(out->root, path, &out->st, e);
	if (out->fd < 0)
		return out->fd == ERP_NOTFOUND ? 0 : out->fd;
	return 1;
}

static void
close_own(struct own_file *f)
{
	fs_close_quietly(fs_real(), &f->fd);
	fs_close_quietly(fs_real(), &f->own);
	fs_close_quietly(fs_real(), &f->root);
}

int
station_ini_own(const char *dir, struct station_config *c, struct err *e)
{
	struct own_file f;
	int rc = open_own(dir, OWN_PATH, &f, e);

	if (rc == 1 && (!is_private(f.own, 022) || !is_private(f.fd, 022)))
		rc = err_path(e, ERP_AUTH, OWN_PATH,
		    "is another user's, or others can write it, and counts "
		    "for nothing; make it and its folder this user's alone");
	else if (rc == 1 &&
	    (rc = station_config_load(f.fd, OWN_PATH, c, e)) == 0)
		rc = 1;
	close_own(&f);
	return rc;
}

bool
station_ini_own_names(const char *dir)
{
	struct station_config c;
	bool names = false;

	if (station_ini_own(dir, &c, NULL) == 1) {
		names = c.server[0] != '\0';
		station_config_release(&c);
	}
	return names;
}

bool
station_ini_path(const char *dir, char path[FS_PATH_BYTES])
{
	struct search s = {.beneath = ""};
	int root = fs_open_root(fs_real(), dir);

	if (root < 0)
		return false;
	search_ini(&root, &s);
	fs_close_quietly(fs_real(), &root);
	(void)snprintf(path, FS_PATH_BYTES, "%s%s%s", s.beneath,
	    s.beneath[0] != '\0' ? "/" : "", s.name);
	return s.name[0] != '\0';
}

static void
warn_of_last(
    enum station_names why, const char *host, unsigned port, struct err *e)
{
	switch (why) {
	case STATION_NAMES_WRONGLY:
		(void)err_set(e, ERP_USAGE,
		    "the installed release brought smartclient.ini like that, "
		    "so the server is %s, port %u, which served this folder "
		    "last (.erpsync/last-server.ini); publish a release that "
		    "has it right, or give --server",
		    host, port);
		break;
	case STATION_NAMES_NONE:
		(void)err_set(e, ERP_USAGE,
		    "no INI file names a server, so it is %s, port %u, which "
		    "served this folder last (.erpsync/last-server.ini); "
		    "write Server= and Port= into [ErpSync] of "
		    "smartclient.ini, or give --server",
		    host, port);
		break;
	case STATION_NAMES_OTHER:
		(void)err_set(e, ERP_USAGE,
		    "no server of updates answers, so it is %s, port %u, which "
		    "served this folder last (.erpsync/last-server.ini); "
		    "publish a smartclient.ini with Server= and Port= of it in "
		    "[ErpSync], or give --server",
		    host, port);
		break;
	}
}

bool
station_ini_last(const char *dir, enum station_names why,
    char host[CONFIG_MAX_HOST + 1], uint16_t *port, struct err *warning)
{
	struct station_config c;
	struct own_file f;
	bool found = false;

	if (open_own(dir, LAST_PATH, &f, NULL) == 1 &&
	    check_of_others(f.own, &f.st, LAST_PATH, NULL) == 0 &&
	    station_config_load(f.fd, LAST_PATH, &c, NULL) == 0) {
		found = c.server[0] != '\0'; /* and so a port */
		if (found) {
			(void)strlcpy(host, c.server, CONFIG_MAX_HOST + 1);
			*port = c.port;
		}
		station_config_release(&c);
	}
	close_own(&f);
	if (found)
		warn_of_last(why, host, *port, warning);
	return found;
}

enum lang
station_ini_lang(const char *dir, const char *option)
{
	struct station_config config;
	char name[NAME_MAX + 1];
	int language;

	(void)station_ini_load(dir, name, NULL, &config, NULL);
	language = (int)config.language;
	station_config_release(&config);
	return lang_choose(option, language, lang_locale());
}

static void
add_names(struct names *out, struct station_config *c)
{
	size_t i;

	for (i = 0; i < c->backup_exclude.n; i++)
		(void)names_add(out, c->backup_exclude.v[i], NULL);
	station_config_release(c);
}

void
station_ini_backup_exclude(const char *dir, struct names *out)
{
	struct station_config config;
	char name[NAME_MAX + 1];

	if (station_ini_load(dir, name, NULL, &config, NULL) == 1)
		add_names(out, &config);
	if (station_ini_own(dir, &config, NULL) == 1)
		add_names(out, &config);
}
