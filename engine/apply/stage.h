#ifndef ERPSYNC_ENGINE_APPLY_STAGE_H
#define ERPSYNC_ENGINE_APPLY_STAGE_H

/*
 * The receiving area of a client folder: contents named by their hash, and
 * parts of blobs named by the blob's id.  It survives a crash, and what is
 * found in it is verified before it is used again, so a station that was
 * killed while receiving continues from what it has.
 */

#include "engine/base/hash.h"
#include "engine/delta/pack.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct folder;
struct manifest;
struct range_source;
struct source;
struct stage;

int stage_open(struct folder *f, struct stage **out, struct err *e);
void stage_close(struct stage *s);

/* 1 when this content is there, whole and verified; 0 when not. */
int stage_has(
    struct stage *s, const struct hash *hash, uint64_t size, struct err *e);

/* A content that a blob makes, alone or as a member of a group. */
struct stage_member {
	const char *basis_path; /* the live file that is needed, or NULL */
	uint64_t basis_size; /* group: what it is taken to have; 0 without */
	const struct hash *want;
	uint64_t size; /* group: > 0 */
	bool done; /* group, out: the content is in the stage */
};

/*
 * Decode a blob into the one content m.  Nothing stays behind on failure:
 * ERP_MISMATCH and ERP_CORRUPT as unpack.
 */
int stage_put(struct stage *s, enum codec codec,
    const struct range_source *blob, const struct stage_member *m,
    struct err *e);

/*
 * A group: many small contents that one blob makes, from the concatenation
 * of live files to that of the contents.
 *
 * Decode a group's blob.  Each content is verified by itself: a live file
 * that is gone or changed spoils only what is made of it.  ERP_CORRUPT and
 * ERP_MISMATCH: the blob is malformed; what is done is good even so.
 */
int stage_put_group(struct stage *s, enum codec codec,
    const struct source *blob, struct stage_member *v, size_t n, struct err *e);

/*
 * Take the content want of size bytes from the live file at path, where it
 * has another name so far.  ERP_MISMATCH if the file is not that any more.
 */
int stage_copy(struct stage *s, const char *path, const struct hash *want,
    uint64_t size, struct err *e);

/*
 * What a stage would find, for a dry run: read-only, so nothing is verified
 * that would have to be repaired.  1 when the content lies there with its
 * size, which after a trim is in its place alone; the bytes of a blob's part
 * (0: none).
 */
int stage_peek(const struct folder *f, const struct hash *hash, uint64_t size);
int stage_peek_trimmed(
    const struct folder *f, const struct hash *hash, uint64_t size);
uint64_t stage_peek_part(const struct folder *f, const struct hash *blob);

/*
 * Remove what lies there and want does not name, and all parts but the one
 * written last.  Before the stage of this update is opened.
 */
int stage_trim(struct folder *f, const struct manifest *want, struct err *e);

/* The longest part that lies there, of which blob: its bytes, 0 when there is
 * none. */
uint64_t stage_find_part(const struct folder *f, struct hash *blob);

/* Blob parts: bytes received so far, kept across crashes. */
int stage_part_len(struct stage *s, const struct hash *blob, uint64_t *len,
    struct err *e); /* 0 when there is none */
int stage_part_append(struct stage *s, const struct hash *blob, uint64_t off,
    const void *p, size_t n, struct err *e); /* off must be the length */
/* Is the part exactly the blob it is named after?  1 or 0 (then removed). */
int stage_part_verify(
    struct stage *s, const struct hash *blob, uint64_t len, struct err *e);
/* Open it for reading: a descriptor of folder_fs. */
int stage_part_open(struct stage *s, const struct hash *blob, struct err *e);
int stage_part_remove(struct stage *s, const struct hash *blob, struct err *e);

#endif
