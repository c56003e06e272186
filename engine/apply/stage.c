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

/* An unfinished file of a killed run. */
static int
remove_temp(void *arg, const struct stage_sight *it, struct err *e)
{
	const struct stage *s = arg;
	size_t len = strlen(it->name);

	return len > 4 && strcmp(it->name + len - 4, TEMP) == 0
	    ? tree_remove(s->fs, it->at, it->name, e)
	    : 0;
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
		rc = folder_own_shut(f, OWN_RECV, -s->dir, e);
		goto out;
	}
	/* One that cannot go is in nobody's way, and told when all are to. */
	(void)stage_walk(s->fs, s->dir, remove_temp, s, NULL);
	rc = 0;
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
			staged_forget(s, s->verified[i]);
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
 * it went: the code that comes in comes back.  home, where it is to lie, stays
 * open between them.
 */
static void
temp_name(
    struct stage *s, struct stage_file *f, int home, const struct hash *want)
{
	f->want = *want;
	f->home = home;
	stage_name(f->temp, want, TEMP);
	f->out = (struct file_stream){s->fs, -1, 0, f->temp};
}

static int
temp_clear(struct stage *s, struct stage_file *f, int home,
    const struct hash *want, struct err *e)
{
	temp_name(s, f, home, want);
	return own_failed(tree_remove(s->fs, home, f->temp, e), e);
}

