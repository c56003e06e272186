/*
 * The record inside a backup and its bytes (docs/storage.md): written by
 * backup.c, read by history, rotation and rollbacks, and believed only as far
 * as it decodes.
 */
#include "engine/apply/backup.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/folder_state.h"
#include "engine/apply/own_names.h"
#include "engine/apply/record.h"
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/sort.h"
#include "engine/tree/manifest.h"

#include <assert.h>
#include <bsd/string.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BACKUP_MAGIC "ERPBKUP1"
#define BACKUP_MAX ((size_t)512 << 20)

enum { TARGET_MAX = 4096 };
enum { ENTRY_HASH = 1, ENTRY_ADDED = 2, ENTRY_GONE = 4, ENTRY_LEFT = 8 };
enum { BACKUP_FROM = 1, BACKUP_TO = 2, BACKUP_REPAIR = 4 };
enum { FLAGS_AT = 8 + 8 }; /* in the payload */

void
backup_init(struct backup *b)
{
	memset(b, 0, sizeof(*b));
}

static void
entry_release(struct backup_entry *x)
{
	free(x->path);
	free(x->kept);
	free(x->target);
}

void
backup_list_release(struct backup_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		entry_release(&list->v[i]);
	free(list->v);
	memset(list, 0, sizeof(*list));
}

void
backup_release(struct backup *b)
{
	backup_list_release(&b->files);
	backup_list_release(&b->written);
	backup_init(b);
}

struct backup_entry *
backup_list_add(struct backup_list *list, const char *path)
{
	size_t cap = list->cap == 0 ? 64 : 2 * list->cap;
	struct backup_entry *v = list->v;

	assert(list->n <= list->cap);
	if (list->n == list->cap) {
		if ((v = reallocarray(v, cap, sizeof(*v))) == NULL)
			return NULL;
		list->v = v;
		list->cap = cap;
	}
	v += list->n;
	memset(v, 0, sizeof(*v));
	if (path != NULL && (v->path = strdup(path)) == NULL)
		return NULL;
	list->n++;
	return v;
}

void
backup_list_drop(struct backup_list *list, size_t i)
{
	assert(i < list->n);
	entry_release(&list->v[i]);
	list->n--;
	memmove(
	    &list->v[i], &list->v[i + 1], (list->n - i) * sizeof(list->v[0]));
}

