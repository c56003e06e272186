/*
 * The receiving area: contents by hash.  What lies on disk is believed only
 * after it was hashed once in this process.
 */
#include "engine/apply/stage.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/space.h"
#include "engine/apply/stage_internal.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/sparse.h"
#include "engine/base/stream.h"

#include <assert.h>
#include <bsd/string.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEMP ".tmp"

static struct staged **
bucket_of(struct stage *s, const struct hash *hash)
{
	return &s->verified[(hash->b[0] | hash->b[1] << 8) % STAGE_BUCKETS];
}

static struct staged *
find_staged(struct stage *s, const struct hash *hash)
{
	struct staged *n = *bucket_of(s, hash);

	while (n != NULL && !hash_equal(&n->hash, hash))
		n = n->next;
	return n;
}

static int
remember(struct stage *s, const struct hash *hash, struct err *e)
{
	struct staged **head = bucket_of(s, hash);
	struct staged *n = find_staged(s, hash);

	if (n != NULL) {
		free(n->moved);
		n->moved = NULL;
		return 0;
	}
	if ((n = calloc(1, sizeof(*n))) == NULL)
		return err_nomem(e);
	n->hash = *hash;
	n->next = *head;
	*head = n;
	return 0;
}

static void
forget(struct stage *s, struct staged *gone)
{
	struct staged **at = bucket_of(s, &gone->hash);

	assert(find_staged(s, &gone->hash) == gone);
	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	free(gone->moved);
	free(gone);
}

void
stage_name(
    char out[STAGE_NAME_BYTES], const struct hash *hash, const char *suffix)
{
	char hex[HASH_HEX_LEN + 1];

	hash_hex(hash, hex);
	(void)strlcpy(out, hex, STAGE_NAME_BYTES);
	(void)strlcat(out, suffix, STAGE_NAME_BYTES);
}

bool
stage_name_parse(const char *name, const char *suffix, struct hash *out)
{
	char hex[HASH_HEX_LEN + 1];

	if (strlen(name) != HASH_HEX_LEN + strlen(suffix) ||
	    strcmp(name + HASH_HEX_LEN, suffix) != 0)
		return false;
	memcpy(hex, name, HASH_HEX_LEN);
	hex[HASH_HEX_LEN] = '\0';
	return hash_parse(hex, out);
}

/* Unfinished files of a killed run. */
static int
remove_temps(struct stage *s, struct err *e)
{
	struct names list = {NULL, 0, 0};
	size_t i, len;
	int rc = names_list(s->fs, s->dir, OWN_RECV, &list, e);

	for (i = 0; rc == 0 && i < list.n; i++) {
		len = strlen(list.v[i]);
		if (len > 4 && strcmp(list.v[i] + len - 4, TEMP) == 0)
			rc = tree_remove(s->fs, s->dir, list.v[i], e);
	}
	names_release(&list);
	return rc;
}

int
stage_open(struct folder *f, struct stage **out, struct err *e)
{
	struct stage *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return err_nomem(e);
	s->f = f;
	s->fs = f->fs;
	s->part_fd = -1;
	rc = fs_mkdir(f->fs, f->own, OWN_RECV, 0700);
	if (rc < 0 && rc != -EEXIST) {
		s->dir = -1;
		rc = err_sys(e, -rc, "create folder", ".erpsync/" OWN_RECV);
		goto out;
	}
	s->dir = fs_open(f->fs, f->own, OWN_RECV, FS_DIRECTORY, 0);
	if (s->dir < 0) {
		rc = err_sys(e, -s->dir, "open", ".erpsync/" OWN_RECV);
		goto out;
	}
	rc = remove_temps(s, e);
out:
	if (rc != 0) {
		stage_close(s);
		s = NULL;
	}
	*out = s;
	return rc;
}

