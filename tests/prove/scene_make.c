/* Scenes: what they begin with. */
#include "tests/prove/scene.h"

#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/reserved.h"
#include "tests/prove/prove.h"
#include "tests/prove/release.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT "/client"

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
must_update(struct scene *c, int version)
{
	struct ended out;

	scene_install(c, version, &out);
	must(out.rc, &out.e);
}

/* No backup gets its number. */
static int
refuse_number(void *arg, struct sim *s, struct sim_call *call)
{
	(void)arg;
	(void)s;
	return call->kind == SIM_RENAME && strncmp(call->name, "bkp.", 4) == 0
	    ? -EACCES
	    : 0;
}

static void
make_empty(struct sim *s)
{
	int root = fs_open_root(&s->fs, "/");

	must(fs_mkdir(&s->fs, root, "client", 0755), NULL);
	must(fs_close(&s->fs, root), NULL);
}

/* What a client does to its INI at each start. */
static void
edit_ini(struct sim *s)
{
	static const char text[] = "[a]\nx=1\nuser=1\n";
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
		d->v[x.ino].changed = d->tick;
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

/* Somebody made all files of the client read-only, but for our own. */
static void
protect(struct sim_disk *d, uint32_t dir, bool root)
{
	int32_t at = d->v[dir].head[SIM_NOW];
	struct sim_name x;

	for (; at >= 0; at = x.next) {
		x = d->view[SIM_NOW].v[at];
		if (root && path_is_reserved(sim_text(x.name)))
			continue;
		if (d->v[x.ino].type == FS_DIR) {
			protect(d, x.ino, false);
			continue;
		}
		d->v[x.ino].m[SIM_NOW].mode &= ~(uint32_t)0222;
		d->v[x.ino].changed = d->tick;
	}
}

/* What has happened to the folder: versions installed one after another;
 * capitals are small ones; a minus removes all backups, 9 is a rollback to the
 * newest, e an edited INI, f leaves the backups without records, c changes the
 * case of all names, which do not count on this disk, o gives the files away,
 * r makes them read-only, s fetches what the scene is to put in place, p starts
 * the program, d the library in the folder that is to go, and after w the next
 * backup waits for its number. What the last update left undone on the disk is
 * written when it is `calm`. */
static void
prepare(struct scene *c, const char *history, bool empty, bool calm)
{
	struct ended out;

	c->start.disk.v[SIM_ROOT].folds |= strchr(history, 'c') != NULL;
	if (empty)
		make_empty(&c->start);
	else
		release_put_client(&c->start.fs,
		    c->start.disk.ntfs ? PATH_OS_WINDOWS : PATH_OS_LINUX);
	for (; *history != '\0'; history++) {
		sim_sync_all(&c->start.disk);
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
		} else if (*history == 'r') {
			protect(
			    &c->start.disk, sim_walk(&c->start, CLIENT), true);
		} else if (*history == 'p') {
			sim_start_program(&c->start, CLIENT, "app.exe");
		} else if (*history == 'd') {
			sim_start_program(
			    &c->start, CLIENT "/swapdir/in", "inner.dll");
		} else if (*history == 's') {
			scene_fetch(&c->start, c->version);
		} else if (*history == 'w') {
			c->start.hook = refuse_number;
		} else if (*history == '9') {
			scene_rollback(&c->start, 0, &out);
			must(out.rc, &out.e);
		} else {
			must_update(c,
			    *history >= 'A' ? SMALL + *history - 'A'
					    : *history - '0');
			c->start.hook = NULL;
		}
	}
	if (calm)
		sim_sync_all(&c->start.disk);
}

/* What an unfinished update is to lead to: what a start makes of it. */
static void
look_before(struct scene *c)
{
	struct sim s;
	struct err e;

	scene_copy_start(&s, c);
	if (sim_walk(&s, CLIENT "/.erpsync/rotating") != 0)
		must(scene_recover(c, &s, &e), &e);
	scene_look(&s, &c->before);
	sim_close(&s);
}

