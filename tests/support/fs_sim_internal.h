#ifndef ERPSYNC_TESTS_SUPPORT_FS_SIM_INTERNAL_H
#define ERPSYNC_TESTS_SUPPORT_FS_SIM_INTERNAL_H

/* Shared by the files fs_sim*.c. */

#include "tests/support/fs_sim.h"

enum {
	SIM_FD_BASE = 1000,
	SIM_FAT_MODE = 0755,
	SIM_NTFS_MODE = 0755,
	SIM_READONLY_MODE = 0555
};

/* The inode of a descriptor; a bad one aborts. */
uint32_t sim_ino_of(const struct sim *s, int fd);
/* Count the call and ask the hook. */
int sim_ask(struct sim *s, struct sim_call *c);
/* The mode of what is made with this one. */
uint32_t sim_mode(const struct sim *s, uint32_t mode);
bool sim_has_room(const struct sim *s, uint64_t bytes, uint64_t inodes);

/* Calls of struct fs_ops as Linux has them. */
int sim_call_open_root(void *ctx, const char *path);
int sim_call_open(
    void *ctx, int dir, const char *path, int flags, uint32_t mode);
int sim_call_close(void *ctx, int fd);
int sim_call_fsync(void *ctx, int fd);
int sim_call_fstat(void *ctx, int fd, struct fs_stat *st);
int sim_call_stat(void *ctx, int dir, const char *name, struct fs_stat *st);
int sim_call_list(void *ctx, int dir, fs_list_fn *fn, void *arg);
int sim_call_space(void *ctx, int fd, struct fs_space *out);
int sim_call_lock(void *ctx, int fd);
int sim_call_is_locked(void *ctx, int fd);
int64_t sim_call_pread(void *ctx, int fd, void *p, size_t n, uint64_t off);
int64_t sim_call_pwrite(
    void *ctx, int fd, const void *p, size_t n, uint64_t off);
int sim_call_mkdir(void *ctx, int dir, const char *name, uint32_t mode);
int sim_call_unlink(void *ctx, int dir, const char *name);
int sim_call_rmdir(void *ctx, int dir, const char *name);
int sim_call_rename(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace);
int sim_call_link(
    void *ctx, int from_dir, const char *from, int to_dir, const char *to);
int sim_call_symlink(void *ctx, const char *target, int dir, const char *name);
int64_t sim_call_readlink(
    void *ctx, int dir, const char *name, char *p, size_t cap);
int sim_call_fchmod(void *ctx, int fd, uint32_t mode);
int sim_call_fchown(void *ctx, int fd, uint32_t uid, uint32_t gid);
int64_t sim_call_attr_list(void *ctx, int fd, char *p, size_t cap);
int64_t sim_call_attr_get(
    void *ctx, int fd, const char *name, void *p, size_t cap);
int sim_call_attr_set(
    void *ctx, int fd, const char *name, const void *p, size_t n);
int sim_call_attr_remove(void *ctx, int fd, const char *name);
int sim_call_futimes(void *ctx, int fd, struct stamp t);
int sim_call_utimes(void *ctx, int dir, const char *name, struct stamp t);
int sim_call_truncate(void *ctx, int fd, uint64_t size);
int sim_call_allocate(void *ctx, int fd, uint64_t size);
int sim_call_clone(void *ctx, int to, int from);

#endif
