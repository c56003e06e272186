/*
 * What others may know of an open client folder, and two services of it: to
 * wait, and to warn.  The ground of engine/apply; folder_open.c opens it.
 */
#include "engine/apply/folder.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"
#include "engine/base/text.h"
#include "engine/base/who.h"

#include <assert.h>
#include <errno.h>

const struct fs *
folder_fs(const struct folder *f)
{
	return f->fs;
}

const struct crew *
folder_crew(const struct folder *f)
{
	return f->opt.crew;
}

int
folder_dir(const struct folder *f)
{
	return f->dir;
}

int
folder_own_dir(const struct folder *f)
{
	return f->own;
}

const struct folder_state *
folder_state(const struct folder *f)
{
	return &f->state;
}

enum recovery
folder_recovery(const struct folder *f)
{
	return f->recovery;
}

const struct err *
folder_why_look(const struct folder *f)
{
	return f->fell_back ? &f->why : NULL;
}

bool
folder_is_others(const struct folder *f, char shown[FOLDER_USER_BYTES])
{
	char user[FOLDER_USER_BYTES];
	struct fs_stat own;

	/* Some systems have no numbers, and lists of access hide from an
	 * owner, too. */
	if (at_find(f->fs, f->dir, FOLDER_OWN, &own, NULL) != 1 ||
	    own.uid == who_uid())
		return false;
	who_name(own.uid, user, sizeof(user));
	text_escape(shown, FOLDER_USER_BYTES, user);
	return true;
}

/* And who may recover it. */
static int
unfinished(const struct folder *f, struct err *e)
{
	char user[FOLDER_USER_BYTES], where[FOLDER_SHOWN_BYTES];

	text_escape(where, sizeof(where), f->path);
	if (fs_may_change(f->fs, f->dir) == -EROFS)
		return err_set(e, ERP_UNFINISHED,
		    "%s: an update was interrupted, and the disk cannot be "
		    "written; mount it so that it can, and run erpsync recover",
		    where);
	if (folder_is_others(f, user))
		return err_set(e, ERP_UNFINISHED,
		    "%s: an update is running or was interrupted; erpsync "
		    "recover is for the user who updates it (%s)",
		    where, user);
	return err_path(e, ERP_UNFINISHED, f->path,
	    "an update is running or was interrupted; run erpsync recover");
}

int
folder_check_whole(const struct folder *f, struct err *e)
{
	int rc = own_exists(f->fs, f->dir, FOLDER_OWN "/" OWN_JOURNAL, e);

	/* What this user may not look into is not his to doubt, and in what is
	 * mounted there nothing is ours. */
	if (rc < 0 && e != NULL &&
	    (e->sys == EACCES || e->sys == EPERM || e->sys == EXDEV))
		return 0;
	return rc == 1 ? unfinished(f, e) : rc;
}

int
folder_write_shared(const struct folder *f, const char *path,
    const struct buf *b, struct err *e)
{
	struct fs_stat own;
	int rc;

	assert(f->own >= 0);
	if ((rc = at_fstat(f->fs, f->own, FOLDER_OWN, &own, e)) != 0)
		return rc;
	return file_write_shared(f->fs, (struct at){f->own, path},
	    0600 | (own.mode & 0044), buf_data(b), b->len, e);
}

bool
folder_sleep(const struct folder *f, uint32_t ms)
{
	if (f->opt.sleep_ms == NULL)
		return false;
	f->opt.sleep_ms(f->opt.sleep_ctx, ms);
	return true;
}

void
folder_warn(const struct folder *f, const char *path, const char *text)
{
	struct event ev = {.kind = EVENT_WARN, .path = path, .text = text};

	observe(f->opt.obs, &ev);
}

int
folder_asks(const struct folder *f, struct err *e)
{
	return f->may_stop ? observer_asks(f->opt.obs, e) : 0;
}

int
folder_check_removes(struct folder *f, struct err *e)
{
	/* The name is one that recovery clears away. */
	int fd = fs_open(
	    f->fs, f->own, OWN_MODES, FS_WRITE | FS_CREATE_OR_OPEN, AT_PRIVATE);
	const struct at own = {f->dir, FOLDER_OWN};
	bool denied = fd == -EPERM;
	int rc;

	assert(f->own >= 0 && !f->opt.read_only);
	fs_close_quietly(f->fs, &fd);
	/* Closed before: FUSE only renames what is open. */
	rc = fs_unlink(f->fs, f->own, OWN_MODES);
	if ((denied || rc == -EPERM) &&
	    at_fixed(f->fs, &own, FOLDER_OWN, e) != 0)
		return ERP_AUTH;
	if (rc != -EPERM && rc != -EACCES)
		return 0;
	return err_path(e, ERP_AUTH, f->path,
	    "this disk lets nothing be removed, so that each update would "
	    "leave all that it makes; let this user remove files there");
}

int
folder_check_place(const struct folder *f, struct err *e)
{
	struct fs_stat ours, there;
	int fd = fs_open_root(f->fs, f->path);
	bool moved = fd == -ENOENT || fd == -ENOTDIR;

	/* What cannot be told is no reason to do nothing. */
	if (fd >= 0 && fs_fstat(f->fs, f->dir, &ours) == 0 &&
	    fs_fstat(f->fs, fd, &there) == 0)
		moved = ours.dev != there.dev || ours.ino != there.ino;
	if (fd >= 0)
		fs_close_quietly(f->fs, &fd);
	if (!moved)
		return 0;
	return err_path(e, ERP_HELD, f->path,
	    "was removed, moved or replaced meanwhile; start the update again");
}

bool
folder_is_stuck(const struct folder *f)
{
	return f->stuck;
}
