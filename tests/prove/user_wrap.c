/*
 * Who holds a lock is only for messages; looking it up a million times would
 * cost more than all the rest.
 */
#include <pwd.h>
#include <stddef.h>

int __wrap_getpwuid_r(
    uid_t uid, struct passwd *pw, char *store, size_t n, struct passwd **out);

int
__wrap_getpwuid_r(
    uid_t uid, struct passwd *pw, char *store, size_t n, struct passwd **out)
{
	(void)uid;
	(void)pw;
	(void)store;
	(void)n;
	*out = NULL;
	return 0;
}
