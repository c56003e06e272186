/*
 * What an update needs where another program has something open, and the
 * small steps that all trials share.  Part of fs_probe.c.
 */
#include "engine/base/fs_probe_internal.h"

#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/fs_probe.h"

#include <errno.h>
#include <string.h>

enum { TEXT_MAX = 64 };

int
trial_put(
    const struct trial *t, const char *path, const char *text, struct err *e)
{
	int fd = at_create(t->fs, t->dir, path, e), rc;

	if (fd < 0)
		return fd;
	rc = fs_pwrite(t->fs, fd, text, strlen(text), 0);
	(void)fs_close(t->fs, fd);
	return rc == 0 ? 0 : err_sys(e, -rc, "write", path);
}

int
trial_has(
    const struct trial *t, const char *path, const char *text, struct err *e)
{
	char got[TEXT_MAX];
	int64_t n;
	int fd = at_open(t->fs, t->dir, path, FS_READ, e);

	if (fd < 0)
		return fd;
	n = fs_pread(t->fs, fd, got, sizeof(got), 0);
	(void)fs_close(t->fs, fd);
	if (n < 0)
		return err_sys(e, (int)-n, "read", path);
	if ((size_t)n == strlen(text) && memcmp(got, text, (size_t)n) == 0)
		return 0;
	return err_path(e, ERP_IO, path, "has another content");
}

int
trial_gone(const struct trial *t, const char *path, struct err *e)
{
	struct fs_stat st;
	int rc = fs_stat(t->fs, t->dir, path, &st);

	return rc == -ENOENT ? 0 : err_path(e, ERP_IO, path, "is still there");
}

int
trial_mode(
    const struct trial *t, const char *path, uint32_t mode, struct err *e)
{
	int fd = at_open(t->fs, t->dir, path, FS_READ, e), rc;

	if (fd < 0)
		return fd;
	rc = fs_fchmod(t->fs, fd, mode);
	(void)fs_close(t->fs, fd);
	return rc == 0 ? 0 : err_sys(e, -rc, "set mode of", path);
}

int
trial_put_in_place(
    const struct trial *t, const char *from, const char *to, struct err *e)
{
	int rc = fs_rename(t->fs, t->dir, from, t->dir, to, true);

	if (rc == 0)
		return 0;
	if (rc != -ETXTBSY)
		return err_sys(e, -rc, "put in place", to);
	if ((rc = at_rename(t->fs, t->dir, to, "aside", e)) != 0 ||
	    (rc = at_rename(t->fs, t->dir, from, to, e)) != 0)
		return rc;
	return err_set(e, TRIAL_OTHERWISE, "moved aside first");
}

/* 0 when the other program runs. */
static int
begin(const struct trial *t, struct err *e)
{
	struct err why;

	if (t->friend == NULL)
		return err_set(e, TRIAL_UNTRIED, "it takes another program");
	if (trial_put(t, "lock", "", e) != 0 ||
	    trial_put(t, "held", "held", e) != 0)
		return e->code;
	if (t->friend->start(t->friend->ctx, t->dir, &why) == 0)
		return 0;
	*e = why;
	return TRIAL_UNTRIED;
}

static void
end(const struct trial *t)
{
	t->friend->end(t->friend->ctx);
}

int
trial_lock(const struct trial *t, struct err *e)
{
	int rc = begin(t, e), fd;

	if (rc != 0)
		return rc;
	if ((fd = at_open(t->fs, t->dir, "lock", FS_WRITE, e)) < 0)
		rc = fd;
	else if (fs_is_locked(t->fs, fd) != 1 || fs_lock(t->fs, fd) != -EAGAIN)
		rc = err_set(e, ERP_IO,
		    "two programs have the same lock; no update here is safe");
	end(t);
	if (rc == 0 && (rc = fs_lock(t->fs, fd)) != 0)
		rc = at_failed(rc, "lock", "lock", e);
	fs_close_quietly(t->fs, &fd);
	return rc;
}

/* As the transaction does: a backup, flushed, then the new one; and what was
 * moved aside goes when the program has ended. */
int
trial_program(const struct trial *t, struct err *e)
{
	static const char program[] = "program.exe";
	int rc = begin(t, e), how;
	struct err later;

	if (rc != 0)
		return rc;
	rc = fs_link(t->fs, t->dir, program, t->dir, "backup");
	if (rc == 0)
		how = at_sync(t->fs, t->dir, "backup", FS_READ, e);
	else
		how = file_link_is_refused(rc)
		    ? 0
		    : at_failed(rc, "link", program, e);
	if (how == 0 && (how = trial_put(t, "new", "new", e)) == 0)
		how = trial_put_in_place(t, "new", program, e);
	if (how >= 0 && (rc = trial_has(t, program, "new", &later)) < 0) {
		*e = later;
		how = rc;
	}
	end(t);
	if (how == TRIAL_OTHERWISE &&
	    (rc = at_unlink(t->fs, t->dir, "aside", &later)) < 0) {
		*e = later;
		how = rc;
	}
	return how;
}

/* Where a file can be held, no update may change a thing then. */
int
trial_held(const struct trial *t, struct err *e)
{
	int rc = begin(t, e), how;
	char who[TEXT_MAX];

	if (rc != 0)
		return rc;
	if ((how = trial_put(t, "new", "new", e)) == 0) {
		rc = fs_rename(t->fs, t->dir, "new", t->dir, "held", true);
		if (rc == 0)
			how = err_set(e, 0, "nothing is held here");
		else if (rc != -EACCES && rc != -EBUSY)
			how = at_failed(rc, "put in place", "held", e);
		else if (fs_holder(t->fs, t->dir, "held", who, sizeof(who)) > 0)
			how = err_set(e, TRIAL_OTHERWISE,
			    "the update ends and names %s, nothing is changed",
			    who);
		else
			how = err_set(e, TRIAL_OTHERWISE,
			    "the update ends, nothing is changed");
	}
	end(t);
	if (how == TRIAL_OTHERWISE &&
	    (rc = trial_has(t, "held", "held", e)) < 0)
		return rc;
	return how;
}
