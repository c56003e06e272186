#ifndef ERPSYNC_ENGINE_BASE_FS_INTERNAL_H
#define ERPSYNC_ENGINE_BASE_FS_INTERNAL_H

/* What the files of the real file system share (fs.c, fs_attr.c,
 * fs_open.c, fs_trusted.c). */

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

/* attr of struct fs_ops. */
int fs_real_fchmod(void *ctx, int fd, uint32_t mode);
int fs_real_fchown(void *ctx, int fd, uint32_t uid, uint32_t gid);
int64_t fs_real_attr_list(void *ctx, int fd, char *p, size_t cap);
int64_t fs_real_attr_get(
    void *ctx, int fd, const char *name, void *p, size_t cap);
int fs_real_attr_set(
    void *ctx, int fd, const char *name, const void *p, size_t n);
int fs_real_attr_remove(void *ctx, int fd, const char *name);

/* trusted of struct fs_root_ops. */
int fs_real_open_trusted(void *ctx, const char *path, char *where, size_t cap);

#endif
