#ifndef ERPSYNC_ENGINE_APPLY_ROTATE_H
#define ERPSYNC_ENGINE_APPLY_ROTATE_H

/*
 * The three backups bkp_remote.001 .. 003, of which the highest number is
 * the newest.  Free numbers are filled upward, holes close downward; when
 * all three exist, 001 goes and the others move down.  Each rename is
 * decided by what is there, so it resumes after a crash without a counter.
 *
 * The backup of a repair, an update from a release to itself or to one of the
 * same gist, whose times alone are others, never costs another release's last
 * one: it takes the place of the newest when that is
 * of a repair too, else a free number, else that of the oldest whose release
 * another backup has or is the installed one; but of none with an edit of a
 * file of which it has none itself.  Where there is none it stays
 * in .erpsync/repaired, without a number, until the next update; and where
 * something that is no backup has the name of one, which an update refuses.
 * But what other times take an edit away with has a number, if need be the
 * oldest's.
 */

#include <stdbool.h>
#include <stdint.h>

struct backup;
struct err;
struct folder;
struct tx_names;

enum { ROTATE_SLOTS = 3, ROTATE_NAME_BYTES = 24, ROTATE_TRASH_BYTES = 28 };

/* Instead of a number: the last repair's that has none. */
enum { ROTATE_REPAIRED = ROTATE_SLOTS + 1 };

/* "bkp_remote.00N", or where the last repair's lies. */
void rotate_name(char out[ROTATE_NAME_BYTES], int number);

/* "trash.TX", where this number's lies when it may come back: of any but the
 * oldest with the number behind it. */
void rotate_trash(
    char out[ROTATE_TRASH_BYTES], const struct tx_names *names, int number);

/* Could a backup be added?  Folders of these names are backups, whoever made
 * them.  ERP_BLOCKED naming what is none. */
int rotate_check(struct folder *f, struct err *e);

/* Give bkp.TX its number.  Durable once .erpsync is synced too, which is left
 * to who removes the record of TX.  Nothing to do when it has one. */
int rotate_run(struct folder *f, const struct tx_names *names, struct err *e);

/*
 * After an update and the rollback that took it back: the backups of both
 * (tx) go, and the ones that made room for them, still in trash.TX, come back
 * to their places.  A crash in between loses some of those.  What came back
 * is durable when recover_collect has removed the others, not before.
 */
int rotate_unwind(
    struct folder *f, uint64_t update, uint64_t rollback, struct err *e);

/* Read the record of this number into an initialised b: 1; 0 when it is no
 * backup of ours, or its record is damaged; or a code. */
int rotate_read(struct folder *f, int number, struct backup *b, struct err *e);

/* Is it of a folder that nothing was in before its first update, but INI files
 * such as the one that names the server, which it left alone?  Only a check
 * that takes the update back has a use for it, and it gets no number. */
bool rotate_is_of_nothing(const struct backup *b);

/* The number that the backup of an update gets, if it is none of a repair:
 * 1..3; is the oldest in its way?  Or a code. */
int rotate_next(struct folder *f, bool *pushes, struct err *e);

/* The highest number with a backup of ours, else with a foreign one: 1..3, or
 * ERP_NOTFOUND. */
int rotate_newest(struct folder *f, struct err *e);

#endif
