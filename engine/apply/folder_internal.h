#ifndef ERPSYNC_ENGINE_APPLY_FOLDER_INTERNAL_H
#define ERPSYNC_ENGINE_APPLY_FOLDER_INTERNAL_H

/* The folder as the files of engine/apply see it. */

#include "engine/apply/folder.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_file.h"

struct backup_list;
struct buf;
struct trust;

struct folder {
	struct folder_options opt;
	const struct fs *fs;
	char *path;
	int dir; /* the client folder */
	int own; /* .erpsync, or -1 */
	int lock; /* the lock file, or -1 */
	int space; /* space set aside (space.h), or -1 */
	uint64_t space_bytes;
	uint64_t space_ahead; /* let go before it was needed */
	struct backup_list *looked; /* what the preflight found, or NULL */
	uint64_t looked_newest; /* inode of the newest backup then, or 0 */
	bool keep_trash; /* what fell out of the rotation may come back */
	bool fell_back; /* only looked at, because of why */
	bool may_stop; /* an update that has changed nothing yet */
	bool stuck; /* an outcome is unknown: only a new folder_open helps */
	/* A recovery gave a backup its number, and none was shown since. */
	bool renumbered;
	enum recovery recovery;
	struct err why;
	struct folder_state state; /* folder_state.c alone changes it */
	struct names told; /* what stays in .erpsync, and was said to */
	struct trust *trust; /* trust.c's; NULL: not read yet */
};

/* On .erpsync: what is made in it is of the client folder's group. */
enum { FOLDER_SET_GID = 02000 };

/* Take the lock, or ERP_HELD naming who has it (folder_lock.c). */
int folder_lock(struct folder *f, struct err *e);

/* May what was made in .erpsync be removed?  ERP_AUTH where the disk lets
 * nothing be; then one empty file is left there. */
int folder_check_removes(struct folder *f, struct err *e);

/* A user's name and a folder's, as messages have them. */
enum { FOLDER_USER_BYTES = 64, FOLDER_SHOWN_BYTES = 300 };

/* Is .erpsync another user's?  Who, in shown. */
bool folder_is_others(const struct folder *f, char shown[FOLDER_USER_BYTES]);

/* ERP_AUTH: .erpsync is another user's, who is named where the disk tells its
 * owner. */
int folder_not_this_user(const struct folder *f, struct err *e);

/* ERP_AUTH where the folder is of one user and .erpsync of another, so that
 * nobody can update it; else 0. */
int folder_check_torn(const struct folder *f, struct err *e);

/* Make .erpsync if it is missing, open it and see that only we write there. */
int folder_open_own(struct folder *f, struct err *e);

/* Would that be refused, or what is in it not open, where the folder is only
 * looked at?  No trace is left. */
int folder_check_own(struct folder *f, struct err *e);

/* What has the name of .erpsync and is no folder of ours to open, as sys tells.
 */
int folder_own_odd(int sys, struct err *e);

/* A file or folder of .erpsync, which is open, does not open because of sys:
 * the mode, the owner or what else is to be mended. */
int folder_own_shut(
    const struct folder *f, const char *name, int sys, struct err *e);

/* Has another updater the lock?  ERP_HELD as above; 0 too when it cannot be
 * told.  Nothing is changed, nor is the lock taken. */
int folder_check_lock(struct folder *f, struct err *e);

/* Write the file path of .erpsync, durable as file_write_durable does it, so
 * that whoever may read the client folder may read it. */
int folder_write_shared(const struct folder *f, const char *path,
    const struct buf *b, struct err *e);

/* Wait before another attempt; false when there is no way to wait. */
bool folder_sleep(const struct folder *f, uint32_t ms);

/* Does an update that may stop go on (0), or is it given up? */
int folder_asks(const struct folder *f, struct err *e);

/* Tell the observer one warning. */
void folder_warn(const struct folder *f, const char *path, const char *text);

#endif