static int
temp_create(struct stage *s, struct stage_file *f, int home,
    const struct hash *want, struct err *e)
{
	/* It may become a program, on a disk that takes no other mode. */
	const uint32_t mode = AT_PRIVATE | 0100;
	int rc;

	temp_name(s, f, home, want);
	/* Hardly ever is there one that could not be removed. */
	f->out.fd = at_create_mode(s->fs, home, f->temp, mode, e);
	if (f->out.fd < 0 && e->sys == EEXIST) {
		if ((rc = temp_clear(s, f, home, want, e)) != 0)
			return rc;
		f->out.fd = at_create_mode(s->fs, home, f->temp, mode, e);
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
		rc = own_failed(at_rename(s->fs, f->home, f->temp, name, e), e);
	if (rc != 0)
		(void)fs_unlink(s->fs, f->home, f->temp);
	return rc;
}

/*
 * Give a content of an earlier session an inode of its own.  A sync of the
 * old one may have failed then; the kernel calls it clean since, and would
 * tell the next sync that all is well.  So bytes, not shared blocks.
 */
static int
renew(
    struct stage *s, int home, int *fd, const struct hash *hash, struct err *e)
{
	char name[STAGE_NAME_BYTES];
	struct file_stream in = {s->fs, *fd, 0, name};
	struct source src = source_of_file(&in);
	struct stage_file file;
	struct sink to = sink_of_file(&file.out);
	int64_t n;
	int rc;

	stage_name(name, hash, "");
	if ((rc = temp_create(s, &file, home, hash, e)) != 0)
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
verify_content(struct stage *s, int home, const struct hash *hash,
    uint64_t size, struct err *e)
{
	char name[STAGE_NAME_BYTES];
	struct fs_stat st;
	struct hash seen;
	int fd, rc = 0;
	bool good;

	stage_name(name, hash, "");
	fd = fs_open(s->fs, home, name, FS_READ, 0);
	if (fd == -ENOENT)
		return 0;
	/* Made under an odd umask: nobody could ever use it. */
	if (fd == -EACCES)
		return tree_remove(s->fs, home, name, e);
	if (fd < 0)
		return err_sys(e, -fd, "open", name);
	rc = at_fstat(s->fs, fd, name, &st, e);
	/* A second link would be a live file: never hand it out again. */
	good =
	    rc == 0 && st.type == FS_FILE && st.size == size && st.nlink == 1;
	if (good && (rc = file_hash(s->fs, fd, name, &seen, e)) == 0)
		good = hash_equal(&seen, hash);
	if (rc == 0 && good &&
	    (rc = renew(s, home, &fd, hash, e)) == ERP_NOSPACE) {
		good = false; /* then it is received again */
		rc = 0;
	}
	fs_close_quietly(s->fs, &fd);
	if (rc != 0)
		return rc;
	if (!good)
		return tree_remove(s->fs, home, name, e);
	return (rc = staged_remember(s, hash, e)) != 0 ? rc : 1;
}

/* The same of what this process knows to be there, which may be gone. */
static int
look_again(struct stage *s, int home, struct staged *known, uint64_t size)
{
	char name[STAGE_NAME_BYTES];
	struct fs_stat st;
	int rc = -ENOENT;

	stage_name(name, &known->hash, "");
	if (known->moved != NULL)
		rc = fs_stat(s->fs, s->f->own, known->moved, &st);
	else if (home >= 0)
		rc = fs_stat(s->fs, home, name, &st);
	if (rc == 0 && st.type == FS_FILE && st.size == size)
		return 1;
	staged_forget(s, known);
	return 0;
}

/* Is it there, if it has bytes?  home: where it lies, or ERP_NOTFOUND. */
static int
has_in(struct stage *s, int home, const struct hash *hash, uint64_t size,
    struct err *e)
{
	struct staged *known = staged_find(s, hash);

	if (known != NULL)
		return look_again(s, home, known, size);
	return home < 0 ? 0 : verify_content(s, home, hash, size, e);
}

int
stage_has(
    struct stage *s, const struct hash *hash, uint64_t size, struct err *e)
{
	int home, rc = is_empty_content(hash, size, e);

	if (rc != 0)
		return rc;
	if ((home = stage_home(s->f, s->dir, hash, false, e)) < 0 &&
	    home != ERP_NOTFOUND)
		return home;
	rc = has_in(s, home, hash, size, e);
	fs_close_quietly(s->fs, &home);
	return rc;
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
	int rc, home = stage_home(s->f, s->dir, want, true, e);

	if (home < 0)
		return home;
	if ((rc = temp_create(s, f, home, want, e)) != 0) {
		fs_close_quietly(s->fs, &f->home);
		return rc;
	}
	/* A full disk is noticed before the work, not after. */
	space_give(s->f, size);
	if (size == 0 || (rc = fs_truncate(s->fs, f->out.fd, size)) == 0)
		return 0;
	rc = err_sys(e, -rc, "reserve space for", f->temp);
	rc = temp_settle(s, f, rc, e);
	fs_close_quietly(s->fs, &f->home);
	return rc;
}

int
stage_file_end(struct stage *s, struct stage_file *f, int rc, struct err *e)
{
	assert(f->out.fd >= 0);
	if (rc == 0)
		fs_writeback(s->fs, f->out.fd);
	rc = temp_settle(s, f, rc, e);
	fs_close_quietly(s->fs, &f->home);
	return rc == 0 ? staged_remember(s, &f->want, e) : rc;
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
	int rc, home = stage_home(s->f, s->dir, want, true, e);

	if (home < 0)
		return home;
	if ((rc = temp_clear(s, &file, home, want, e)) == 0)
		rc = file_copy(s->fs, (struct at){s->f->dir, path},
		    (struct at){home, file.temp}, &copy, e);
	if (rc == 0 && (copy.st.size != size || !hash_equal(&copy.hash, want)))
		rc = err_path(e, ERP_MISMATCH, path, "has changed");
	rc = temp_settle(s, &file, rc, e);
	fs_close_quietly(s->fs, &home);
	return rc == 0 ? staged_remember(s, want, e) : rc;
}

/* Nothing was received of an empty file, nothing is needed. */
static int
take_empty(struct stage *s, const char *to, struct err *e)
{
	int rc = at_create(s->fs, s->f->own, to, e);

	if (rc < 0)
		return rc;
	rc = fs_close(s->fs, rc);
	return rc < 0 ? err_sys(e, -rc, "close", to) : 0;
}

/* Rename the content to its place, for file systems without links. */
static int
take_by_rename(struct stage *s, struct staged *known, const struct at *from,
    const char *to, struct err *e)
{
	int rc;

	assert(known->moved == NULL);
	if ((known->moved = strdup(to)) == NULL)
		return err_nomem(e);
	rc = fs_rename(s->fs, from->dir, from->path, s->f->own, to, false);
	if (rc == 0)
		return 0;
	free(known->moved);
	known->moved = NULL;
	return err_sys(e, -rc, "rename", from->path);
}

static int
take_from(struct stage *s, int home, struct staged *known, const char *to,
    struct err *e)
{
	const struct at as = {s->f->own, to};
	char name[STAGE_NAME_BYTES];
	const struct at from = {home, name};
	struct fs_stat st;
	int rc;

	assert(known != NULL);
	if (known->moved != NULL)
		return file_copy(
		    s->fs, (struct at){as.dir, known->moved}, as, NULL, e);
	stage_name(name, &known->hash, "");
	if ((rc = at_stat(s->fs, home, name, &st, e)) != 0)
		return rc;
	if (st.nlink > 1)
		return file_copy(s->fs, from, as, NULL, e);
	rc = fs_link(s->fs, home, name, as.dir, to);
	return rc == 0 ? 0 : take_by_rename(s, known, &from, to, e);
}

int
stage_take(struct stage *s, const struct hash *hash, uint64_t size,
    const char *to, struct err *e)
{
	char name[STAGE_NAME_BYTES];
	int home, rc = is_empty_content(hash, size, e);

	if (rc != 0)
		return rc < 0 ? rc : take_empty(s, to, e);
	if ((home = stage_home(s->f, s->dir, hash, false, e)) < 0 &&
	    home != ERP_NOTFOUND)
		return home;
	stage_name(name, hash, "");
	rc = has_in(s, home, hash, size, e);
	if (rc == 1)
		rc = take_from(s, home, staged_find(s, hash), to, e);
	else if (rc == 0)
		rc = err_path(e, ERP_NOTFOUND, name,
		    "was not received; run the update again");
	fs_close_quietly(s->fs, &home);
	return rc;
}
