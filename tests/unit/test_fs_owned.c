/* What belongs to a file, on the simulated disk. */
#include "engine/base/fs_owned.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/who.h"
#include "tests/support/fs_sim.h"
#include "tests/support/starve.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ACCESS "system.posix_acl_access"
#define DEFAULT "system.posix_acl_default"
#define CAPABILITY "security.capability"

enum {
	TAG_USER = 1,
	TAG_NAMED = 2,
	TAG_GROUP = 4,
	TAG_MASK = 16,
	TAG_ALL = 32
};
enum { OWNER = 4321, GROUP = 5555, MANY = 200, LARGE = 40000 };

/* An ACL as the kernel has it, from pairs of tag and rights. */
struct acl {
	uint8_t b[128];
	size_t n;
};

static struct acl
acl_of(int version, const int (*v)[2], size_t n)
{
	struct acl a = {{(uint8_t)version}, 4};
	size_t i;

	for (i = 0; i < n; i++, a.n += 8) {
		a.b[a.n] = (uint8_t)v[i][0];
		a.b[a.n + 2] = (uint8_t)v[i][1];
	}
	return a;
}

/* user::rwx user:0:rw- group::r-- mask::rwx other::--- */
static struct acl
shared_acl(void)
{
	static const int v[][2] = {{TAG_USER, 7}, {TAG_NAMED, 6},
	    {TAG_GROUP, 4}, {TAG_MASK, 7}, {TAG_ALL, 0}};

	return acl_of(2, v, 5);
}

struct bench {
	struct sim s;
	const struct fs *fs;
	int root, from, to;
	struct owned_like like;
	struct err e;
	enum sim_call_kind kind; /* calls of this kind fail */
	int error;
};

static int
denied(void *arg, struct sim *s, struct sim_call *c)
{
	struct bench *b = arg;

	(void)s;
	return c->kind == b->kind ? -b->error : 0;
}

static int
put(struct bench *b, const char *path, uint32_t mode)
{
	int fd = fs_open(b->fs, b->root, path, FS_WRITE | FS_CREATE, mode);

	cr_assert_geq(fd, 0);
	return fd;
}

static void
attr(struct bench *b, int fd, const char *name, const void *p, size_t n)
{
	cr_assert_eq(fs_attr_set(b->fs, fd, name, p, n), 0);
}

static void
acl(struct bench *b, int fd, const char *name)
{
	struct acl a = shared_acl();

	attr(b, fd, name, a.b, a.n);
}

/* "old" is a program of somebody, with all that a file can have. */
static void
bench_open(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	sim_open(&b->s);
	b->fs = &b->s.fs;
	b->root = fs_open_root(b->fs, "/");
	b->from = put(b, "old", 0755);
	cr_assert_eq(fs_fchown(b->fs, b->from, OWNER, GROUP), 0);
	acl(b, b->from, ACCESS);
	attr(b, b->from, "user.note", "hello", 5);
	attr(b, b->from, "security.selinux", "label", 5);
	attr(b, b->from, "trusted.overlay.origin", "x", 1);
	attr(b, b->from, CAPABILITY, "cap", 3);
	cr_assert_eq(fs_fchmod(b->fs, b->from, 06775), 0);
	b->to = put(b, "new", 0600);
	attr(b, b->to, DEFAULT, "inherited", 9);
	b->like = (struct owned_like){b->from, OWNED_OTHER, 0};
	b->s.hook = denied;
	b->s.hook_arg = b;
	b->kind = SIM_CALLS;
}

static void
bench_close(struct bench *b)
{
	cr_assert_eq(fs_close(b->fs, b->from), 0);
	cr_assert_eq(fs_close(b->fs, b->to), 0);
	cr_assert_eq(fs_close(b->fs, b->root), 0);
	cr_assert_eq(sim_open_fds(&b->s), 0);
	sim_close(&b->s);
}

