/*
 * Owners, lists of access and attributes of Windows' files, as far as updates
 * keep them: what is replaced keeps its list, what is new has what its folder
 * says.  Part of fs_win32.c.
 */
#include "engine/base/fs_win32_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

NTSTATUS NTAPI NtQuerySecurityObject(
    HANDLE, SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, ULONG, PULONG);
NTSTATUS NTAPI NtSetSecurityObject(
    HANDLE, SECURITY_INFORMATION, PSECURITY_DESCRIPTOR);
NTSTATUS NTAPI RtlGetOwnerSecurityDescriptor(
    PSECURITY_DESCRIPTOR, PSID *, PBOOLEAN);
NTSTATUS NTAPI RtlGetDaclSecurityDescriptor(
    PSECURITY_DESCRIPTOR, PBOOLEAN, PACL *, PBOOLEAN);
NTSTATUS NTAPI RtlGetAce(PACL, ULONG, PVOID *);

enum { OWNER_BYTES = 1024, DACL_BYTES = 65536 };

static const char dacl[] = "win32.dacl";
static const char of_files[] = "win32.dacl.files";
static const char of_folders[] = "win32.dacl.folders";

/* Attributes that a file has, or has not, and whose value says no more; users
 * set them. */
static const struct flag {
	const char *name;
	DWORD bit;
} flags[] = {
    {"user.win32.hidden", FILE_ATTRIBUTE_HIDDEN},
    {"user.win32.system", FILE_ATTRIBUTE_SYSTEM},
};

static DWORD
flag_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(name, flags[i].name) == 0)
			return flags[i].bit;
	return 0;
}

/* Every start asks this. */
bool
acl_is_trusted(HANDLE handle)
{
	union {
		SECURITY_DESCRIPTOR sd;
		char bytes[OWNER_BYTES];
	} d;
	PSID owner = NULL;
	BOOLEAN by_default;
	ULONG n;
	NTSTATUS s = NtQuerySecurityObject(
	    handle, OWNER_SECURITY_INFORMATION, &d, sizeof(d), &n);

	/* A disk without owners has none to be afraid of. */
	if (!NT_SUCCESS(s))
		return nt_is_unknown(s);
	return !NT_SUCCESS(
		   RtlGetOwnerSecurityDescriptor(&d.sd, &owner, &by_default)) ||
	    owner == NULL || sid_is_trusted(owner);
}

/* Does it let in nobody but whom we trust?  Who is kept out does not matter. */
static bool
is_only_ours(PACL acl)
{
	ACCESS_ALLOWED_ACE *ace;
	PVOID p;
	ULONG i;

	for (i = 0; i < acl->AceCount; i++) {
		if (!NT_SUCCESS(RtlGetAce(acl, i, &p)))
			return false;
		ace = p;
		if (ace->Header.AceType != ACCESS_DENIED_ACE_TYPE &&
		    (ace->Header.AceType != ACCESS_ALLOWED_ACE_TYPE ||
			!sid_is_trusted(&ace->SidStart)))
			return false;
	}
	return true;
}

bool
fs_win32_is_closed(void *ctx, int fd)
{
	union {
		SECURITY_DESCRIPTOR sd;
		char bytes[OWNER_BYTES];
	} d;
	BOOLEAN present = FALSE, by_default;
	PSID owner = NULL;
	PACL acl = NULL;
	ULONG n;

	(void)ctx;
	return NT_SUCCESS(NtQuerySecurityObject(nt_handle(fd),
		   OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &d,
		   sizeof(d), &n)) &&
	    NT_SUCCESS(
		RtlGetOwnerSecurityDescriptor(&d.sd, &owner, &by_default)) &&
	    owner != NULL && sid_is_trusted(owner) &&
	    NT_SUCCESS(RtlGetDaclSecurityDescriptor(
		&d.sd, &present, &acl, &by_default)) &&
	    present && acl != NULL && is_only_ours(acl);
}

