/*
 * One updater for a folder.  The OFD lock decides and ends with its process;
 * the text in the file only tells others who holds it, so it may be stale.
 */
#include "engine/apply/folder_internal.h"

#include "engine/apply/own_names.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "engine/base/who.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HOLDER_BYTES = 200 };

static void
describe_self(char out[HOLDER_BYTES])
{
	char user[61], host[61];

	who_user(user, sizeof(user));
	who_host(host, sizeof(host));
	(void)snprintf(out, HOLDER_BYTES, "pid %ld, user %s, host %s",
	    (long)getpid(), user, host[0] == '\0' ? "?" : host);
}

static int
busy(struct folder *f, int lock, struct err *e)
{
	char raw[HOLDER_BYTES], shown[HOLDER_BYTES], where[HOLDER_BYTES];
	int64_t n = fs_pread(f->fs, lock, raw, sizeof(raw) - 1, 0);

	raw[n > 0 ? n : 0] = '\0';
	text_escape(shown, sizeof(shown), raw[0] == '\0' ? "unknown" : raw);
	text_escape(where, sizeof(where), f->path);
	return err_set(e, ERP_HELD,
	    "another update is running in %s (%s); wait for it to end", where,
	    shown);
}

static int
not_opened(const struct folder *f, int sys, struct err *e)
{
	const struct at own = {f->dir, FOLDER_OWN};
	int rc = sys == EPERM ? at_fixed(f->fs, &own, FOLDER_OWN, e) : 0;

	return rc != 0 ? rc : folder_own_shut(f, OWN_LOCK, sys, e);
}

int
folder_lock(struct folder *f, struct err *e)
{
	char holder[HOLDER_BYTES];
	int rc;

	assert(f->own >= 0 && f->lock < 0);
	rc = fs_open(
	    f->fs, f->own, OWN_LOCK, FS_WRITE | FS_CREATE_OR_OPEN, 0600);
	if (rc < 0)
		return not_opened(f, -rc, e);
	f->lock = rc;
	rc = fs_lock(f->fs, f->lock);
	if (rc == -EAGAIN)
		return busy(f, f->lock, e);
	if (rc == -ENOLCK || rc == -EOPNOTSUPP || rc == -ENOSYS)
		return err_path(e, ERP_BLOCKED, f->path,
		    "this disk has no locks, so that two updates could meet; "
		    "if it is NFS, start its lock service (rpc.statd) or mount "
		    "it with local_lock=all");
	if (rc < 0)
		return err_sys(e, -rc, "lock", ".erpsync/" OWN_LOCK);
	describe_self(holder);
	/* Only a message depends on it.  Written over, not cut to nothing
	 * first: ext4 hurries a file that was to the disk, and the next update
	 * would wait for that. */
	if (fs_pwrite(f->fs, f->lock, holder, strlen(holder), 0) >= 0)
		(void)fs_truncate(f->fs, f->lock, strlen(holder));
	return 0;
}

int
folder_check_lock(struct folder *f, struct err *e)
{
	int fd, rc = 0;

	if (f->own < 0 || f->lock >= 0)
		return 0;
	fd = fs_open(f->fs, f->own, OWN_LOCK, FS_WRITE, 0);
	if (fd == -EACCES || fd == -EPERM)
		rc = not_opened(f, -fd, e);
	else if (fd >= 0 && fs_is_locked(f->fs, fd) == 1)
		rc = busy(f, fd, e);
	fs_close_quietly(f->fs, &fd);
	return rc;
}
