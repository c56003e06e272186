#ifndef ERPSYNC_ENGINE_BASE_FS_INTERNAL_H
#define ERPSYNC_ENGINE_BASE_FS_INTERNAL_H

/* What the files of the real file system share: fs_posix.c and what belongs
 * to it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fs_stat;
struct stat;

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
/*
 * Does a loss of data that was being written back fail syncfs(2)?  Since
 * Linux 5.8, on file systems that write to a disk of their own; FUSE and
 * network file systems may answer before anything is safe.
 */
bool fs_real_syncfs_tells(const char *linux_release, uint32_t kind);

/* fstat of struct fs_ops, of what the system has told. */
void fs_real_convert(const struct stat *in, struct fs_stat *out);
/* stat of struct fs_ops: also what nobody but this system can tell of a name,
 * mounted, fixed and its times. */
int fs_real_stat(void *ctx, int dir, const char *name, struct fs_stat *st);

/* rename to a name that nothing has: EEXIST; ENOSYS, EINVAL or EPERM when it
 * cannot be done in one step. */
int fs_real_rename_new(
    int from_dir, const char *from, int to_dir, const char *to);

/* fast of struct fs_ops, and allocate. */
int fs_real_syncfs(void *ctx, int fd, size_t files);
void fs_real_writeback(void *ctx, int fd);
int fs_real_allocate(void *ctx, int fd, uint64_t size);
int fs_real_clone(void *ctx, int to, int from);
int fs_real_map(void *ctx, int fd, size_t size, const void **out);
void fs_real_unmap(void *ctx, const void *p, size_t size);

/* attr of struct fs_ops. */
int fs_real_fchmod(void *ctx, int fd, uint32_t mode);
int fs_real_fchown(void *ctx, int fd, uint32_t uid, uint32_t gid);
int64_t fs_real_attr_list(void *ctx, int fd, char *p, size_t cap);
int64_t fs_real_attr_get(
    void *ctx, int fd, const char *name, void *p, size_t cap);
int fs_real_attr_set(
    void *ctx, int fd, const char *name, const void *p, size_t n);
int fs_real_attr_remove(void *ctx, int fd, const char *name);
int fs_real_may_change(void *ctx, int fd);

/* trusted of struct fs_root_ops. */
int fs_real_open_trusted(void *ctx, const char *path, char *where, size_t cap);

#endif