/* The names of what there is to be had, each with its NUL. */
int64_t
fs_win32_attr_list(void *ctx, int fd, char *p, size_t cap)
{
	DWORD is = nt_attributes(nt_handle(fd));
	size_t used = 0, i, len;
	ULONG n;

	(void)ctx;
	/* Some disks have no lists. */
	if (NtQuerySecurityObject(nt_handle(fd), DACL_SECURITY_INFORMATION,
		NULL, 0, &n) == STATUS_BUFFER_TOO_SMALL) {
		if (cap < sizeof(dacl))
			return -ERANGE;
		memcpy(p, dacl, sizeof(dacl));
		used = sizeof(dacl);
	}
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (is == INVALID_FILE_ATTRIBUTES || (is & flags[i].bit) == 0)
			continue;
		len = strlen(flags[i].name) + 1;
		if (cap - used < len)
			return -ERANGE;
		memcpy(p + used, flags[i].name, len);
		used += len;
	}
	return (int64_t)used;
}

/* What a new file or folder in this one inherits: 0, or an errno below 0. */
static int
inherited(
    PSECURITY_DESCRIPTOR folder, bool is_folder, PSECURITY_DESCRIPTOR *out)
{
	GENERIC_MAPPING rights = {FILE_GENERIC_READ, FILE_GENERIC_WRITE,
	    FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS};
	HANDLE token;
	BOOL ok;

	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return -EOPNOTSUPP;
	ok = CreatePrivateObjectSecurityEx(folder, NULL, out, NULL, is_folder,
	    SEF_DACL_AUTO_INHERIT, token, &rights);
	(void)CloseHandle(token);
	return ok ? 0 : -EOPNOTSUPP;
}

static bool
has_dacl(PSECURITY_DESCRIPTOR sd)
{
	BOOL present = FALSE, by_default;
	PACL acl;

	return GetSecurityDescriptorDacl(sd, &present, &acl, &by_default) &&
	    present;
}

/* Its list is asked for as whole, with the owners that inheriting takes. */
static int64_t
get_inherited(HANDLE h, bool is_folder, void *p, size_t cap)
{
	PSECURITY_DESCRIPTOR sd = malloc(DACL_BYTES), new = NULL;
	int64_t rc = sd == NULL ? -ENOMEM : 0;
	NTSTATUS s;
	ULONG n;

	if (rc != 0)
		return rc;
	s = NtQuerySecurityObject(h,
	    OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION |
		DACL_SECURITY_INFORMATION,
	    sd, DACL_BYTES, &n);
	rc = NT_SUCCESS(s) ? inherited(sd, is_folder, &new) : nt_fault(s);
	free(sd);
	if (rc != 0)
		return rc;
	n = GetSecurityDescriptorLength(new);
	if (!has_dacl(new))
		rc = -EOPNOTSUPP;
	else if (n > cap)
		rc = -ERANGE;
	else
		memcpy(p, new, n);
	(void)DestroyPrivateObjectSecurity(&new);
	return rc != 0 ? rc : (int64_t)n;
}

int64_t
fs_win32_attr_get(void *ctx, int fd, const char *name, void *p, size_t cap)
{
	ULONG most = cap < DACL_BYTES ? (ULONG)cap : (ULONG)DACL_BYTES, n;
	NTSTATUS s;

	(void)ctx;
	if (strcmp(name, of_files) == 0 || strcmp(name, of_folders) == 0)
		return get_inherited(
		    nt_handle(fd), strcmp(name, of_folders) == 0, p, cap);
	if (flag_of(name) != 0)
		return (nt_attributes(nt_handle(fd)) & flag_of(name)) != 0
		    ? 0
		    : -ENODATA;
	if (strcmp(name, dacl) != 0)
		return -ENODATA;
	s = NtQuerySecurityObject(
	    nt_handle(fd), DACL_SECURITY_INFORMATION, p, most, &n);
	if (s == STATUS_BUFFER_TOO_SMALL)
		return -ERANGE;
	return NT_SUCCESS(s) ? (int64_t)n : nt_fault(s);
}

