/*
 * Identities of files: what the journal knows them by.  Taken when an
 * operation is added, compared when recovery or an undo finds a file under
 * some name.
 */
#include "engine/apply/identity.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"

#include <assert.h>
#include <string.h>

enum { TARGET_BYTES = 4096, HAS_HASH = 1 };

void
identity_of_stat(struct identity *id, const struct fs_stat *st)
{
	memset(id, 0, sizeof(*id));
	id->type = st->type;
	id->mode = st->mode;
	id->ino = st->ino;
	id->content.size = st->size;
	id->mtime = st->mtime;
}

void
identity_of_file(
    struct identity *id, const struct fs_stat *st, const struct hash *content)
{
	identity_of_stat(id, st);
	id->content.known = true;
	id->content.hash = *content;
}

static int
hash_of(const struct fs *fs, int dir, const char *path, enum fs_type type,
    struct hash *out, struct err *e)
{
	char target[TARGET_BYTES + 1];
	int fd, rc;

	assert(type == FS_FILE || type == FS_SYMLINK);
	if (type == FS_SYMLINK) {
		rc = at_readlink(fs, dir, path, target, sizeof(target), e);
		if (rc < 0)
			return rc;
		return hash_bytes(target, (size_t)rc, out, e);
	}
	if ((fd = at_open(fs, dir, path, FS_READ, e)) < 0)
		return fd;
	rc = file_hash(fs, fd, path, out, e);
	fs_close_quietly(fs, &fd);
	return rc;
}

int
identity_read(const struct fs *fs, int dir, const char *path, bool with_hash,
    struct identity *out, struct err *e)
{
	struct fs_stat st;
	int rc = at_stat(fs, dir, path, &st, e);

	if (rc != 0)
		return rc;
	identity_of_stat(out, &st);
	if (!with_hash || (st.type != FS_FILE && st.type != FS_SYMLINK))
		return 0;
	out->content.known = true;
	return hash_of(fs, dir, path, st.type, &out->content.hash, e);
}

bool
identity_is_exact(const struct identity *id, const struct fs_stat *st)
{
	if (id->type != st->type)
		return false;
	return id->type == FS_DIR ||
	    (id->ino == st->ino && id->content.size == st->size &&
		stamp_equal(id->mtime, st->mtime));
}

int
identity_match(const struct fs *fs, int dir, const char *path,
    const struct identity *id, bool trust_inodes, struct err *e)
{
	struct fs_stat st;
	struct hash h;
	int rc = at_find(fs, dir, path, &st, e);

	if (rc <= 0)
		return rc;
	if (trust_inodes && identity_is_exact(id, &st))
		return 1;
	if (st.type != id->type || st.type == FS_OTHER)
		return 0;
	if (st.type == FS_DIR)
		return 1;
	if (st.size != id->content.size || !id->content.known)
		return 0;
	/* Another inode with the same content, time and mode is the same file
	 * on a file system that renumbers; the same inode with the same
	 * content was only touched. */
	if (!(trust_inodes && st.ino == id->ino) &&
	    (st.mtime.s != id->mtime.s || st.mode != id->mode))
		return 0;
	if ((rc = hash_of(fs, dir, path, st.type, &h, e)) != 0)
		return rc;
	return hash_equal(&h, &id->content.hash);
}

int
identity_encode(const struct identity *id, struct buf *out, struct err *e)
{
	int rc;

	if ((rc = put_u8(out, (uint8_t)id->type, e)) != 0 ||
	    (rc = put_u8(out, id->content.known ? HAS_HASH : 0, e)) != 0 ||
	    (rc = put_u32(out, id->mode, e)) != 0 ||
	    (rc = put_u64(out, id->ino, e)) != 0 ||
	    (rc = put_u64(out, id->content.size, e)) != 0 ||
	    (rc = put_u64(out, (uint64_t)id->mtime.s, e)) != 0 ||
	    (rc = put_u32(out, id->mtime.ns, e)) != 0)
		return rc;
	return id->content.known
	    ? buf_append(out, id->content.hash.b, HASH_LEN, e)
	    : 0;
}

void
identity_decode(struct cursor *c, struct identity *out)
{
	uint8_t type = cursor_u8(c);
	uint8_t flags = cursor_u8(c);

	memset(out, 0, sizeof(*out));
	if (type > FS_OTHER || flags > HAS_HASH)
		c->bad = true;
	else
		out->type = (enum fs_type)type;
	out->content.known = flags == HAS_HASH;
	out->mode = cursor_u32(c);
	out->ino = cursor_u64(c);
	out->content.size = cursor_u64(c);
	out->mtime.s = (int64_t)cursor_u64(c);
	out->mtime.ns = cursor_u32(c);
	if (out->content.known)
		cursor_copy(c, out->content.hash.b, HASH_LEN);
}
