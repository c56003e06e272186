/*
 * A client folder for the library's callers: opened (and so recovered) once,
 * then updated (update.c), rolled back, verified, or its backups listed.
 * Everything is done by engine/apply; here only types are changed.
 */
#include "transport/api/api_internal.h"

#include "engine/apply/apply.h"
#include "engine/apply/folder.h"
#include "engine/apply/history.h"
#include "engine/apply/identity.h"
#include "engine/apply/ini_base.h"
#include "engine/apply/system.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/fs.h"
#include "engine/base/fs_file.h"
#include "engine/base/reserved.h"
#include "engine/base/text.h"
#include "engine/ini/ini_file.h"
#include "engine/tree/filter.h"
#include "engine/tree/manifest.h"
#include "transport/net/threads.h"

#include <assert.h>
#include <bsd/string.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a folder has that was updated by us. */
#define CLIENT_MARK FOLDER_OWN "/state"

enum { SHOWN_MAX = 200 };

#define SAME_PLACE(ours, engines)                                              \
	SAME(offsetof(struct erpsync_backup, ours),                            \
	    offsetof(struct history_item, engines))

SAME(ERPSYNC_RECOVERY_NONE, RECOVERY_NONE);
SAME(ERPSYNC_RECOVERY_UNDONE, RECOVERY_UNDONE);
SAME(ERPSYNC_RECOVERY_FINISHED, RECOVERY_FINISHED);
SAME(ERPSYNC_BACKUPS, ROTATE_SLOTS);
SAME(ERPSYNC_BACKUP_GOOD, HISTORY_GOOD);
SAME(ERPSYNC_BACKUP_BAD, HISTORY_BAD);
SAME(ERPSYNC_BACKUP_FOREIGN, HISTORY_FOREIGN);
SAME_PLACE(number, number);
SAME_PLACE(state, health);
SAME_PLACE(date, date);
SAME_PLACE(has_to, has_to);
SAME_PLACE(from, from);
SAME_PLACE(to, to);
SAME_PLACE(from_build, from_build);
SAME_PLACE(to_build, to_build);
SAME_PLACE(files, files);
SAME_PLACE(bytes, bytes);
SAME(sizeof(struct erpsync_history), sizeof(struct history));

static int
ask_health(void *ctx, const struct folder *f, struct err *e)
{
	struct erpsync_folder *folder = ctx;
	struct erpsync_error why;
	int rc;

	(void)f;
	memset(&why, 0, sizeof(why));
	rc = folder->opt.health(folder->opt.health_ctx, folder->path, &why);
	return rc < 0 ? api_take(e, &why, rc) : 0;
}

/* Has somebody said that it is a client folder?  dir: open, or -1. */
static bool
is_marked(int dir)
{
	struct fs_stat st;

	return dir >= 0 && fs_stat(fs_real(), dir, FOLDER_OWN, &st) == 0;
}

/* Of the system, or of a drive of Windows ("C:/"). */
static bool
is_root(const char *real)
{
	return strcmp(real, "/") == 0 ||
	    (real[0] != '\0' && strcmp(real + 1, ":/") == 0);
}

/* A folder as its caller named it. */
struct place {
	const char *path;
	char *real; /* NULL: it cannot be found, which is told when it is
		       opened */
	int dir; /* open, or -1 */
};

/* Does it lead into what is ours: .erpsync, or a backup?  Or to the root of
 * all, as a variable that is empty does? */
static int
refuse_ours(const struct place *p, struct err *e)
{
	const char *name = p->real;
	size_t len;

	if (name != NULL && is_root(name) && !is_marked(p->dir))
		return err_path(e, ERP_USAGE, p->path,
		    "is the root of the whole system; name the client folder, "
		    "or make a folder .erpsync there if it is one");
	for (; name != NULL && *name != '\0';
	     name += len + (name[len] == '/')) {
		len = strcspn(name, "/");
		if ((len == strlen(FOLDER_OWN) &&
			strncmp(name, FOLDER_OWN, len) == 0) ||
		    (len == 14 && strncmp(name, "bkp_remote.00", 13) == 0))
			return err_path(e, ERP_USAGE, p->path,
			    "is erpsync's own or a backup; name the client "
			    "folder itself");
	}
	return 0;
}

/* Is there a client folder in dir, which st tells of?  Its mark is of whoever
 * the folder is of: others could only put it there to be in the way. */
static bool
has_mark(int dir, const char *where, const struct fs_stat *of)
{
	char path[2 * PATH_MAX];
	struct fs_stat st;

	(void)snprintf(path, sizeof(path), "%s/" CLIENT_MARK, where);
	return of->type == FS_DIR && fs_stat(fs_real(), dir, path, &st) == 0 &&
	    st.uid == of->uid;
}

static bool
is_client(const char *folder)
{
	int dir = fs_open_root(fs_real(), folder);
	struct fs_stat of;
	bool is = dir >= 0 && fs_fstat(fs_real(), dir, &of) == 0 &&
	    has_mark(dir, ".", &of);

	fs_close_quietly(fs_real(), &dir);
	return is;
}

