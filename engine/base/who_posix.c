/*
 * The user and the machine, from POSIX.  Asked by the lock of a folder, the
 * checks of rights, and a station's greeting; another system answers them in
 * a file of its own.
 */
#include "engine/base/who.h"

#include <assert.h>
#include <bsd/string.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { PASSWD_BYTES = 2048, HOST_BYTES = 256 };

enum path_os
who_os(void)
{
	return PATH_OS_LINUX;
}

uint32_t
who_uid(void)
{
	return geteuid();
}

uint32_t
who_gid(void)
{
	return getegid();
}

bool
who_is_root(void)
{
	return geteuid() == 0;
}

/* false when the system knows none, and out is as it was. */
static bool
look_up(uid_t uid, char *out, size_t cap)
{
	char store[PASSWD_BYTES];
	struct passwd pw, *found = NULL;

	assert(cap > 0);
	if (getpwuid_r(uid, &pw, store, sizeof(store), &found) != 0 ||
	    found == NULL)
		return false;
	(void)strlcpy(out, found->pw_name, cap);
	return true;
}

void
who_user(char *out, size_t cap)
{
	if (!look_up(geteuid(), out, cap))
		(void)strlcpy(out, "?", cap);
}

void
who_name(uint32_t uid, char *out, size_t cap)
{
	if (!look_up(uid, out, cap))
		(void)snprintf(out, cap, "%lu", (unsigned long)uid);
}

void
who_host(char *out, size_t cap)
{
	char host[HOST_BYTES];
	bool known = gethostname(host, sizeof(host)) == 0;

	assert(cap > 0);
	host[sizeof(host) - 1] = '\0';
	(void)strlcpy(out, known ? host : "", cap);
}

const char *
who_language(void)
{
	return NULL;
}

void
who_arch(char *out, size_t cap)
{
	struct utsname host;
	bool known = uname(&host) == 0;

	assert(cap > 0);
	(void)strlcpy(out, known ? host.machine : "", cap);
}

bool
who_else_may(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 &&
	    (st.st_mode & (S_IROTH | S_IWGRP | S_IWOTH)) != 0;
}
