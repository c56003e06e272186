/*
 * The state folder must be apart from what is published: looked at after the
 * settings are read, before either is opened.
 */
#include "cli/config/config.h"

#include "engine/base/err.h"

#include <bsd/string.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

int
server_config_check_state(
    const struct server_config *c, const char *state, struct err *e)
{
	char own[PATH_MAX], folder[PATH_MAX];
	int os;

	if (!resolve(state, own))
		return 0; /* opening it will say why */
	for (os = 0; os < PATH_OS_N; os++) {
		if (c->path[os] == NULL ||
		    realpath(c->path[os], folder) == NULL)
			continue;
		if (is_below(own, folder))
			return err_set(e, ERP_USAGE,
			    "the state folder %s lies in the update folder "
			    "%s=%s and would be published; set [ErpSync] "
			    "State to a folder elsewhere",
			    state, config_os_key((enum path_os)os),
			    c->path[os]);
	}
	return 0;
}