/* Cut real down to the client folder that it lies in. */
static bool
find_above(char *real)
{
	const char *above;
	size_t len;

	do {
		len = strlen(real);
		above = dirname(real);
		memmove(real, above, strlen(above) + 1);
		if (strlen(real) < len && is_client(real))
			return true;
	} while (strlen(real) < len);
	return false;
}

/* A client folder that lies in dir. */
static bool
find_beneath(int dir, char *out, size_t cap, struct err *e)
{
	struct names list = {NULL, 0, 0};
	struct fs_stat of;
	bool found = false;
	size_t i;

	(void)names_read(fs_real(), dir, "", &list, e);
	for (i = 0; !found && i < list.n; i++)
		/* Backups are of this folder, whose records were lost. */
		found = !path_is_reserved(list.v[i]) &&
		    fs_stat(fs_real(), dir, list.v[i], &of) == 0 &&
		    has_mark(dir, list.v[i], &of);
	if (found)
		(void)strlcpy(out, list.v[i - 1], cap);
	names_release(&list);
	return found;
}

/* The folder above the client's, or one in it, is a slip: a client in a client
 * is of no use, and all of the folder would go into backups. */
static int
refuse_neighbours(const struct place *p, struct err *e)
{
	char one[SHOWN_MAX], other[SHOWN_MAX], name[NAME_MAX + 1];

	if (p->real == NULL || p->dir < 0 || is_marked(p->dir))
		return 0;
	text_escape(one, sizeof(one), p->path);
	if (find_beneath(p->dir, name, sizeof(name), e)) {
		text_escape(other, sizeof(other), name);
		return err_set(e, ERP_USAGE,
		    "%s holds the client folder %s; name that one, or make a "
		    "folder .erpsync in %s if it is a client's, too",
		    one, other, one);
	}
	if (!find_above(p->real))
		return 0;
	text_escape(other, sizeof(other), p->real);
	return err_set(e, ERP_USAGE,
	    "%s lies in the client folder %s; name that one, or make a "
	    "folder .erpsync in %s if it is a client's, too",
	    one, other, one);
}

/* Is this a place for a client's folder? */
static int
check_place(const struct erpsync_folder *folder, struct err *e)
{
	struct place p = {folder->path, realpath(folder->path, NULL),
	    fs_open_root(fs_real(), folder->path)};
	int rc = refuse_ours(&p, e);

	/* Not whoever would be content to look: a program is to start. */
	if (rc == 0 && !folder->opt.or_read_only)
		rc = refuse_neighbours(&p, e);
	fs_close_quietly(fs_real(), &p.dir);
	free(p.real);
	return rc;
}

static int
open_folder(struct erpsync_folder *folder, struct err *e)
{
	struct folder_options opt = {
	    .fs = fs_real(),
	    .clock = clock_real(),
	    .obs = &folder->obs,
	    .crew = threads_real(),
	    .read_only = folder->opt.read_only,
	    .or_look = folder->opt.or_read_only,
	    .sleep_ms = clock_sleep_ms,
	    .health = folder->opt.health != NULL ? ask_health : NULL,
	    .health_ctx = folder,
	    .backup_exclude = &folder->backup_exclude,
	};
	int rc = api_filter(&folder->backup_exclude, folder->opt.backup_exclude,
	    folder->opt.backup_exclude_n, e);

	if (rc == 0)
		rc = check_place(folder, e);
	if (rc != 0)
		return rc;
	folder->obs = api_observer(&folder->opt.observer);
	return folder_open(folder->path, &opt, &folder->f, e);
}

int
erpsync_folder_open(const char *path, const struct erpsync_folder_options *opt,
    struct erpsync_folder **out, struct erpsync_error *error)
{
	struct erpsync_folder *folder = calloc(1, sizeof(*folder));
	struct err e;
	int rc;

	*out = NULL;
	if (folder == NULL || (folder->path = strdup(path)) == NULL)
		rc = err_nomem(&e);
	else if ((rc = api_options(
		      &folder->opt, sizeof(folder->opt), opt, &e)) == 0)
		rc = open_folder(folder, &e);
	if (rc == 0) {
		*out = folder;
		return 0;
	}
	erpsync_folder_close(folder);
	return api_fail(error, &e);
}

void
erpsync_folder_close(struct erpsync_folder *folder)
{
	if (folder == NULL)
		return;
	folder_close(folder->f);
	filter_release(&folder->backup_exclude);
	free(folder->path);
	free(folder);
}

void
erpsync_folder_info(
    const struct erpsync_folder *folder, struct erpsync_folder_info *out)
{
	const struct folder_state *state = folder_state(folder->f);
	struct erpsync_folder_info info;
	size_t size = out->size;

	memset(&info, 0, sizeof(info));
	info.recovery = (enum erpsync_recovery)folder_recovery(folder->f);
	info.stuck = folder_is_stuck(folder->f);
	info.known = state->known;
	if (state->known) {
		memcpy(info.release, state->release.b, sizeof(info.release));
		(void)strlcpy(
		    info.build, state->manifest.build, sizeof(info.build));
		info.installed_at = state->installed_at;
	}
	if (folder_why_look(folder->f) != NULL)
		(void)api_fail(&info.why_read_only, folder_why_look(folder->f));
	info.needs_person = folder_needs_person(folder->f);
	/* A caller of before gets what he knows. */
	memset(out, 0, size);
	memcpy(out, &info, size < sizeof(info) ? size : sizeof(info));
	out->size = size;
}

