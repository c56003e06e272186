#ifndef ERPSYNC_ENGINE_BASE_PATH_FILE_H
#define ERPSYNC_ENGINE_BASE_PATH_FILE_H

/*
 * A file that a person named, by any path of the system: in the folder where
 * we were started, or wherever the path says.  All else is beneath folders that
 * are open (fs.h).
 */

#include "engine/base/fs_file.h"

#include <stdint.h>
#include <stdio.h>

struct buf;
struct err;

/* The folder that the file lies in, open, and its name there in out, which
 * borrows path: 0, or a code.  The caller closes out->dir. */
int path_file_open_folder(
    const struct fs *fs, const char *path, struct at *out, struct err *e);

/* 1 if it is there and out, which is empty before, has its bytes; 0 without
 * it, or a code. */
int path_file_read(
    const struct fs *fs, const char *path, struct buf *out, struct err *e);

/*
 * May it be read to its end without waiting for somebody who may never write?
 * 0 if it is a regular file, a pipe that a shell gave a name (/dev/fd/63,
 * /dev/stdin), or not there, which is told by who opens it; ERP_USAGE.
 */
int path_file_ends(const char *path, struct err *e);

/* Open such a one to read.  Also ERP_NOTFOUND and others.  The caller closes
 * it. */
int path_file_open(const char *path, FILE **out, struct err *e);

/* Is it there?  1, 0 or a code. */
int path_file_exists(const struct fs *fs, const char *path, struct err *e);

/* In the place of what has the name: durable, with these permission bits, and
 * whole at each moment. */
int path_file_write(const struct fs *fs, const char *path, uint32_t mode,
    const struct buf *bytes, struct err *e);

/* Take away the file of this name. */
int path_file_remove(const struct fs *fs, const char *path, struct err *e);

#endif
