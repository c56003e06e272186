/* What belongs to the files of a client folder, over updates and back. */
#include "engine/apply/apply.h"

#include "engine/apply/folder.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"
#include "engine/base/who.h"
#include "tests/support/fs_sim.h"
#include "tests/support/station.h"
#include "tests/support/tempdir.h"
#include "tests/support/update_pair.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CLIENT "/client"
#define BACKUP "bkp_remote.001"
#define ACCESS "system.posix_acl_access"
#define DEFAULT "system.posix_acl_default"
#define CAPABILITY "security.capability"

enum { OWNER = 4321, GROUP = 5555, SET_UID = 04000, SET_GID = 02000 };

/* user::rwx user:7:rwx group::r-x mask::rwx other::r-- */
static const uint8_t team_acl[] = {2, 0, 0, 0, 1, 0, 7, 0, 0, 0, 0, 0, 2, 0, 7,
    0, 7, 0, 0, 0, 4, 0, 5, 0, 0, 0, 0, 0, 16, 0, 7, 0, 0, 0, 0, 0, 32, 0, 4, 0,
    0, 0, 0, 0};

struct bench {
	struct tempdir t;
	char v1[320], v2[320];
	struct sim s;
	struct station station;
	struct observer obs;
	int rights, lost; /* warnings of these */
	char told[64]; /* which path the last of lost names */
	uint64_t at; /* the rename that fails, or 0 */
	uint64_t renames;
	bool deny_owner, deny_attr;
};

static void
note(void *ctx, const struct event *ev)
{
	struct bench *b = ctx;

	if (ev->kind != EVENT_WARN)
		return;
	b->rights += strstr(ev->text, "set-uid") != NULL;
	if (strstr(ev->text, "could not be kept") == NULL)
		return;
	b->lost++;
	cr_assert(ev->path != NULL && ev->text != NULL);
	(void)snprintf(b->told, sizeof(b->told), "%s", ev->path);
}

static int
fail(void *arg, struct sim *s, struct sim_call *c)
{
	struct bench *b = arg;

	(void)s;
	if (c->kind == SIM_RENAME && ++b->renames == b->at)
		return -EIO;
	if (c->kind == SIM_ATTR_SET && b->deny_attr)
		return -EPERM;
	return c->kind == SIM_FCHOWN && b->deny_owner ? -EPERM : 0;
}

static uint32_t
ino_of(struct bench *b, const char *path)
{
	char full[128];
	uint32_t ino;

	(void)snprintf(full, sizeof(full), CLIENT "/%s", path);
	ino = sim_walk(&b->s, full);
	cr_assert_neq(ino, 0, "%s", path);
	return ino;
}

static const struct sim_meta *
meta(struct bench *b, const char *path)
{
	return &b->s.disk.v[ino_of(b, path)].m[SIM_NOW];
}

static bool
has(struct bench *b, const char *path, const char *name)
{
	size_t n;

	return sim_attr(&b->s.disk, ino_of(b, path), name, &n) != NULL;
}

/* Whose files are they?  Who is not root could not change those of others. */
static uint32_t
owner(void)
{
	return who_is_root() ? OWNER : who_uid();
}

/* Somebody gives it to his team. */
static void
share(struct bench *b, const char *path, uint32_t mode, const char *acl)
{
	uint32_t ino = ino_of(b, path);
	struct sim_meta *m = &b->s.disk.v[ino].m[SIM_NOW];

	m->uid = strcmp(path, "") == 0 ? m->uid : owner();
	m->gid = GROUP;
	m->mode = mode;
	sim_attr_put(&b->s.disk, ino, "user.note", "hello", 5);
	sim_attr_put(&b->s.disk, ino, acl, team_acl, sizeof(team_acl));
}

static void
update(struct bench *b, const char *release, int expected)
{
	struct err e;

	cr_assert_eq(
	    station_update(&b->station, release, &e), expected, "%s", e.msg);
}

