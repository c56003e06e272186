#ifndef ERPSYNC_ENGINE_BASE_SPARSE_H
#define ERPSYNC_ENGINE_BASE_SPARSE_H

/*
 * Holes stay holes: files that are copied or rebuilt are written without
 * their blocks of zeroes.
 */

#include "engine/base/fs.h"

/*
 * As fs_pwrite, into a new file where nothing was written yet: blocks of
 * zeroes are left out.  The last of them do not make the file longer.
 */
int sparse_pwrite(
    const struct fs *fs, int fd, const void *p, size_t n, uint64_t off);

/* Make the file that was written so size bytes long: 0 or -errno. */
int sparse_end(const struct fs *fs, int fd, uint64_t size);

#endif