static int
set(struct bench *b, uint32_t mode)
{
	const struct stamp when = {123, 456};
	struct owned_new to = {b->to, "new", mode, &when};

	return owned_set(b->fs, &b->like, &to, &b->e);
}

static void
expect_stat(struct bench *b, uint32_t uid, uint32_t gid, uint32_t mode)
{
	struct fs_stat st;

	cr_assert_eq(fs_fstat(b->fs, b->to, &st), 0);
	cr_expect_eq(st.uid, uid, "uid %u", st.uid);
	cr_expect_eq(st.gid, gid, "gid %u", st.gid);
	cr_expect_eq(st.mode, mode, "mode %o", st.mode);
}

static bool
has(struct bench *b, const char *name)
{
	char value[256];

	return fs_attr_get(b->fs, b->to, name, value, sizeof(value)) >= 0;
}

Test(fs_owned, the_mode_that_an_acl_stands_for)
{
	static const int plain[][2] = {
	    {TAG_USER, 6}, {TAG_GROUP, 5}, {TAG_ALL, 4}};
	struct acl a = shared_acl();
	size_t n;

	cr_expect_eq(owned_acl_mode(a.b, a.n), 0770);
	for (n = 0; n < a.n; n++)
		cr_expect_eq(owned_acl_mode(a.b, n), -1, "%zu", n);
	a = acl_of(2, plain, 3);
	cr_expect_eq(owned_acl_mode(a.b, a.n), 0654);
	a = acl_of(2, plain, 2);
	cr_expect_eq(owned_acl_mode(a.b, a.n), -1);
	a = acl_of(1, plain, 3);
	cr_expect_eq(owned_acl_mode(a.b, a.n), -1);
}

Test(fs_owned, other_content_gets_all_but_rights_of_others)
{
	struct bench b;
	struct fs_stat st;

	bench_open(&b);
	cr_assert_eq(set(&b, 0775), 0, "%s", b.e.msg);
	expect_stat(&b, OWNER, GROUP, 0775);
	cr_expect(has(&b, ACCESS) && has(&b, "user.note"));
	cr_expect_not(has(&b, CAPABILITY));
	cr_expect_not(has(&b, DEFAULT), "the old one had none");
	cr_expect_not(has(&b, "security.selinux"));
	cr_expect_not(has(&b, "trusted.overlay.origin"));
	cr_expect_eq(b.like.lost, OWNED_LOST_RIGHTS);
	cr_assert_eq(fs_fstat(b.fs, b.to, &st), 0);
	cr_expect(stamp_equal(st.mtime, ((struct stamp){123, 456})));
	bench_close(&b);
}

Test(fs_owned, the_same_content_gets_all)
{
	struct bench b;

	bench_open(&b);
	b.like.how = OWNED_SAME;
	cr_assert_eq(set(&b, 06775), 0, "%s", b.e.msg);
	expect_stat(&b, OWNER, GROUP, 06775);
	cr_expect(has(&b, ACCESS) && has(&b, CAPABILITY));
	cr_expect_eq(b.like.lost, 0);
	/* Only where both say so. */
	cr_assert_eq(set(&b, 04665), 0);
	expect_stat(&b, OWNER, GROUP, 04665);
	cr_assert_eq(fs_fchmod(b.fs, b.from, 0755), 0);
	cr_assert_eq(set(&b, 06775), 0);
	expect_stat(&b, OWNER, GROUP, 0775);
	cr_expect_eq(b.like.lost, 0);
	bench_close(&b);
}

Test(fs_owned, who_may_not_give_it_away_goes_on)
{
	struct bench b;

	bench_open(&b);
	b.like.how = OWNED_SAME;
	b.kind = SIM_FCHOWN;
	b.error = EPERM;
	cr_assert_eq(set(&b, 06775), 0, "%s", b.e.msg);
	/* And then nobody's rights are lent. */
	expect_stat(&b, who_uid(), who_gid(), 0775);
	cr_expect_eq(b.like.lost, OWNED_LOST_OWNER | OWNED_LOST_RIGHTS);
	cr_expect(has(&b, "user.note"));
	bench_close(&b);
}