static void
bench_open(struct bench *b)
{
	int root;

	memset(b, 0, sizeof(*b));
	station_use_memory();
	tempdir_open(&b->t);
	pair_releases(&b->t);
	tempdir_chmod(&b->t, "v1/touch.bin", 0755);
	tempdir_chmod(&b->t, "v2/touch.bin", 0755);
	(void)snprintf(b->v1, sizeof(b->v1), "%s/v1", b->t.path);
	(void)snprintf(b->v2, sizeof(b->v2), "%s/v2", b->t.path);
	sim_open(&b->s);
	root = fs_open_root(&b->s.fs, "/");
	cr_assert_eq(fs_mkdir(&b->s.fs, root, "client", 0755), 0);
	cr_assert_eq(fs_close(&b->s.fs, root), 0);
	b->obs = (struct observer){.event = note, .ctx = b};
	b->station = (struct station){
	    .fs = &b->s.fs, .obs = &b->obs, .client = CLIENT, .remove = true};
	update(b, b->v1, 0);
	share(b, "", 0755 | SET_GID, DEFAULT);
	share(b, "app.exe", 0750, ACCESS);
	share(b, "conf.ini", 0640, ACCESS);
	share(b, "touch.bin", 0755 | SET_UID | SET_GID, ACCESS);
	sim_attr_put(&b->s.disk, ino_of(b, "touch.bin"), CAPABILITY, "cap", 3);
	share(b, "lib", 0750 | SET_GID, DEFAULT);
	share(b, "gone.dll", 0751, ACCESS);
	share(b, "olddir", 0770, DEFAULT);
	share(b, "olddir/sub", 0700, DEFAULT);
	share(b, "swapdir", 0700, DEFAULT);
	share(b, "swapdir/in", 0750, DEFAULT);
	b->s.hook = fail;
	b->s.hook_arg = b;
}

static void
bench_close(struct bench *b)
{
	cr_assert_eq(sim_open_fds(&b->s), 0);
	sim_close(&b->s);
	tempdir_close(&b->t);
}

static void
expect(struct bench *b, const char *path, uint32_t uid, uint32_t mode)
{
	const struct sim_meta *m = meta(b, path);

	cr_expect_eq(m->uid, uid, "%s: uid %u", path, m->uid);
	cr_expect_eq(m->gid, GROUP, "%s: gid %u", path, m->gid);
	cr_expect_eq(m->mode, mode, "%s: mode %o", path, m->mode);
}

Test(apply_owned, an_update_leaves_to_files_what_is_theirs)
{
	struct bench b;

	bench_open(&b);
	update(&b, b.v2, 0);
	/* Replaced. */
	expect(&b, "app.exe", owner(), 0640);
	expect(&b, "conf.ini", owner(), 0640);
	cr_expect(has(&b, "app.exe", ACCESS) && has(&b, "conf.ini", ACCESS));
	cr_expect(has(&b, "app.exe", "user.note"));
	/* Another time only. */
	expect(&b, "touch.bin", owner(), 0755 | SET_UID | SET_GID);
	cr_expect(has(&b, "touch.bin", CAPABILITY));
	/* New: as its folder says. */
	expect(&b, "dup1.dll", who_uid(), 0664);
	expect(&b, "dup2.dll", who_uid(), 0664);
	expect(&b, "new", who_uid(), 0774 | SET_GID);
	expect(&b, "new/deep", who_uid(), 0774 | SET_GID);
	expect(&b, "new/deep/n.dll", who_uid(), 0664);
	expect(&b, "swapme/inner.dll", who_uid(), 0664);
	cr_expect(has(&b, "new/deep/n.dll", ACCESS));
	cr_expect_not(has(&b, "new/deep/n.dll", "user.note"));
	cr_expect(has(&b, "new/deep", DEFAULT));
	cr_expect_eq(b.rights + b.lost, 0);
	bench_close(&b);
}

Test(apply_owned, new_content_does_not_inherit_the_rights_of_others)
{
	struct bench b;

	bench_open(&b);
	share(&b, "app.exe", 0755 | SET_UID, ACCESS);
	sim_attr_put(&b.s.disk, ino_of(&b, "lib/a.dll"), CAPABILITY, "c", 1);
	update(&b, b.v2, 0);
	expect(&b, "app.exe", owner(), 0644);
	cr_expect_not(has(&b, "lib/a.dll", CAPABILITY));
	/* Of lib/a.dll, and of app.exe, which may not be run any more. */
	cr_expect_eq(b.rights, 2);
	cr_expect_eq(b.lost, 0);
	bench_close(&b);
}

static void
roll_back(struct bench *b, int number)
{
	struct folder *f;
	struct err e;

	cr_assert_eq(station_open(&b->station, &f, &e), 0, "%s", e.msg);
	cr_assert_eq(apply_rollback(f, number, &e), 0, "%s", e.msg);
	folder_close(f);
}

static void
there_and_back(bool links, bool clones)
{
	struct bench b;
	uint64_t before;

	bench_open(&b);
	b.s.no_links = !links;
	b.s.no_clone = !clones;
	before = sim_digest(&b.s, CLIENT, SIM_LIVE);
	update(&b, b.v2, 0);
	expect(&b, BACKUP "/app.exe", owner(), 0750);
	expect(&b, BACKUP "/conf.ini", owner(), 0640);
	expect(&b, BACKUP "/touch.bin", owner(), 0755 | SET_UID | SET_GID);
	cr_expect(has(&b, BACKUP "/touch.bin", CAPABILITY));
	expect(&b, BACKUP "/lib", owner(), 0750 | SET_GID);
	cr_expect(has(&b, BACKUP "/lib", DEFAULT));
	cr_expect(has(&b, BACKUP, DEFAULT));
	roll_back(&b, 0);
	expect(&b, "gone.dll", owner(), 0751);
	expect(&b, "olddir", owner(), 0770);
	cr_expect_eq(sim_digest(&b.s, CLIENT, SIM_LIVE), before);
	cr_expect_eq(b.rights + b.lost, 0);
	bench_close(&b);
}

