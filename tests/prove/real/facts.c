/*
 * facts DIR: a line for everything in a client folder, sorted by path, for
 * comparison: path, type, permissions, and of files and links size, time to
 * the nanosecond and a sum of the content.
 *
 * Times of folders are left out (any update changes them), and so are times
 * of our own records, and the records of DIR/.erpsync that may always be
 * there: what else is in there is left over.
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_CAP = 4096 };

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(2);
}

/* FNV-1a, over what read(2) gives: enough to see a difference. */
static uint64_t
sum_file(int dir, const char *name)
{
	static uint8_t bytes[1 << 16];
	uint64_t sum = 0xcbf29ce484222325U;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW);
	ssize_t got, i;

	if (fd < 0)
		die(name);
	while ((got = read(fd, bytes, sizeof(bytes))) > 0)
		for (i = 0; i < got; i++)
			sum = (sum ^ bytes[i]) * 0x100000001b3U;
	if (got < 0)
		die(name);
	(void)close(fd);
	return sum;
}

static bool
is_ours(const char *path)
{
	static const char *const always[] = {".erpsync/lock", ".erpsync/state",
	    ".erpsync/hashes", ".erpsync/recv"};
	size_t i;

	for (i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (strcmp(path, always[i]) == 0)
			return true;
	return false;
}

static int walk(int dir, const char *path);

static void
show(int dir, const char *name, const char *path)
{
	char target[PATH_CAP];
	struct stat st;
	ssize_t n;

	if (is_ours(path))
		return;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		die(path);
	printf("%s %o", path, st.st_mode);
	if (S_ISDIR(st.st_mode)) {
		putchar('\n');
		if (walk(openat(dir, name, O_RDONLY | O_DIRECTORY), path) != 0)
			die(path);
		return;
	}
	printf(" %lld", (long long)st.st_size);
	if (strstr(path, ".erpsync/") == NULL)
		printf(" %lld.%09ld", (long long)st.st_mtim.tv_sec,
		    st.st_mtim.tv_nsec);
	if (S_ISREG(st.st_mode)) {
		printf(" %016llx", (unsigned long long)sum_file(dir, name));
	} else if (S_ISLNK(st.st_mode)) {
		n = readlinkat(dir, name, target, sizeof(target) - 1);
		printf(" -> %.*s", n < 0 ? 0 : (int)n, target);
	}
	putchar('\n');
}

static int
is_name(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 &&
	    strcmp(entry->d_name, "..") != 0;
}

/* Takes dir. */
static int
walk(int dir, const char *path)
{
	char below[PATH_CAP];
	struct dirent **list;
	int i, n;

	if (dir < 0 || (n = scandirat(dir, ".", &list, is_name, alphasort)) < 0)
		return -1;
	for (i = 0; i < n; i++) {
		(void)snprintf(below, sizeof(below), "%s%s%s", path,
		    path[0] == '\0' ? "" : "/", list[i]->d_name);
		show(dir, list[i]->d_name, below);
		free(list[i]);
	}
	free(list);
	return close(dir);
}

int
main(int argc, char **argv)
{
	if (argc != 2 || walk(open(argv[1], O_RDONLY | O_DIRECTORY), "") != 0)
		die(argc == 2 ? argv[1] : "facts");
	return ferror(stdout) || fflush(stdout) != 0;
}
