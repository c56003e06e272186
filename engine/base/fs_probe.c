/*
 * What an update needs of a disk, one thing after the other, each with files
 * of its own in a folder that goes afterwards.  Below the command self-test;
 * what takes another program is in fs_probe_shared.c.
 */
#include "engine/base/fs_probe.h"

#include "engine/base/fs.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/fs_probe_internal.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	NAME_BYTES = 255, /* of the longest name tried */
	DEEP = 20, /* folders of the deepest path, each so long: */
	DEEP_PART = 49,
	RESERVED = 1 << 20, /* bytes */
	TIME_STEP_MAX = 2 /* seconds: FAT's */
};

static int
try_files(const struct trial *t, struct err *e)
{
	int rc = trial_put(t, "a", "text", e);

	return rc != 0 ? rc : trial_has(t, "a", "text", e);
}

/* What was written, what is only read, and the folder of both. */
static int
try_flush(const struct trial *t, struct err *e)
{
	int rc = trial_put(t, "a", "text", e);

	if (rc == 0 && (rc = at_sync(t->fs, t->dir, "a", FS_WRITE, e)) == 0 &&
	    (rc = at_sync(t->fs, t->dir, "a", FS_READ, e)) == 0)
		rc = dir_sync(t->fs, t->dir, ".", e);
	return rc;
}

static int
try_replace(const struct trial *t, struct err *e)
{
	int rc;

	if ((rc = trial_put(t, "a", "old", e)) != 0 ||
	    (rc = trial_put(t, "b", "new", e)) != 0 ||
	    (rc = at_rename(t->fs, t->dir, "b", "a", e)) != 0 ||
	    (rc = trial_has(t, "a", "new", e)) != 0)
		return rc;
	return trial_gone(t, "b", e);
}

static int
try_keep(const struct trial *t, struct err *e)
{
	int rc;

	if ((rc = trial_put(t, "a", "old", e)) != 0 ||
	    (rc = trial_put(t, "b", "new", e)) != 0)
		return rc;
	rc = fs_rename(t->fs, t->dir, "b", t->dir, "a", false);
	if (rc == 0)
		return err_set(e, ERP_IO, "a file was replaced all the same");
	if (rc != -EEXIST)
		return at_failed(rc, "rename", "b", e);
	return trial_has(t, "a", "old", e);
}

static int
try_open_file(const struct trial *t, struct err *e)
{
	int rc, fd, how;

	if ((rc = trial_put(t, "a", "old", e)) != 0 ||
	    (rc = trial_put(t, "b", "new", e)) != 0)
		return rc;
	if ((fd = at_open(t->fs, t->dir, "a", FS_READ, e)) < 0)
		return fd;
	if ((how = trial_put_in_place(t, "b", "a", e)) >= 0 &&
	    (rc = trial_has(t, "a", "new", e)) < 0)
		how = rc;
	(void)fs_close(t->fs, fd);
	return how;
}

static int
try_removed(const struct trial *t, struct err *e)
{
	struct fs_stat st;
	int rc, fd;

	if ((rc = trial_put(t, "a", "old", e)) != 0)
		return rc;
	if ((fd = at_open(t->fs, t->dir, "a", FS_READ, e)) < 0)
		return fd;
	if ((rc = at_unlink(t->fs, t->dir, "a", e)) == 0)
		rc = fs_stat(t->fs, t->dir, "a", &st) == 0 ||
			trial_put(t, "a", "new", e) != 0
		    ? err_set(e, TRIAL_OTHERWISE,
			  "its name stays until it is closed")
		    : trial_has(t, "a", "new", e);
	(void)fs_close(t->fs, fd);
	return rc;
}

static int
try_read_only(const struct trial *t, struct err *e)
{
	int rc;

	if ((rc = trial_put(t, "a", "old", e)) != 0 ||
	    (rc = trial_mode(t, "a", 0444, e)) != 0 ||
	    (rc = trial_put(t, "b", "new", e)) != 0 ||
	    (rc = trial_mode(t, "b", 0444, e)) != 0 ||
	    (rc = at_sync(t->fs, t->dir, "b", FS_READ, e)) != 0 ||
	    (rc = at_rename(t->fs, t->dir, "b", "a", e)) != 0 ||
	    (rc = trial_has(t, "a", "new", e)) != 0)
		return rc;
	return at_unlink(t->fs, t->dir, "a", e);
}

