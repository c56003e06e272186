/* The table of calls over NT's own: what the transaction relies on. */
#include "engine/base/fs.h"

#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/fs_owned.h"
#include "engine/base/fs_win32_internal.h"
#include "tests/win32/unit.h"

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

static void
put(int dir, const char *name, const char *text)
{
	int fd = fs_open(fs, dir, name, FS_WRITE | FS_CREATE, 0644);

	if (!EXPECT(fd > 0))
		return;
	EXPECT_EQ(fs_pwrite(fs, fd, text, strlen(text), 0), 0);
	EXPECT_EQ(fs_fsync(fs, fd), 0);
	EXPECT_EQ(fs_close(fs, fd), 0);
}

static bool
has(int dir, const char *name, const char *text)
{
	char got[64] = "";
	int fd = fs_open(fs, dir, name, FS_READ, 0);
	int64_t n = fd < 0 ? fd : fs_pread(fs, fd, got, sizeof(got) - 1, 0);

	if (fd >= 0)
		(void)fs_close(fs, fd);
	return n == (int64_t)strlen(text) && strcmp(got, text) == 0;
}

static int
stat_of(int dir, const char *name, struct fs_stat *st)
{
	memset(st, 0, sizeof(*st));
	return fs_stat(fs, dir, name, st);
}

TEST(fs_files_are_made_read_and_removed)
{
	int dir = begin(), fd;
	struct fs_stat st;
	char c;

	put(dir, "a", "hello");
	EXPECT(has(dir, "a", "hello"));
	EXPECT_EQ(fs_open(fs, dir, "a", FS_WRITE | FS_CREATE, 0644), -EEXIST);
	EXPECT_EQ(fs_open(fs, dir, "b", FS_READ, 0), -ENOENT);
	EXPECT_EQ(fs_open(fs, dir, "a", FS_DIRECTORY, 0), -ENOTDIR);
	EXPECT_EQ(stat_of(dir, "a", &st), 0);
	EXPECT(st.type == FS_FILE && st.size == 5 && st.nlink == 1);
	fd = fs_open(fs, dir, "a", FS_WRITE, 0);
	EXPECT_EQ(fs_pread(fs, fd, &c, 1, 5), 0);
	EXPECT_EQ(fs_truncate(fs, fd, 2), 0);
	EXPECT_EQ(fs_allocate(fs, fd, 100000), 0);
	EXPECT_EQ(fs_fstat(fs, fd, &st), 0);
	EXPECT_EQ(st.size, 100000);
	EXPECT_EQ(fs_close(fs, fd), 0);
	EXPECT_EQ(fs_rmdir(fs, dir, "a"), -ENOTDIR);
	EXPECT_EQ(fs_unlink(fs, dir, "a"), 0);
	EXPECT_EQ(fs_unlink(fs, dir, "a"), -ENOENT);
	EXPECT_EQ(stat_of(dir, "a", &st), -ENOENT);
	EXPECT_EQ(fs_open_root(fs, "no such folder"), -ENOENT);
	(void)fs_close(fs, dir);
}

TEST(fs_renames_replace_only_when_told)
{
	int dir = begin();

	put(dir, "a", "one");
	put(dir, "b", "two");
	EXPECT_EQ(fs_rename(fs, dir, "a", dir, "b", false), -EEXIST);
	EXPECT(has(dir, "b", "two"));
	EXPECT_EQ(fs_rename(fs, dir, "a", dir, "b", true), 0);
	EXPECT(has(dir, "b", "one"));
	EXPECT_EQ(fs_mkdir(fs, dir, "d", 0755), 0);
	EXPECT_EQ(fs_mkdir(fs, dir, "d", 0755), -EEXIST);
	EXPECT_EQ(fs_rename(fs, dir, "b", dir, "d/c", false), 0);
	EXPECT_EQ(fs_rmdir(fs, dir, "d"), -ENOTEMPTY);
	EXPECT_EQ(fs_unlink(fs, dir, "d"), -EISDIR);
	EXPECT_EQ(fs_rename(fs, dir, "d", dir, "e", false), 0);
	EXPECT(has(dir, "e/c", "one"));
	EXPECT(has(dir, "./e/./c", "one"));
	EXPECT_EQ(dir_sync(fs, dir, "e/.", NULL), 0);
	EXPECT_EQ(dir_sync(fs, dir, "e", NULL), 0);
	EXPECT_EQ(dir_sync(fs, dir, "", NULL), 0);
	(void)fs_close(fs, dir);
}

