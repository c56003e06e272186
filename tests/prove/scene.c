/* Scenes: their making, running and judging. */
#include "tests/prove/scene.h"

#include "engine/apply/apply.h"
#include "engine/apply/folder.h"
#include "engine/apply/stage.h"
#include "engine/base/clock.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"
#include "engine/base/path.h"
#include "engine/base/reserved.h"
#include "engine/base/stream.h"
#include "engine/delta/pack.h"
#include "engine/tree/plan.h"
#include "engine/tree/scan.h"
#include "tests/prove/prove.h"
#include "tests/prove/release.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT "/client"

static struct release releases[VERSIONS + 1]; /* made once */

/* A clock that starts at the disk's, so each run of a scene is the same. */
static int64_t
sim_wall_s(void *ctx)
{
	int64_t *now = ctx;

	return (*now)++;
}

static uint64_t
sim_monotonic_ms(void *ctx)
{
	(void)ctx;
	return 7;
}

static void
note_event(void *ctx, const struct event *ev)
{
	struct ended *out = ctx;

	if (ev->kind == EVENT_COMMIT)
		out->committed = true;
}

struct run {
	int64_t now;
	struct clock clock;
	struct observer obs;
	struct folder_options opt;
};

static void
run_init(struct run *r, struct sim *s, struct ended *out)
{
	memset(r, 0, sizeof(*r));
	r->now = ++s->disk.tick + 100000000;
	r->clock.monotonic_ms = sim_monotonic_ms;
	r->clock.wall_s = sim_wall_s;
	r->clock.ctx = &r->now;
	r->obs.event = note_event;
	r->obs.ctx = out;
	r->opt.fs = &s->fs;
	r->opt.clock = &r->clock;
	r->opt.obs = &r->obs;
}

static int
hash_all(const struct fs *fs, int dir, struct manifest *m, struct err *e)
{
	size_t i;
	int fd, rc = 0;

	for (i = 0; rc == 0 && i < m->n; i++) {
		if (m->v[i].type != ENTRY_FILE)
			continue;
		fd = fs_open(fs, dir, m->v[i].path, FS_READ, 0);
		if (fd < 0)
			return err_sys(e, -fd, "open", m->v[i].path);
		rc = file_hash(fs, fd, m->v[i].path, &m->v[i].content.hash, e);
		m->v[i].content.known = rc == 0;
		fs_close_quietly(fs, &fd);
	}
	return rc;
}

static int
stage_all(struct stage *s, const struct release *r, const struct plan *plan,
    const struct spelling *names, struct err *e)
{
	const struct action *a;
	struct mem_stream m;
	struct range_source blob;
	const struct buf *b;
	int rc = 0;
	size_t i;

	for (i = 0; rc >= 0 && i < plan->n; i++) {
		a = &plan->v[i];
		if ((a->kind != ACTION_NEW && a->kind != ACTION_CHANGED) ||
		    a->want->type != ENTRY_FILE ||
		    (rc = stage_has(s, &a->want->content.hash,
			 a->want->content.size, e)) != 0)
			continue;
		b = &r->blobs[spelling_index(names, &r->m, a->want)];
		m = (struct mem_stream){buf_data(b), b->len, 0};
		blob = range_of_mem(&m);
		rc = stage_put(s, CODEC_FULL, &blob,
		    &(struct stage_member){.want = &a->want->content.hash,
			.size = a->want->content.size},
		    e);
	}
	return rc < 0 ? rc : 0;
}

static int
compare(const struct folder *f, const struct manifest *want,
    const struct manifest *have, struct plan *out, struct err *e)
{
	const struct plan_options opt = {
	    .remove = true, .previous = folder_installed(f)};

	return plan_build(want, have, &opt, out, e);
}

