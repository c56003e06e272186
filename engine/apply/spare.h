#ifndef ERPSYNC_ENGINE_APPLY_SPARE_H
#define ERPSYNC_ENGINE_APPLY_SPARE_H

/*
 * The spare: of the backup that fell out of the rotation, its folders and those
 * names whose files have another one elsewhere.  Nearly all files of a backup
 * are links that the one three updates earlier had too, so the next backup is
 * made of the spare: what is the same is neither removed nor linked anew, and
 * an update of many files works by what changed.
 *
 * It holds no content of its own, and is only a help: which inode a name has
 * is all that is believed of it, and where it is of no use it goes.
 */

#include <stdbool.h>
#include <stdint.h>

struct backup_list;
struct folder;

/* Make the backup that lies in .erpsync as name, which is nobody's any more,
 * the spare.  false: it still lies there, if with less in it, and is to be
 * removed: there is a spare, or nothing of this one is of use. */
bool spare_keep(struct folder *f, const char *name);

/*
 * Make the spare bkp.TX, as far as the backup of these files, sorted, is to
 * have the same: what is there (of each entry) needs not be made; everything
 * else in it is gone.  Its folders are as new ones, this user's alone, not
 * sealed.  false: there is no bkp.TX, nothing is there, and the spare is
 * garbage.
 */
bool spare_use(struct folder *f, struct backup_list *files, const char *bkp);

/* The spare goes, for the room that its names take; was there one? */
bool spare_drop(struct folder *f);

/* The bytes that go with it, of files that nothing else names any more: people
 * may have removed the backups that had them. */
uint64_t spare_bytes(const struct folder *f);

#endif
