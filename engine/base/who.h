#ifndef ERPSYNC_ENGINE_BASE_WHO_H
#define ERPSYNC_ENGINE_BASE_WHO_H

/*
 * Who runs this program, and on which machine: asked of the system each time,
 * kept nowhere.  Texts are cut at their room; nothing here fails.
 */

#include "engine/base/path.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The system: whose files a station has that knows nothing better. */
enum path_os who_os(void);

/* The user whose rights count, as fs_stat has the owner of a file. */
uint32_t who_uid(void);

/* The group that what he makes gets, where no folder says another. */
uint32_t who_gid(void);

/* May this user do everything, whoever owns what? */
bool who_is_root(void);

/* The user's name; "?" when the system knows none. */
void who_user(char *out, size_t cap);

/* The name of the user with this number, or the number. */
void who_name(uint32_t uid, char *out, size_t cap);

/* The machine's name in its network; "" when it cannot be told. */
void who_host(char *out, size_t cap);

/* The language that the system speaks to this user, "pt", where no variable of
 * the environment says it; NULL where that is how it is said, or it is none of
 * those that we speak: pt, es, en. */
const char *who_language(void);

/* The kind of processor, "x86_64"; "" when it cannot be told. */
void who_arch(char *out, size_t cap);

/*
 * Can whoever has an account here read the file of this name, or change it, by
 * its mode?  Its group may read it.  false where that cannot be told.
 */
bool who_else_may(const char *path);

#endif
