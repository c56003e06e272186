#ifndef ERPSYNC_ENGINE_APPLY_STAGE_INTERNAL_H
#define ERPSYNC_ENGINE_APPLY_STAGE_INTERNAL_H

/* The stage as its own files and the apply transaction see it. */

#include "engine/apply/stage.h"
#include "engine/base/hash.h"
#include "engine/base/stream.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct fs;

#define STAGE_PART ".part" /* what a part has after its hash */

enum { STAGE_NAME_BYTES = HASH_HEX_LEN + 8, STAGE_BUCKETS = 4096 };

/* A content verified in this process. */
struct staged {
	struct staged *next; /* of the same bucket */
	struct hash hash;
	char *moved; /* its name in .erpsync after a rename, or NULL */
};

struct stage {
	struct folder *f;
	const struct fs *fs;
	int dir; /* recv/ */
	struct staged *verified[STAGE_BUCKETS]; /* by the hash's first bytes */
	/* The part written last, kept open for the next bytes. */
	int part_fd; /* or -1 */
	struct hash part;
	uint64_t part_len;
};

/* The verified content, or NULL; one more, which is where it was received; one
 * less. */
struct staged *staged_find(const struct stage *s, const struct hash *hash);
int staged_remember(struct stage *s, const struct hash *hash, struct err *e);
void staged_forget(struct stage *s, struct staged *gone);

/* "HEX" + suffix; and the hash of a name that is made so. */
void stage_name(
    char out[STAGE_NAME_BYTES], const struct hash *hash, const char *suffix);
bool stage_name_parse(const char *name, const char *suffix, struct hash *out);

/*
 * Contents lie in folders of recv/ by the first byte of their hash, so that no
 * folder has many: where a system looks for a name through all the others, as
 * wine does, many in one cost their square.  Parts, of which there are few,
 * lie in recv/ itself.
 */
void stage_place(char out[STAGE_NAME_BYTES], const struct hash *hash);

/* The folder of hash, open; one that is missing is ERP_NOTFOUND or, with make,
 * made.  dir: recv/, open.
 */
int stage_home(struct folder *f, int dir, const struct hash *hash, bool make,
    struct err *e);
/* So many there are at most, and what one takes. */
enum { STAGE_HOMES = 256, STAGE_HOME_SIZE = 4096 };

/*
 * See all names in recv/, which is open as dir, and in its folders, which go
 * when nothing is in them: at is where name lies, home where a content lies and
 * not recv/ itself.  It goes on behind a failure, and tells the first.
 */
struct stage_sight {
	int at;
	bool home;
	const char *name;
};
typedef int stage_see_fn(
    void *arg, const struct stage_sight *it, struct err *e);
int stage_walk(
    const struct fs *fs, int dir, stage_see_fn *see, void *arg, struct err *e);

/*
 * A content on its way into the stage: begin, write all of it through out,
 * end.  With a code (rc: it failed meanwhile) end removes it and gives the
 * code back.  It must not move in memory.
 */
struct stage_file {
	struct file_stream out;
	int home; /* where it will lie */
	char temp[STAGE_NAME_BYTES];
	struct hash want;
};
int stage_file_begin(struct stage *s, struct stage_file *f,
    const struct hash *want, uint64_t size, struct err *e);
int stage_file_end(
    struct stage *s, struct stage_file *f, int rc, struct err *e);

/*
 * Give a verified content the name to (in .erpsync).  It stays in the stage
 * as a second link where the file system has links, so that an update that
 * is undone does not have to receive it again; wanted twice, it is copied.
 * ERP_NOTFOUND when it is not there.
 */
int stage_take(struct stage *s, const struct hash *hash, uint64_t size,
    const char *to, struct err *e);

/* Append a content that is there to out, of which ERP_NOTFOUND says that it is
 * not; and take one that was made here. */
int stage_read(struct stage *s, const struct hash *hash, uint64_t size,
    struct buf *out, struct err *e);
int stage_add(
    struct stage *s, const struct buf *bytes, struct hash *out, struct err *e);

/* A full disk gets back what was received; returns rc. */
int stage_give_back(struct stage *s, int rc);

/* Remove everything received from our folder f. */
int stage_clear(struct folder *f, struct err *e);

#endif