static int
update(struct folder *f, const struct release *r, bool preflight, struct err *e)
{
	const struct scan_options scan = {.skip_unmanageable = true};
	struct stage *stage = NULL;
	struct manifest have;
	const struct spelling_folder at = {
	    .fs = folder_fs(f), .dir = folder_dir(f), .have = &have};
	struct spelling names;
	struct plan plan;
	int rc;

	memset(&plan, 0, sizeof(plan));
	memset(&names, 0, sizeof(names));
	manifest_init(&have, PATH_OS_LINUX);
	if ((rc = scan_folder(folder_fs(f), folder_dir(f), &scan, &have, e)) ==
		0 &&
	    (rc = hash_all(folder_fs(f), folder_dir(f), &have, e)) == 0 &&
	    (rc = spelling_make(&at, &r->m, &names, e)) == 0 &&
	    (rc = folder_spell(f, &have, NULL, e)) == 0 &&
	    (rc = compare(
		 f, spelling_manifest(&names, &r->m), &have, &plan, e)) == 0 &&
	    (!preflight || (rc = apply_preflight(f, &plan, 0, e)) == 0) &&
	    (rc = stage_open(f, &stage, e)) == 0 &&
	    (rc = stage_all(stage, r, &plan, &names, e)) == 0)
		rc = apply_update(f, stage, &r->m, &plan, e);
	stage_close(stage);
	plan_release(&plan);
	spelling_release(&names);
	manifest_release(&have);
	return rc;
}

static void
do_update(struct sim *s, int version, bool preflight, struct ended *out)
{
	struct folder *f = NULL;
	struct run r;

	memset(out, 0, sizeof(*out));
	run_init(&r, s, out);
	out->rc = folder_open(CLIENT, &r.opt, &f, &out->e);
	if (out->rc == 0)
		out->rc = update(f, &releases[version], preflight, &out->e);
	folder_close(f);
}

void
scene_update(struct sim *s, int version, struct ended *out)
{
	do_update(s, version, true, out);
}

void
scene_rollback(struct sim *s, int number, struct ended *out)
{
	struct folder *f = NULL;
	struct run r;

	memset(out, 0, sizeof(*out));
	run_init(&r, s, out);
	out->rc = folder_open(CLIENT, &r.opt, &f, &out->e);
	if (out->rc == 0)
		out->rc = apply_rollback(f, number, &out->e);
	folder_close(f);
}

void
scene_run(const struct scene *c, struct sim *s, struct ended *out)
{
	if (c->act == ACT_UPDATE)
		do_update(s, c->version, !c->no_preflight, out);
	else
		scene_rollback(s, c->number, out);
}

int
scene_recover(struct sim *s, struct err *e)
{
	struct folder *f = NULL;
	struct ended out;
	struct run r;
	int rc;

	run_init(&r, s, &out);
	rc = folder_open(CLIENT, &r.opt, &f, e);
	folder_close(f);
	return rc;
}

void
scene_copy(struct sim *to, const struct sim *from)
{
	sim_boot(to, from);
	sim_killed(&to->disk, &from->disk);
}

void
scene_copy_start(struct sim *to, const struct scene *c)
{
	scene_copy(to, &c->start);
}

void
scene_look(const struct sim *s, struct sight *out)
{
	char path[64];
	int k;

	out->live = sim_digest(s, CLIENT, SIM_LIVE);
	out->state = sim_digest(s, CLIENT "/.erpsync/state", SIM_BYTES);
	for (k = 0; k < 3; k++) {
		(void)snprintf(
		    path, sizeof(path), CLIENT "/bkp_remote.00%d", k + 1);
		out->backup[k] = sim_digest(s, path, SIM_BACKUP);
	}
	out->backup[3] = sim_digest(s, CLIENT "/.erpsync/repaired", SIM_BACKUP);
}

bool
sight_equal(const struct sight *a, const struct sight *b)
{
	return a->live == b->live && a->state == b->state &&
	    a->backup[0] == b->backup[0] && a->backup[1] == b->backup[1] &&
	    a->backup[2] == b->backup[2] && a->backup[3] == b->backup[3];
}