int
erpsync_folder_check_whole(
    const struct erpsync_folder *folder, struct erpsync_error *error)
{
	struct err e;
	int rc = folder_check_whole(folder->f, &e);

	return rc != 0 ? api_fail(error, &e) : 0;
}

int
erpsync_folder_check_user(
    const struct erpsync_folder *folder, struct erpsync_error *error)
{
	struct err e;
	int rc = folder_check_user(folder->f, &e);

	return rc != 0 ? api_fail(error, &e) : 0;
}

static const struct entry *
find_installed(const struct erpsync_folder *folder, const char *path)
{
	const struct manifest *m = &folder_state(folder->f)->manifest;
	const struct entry *exact = manifest_find(m, path);
	size_t i;

	if (exact != NULL)
		return exact;
	for (i = 0; i < m->n; i++)
		if (strcasecmp(m->v[i].path, path) == 0)
			return &m->v[i];
	return NULL;
}

bool
erpsync_folder_has(const struct erpsync_folder *folder, const char *path)
{
	return find_installed(folder, path) != NULL;
}

bool
erpsync_folder_is_as_installed(
    const struct erpsync_folder *folder, const char *path)
{
	const struct entry *was = find_installed(folder, path);
	struct identity now;
	struct hash target;

	if (was == NULL ||
	    identity_read(folder_fs(folder->f), folder_dir(folder->f), path,
		true, &now, NULL) != 0)
		return false;
	switch (was->type) {
	case ENTRY_FILE:
		return now.type == FS_FILE && was->content.known &&
		    hash_equal(&was->content.hash, &now.content.hash);
	case ENTRY_SYMLINK:
		return now.type == FS_SYMLINK &&
		    hash_bytes(
			was->target, strlen(was->target), &target, NULL) == 0 &&
		    hash_equal(&target, &now.content.hash);
	case ENTRY_DIR:
		return now.type == FS_DIR;
	}
	return false;
}

void *
erpsync_folder_ini_base(
    const struct erpsync_folder *folder, const char *path, size_t *len)
{
	const struct entry *was = find_installed(folder, path);
	void *bytes = NULL;
	struct buf base;
	int rc = 0;

	buf_init(&base, INI_FILE_BYTES);
	if (was != NULL && was->content.known)
		rc = ini_base_find(folder->f, &was->content.hash, &base, NULL);
	if (rc == 0)
		rc = ini_base_brought(folder->f, path, &base, NULL);
	if (rc == 1 && base.len > 0 && (bytes = malloc(base.len)) != NULL) {
		memcpy(bytes, buf_data(&base), base.len);
		*len = base.len;
	}
	buf_release(&base);
	return bytes;
}

int
erpsync_folder_system(const struct erpsync_folder *folder)
{
	int os = system_of_folder(folder->f);

	return os == SYSTEM_SEVERAL ? ERPSYNC_OS_SEVERAL
	    : os == SYSTEM_UNKNOWN  ? ERPSYNC_OS_UNKNOWN
				    : os;
}

int
erpsync_rollback(struct erpsync_folder *folder, int number, bool all,
    struct erpsync_error *error)
{
	const struct rollback_options opt = {.number = number, .all = all};
	struct err e;
	int rc = apply_rollback_with(folder->f, &opt, &e);

	return rc < 0 ? api_fail(error, &e) : rc;
}

int
erpsync_verify(struct erpsync_folder *folder, const char *const *exclude,
    size_t n, erpsync_finding_fn *found, void *ctx, struct erpsync_error *error)
{
	struct filter filter;
	struct err e;
	int rc = api_filter(&filter, exclude, n, &e);

	if (rc == 0)
		rc = apply_verify(folder->f, &filter, found, ctx, &e);
	filter_release(&filter);
	return rc < 0 ? api_fail(error, &e) : rc;
}

int
erpsync_history(struct erpsync_folder *folder, erpsync_finding_fn *found,
    void *ctx, struct erpsync_history *out, struct erpsync_error *error)
{
	struct history history;
	struct err e;
	int bad = history_read(folder->f, found, ctx, &history, &e);

	memset(out, 0, sizeof(*out));
	if (bad < 0)
		return api_fail(error, &e);
	memcpy(out, &history, sizeof(*out));
	return bad;
}

int
erpsync_recover(const char *path, struct erpsync_error *error)
{
	struct erpsync_folder *folder;
	int rc = erpsync_folder_open(path, NULL, &folder, error);

	if (rc != 0)
		return rc;
	rc = (int)folder_recovery(folder->f);
	erpsync_folder_close(folder);
	return rc;
}
