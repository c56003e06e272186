/*
 * Names of Windows' file system: what they are of, new ones, others, none.
 * Part of fs_win32.c.
 */
#include "engine/base/fs_win32_internal.h"

#include "engine/base/who.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

NTSTATUS NTAPI NtQueryDirectoryFile(HANDLE, HANDLE, PIO_APC_ROUTINE, PVOID,
    PIO_STATUS_BLOCK, PVOID, ULONG, FILE_INFORMATION_CLASS, BOOLEAN,
    PUNICODE_STRING, BOOLEAN);

enum {
	LIST_BYTES = 64 * 1024,
	NAME_BYTES = 1024, /* of 255 units in UTF-8, with the NUL */
	FOLDER_MODE = 0755,
	FILE_MODE = 0755,
	READONLY_MODE = 0555
};

/* Of NT_DISPOSITION_EX and NT_RENAME_EX: as POSIX has it, also of what is
 * open or read-only. */
enum {
	DISPOSE = 0x1 | 0x2 | 0x10,
	RENAME_REPLACE = 0x1,
	RENAME_POSIX = 0x2 | 0x40
};

static struct stamp
stamp_of(int64_t ticks)
{
	struct stamp out;

	/* A hundred nanoseconds each, since 1601. */
	out.s = ticks / 10000000 - INT64_C(11644473600);
	out.ns = (uint32_t)(ticks % 10000000) * 100;
	return out;
}

int
fs_win32_disk(void *ctx, int dir, uint64_t *out)
{
	FILE_FS_VOLUME_INFORMATION v = {.VolumeSerialNumber = 0};
	IO_STATUS_BLOCK io;

	(void)ctx;
	/* Without room for its label; a disk that does not tell is as any. */
	(void)NtQueryVolumeInformationFile(nt_handle(dir), &io, &v, sizeof(v),
	    (FS_INFORMATION_CLASS)NT_VOLUME);
	*out = v.VolumeSerialNumber;
	return 0;
}

static void
fill_stat(struct fs_stat *st, bool is_link, const struct nt_stat *from)
{
	memset(st, 0, sizeof(*st));
	st->type = FS_FILE;
	if (is_link)
		st->type = FS_OTHER;
	else if (from->attributes & FILE_ATTRIBUTE_DIRECTORY)
		st->type = FS_DIR;
	if (st->type == FS_FILE)
		st->size = st->taken = (uint64_t)from->end.QuadPart;
	st->mtime = stamp_of(from->written.QuadPart);
	st->mode = st->type == FS_DIR                    ? FOLDER_MODE
	    : from->attributes & FILE_ATTRIBUTE_READONLY ? READONLY_MODE
							 : FILE_MODE;
	st->nlink = from->links;
	st->uid = who_uid();
	st->gid = who_gid();
	/* All below a folder is on its disk, for which there is fs_disk: to no
	 * other one leads but a link. */
	st->ino = (uint64_t)from->id.QuadPart;
}

int
fs_win32_fstat(void *ctx, int fd, struct fs_stat *st)
{
	struct nt_facts i;
	NTSTATUS s = nt_facts(nt_handle(fd), &i);
	struct nt_stat now = {.links = 0};

	(void)ctx;
	if (!NT_SUCCESS(s))
		return nt_fault(s);
	now.id = i.id;
	now.written = i.basic.LastWriteTime;
	now.end = i.standard.EndOfFile;
	now.attributes = i.basic.FileAttributes;
	now.links = i.standard.NumberOfLinks;
	fill_stat(st, nt_is_link(nt_handle(fd), now.attributes), &now);
	return 0;
}

int
fs_win32_stat(void *ctx, int dir, const char *name, struct fs_stat *st)
{
	struct nt_stat now;
	struct nt_name n;
	HANDLE h;
	NTSTATUS s;
	int rc;

	if ((rc = nt_name(name, &n)) != 0)
		return rc;
	s = nt_by_name(dir, &n, &now);
	if (NT_SUCCESS(s)) {
		fill_stat(st, false, &now);
		return 0;
	}
	if (s == STATUS_OBJECT_NAME_NOT_FOUND)
		return -ENOENT;
	s = nt_open(dir, &n, FILE_READ_ATTRIBUTES, FILE_OPEN, 0, &h);
	/* Removed, but somebody has it open still. */
	if (s == STATUS_DELETE_PENDING)
		return -ENOENT;
	if (!NT_SUCCESS(s))
		return nt_fault(s);
	rc = fs_win32_fstat(ctx, nt_fd(h), st);
	(void)CloseHandle(h);
	return rc;
}

/* An entry of NT_NAMES. */
struct nt_entry {
	ULONG next, index;
	LARGE_INTEGER times[4], end, allocated;
	ULONG attributes, name_bytes, ea;
	CCHAR short_bytes;
	WCHAR short_name[12];
	LARGE_INTEGER id;
	WCHAR name[1];
};

