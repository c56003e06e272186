/* What is updated. */
#include "tests/prove/release.h"

#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/stream.h"
#include "engine/delta/pack.h"
#include "tests/prove/prove.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	T0 = 1500000000,
	T1 = 1600000000,
	T2 = 1650000000,
	BLOB_MAX = 1 << 20,
	BYTES = 6000
};

/*
 * One name in two versions.  Kinds: d folder, l link, t text, x text to be
 * executed, p program (has NUL bytes), P the same with the later time even
 * if its body is the same, 0 not there.  Sorted by path, as manifests are.
 */
struct row {
	const char *path;
	char kind[2];
	const char *body[2];
};

static const struct row rows[] = {
    {"app.exe", {'p', 'p'}, {"one", "two"}},
    {"big.bin", {'p', 'p'}, {"+5000 old", "+4500 new"}},
    {"bin", {'d', 'd'}, {0}},
    {"bin/a.dll", {'p', 'p'}, {"a1", "a2"}},
    {"bin/b.dll", {'p', 'p'}, {"b1", "b2"}},
    {"bin/c.dll", {'p', 'p'}, {"c1", "c1"}},
    {"bin/d.dll", {'p', 'p'}, {"d1", "d1"}},
    {"bin/plug", {'d', 'd'}, {0}},
    {"bin/plug/one.dll", {'p', 'p'}, {"p1", "p2"}},
    {"bin/plug/three.dll", {0, 'p'}, {NULL, "added"}},
    {"bin/plug/two.dll", {'p', 0}, {"gone", NULL}},
    {"conf.ini", {'t', 't'}, {"[a]\nx=1\n", "[a]\nx=2\n"}},
    {"dup1.dll", {0, 'p'}, {NULL, "twice"}},
    {"dup2.dll", {0, 'p'}, {NULL, "twice"}},
    {"empty.dat", {0, 't'}, {NULL, ""}},
    {"file-link", {'p', 'l'}, {"a file", "app.exe"}},
    {"gone.dll", {'p', 0}, {"gone", NULL}},
    {"keep", {'d', 0}, {0}},
    {"keep/ours.dll", {'p', 0}, {"ours", NULL}},
    {"lang", {'d', 'd'}, {0}},
    {"lang/en.txt", {'t', 't'}, {"hello", "hello there"}},
    {"lang/pt.txt", {'t', 't'}, {"ola", "ola"}},
    {"link", {'l', 'l'}, {"app.exe", "bin/a.dll"}},
    {"link-file", {'l', 'p'}, {"app.exe", "now a file"}},
    {"link-same", {'l', 'l'}, {"bin/c.dll", "bin/c.dll"}},
    {"moved-a", {'p', 0}, {"goes elsewhere", NULL}},
    {"moved-b", {0, 'p'}, {NULL, "goes elsewhere"}},
    {"new", {0, 'd'}, {0}},
    {"new/deep", {0, 'd'}, {0}},
    {"new/deep/n.dll", {0, 'p'}, {NULL, "new"}},
    {"new/empty", {0, 'd'}, {0}},
    {"old", {'d', 0}, {0}},
    {"old/sub", {'d', 0}, {0}},
    {"old/sub/x.dll", {'p', 0}, {"gone too", NULL}},
    {"old/y.dll", {'p', 0}, {"gone as well", NULL}},
    {"readme.txt", {'t', 't'}, {"unchanged", "unchanged"}},
    {"res", {'d', 'd'}, {0}},
    {"res/1.bin", {'p', 'p'}, {"r1", "r1"}},
    {"res/2.bin", {'p', 'p'}, {"r2", "r2"}},
    {"res/3.bin", {'p', 'P'}, {"r3", "r3"}},
    {"res/4.bin", {'p', 'p'}, {"r4", "r4 new"}},
    {"run.sh", {'t', 'x'}, {"#!/bin/sh\n", "#!/bin/sh\n"}},
    {"swapdir", {'d', 'p'}, {NULL, "now a file"}},
    {"swapdir/in", {'d', 0}, {0}},
    {"swapdir/in/inner.dll", {'p', 0}, {"in a folder", NULL}},
    {"swapme", {'p', 'd'}, {"a file", NULL}},
    {"swapme/inner.dll", {0, 'p'}, {NULL, "now inside"}},
    {"touch.bin", {'p', 'P'}, {"only its time", "only its time"}},
    {"zero.txt", {'t', 't'}, {"", "no longer empty"}},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* The user's files around them. */
static const struct row users[] = {
    {"bin/plugin.dll", {'p', 0}, {"the user's", NULL}},
    {"keep/mine.txt", {'t', 0}, {"keeps the folder", NULL}},
    {"notes", {'d', 0}, {0}},
    {"notes/todo:1?.txt", {'t', 0}, {"a name against the rules", NULL}},
    {"user.ini", {'t', 0}, {"[mine]\n", NULL}},
    {"user.exe", {'p', 0}, {"+300 mine", NULL}},
};
enum { USERS = sizeof(users) / sizeof(users[0]) };

/* A small release has only some of them. */
static bool
is_in(const struct row *r, int version)
{
	static const char *const small[] = {
	    "app.exe", "bin", "bin/a.dll", "conf.ini"};
	size_t i;

	for (i = 0; i < sizeof(small) / sizeof(small[0]); i++)
		if (strcmp(r->path, small[i]) == 0)
			return true;
	return version < SMALL;
}

static char
kind_of(const struct row *r, int version)
{
	char k = r->kind[version == 1 ? 0 : 1];

	return k == 'P' ? 'p' : k;
}

static const char *
body_of(const struct row *r, int version, char text[64])
{
	const char *b = r->body[version == 1 ? 0 : 1];

	/* What later versions change. */
	if (version < 3 || kind_of(r, version) != 'p' ||
	    (version < SMALL && (r - rows + version) % 3 != 0))
		return b;
	(void)snprintf(text, 64, "%s in %d", b, version);
	return text;
}

static int64_t
time_of(const struct row *r, int version)
{
	const char *a = r->body[0], *b = r->body[1];
	char text[64];

	if (version == 1)
		return T1;
	if (body_of(r, version, text) == text)
		return T2 + version;
	return r->kind[1] != 'P' && a != NULL && b != NULL &&
		kind_of(r, 1) != 'l' && strcmp(a, b) == 0
	    ? T1
	    : T2;
}

static size_t
bytes_of(const struct row *r, int version, uint8_t out[BYTES])
{
	char text[64];
	const char *body = body_of(r, version, text);
	size_t n = strlen(body), want = n;

	if (kind_of(r, version) == 'p')
		want = 96;
	if (body[0] == '+')
		want = (size_t)atoi(body + 1);
	memset(out, 0, BYTES);
	memcpy(out, body, n);
	return want;
}

/* Windows' releases have no links. */
static bool
is_known(char kind, enum path_os os)
{
	return kind != 0 && (kind != 'l' || os != PATH_OS_WINDOWS);
}

static void
add_row(struct release *rel, const struct row *r, int version)
{
	struct mem_stream m;
	struct source src;
	struct entry x;
	struct buf b;
	struct sink to = sink_of_buf(&b);
	uint8_t bytes[BYTES];
	char path[128], target[128];
	char kind = kind_of(r, version);
	struct err e;

	if (!is_known(kind, rel->m.os) || !is_in(r, version))
		return;
	buf_init(&b, BLOB_MAX);
	memset(&x, 0, sizeof(x));
	(void)snprintf(path, sizeof(path), "%s", r->path);
	x.path = path;
	x.type = kind == 'd' ? ENTRY_DIR : ENTRY_FILE;
	if (kind == 'l') {
		x.type = ENTRY_SYMLINK;
		(void)snprintf(
		    target, sizeof(target), "%s", r->body[version > 1]);
		x.target = target;
	}
	if (kind != 'd')
		x.mtime.s = time_of(r, version);
	if (x.type == ENTRY_FILE) {
		x.content.size = bytes_of(r, version, bytes);
		x.exec = kind == 'x';
		x.mtime.ns = 123456789;
		x.content.known = true;
		must(
		    hash_bytes(bytes, x.content.size, &x.content.hash, &e), &e);
		m = (struct mem_stream){bytes, x.content.size, 0};
		src = source_of_mem(&m);
		must(pack_full(&src, x.content.size, 1, &to, &e), &e);
	}
	must(manifest_add(&rel->m, &x, &e), &e);
	rel->blobs[rel->m.n - 1] = b;
}

void
release_make(struct release *r, int version, enum path_os os)
{
	size_t i;

	memset(r, 0, sizeof(*r));
	manifest_init(&r->m, os);
	(void)snprintf(r->m.build, sizeof(r->m.build), "v%d", version);
	r->blobs = calloc(ROWS, sizeof(r->blobs[0]));
	for (i = 0; i < ROWS; i++)
		add_row(r, &rows[i], version);
}

void
release_drop(struct release *r)
{
	size_t i;

	for (i = 0; i < r->m.n; i++)
		buf_release(&r->blobs[i]);
	free(r->blobs);
	manifest_release(&r->m);
}

static void
put(const struct fs *fs, int dir, const struct row *r, int version,
    int64_t time)
{
	char kind = kind_of(r, version);
	uint8_t bytes[BYTES];
	struct err e;
	size_t n;
	int fd;

	switch (kind) {
	case 0:
		return;
	case 'd':
		must(fs_mkdir(fs, dir, r->path, 0755), NULL);
		return;
	case 'l':
		must(fs_symlink(fs, r->body[version > 1], dir, r->path), NULL);
		must(
		    fs_utimes(fs, dir, r->path, (struct stamp){time, 0}), NULL);
		return;
	default:
		break;
	}
	n = bytes_of(r, version, bytes);
	fd = fs_open(
	    fs, dir, r->path, FS_WRITE | FS_CREATE, kind == 'x' ? 0755 : 0644);
	must(fd < 0 ? err_sys(&e, -fd, "create", r->path) : 0, &e);
	must(fs_pwrite(fs, fd, bytes, n, 0), NULL);
	must(fs_futimes(fs, fd, (struct stamp){time, 123456789}), NULL);
	must(fs_close(fs, fd), NULL);
}

static int
folder_in_root(const struct fs *fs, const char *name)
{
	int root = fs_open_root(fs, "/"), dir;

	must(root < 0 ? root : 0, NULL);
	must(fs_mkdir(fs, root, name, 0755), NULL);
	dir = fs_open(fs, root, name, FS_DIRECTORY, 0);
	must(dir < 0 ? dir : 0, NULL);
	must(fs_close(fs, root), NULL);
	return dir;
}

void
release_put(const struct fs *fs, const char *folder, int version)
{
	int dir = folder_in_root(fs, folder);
	size_t i;

	for (i = 0; i < ROWS; i++)
		put(fs, dir, &rows[i], version, time_of(&rows[i], version));
	must(fs_close(fs, dir), NULL);
}

void
release_put_client(const struct fs *fs, enum path_os os)
{
	int dir = folder_in_root(fs, "client");
	size_t i;

	/* Some are older than version 1, some missing. */
	for (i = 0; i < ROWS; i++)
		if (is_known(rows[i].kind[0], os) &&
		    (rows[i].kind[0] != 'p' || i % 7 != 2))
			put(fs, dir, &rows[i], 1, i % 4 == 0 ? T0 : T1);
	for (i = 0; i < USERS; i++)
		if (os != PATH_OS_WINDOWS || strchr(users[i].path, ':') == NULL)
			put(fs, dir, &users[i], 1, T1 + 7);
	must(fs_close(fs, dir), NULL);
}
