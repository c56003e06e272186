/*
 * .erpsync, and what is in it: is it this user's alone, and can he use it?  One
 * judge for who updates and for who only looks; below folder_open.c.
 */
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/text.h"
#include "engine/base/who.h"

#include <assert.h>
#include <errno.h>

enum {
	/* What others may be allowed in .erpsync, if they are in the folder. */
	SHARED_MODE = 0055,
	OTHERS_WRITE = 0022,
	OWNER_ALL = 0700,
	OWNER_READS = 0400,
	OWNER_WRITES = 0600
};

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

/* Is it this user's, and its mode keeps him out? */
static bool
is_shut(const struct fs_stat *st, uint32_t needed)
{
	return st->uid == who_uid() && (st->mode & needed) != needed;
}

/* Can neither user update the folder?  Where others may write in it, the one of
 * .erpsync can, unless he is root. */
static bool
is_torn(const struct fs_stat *dir, const struct fs_stat *own)
{
	return dir->uid != own->uid &&
	    ((dir->mode & OTHERS_WRITE) == 0 || own->uid == 0);
}

/* Is it this user who updates it, or would, as far as its owners tell? */
static bool
is_ours(const struct folder *f)
{
	struct fs_stat dir, own;
	bool opens;
	int fd;

	if (fs_fstat(f->fs, f->dir, &dir) != 0)
		return false;
	/* Where the numbers of users do not tell, only what opens is ours. */
	if (at_find(f->fs, f->dir, FOLDER_OWN, &own, NULL) != 1)
		return (dir.uid == who_uid() && who_is_root()) ||
		    is_shut(&dir, OWNER_ALL);
	fd = fs_open(f->fs, f->dir, FOLDER_OWN, FS_DIRECTORY | FS_MINE, 0);
	opens = fd >= 0 && own.uid == who_uid();
	fs_close_quietly(f->fs, &fd);
	return opens || is_shut(&own, OWNER_ALL) ||
	    (is_torn(&dir, &own) && dir.uid == who_uid());
}

bool
folder_needs_person(const struct folder *f)
{
	/* A disk that cannot be written has its reasons. */
	return f->fell_back && f->why.code == ERP_AUTH && f->why.sys != EROFS &&
	    is_ours(f);
}

int
folder_check_torn(const struct folder *f, struct err *e)
{
	char where[FOLDER_SHOWN_BYTES], user[2][FOLDER_USER_BYTES];
	char shown[2][FOLDER_USER_BYTES];
	struct fs_stat dir, own;

	if (fs_fstat(f->fs, f->dir, &dir) != 0 ||
	    at_find(f->fs, f->dir, FOLDER_OWN, &own, NULL) != 1 ||
	    !is_torn(&dir, &own))
		return 0;
	who_name(dir.uid, user[0], sizeof(user[0]));
	who_name(own.uid, user[1], sizeof(user[1]));
	text_escape(shown[0], sizeof(shown[0]), user[0]);
	text_escape(shown[1], sizeof(shown[1]), user[1]);
	text_escape(where, sizeof(where), f->path);
	return err_set(e, ERP_AUTH,
	    "%s: is of one user (%s), and .erpsync in it of another (%s), so "
	    "that neither can update it; give all of it to the one who is to "
	    "(chown -R)",
	    where, shown[0], shown[1]);
}