/* Also with a file below it that somebody reads. */
static int
try_folder(const struct trial *t, struct err *e)
{
	int rc, fd;

	if ((rc = at_mkdir(t->fs, t->dir, "f", 0755, e)) != 0 ||
	    (rc = trial_put(t, "f/a", "text", e)) != 0 ||
	    (rc = at_rename(t->fs, t->dir, "f", "g", e)) != 0 ||
	    (rc = trial_has(t, "g/a", "text", e)) != 0)
		return rc;
	if ((fd = at_open(t->fs, t->dir, "g/a", FS_READ, e)) < 0)
		return fd;
	if (fs_rename(t->fs, t->dir, "g", t->dir, "h", true) != 0)
		rc = err_set(
		    e, TRIAL_OTHERWISE, "not while a file in it is open");
	(void)fs_close(t->fs, fd);
	return rc;
}

static int
try_links(const struct trial *t, struct err *e)
{
	struct fs_stat a, b;
	int rc;

	if ((rc = trial_put(t, "a", "text", e)) != 0)
		return rc;
	rc = fs_link(t->fs, t->dir, "a", t->dir, "b");
	if (rc != 0)
		return file_link_is_refused(rc)
		    ? err_set(e, TRIAL_OTHERWISE, "none, backups are copies")
		    : at_failed(rc, "link", "a", e);
	if ((rc = at_stat(t->fs, t->dir, "a", &a, e)) != 0 ||
	    (rc = at_stat(t->fs, t->dir, "b", &b, e)) != 0)
		return rc;
	if (a.dev != b.dev || a.ino != b.ino)
		return err_set(e, ERP_IO, "a hard link is another file");
	if ((rc = at_unlink(t->fs, t->dir, "a", e)) != 0)
		return rc;
	return trial_has(t, "b", "text", e);
}

/* How coarse the disk's times are, by one that has all digits. */
static int
tell_step(struct stamp set, struct stamp got, struct err *e)
{
	static const uint32_t steps[] = {1, 100, 1000, 1000000};
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (got.s == set.s && got.ns == set.ns / steps[i] * steps[i])
			return err_set(e, 0, "to %" PRIu32 " ns", steps[i]);
	if (got.s <= set.s + TIME_STEP_MAX && got.s >= set.s - TIME_STEP_MAX)
		return err_set(e, TRIAL_OTHERWISE, "only to whole seconds");
	return err_set(e, ERP_IO, "a file has another time than it was given");
}

static int
try_times(const struct trial *t, struct err *e)
{
	static const struct stamp old = {1234567890, 123456789};
	struct fs_stat st;
	int rc, fd;

	if ((rc = trial_put(t, "a", "text", e)) != 0)
		return rc;
	if ((fd = at_open(t->fs, t->dir, "a", FS_WRITE, e)) < 0)
		return fd;
	rc = fs_futimes(t->fs, fd, old);
	(void)fs_close(t->fs, fd);
	if (rc != 0)
		return at_failed(rc, "set time of", "a", e);
	if ((rc = at_rename(t->fs, t->dir, "a", "b", e)) != 0 ||
	    (rc = at_stat(t->fs, t->dir, "b", &st, e)) != 0)
		return rc;
	return tell_step(old, st.mtime, e);
}

static int
try_attributes(const struct trial *t, struct err *e)
{
	struct fs_stat st;
	int rc;

	if ((rc = trial_put(t, "a", "text", e)) != 0 ||
	    (rc = trial_mode(t, "a", 0555, e)) != 0 ||
	    (rc = at_rename(t->fs, t->dir, "a", "b", e)) != 0 ||
	    (rc = at_stat(t->fs, t->dir, "b", &st, e)) != 0)
		return rc;
	return st.mode == 0555
	    ? 0
	    : err_set(e, TRIAL_OTHERWISE, "not all, this disk has others");
}