/* Are both lists the same?  Mostly, since both inherit it. */
static bool
has_already(int fd, PSECURITY_DESCRIPTOR wanted)
{
	PSECURITY_DESCRIPTOR now = malloc(DACL_BYTES);
	BOOL there[2] = {FALSE, FALSE}, by_default;
	PACL acl[2] = {NULL, NULL};
	bool same;

	same = now != NULL &&
	    fs_win32_attr_get(NULL, fd, dacl, now, DACL_BYTES) > 0 &&
	    GetSecurityDescriptorDacl(now, &there[0], &acl[0], &by_default) &&
	    GetSecurityDescriptorDacl(
		wanted, &there[1], &acl[1], &by_default) &&
	    there[0] && there[1] && acl[0] != NULL && acl[1] != NULL &&
	    acl[0]->AclSize == acl[1]->AclSize &&
	    memcmp(acl[0], acl[1], acl[0]->AclSize) == 0;
	free(now);
	return same;
}

/* The marks of what is inherited stay, and whether more will be. */
static NTSTATUS
set_dacl(HANDLE h, PSECURITY_DESCRIPTOR sd)
{
	SECURITY_DESCRIPTOR_CONTROL control = 0;
	SECURITY_INFORMATION what = DACL_SECURITY_INFORMATION;
	DWORD revision;

	(void)GetSecurityDescriptorControl(sd, &control, &revision);
	what |= (control & SE_DACL_PROTECTED) != 0
	    ? PROTECTED_DACL_SECURITY_INFORMATION
	    : UNPROTECTED_DACL_SECURITY_INFORMATION;
	if ((control & SE_DACL_AUTO_INHERITED) != 0)
		((SECURITY_DESCRIPTOR *)sd)->Control |=
		    SE_DACL_AUTO_INHERIT_REQ;
	return NtSetSecurityObject(h, what, sd);
}

static int
set_list(int fd, const void *p, size_t n)
{
	PSECURITY_DESCRIPTOR sd;
	NTSTATUS s;
	HANDLE h;
	int rc = 0;

	if ((sd = malloc(n)) == NULL)
		return -ENOMEM;
	memcpy(sd, p, n);
	if (!IsValidSecurityDescriptor(sd) || !has_dacl(sd)) {
		rc = -EINVAL;
	} else if (!has_already(fd, sd)) {
		h = ReOpenFile(nt_handle(fd), WRITE_DAC | READ_CONTROL,
		    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
		    FILE_FLAG_BACKUP_SEMANTICS);
		if (h == INVALID_HANDLE_VALUE) {
			rc = -wide_errno(GetLastError());
		} else {
			s = set_dacl(h, sd);
			rc = NT_SUCCESS(s) ? 0 : nt_fault(s);
			(void)CloseHandle(h);
		}
	}
	free(sd);
	return rc;
}

static int
set_flag(int fd, DWORD bit, bool on)
{
	NTSTATUS s = nt_set_attribute(nt_handle(fd), bit, on);

	return NT_SUCCESS(s) ? 0 : nt_fault(s);
}

int
fs_win32_attr_set(void *ctx, int fd, const char *name, const void *p, size_t n)
{
	(void)ctx;
	if (flag_of(name) != 0)
		return set_flag(fd, flag_of(name), true);
	return strcmp(name, dacl) == 0 ? set_list(fd, p, n) : -EOPNOTSUPP;
}

/* Another list takes its place; none would let everybody in. */
int
fs_win32_attr_remove(void *ctx, int fd, const char *name)
{
	(void)ctx;
	if (flag_of(name) != 0)
		return set_flag(fd, flag_of(name), false);
	return strcmp(name, dacl) == 0 ? 0 : -ENODATA;
}

/* Whoever makes a file has it. */
int
fs_win32_fchown(void *ctx, int fd, uint32_t uid, uint32_t gid)
{
	(void)ctx;
	(void)fd;
	(void)uid;
	(void)gid;
	return 0;
}
