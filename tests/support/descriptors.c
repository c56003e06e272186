/*
 * No test leaves a descriptor open: what it opens goes through code that
 * closes it, whatever fails. Looked at when the test's process ends; the
 * test framework takes what is said here for a crash in the test's teardown,
 * and the whole run fails.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum owner { THE_TEST, THE_FRAMEWORK, THE_FRAMEWORK_AT_WORK };

static pid_t tested;

/* Each test has a process of its own; what that forks is not it. */
__attribute__((constructor)) static void
begin(void)
{
	tested = getpid();
}

/* Threads that still run have theirs. */
static bool
is_alone(void)
{
	struct stat st;

	return stat("/proc/self/task", &st) == 0 && st.st_nlink == 3;
}

/* Its loop is still there when a test was skipped in the middle. */
static enum owner
owner_of(const char *target)
{
	if (strcmp(target, "anon_inode:[eventpoll]") == 0)
		return THE_FRAMEWORK_AT_WORK;
	if (strncmp(target, "pipe:", 5) == 0 ||
	    strstr(target, "/bxf_arena_") != NULL)
		return THE_FRAMEWORK;
	return THE_TEST;
}

/* Does the list name one of the test's? said gets a line for each. */
static bool
is_left(DIR *dir, FILE *said)
{
	struct rlimit limit = {.rlim_cur = RLIM_INFINITY};
	char target[300];
	struct dirent *entry;
	bool left = false;
	ssize_t n;

	/* Those above the limit are valgrind's own. */
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	while ((entry = readdir(dir)) != NULL) {
		int fd = atoi(entry->d_name);

		n = readlinkat(
		    dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		if (n < 0 || fd <= STDERR_FILENO || fd == dirfd(dir) ||
		    (rlim_t)fd >= limit.rlim_cur)
			continue;
		target[n] = '\0';
		if (owner_of(target) == THE_FRAMEWORK_AT_WORK)
			return false;
		if (owner_of(target) == THE_FRAMEWORK)
			continue;
		fprintf(said, "left open: %d, %s\n", fd, target);
		left = true;
	}
	return left;
}

__attribute__((destructor)) static void
look(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *said;
	DIR *dir;
	bool left;

	if (criterion_current_test == NULL || getpid() != tested || !is_alone())
		return;
	dir = opendir("/proc/self/fd");
	said = open_memstream(&text, &len);
	if (dir == NULL || said == NULL)
		abort();
	left = is_left(dir, said);
	(void)fclose(said);
	(void)closedir(dir);
	if (left) {
		fputs(text, stderr);
		abort();
	}
	free(text);
}