void
stage_close(struct stage *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < STAGE_BUCKETS; i++)
		while (s->verified[i] != NULL)
			forget(s, s->verified[i]);
	fs_close_quietly(s->fs, &s->part_fd);
	fs_close_quietly(s->fs, &s->dir);
	free(s);
}

/* Nothing is received for an empty file. */
static int
is_empty_content(const struct hash *hash, uint64_t size, struct err *e)
{
	struct hash empty;
	int rc;

	if (size != 0)
		return 0;
	if ((rc = hash_bytes("", 0, &empty, e)) != 0)
		return rc;
	return hash_equal(hash, &empty);
}

/*
 * A content gets its name as a whole: it is made under another one beside it,
 * renamed when it is good, and removed when it is not.  temp_clear, or
 * temp_create where it is written through f->out, then temp_settle with how
 * it went: the code that comes in comes back.
 */
static void
temp_name(struct stage *s, struct stage_file *f, const struct hash *want)
{
	f->want = *want;
	stage_name(f->temp, want, TEMP);
	f->out = (struct file_stream){s->fs, -1, 0, f->temp};
}

static int
temp_clear(struct stage *s, struct stage_file *f, const struct hash *want,
    struct err *e)
{
	temp_name(s, f, want);
	return own_failed(tree_remove(s->fs, s->dir, f->temp, e), e);
}

static int
temp_create(struct stage *s, struct stage_file *f, const struct hash *want,
    struct err *e)
{
	/* It may become a program, on a disk that takes no other mode. */
	const uint32_t mode = AT_PRIVATE | 0100;
	int rc;

	temp_name(s, f, want);
	/* Hardly ever is there one that could not be removed. */
	f->out.fd = at_create_mode(s->fs, s->dir, f->temp, mode, e);
	if (f->out.fd < 0 && e->sys == EEXIST) {
		if ((rc = temp_clear(s, f, want, e)) != 0)
			return rc;
		f->out.fd = at_create_mode(s->fs, s->dir, f->temp, mode, e);
	}
	return f->out.fd < 0 ? own_failed(f->out.fd, e) : 0;
}

static int
temp_settle(struct stage *s, struct stage_file *f, int rc, struct err *e)
{
	char name[STAGE_NAME_BYTES];

	assert(rc <= 0);
	stage_name(name, &f->want, "");
	fs_close_quietly(s->fs, &f->out.fd);
	if (rc == 0)
		rc = own_failed(at_rename(s->fs, s->dir, f->temp, name, e), e);
	if (rc != 0)
		(void)fs_unlink(s->fs, s->dir, f->temp);
	return rc;
}

/*
 * Give a content of an earlier session an inode of its own.  A sync of the
 * old one may have failed then; the kernel calls it clean since, and would
 * tell the next sync that all is well.  So bytes, not shared blocks.
 */
static int
renew(struct stage *s, int *fd, const char *name, const struct hash *hash,
    struct err *e)
{
	struct file_stream in = {s->fs, *fd, 0, name};
	struct source src = source_of_file(&in);
	struct stage_file file;
	struct sink to = sink_of_file(&file.out);
	int64_t n;
	int rc;

	if ((rc = temp_create(s, &file, hash, e)) != 0)
		return rc;
	n = stream_copy(&src, &to, e);
	rc = n < 0 ? (int)n : 0;
	if (rc == 0 && (rc = sparse_end(s->fs, file.out.fd, file.out.pos)) < 0)
		rc = err_sys(e, -rc, "write", file.temp);
	/* Not every system replaces what is open. */
	fs_close_quietly(s->fs, fd);
	return temp_settle(s, &file, rc, e);
}