/* All entries of a buffer. */
static int
tell_names(const char *p, fs_list_fn *fn, void *arg)
{
	const struct nt_entry *entry;
	char name[NAME_BYTES];
	int n, rc = 0;

	do {
		entry = (const struct nt_entry *)(const void *)p;
		n = nt_text(entry->name, entry->name_bytes / sizeof(WCHAR),
		    name, sizeof(name));
		if (n <= 0)
			return -EILSEQ;
		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
			rc = fn(arg, name);
		p += entry->next;
	} while (rc == 0 && entry->next != 0);
	return rc;
}

int
fs_win32_list(void *ctx, int dir, fs_list_fn *fn, void *arg)
{
	IO_STATUS_BLOCK io;
	BOOLEAN first = TRUE;
	NTSTATUS s;
	char *p = malloc(LIST_BYTES);
	int rc = p == NULL ? -ENOMEM : 0;

	(void)ctx;
	/* The handle remembers how far it is: each listing begins anew, though
	 * under wine with what the first has seen. */
	while (rc == 0) {
		s = NtQueryDirectoryFile(nt_handle(dir), NULL, NULL, NULL, &io,
		    p, LIST_BYTES, (FILE_INFORMATION_CLASS)NT_NAMES, FALSE,
		    NULL, first);
		first = FALSE;
		if (s == STATUS_NO_MORE_FILES || s == STATUS_NO_SUCH_FILE)
			break;
		rc = NT_SUCCESS(s) ? tell_names(p, fn, arg) : nt_fault(s);
	}
	free(p);
	return rc;
}

int
fs_win32_mkdir(void *ctx, int dir, const char *name, uint32_t mode)
{
	struct nt_name n;
	NTSTATUS s;
	HANDLE h;
	int rc;

	(void)ctx;
	(void)mode; /* who may do what is inherited */
	if ((rc = nt_name(name, &n)) != 0)
		return rc;
	s = nt_open(dir, &n, FILE_READ_ATTRIBUTES, FILE_CREATE,
	    FILE_DIRECTORY_FILE, &h);
	if (!NT_SUCCESS(s))
		return nt_fault(s);
	(void)CloseHandle(h);
	return 0;
}

/* The plain way, for systems and disks that have no other: what is read-only
 * first stops being so, and under its other names, as in a backup, is that
 * again afterwards. */
static NTSTATUS
dispose_plainly(HANDLE h)
{
	struct nt_facts i;
	BOOLEAN yes = TRUE;
	IO_STATUS_BLOCK io;
	bool readonly = NT_SUCCESS(nt_facts(h, &i)) &&
	    (i.basic.FileAttributes & FILE_ATTRIBUTE_READONLY) != 0;
	NTSTATUS s;

	if (readonly)
		(void)nt_set_attribute(h, FILE_ATTRIBUTE_READONLY, false);
	s = NtSetInformationFile(
	    h, &io, &yes, sizeof(yes), (FILE_INFORMATION_CLASS)NT_DISPOSITION);
	if (readonly && (!NT_SUCCESS(s) || i.standard.NumberOfLinks > 1))
		(void)nt_set_attribute(h, FILE_ATTRIBUTE_READONLY, true);
	return s;
}

static int
remove_name(int dir, const char *name, ULONG options)
{
	ULONG flags = DISPOSE;
	struct nt_name n;
	IO_STATUS_BLOCK io;
	NTSTATUS s;
	HANDLE h;
	int rc;

	if ((rc = nt_name(name, &n)) != 0)
		return rc;
	s = nt_open(dir, &n,
	    DELETE | FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES, FILE_OPEN,
	    options, &h);
	if (s == STATUS_ACCESS_DENIED)
		s = nt_open(dir, &n, DELETE | FILE_READ_ATTRIBUTES, FILE_OPEN,
		    options, &h);
	if (s == STATUS_DELETE_PENDING)
		return -ENOENT;
	if (!NT_SUCCESS(s))
		return nt_fault(s);
	s = NtSetInformationFile(h, &io, &flags, sizeof(flags),
	    (FILE_INFORMATION_CLASS)NT_DISPOSITION_EX);
	if (nt_is_unknown(s))
		s = dispose_plainly(h);
	(void)CloseHandle(h);
	if (NT_SUCCESS(s))
		return 0;
	/* It may be removed, but somebody runs it. */
	return options == FILE_NON_DIRECTORY_FILE &&
		(s == STATUS_ACCESS_DENIED || s == STATUS_CANNOT_DELETE)
	    ? -ETXTBSY
	    : nt_fault(s);
}