static int
name_seen(void *arg, const char *name)
{
	return strcmp(arg, name) == 0;
}

/* Is there an entry that is spelt so? */
static int
is_listed(const struct trial *t, const char *name, struct err *e)
{
	char wanted[NAME_BYTES + 1];
	int rc;

	(void)snprintf(wanted, sizeof(wanted), "%s", name);
	if ((rc = fs_list(t->fs, t->dir, name_seen, wanted)) < 0)
		return at_failed(rc, "read folder", name, e);
	return rc == 1
	    ? 0
	    : err_path(e, ERP_IO, name, "the disk spells this name otherwise");
}

/* Another spelling of the same name comes in two steps. */
static int
try_case(const struct trial *t, struct err *e)
{
	struct fs_stat st;
	int rc, folds;

	if ((rc = trial_put(t, "Name", "text", e)) != 0)
		return rc;
	folds = fs_stat(t->fs, t->dir, "nAME", &st) == 0;
	if ((rc = at_rename(t->fs, t->dir, "Name", "b", e)) != 0 ||
	    (rc = at_rename(t->fs, t->dir, "b", "nAME", e)) != 0 ||
	    (rc = is_listed(t, "nAME", e)) != 0)
		return rc;
	return folds ? err_set(e, 0, "they are the same in names")
		     : err_set(e, 0, "they differ in names");
}

/* Portuguese, and a character of four bytes. */
static int
try_accents(const struct trial *t, struct err *e)
{
	static const char name[] =
	    "a\303\247\303\243o \360\237\230\200 \303\211";
	int rc = trial_put(t, name, "text", e);

	if (rc == 0 && (rc = trial_has(t, name, "text", e)) == 0)
		rc = is_listed(t, name, e);
	return rc;
}

static int
try_long_name(const struct trial *t, struct err *e)
{
	char name[NAME_BYTES + 1];
	int rc;

	memset(name, 'n', NAME_BYTES);
	name[NAME_BYTES] = '\0';
	if ((rc = trial_put(t, name, "text", e)) == 0)
		return trial_has(t, name, "text", e);
	name[200] = '\0'; /* of path.h */
	if (trial_put(t, name, "text", e) != 0)
		return rc;
	return err_set(e, TRIAL_OTHERWISE, "not all %d characters", NAME_BYTES);
}

static int
try_deep_path(const struct trial *t, struct err *e)
{
	char path[DEEP * (DEEP_PART + 1) + 8] = "";
	size_t n = 0;
	int i, rc;

	for (i = 0; i < DEEP; i++) {
		memset(path + n, 'd', DEEP_PART);
		n += DEEP_PART;
		path[n++] = '/';
	}
	path[n - 1] = '\0';
	if ((rc = dir_make(t->fs, t->dir, path, e)) != 0)
		return rc;
	(void)snprintf(path + n - 1, sizeof(path) - n + 1, "/a");
	if ((rc = trial_put(t, path, "text", e)) != 0)
		return rc;
	return trial_has(t, path, "text", e);
}

static int
try_reserve(const struct trial *t, struct err *e)
{
	struct fs_stat st;
	int rc, fd;

	if ((fd = at_create(t->fs, t->dir, "a", e)) < 0)
		return fd;
	rc = fs_allocate(t->fs, fd, RESERVED);
	if (rc == 0)
		rc = fs_fstat(t->fs, fd, &st);
	(void)fs_close(t->fs, fd);
	if (rc != 0)
		return at_failed(rc, "reserve space for", "a", e);
	/* An update is content with that: fs_allocate. */
	return st.size >= RESERVED ? 0
				   : err_set(e, TRIAL_OTHERWISE,
					 "not on this disk, only the free "
					 "space is looked at");
}

static int
try_space(const struct trial *t, struct err *e)
{
	struct fs_space space;
	int rc = fs_space(t->fs, t->dir, &space);

	if (rc != 0)
		return at_failed(rc, "look at", "a", e);
	if (space.bytes_free == UINT64_MAX)
		return err_set(e, TRIAL_OTHERWISE, "the disk does not tell it");
	return err_set(e, 0, "%" PRIu64 " MB", space.bytes_free / 1024 / 1024);
}

