#ifndef ERPSYNC_TRANSPORT_API_ERPSYNC_INI_H
#define ERPSYNC_TRANSPORT_API_ERPSYNC_INI_H

/*
 * What an update does with INI files that a station has; comes with erpsync.h,
 * for both ends.
 */

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct erpsync_error;

/* Whose value of a key counts that station and release both changed. */
enum erpsync_ini_conflict { ERPSYNC_STATION_WINS = 1, ERPSYNC_RELEASE_WINS };

/*
 * A policy is a list of rules, "PATTERN:POLICY" with commas between, or POLICY
 * alone for all INI files; the first that fits counts.  overwrite: as any other
 * file, also where no rule fits; keep: what is there stays; merge: the
 * release's changes are brought into what is there, key by key.
 */
struct erpsync_ini {
	const char *policy; /* NULL: no rule */
	enum erpsync_ini_conflict conflict; /* 0: not said; the station's */
};

/* ERPSYNC_USAGE for a list that cannot be. */
int erpsync_ini_policy_check(const char *policy, struct erpsync_error *e);

/* Does it keep what a station has at this path of its folder? */
bool erpsync_ini_policy_keeps(const char *policy, const char *path);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