/* A folder in place of the old file. */
static void
born_in(struct bench *b, uint32_t mode, uint32_t gid, bool with_acl)
{
	cr_assert_eq(fs_close(b->fs, b->from), 0);
	cr_assert_eq(fs_unlink(b->fs, b->root, "old"), 0);
	cr_assert_eq(fs_mkdir(b->fs, b->root, "old", mode), 0);
	b->from = fs_open(b->fs, b->root, "old", FS_DIRECTORY, 0);
	cr_assert_eq(fs_fchown(b->fs, b->from, OWNER, gid), 0);
	if (with_acl)
		acl(b, b->from, DEFAULT);
	b->like = (struct owned_like){b->from, OWNED_BORN, 0};
}

/* A file has room for what it is to have, not for more beside it. */
static int
crowded(void *arg, struct sim *s, struct sim_call *c)
{
	size_t n;

	(void)arg;
	return c->kind == SIM_ATTR_SET &&
		sim_attr(&s->disk, c->ino, ACCESS, &n) != NULL && n == 9
	    ? -ENOSPC
	    : 0;
}

Test(fs_owned, what_was_inherited_goes_first)
{
	struct bench b;

	bench_open(&b);
	attr(&b, b.to, ACCESS, "inherited", 9);
	b.s.hook = crowded;
	cr_assert_eq(set(&b, 0755), 0, "%s", b.e.msg);
	cr_expect(has(&b, ACCESS) && has(&b, "user.note"));
	born_in(&b, 0755, GROUP, true);
	attr(&b, b.to, CAPABILITY, "c", 1);
	cr_assert_eq(set(&b, 0755), 0, "%s", b.e.msg);
	cr_expect(has(&b, ACCESS));
	cr_expect_not(has(&b, "user.note"));
	cr_expect_not(has(&b, CAPABILITY));
	bench_close(&b);
}

static int
not_the_owner(void *arg, struct sim *s, struct sim_call *c)
{
	int *calls = arg;

	(void)s;
	return c->kind == SIM_FCHOWN && ++*calls == 1 ? -EPERM : 0;
}

Test(fs_owned, the_group_can_be_kept_without_the_owner)
{
	struct bench b;
	int calls = 0;

	bench_open(&b);
	b.s.hook = not_the_owner;
	b.s.hook_arg = &calls;
	cr_assert_eq(set(&b, 0755), 0, "%s", b.e.msg);
	expect_stat(&b, who_uid(), GROUP, 0755);
	cr_expect_eq(calls, 2);
	cr_expect_eq(b.like.lost, OWNED_LOST_OWNER | OWNED_LOST_RIGHTS);
	bench_close(&b);
}

/* The group's bits were the mask of an ACL that is not there. */
Test(fs_owned, without_its_acl_the_group_gets_nothing)
{
	static const int errors[] = {EPERM, EOPNOTSUPP, EINVAL, ENOSYS, EACCES};
	struct bench b;
	size_t i;

	bench_open(&b);
	b.kind = SIM_ATTR_SET;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		b.error = errors[i];
		b.like.lost = 0;
		cr_assert_eq(set(&b, 0775), 0, "%s", b.e.msg);
		expect_stat(&b, OWNER, GROUP, 0705);
		cr_expect_eq(b.like.lost, OWNED_LOST_ATTR | OWNED_LOST_RIGHTS);
	}
	b.kind = SIM_ATTR_GET;
	cr_assert_eq(set(&b, 0775), 0, "%s", b.e.msg);
	expect_stat(&b, OWNER, GROUP, 0705);
	bench_close(&b);
}

