#ifndef ERPSYNC_ENGINE_BASE_FS_INTERNAL_H
#define ERPSYNC_ENGINE_BASE_FS_INTERNAL_H

/* What the files of the real file system share (fs.c, fs_open.c,
 * fs_trusted.c). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Retry a call that a signal interrupted; its result or -errno. */
#define RETRY(result, call)                                                    \
	do {                                                                   \
		(result) = (call);                                             \
	} while ((result) < 0 && errno == EINTR);                              \
	if ((result) < 0)                                                      \
	(result) = -errno

/* open of struct fs_ops. */
int fs_real_open(
    void *ctx, int dir, const char *path, int flags, uint32_t mode);

/* Does a file system of this kind (linux/magic.h) write to a disk of its own?
 * Of what another machine or program keeps the kernel cannot tell. */
bool fs_real_has_own_disk(uint32_t kind);

/* trusted of struct fs_root_ops. */
int fs_real_open_trusted(void *ctx, const char *path, char *where, size_t cap);

#endif
