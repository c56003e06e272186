/*
 * A client folder comes under one updater: opened, checked (whose it is, and
 * what root may touch), locked, recovered.
 * It stands above recovery, as the first step of every command; all others
 * work on the folder that it hands out.
 */
#include "engine/apply/backup_before.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/folder_state.h"
#include "engine/apply/journal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/recover.h"
#include "engine/apply/space.h"
#include "engine/apply/trust.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/text.h"
#include "engine/base/who.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What others may be allowed in .erpsync, if they are in the folder. */
enum { SHARED_MODE = 0055 };

/* As root in a folder others can write, every name could be a trap. */
static int
check_owner(const struct folder *f, struct err *e)
{
	struct fs_stat st;
	int rc = at_fstat(f->fs, f->dir, f->path, &st, e);

	if (rc != 0)
		return rc;
	if (!who_is_root() || (st.uid == 0 && (st.mode & 022) == 0))
		return 0;
	/* What is root's already nobody else has to update; but some disks let
	 * all do all. */
	if (st.uid == 0)
		return err_path(e, ERP_AUTH, f->path,
		    "can be changed by other users; take that right from them "
		    "(chmod go-w), or, where the disk keeps no such rights, "
		    "mount it so that it is of who updates (uid=, umask=022)");
	return err_path(e, ERP_AUTH, f->path,
	    "belongs to another user or can be written by others; run the "
	    "update as its owner, not as root");
}

/* Does this disk keep who may do what?  Some show the same rights of every
 * file, whatever is asked for. */
static bool
has_modes(struct folder *f)
{
	struct fs_stat st;
	bool has;
	int fd;

	/* The name is one that recovery clears away. */
	(void)fs_unlink(f->fs, f->own, OWN_MODES);
	fd = fs_open(f->fs, f->own, OWN_MODES, FS_WRITE | FS_CREATE, 0600);
	has = fd < 0 || fs_fstat(f->fs, fd, &st) < 0 || (st.mode & 077) == 0;
	fs_close_quietly(f->fs, &fd);
	(void)fs_unlink(f->fs, f->own, OWN_MODES);
	return has;
}

/* Who may read the folder may read in .erpsync, of which st is told: also by
 * the folder's group, to which then belongs what is made there. */
static int
share_own(struct folder *f, const struct fs_stat *above,
    const struct fs_stat *st, struct err *e)
{
	uint32_t mode = 0700 | (above->mode & SHARED_MODE), gid = st->gid;
	int rc = 0;

	if (gid != above->gid &&
	    fs_fchown(f->fs, f->own, FS_AS_IT_IS, above->gid) == 0)
		gid = above->gid;
	if (gid == above->gid && gid != who_gid())
		mode |= FOLDER_SET_GID;
	/* Not where it was made so: who is not in the group could not set the
	 * bit again. */
	if ((st->mode & (FOLDER_SET_GID | 0777)) != mode)
		rc = fs_fchmod(f->fs, f->own, mode);
	return rc < 0 ? err_sys(e, -rc, "make private", FOLDER_OWN) : 0;
}

/* What has the name of .erpsync and is no folder of ours to open. */
static int
not_ours(int sys, struct err *e)
{
	if (sys == ENOTDIR || sys == ELOOP)
		return err_path(e, ERP_BLOCKED, FOLDER_OWN,
		    "is not a folder; move it away");
	if (sys == EXDEV)
		return err_path(e, ERP_BLOCKED, FOLDER_OWN,
		    "another file system is mounted here; unmount it");
	return err_sys(e, sys, "open", FOLDER_OWN);
}

/*
 * What has the name of a file of ours and is none, as a tool that copied or
 * repaired the disk may leave it, would stop every update.  The state and
 * what a transaction needs are not touched: they stop for a person.
 */
