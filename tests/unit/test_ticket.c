/* The ticket of a server on a station's disk. */
#include "engine/apply/ticket.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/who.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct pocket {
	struct tempdir t;
	struct folder f;
	struct buf in, out;
	struct err e;
};

static void
pocket_open(struct pocket *p)
{
	memset(p, 0, sizeof(*p));
	tempdir_open(&p->t);
	p->f.fs = fs_real();
	p->f.own = p->t.fd;
	buf_init(&p->in, TICKET_MAX);
	buf_init(&p->out, TICKET_MAX);
}

static void
pocket_close(struct pocket *p)
{
	buf_release(&p->in);
	buf_release(&p->out);
	tempdir_close(&p->t);
}

static void
keep(struct pocket *p, const char *server, const char *ticket)
{
	buf_clear(&p->in);
	cr_assert_eq(buf_append(&p->in, ticket, strlen(ticket), NULL), 0);
	cr_assert_eq(
	    ticket_keep(&p->f, server, &p->in, &p->e), 0, "%s", p->e.msg);
}

/* Is it this one, "" for none? */
static bool
finds(struct pocket *p, const char *server, const char *ticket)
{
	buf_clear(&p->out);
	ticket_find(&p->f, server, &p->out);
	return p->out.len == strlen(ticket) &&
	    (p->out.len == 0 ||
		memcmp(buf_data(&p->out), ticket, p->out.len) == 0);
}

Test(ticket, it_is_of_the_server_that_was_last)
{
	struct pocket p;
	struct stat st;

	pocket_open(&p);
	cr_expect(finds(&p, "a:1", ""));
	keep(&p, "a:1", "one");
	cr_expect(finds(&p, "a:1", "one"));
	cr_expect(finds(&p, "a:10", ""));
	cr_expect(finds(&p, "", ""));
	keep(&p, "b:1", "two");
	cr_expect(finds(&p, "a:1", ""));
	cr_expect(finds(&p, "b:1", "two"));
	cr_assert_eq(fstatat(p.t.fd, "ticket", &st, 0), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	pocket_close(&p);
}

Test(ticket, the_largest_has_room)
{
	static char large[TICKET_MAX + 1], name[301];
	struct pocket p;

	memset(large, 'x', TICKET_MAX);
	memset(name, 'n', 300);
	pocket_open(&p);
	keep(&p, name, large);
	cr_expect(finds(&p, name, large));
	pocket_close(&p);
}

Test(ticket, a_damaged_one_is_none_and_is_replaced)
{
	struct pocket p;
	struct stat st;
	uint8_t byte;
	off_t i;
	int fd;

	pocket_open(&p);
	keep(&p, "a:1", "one");
	cr_assert_eq(fstatat(p.t.fd, "ticket", &st, 0), 0);
	for (i = 0; i < st.st_size; i++) {
		fd = openat(p.t.fd, "ticket", O_RDWR);
		cr_assert_geq(fd, 0);
		cr_assert_eq(pread(fd, &byte, 1, i), 1);
		byte ^= 0x20;
		cr_assert_eq(pwrite(fd, &byte, 1, i), 1);
		(void)close(fd);
		cr_expect(finds(&p, "a:1", ""), "byte %d", (int)i);
		keep(&p, "a:1", "one");
	}
	cr_assert_eq(unlinkat(p.t.fd, "ticket", 0), 0);
	tempdir_text(&p.t, "ticket", "foreign\n", 1000000000);
	cr_assert_eq(fchmodat(p.t.fd, "ticket", 0600, 0), 0);
	cr_expect(finds(&p, "a:1", ""));
	keep(&p, "a:1", "two");
	cr_expect(finds(&p, "a:1", "two"));
	pocket_close(&p);
}

Test(ticket, where_there_is_no_folder_of_ours_there_is_none)
{
	struct pocket p;

	pocket_open(&p);
	keep(&p, "a:1", "one");
	p.f.own = -1;
	cr_expect(finds(&p, "a:1", ""));
	pocket_close(&p);
}

Test(ticket, one_that_others_may_read_is_none)
{
	struct pocket p;

	pocket_open(&p);
	keep(&p, "a:1", "one");
	cr_assert_eq(fchmodat(p.t.fd, "ticket", 0640, 0), 0);
	cr_expect(finds(&p, "a:1", ""));
	cr_assert_eq(fchmodat(p.t.fd, "ticket", 0604, 0), 0);
	cr_expect(finds(&p, "a:1", ""));
	keep(&p, "a:1", "two");
	cr_expect(finds(&p, "a:1", "two"), "it is made anew");
	pocket_close(&p);
}

/* Whose .erpsync is, and the ticket in it, in this test. */
static uint32_t folder_uid, ticket_uid;

static int
fstat_played(void *ctx, int fd, struct fs_stat *st)
{
	int rc = fs_real()->ops->fstat(ctx, fd, st);

	st->uid = st->type == FS_DIR ? folder_uid : ticket_uid;
	return rc;
}

/* Whoever writes a ticket says who the server is: root, who only looks, does
 * not take it from the user whose folder it is. */
Test(ticket, one_that_another_user_could_write_is_none)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs played = {&ops, fs_real()->ctx};
	struct pocket p;

	pocket_open(&p);
	keep(&p, "a:1", "one");
	ops.fstat = fstat_played;
	p.f.fs = &played;
	folder_uid = ticket_uid = who_uid();
	cr_expect(finds(&p, "a:1", "one"));
	ticket_uid++;
	cr_expect(finds(&p, "a:1", ""), "his file");
	folder_uid++;
	cr_expect(finds(&p, "a:1", ""), "his file and folder");
	ticket_uid--;
	cr_expect(finds(&p, "a:1", ""), "his folder");
	folder_uid--;
	cr_assert_eq(fchmod(p.t.fd, 0720), 0);
	cr_expect(finds(&p, "a:1", ""), "his group's folder");
	cr_assert_eq(fchmod(p.t.fd, 0702), 0);
	cr_expect(finds(&p, "a:1", ""), "everybody's folder");
	cr_assert_eq(fchmod(p.t.fd, 0755), 0);
	cr_expect(finds(&p, "a:1", "one"));
	pocket_close(&p);
}

