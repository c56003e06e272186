/* What Windows keeps of a file beside its bytes: attributes, reparse points. */
#include "tests/win32/byname.h"
#include "tests/win32/reparse.h"
#include "tests/win32/unit.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_owned.h"

#include "engine/base/wide_win32.h"

#include <errno.h>
#include <sddl.h>
#include <stdio.h>
#include <string.h>

static const struct fs *fs;

static int
begin(void)
{
	fs = fs_real();
	return test_folder();
}

/* A new file with a few bytes, open. */
static int
made(int dir, const char *name)
{
	int fd = fs_open(fs, dir, name, FS_WRITE | FS_CREATE, 0644);

	EXPECT_EQ(fs_pwrite(fs, fd, "bytes", 5, 0), 0);
	return fd;
}

TEST(attributes_hidden_and_system_go_with_a_file)
{
	static const char all[] = "user.win32.hidden\0user.win32.system";
	struct owned_like like = {-1, OWNED_OTHER, 0};
	struct owned_new to = {-1, "b", 0644, NULL};
	char names[128], value[8];
	int dir = begin();
	struct err e;
	int64_t n;

	like.fd = made(dir, "a");
	to.fd = made(dir, "b");
	EXPECT_EQ(fs_attr_get(fs, like.fd, all, value, 8), -ENODATA);
	EXPECT_EQ(fs_attr_set(fs, like.fd, all, "", 0), 0);
	EXPECT_EQ(fs_attr_set(fs, like.fd, all + 18, "", 0), 0);
	if (fs_attr_get(fs, like.fd, all, value, 8) == -ENODATA) {
		puts("skipped: a disk under wine that keeps no attributes");
		return;
	}
	n = fs_attr_list(fs, like.fd, names, sizeof(names));
	EXPECT(n >= (int64_t)sizeof(all) &&
	    memcmp(names + n - sizeof(all), all, sizeof(all)) == 0);
	EXPECT_EQ(fs_attr_list(fs, like.fd, names, (size_t)n - 1), -ERANGE);
	EXPECT_EQ(owned_set(fs, &like, &to, &e), 0);
	EXPECT_EQ(like.lost, 0);
	EXPECT_EQ(fs_attr_get(fs, to.fd, all, value, 8), 0);
	EXPECT_EQ(fs_attr_get(fs, to.fd, all + 18, value, 8), 0);
	/* And what is not hidden takes it away. */
	EXPECT_EQ(fs_attr_remove(fs, like.fd, all), 0);
	EXPECT_EQ(owned_set(fs, &like, &to, &e), 0);
	EXPECT_EQ(fs_attr_get(fs, to.fd, all, value, 8), -ENODATA);
	EXPECT_EQ(fs_attr_get(fs, to.fd, all + 18, value, 8), 0);
	(void)fs_close(fs, to.fd);
	(void)fs_close(fs, like.fd);
	(void)fs_close(fs, dir);
}

/* Deduplicated, or in a cloud: a file as any other. */
TEST(attributes_other_reparse_points_are_files)
{
	static const uint32_t tags[] = {0x80000013, 0x9000701a};
	int dir = begin(), fd;
	struct fs_stat st;
	char got[5];
	size_t i;

	fd = made(dir, "a");
	EXPECT_EQ(fs_fstat(fs, fd, &st), 0);
	(void)fs_close(fs, fd);
	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		reparse_pretend(st.ino, tags[i]);
		EXPECT_EQ(fs_stat(fs, dir, "a", &st), 0);
		EXPECT_EQ(st.type, FS_FILE);
		EXPECT_EQ(st.size, 5);
		fd = fs_open(fs, dir, "a", FS_READ, 0);
		EXPECT(fd > 0);
		EXPECT_EQ(fs_pread(fs, fd, got, 5, 0), 5);
		EXPECT(memcmp(got, "bytes", 5) == 0);
		(void)fs_close(fs, fd);
	}
	reparse_pretend(0, 0);
	(void)fs_close(fs, dir);
}