static int
drop_strange(struct folder *f, struct err *e)
{
	static const struct {
		const char *name;
		enum fs_type type;
	} ours[] = {{OWN_LOCK, FS_FILE}, {OWN_HELD, FS_FILE},
	    {OWN_REFUSED, FS_FILE}, {OWN_UNCHECKED, FS_FILE},
	    {OWN_ROTATING, FS_FILE}, {OWN_POLICY, FS_FILE}, {OWN_INI, FS_DIR},
	    {OWN_RECV, FS_DIR}, {OWN_FETCHED, FS_FILE}, {OWN_LAST, FS_FILE},
	    {OWN_SPARE, FS_DIR}, {OWN_TICKET, FS_FILE}};
	struct fs_stat st;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < sizeof(ours) / sizeof(ours[0]); i++)
		if (at_find(f->fs, f->own, ours[i].name, &st, NULL) == 1 &&
		    st.type != ours[i].type && !st.mounted)
			rc = tree_remove(f->fs, f->own, ours[i].name, e);
	return rc;
}

int
folder_not_this_user(const struct folder *f, struct err *e)
{
	char user[FOLDER_USER_BYTES], where[FOLDER_SHOWN_BYTES];

	if (!folder_is_others(f, user))
		return err_path(e, ERP_AUTH, f->path,
		    "is kept up to date by another user; run the update as "
		    "that user");
	text_escape(where, sizeof(where), f->path);
	return err_set(e, ERP_AUTH,
	    "%s: is kept up to date by another user (%s); run the update as "
	    "that user",
	    where, user);
}

/* It is of another user: since when?  Nothing stays of a refusal. */
static int
not_of_this_user(struct folder *f, bool made, struct err *e)
{
	char user[FOLDER_USER_BYTES] = "?", where[FOLDER_SHOWN_BYTES];

	if (!made)
		return folder_not_this_user(f, e);
	(void)folder_is_others(f, user);
	fs_close_quietly(f->fs, &f->own);
	(void)fs_rmdir(f->fs, f->dir, FOLDER_OWN);
	text_escape(where, sizeof(where), f->path);
	return err_set(e, ERP_AUTH,
	    "%s: the disk gives what is made on it to another user (%s); mount "
	    "it so that it is of who updates (uid=, umask=022)",
	    where, user);
}

static int
not_private(struct err *e)
{
	return err_path(e, ERP_AUTH, FOLDER_OWN,
	    "can be written by other users, so what it holds cannot be "
	    "believed; remove it, or give it mode 700 if you know that nobody "
	    "did");
}

/* Make .erpsync if it is missing, open it and see that only we write there. */
static int
open_own(struct folder *f, struct err *e)
{
	struct fs_stat above, st;
	bool made;
	int rc = at_fstat(f->fs, f->dir, f->path, &above, e);

	assert(f->dir >= 0 && f->own < 0);
	if (rc != 0)
		return rc;
	rc = fs_mkdir(
	    f->fs, f->dir, FOLDER_OWN, 0700 | (above.mode & SHARED_MODE));
	made = rc == 0;
	if (rc == -EACCES || rc == -EPERM || rc == -EROFS || rc == -ENOKEY)
		return at_not_writable(-rc, f->path, e);
	if (rc < 0 && rc != -EEXIST)
		return err_sys(e, -rc, "create folder", FOLDER_OWN);
	f->own = fs_open(f->fs, f->dir, FOLDER_OWN, FS_DIRECTORY | FS_MINE, 0);
	if (f->own < 0) {
		rc = f->own;
		f->own = -1;
		if (rc == -EACCES)
			return not_of_this_user(f, made, e);
		return not_ours(-rc, e);
	}
	if ((rc = at_fstat(f->fs, f->own, FOLDER_OWN, &st, e)) != 0)
		return rc;
	/* Whoever owns it could have planted a journal for us to follow. */
	if (st.uid != who_uid())
		return not_of_this_user(f, made, e);
	if (!made && (st.mode & 022) != 0 && has_modes(f))
		return not_private(e);
	rc = share_own(f, &above, &st, e);
	return rc != 0 ? rc : drop_strange(f, e);
}

/* No right to look into what is ours means that nothing is known of it. */
static bool
is_hidden(const struct err *e)
{
	return e != NULL && (e->sys == EACCES || e->sys == EPERM);
}