/* The folder while it is checked, as it is when nobody asks. */
static void
look_unchecked(const struct scene *c, struct sight *sight)
{
	struct scene as = *c;
	struct ended out;
	struct sim s;

	as.health = NOT_ASKED;
	scene_copy_start(&s, c);
	scene_run(&as, &s, &out);
	must(out.rc, &out.e);
	scene_look(&s, sight);
	sim_close(&s);
}

/* What a run without faults makes of it. */
static void
golden(struct scene *c)
{
	struct ended out;
	enum ending which;
	const char *why;
	struct sim s;

	c->rc = c->intruded ? ERP_BUSY : c->health == UNWELL ? ERP_HEALTH : 0;
	if (c->health == UNWELL)
		look_unchecked(c, &c->refused);
	scene_copy_start(&s, c);
	scene_run(c, &s, &out);
	must(out.rc == c->rc ? scene_recover(c, &s, &out.e) : ERP_INTERNAL,
	    &out.e);
	scene_look(&s, &c->after);
	why =
	    scene_judge(c, &s, c->intruded ? ENDING_ANY : ENDING_DONE, &which);
	if (why == NULL && !c->intruded &&
	    (!out.committed ||
		(c->health == UNWELL) != (c->after.live == c->before.live)))
		why = "nothing happens";
	if (why == NULL && c->rc == 0 && !scene_is_backed_up(c, &s))
		why = "no backup has what there was";
	if (why != NULL) {
		(void)fprintf(
		    stderr, "prove: scene %s is broken: %s\n", c->name, why);
		abort();
	}
	sim_close(&s);
}

/* How it differs from an update on a good disk. */
enum {
	NO_LINKS = 1 << 0, /* it is a FAT */
	NO_CLONE = 1 << 1,
	AT_ONCE = 1 << 2, /* syncfs instead of an fsync for each */
	LOWER = 1 << 3, /* the folders of before cannot be renamed */
	RENUMBERS = 1 << 4, /* inodes have other numbers in each process */
	STAYS = 1 << 5, /* a folder of before can go nowhere */
	UNCALM = 1 << 6, /* right after the update before */
	EMPTY = 1 << 7, /* nothing is there */
	INTRUDED = 1 << 8,
	IS_WELL = 1 << 9,
	IS_UNWELL = 1 << 10,
	ONLY_LINUX = 1 << 11,
	ONLY_NTFS = 1 << 12,
	NO_NTFS = ONLY_LINUX | NO_LINKS | AT_ONCE | LOWER | RENUMBERS,
	MERGES = 1 << 14,
	HOMES = 1 << 15, /* what is new and what goes lies in more folders */
	SAMPLE = 1 << 13 /* on an NTFS in the short form too */
};

