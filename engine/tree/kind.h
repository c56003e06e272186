#ifndef ERPSYNC_ENGINE_TREE_KIND_H
#define ERPSYNC_ENGINE_TREE_KIND_H

/*
 * What kind of file an entry is, by its name: how much of a client folder a
 * server may learn depends on it (docs/protocol.md, "What a server learns").
 */

#include <stdbool.h>

struct manifest;

/* A file of settings, which may hold addresses and passwords. */
bool kind_is_ini(const char *path);

/* One that may name a station's server, by its path in the client folder: the
 * number of its place, of which the first with a file counts; else 0. */
int kind_station_ini(const char *path);

/* The same, or a folder that such a place is in. */
bool kind_leads_to_station_ini(const char *path);

/* What runs: a program, a library, compiled code of the ERP. */
bool kind_is_code(const char *path);

/* The same, or what only comes with one: pictures, fonts. */
bool kind_is_program(const char *path);

/*
 * Mark, in the scanned manifest have, the files of which nothing may be told:
 * the INI files, and of those that the installed release (NULL: none is known)
 * does not have as files, all that are no programs or are not for all to read.
 * An exec bit makes a program too, but not where all of several files have
 * one, as on disks that keep none, nor among Windows' files.
 */
void kind_mark_secrets(struct manifest *have, const struct manifest *installed);

#endif