int
fs_win32_unlink(void *ctx, int dir, const char *name)
{
	(void)ctx;
	return remove_name(dir, name, FILE_NON_DIRECTORY_FILE);
}

int
fs_win32_rmdir(void *ctx, int dir, const char *name)
{
	(void)ctx;
	return remove_name(dir, name, FILE_DIRECTORY_FILE);
}

/* What NT_RENAME and NT_LINK take. */
struct nt_new_name {
	ULONG flags; /* of the plain ones: replace, in the first byte */
	HANDLE dir;
	ULONG name_bytes;
	WCHAR name[FS_PATH_BYTES];
};

static NTSTATUS
set_name(HANDLE h, int dir, const struct nt_name *to, ULONG flags,
    enum nt_class class)
{
	struct nt_new_name new = {.flags = flags, .dir = nt_handle(dir)};
	IO_STATUS_BLOCK io;

	assert(to->u.Length < sizeof(new.name));
	new.name_bytes = to->u.Length;
	memcpy(new.name, to->w, to->u.Length);
	return NtSetInformationFile(h, &io, &new,
	    (ULONG)(offsetof(struct nt_new_name, name) + to->u.Length +
		sizeof(WCHAR)),
	    (FILE_INFORMATION_CLASS) class);
}

/* Make what has this name read-only, or not: was it the other? */
static bool
change_target(int dir, const struct nt_name *name, bool on)
{
	bool changed;
	DWORD was;
	HANDLE h;

	if (!NT_SUCCESS(
		nt_open(dir, name, FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES,
		    FILE_OPEN, FILE_NON_DIRECTORY_FILE, &h)))
		return false;
	was = nt_attributes(h);
	changed = was != INVALID_FILE_ATTRIBUTES &&
	    ((was & FILE_ATTRIBUTE_READONLY) != 0) != on &&
	    NT_SUCCESS(nt_set_attribute(h, FILE_ATTRIBUTE_READONLY, on));
	(void)CloseHandle(h);
	return changed;
}

/* A read-only target blocks it, and so would a handle of it. */
static NTSTATUS
rename_plainly(HANDLE h, int dir, const struct nt_name *to, bool replace)
{
	NTSTATUS s = set_name(h, dir, to, replace, NT_RENAME);

	if (s != STATUS_ACCESS_DENIED || !replace ||
	    !change_target(dir, to, false))
		return s;
	s = set_name(h, dir, to, replace, NT_RENAME);
	if (!NT_SUCCESS(s))
		(void)change_target(dir, to, true);
	return s;
}

/* Nothing may take its place: but could it get another name? */
static NTSTATUS
try_to_move(int dir, const struct nt_name *name)
{
	HANDLE h;
	NTSTATUS s =
	    nt_open(dir, name, DELETE, FILE_OPEN, FILE_NON_DIRECTORY_FILE, &h);

	if (NT_SUCCESS(s))
		(void)CloseHandle(h);
	return s;
}

int
fs_win32_rename(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	struct nt_name a, b;
	NTSTATUS s;
	HANDLE h;
	int rc;

	(void)ctx;
	if ((rc = nt_name(from, &a)) != 0 || (rc = nt_name(to, &b)) != 0)
		return rc;
	s = nt_open(
	    from_dir, &a, DELETE | FILE_READ_ATTRIBUTES, FILE_OPEN, 0, &h);
	if (!NT_SUCCESS(s))
		return nt_fault(s);
	s = set_name(h, to_dir, &b,
	    RENAME_POSIX | (replace ? RENAME_REPLACE : 0), NT_RENAME_EX);
	if (nt_is_unknown(s))
		s = rename_plainly(h, to_dir, &b, replace);
	(void)CloseHandle(h);
	if (NT_SUCCESS(s))
		return 0;
	if (replace &&
	    (s == STATUS_ACCESS_DENIED || s == STATUS_SHARING_VIOLATION)) {
		s = try_to_move(to_dir, &b);
		if (NT_SUCCESS(s))
			return -ETXTBSY;
	}
	return nt_fault(s);
}

int
fs_win32_link(
    void *ctx, int from_dir, const char *from, int to_dir, const char *to)
{
	struct nt_name a, b;
	NTSTATUS s;
	HANDLE h;
	int rc;

	(void)ctx;
	if ((rc = nt_name(from, &a)) != 0 || (rc = nt_name(to, &b)) != 0)
		return rc;
	s = nt_open(from_dir, &a, FILE_READ_ATTRIBUTES, FILE_OPEN,
	    FILE_NON_DIRECTORY_FILE, &h);
	if (!NT_SUCCESS(s))
		return nt_fault(s);
	s = set_name(h, to_dir, &b, 0, NT_LINK);
	(void)CloseHandle(h);
	return NT_SUCCESS(s) ? 0 : nt_fault(s);
}