/* Hash what is there: 1 when it is the content, else 0 and it is removed. */
static int
verify_content(struct stage *s, const char *name, const struct hash *hash,
    uint64_t size, struct err *e)
{
	struct fs_stat st;
	struct hash seen;
	int fd, rc = 0;
	bool good;

	fd = fs_open(s->fs, s->dir, name, FS_READ, 0);
	if (fd == -ENOENT)
		return 0;
	/* Made under an odd umask: nobody could ever use it. */
	if (fd == -EACCES)
		return tree_remove(s->fs, s->dir, name, e);
	if (fd < 0)
		return err_sys(e, -fd, "open", name);
	rc = at_fstat(s->fs, fd, name, &st, e);
	/* A second link would be a live file: never hand it out again. */
	good =
	    rc == 0 && st.type == FS_FILE && st.size == size && st.nlink == 1;
	if (good && (rc = file_hash(s->fs, fd, name, &seen, e)) == 0)
		good = hash_equal(&seen, hash);
	if (rc == 0 && good &&
	    (rc = renew(s, &fd, name, hash, e)) == ERP_NOSPACE) {
		good = false; /* then it is received again */
		rc = 0;
	}
	fs_close_quietly(s->fs, &fd);
	if (rc != 0)
		return rc;
	if (!good)
		return tree_remove(s->fs, s->dir, name, e);
	return (rc = remember(s, hash, e)) != 0 ? rc : 1;
}

int
stage_has(
    struct stage *s, const struct hash *hash, uint64_t size, struct err *e)
{
	char name[STAGE_NAME_BYTES];
	struct staged *known = find_staged(s, hash);
	struct fs_stat st;
	int rc = is_empty_content(hash, size, e);

	if (rc != 0)
		return rc;
	stage_name(name, hash, "");
	if (known == NULL)
		return verify_content(s, name, hash, size, e);
	if (known->moved != NULL)
		rc = fs_stat(s->fs, s->f->own, known->moved, &st);
	else
		rc = fs_stat(s->fs, s->dir, name, &st);
	if (rc == 0 && st.type == FS_FILE && st.size == size)
		return 1;
	forget(s, known);
	return 0;
}

/* Open the live file a delta starts from. */
static int
open_basis(struct stage *s, const char *path, struct file_stream *in,
    struct range_source *range, struct err *e)
{
	struct fs_stat st;
	int rc;

	in->path = path;
	in->fd = at_open(s->fs, s->f->dir, path, FS_READ, e);
	if (in->fd < 0)
		return in->fd;
	if ((rc = at_fstat(s->fs, in->fd, path, &st, e)) != 0)
		return rc;
	if (st.type != FS_FILE)
		return err_path(e, ERP_MISMATCH, path, "is no longer a file");
	*range = range_of_file(in, st.size);
	return 0;
}

int
stage_give_back(struct stage *s, int rc)
{
	struct err late;

	if (rc == ERP_NOSPACE) {
		fs_close_quietly(s->fs, &s->part_fd);
		(void)stage_clear(s->f, &late);
	}
	return rc;
}

int
stage_file_begin(struct stage *s, struct stage_file *f, const struct hash *want,
    uint64_t size, struct err *e)
{
	int rc;

	if ((rc = temp_create(s, f, want, e)) != 0)
		return rc;
	/* A full disk is noticed before the work, not after. */
	space_give(s->f, size);
	if (size == 0 || (rc = fs_truncate(s->fs, f->out.fd, size)) == 0)
		return 0;
	rc = err_sys(e, -rc, "reserve space for", f->temp);
	return temp_settle(s, f, rc, e);
}

int
stage_file_end(struct stage *s, struct stage_file *f, int rc, struct err *e)
{
	assert(f->out.fd >= 0);
	if (rc == 0)
		fs_writeback(s->fs, f->out.fd);
	rc = temp_settle(s, f, rc, e);
	return rc == 0 ? remember(s, &f->want, e) : rc;
}

