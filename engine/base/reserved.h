#ifndef ERPSYNC_ENGINE_BASE_RESERVED_H
#define ERPSYNC_ENGINE_BASE_RESERVED_H

/*
 * Names at the top of a client folder that are not the release's: our own,
 * and the file system's.  A release with one is refused, scans pass over them.
 */

#include <stdbool.h>

/*
 * Is the path, or its first component, one of our own names, ".erpsync" or
 * "bkp_remote." and anything, in any case; or the file system's, "lost+found"
 * just so?
 */
bool path_is_reserved(const char *path);

/* Is it the latter, which is at the root of each ext volume? */
bool path_is_of_disk(const char *path);

/* Is its first component what FAT or NTFS may call one of ours for short:
 * "ERPSYN~1", "BKP_RE~1.001"? */
bool path_is_short_of_reserved(const char *path);

#endif
