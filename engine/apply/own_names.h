#ifndef ERPSYNC_ENGINE_APPLY_OWN_NAMES_H
#define ERPSYNC_ENGINE_APPLY_OWN_NAMES_H

/*
 * Names inside our own folder, and the raw paths of a client folder: those
 * of files that are not ours may break the path rules of releases, but never
 * these: relative, no empty, "." or ".." component, not absurdly long.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct fs;

#define OWN_STATE "state"
#define OWN_JOURNAL "journal"
#define OWN_COMMITTED "committed"
#define OWN_ROTATING "rotating"
#define OWN_LOCK "lock"
#define OWN_RECV "recv"
#define OWN_REFUSED "refused"
#define OWN_UNCHECKED "unchecked"
#define OWN_REPAIRED "repaired"
#define OWN_SPARE "spare"
#define OWN_MODES "modes.new" /* only to see what can be */
#define OWN_HELD "held"
#define OWN_SERVERS "servers"
#define OWN_LAST "last-server.ini"
#define OWN_TICKET "ticket"
#define OWN_KEYS "keys"
#define OWN_SEALS "seals"
#define OWN_INI "ini"
#define OWN_POLICY "policy"
#define OWN_FETCHED "fetched"

enum { OWN_PATH_BYTES = 2048, RAW_PATH_BYTES = 1900, RAW_PATH_DEPTH = 64 };

/* The folders of one transaction, below .erpsync. */
struct tx_names {
	char tmp[24]; /* what is to become live, and what was taken away */
	char bkp[24]; /* the backup being made */
	char trash[24]; /* the backup that falls out of the rotation */
};
void tx_names_of(uint64_t tx, struct tx_names *out);

/* "folder/below"; ERP_USAGE when it does not fit. */
int own_join(char out[OWN_PATH_BYTES], const char *folder, const char *below,
    struct err *e);

/*
 * What a transaction makes, and takes away, has numbers.  The first of them lie
 * in tmp.TX itself, OWN_BESIDE more in each of its folders in.K: why, says
 * stage_place.  The number tells where, so whoever wrote a journal, it can be
 * read; those of an earlier erpsync all lie in tmp.TX.
 *
 * The number of the n-th thing, of which so many lie side by side; its K, or 0;
 * the path of that folder, or of tmp.TX.
 */
enum { OWN_BESIDE = 256 }; /* at most */
uint32_t own_number(uint32_t n, uint32_t beside);
uint32_t own_home_of(uint32_t number);
void own_home(
    char out[OWN_PATH_BYTES], const struct tx_names *names, uint32_t home);

/* Where the new thing of a number lies, and what was taken away for it. */
void own_fresh(
    char out[OWN_PATH_BYTES], const struct tx_names *names, uint32_t number);
void own_taken(
    char out[OWN_PATH_BYTES], const struct tx_names *names, uint32_t number);

bool raw_path_ok(const char *path, size_t len);

/* Is there anything of this name?  1, 0 or a code. */
int own_exists(const struct fs *fs, int dir, const char *path, struct err *e);

/* Say of a failure at a name in .erpsync, opened by itself, that it is there:
 * rc, which is 0 or the code of e. */
int own_failed(int rc, struct err *e);

/* Remove a mark of .erpsync, opened as own, for sure; 0 when there is none. */
int own_forget(const struct fs *fs, int own, const char *name, struct err *e);

#endif
