#ifndef ERPSYNC_ENGINE_APPLY_SYSTEM_H
#define ERPSYNC_ENGINE_APPLY_SYSTEM_H

/*
 * Whose files does a client folder have?  The release that is installed says
 * it; before the first one, the client's own program does.
 */

struct folder;

enum { SYSTEM_UNKNOWN = -1, SYSTEM_SEVERAL = -2 };

/* An enum path_os, or below 0: nothing tells, or programs of several do. */
int system_of_folder(const struct folder *f);

#endif
