/* A station without a server. */
#include "tests/support/station.h"
#include "engine/base/reserved.h"

#include "engine/apply/apply.h"
#include "engine/apply/disk_attrs.h"
#include "engine/apply/folder.h"
#include "engine/apply/stage.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/stream.h"
#include "engine/delta/pack.h"
#include "engine/tree/plan.h"
#include "engine/tree/scan.h"
#include "tests/support/hashed.h"

#include <bsd/string.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOB_MAX = 64 << 20, LEVEL = 1, PICTURE_MAX = 8 << 20 };

/* Every look at the clock is later than the one before. */
static int64_t
ticking_wall_s(void *ctx)
{
	static int64_t now = 1700000000;

	(void)ctx;
	return ++now;
}

static uint64_t
still_monotonic_ms(void *ctx)
{
	(void)ctx;
	return 7;
}

int
station_open(const struct station *s, struct folder **f, struct err *e)
{
	static const struct clock ticking = {
	    still_monotonic_ms, ticking_wall_s, NULL};
	struct folder_options opt;

	memset(&opt, 0, sizeof(opt));
	opt.fs = s->fs;
	opt.clock = &ticking;
	opt.obs = s->obs;
	opt.crew = s->crew;
	opt.health = s->health;
	opt.health_ctx = s->health_ctx;
	opt.backup_exclude = s->backup_exclude;
	opt.read_only = s->looks;
	return folder_open(s->client, &opt, f, e);
}

static const struct scan_options managed = {.skip_unmanageable = true};

int
station_manifest(
    const char *path, const char *build, struct manifest *out, struct err *e)
{
	int rc, dir = fs_open_root(fs_real(), path);

	if (dir < 0)
		return err_sys(e, -dir, "open", path);
	manifest_init(out, PATH_OS_LINUX);
	(void)strlcpy(out->build, build, sizeof(out->build));
	rc = scan_hashed(fs_real(), dir, &managed, out, e);
	fs_close_quietly(fs_real(), &dir);
	return rc;
}

/* Put one content of the release folder into the stage. */
static int
stage_one(struct stage *s, int release, const struct entry *want, struct err *e)
{
	struct file_stream in = {fs_real(), -1, 0, want->path};
	struct source src = source_of_file(&in);
	struct range_source blob;
	struct mem_stream m = {NULL, 0, 0};
	struct sink to;
	struct buf b;
	int rc = stage_has(s, &want->content.hash, want->content.size, e);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	buf_init(&b, BLOB_MAX);
	to = sink_of_buf(&b);
	if ((in.fd = fs_open(in.fs, release, want->path, FS_READ, 0)) < 0)
		return err_sys(e, -in.fd, "open", want->path);
	rc = pack_full(&src, want->content.size, LEVEL, &to, e);
	fs_close_quietly(in.fs, &in.fd);
	if (rc == 0) {
		m.p = buf_data(&b);
		m.len = b.len;
		blob = range_of_mem(&m);
		rc = stage_put(s, CODEC_FULL, &blob,
		    &(struct stage_member){.want = &want->content.hash,
			.size = want->content.size},
		    e);
	}
	buf_release(&b);
	return rc;
}

/* What is wanted, and how the folder names it. */
struct wanted {
	struct manifest m;
	struct spelling spelling;
};

static int
stage_all(struct stage *s, const char *release, const struct plan *plan,
    const struct wanted *w, struct err *e)
{
	const struct action *a;
	int rc = 0, dir = fs_open_root(fs_real(), release);
	size_t i, i_want;

	if (dir < 0)
		return err_sys(e, -dir, "open", release);
	for (i = 0; rc == 0 && i < plan->n; i++) {
		a = &plan->v[i];
		if ((a->kind != ACTION_NEW && a->kind != ACTION_CHANGED) ||
		    a->want->type != ENTRY_FILE)
			continue;
		i_want = spelling_index(&w->spelling, &w->m, a->want);
		rc = stage_one(s, dir, &w->m.v[i_want], e);
	}
	fs_close_quietly(fs_real(), &dir);
	return rc;
}