int
stage_put(struct stage *s, enum codec codec, const struct range_source *blob,
    const struct stage_member *m, struct err *e)
{
	struct file_stream in = {s->fs, -1, 0, NULL};
	struct unpack_task task = {codec, NULL, m->size, m->want};
	struct range_source basis;
	struct stage_file file;
	int rc = 0;

	if (m->basis_path != NULL) {
		rc = open_basis(s, m->basis_path, &in, &basis, e);
		task.basis = &basis;
	}
	if (rc == 0 &&
	    (rc = stage_file_begin(s, &file, m->want, m->size, e)) == 0) {
		rc = unpack_file(&task, blob, folder_crew(s->f), &file.out, e);
		rc = stage_file_end(s, &file, rc, e);
	}
	fs_close_quietly(s->fs, &in.fd);
	return stage_give_back(s, rc);
}

int
stage_copy(struct stage *s, const char *path, const struct hash *want,
    uint64_t size, struct err *e)
{
	struct copied copy = {.as = NULL};
	struct stage_file file;
	int rc;

	if ((rc = temp_clear(s, &file, want, e)) == 0)
		rc = file_copy(s->fs, (struct at){s->f->dir, path},
		    (struct at){s->dir, file.temp}, &copy, e);
	if (rc == 0 && (copy.st.size != size || !hash_equal(&copy.hash, want)))
		rc = err_path(e, ERP_MISMATCH, path, "has changed");
	rc = temp_settle(s, &file, rc, e);
	return rc == 0 ? remember(s, want, e) : rc;
}

/* Rename the content to its place, for file systems without links. */
static int
take_by_rename(struct stage *s, struct staged *known, const char *name,
    const char *to, struct err *e)
{
	int rc;

	assert(known->moved == NULL);
	if ((known->moved = strdup(to)) == NULL)
		return err_nomem(e);
	rc = fs_rename(s->fs, s->dir, name, s->f->own, to, false);
	if (rc == 0)
		return 0;
	free(known->moved);
	known->moved = NULL;
	return err_sys(e, -rc, "rename", name);
}

int
stage_take(struct stage *s, const struct hash *hash, uint64_t size,
    const char *to, struct err *e)
{
	char name[STAGE_NAME_BYTES];
	struct staged *known;
	struct fs_stat st;
	int rc;

	stage_name(name, hash, "");
	if ((rc = stage_has(s, hash, size, e)) < 0)
		return rc;
	if (rc == 0)
		return err_path(e, ERP_NOTFOUND, name,
		    "was not received; run the update again");
	if ((known = find_staged(s, hash)) == NULL) {
		/* Empty: nothing was received, nothing is needed. */
		if ((rc = at_create(s->fs, s->f->own, to, e)) < 0)
			return rc;
		rc = fs_close(s->fs, rc);
		return rc < 0 ? err_sys(e, -rc, "close", to) : 0;
	}
	if (known->moved != NULL)
		return file_copy(s->fs, (struct at){s->f->own, known->moved},
		    (struct at){s->f->own, to}, NULL, e);
	if ((rc = at_stat(s->fs, s->dir, name, &st, e)) != 0)
		return rc;
	if (st.nlink > 1)
		return file_copy(s->fs, (struct at){s->dir, name},
		    (struct at){s->f->own, to}, NULL, e);
	rc = fs_link(s->fs, s->dir, name, s->f->own, to);
	return rc == 0 ? 0 : take_by_rename(s, known, name, to, e);
}

int
stage_clear(struct folder *f, struct err *e)
{
	struct names list = {NULL, 0, 0};
	int dir, rc;
	size_t i;

	dir = fs_open(f->fs, f->own, OWN_RECV, FS_DIRECTORY, 0);
	if (dir == -ENOENT)
		return 0;
	if (dir < 0)
		return err_sys(e, -dir, "open", ".erpsync/" OWN_RECV);
	rc = names_list(f->fs, dir, OWN_RECV, &list, e);
	for (i = 0; rc == 0 && i < list.n; i++)
		rc = tree_remove(f->fs, dir, list.v[i], e);
	names_release(&list);
	fs_close_quietly(f->fs, &dir);
	return own_failed(rc, e);
}