static const struct {
	const char *name, *history;
	enum act act;
	int what;
	unsigned how;
} plan[] = {
    {"small", "ABCD", ACT_UPDATE, SMALL + 4, NO_CLONE | EMPTY | SAMPLE},
    {"small-unwell", "ABCD", ACT_UPDATE, SMALL + 4,
	NO_CLONE | EMPTY | IS_UNWELL | SAMPLE},
    {"small-well", "AB", ACT_UPDATE, SMALL + 2, NO_CLONE | EMPTY | IS_WELL},
    {"small-lower", "ABCD", ACT_UPDATE, SMALL + 4, NO_CLONE | EMPTY | LOWER},
    {"lower-unwell", "ABCD", ACT_UPDATE, SMALL + 4,
	NO_CLONE | EMPTY | LOWER | IS_UNWELL},
    {"waits", "ABCD", ACT_UPDATE, SMALL + 4, NO_CLONE | EMPTY | STAYS},
    {"waiting", "ABCwD", ACT_UPDATE, SMALL + 4, NO_CLONE | EMPTY | SAMPLE},
    {"lower-waiting", "ABCDwA", ACT_UPDATE, SMALL + 4,
	NO_CLONE | EMPTY | LOWER},
    {"repair-first", "Ae", ACT_UPDATE, SMALL, NO_CLONE | EMPTY | SAMPLE},
    {"lower-repair", "ABeBe", ACT_UPDATE, SMALL + 1, NO_CLONE | EMPTY | LOWER},
    {"fetched", "ABs", ACT_UPDATE, SMALL + 2, NO_CLONE | EMPTY},
    /* The backup is made of the one that fell out before. */
    {"spare", "ABCDA", ACT_UPDATE, SMALL + 1, NO_CLONE | EMPTY | SAMPLE},
    {"spare-unwell", "ABCDA", ACT_UPDATE, SMALL + 1,
	NO_CLONE | EMPTY | IS_UNWELL},
    {"spare-rollback", "ABCDA", ACT_ROLLBACK, 0, NO_CLONE | EMPTY},
    {"spare-large", "12121", ACT_UPDATE, 2, NO_CLONE | SAMPLE},
    {"small-homes", "ABCD", ACT_UPDATE, SMALL + 4,
	NO_CLONE | EMPTY | HOMES | SAMPLE},
    {"homes", "12", ACT_UPDATE, 1, RENUMBERS | HOMES},
    {"homes-rollback", "12", ACT_ROLLBACK, 0, NO_CLONE | HOMES},
    {"first", "", ACT_UPDATE, 1, 0},
    {"first-empty", "", ACT_UPDATE, 1, EMPTY},
    {"update-0", "1-", ACT_UPDATE, 2, NO_CLONE},
    {"update-1", "1", ACT_UPDATE, 2, 0},
    {"update-2", "1-21", ACT_UPDATE, 2, NO_CLONE | UNCALM},
    {"update-3", "121", ACT_UPDATE, 2, SAMPLE},
    {"no-links", "121", ACT_UPDATE, 2, NO_LINKS | NO_CLONE},
    {"at-once", "121", ACT_UPDATE, 2, NO_CLONE | AT_ONCE},
    {"renumbers", "12", ACT_UPDATE, 1, RENUMBERS},
    {"folder-stays", "1-", ACT_UPDATE, 2, STAYS},
    {"written-to", "1", ACT_UPDATE, 2, INTRUDED},
    {"rollback", "12", ACT_ROLLBACK, 0, SAMPLE},
    {"rollback-3", "1212", ACT_ROLLBACK, 1, NO_CLONE | UNCALM},
    {"rollback-at-once", "1212", ACT_ROLLBACK, 1, AT_ONCE},
    {"rollback-back", "129", ACT_ROLLBACK, 0, 0},
    {"rollback-first", "1", ACT_ROLLBACK, 1, NO_CLONE},
    {"repair-again", "12e2e", ACT_UPDATE, 2, NO_CLONE},
    {"repaired-goes", "ABCDeD", ACT_UPDATE, SMALL, NO_CLONE | EMPTY},
    {"repair-apart", "1234e4e", ACT_UPDATE, 4, NO_CLONE},
    {"merge", "1e", ACT_UPDATE, 2, NO_CLONE | MERGES},
    {"foreign", "121f", ACT_UPDATE, 2, NO_CLONE},
    {"folds", "121c", ACT_UPDATE, 2, NO_CLONE},
    {"folds-rollback", "12c", ACT_ROLLBACK, 0, NO_CLONE},
    {"owned", "1o", ACT_UPDATE, 2, NO_CLONE | ONLY_LINUX},
    {"lower-owned", "1o", ACT_UPDATE, 2, NO_CLONE | LOWER},
    {"lower-3", "121", ACT_UPDATE, 2, NO_CLONE | LOWER},
    {"lower-no-links", "121", ACT_UPDATE, 2, NO_LINKS | NO_CLONE | LOWER},
    {"lower-rollback", "12", ACT_ROLLBACK, 0, NO_CLONE | LOWER},
    /* After a rollback from 2, so something is refused. */
    {"forced", "129", ACT_UPDATE, 2, NO_CLONE},
    {"well", "129", ACT_UPDATE, 2, IS_WELL},
    {"unwell", "121", ACT_UPDATE, 2, NO_CLONE | IS_UNWELL},
    {"unwell-empty", "", ACT_UPDATE, 1, EMPTY | IS_UNWELL},
    {"unwell-repair", "1234e", ACT_UPDATE, 4, IS_UNWELL},
    {"unwell-middle", "ABeBCe", ACT_UPDATE, SMALL + 2,
	NO_CLONE | EMPTY | IS_UNWELL},
    {"unwell-apart", "ABCDeDe", ACT_UPDATE, SMALL + 3,
	NO_CLONE | EMPTY | IS_UNWELL},
    {"lower-middle", "ABeBCe", ACT_UPDATE, SMALL + 2,
	NO_CLONE | EMPTY | LOWER | IS_UNWELL},
    {"program-small", "ABCDp", ACT_UPDATE, SMALL + 4,
	EMPTY | ONLY_NTFS | SAMPLE},
    {"program", "121p", ACT_UPDATE, 2, ONLY_NTFS | SAMPLE},
    {"program-library", "1d", ACT_UPDATE, 2, ONLY_NTFS | SAMPLE},
    {"program-unwell", "ABp", ACT_UPDATE, SMALL + 2,
	EMPTY | IS_UNWELL | ONLY_NTFS | SAMPLE},
    {"program-repair", "ABCDeDep", ACT_UPDATE, SMALL + 3,
	EMPTY | ONLY_NTFS | SAMPLE},
    {"program-rollback", "12p", ACT_ROLLBACK, 0, ONLY_NTFS | SAMPLE},
    {"read-only-small", "ABCDr", ACT_UPDATE, SMALL + 4,
	EMPTY | ONLY_NTFS | SAMPLE},
    {"read-only", "121r", ACT_UPDATE, 2, ONLY_NTFS | SAMPLE},
    {"read-only-rollback", "12r", ACT_ROLLBACK, 0, ONLY_NTFS},
};
enum { SCENES = sizeof(plan) / sizeof(plan[0]) };