TEST(fs_links_are_of_one_file)
{
	struct fs_stat a, b;
	int dir = begin();

	put(dir, "a", "one");
	EXPECT_EQ(fs_link(fs, dir, "a", dir, "b"), 0);
	EXPECT_EQ(fs_link(fs, dir, "a", dir, "b"), -EEXIST);
	EXPECT_EQ(stat_of(dir, "a", &a), 0);
	EXPECT_EQ(stat_of(dir, "b", &b), 0);
	EXPECT(a.ino == b.ino && a.dev == b.dev && b.nlink == 2);
	EXPECT_EQ(fs_unlink(fs, dir, "a"), 0);
	EXPECT(has(dir, "b", "one"));
	EXPECT_EQ(fs_symlink(fs, "b", dir, "s"), -EOPNOTSUPP);
	(void)fs_close(fs, dir);
}

TEST(fs_a_folder_is_on_one_disk)
{
	uint64_t here = 0, deeper = 1;
	int dir = begin(), deep;

	EXPECT_EQ(fs_mkdir(fs, dir, "d", 0755), 0);
	deep = fs_open(fs, dir, "d", FS_DIRECTORY, 0);
	EXPECT_EQ(fs_disk(fs, dir, &here), 0);
	EXPECT_EQ(fs_disk(fs, deep, &deeper), 0);
	EXPECT(here == deeper);
	(void)fs_close(fs, deep);
	(void)fs_close(fs, dir);
}

static int
count(void *arg, const char *name)
{
	(void)name;
	++*(int *)arg;
	return 0;
}

static int
find(void *arg, const char *name)
{
	return strcmp(name, arg) == 0;
}

TEST(fs_names_are_utf8_and_plain)
{
	static char odd[] = "esta\303\247\303\243o \360\237\230\200";
	static const char *const bad[] = {"a:b", "a\\b", "*", "a?"};
	struct fs_stat st;
	int dir = begin(), here, n = 0;
	size_t i;

	put(dir, odd, "text");
	EXPECT(has(dir, odd, "text"));
	EXPECT_EQ(fs_list(fs, dir, find, odd), 1);
	EXPECT_EQ(fs_open(fs, dir, "a\377", FS_READ, 0), -EILSEQ);
	EXPECT_EQ(fs_open(fs, dir, "\355\240\200", FS_READ, 0), -EILSEQ);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_EQ(stat_of(dir, bad[i], &st), -EINVAL);
	EXPECT(fs_open(fs, dir, "..", FS_DIRECTORY, 0) < 0);
	EXPECT(fs_open(fs, dir, "a/../b", FS_READ, 0) < 0);
	EXPECT_EQ(fs_open(fs, dir, "/a", FS_READ, 0), -EXDEV);
	/* To this system's other programs they would be something else. */
	put(dir, "con", "1");
	put(dir, "dot.", "2");
	EXPECT(has(dir, "con", "1"));
	EXPECT(has(dir, "dot.", "2"));
	/* Each descriptor by itself: wine's shows what was there at first. */
	here = fs_open(fs, dir, ".", FS_DIRECTORY, 0);
	EXPECT_EQ(fs_list(fs, here, count, &n), 0);
	EXPECT_EQ(n, 3);
	EXPECT_EQ(fs_list(fs, here, count, &n), 0);
	EXPECT_EQ(n, 6);
	(void)fs_close(fs, here);
	(void)fs_close(fs, dir);
}

TEST(fs_half_characters_are_no_names)
{
	static const struct {
		wchar_t w[4];
		size_t n;
		const char *text;
	} table[] = {
	    {L"a\x00e7", 2, "a\303\247"},
	    {L"\x20ac", 1, "\342\202\254"},
	    {L"\xd83d\xde00", 2, "\360\237\230\200"},
	    {L"a\xd83d", 2, "a\355\240\275"},
	    {L"\xde00"
	     L"b",
		2, "\355\270\200b"},
	};
	char out[16];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		EXPECT_EQ(nt_text(table[i].w, table[i].n, out, sizeof(out)),
		    strlen(table[i].text));
		EXPECT(strcmp(out, table[i].text) == 0);
	}
	EXPECT_EQ(nt_text(L"abc", 3, out, 4), -1);
}