static int
compare_entries(const void *a, const void *b)
{
	const struct backup_entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

void
backup_list_sort(struct backup_list *list)
{
	sort_array(list->v, list->n, sizeof(list->v[0]), compare_entries);
}

static int
compare_path(const void *key, const void *entry)
{
	return strcmp(key, ((const struct backup_entry *)entry)->path);
}

struct backup_entry *
backup_list_find(const struct backup_list *list, const char *path)
{
	if (list->n == 0)
		return NULL;
	return bsearch(
	    path, list->v, list->n, sizeof(list->v[0]), compare_path);
}

const struct backup_entry *
backup_list_next(const struct backup_list *list, const char *path, size_t *at)
{
	const struct backup_entry *x;

	if (*at < list->n && strcmp(list->v[*at].path, path) == 0)
		return &list->v[(*at)++];
	if ((x = backup_list_find(list, path)) != NULL)
		*at = (size_t)(x - list->v) + 1;
	return x;
}

void
backup_list_join(struct backup_list *list)
{
	size_t i, j;

	for (i = 1, j = 0; i < list->n; i++) {
		if (strcmp(list->v[j].path, list->v[i].path) != 0) {
			j = i;
			continue;
		}
		backup_list_drop(list, list->v[j].gone ? j : i);
		list->v[j].added = false;
		i--;
	}
}

const char *
backup_entry_kept(const struct backup_entry *x)
{
	return x->kept != NULL ? x->kept : x->path;
}

static int
encode_entry(const struct backup_entry *x, struct buf *out, struct err *e)
{
	int flags = (x->content.known ? ENTRY_HASH : 0) |
	    (x->added ? ENTRY_ADDED : 0) | (x->gone ? ENTRY_GONE : 0) |
	    (x->how == BACKUP_LEAVE ? ENTRY_LEFT : 0);
	int rc;

	assert(x->type < FS_OTHER && x->path != NULL);
	if ((rc = put_u8(out, (uint8_t)x->type, e)) != 0 ||
	    (rc = put_u8(out, (uint8_t)flags, e)) != 0 ||
	    (rc = put_u32(out, x->mode, e)) != 0 ||
	    (rc = put_u64(out, x->content.size, e)) != 0 ||
	    (rc = put_u64(out, (uint64_t)x->mtime.s, e)) != 0 ||
	    (rc = put_u32(out, x->mtime.ns, e)) != 0 ||
	    (rc = record_put_text(out, x->path, e)) != 0)
		return rc;
	if (x->type == FS_SYMLINK &&
	    (rc = record_put_text(
		 out, x->target == NULL ? "" : x->target, e)) != 0)
		return rc;
	return x->content.known
	    ? buf_append(out, x->content.hash.b, HASH_LEN, e)
	    : 0;
}

static int
encode_list(const struct backup_list *list, struct buf *out, struct err *e)
{
	size_t i;
	int rc = put_u32(out, (uint32_t)list->n, e);

	for (i = 0; rc == 0 && i < list->n; i++)
		rc = encode_entry(&list->v[i], out, e);
	return rc;
}

int
backup_encode(const struct backup *b, struct buf *out, struct err *e)
{
	int flags = (b->has_from ? BACKUP_FROM : 0) |
	    (b->has_to ? BACKUP_TO : 0) | (b->repair ? BACKUP_REPAIR : 0);
	int rc;

	if ((rc = record_begin(out, BACKUP_MAGIC, e)) != 0 ||
	    (rc = put_u64(out, b->id, e)) != 0 ||
	    (rc = put_u64(out, (uint64_t)b->date, e)) != 0 ||
	    (rc = put_u8(out, (uint8_t)flags, e)) != 0 ||
	    (rc = buf_append(out, b->from.b, HASH_LEN, e)) != 0 ||
	    (rc = buf_append(out, b->to.b, HASH_LEN, e)) != 0 ||
	    (rc = record_put_text(out, b->from_build, e)) != 0 ||
	    (rc = record_put_text(out, b->to_build, e)) != 0 ||
	    (rc = encode_list(&b->files, out, e)) != 0 ||
	    (rc = encode_list(&b->written, out, e)) != 0)
		return rc;
	return record_end(out, e);
}

static int
decode_entry(struct cursor *c, struct backup_entry *x, struct err *e)
{
	uint8_t type = cursor_u8(c), flags = cursor_u8(c);
	int rc;

	if (type >= FS_OTHER || flags >= 2 * ENTRY_LEFT)
		return err_set(e, ERP_CORRUPT, "an entry is malformed");
	x->type = (enum fs_type)type;
	x->content.known = (flags & ENTRY_HASH) != 0;
	x->added = (flags & ENTRY_ADDED) != 0;
	x->gone = (flags & ENTRY_GONE) != 0;
	if ((flags & ENTRY_LEFT) != 0)
		x->how = BACKUP_LEAVE;
	x->mode = cursor_u32(c) & 07777;
	x->content.size = cursor_u64(c);
	x->mtime.s = (int64_t)cursor_u64(c);
	x->mtime.ns = cursor_u32(c);
	if ((rc = record_get_path(c, &x->path, e)) != 0)
		return rc;
	if (x->type == FS_SYMLINK &&
	    (rc = record_get_text(c, TARGET_MAX, &x->target, e)) != 0)
		return rc;
	if (x->content.known)
		cursor_copy(c, x->content.hash.b, HASH_LEN);
	if (c->bad || x->mtime.ns >= STAMP_NS_END)
		return err_set(e, ERP_CORRUPT, "an entry is malformed");
	return 0;
}

/* Entries come sorted and each path once. */
static int
decode_list(struct cursor *c, struct backup_list *list, struct err *e)
{
	uint32_t i, n = cursor_u32(c);
	struct backup_entry *x;
	int rc;

	for (i = 0; i < n; i++) {
		if ((x = backup_list_add(list, NULL)) == NULL)
			return err_nomem(e);
		if ((rc = decode_entry(c, x, e)) != 0)
			return rc;
		if (i > 0 && strcmp(x[-1].path, x->path) >= 0)
			return err_set(
			    e, ERP_CORRUPT, "its entries are not in order");
	}
	return 0;
}

static void
set_flags(struct backup *b, uint8_t flags)
{
	b->has_from = (flags & BACKUP_FROM) != 0;
	b->has_to = (flags & BACKUP_TO) != 0;
	b->repair = (flags & BACKUP_REPAIR) != 0;
}

/* All before its lists. */
static int
decode_head(struct cursor *c, struct backup *b, struct err *e)
{
	uint8_t flags;
	int rc;

	b->id = cursor_u64(c);
	b->date = (int64_t)cursor_u64(c);
	flags = cursor_u8(c);
	set_flags(b, flags);
	cursor_copy(c, b->from.b, HASH_LEN);
	cursor_copy(c, b->to.b, HASH_LEN);
	if ((rc = record_get_label(
		 c, b->from_build, sizeof(b->from_build), e)) == 0)
		rc = record_get_label(c, b->to_build, sizeof(b->to_build), e);
	if (rc == 0 &&
	    (c->bad || flags > (BACKUP_FROM | BACKUP_TO | BACKUP_REPAIR)))
		rc = err_set(e, ERP_CORRUPT, "it is malformed");
	return rc;
}

int
backup_decode(struct cursor *c, struct backup *b, struct err *e)
{
	int rc;

	if ((rc = decode_head(c, b, e)) == 0 &&
	    (rc = decode_list(c, &b->files, e)) == 0 &&
	    (rc = decode_list(c, &b->written, e)) == 0 && !cursor_end(c))
		rc = err_set(e, ERP_CORRUPT, "it is malformed");
	if (rc != 0)
		backup_release(b);
	return rc;
}

int
backup_read(const struct fs *fs, int dir, const char *name, struct backup *b,
    struct err *e)
{
	char path[OWN_PATH_BYTES];
	struct cursor c;
	struct buf bytes;
	int rc;

	if ((rc = own_join(path, name, BACKUP_RECORD, e)) != 0)
		return rc;
	buf_init(&bytes, BACKUP_MAX);
	rc = record_read(
	    fs, (struct at){dir, path}, BACKUP_MAGIC, &bytes, &c, e);
	if (rc == 0)
		rc = backup_decode(&c, b, e);
	if (rc == ERP_CORRUPT)
		(void)err_context(e, "the backup's record %s", path);
	buf_release(&bytes);
	return rc;
}

int
backup_state(const struct fs *fs, int dir, const char *name,
    const struct backup *b, struct folder_state *out, struct err *e)
{
	char path[OWN_PATH_BYTES];
	int rc;

	if ((rc = own_join(path, name, BACKUP_STATE, e)) != 0)
		return rc;
	rc = state_read(fs, dir, path, out, e);
	if (!hash_equal(&out->release, &b->from))
		out->known = false;
	return rc == ERP_CORRUPT || rc == ERP_NEWER ? 0 : rc;
}

/* Is there a file, in folders all the way?  1, 0 or a code.  Each is asked what
 * it is: that something in between is a link is not taken from an errno. */
static int
has_record(const struct fs *fs, int dir, const char *path, struct err *e)
{
	char part[OWN_PATH_BYTES];
	const char *slash = path;
	struct fs_stat st;
	int rc;

	do {
		slash = strchr(slash + 1, '/');
		(void)strlcpy(part, path, sizeof(part));
		if (slash != NULL)
			part[slash - path] = '\0';
		if ((rc = at_find(fs, dir, part, &st, e)) <= 0)
			return rc;
		if (st.type != (slash != NULL ? FS_DIR : FS_FILE))
			return 0;
	} while (slash != NULL);
	return 1;
}

/* The first n bytes of the record in dir/name, if there are so many and they
 * are of one: 1, 0 or a code. */
static int
read_front(const struct fs *fs, const struct at *in, uint8_t *p, size_t n,
    struct err *e)
{
	char path[OWN_PATH_BYTES];
	int64_t got;
	int fd, rc;

	assert(n >= RECORD_MAGIC_LEN);
	if ((rc = own_join(path, in->path, BACKUP_RECORD, e)) != 0 ||
	    (rc = has_record(fs, in->dir, path, e)) <= 0)
		return rc;
	if ((fd = fs_open(fs, in->dir, path, FS_READ, 0)) == -ENOENT)
		return 0;
	if (fd < 0)
		return err_sys(e, -fd, "open", path);
	got = fs_pread(fs, fd, p, n, 0);
	fs_close_quietly(fs, &fd);
	if (got < 0)
		return err_sys(e, (int)-got, "read", path);
	return got == (int64_t)n &&
	    memcmp(p, BACKUP_MAGIC, RECORD_MAGIC_LEN) == 0;
}

int
backup_identify(const struct fs *fs, int dir, const char *name, struct err *e)
{
	uint8_t magic[RECORD_MAGIC_LEN];

	return read_front(fs, &(struct at){dir, name}, magic, sizeof(magic), e);
}

int
backup_glance(const struct fs *fs, int dir, const char *name, struct backup *b,
    struct err *e)
{
	uint8_t front[RECORD_HEADER_LEN + FLAGS_AT + 1];
	int rc =
	    read_front(fs, &(struct at){dir, name}, front, sizeof(front), e);

	if (rc == 1)
		set_flags(b, front[sizeof(front) - 1]);
	return rc;
}

bool
backup_is_ours(const struct fs *fs, int dir, const char *name)
{
	return backup_identify(fs, dir, name, NULL) == 1;
}
