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
	if ((rc = folder_check_torn(f, e)) != 0)
		return rc;
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
		rc = folder_own_odd(-rc, e);
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
		rc = folder_open_own(f, e);
	if (rc == 0)
		rc = folder_lock(f, e);
	if (rc != 0 && rc != ERP_NOMEM && f->opt.or_look) {
		fall_back(f, e);
		return open_to_look(f, e);
	}
	if (rc != 0 || (rc = recover_run(f, e)) != 0)
		return rc;
	rc = folder_state_load(f, OWN_STATE, e);
	if (rc < 0 && is_hidden(e))
		rc = folder_own_shut(f, OWN_STATE, e->sys, e);
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

int
folder_check_user(struct folder *f, struct err *e)
{
	int rc = check_trusted(f, e);

	return rc == 0 && f->opt.read_only ? folder_check_own(f, e) : rc;
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