/* As systems need it that cannot be told to follow no links. */
TEST(fs_paths_are_walked_as_they_are_opened)
{
	static const char *const paths[] = {"a/b/c", "a/b", "a", "a/b/none",
	    "a/none/c", "a/b/c/d", "A/B/C", "none"};
	int dir = begin();
	struct nt_name n;
	NTSTATUS s, w;
	HANDLE h;
	size_t i;

	EXPECT_EQ(fs_mkdir(fs, dir, "a", 0755), 0);
	EXPECT_EQ(fs_mkdir(fs, dir, "a/b", 0755), 0);
	put(dir, "a/b/c", "text");
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		EXPECT_EQ(nt_name(paths[i], &n), 0);
		s = nt_open(dir, &n, FILE_READ_ATTRIBUTES, FILE_OPEN, 0, &h);
		if (NT_SUCCESS(s))
			(void)CloseHandle(h);
		w = nt_open_walking(
		    dir, &n, FILE_READ_ATTRIBUTES, FILE_OPEN, 0, &h);
		if (NT_SUCCESS(w))
			(void)CloseHandle(h);
		EXPECT_EQ(NT_SUCCESS(w), NT_SUCCESS(s));
	}
	EXPECT_EQ(nt_name("a/b/new", &n), 0);
	EXPECT(NT_SUCCESS(nt_open_walking(dir, &n, FILE_GENERIC_WRITE,
	    FILE_CREATE, FILE_NON_DIRECTORY_FILE, &h)));
	(void)CloseHandle(h);
	EXPECT(has(dir, "a/b/new", ""));
	(void)fs_close(fs, dir);
}

/* A list of access with one entry: this user may all. */
static PSECURITY_DESCRIPTOR
only_me(char bytes[256])
{
	PSECURITY_DESCRIPTOR sd = NULL;
	ULONG n;

	(void)ConvertStringSecurityDescriptorToSecurityDescriptorW(
	    L"D:P(A;;FA;;;WD)", SDDL_REVISION_1, &sd, &n);
	EXPECT(sd != NULL && n <= 256);
	memcpy(bytes, sd, n);
	(void)LocalFree(sd);
	return bytes;
}

TEST(fs_what_is_replaced_keeps_its_list_of_access)
{
	struct owned_like like = {-1, OWNED_OTHER, 0};
	struct owned_new to = {-1, "b", 0644, NULL};
	char wanted[256], got[2][4096], names[64];
	int dir = begin(), a, i;
	int64_t n[2];
	struct err e;

	put(dir, "a", "old");
	put(dir, "b", "new");
	a = fs_open(fs, dir, "a", FS_READ, 0);
	EXPECT_EQ(fs_attr_list(fs, a, names, sizeof(names)), 11);
	EXPECT(strcmp(names, "win32.dacl") == 0);
	EXPECT_EQ(fs_attr_set(fs, a, "win32.dacl", only_me(wanted), 256), 0);
	EXPECT_EQ(fs_attr_set(fs, a, "win32.dacl", "\1", 1), -EINVAL);
	EXPECT_EQ(fs_attr_set(fs, a, "other", wanted, 256), -EOPNOTSUPP);
	to.fd = fs_open(fs, dir, "b", FS_WRITE, 0);
	like.fd = a;
	EXPECT_EQ(owned_set(fs, &like, &to, &e), 0);
	EXPECT_EQ(like.lost, 0);
	for (i = 0; i < 2; i++)
		n[i] = fs_attr_get(fs, i == 0 ? a : to.fd, "win32.dacl", got[i],
		    sizeof(got[i]));
	EXPECT(n[0] > 0);
	EXPECT_EQ(n[1], n[0]);
	EXPECT(memcmp(got[0], got[1], (size_t)n[0]) == 0);
	(void)fs_close(fs, to.fd);
	/* What is new in a folder is no failure, whatever that says. */
	to.fd = fs_open(fs, dir, "c", FS_WRITE | FS_CREATE, 0);
	like = (struct owned_like){dir, OWNED_BORN, 0};
	EXPECT_EQ(owned_set(fs, &like, &to, &e), 0);
	EXPECT_EQ(like.lost, 0);
	(void)fs_close(fs, to.fd);
	(void)fs_close(fs, a);
	(void)fs_close(fs, dir);
}

