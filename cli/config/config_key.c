/*
 * Secret keys that a configuration names, or an option: looked at when it is
 * known which, by server and station alike; their contents are the library's.
 */
#include "cli/config/config.h"

#include "engine/base/who.h"

#include <stdio.h>

bool
config_warn_key(const char *file, char *line, size_t n)
{
	if (file == NULL || !who_else_may(file))
		return false;
	(void)snprintf(line, n,
	    "the secret key %.600s can be read or changed by others; take that "
	    "right from them (chmod 600)",
	    file);
	return true;
}