static int
try_symlink(const struct trial *t, struct err *e)
{
	struct fs_stat st;
	int rc;

	if ((rc = trial_put(t, "a", "text", e)) != 0)
		return rc;
	rc = fs_symlink(t->fs, "a", t->dir, "l");
	if (rc == -EOPNOTSUPP || rc == -EPERM || rc == -ENOSYS)
		return err_set(
		    e, TRIAL_UNTRIED, "there are none on this system or disk");
	if (rc != 0)
		return at_failed(rc, "create link", "l", e);
	if ((rc = at_stat(t->fs, t->dir, "l", &st, e)) != 0)
		return rc;
	if (st.type != FS_SYMLINK)
		return err_set(e, ERP_IO, "a link is followed");
	rc = fs_open(t->fs, t->dir, "l", FS_READ, 0);
	if (rc < 0)
		return 0;
	(void)fs_close(t->fs, rc);
	return err_set(e, ERP_IO, "a link is followed");
}

/* What the words are for: cli/messages has them in other languages. */
static const struct {
	const char *what;
	int (*run)(const struct trial *t, struct err *e);
} trials[] = {
    {.what = "make, write and read a file", try_files},
    {.what = "get files and folders onto the disk", try_flush},
    {.what = "replace a file in one step", try_replace},
    {.what = "replace no file by mistake", try_keep},
    {.what = "replace a file that is open", try_open_file},
    {.what = "remove a file that is open", try_removed},
    {.what = "replace and remove a read-only file", try_read_only},
    {.what = "move a folder", try_folder},
    {.what = "hard links", try_links},
    {.what = "times of files", try_times},
    {.what = "attributes of files", try_attributes},
    {.what = "upper and lower case", try_case},
    {.what = "names with accents and symbols", try_accents},
    {.what = "long names", try_long_name},
    {.what = "deep folders", try_deep_path},
    {.what = "reserve space", try_reserve},
    {.what = "free space", try_space},
    {.what = "symbolic links", try_symlink},
    {.what = "one update at a time", trial_lock},
    {.what = "replace a program that runs", trial_program},
    {.what = "a file that another program holds", trial_held},
};

/* One thing, in a folder of its own below top. */
static int
try_one(const struct probe *p, int top, size_t i, struct err *note)
{
	struct trial t = {p->fs, -1, p->friend};
	int rc;

	note->msg[0] = '\0';
	if ((rc = at_mkdir(p->fs, top, "t", 0755, note)) != 0)
		return rc;
	if ((t.dir = at_open(p->fs, top, "t", FS_DIRECTORY, note)) < 0)
		return t.dir;
	rc = trials[i].run(&t, note);
	(void)fs_close(p->fs, t.dir);
	return rc;
}

static enum probe_how
how_of(int rc)
{
	if (rc < 0)
		return PROBE_WRONG;
	return rc == TRIAL_OTHERWISE ? PROBE_OTHERWISE
	    : rc == TRIAL_UNTRIED    ? PROBE_UNTRIED
				     : PROBE_RIGHT;
}

/* All things; what one leaves behind is in no other's way. */
static int
try_all(const struct probe *p, int top, struct err *e)
{
	struct err note;
	int wrong = 0, rc;
	size_t i;

	for (i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
		rc = try_one(p, top, i, &note);
		p->told(p->arg, trials[i].what, how_of(rc), &note);
		wrong += rc < 0;
		if ((rc = tree_remove(p->fs, top, "t", e)) != 0)
			return rc;
	}
	return wrong;
}

int
fs_probe(const struct probe *p, struct err *e)
{
	struct err left;
	int rc, top;

	if ((rc = at_mkdir(p->fs, p->dir, p->name, 0755, e)) != 0)
		return rc;
	top = at_open(p->fs, p->dir, p->name, FS_DIRECTORY, e);
	rc = top < 0 ? top : try_all(p, top, e);
	fs_close_quietly(p->fs, &top);
	if (tree_remove(p->fs, p->dir, p->name, &left) != 0 && rc >= 0) {
		*e = left;
		rc = left.code;
	}
	return rc;
}