TEST(fs_what_is_mine_is_trusted)
{
	int dir = begin(), fd;

	EXPECT_EQ(fs_mkdir(fs, dir, "mine", 0755), 0);
	fd = fs_open(fs, dir, "mine", FS_DIRECTORY | FS_MINE, 0);
	EXPECT(fd > 0);
	(void)fs_close(fs, fd);
	(void)fs_close(fs, dir);
}

TEST(fs_names_are_found_in_any_case)
{
	int dir = begin();

	put(dir, "Readme.TXT", "text");
	EXPECT(has(dir, "README.txt", "text"));
	EXPECT_EQ(fs_open(fs, dir, "readme.txt", FS_WRITE | FS_CREATE, 0644),
	    -EEXIST);
	(void)fs_close(fs, dir);
}

TEST(fs_paths_may_be_long)
{
	char path[FS_PATH_BYTES] = "", part[64];
	int dir = begin(), i;

	for (i = 0; i < 8; i++) {
		(void)snprintf(
		    part, sizeof(part), "%s%040d", i == 0 ? "" : "/", i);
		(void)strlcat(path, part, sizeof(path));
		EXPECT_EQ(fs_mkdir(fs, dir, path, 0755), 0);
	}
	(void)strlcat(path, "/file", sizeof(path));
	put(dir, path, "deep");
	EXPECT(strlen(path) > 300 && has(dir, path, "deep"));
	(void)fs_close(fs, dir);
}

TEST(fs_read_only_files_can_be_replaced_flushed_and_removed)
{
	int dir = begin(), fd;
	struct fs_stat st;

	put(dir, "a", "old");
	put(dir, "b", "new");
	fd = fs_open(fs, dir, "a", FS_WRITE, 0);
	EXPECT_EQ(fs_fchmod(fs, fd, 0444), 0);
	(void)fs_close(fs, fd);
	EXPECT_EQ(stat_of(dir, "a", &st), 0);
	EXPECT_EQ(st.mode & 0200, 0);
	EXPECT_EQ(fs_open(fs, dir, "a", FS_WRITE, 0), -EACCES);
	fd = fs_open(fs, dir, "a", FS_READ, 0);
	EXPECT(fd > 0);
	EXPECT_EQ(fs_fsync(fs, fd), 0);
	(void)fs_close(fs, fd);
	EXPECT_EQ(fs_rename(fs, dir, "b", dir, "a", true), 0);
	EXPECT(has(dir, "a", "new"));
	fd = fs_open(fs, dir, "a", FS_WRITE, 0);
	EXPECT_EQ(fs_fchmod(fs, fd, 0444), 0);
	(void)fs_close(fs, fd);
	EXPECT_EQ(fs_unlink(fs, dir, "a"), 0);
	(void)fs_close(fs, dir);
}

static void
set_mode(int dir, const char *name, uint32_t mode)
{
	int fd = fs_open(fs, dir, name, FS_READ, 0);

	EXPECT_EQ(fs_fchmod(fs, fd, mode), 0);
	(void)fs_close(fs, fd);
}

TEST(fs_what_is_read_only_stays_so_under_its_other_name)
{
	int dir = begin();
	struct fs_stat st;

	put(dir, "a", "text");
	EXPECT_EQ(fs_link(fs, dir, "a", dir, "b"), 0);
	set_mode(dir, "a", 0444);
	EXPECT_EQ(fs_unlink(fs, dir, "b"), 0);
	EXPECT_EQ(stat_of(dir, "a", &st), 0);
	EXPECT_EQ(st.mode & 0200, 0);
	EXPECT_EQ(st.nlink, 1);
	(void)fs_close(fs, dir);
}

TEST(fs_times_are_kept_to_a_tick)
{
	static const struct stamp times[] = {
	    {1700000000, 123456700}, {0, 0}, {-86400, 500}, {4102444800, 100}};
	int dir = begin(), fd;
	struct fs_stat st;
	size_t i;

	put(dir, "a", "text");
	fd = fs_open(fs, dir, "a", FS_WRITE, 0);
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		EXPECT_EQ(fs_futimes(fs, fd, times[i]), 0);
		EXPECT_EQ(fs_fstat(fs, fd, &st), 0);
		EXPECT_EQ(st.mtime.s, times[i].s);
		EXPECT_EQ(st.mtime.ns, times[i].ns);
	}
	(void)fs_close(fs, fd);
	EXPECT_EQ(fs_utimes(fs, dir, "a", times[0]), 0);
	EXPECT_EQ(stat_of(dir, "a", &st), 0);
	EXPECT_EQ(st.mtime.s, times[0].s);
	(void)fs_close(fs, dir);
}