int
station_update(const struct station *s, const char *release, struct err *e)
{
	struct plan_options opt = {.remove = s->remove};
	struct hash id;
	struct spelling_folder at = {.fs = s->fs};
	struct manifest have;
	struct wanted w;
	struct apply_outlook outlook;
	struct stage *stage = NULL;
	struct folder *f = NULL;
	struct plan plan;
	int rc;

	memset(&plan, 0, sizeof(plan));
	memset(&w, 0, sizeof(w));
	manifest_init(&have, PATH_OS_LINUX);
	if ((rc = station_open(s, &f, e)) != 0 ||
	    (rc = station_manifest(release, path_base(release), &w.m, e)) !=
		0 ||
	    (rc = scan_hashed(s->fs, folder_dir(f), &managed, &have, e)) != 0 ||
	    (rc = disk_attrs_read_back(f, &have, e)) != 0)
		goto out;
	if (s->windows)
		w.m.os = have.os = PATH_OS_WINDOWS;
	at.dir = folder_dir(f);
	at.have = &have;
	if ((rc = spelling_make(&at, &w.m, &w.spelling, e)) != 0 ||
	    (rc = folder_spell(f, &have, NULL, e)) != 0)
		goto out;
	opt.previous = folder_installed(f);
	if ((rc = manifest_id(&w.m, &id, e)) != 0)
		goto out;
	opt.current = folder_state(f)->known &&
	    hash_equal(&folder_state(f)->release, &id);
	if ((rc = plan_build(spelling_manifest(&w.spelling, &w.m), &have, &opt,
		 &plan, e)) == 0 &&
	    (rc = disk_attrs_settle(f, &plan, false, e)) == 0 &&
	    (rc = s->looks ? apply_foretell(f, &plan, 0, &outlook, e)
			   : apply_preflight(f, &plan, 0, e)) == 0 &&
	    !s->looks && (rc = stage_open(f, &stage, e)) == 0 &&
	    (rc = stage_all(stage, release, &plan, &w, e)) == 0)
		rc = apply_update(f, stage, &w.m, &plan, e);
out:
	stage_close(stage);
	plan_release(&plan);
	spelling_release(&w.spelling);
	manifest_release(&w.m);
	manifest_release(&have);
	folder_close(f);
	return rc;
}

void
station_use_memory(void)
{
	struct fs_stat st;
	int dir = fs_open_root(fs_real(), "/dev/shm");

	if (dir >= 0 && fs_fstat(fs_real(), dir, &st) == 0 &&
	    (st.mode & 0002) != 0)
		(void)setenv("TMPDIR", "/dev/shm", 0);
	fs_close_quietly(fs_real(), &dir);
}

static void
broken(const char *what, const struct err *e)
{
	(void)fprintf(stderr, "test support: %s: %s\n", what, e->msg);
	abort();
}

static void
add_line(struct buf *b, const char *line)
{
	struct err e;

	if (buf_append(b, line, strlen(line), &e) != 0)
		broken("picture", &e);
}

static void picture_dir(
    struct buf *b, int dir, const char *path, enum picture what);

static void
picture_one(struct buf *b, int dir, const char *path, enum picture what)
{
	char hex[HASH_HEX_LEN + 1] = "", extra[64] = "", line[2800];
	const struct fs *fs = fs_real();
	char target[512] = "";
	struct fs_stat st;
	struct hash h;
	struct err e;
	int fd, n;

	if ((n = fs_stat(fs, dir, path, &st)) < 0)
		broken("stat", (err_sys(&e, -n, "stat", path), &e));
	if (st.type == FS_FILE) {
		fd = fs_open(fs, dir, path, FS_READ, 0);
		if (fd < 0 || file_hash(fs, fd, path, &h, &e) != 0)
			broken("hash", &e);
		fs_close_quietly(fs, &fd);
		hash_hex(&h, hex);
		hex[12] = '\0';
	}
	if (st.type == FS_SYMLINK &&
	    (n = fs_readlink(fs, dir, path, target, sizeof(target) - 1)) > 0)
		target[n] = '\0';
	if (what == PICTURE_FULL && st.type != FS_SYMLINK)
		(void)snprintf(extra, sizeof(extra),
		    " %04o %" PRId64 ".%09" PRIu32, st.mode, st.mtime.s,
		    st.mtime.ns);
	(void)snprintf(line, sizeof(line), "%c %s %s%s%s\n", "fdlo"[st.type],
	    path, hex, target, extra);
	add_line(b, line);
	if (st.type == FS_DIR)
		picture_dir(b, dir, path, what);
}

static void
picture_dir(struct buf *b, int dir, const char *path, enum picture what)
{
	struct names list = {NULL, 0, 0};
	char below[2048];
	struct err e;
	size_t i;

	if (names_read(fs_real(), dir, path, &list, &e) != 0)
		broken("list", &e);
	for (i = 0; i < list.n; i++) {
		if (path[0] == '\0' && path_is_reserved(list.v[i]))
			continue;
		(void)snprintf(below, sizeof(below), "%s%s%s", path,
		    path[0] == '\0' ? "" : "/", list.v[i]);
		picture_one(b, dir, below, what);
	}
	names_release(&list);
}

char *
station_picture(const char *path, enum picture what)
{
	int dir = fs_open_root(fs_real(), path);
	struct buf b;
	struct err e;
	char *text;

	if (dir < 0)
		broken("open", (err_sys(&e, -dir, "open", path), &e));
	buf_init(&b, PICTURE_MAX);
	picture_dir(&b, dir, "", what);
	fs_close_quietly(fs_real(), &dir);
	if (buf_append(&b, "", 1, &e) != 0)
		broken("picture", &e);
	text = strdup((const char *)buf_data(&b));
	buf_release(&b);
	return text;
}