static int
one_mode(void *ctx, int fd, struct fs_stat *st)
{
	int rc = fs_real()->ops->fstat(ctx, fd, st);

	st->mode = 0755;
	return rc;
}

static int64_t
no_bytes(void *ctx, int fd, const void *p, size_t n, uint64_t off)
{
	(void)ctx;
	(void)fd;
	(void)p;
	(void)n;
	(void)off;
	cr_expect_fail("a secret lies open");
	return -EIO;
}

/* As where a disk has one mode for all files. */
Test(ticket, where_no_file_is_closed_none_is_kept)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs played = {&ops, fs_real()->ctx};
	struct pocket p;

	pocket_open(&p);
	keep(&p, "a:1", "one");
	p.f.fs = &played;
	ops.fstat = one_mode;
	ops.pwrite = no_bytes;
	cr_expect(finds(&p, "a:1", ""));
	keep(&p, "a:1", "two");
	cr_expect_eq(faccessat(p.t.fd, "ticket.new", F_OK, 0), -1);
	p.f.fs = fs_real();
	cr_expect(finds(&p, "a:1", "one"));
	pocket_close(&p);
}

/* As on Windows, where a list of access tells it. */
static bool is_open;

static bool
list_tells(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	return !is_open;
}

static int how;

static int
open_seen(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	if ((flags & FS_CREATE) != 0)
		how = flags;
	return fs_real()->ops->open(ctx, dir, path, flags, mode);
}

Test(ticket, one_is_private_by_its_list_where_modes_say_nothing)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs played = {&ops, fs_real()->ctx};
	struct pocket p;

	pocket_open(&p);
	p.f.fs = &played;
	ops.fstat = one_mode;
	ops.attr.is_closed = list_tells;
	ops.open = open_seen;
	keep(&p, "a:1", "one");
	cr_expect_eq(how, FS_WRITE | FS_CREATE | FS_CLOSED);
	cr_expect(finds(&p, "a:1", "one"));
	is_open = true;
	cr_expect(finds(&p, "a:1", ""));
	pocket_close(&p);
}
