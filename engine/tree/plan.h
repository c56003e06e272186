#ifndef ERPSYNC_ENGINE_TREE_PLAN_H
#define ERPSYNC_ENGINE_TREE_PLAN_H

/*
 * The comparison: the release a station should have against the folder it
 * has.  Pure: two manifests in, ordered actions out; no I/O, no clock.
 *
 * The documented rule is size, date and time: an existing file that differs
 * in any of them is replaced.  Times are compared to the second, within a
 * window.  Where the content hash of both is known and equal, the file is
 * not transferred: only its time (or exec bit) is set.  A file whose content
 * the release changed without changing its size or time, as builds do that
 * give all files one date, is known by the release that is installed.
 * What the server leaves out of its releases (left_out.h) is not deleted.
 *
 * An INI file that policies (ini_policy.h) leave to the station is its own,
 * ACTION_EXTRA, whatever it has: one to be kept always, one to be merged as
 * long as the release has the content that it had when it was installed.
 */

#include "engine/tree/manifest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct ini_policies;
struct left_out;

enum action_kind {
	ACTION_SAME, /* nothing to do */
	ACTION_NEW, /* missing on the station */
	ACTION_CHANGED, /* other content (or content not known to be equal) */
	ACTION_META, /* same content; time or exec bit differ */
	ACTION_DELETE, /* of the previous release, gone from the wanted one */
	ACTION_EXTRA /* on the station only; left alone */
};

enum reason { /* bits */
	REASON_SIZE = 1,
	REASON_TIME = 2,
	REASON_CONTENT = 4, /* hashes known and different */
	REASON_EXEC = 8,
	REASON_TYPE = 16,
	REASON_TARGET = 32, /* of a symbolic link */
	REASON_MERGE = 64 /* the station's own INI file: only brought into it */
};

struct action {
	enum action_kind kind;
	unsigned reasons; /* why CHANGED or META */
	const struct entry *want; /* NULL for DELETE and EXTRA */
	const struct entry *have; /* NULL for NEW */
	/* What goes is not what the previous release had there: a person or a
	 * program changed it since.  False without a previous release. */
	bool edited;
};

/* A key that station and release had both changed, or that the station's file
 * cannot hold as the release has it, in the INI file of the action of this
 * number. */
struct plan_conflict {
	size_t action;
	char *section; /* "": before the first one */
	char *key;
	char *release; /* the release's value */
	bool release_lacks; /* it has the key no more; release is "" */
	bool release_wins;
};

struct plan_options {
	uint32_t modify_window; /* seconds two mtimes may differ */
	bool checksum; /* compare by content, not by time */
	bool ignore_exec; /* windows sets: no exec bit to compare */
	bool remove; /* DELETE what the previous release had, unchanged */
	const struct manifest *previous; /* installed release, or NULL */
	bool current; /* and it is the wanted one */
	const struct ini_policies *ini; /* or NULL */
	const struct left_out *left_out; /* or NULL */
};

struct plan {
	struct action *v; /* in path order */
	size_t n;
	size_t new_n, changed_n, meta_n, same_n, delete_n, extra_n;
	bool current; /* as the options: it puts right what is installed */
	const struct ini_policies *ini; /* as the options */
	struct entry *made; /* wanted by plan_want, made_n of them; their texts
			       are borrowed */
	size_t made_n;
	/* Told by plan_take_conflict; those of an action side by side. */
	struct plan_conflict *conflicts;
	size_t conflicts_n;
};

/*
 * Does planning need the content hash of what the station has?  True for two
 * files whose stat differs (or with opt->checksum), so that a copy can be
 * avoided and a basis can be named, and where the previous release had
 * another content; of other types as for an extra.  have->content.known then
 * has to be filled before plan_build.
 */
bool plan_needs_hash(const struct entry *want, const struct entry *have,
    const struct plan_options *opt);

/*
 * The same for an entry that only the station has: is it a file that may be
 * of the previous release, so that only its hash tells if it may be deleted?
 */
bool plan_needs_extra_hash(
    const struct entry *have, const struct plan_options *opt);

/*
 * Compare.  Entries are borrowed from want and have, which must outlive the
 * plan.  A file in the way of a folder (or the reverse) is planned as DELETE
 * of what is in the way, if it belongs to the previous release unchanged or
 * is an empty folder or a single file; a folder holding anything else is
 * ERP_BLOCKED naming it: unmanaged files are never removed.  Such a DELETE
 * and the NEW that needs its name stand side by side, with REASON_TYPE; a
 * file and a link in each other's place are one CHANGED.  Folders come before
 * what they hold, so deletions are done from the end.
 */
int plan_build(const struct manifest *want, const struct manifest *have,
    const struct plan_options *opt, struct plan *out, struct err *e);
void plan_release(struct plan *p);

/*
 * Of the CHANGED file of action a (of p), after its merge: it is to have this
 * content and time instead of the release's; or it is left as it is, EXTRA.
 */
int plan_want(struct plan *p, struct action *a, const struct content *content,
    struct stamp mtime, struct err *e);
void plan_leave(struct plan *p, struct action *a);

/* Keep this conflict, whose number is set here and whose texts are the plan's
 * from now on, also after a failure: ERP_NOMEM, also where one is NULL. */
int plan_take_conflict(struct plan *p, const struct action *a,
    struct plan_conflict *c, struct err *e);

/* How many files and links are to be changed: folders are not counted. */
size_t plan_files(const struct plan *p);

/* Is there nothing to do (only SAME and EXTRA)? */
bool plan_is_empty(const struct plan *p);

/* Is this name, of which the wanted release has nothing, to be removed? */
bool plan_removes(const struct plan *p, const char *path);

/* Is all that is wanted there, whatever its times and exec bits? */
bool plan_keeps_content(const struct plan *p);

#endif