/*
 * The state of a folder whose update is committed and not finished: the next
 * one, where it still waits.
 */
static int
read_next_state(struct folder *f, struct err *e)
{
	char path[OWN_PATH_BYTES];
	struct tx_names names;
	struct journal j;
	int rc = journal_read(f->fs, f->own, OWN_COMMITTED, &j, e);

	if (rc == ERP_NOTFOUND) /* finished meanwhile */
		return folder_state_load(f, OWN_STATE, e);
	if (rc != 0)
		return rc;
	tx_names_of(j.tx, &names);
	if ((rc = own_join(path, names.tmp, OWN_STATE, e)) == 0 &&
	    j.has_state && (rc = own_exists(f->fs, f->own, path, e)) >= 0)
		rc = folder_state_load(f, rc == 1 ? path : OWN_STATE, e);
	journal_release(&j);
	return rc;
}

static int
read_to_look(struct folder *f, struct err *e)
{
	int rc = own_exists(f->fs, f->own, OWN_COMMITTED, e);

	if (rc == 1)
		return read_next_state(f, e);
	if (rc == 0)
		rc = folder_state_load(f, OWN_STATE, e);
	if (rc == 0 || rc == ERP_NOMEM || !f->fell_back)
		return rc;
	/* Nothing is unfinished, so what is there can be used; only which
	 * release it was is not known. */
	folder_state_clear(f);
	return 0;
}

/* A folder that is only looked at must be of one release. */
static int
open_to_look(struct folder *f, struct err *e)
{
	int rc;

	assert(f->dir >= 0 && f->own < 0);
	f->own = fs_open(f->fs, f->dir, FOLDER_OWN, FS_DIRECTORY, 0);
	if (f->own < 0) {
		rc = f->own;
		f->own = -1;
		if (rc == -ENOENT || rc == -EACCES)
			return 0;
		rc = not_ours(-rc, e);
		return rc == ERP_BLOCKED && f->fell_back ? 0 : rc;
	}
	if ((rc = folder_check_whole(f, e)) == 0)
		rc = read_to_look(f, e);
	if (rc < 0 && is_hidden(e)) {
		fs_close_quietly(f->fs, &f->own);
		return 0;
	}
	return rc;
}

/* From here on only looked at, because of e. */
static void
fall_back(struct folder *f, const struct err *e)
{
	f->why = *e;
	f->fell_back = f->opt.read_only = true;
	/* None of it is of use to whoever only looks. */
	fs_close_quietly(f->fs, &f->lock);
	fs_close_quietly(f->fs, &f->own);
}

/* Under our lock, and of one release. */
static int
open_to_update(struct folder *f, struct err *e)
{
	int rc = check_owner(f, e);

	if (rc == 0)
		rc = open_own(f, e);
	if (rc == 0)
		rc = folder_lock(f, e);
	if (rc != 0 && rc != ERP_NOMEM && f->opt.or_look) {
		fall_back(f, e);
		return open_to_look(f, e);
	}
	if (rc != 0 || (rc = recover_run(f, e)) != 0)
		return rc;
	rc = folder_state_load(f, OWN_STATE, e);
	if (rc == 0 || rc == ERP_NOMEM || !f->opt.or_look)
		return rc;
	fall_back(f, e);
	folder_state_clear(f);
	return open_to_look(f, e);
}

static int
not_trusted(const char *where, struct err *e)
{
	return err_path(e, ERP_AUTH, where,
	    "can be changed by other users, and with it the folder to update; "
	    "make it root's, and root's alone to write (chown root, chmod "
	    "go-w; where the disk keeps no such rights, mount it with uid=, "
	    "umask=022), or, if the folder is another user's, run the update "
	    "as that user");
}

/* Open the client folder; root changes one only where no other user could
 * have put it into the place of the one that was meant. */
