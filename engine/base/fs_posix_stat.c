/*
 * What a file is, from the system's words into ours.  Part of fs_posix.c and of
 * what a system adds to it.
 */
#define _GNU_SOURCE
#include "engine/base/fs.h"

#include "engine/base/fs_internal.h"

#include <string.h>
#include <sys/stat.h>

void
fs_real_convert(const struct stat *in, struct fs_stat *out)
{
	memset(out, 0, sizeof(*out));
	out->type = S_ISREG(in->st_mode) ? FS_FILE
	    : S_ISDIR(in->st_mode)       ? FS_DIR
	    : S_ISLNK(in->st_mode)       ? FS_SYMLINK
					 : FS_OTHER;
	out->size = (uint64_t)in->st_size;
	out->taken = (uint64_t)in->st_blocks * 512;
	out->mtime.s = in->st_mtim.tv_sec;
	out->mtime.ns = (uint32_t)in->st_mtim.tv_nsec;
	out->mode = in->st_mode & 07777;
	out->nlink = (uint32_t)in->st_nlink;
	out->uid = in->st_uid;
	out->gid = in->st_gid;
	out->dev = in->st_dev;
	out->ino = in->st_ino;
}