Test(fs_owned, what_a_full_or_broken_disk_says_is_an_error)
{
	static const struct {
		enum sim_call_kind kind;
		int error, code;
	} all[] = {{SIM_ATTR_SET, ENOSPC, ERP_NOSPACE},
	    {SIM_ATTR_SET, EDQUOT, ERP_NOSPACE}, {SIM_ATTR_GET, EIO, ERP_IO},
	    {SIM_ATTR_LIST, EIO, ERP_IO}, {SIM_ATTR_REMOVE, EIO, ERP_IO},
	    {SIM_FCHOWN, EIO, ERP_IO}, {SIM_FCHOWN, EDQUOT, ERP_NOSPACE},
	    {SIM_FCHMOD, EIO, ERP_IO}, {SIM_FUTIMES, EIO, ERP_IO},
	    {SIM_FSTAT, EIO, ERP_IO}};
	struct bench b;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		bench_open(&b);
		b.kind = all[i].kind;
		b.error = all[i].error;
		cr_expect_eq(set(&b, 0755), all[i].code, "%zu", i);
		cr_expect_not_null(strstr(b.e.msg, "new"), "%s", b.e.msg);
		bench_close(&b);
	}
}

Test(fs_owned, so_much_and_no_more)
{
	static uint8_t large[LARGE];
	char name[32];
	struct bench b;
	int i;

	bench_open(&b);
	for (i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "user.some.name.%d", i);
		attr(&b, b.from, name, "v", 1);
	}
	cr_assert_eq(set(&b, 0755), 0, "%s", b.e.msg);
	cr_expect(has(&b, "user.some.name.0") && has(&b, name));
	cr_expect_eq(b.like.lost, OWNED_LOST_RIGHTS);
	attr(&b, b.from, "user.large.1", large, sizeof(large));
	attr(&b, b.from, "user.large.2", large, sizeof(large));
	attr(&b, b.from, "user.small", "s", 1);
	cr_assert_eq(set(&b, 0755), 0, "%s", b.e.msg);
	cr_expect_not(has(&b, "user.large.2"));
	cr_expect(has(&b, "user.small"), "it goes on after it");
	cr_expect_eq(b.like.lost, OWNED_LOST_ATTR | OWNED_LOST_RIGHTS);
	bench_close(&b);
}

Test(fs_owned, a_new_file_is_of_its_folders_group)
{
	struct bench b;

	bench_open(&b);
	born_in(&b, 0777, GROUP, false);
	acl(&b, b.to, ACCESS); /* of the folder it was made in */
	cr_assert_eq(set(&b, 0644), 0, "%s", b.e.msg);
	expect_stat(&b, who_uid(), GROUP, 0644);
	cr_expect_not(has(&b, ACCESS));
	cr_expect_eq(b.like.lost, 0);
	/* If not, only a set-gid folder had promised it. */
	b.kind = SIM_FCHOWN;
	b.error = EPERM;
	cr_assert_eq(fs_fchmod(b.fs, b.from, 02777), 0);
	cr_assert_eq(set(&b, 0644), 0, "%s", b.e.msg);
	cr_expect_eq(b.like.lost, 0);
	b.s.disk.v[sim_walk(&b.s, "/new")].m[SIM_NOW].gid = who_gid();
	cr_assert_eq(set(&b, 0644), 0, "%s", b.e.msg);
	expect_stat(&b, who_uid(), who_gid(), 0644);
	cr_expect_eq(b.like.lost, OWNED_LOST_OWNER);
	b.like.lost = 0;
	cr_assert_eq(fs_fchmod(b.fs, b.from, 0777), 0);
	cr_assert_eq(set(&b, 0644), 0, "%s", b.e.msg);
	cr_expect_eq(b.like.lost, 0);
	bench_close(&b);
}