int
folder_not_this_user(const struct folder *f, struct err *e)
{
	char user[FOLDER_USER_BYTES], where[FOLDER_SHOWN_BYTES];
	int rc = folder_check_torn(f, e);

	if (rc != 0)
		return rc;
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

static int
shut(const char *path, struct err *e)
{
	return err_path(e, ERP_AUTH, path,
	    "is of this user, and its mode keeps him out; give him his rights "
	    "in it (chmod u+rwX)");
}

/* It did not open, because of sys. */
static int
not_entered(struct folder *f, bool made, int sys, struct err *e)
{
	struct fs_stat st;

	if (sys != EACCES)
		return folder_own_odd(sys, e);
	if (at_find(f->fs, f->dir, FOLDER_OWN, &st, NULL) == 1 &&
	    is_shut(&st, OWNER_READS))
		return shut(FOLDER_OWN, e);
	return not_of_this_user(f, made, e);
}

/* Open .erpsync, which was made just now or lay there, of st, and see that only
 * this user writes there. */
static int
open_ours(struct folder *f, bool made, struct fs_stat *st, struct err *e)
{
	int rc = fs_open(f->fs, f->dir, FOLDER_OWN, FS_DIRECTORY | FS_MINE, 0);

	assert(f->own < 0);
	if (rc < 0)
		return not_entered(f, made, -rc, e);
	f->own = rc;
	if ((rc = at_fstat(f->fs, f->own, FOLDER_OWN, st, e)) != 0)
		return rc;
	/* Whoever owns it could have planted a journal for us to follow. */
	if (st->uid != who_uid())
		return not_of_this_user(f, made, e);
	if (!made && (st->mode & OTHERS_WRITE) != 0 && has_modes(f))
		return not_private(e);
	return 0;
}

int
folder_open_own(struct folder *f, struct err *e)
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
	if ((rc = open_ours(f, made, &st, e)) != 0 ||
	    (rc = share_own(f, &above, &st, e)) != 0)
		return rc;
	return drop_strange(f, e);
}

int
folder_own_odd(int sys, struct err *e)
{
	if (sys == ENOTDIR || sys == ELOOP)
		return err_path(e, ERP_BLOCKED, FOLDER_OWN,
		    "is not a folder; move it away");
	if (sys == EXDEV)
		return err_path(e, ERP_BLOCKED, FOLDER_OWN,
		    "another file system is mounted here; unmount it");
	return err_sys(e, sys, "open", FOLDER_OWN);
}

int
folder_own_shut(
    const struct folder *f, const char *name, int sys, struct err *e)
{
	char path[OWN_PATH_BYTES], user[FOLDER_USER_BYTES];
	char shown[FOLDER_USER_BYTES];
	const struct at it = {f->own, name};
	struct fs_stat st;
	int rc;

	if ((rc = own_join(path, FOLDER_OWN, name, e)) != 0 ||
	    (sys == EPERM && (rc = at_fixed(f->fs, &it, path, e)) != 0))
		return rc;
	if ((sys != EACCES && sys != EPERM) ||
	    at_find(f->fs, f->own, name, &st, NULL) != 1 ||
	    (st.uid == who_uid() && !is_shut(&st, OWNER_WRITES)))
		return err_sys(e, sys, "open", path);
	if (st.uid == who_uid())
		return shut(path, e);
	who_name(st.uid, user, sizeof(user));
	text_escape(shown, sizeof(shown), user);
	return err_set(e, ERP_AUTH,
	    "%s: is of another user (%s); give all of the client folder to "
	    "the one who is to update it (chown -R)",
	    path, shown);
}

/* What another user left in our .erpsync, as root who copied it back does:
 * the state cannot be read then, or nothing be received. */
static int
check_opens(const struct folder *f, struct err *e)
{
	int state = fs_open(f->fs, f->own, OWN_STATE, FS_READ, 0);
	int recv = fs_open(f->fs, f->own, OWN_RECV, FS_DIRECTORY, 0), rc = 0;

	if (state == -EACCES)
		rc = folder_own_shut(f, OWN_STATE, EACCES, e);
	else if (recv == -EACCES)
		rc = folder_own_shut(f, OWN_RECV, EACCES, e);
	else if (recv >= 0 && fs_may_change(f->fs, recv) == -EACCES)
		rc = at_not_writable(EACCES, FOLDER_OWN "/" OWN_RECV, e);
	fs_close_quietly(f->fs, &recv);
	fs_close_quietly(f->fs, &state);
	return rc;
}

int
folder_check_own(struct folder *f, struct err *e)
{
	int looked = f->own, rc;
	struct fs_stat st;

	assert(f->opt.read_only);
	if ((rc = at_find(f->fs, f->dir, FOLDER_OWN, &st, e)) <= 0)
		return rc;
	/* As an update opens it, which is not how it was opened to look. */
	f->own = -1;
	rc = open_ours(f, false, &st, e);
	/* What its own mode keeps from him, an update gives him back. */
	if (rc == 0 && !is_shut(&st, OWNER_ALL))
		rc = check_opens(f, e);
	fs_close_quietly(f->fs, &f->own);
	f->own = looked;
	return rc;
}