const char *
scene_leftover(const struct sim *s)
{
	static const char *const ok[] = {
	    "lock", "state", "hashes", "recv", "refused", "repaired", "held"};
	const size_t n = sizeof(ok) / sizeof(ok[0]);
	uint32_t own = sim_walk(s, CLIENT "/.erpsync");
	const struct sim_view *w = &s->disk.view[SIM_NOW];
	const char *name;
	int32_t i;
	size_t k;

	if (own == 0)
		return NULL;
	for (i = s->disk.v[own].head[SIM_NOW]; i >= 0; i = w->v[i].next) {
		name = sim_text(w->v[i].name);
		for (k = 0; k < n && strcmp(name, ok[k]) != 0; k++)
			;
		if (k == n)
			return name;
	}
	return NULL;
}

const char *
scene_judge(const struct scene *c, const struct sim *s, enum ending must_be,
    enum ending *which)
{
	static char text[200];
	const char *name;
	struct sight now;
	int b, a;

	if ((name = scene_leftover(s)) != NULL) {
		(void)snprintf(text, sizeof(text), "left over: %s", name);
		return text;
	}
	if (sim_open_fds(s) != 0)
		return "descriptors are left open";
	scene_look(s, &now);
	*which = ENDING_ANY;
	if (sight_equal(&now, &c->before))
		*which = ENDING_BEFORE;
	else if (sight_equal(&now, &c->after))
		*which = ENDING_AFTER;
	if (*which == ENDING_ANY) {
		b = memcmp(now.backup, c->before.backup, sizeof(now.backup));
		a = memcmp(now.backup, c->after.backup, sizeof(now.backup));
		(void)snprintf(text, sizeof(text),
		    "mixed: live %s, state %s, backups %s",
		    now.live == c->before.live      ? "old"
			: now.live == c->after.live ? "new"
						    : "neither",
		    now.state == c->before.state      ? "old"
			: now.state == c->after.state ? "new"
						      : "neither",
		    b == 0       ? "old"
			: a == 0 ? "new"
				 : "neither");
		return text;
	}
	if (must_be != ENDING_ANY && must_be != *which)
		return must_be == ENDING_AFTER
		    ? "success was reported, but the folder is the old one"
		    : "the folder is the new one though it must be the old";
	return NULL;
}

/* Making. */

static void
no_backups(struct sim *s)
{
	char name[32];
	struct err e;
	int dir = fs_open_root(&s->fs, CLIENT), k;

	for (k = 1; k <= 3; k++) {
		(void)snprintf(name, sizeof(name), "bkp_remote.00%d", k);
		must(tree_remove(&s->fs, dir, name, &e), &e);
	}
	must(fs_close(&s->fs, dir), NULL);
}

static void
must_update(struct sim *s, int version)
{
	struct ended out;

	scene_update(s, version, &out);
	must(out.rc, &out.e);
}

/* What a client does to its INI at each start. */
static void
edit_ini(struct sim *s)
{
	static const char text[] = "[a]\nuser=1\n";
	int dir = fs_open_root(&s->fs, CLIENT), fd;

	fd = fs_open(&s->fs, dir, "conf.ini", FS_WRITE, 0);
	must(fd < 0 ? fd : 0, NULL);
	must(fs_truncate(&s->fs, fd, 0), NULL);
	must(fs_pwrite(&s->fs, fd, text, sizeof(text) - 1, 0), NULL);
	must(fs_close(&s->fs, fd), NULL);
	must(fs_close(&s->fs, dir), NULL);
}