Test(fs_owned, a_new_file_is_as_its_folder_says)
{
	struct bench b;

	bench_open(&b);
	born_in(&b, 02775, GROUP, true);
	cr_assert_eq(set(&b, 0755), 0, "%s", b.e.msg);
	expect_stat(&b, who_uid(), GROUP, 0770);
	cr_assert_eq(set(&b, 0644), 0, "%s", b.e.msg);
	expect_stat(&b, who_uid(), GROUP, 0660);
	cr_expect(has(&b, ACCESS));
	cr_expect_eq(b.like.lost, 0);
	bench_close(&b);
}

Test(fs_owned, so_is_a_new_folder)
{
	struct owned_new to = {-1, "dir", 0755, NULL};
	struct bench b;

	bench_open(&b);
	born_in(&b, 02775, GROUP, true);
	cr_assert_eq(fs_close(b.fs, b.to), 0);
	cr_assert_eq(fs_mkdir(b.fs, b.root, "dir", 0700), 0);
	to.fd = b.to = fs_open(b.fs, b.root, "dir", FS_DIRECTORY, 0);
	cr_assert_eq(owned_set(b.fs, &b.like, &to, &b.e), 0, "%s", b.e.msg);
	expect_stat(&b, who_uid(), GROUP, 02770);
	cr_expect(has(&b, ACCESS) && has(&b, DEFAULT));
	/* Not set again: it might go. */
	b.kind = SIM_FCHMOD;
	b.error = EIO;
	cr_expect_eq(owned_set(b.fs, &b.like, &to, &b.e), 0, "%s", b.e.msg);
	/* A copy of a folder whose group it cannot have passes on none. */
	b.like.how = OWNED_SAME;
	to.mode = 02750;
	cr_assert_eq(fs_fchown(b.fs, b.from, FS_AS_IT_IS, GROUP + 1), 0);
	b.kind = SIM_FCHOWN;
	b.error = EPERM;
	cr_assert_eq(owned_set(b.fs, &b.like, &to, &b.e), 0, "%s", b.e.msg);
	expect_stat(&b, who_uid(), GROUP, 0750);
	cr_expect_eq(b.like.lost, OWNED_LOST_OWNER);
	cr_expect_not(has(&b, ACCESS), "this one has a default only");
	bench_close(&b);
}

Test(fs_owned, a_disk_without_such_things_gets_mode_and_time)
{
	struct fs_ops less;
	struct fs fs;
	struct bench b;

	bench_open(&b);
	less = *b.fs->ops;
	less.attr = (struct fs_attr_ops){.fchmod = less.attr.fchmod};
	fs = (struct fs){&less, b.fs->ctx};
	b.fs = &fs;
	cr_assert_eq(set(&b, 0750), 0, "%s", b.e.msg);
	expect_stat(&b, who_uid(), who_gid(), 0750);
	cr_expect_eq(b.like.lost, OWNED_LOST_OWNER | OWNED_LOST_RIGHTS);
	b.fs = &b.s.fs;
	b.like.fd = -1;
	cr_assert_eq(set(&b, 0600), 0, "%s", b.e.msg);
	expect_stat(&b, who_uid(), who_gid(), 0600);
	bench_close(&b);
}

static int
give_many(void *arg, struct err *e)
{
	const struct stamp when = {123, 456};
	struct bench *b = arg;
	struct owned_new to = {b->to, "new", 0755, &when};
	int rc;

	(void)fs_attr_remove(b->fs, b->to, "user.some.name.0");
	b->like.lost = 0;
	if ((rc = owned_set(b->fs, &b->like, &to, e)) != 0)
		return rc;
	return has(b, "user.some.name.0") ? 0 : STARVE_WRONG;
}

/* More names than there is room for without asking for memory. */
Test(fs_owned, many_attributes_or_memory_lacks)
{
	char name[32];
	struct bench b;
	int i;

	bench_open(&b);
	for (i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "user.some.name.%d", i);
		attr(&b, b.from, name, "v", 1);
	}
	cr_assert_eq(set(&b, 0755), 0, "%s", b.e.msg);
	STARVE(give_many, &b);
	bench_close(&b);
}