static void
make(struct scene *c, size_t i, enum disk disk)
{
	unsigned how = plan[i].how;

	c->name = plan[i].name;
	c->act = plan[i].act;
	c->version = c->number = plan[i].what;
	c->long_only = disk == DISK_NTFS && (how & SAMPLE) == 0;
	c->merges = (how & MERGES) != 0;
	c->beside = how & HOMES ? 2 : 0;
	c->intruded = (how & INTRUDED) != 0;
	c->health = how & IS_WELL ? WELL : how & IS_UNWELL ? UNWELL : NOT_ASKED;
	sim_open(&c->start);
	if (disk == DISK_NTFS)
		sim_make_ntfs(&c->start);
	c->start.fat = (how & NO_LINKS) != 0;
	prepare(c, plan[i].history, (how & EMPTY) != 0, (how & UNCALM) == 0);
	c->start.no_links = (how & NO_LINKS) != 0;
	c->start.no_clone = (how & NO_CLONE) != 0;
	c->start.syncfs_files = how & AT_ONCE ? 2 : 0;
	c->start.renumbers = (how & RENUMBERS) != 0;
	if (how & LOWER)
		sim_make_lower(&c->start.disk);
	if (how & STAYS)
		c->start.disk
		    .v[sim_walk(&c->start,
			strcmp(c->name, "waits") == 0 ? CLIENT "/bkp_remote.001"
						      : CLIENT "/old/sub")]
		    .stays = EROFS;
	look_before(c);
	golden(c);
}

const struct scene *
scenes_make(enum disk disk)
{
	static struct scene all[DISK_NTFS + 1][SCENES + 1];
	const unsigned other = disk == DISK_NTFS ? NO_NTFS : ONLY_NTFS;
	struct scene *c = all[disk];
	size_t i;

	scene_releases_make();
	for (i = 0; i < SCENES; i++)
		if ((plan[i].how & other) == 0)
			make(c++, i, disk);
	return all[disk];
}

const struct scene *
scene_find(const struct scene *all, const char *name)
{
	while (strcmp(all->name, name) != 0)
		all++;
	return all;
}
