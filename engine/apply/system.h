#ifndef ERPSYNC_ENGINE_APPLY_SYSTEM_H
#define ERPSYNC_ENGINE_APPLY_SYSTEM_H

/*
 * Whose files does a client folder have?  The release that is installed says
 * it; before the first one, the client's own program does.
 */

struct folder;

/* An enum path_os, or -1 when nothing tells, or several things do. */
int system_of_folder(const struct folder *f);

#endif
