/*
 * Who is who on Windows, by ntdll.dll, which is there: to load advapi32.dll
 * would take longer than all else of a start.  Below fs_win32_nt.c and
 * fs_win32_acl.c.
 */
#include "engine/base/fs_win32_internal.h"

#include <assert.h>
#include <string.h>

NTSTATUS NTAPI NtOpenProcessToken(HANDLE, ACCESS_MASK, PHANDLE);
NTSTATUS NTAPI NtQueryInformationToken(
    HANDLE, TOKEN_INFORMATION_CLASS, PVOID, ULONG, PULONG);
NTSTATUS NTAPI RtlCreateSecurityDescriptor(PSECURITY_DESCRIPTOR, ULONG);
NTSTATUS NTAPI RtlSetDaclSecurityDescriptor(
    PSECURITY_DESCRIPTOR, BOOLEAN, PACL, BOOLEAN);
NTSTATUS NTAPI RtlCreateAcl(PACL, ULONG, ULONG);
NTSTATUS NTAPI RtlAddAccessAllowedAce(PACL, ULONG, ACCESS_MASK, PSID);
BOOLEAN NTAPI RtlEqualSid(PSID, PSID);

/* Who may do anything here: the system, S-1-5-18, and the group of its
 * administrators, S-1-5-32-544. */
struct mighty {
	SID system;
	union {
		SID sid;
		char bytes[offsetof(SID, SubAuthority) + 2 * sizeof(DWORD)];
	} administrators;
};

static struct mighty
mighty(void)
{
	struct mighty m = {
	    .system = {SID_REVISION, 1, {SECURITY_NT_AUTHORITY},
		{SECURITY_LOCAL_SYSTEM_RID}},
	    .administrators = {{SID_REVISION, 2, {SECURITY_NT_AUTHORITY},
		{SECURITY_BUILTIN_DOMAIN_RID}}},
	};

	m.administrators.sid.SubAuthority[1] = DOMAIN_ALIAS_RID_ADMINS;
	return m;
}

PSID
sid_user(struct sid_user *out)
{
	HANDLE token;
	NTSTATUS s;
	ULONG n;

	if (!NT_SUCCESS(
		NtOpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)))
		return NULL;
	s = NtQueryInformationToken(
	    token, TokenUser, &out->of, sizeof(out->of), &n);
	(void)CloseHandle(token);
	return NT_SUCCESS(s) ? out->of.user.User.Sid : NULL;
}

bool
sid_is_trusted(PSID sid)
{
	struct mighty m = mighty();
	struct sid_user u;
	PSID user;

	if (RtlEqualSid(sid, &m.system) ||
	    RtlEqualSid(sid, &m.administrators.sid))
		return true;
	user = sid_user(&u);
	return user != NULL && RtlEqualSid(sid, user);
}

PSECURITY_DESCRIPTOR
sid_only_ours(struct sid_only *out)
{
	struct mighty m = mighty();
	struct sid_user u;
	PSID who[] = {sid_user(&u), &m.system, &m.administrators.sid};
	PACL acl = &out->list.acl;
	NTSTATUS s =
	    RtlCreateSecurityDescriptor(&out->sd, SECURITY_DESCRIPTOR_REVISION);
	size_t i;

	if (who[0] == NULL || !NT_SUCCESS(s))
		return NULL;
	s = RtlCreateAcl(acl, sizeof(out->list), ACL_REVISION);
	for (i = 0; i < 3 && NT_SUCCESS(s); i++)
		s = RtlAddAccessAllowedAce(
		    acl, ACL_REVISION, FILE_ALL_ACCESS, who[i]);
	if (NT_SUCCESS(s))
		s = RtlSetDaclSecurityDescriptor(&out->sd, TRUE, acl, FALSE);
	/* Nothing is inherited. */
	out->sd.Control |= SE_DACL_PROTECTED;
	return NT_SUCCESS(s) ? &out->sd : NULL;
}