static int
open_dir(struct folder *f, struct err *e)
{
	char where[FS_PATH_BYTES] = "";
	int rc = f->opt.read_only || !who_is_root()
	    ? fs_open_root(f->fs, f->path)
	    : fs_open_trusted(f->fs, f->path, where, sizeof(where));

	assert(f->dir < 0);
	if (rc >= 0) {
		f->dir = rc;
		return 0;
	}
	if (where[0] == '\0')
		return err_sys(e, -rc, "open folder", f->path);
	rc = not_trusted(where, e);
	if (!f->opt.or_look)
		return rc;
	fall_back(f, e);
	return open_dir(f, e);
}

/* The same of what is open already: would root open it to update it? */
static int
check_trusted(struct folder *f, struct err *e)
{
	char where[FS_PATH_BYTES] = "";
	int fd;

	if (!who_is_root())
		return 0;
	fd = fs_open_trusted(f->fs, f->path, where, sizeof(where));
	fs_close_quietly(f->fs, &fd);
	return where[0] != '\0' ? not_trusted(where, e) : check_owner(f, e);
}

/* What another user left in our .erpsync, as root who copied it back does:
 * the state cannot be read then, or nothing be received. */
static int
check_opens(const struct folder *f, struct err *e)
{
	int own = fs_open(f->fs, f->dir, FOLDER_OWN, FS_DIRECTORY, 0);
	int state = -1, recv = -1, rc = 0;

	if (own >= 0) {
		state = fs_open(f->fs, own, OWN_STATE, FS_READ, 0);
		recv = fs_open(f->fs, own, OWN_RECV, FS_DIRECTORY, 0);
	}
	if (state == -EACCES)
		rc = err_sys(e, EACCES, "open", FOLDER_OWN "/" OWN_STATE);
	else if (recv == -EACCES)
		rc = err_sys(e, EACCES, "open", FOLDER_OWN "/" OWN_RECV);
	else if (recv >= 0 && fs_may_change(f->fs, recv) == -EACCES)
		rc = at_not_writable(EACCES, FOLDER_OWN "/" OWN_RECV, e);
	fs_close_quietly(f->fs, &recv);
	fs_close_quietly(f->fs, &state);
	fs_close_quietly(f->fs, &own);
	return rc;
}

int
folder_check_user(struct folder *f, struct err *e)
{
	struct fs_stat own, lock;
	int rc = check_trusted(f, e);

	if (rc != 0 || (rc = at_find(f->fs, f->dir, FOLDER_OWN, &own, e)) <= 0)
		return rc;
	if (own.uid != who_uid())
		return folder_not_this_user(f, e);
	if ((rc = check_opens(f, e)) != 0)
		return rc;
	/* The lock was made private; it is so where the disk has modes. */
	if ((own.mode & 022) == 0 || f->own < 0 ||
	    at_find(f->fs, f->own, OWN_LOCK, &lock, NULL) != 1)
		return 0;
	return (lock.mode & 077) == 0 ? not_private(e) : 0;
}

static int
open_steps(struct folder *f, struct err *e)
{
	int rc;

	if ((rc = open_dir(f, e)) != 0)
		return rc;
	return f->opt.read_only ? open_to_look(f, e) : open_to_update(f, e);
}

int
folder_open(const char *path, const struct folder_options *opt,
    struct folder **out, struct err *e)
{
	struct folder *f = calloc(1, sizeof(*f));
	int rc;

	*out = NULL;
	if (f == NULL)
		return err_nomem(e);
	f->opt = *opt;
	f->fs = opt->fs;
	f->dir = f->own = f->lock = f->space = -1;
	folder_state_clear(f);
	if ((f->path = strdup(path)) == NULL)
		rc = err_nomem(e);
	else
		rc = open_steps(f, e);
	if (rc != 0)
		folder_close(f);
	else
		*out = f;
	return rc;
}

void
folder_close(struct folder *f)
{
	if (f == NULL)
		return;
	trust_free(f);
	folder_state_clear(f);
	backup_before_note(f, NULL);
	names_release(&f->told);
	space_drop(f);
	fs_close_quietly(f->fs, &f->lock);
	fs_close_quietly(f->fs, &f->own);
	fs_close_quietly(f->fs, &f->dir);
	free(f->path);
	free(f);
}