TEST(fs_one_lock_at_a_time)
{
	int dir = begin(), a, b;

	put(dir, "lock", "who");
	a = fs_open(fs, dir, "lock", FS_WRITE, 0);
	b = fs_open(fs, dir, "lock", FS_WRITE, 0);
	EXPECT_EQ(fs_is_locked(fs, b), 0);
	EXPECT_EQ(fs_lock(fs, a), 0);
	EXPECT_EQ(fs_lock(fs, b), -EAGAIN);
	EXPECT_EQ(fs_is_locked(fs, b), 1);
	EXPECT(has(dir, "lock", "who"));
	(void)fs_close(fs, a);
	EXPECT_EQ(fs_lock(fs, b), 0);
	(void)fs_close(fs, b);
	(void)fs_close(fs, dir);
}

TEST(fs_tells_free_space)
{
	struct fs_space space = {0, 0};
	int dir = begin();

	EXPECT_EQ(fs_space(fs, dir, &space), 0);
	EXPECT(space.bytes_free > 0);
	(void)fs_close(fs, dir);
}

/* A copy of this program in dir, which runs and sleeps. */
static HANDLE
run_copy(const char *name)
{
	wchar_t self[MAX_PATH], path[MAX_PATH], line[MAX_PATH + 16];
	STARTUPINFOW how = {.cb = sizeof(how)};
	PROCESS_INFORMATION made;

	(void)GetModuleFileNameW(NULL, self, MAX_PATH);
	(void)swprintf(path, MAX_PATH, L"%hs\\%hs", test_folder_path(), name);
	(void)swprintf(line, MAX_PATH + 16, L"\"%ls\" --sleep", path);
	EXPECT(CopyFileW(self, path, TRUE));
	if (!EXPECT(CreateProcessW(
		path, line, NULL, NULL, FALSE, 0, NULL, NULL, &how, &made)))
		return NULL;
	(void)CloseHandle(made.hThread);
	return made.hProcess;
}

TEST(fs_a_program_that_runs_is_moved_not_replaced)
{
	int dir = begin(), fd;
	HANDLE program = run_copy("run.exe");

	put(dir, "new", "new");
	EXPECT_EQ(fs_rename(fs, dir, "new", dir, "run.exe", true), -ETXTBSY);
	EXPECT_EQ(fs_link(fs, dir, "run.exe", dir, "backup"), 0);
	fd = fs_open(fs, dir, "backup", FS_READ, 0);
	EXPECT_EQ(fs_fsync(fs, fd), 0);
	(void)fs_close(fs, fd);
	EXPECT_EQ(fs_rename(fs, dir, "run.exe", dir, "aside", false), 0);
	EXPECT_EQ(fs_rename(fs, dir, "new", dir, "run.exe", false), 0);
	EXPECT(has(dir, "run.exe", "new"));
	EXPECT(fs_unlink(fs, dir, "aside") < 0);
	(void)TerminateProcess(program, 0);
	(void)WaitForSingleObject(program, 10000);
	(void)CloseHandle(program);
	EXPECT_EQ(fs_unlink(fs, dir, "aside"), 0);
	(void)fs_close(fs, dir);
}

/* Held by a program that shares nothing. */
TEST(fs_a_file_that_is_held_stays)
{
	wchar_t path[MAX_PATH];
	int dir = begin();
	HANDLE held;

	put(dir, "a", "old");
	put(dir, "b", "new");
	(void)swprintf(path, MAX_PATH, L"%hs\\a", test_folder_path());
	held = CreateFileW(path, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
	EXPECT(held != INVALID_HANDLE_VALUE);
	EXPECT_EQ(fs_rename(fs, dir, "b", dir, "a", true), -EBUSY);
	EXPECT_EQ(fs_rename(fs, dir, "a", dir, "c", false), -EBUSY);
	EXPECT_EQ(fs_open(fs, dir, "a", FS_READ, 0), -EBUSY);
	(void)CloseHandle(held);
	EXPECT(has(dir, "a", "old"));
	(void)fs_close(fs, dir);
}
