#ifndef ERPSYNC_ENGINE_INI_INI_MERGE_H
#define ERPSYNC_ENGINE_INI_INI_MERGE_H

/*
 * A station's INI file and a new release of it, brought together key by key.
 *
 * With the file as the release before had it (the base), each key is seen to
 * have been changed by the station, by the release, by both or by neither; to
 * have none counts as a value like others.  Who alone changed a key has his
 * way.  Where both did, and not in the same way, that is a conflict, and one
 * rule decides them all.  Without a base nobody knows who changed what: what
 * only one of the two has stays, all else that differs is a conflict.
 *
 * The result is the station's file with what is taken from the release: its
 * own comments, order, case, blanks and line ends stay.  A new key comes with
 * the comments right above it, behind the key that it follows in the release,
 * a new section at the end.  Keys are compared as they are read (ini.h): case
 * of names, blanks, quotes and encoding do not count, and of a key that is
 * there twice the first one.  A station that left its file alone gets the
 * release's, byte for byte; a release that left it alone changes nothing.
 *
 * The encoding is the station's, whose programs read the file: what that one
 * lacks a character of does not come, be it a value, a key with all that
 * stands in its row, or a comment.  A file of ASCII alone, which has no byte
 * that could be read otherwise then, takes the release's with the first
 * character that needs one.  Pure.
 */

#include "engine/base/buf.h"
#include "engine/ini/ini_file.h"

#include <stdbool.h>
#include <stddef.h>

enum ini_conflict { INI_STATION_WINS, INI_RELEASE_WINS };

struct ini_merge {
	struct ini_bytes base; /* empty: it is not known */
	struct ini_bytes station;
	struct ini_bytes release;
	enum ini_conflict conflict;
};

/* A key whose value is not the same in station and release. */
struct ini_decision {
	struct ini_span section; /* p NULL: before the first section */
	struct ini_span key;
	/* As written there; p NULL: it has none. */
	struct ini_span base, station, release;
	bool taken; /* the release's (or none, if that has none) */
	bool unwritable; /* it was to be, but the file cannot hold it */
	bool conflict; /* both had changed it */
};

struct ini_merged {
	struct buf bytes; /* the result, at most INI_FILE_BYTES */
	struct ini_decision *v; /* the release's keys in its order, then those
				   that only the station has, in its order */
	size_t n, conflicts, unwritable;
	bool is_left; /* the station's: else it would be read otherwise */
	/* What the decisions point into. */
	struct ini_file base, station, release;
};

/*
 * Merge.  out is the caller's to release, whatever comes back.  1: there is no
 * result, since one of the files is no INI (ini_file.h) or it would be too
 * large; but where one of two is as the base, or both are the same, the result
 * is the other one, whatever they are, and without decisions if they are no
 * INI.  ERP_NOMEM.
 */
int ini_merge(
    const struct ini_merge *in, struct ini_merged *out, struct err *e);
void ini_merged_release(struct ini_merged *m);

#endif
