#ifndef ERPSYNC_ENGINE_BASE_FS_WIN32_INTERNAL_H
#define ERPSYNC_ENGINE_BASE_FS_WIN32_INTERNAL_H

/*
 * What the files of Windows' file system share.  Names are opened by NT's own
 * calls, which have what the table of fs.h wants: a folder's handle with a
 * path beneath it, no symbolic link and no junction followed, no limit to its
 * length, and no letter or word of it with a meaning.
 *
 * A descriptor is the handle: those of a process fit an int.
 */

#include "engine/base/fs_ops.h"
#include "engine/base/wide_win32.h"

#include <winternl.h>

#include <ntstatus.h>

/* A path as NT takes it. */
struct nt_name {
	UNICODE_STRING u;
	wchar_t w[FS_PATH_BYTES];
};

/* Classes of information and a status that mingw's headers have not. */
enum nt_class {
	NT_BASIC = 4,
	NT_STANDARD = 5,
	NT_INTERNAL = 6,
	NT_RENAME = 10,
	NT_LINK = 11,
	NT_DISPOSITION = 13,
	NT_ALLOCATION = 19,
	NT_END_OF_FILE = 20,
	NT_TAG = 35,
	NT_STAT = 68,
	NT_NAMES = 37, /* of a folder, with ids */
	NT_DISPOSITION_EX = 64,
	NT_RENAME_EX = 65,
	NT_VOLUME = 1,
	NT_VOLUME_SIZE = 7
};

static inline HANDLE
nt_handle(int fd)
{
	return (HANDLE)(intptr_t)fd;
}

static inline int
nt_fd(HANDLE handle)
{
	return (int)(intptr_t)handle;
}

enum { NT_THROUGH = 1 << 30, NT_CLOSED = 1 << 29 };

/* A status as a negative errno. */
int nt_fault(NTSTATUS status);

/* Did this call mean a class that this system or disk has not? */
bool nt_is_unknown(NTSTATUS status);

/* path as NT has it: 0 or a negative errno. */
int nt_name(const char *path, struct nt_name *out);

/*
 * A name of the disk as UTF-8: its length, or -1 when it does not fit.  Half a
 * character by itself, which NTFS takes, becomes three bytes that are no UTF-8,
 * so that it is refused as any such name, and by its own.
 */
int nt_text(const wchar_t *w, size_t n, char *out, size_t cap);

/* Open or create beneath dir: how and options are NtCreateFile's.  What is a
 * reparse point is opened as such, unless options have NT_THROUGH; what is
 * created is closed to others if they have NT_CLOSED. */
NTSTATUS nt_open(int dir, const struct nt_name *name, ACCESS_MASK access,
    ULONG how, ULONG options, HANDLE *out);

/* The same one component after the other, each looked at whether it is a link:
 * for systems before Windows 10, which cannot be told to follow none. */
NTSTATUS nt_open_walking(int dir, const struct nt_name *name,
    ACCESS_MASK access, ULONG how, ULONG options, HANDLE *out);

/* What is told of an open file or folder, but for its name and its disk, which
 * take far longer. */
struct nt_facts {
	FILE_BASIC_INFO basic;
	FILE_STANDARD_INFO standard;
	LARGE_INTEGER id;
};

/* All of it. */
NTSTATUS nt_facts(HANDLE handle, struct nt_facts *out);

/* What is told of a name, as NT has it for NT_STAT. */
struct nt_stat {
	LARGE_INTEGER id, created, read, written, changed, allocated, end;
	ULONG attributes, tag, links, access;
};

/* By a single name in dir, with no handle of it: of fs_win32_byname.c.  It
 * fails where the system has no such call, the disk no answer, or the name is a
 * reparse point's: then it has to be opened. */
NTSTATUS nt_by_name(int dir, const struct nt_name *name, struct nt_stat *out);

/* Its attributes; INVALID_FILE_ATTRIBUTES when they are not told. */
DWORD nt_attributes(HANDLE handle);

/* Does it, with these attributes, stand for something elsewhere, as links and
 * junctions do?  Other reparse points are files that the disk keeps in another
 * way: bytes that are stored once for many files, or in a cloud. */
bool nt_is_link(HANDLE handle, DWORD attributes);

/* Give it this attribute, or take it; ready also when it is so already. */
NTSTATUS nt_set_attribute(HANDLE handle, DWORD attribute, bool on);

/* Of fs_win32_sid.c: the user, or NULL; is this one the user, or who may do
 * everything; and a list of access of these alone, or NULL. */
struct sid_user {
	union {
		TOKEN_USER user;
		char bytes[256];
	} of;
};
struct sid_only {
	SECURITY_DESCRIPTOR sd;
	union {
		ACL acl;
		char bytes[512];
	} list;
};
PSID sid_user(struct sid_user *out);
bool sid_is_trusted(PSID sid);
PSECURITY_DESCRIPTOR sid_only_ours(struct sid_only *out);

/* Of fs_win32_acl.c: is its owner this user or one who may do everything?  Is
 * nobody else in its list, either?  And lists of access, as attributes of
 * fs_owned.h. */
bool acl_is_trusted(HANDLE handle);
bool fs_win32_is_closed(void *ctx, int fd);
int64_t fs_win32_attr_list(void *ctx, int fd, char *p, size_t cap);
int64_t fs_win32_attr_get(
    void *ctx, int fd, const char *name, void *p, size_t cap);
int fs_win32_attr_set(
    void *ctx, int fd, const char *name, const void *p, size_t n);
int fs_win32_attr_remove(void *ctx, int fd, const char *name);
int fs_win32_fchown(void *ctx, int fd, uint32_t uid, uint32_t gid);

/* Of fs_win32_holder.c. */
size_t fs_win32_holder(
    void *ctx, int dir, const char *path, char *out, size_t cap);

/* Of struct fs_ops. */
int fs_win32_disk(void *ctx, int dir, uint64_t *out);
int fs_win32_fstat(void *ctx, int fd, struct fs_stat *st);
int fs_win32_stat(void *ctx, int dir, const char *name, struct fs_stat *st);
int fs_win32_list(void *ctx, int dir, fs_list_fn *fn, void *arg);
int fs_win32_mkdir(void *ctx, int dir, const char *name, uint32_t mode);
int fs_win32_unlink(void *ctx, int dir, const char *name);
int fs_win32_rmdir(void *ctx, int dir, const char *name);
int fs_win32_rename(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace);
int fs_win32_link(
    void *ctx, int from_dir, const char *from, int to_dir, const char *to);

#endif
