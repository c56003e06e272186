/*
 * The state folder must be apart from what is published, and the folders of two
 * systems should be: looked at after the settings are read, before any is
 * opened.
 */
#include "cli/config/config.h"

#include "engine/base/err.h"
#include "engine/base/who.h"

#include <bsd/string.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LINE_BYTES = 1024 }; /* of a warning */

/* The resolved path of what may not exist yet: that of its nearest parent
 * that does.  False when nothing of it can be resolved. */
static bool
resolve(const char *path, char out[PATH_MAX])
{
	char part[PATH_MAX];
	char *slash;

	if (strlcpy(part, path, sizeof(part)) >= sizeof(part))
		return false;
	while (realpath(part, out) == NULL) {
		if ((slash = strrchr(part, '/')) == NULL)
			return realpath(".", out) != NULL;
		if (slash == part)
			slash++;
		if (*slash == '\0')
			return false;
		*slash = '\0';
	}
	return true;
}

/* Is inner the folder outer, or below it? */
static bool
is_below(const char *inner, const char *outer)
{
	size_t n = strlen(outer);

	if (strcmp(outer, "/") == 0)
		return true;
	return strncmp(inner, outer, n) == 0 &&
	    (inner[n] == '/' || inner[n] == '\0');
}

/* One folder under two names: the same one, also where it is mounted twice. */
static bool
is_same(const char *a, const char *b)
{
	struct stat one, other;

	return strcmp(a, b) == 0 ||
	    (stat(a, &one) == 0 && stat(b, &other) == 0 &&
		one.st_dev == other.st_dev && one.st_ino == other.st_ino);
}

/* An update folder that is another one, told at the first of them, or lies in
 * it. */
static int
warn_shared(struct server_config *c, int os, const char *folder, struct err *e)
{
	char other[PATH_MAX], line[LINE_BYTES];
	bool same;
	int i, rc = 0;

	for (i = 0; rc == 0 && i < PATH_OS_N; i++) {
		if (i == os || c->path[i] == NULL ||
		    realpath(c->path[i], other) == NULL)
			continue;
		same = is_same(folder, other);
		if (same && i > os)
			(void)snprintf(line, sizeof(line),
			    "%s=%.300s and %s=%.300s are one folder, which is "
			    "published for both systems; give each its own, "
			    "unless its files are for both",
			    config_os_key((enum path_os)os), c->path[os],
			    config_os_key((enum path_os)i), c->path[i]);
		else if (!same && is_below(folder, other))
			(void)snprintf(line, sizeof(line),
			    "%s=%.300s lies in %s=%.300s and is published "
			    "with it, unless Exclude leaves it out",
			    config_os_key((enum path_os)os), c->path[os],
			    config_os_key((enum path_os)i), c->path[i]);
		else
			continue;
		rc = names_add(&c->warnings, line, e);
	}
	return rc;
}

static int
warn_writable(struct server_config *c, const char *state, struct err *e)
{
	char line[LINE_BYTES];
	struct stat st;

	if (stat(state, &st) != 0 || (st.st_mode & S_IWOTH) == 0)
		return 0;
	(void)snprintf(line, sizeof(line),
	    "every user of this machine can write in the state folder %.600s, "
	    "and so change what stations get; take that right from them",
	    state);
	return names_add(&c->warnings, line, e);
}

int
server_config_check_folders(
    struct server_config *c, const char *state, struct err *e)
{
	char own[PATH_MAX], folder[PATH_MAX], line[LINE_BYTES];
	bool known = resolve(state, own); /* else opening it will say why */
	int os, rc;

	for (os = 0; os < PATH_OS_N; os++) {
		if (c->path[os] == NULL ||
		    realpath(c->path[os], folder) == NULL)
			continue;
		if (known && is_below(own, folder))
			return err_set(e, ERP_USAGE,
			    "the state folder %s lies in the update folder "
			    "%s=%s and would be published; set [ErpSync] "
			    "State to a folder elsewhere",
			    state, config_os_key((enum path_os)os),
			    c->path[os]);
		if ((rc = warn_shared(c, os, folder, e)) != 0)
			return rc;
	}
	if (config_warn_key(c->tls.key, line, sizeof(line)) &&
	    (rc = names_add(&c->warnings, line, e)) != 0)
		return rc;
	return warn_writable(c, state, e);
}

int
server_config_check_owner(const char *state, struct err *e)
{
	char path[PATH_MAX];
	struct stat st;

	/* Once a server is at home there its files tell, not the folder. */
	(void)snprintf(path, sizeof(path), "%s/format", state);
	if (!who_is_root() || (stat(path, &st) != 0 && stat(state, &st) != 0) ||
	    st.st_uid == 0)
		return 0;
	return err_set(e, ERP_AUTH,
	    "the state folder %.600s is another user's, whose server could not "
	    "read what root makes there; run this as that user",
	    state);
}