Test(apply_owned, a_rollback_brings_all_of_it_back)
{
	there_and_back(true, true);
	there_and_back(true, false);
	there_and_back(false, false);
}

/* Whatever rename fails: of what was copied the copy comes back. */
static void
undone(bool lower)
{
	struct bench b;
	uint64_t before;
	int rc;
	struct err e;

	bench_open(&b);
	b.s.no_links = b.s.no_clone = true;
	tempdir_chmod(&b.t, "v2/app.exe", 0755);
	share(&b, "app.exe", 0750 | SET_UID, ACCESS);
	if (lower)
		sim_make_lower(&b.s.disk);
	before = sim_digest(&b.s, CLIENT, SIM_LIVE);
	for (b.at = 1;; b.at++) {
		b.renames = 0;
		if ((rc = station_update(&b.station, b.v2, &e)) == 0)
			break;
		cr_assert_eq(sim_digest(&b.s, CLIENT, SIM_LIVE), before,
		    "rename %lu: %s", (unsigned long)b.at, e.msg);
		cr_assert_eq(b.rights, 0, "nothing is lost yet");
	}
	cr_expect_gt(b.at, 30);
	expect(&b, "app.exe", owner(), 0750);
	cr_expect_eq(b.rights, 1);
	bench_close(&b);
}

Test(apply_owned, what_was_undone_is_as_it_was)
{
	undone(false);
	undone(true);
}

Test(apply_owned, who_may_give_nothing_away_is_told_once)
{
	struct bench b;

	bench_open(&b);
	b.deny_owner = true;
	update(&b, b.v2, 0);
	cr_expect_eq(meta(&b, "app.exe")->uid, who_uid());
	cr_expect_eq(meta(&b, "app.exe")->mode, 0640);
	cr_expect_eq(meta(&b, "touch.bin")->mode,
	    owner() == who_uid() ? 0755 | SET_UID : 0755);
	cr_expect(has(&b, "app.exe", "user.note"));
	cr_expect_eq(b.lost, 1);
	cr_expect_str_eq(b.told, "app.exe", "the first");
	cr_expect_eq(b.rights, 1, "touch.bin");
	/* Also of the one file that changes. */
	b.lost = 0;
	tempdir_text(&b.t, "v2/app.exe", "once more", -1);
	share(&b, "app.exe", 0750, ACCESS);
	update(&b, b.v2, 0);
	cr_expect_eq(b.lost, 1);
	bench_close(&b);
}

/* Of a user namespace that does not know whom the ACL names. */
Test(apply_owned, a_rollback_gives_no_group_what_its_acl_kept_from_it)
{
	struct bench b;

	bench_open(&b);
	b.deny_attr = true;
	update(&b, b.v2, 0);
	cr_expect_eq(meta(&b, BACKUP "/conf.ini")->mode, 0600);
	roll_back(&b, 1);
	cr_expect_eq(meta(&b, "conf.ini")->mode, 0600);
	cr_expect_not(has(&b, "conf.ini", ACCESS));
	bench_close(&b);
}

/* Who made it, nobody knows: it is to be as what is live. */
Test(apply_owned, a_backup_of_the_old_updater_says_nothing_of_owners)
{
	struct bench b;
	struct err e;
	int dir;

	bench_open(&b);
	update(&b, b.v2, 0);
	dir = fs_open_root(&b.s.fs, CLIENT);
	cr_assert_eq(tree_remove(&b.s.fs, dir, BACKUP "/.erpsync", &e), 0);
	/* Where a folder lies now; that would be refused. */
	cr_assert_eq(tree_remove(&b.s.fs, dir, BACKUP "/swapme", &e), 0);
	cr_assert_eq(fs_close(&b.s.fs, dir), 0);
	b.s.disk.v[ino_of(&b, BACKUP "/conf.ini")].m[SIM_NOW].gid = 1;
	b.s.disk.v[ino_of(&b, BACKUP "/gone.dll")].m[SIM_NOW].gid = 1;
	roll_back(&b, 1);
	expect(&b, "conf.ini", owner(), 0640);
	cr_expect(has(&b, "conf.ini", ACCESS));
	cr_expect_eq(meta(&b, "gone.dll")->gid, GROUP, "as its folder says");
	bench_close(&b);
}