/* Each name below the folder dir in capitals, but for our own. */
static void
shout(struct sim *s, int dir, bool top)
{
	struct names list = {NULL, 0, 0};
	struct err e;
	char *p;
	size_t i;
	int fd;

	must(names_read(&s->fs, dir, ".", &list, &e), &e);
	for (i = 0; i < list.n; i++) {
		if (top && path_is_reserved(list.v[i]))
			continue;
		must(fs_rename(&s->fs, dir, list.v[i], dir, "~", false), NULL);
		for (p = list.v[i]; *p != '\0'; p++)
			*p = (char)toupper((unsigned char)*p);
		must(fs_rename(&s->fs, dir, "~", dir, list.v[i], false), NULL);
		fd = fs_open(&s->fs, dir, list.v[i], FS_DIRECTORY, 0);
		if (fd < 0)
			continue;
		shout(s, fd, false);
		must(fs_close(&s->fs, fd), NULL);
	}
	names_release(&list);
}

static void
rename_all(struct sim *s)
{
	int dir = fs_open_root(&s->fs, CLIENT);

	shout(s, dir, true);
	must(fs_close(&s->fs, dir), NULL);
}

/* As if other programs had made the backups: without their records. */
static void
disown(struct sim *s)
{
	char name[40];
	struct err e;
	int dir = fs_open_root(&s->fs, CLIENT), k;

	for (k = 1; k <= 3; k++) {
		(void)snprintf(
		    name, sizeof(name), "bkp_remote.00%d/.erpsync", k);
		must(tree_remove(&s->fs, dir, name, &e), &e);
	}
	must(fs_close(&s->fs, dir), NULL);
}

/* Everything below the folder dir is somebody's and has what a file can. */
static void
give_away(struct sim_disk *d, uint32_t dir, bool root)
{
	/* user::rwx group::r-x other::r-- */
	static const uint8_t acl[] = {2, 0, 0, 0, 1, 0, 7, 0, 0, 0, 0, 0, 4, 0,
	    5, 0, 0, 0, 0, 0, 32, 0, 4, 0, 0, 0, 0, 0};
	int32_t at = d->v[dir].head[SIM_NOW];
	struct sim_name x;
	struct sim_meta *m;

	d->v[dir].m[SIM_NOW].gid = 5555;
	d->v[dir].m[SIM_NOW].mode |= 02000;
	sim_attr_put(d, dir, "system.posix_acl_default", acl, sizeof(acl));
	for (; at >= 0; at = x.next) {
		x = d->view[SIM_NOW].v[at];
		if ((root && path_is_reserved(sim_text(x.name))) ||
		    d->v[x.ino].type == FS_SYMLINK)
			continue;
		m = &d->v[x.ino].m[SIM_NOW];
		m->uid = 100 + x.name % 3;
		m->gid = 200 + x.name % 5;
		sim_attr_put(d, x.ino, "user.n", &x.name, sizeof(x.name));
		if (d->v[x.ino].type == FS_DIR) {
			give_away(d, x.ino, false);
		} else {
			m->mode |= x.name % 2 == 0 ? 06000 : 0;
			sim_attr_put(d, x.ino, "security.capability", "c", 1);
		}
	}
}

/* What has happened to the folder: versions installed one after another;
 * a minus removes all backups, 9 is a rollback to the newest, e an edited INI,
 * f leaves the backups without records, c changes the case of all names, which
 * do not count on this disk, and o gives the files away. */
static void
prepare(struct scene *c, const char *history, bool fat)
{
	struct ended out;

	sim_open(&c->start);
	c->start.fat = fat;
	c->start.disk.v[SIM_ROOT].folds = strchr(history, 'c') != NULL;
	release_put_client(&c->start.fs);
	for (; *history != '\0'; history++) {
		if (*history == '-') {
			no_backups(&c->start);
		} else if (*history == 'e') {
			edit_ini(&c->start);
		} else if (*history == 'c') {
			rename_all(&c->start);
		} else if (*history == 'f') {
			disown(&c->start);
		} else if (*history == 'o') {
			give_away(
			    &c->start.disk, sim_walk(&c->start, CLIENT), true);
		} else if (*history == '9') {
			scene_rollback(&c->start, 0, &out);
			must(out.rc, &out.e);
		} else {
			must_update(&c->start, *history - '0');
		}
	}
	sim_sync_all(&c->start.disk);
	scene_look(&c->start, &c->before);
}

