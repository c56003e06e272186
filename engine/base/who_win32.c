/*
 * The user and the machine, from Windows.  Asked by the lock of a folder, the
 * checks of rights, and a station's greeting.
 */
#include "engine/base/who.h"

#include "engine/base/wide_win32.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_UNITS = 256 };

/* Users have no numbers here: whatever a file's owner is asked for, the answer
 * is the one who asks. */
enum { ONE_USER = 1, ONE_GROUP = 1 };

enum path_os
who_os(void)
{
	return PATH_OS_WINDOWS;
}

uint32_t
who_uid(void)
{
	return ONE_USER;
}

uint32_t
who_gid(void)
{
	return ONE_GROUP;
}

/* Lists of access hold for everybody. */
bool
who_is_root(void)
{
	return false;
}

static void
take(char *out, size_t cap, const wchar_t *wide, const char *unknown)
{
	char *text = wide[0] == L'\0' ? NULL : wide_text(wide);

	assert(cap > 0);
	(void)strlcpy(out, text == NULL ? unknown : text, cap);
	free(text);
}

void
who_user(char *out, size_t cap)
{
	wchar_t name[NAME_UNITS] = L"";
	DWORD n = GetEnvironmentVariableW(L"USERNAME", name, NAME_UNITS);

	/* The library that knows it takes longer to load than all else. */
	if (n == 0 || n >= NAME_UNITS) {
		n = NAME_UNITS;
		if (!GetUserNameW(name, &n))
			name[0] = L'\0';
	}
	take(out, cap, name, "?");
}

/* There is no other one. */
void
who_name(uint32_t uid, char *out, size_t cap)
{
	(void)uid;
	who_user(out, cap);
}

void
who_host(char *out, size_t cap)
{
	wchar_t name[NAME_UNITS] = L"";
	DWORD n = NAME_UNITS;

	if (!GetComputerNameExW(ComputerNameDnsHostname, name, &n))
		name[0] = L'\0';
	take(out, cap, name, "");
}

const char *
who_language(void)
{
	switch (PRIMARYLANGID(GetUserDefaultUILanguage())) {
	case LANG_PORTUGUESE:
		return "pt";
	case LANG_SPANISH:
		return "es";
	case LANG_ENGLISH:
		return "en";
	default:
		return NULL;
	}
}

/* Of the program, which is built for one. */
void
who_arch(char *out, size_t cap)
{
	take(out, cap, L"x86_64", "");
}

/* What a file's mode says there is not who may read it. */
bool
who_else_may(const char *path)
{
	(void)path;
	return false;
}
