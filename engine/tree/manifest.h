#ifndef ERPSYNC_ENGINE_TREE_MANIFEST_H
#define ERPSYNC_ENGINE_TREE_MANIFEST_H

/*
 * A manifest: the sorted entries of one folder, by itself a plain value.
 * Made by scanning a folder or by decoding the canonical bytes that a server
 * sends; the hash of those bytes is the id of a release.
 */

#include "engine/base/arena.h"
#include "engine/base/hash.h"
#include "engine/base/path.h"
#include "engine/base/stamp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

enum {
	MANIFEST_MAX_ENTRIES = 250000,
	MANIFEST_MAX_BYTES = 64 * 1024 * 1024,
	/* Bytes of all paths, and of what links lead to. */
	MANIFEST_MAX_PATHS = 32 * 1024 * 1024,
	MANIFEST_MAX_BUILD = 64 /* bytes of a build label, without NUL */
};
#define ENTRY_MAX_SIZE ((uint64_t)64 << 30) /* bytes of one file */
#define MANIFEST_MAX_TOTAL ((uint64_t)4 << 40) /* bytes of all files */
#define ENTRY_MAX_MTIME ((int64_t)1 << 33) /* seconds since 1970 */

enum entry_type { ENTRY_FILE = 1, ENTRY_DIR = 2, ENTRY_SYMLINK = 3 };

struct entry {
	char *path; /* relative, '/' between components */
	char *target; /* of a symbolic link, else NULL */
	struct content content; /* of files; else 0 */
	struct stamp mtime; /* files and links, from 1970 on; else 0 */
	enum entry_type type;
	bool exec; /* files: the owner may execute it */
	/* Of a scanned folder, not encoded: all users may read the file; and
	 * it is nobody's business, so it is no basis (kind.h). */
	bool is_public, is_secret;
	/* From a scan, not encoded. */
	struct stamp raw; /* mtime as it lies there, before 1970 too */
	uint64_t ino;
};

struct manifest {
	enum path_os os;
	char build[MANIFEST_MAX_BUILD + 1]; /* label, printable ASCII, or "" */
	struct entry *v; /* sorted by path, bytewise; unique */
	size_t n;
	size_t cap;
	struct arena texts; /* their paths and targets */
};

void manifest_init(struct manifest *m, enum path_os os);
void manifest_release(struct manifest *m);

/*
 * Append an entry; path and target are copied into it.  Order is the
 * caller's: call manifest_sort when all are there.  ERP_NOMEM.
 */
int manifest_add(struct manifest *m, const struct entry *entry, struct err *e);

/* Sort by path; ERP_CORRUPT naming a path that is there twice. */
int manifest_sort(struct manifest *m, struct err *e);

/* The entry with this path, or NULL. */
struct entry *manifest_find(const struct manifest *m, const char *path);

/* Take out the entry with this path, if it is there, and what lies below. */
void manifest_drop(struct manifest *m, const char *path);

/* Sum of all file sizes. */
uint64_t manifest_total(const struct manifest *m);

/* A deep copy. */
int manifest_copy(
    struct manifest *to, const struct manifest *from, struct err *e);

/*
 * Append the canonical bytes (docs/protocol.md, "Manifest").  Every file
 * must have its hash.  The bytes are the same for the same content on every
 * machine.
 */
int manifest_encode(const struct manifest *m, struct buf *out, struct err *e);

/*
 * Decode canonical bytes into an empty m, checking every rule: path grammar,
 * order, limits, parents present as directories and before their children,
 * no two names equal without case, links relative and inside, none for
 * windows.  ERP_CORRUPT with the reason.  m is released on failure.
 */
int manifest_decode(struct manifest *m, const void *p, size_t n, struct err *e);

/*
 * Only the hashes of the files in canonical bytes that nobody can have changed
 * since they were encoded: p points into them, to HASH_LEN bytes each.
 * ERP_CORRUPT with the reason.
 */
struct manifest_hashes {
	enum path_os os;
	const uint8_t *p;
	size_t n;
};
int manifest_decode_hashes(
    const void *p, size_t n, struct manifest_hashes *out, struct err *e);

/* The hash of the canonical bytes. */
int manifest_id(const struct manifest *m, struct hash *out, struct err *e);

/*
 * The gist: the hash of what the entries are and contain.  Releases that differ
 * in times only, or in the label of their build, have the same one.
 */
int manifest_gist(const struct manifest *m, struct hash *out, struct err *e);
/* Have they the same one?  Mostly seen at the first file that changed. */
bool manifest_same_gist(const struct manifest *a, const struct manifest *b);

/*
 * Call fn for each two neighbours, in the order of names without case, that
 * are the same name where case does not count.  ERP_NOMEM.
 */
typedef void manifest_clash_fn(void *ctx, const char *a, const char *b);
int manifest_clashes(
    const struct manifest *m, manifest_clash_fn *fn, void *ctx, struct err *e);

/*
 * The semantic rules above, for a manifest made by a scan: path grammar of
 * its os, sizes, names equal without case.  ERP_USAGE naming the entry.
 */
int manifest_check(const struct manifest *m, struct err *e);

#endif