/* What a run without faults makes of it. */
static void
golden(struct scene *c)
{
	struct ended out;
	enum ending which;
	struct sim s;

	scene_copy_start(&s, c);
	scene_run(c, &s, &out);
	must(out.rc, &out.e);
	scene_look(&s, &c->after);
	if (scene_judge(c, &s, ENDING_AFTER, &which) != NULL ||
	    c->after.live == c->before.live || !out.committed) {
		(void)fprintf(stderr, "prove: scene %s is broken: %s\n",
		    c->name, scene_judge(c, &s, ENDING_AFTER, &which));
		abort();
	}
	sim_close(&s);
}

static const struct {
	const char *name, *history;
	enum act act;
	int what;
	bool no_links, no_clone;
	size_t syncfs_files; /* 0: an fsync for each, however many */
	bool lower; /* the folders of before cannot be renamed */
} plan[] = {
    {"first", "", ACT_UPDATE, 1, false, false, 0, false},
    {"update-0", "1-", ACT_UPDATE, 2, false, true, 0, false},
    {"update-1", "1", ACT_UPDATE, 2, false, false, 0, false},
    {"update-2", "1-21", ACT_UPDATE, 2, false, true, 0, false},
    {"update-3", "121", ACT_UPDATE, 2, false, false, 0, false},
    {"no-links", "121", ACT_UPDATE, 2, true, true, 0, false},
    {"at-once", "121", ACT_UPDATE, 2, false, true, 2, false},
    {"rollback", "12", ACT_ROLLBACK, 0, false, false, 0, false},
    {"rollback-3", "1212", ACT_ROLLBACK, 1, false, true, 0, false},
    {"rollback-at-once", "1212", ACT_ROLLBACK, 1, false, false, 2, false},
    {"rollback-back", "129", ACT_ROLLBACK, 0, false, false, 0, false},
    {"rollback-first", "1", ACT_ROLLBACK, 1, false, true, 0, false},
    {"repair-again", "12e2e", ACT_UPDATE, 2, false, true, 0, false},
    {"repair-apart", "1234e4e", ACT_UPDATE, 4, false, true, 0, false},
    {"foreign", "121f", ACT_UPDATE, 2, false, true, 0, false},
    {"folds", "121c", ACT_UPDATE, 2, false, true, 0, false},
    {"folds-rollback", "12c", ACT_ROLLBACK, 0, false, true, 0, false},
    {"owned", "1o", ACT_UPDATE, 2, false, true, 0, false},
    {"lower-3", "121", ACT_UPDATE, 2, false, true, 0, true},
    {"lower-no-links", "121", ACT_UPDATE, 2, true, true, 0, true},
    {"lower-owned", "1o", ACT_UPDATE, 2, false, true, 0, true},
    {"lower-rollback", "12", ACT_ROLLBACK, 0, false, true, 0, true},
};
enum { SCENES = sizeof(plan) / sizeof(plan[0]) };

const struct scene *
scenes_make(void)
{
	static struct scene all[SCENES + 1];
	size_t i;
	int k;

	for (k = 1; k <= VERSIONS; k++)
		release_make(&releases[k], k);
	for (i = 0; i < SCENES; i++) {
		all[i].name = plan[i].name;
		all[i].act = plan[i].act;
		all[i].version = all[i].number = plan[i].what;
		prepare(&all[i], plan[i].history, plan[i].no_links);
		all[i].start.no_links = plan[i].no_links;
		all[i].start.no_clone = plan[i].no_clone;
		all[i].start.syncfs_files = plan[i].syncfs_files;
		if (plan[i].lower)
			sim_make_lower(&all[i].start.disk);
		golden(&all[i]);
	}
	return all;
}

const struct scene *
scene_find(const struct scene *all, const char *name)
{
	while (strcmp(all->name, name) != 0)
		all++;
	return all;
}
