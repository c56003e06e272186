/* What stands in for POSIX and libbsd says what they say. */
#include "engine/base/fs.h"
#include "engine/base/hash.h"
#include "tests/win32/unit.h"

#include "engine/base/wide_win32.h"

#include <fcntl.h>
#include <io.h>

TEST(libc_numbers_are_taken_as_libbsd_takes_them)
{
	static const struct {
		const char *text;
		long long v;
		bool ok;
	} numbers[] = {
	    {"7", 7, true},
	    {" 7", 7, true},
	    {"-1", 0, false},
	    {"101", 0, false},
	    {"7x", 0, false},
	    {"", 0, false},
	    {"99999999999999999999", 0, false},
	};
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		EXPECT_EQ(
		    strtonum(numbers[i].text, 0, 100, &why), numbers[i].v);
		EXPECT_EQ(why == NULL, numbers[i].ok);
	}
}

TEST(libc_sizes_are_told_as_libbsd_tells_them)
{
	static const struct {
		int64_t n;
		const char *with, *bare;
	} table[] = {
	    {0, "0 B", "0"},
	    {512, "512 B", "512"},
	    {999, "999 B", "999"},
	    {1000, "1.0 KiB", "1.0K"},
	    {1500, "1.5 KiB", "1.5K"},
	    {9961, "9.7 KiB", "9.7K"},
	    {10239, "10 KiB", "10K"},
	    {99999, "98 KiB", "98K"},
	    {1023863, "1.0 MiB", "1.0M"},
	    {1048575, "1.0 MiB", "1.0M"},
	    {34567890, "33 MiB", "33M"},
	    {INT64_MAX, "8.0 EiB", "8.0E"},
	};
	char out[8];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		(void)humanize_number(out, sizeof(out), table[i].n, "B",
		    HN_AUTOSCALE, HN_DECIMAL | HN_IEC_PREFIXES);
		EXPECT(strcmp(out, table[i].with) == 0);
		(void)humanize_number(out, 5, table[i].n, "", HN_AUTOSCALE,
		    HN_DECIMAL | HN_NOSPACE);
		EXPECT(strcmp(out, table[i].bare) == 0);
	}
}

TEST(libc_texts_are_cut_and_parted)
{
	char text[] = "a,b;;c", out[4], *rest = text, *copy;

	EXPECT(strcmp(strsep(&rest, ",;"), "a") == 0);
	EXPECT(strcmp(strsep(&rest, ",;"), "b") == 0);
	EXPECT(strcmp(strsep(&rest, ",;"), "") == 0);
	EXPECT(strcmp(strsep(&rest, ",;"), "c") == 0);
	EXPECT(strsep(&rest, ",;") == NULL);
	EXPECT_EQ(strlcpy(out, "abcdef", sizeof(out)), 6);
	EXPECT(strcmp(out, "abc") == 0);
	EXPECT_EQ(strlcpy(out, "a", sizeof(out)), 1);
	EXPECT_EQ(strlcat(out, "bcd", sizeof(out)), 4);
	EXPECT(strcmp(out, "abc") == 0);
	copy = strndup("abcdef", 2);
	EXPECT(strcmp(copy, "ab") == 0);
	free(copy);
	EXPECT(reallocarray(NULL, SIZE_MAX / 2, 3) == NULL);
	EXPECT(strcmp(strerror(ENOENT), "No such file or directory") == 0);
	EXPECT(arc4random_uniform(10) < 10 && arc4random_uniform(1) == 0);
}

TEST(libc_files_have_names_in_utf8)
{
	char path[128], *line = NULL, *real;
	size_t cap = 0;
	FILE *f;

	(void)test_folder();
	(void)snprintf(path, sizeof(path), "%s/a\303\247\303\243o.txt",
	    test_folder_path());
	f = fopen(path, "wb");
	if (!EXPECT(f != NULL))
		return;
	(void)fputs("one\ntwo", f);
	(void)fclose(f);
	f = fopen(path, "rb");
	EXPECT_EQ(getline(&line, &cap, f), 4);
	EXPECT(strcmp(line, "one\n") == 0);
	EXPECT_EQ(getline(&line, &cap, f), 3);
	EXPECT_EQ(getline(&line, &cap, f), -1);
	(void)fclose(f);
	free(line);
	real = realpath(path, NULL);
	EXPECT(real != NULL && strstr(real, path) != NULL);
	free(real);
	EXPECT(realpath("no/such", NULL) == NULL);
}

/* The e is POSIX's, and some versions of Windows' library refuse it. */
TEST(libc_names_of_files_may_be_long)
{
	char path[512], *real;
	int dir = test_folder(), i;
	FILE *f;

	(void)strlcpy(path, test_folder_path(), sizeof(path));
	for (i = 0; i < 4; i++) {
		(void)strlcat(path, "/", sizeof(path));
		(void)memset(path + strlen(path), 'a' + i, 81);
		path[strlen(test_folder_path()) + (size_t)(i + 1) * 81] = '\0';
		EXPECT_EQ(fs_mkdir(fs_real(), dir,
			      path + strlen(test_folder_path()) + 1, 0755),
		    0);
	}
	(void)strlcat(path, "/x", sizeof(path));
	f = fopen(path, "wbe");
	if (!EXPECT(f != NULL))
		return;
	(void)fclose(f);
	real = realpath(path, NULL);
	EXPECT(real != NULL && strlen(real) > 300 && real[1] == ':');
	free(real);
	(void)fs_close(fs_real(), dir);
}

TEST(libc_real_paths_are_spelled_as_on_the_disk)
{
	char path[128], *real;
	int dir = test_folder();

	EXPECT_EQ(fs_mkdir(fs_real(), dir, "Folder", 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/./FOLDER", test_folder_path());
	real = realpath(path, NULL);
	EXPECT(real != NULL && strcmp(strrchr(real, '/'), "/Folder") == 0);
	free(real);
	real = realpath("C:\\", NULL);
	EXPECT(real != NULL && strcmp(real, "C:/") == 0);
	free(real);
	(void)fs_close(fs_real(), dir);
}

TEST(libc_plain_paths_are_as_people_write_them)
{
	static const wchar_t *const table[][2] = {
	    {L"\\\\?\\C:\\a", L"C:\\a"},
	    {L"\\\\?\\UNC\\server\\a", L"\\\\server\\a"},
	    {L"\\\\server\\a", L"\\\\server\\a"},
	    {L"\\\\?\\", L"\\\\?\\"},
	    {L"a", L"a"},
	};
	wchar_t path[32];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		(void)wcscpy(path, table[i][0]);
		EXPECT(wcscmp(wide_plain(path), table[i][1]) == 0);
	}
}

TEST(libc_what_is_above_ends_with_a_root)
{
	static const char *const table[][2] = {
	    {"C:/a/b", "C:/a"},
	    {"C:/a", "C:/"},
	    {"C:/", "C:/"},
	    {"//server/share/a", "//server/share/"},
	    {"//server/share/", "//server/share/"},
	    {"//server/share", "//server/share"},
	};
	char path[32];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		(void)strlcpy(path, table[i][0], sizeof(path));
		EXPECT(strcmp(dirname(path), table[i][1]) == 0);
	}
}

TEST(libc_hash_is_the_one_of_other_systems)
{
	struct hash h;
	char hex[HASH_HEX_LEN + 1];

	EXPECT_EQ(hash_bytes("abc", 3, &h, NULL), 0);
	hash_hex(&h, hex);
	EXPECT(strcmp(hex,
		   "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6f"
		   "dbffa2d1") == 0);
}