TEST(attributes_links_and_junctions_are_not_followed)
{
	static const uint32_t tags[] = {
	    IO_REPARSE_TAG_SYMLINK, IO_REPARSE_TAG_MOUNT_POINT};
	int dir = begin(), fd;
	struct fs_stat st, folder;
	size_t i;

	fd = made(dir, "a");
	EXPECT_EQ(fs_fstat(fs, fd, &st), 0);
	(void)fs_close(fs, fd);
	EXPECT_EQ(fs_mkdir(fs, dir, "d", 0755), 0);
	EXPECT_EQ(fs_stat(fs, dir, "d", &folder), 0);
	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		reparse_pretend(st.ino, tags[i]);
		EXPECT_EQ(fs_stat(fs, dir, "a", &st), 0);
		EXPECT_EQ(st.type, FS_OTHER);
		EXPECT_EQ(fs_open(fs, dir, "a", FS_READ, 0), -ELOOP);
		reparse_pretend(folder.ino, tags[i]);
		EXPECT_EQ(fs_open(fs, dir, "d", FS_DIRECTORY, 0), -ELOOP);
	}
	reparse_pretend(0, 0);
	(void)fs_close(fs, dir);
}

/* A list that lets everybody read. */
static size_t
for_all(char list[256])
{
	PSECURITY_DESCRIPTOR sd;
	ULONG n;

	if (!EXPECT(ConvertStringSecurityDescriptorToSecurityDescriptorW(
		L"D:P(A;;FA;;;OW)(A;;FR;;;WD)", SDDL_REVISION_1, &sd, &n)))
		return 0;
	EXPECT(n <= 256);
	memcpy(list, sd, n);
	(void)LocalFree(sd);
	return n;
}

TEST(attributes_a_secret_is_closed_to_others)
{
	char list[256];
	int dir = begin(), fd = made(dir, "open");

	EXPECT(!at_is_closed(fs, fd));
	(void)fs_close(fs, fd);
	fd = at_create_mode(fs, dir, "closed.new", AT_CLOSED, NULL);
	EXPECT(at_is_closed(fs, fd));
	EXPECT_EQ(fs_pwrite(fs, fd, "bytes", 5, 0), 0);
	(void)fs_close(fs, fd);
	EXPECT_EQ(fs_rename(fs, dir, "closed.new", dir, "open", true), 0);
	fd = fs_open(fs, dir, "open", FS_READ, 0);
	EXPECT(at_is_closed(fs, fd));
	EXPECT_EQ(fs_attr_set(fs, fd, "win32.dacl", list, for_all(list)), 0);
	EXPECT(!at_is_closed(fs, fd));
	(void)fs_close(fs, fd);
	(void)fs_close(fs, dir);
}

/* What fs_stat tells, where the system has a call for it. */
static bool
tells_the_same(int dir, const char *name)
{
	struct fs_stat opened, told;
	bool is = EXPECT_EQ(fs_stat(fs, dir, name, &opened), 0);

	(void)byname_pretend(true);
	is = is && EXPECT_EQ(fs_stat(fs, dir, name, &told), 0);
	return EXPECT_EQ(byname_pretend(false), 1) && is &&
	    memcmp(&opened, &told, sizeof(told)) == 0;
}

TEST(attributes_a_name_tells_what_its_file_does)
{
	static const uint32_t tags[] = {
	    0, 0x80000013, IO_REPARSE_TAG_SYMLINK, IO_REPARSE_TAG_MOUNT_POINT};
	int dir = begin(), fd = made(dir, "a");
	struct fs_stat st;
	size_t i;

	EXPECT_EQ(fs_link(fs, dir, "a", dir, "again"), 0);
	EXPECT_EQ(fs_fstat(fs, fd, &st), 0);
	EXPECT_EQ(st.nlink, 2);
	EXPECT_EQ(fs_mkdir(fs, dir, "d", 0755), 0);
	EXPECT(tells_the_same(dir, "d"));
	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		reparse_pretend(st.ino, tags[i]);
		EXPECT(tells_the_same(dir, "a"));
		EXPECT(tells_the_same(dir, "AGAIN"));
	}
	reparse_pretend(0, 0);
	EXPECT_EQ(fs_fchmod(fs, fd, 0555), 0);
	EXPECT(tells_the_same(dir, "a"));
	(void)byname_pretend(true);
	EXPECT_EQ(fs_stat(fs, dir, "none", &st), -ENOENT);
	EXPECT_EQ(fs_stat(fs, dir, "a.", &st), -ENOENT);
	EXPECT_EQ(byname_pretend(false), 2);
	(void)fs_close(fs, fd);
	(void)fs_close(fs, dir);
}
