/* A client folder and two releases. */
#include "tests/support/update_pair.h"

#include <stdio.h>
#include <string.h>

enum { T1 = 1600000000, T2 = 1650000000, NAME = 128 };

/* A file that no program edits: it has NUL bytes. */
static void
program(struct tempdir *t, const char *dir, const char *name, const char *text,
    int64_t mtime)
{
	char path[NAME], bytes[NAME];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	memset(bytes, 0, sizeof(bytes));
	(void)snprintf(bytes, sizeof(bytes), "MZ%s", text);
	tempdir_write(t, path, bytes, sizeof(bytes), mtime);
	tempdir_touch(t, path, mtime, 123456789);
}

static void
text(struct tempdir *t, const char *dir, const char *name, const char *words,
    int64_t mtime)
{
	char path[NAME];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	tempdir_text(t, path, words, mtime);
}

/* What both releases have. */
static void
common(struct tempdir *t, const char *dir)
{
	program(t, dir, "lib/same.dll", "same", T1);
	text(t, dir, "readme.txt", "unchanged text", T1);
	program(t, dir, "share/res/a.bin", "resource", T1);
}

static void
release_1(struct tempdir *t, const char *dir)
{
	char path[NAME];

	common(t, dir);
	program(t, dir, "app.exe", "one", T1);
	program(t, dir, "lib/a.dll", "one", T1);
	program(t, dir, "gone.dll", "gone", T1);
	program(t, dir, "olddir/sub/x.dll", "gone too", T1);
	program(t, dir, "swapme", "a file, later a folder", T1);
	program(t, dir, "swapdir/in/inner.dll", "a folder, later a file", T1);
	program(t, dir, "touch.bin", "only its time changes", T1);
	text(t, dir, "conf.ini", "[a]\nx=1\n", T1);
	text(t, dir, "run.sh", "#!/bin/sh\n", T1);
	(void)snprintf(path, sizeof(path), "%s/link", dir);
	tempdir_symlink(t, "app.exe", path);
	tempdir_touch(t, path, T1, 0);
}

static void
release_2(struct tempdir *t, const char *dir)
{
	char path[NAME];

	common(t, dir);
	program(t, dir, "app.exe", "two", T2);
	program(t, dir, "lib/a.dll", "two", T2);
	program(t, dir, "swapme/inner.dll", "now inside", T2);
	program(t, dir, "swapdir", "now a file", T2);
	program(t, dir, "touch.bin", "only its time changes", T2);
	program(t, dir, "new/deep/n.dll", "new", T2);
	program(t, dir, "dup1.dll", "twice", T2);
	program(t, dir, "dup2.dll", "twice", T2);
	text(t, dir, "empty.dat", "", T2);
	text(t, dir, "conf.ini", "[a]\nx=2\n", T2);
	text(t, dir, "run.sh", "#!/bin/sh\n", T1);
	(void)snprintf(path, sizeof(path), "%s/run.sh", dir);
	tempdir_chmod(t, path, 0755);
	(void)snprintf(path, sizeof(path), "%s/link", dir);
	tempdir_symlink(t, "lib/a.dll", path);
	tempdir_touch(t, path, T2, 0);
}

void
pair_releases(struct tempdir *t)
{
	release_1(t, "v1");
	release_2(t, "v2");
}

void
pair_client(struct tempdir *t, const char *name)
{
	char path[NAME];

	release_1(t, name);
	text(t, name, "user.ini", "[mine]\n", T1 + 5);
	text(t, name, "notes/todo:1?.txt", "a name against the rules", T1 + 6);
	program(t, name, "lib/plugin.dll", "the user's own", T1 + 7);
	(void)snprintf(path, sizeof(path), "%s/lib", name);
	tempdir_touch(t, path, T1 + 8, 5);
	(void)snprintf(path, sizeof(path), "%s/app.exe", name);
	tempdir_chmod(t, path, 0755);
}

void
pair_folders(struct tempdir *t, char client[PAIR_PATH], char v1[PAIR_PATH],
    char v2[PAIR_PATH])
{
	tempdir_open(t);
	pair_releases(t);
	pair_client(t, "c");
	(void)snprintf(client, PAIR_PATH, "%s/c", t->path);
	(void)snprintf(v1, PAIR_PATH, "%s/v1", t->path);
	(void)snprintf(v2, PAIR_PATH, "%s/v2", t->path);
}
