/*
 * Programs with several wrong lines in them, of which at most one is turned
 * on: MUTATE=17 is the 17th. With MUTATE_HITS=FOLDER each process marks the
 * wrong lines it reaches, turned on or not, in a file of one byte for each:
 * FOLDER/SUITE.TEST inside a unit test, else FOLDER/main.
 */
#include "tests/check/mutants/switch.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MUTANTS_MAX = 1 << 16 };

/* The test that runs; there is none but in Criterion's processes. */
struct criterion_test {
	const char *name;
	const char *category;
};
extern const struct criterion_test *const criterion_current_test
    __attribute__((weak));

unsigned mutate_active;
_Bool mutate_noting;
static const char *folder;
static unsigned char *marks;

static _Bool
in_criterion(void)
{
	return &criterion_current_test != NULL;
}

/* The file of marks of this process, or NULL. */
static unsigned char *
open_marks(void)
{
	char path[4096];
	void *p = MAP_FAILED;
	int fd;

	if (in_criterion() && criterion_current_test != NULL)
		snprintf(path, sizeof(path), "%s/%s.%s", folder,
		    criterion_current_test->category,
		    criterion_current_test->name);
	else
		snprintf(path, sizeof(path), "%s/main", folder);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd >= 0 && ftruncate(fd, MUTANTS_MAX) == 0)
		p = mmap(NULL, MUTANTS_MAX, PROT_READ | PROT_WRITE, MAP_SHARED,
		    fd, 0);
	if (fd >= 0)
		close(fd);
	return p == MAP_FAILED ? NULL : p;
}

/* Not later than its first fork or, outside of unit tests, its beginning: a
 * process that confines itself, or becomes another user, can open none. */
static void
have_marks(void)
{
	static _Bool tried;

	if (marks == NULL && !tried) {
		tried = 1;
		marks = open_marks();
	}
}

static void
have_marks_of_test(void)
{
	if (criterion_current_test != NULL)
		have_marks();
}

__attribute__((constructor)) static void
begin(void)
{
	const char *active = getenv("MUTATE");

	mutate_active = active == NULL ? 0 : (unsigned)atoi(active);
	folder = getenv("MUTATE_HITS");
	mutate_noting = folder != NULL;
	if (mutate_noting && !in_criterion())
		have_marks();
	else if (mutate_noting)
		(void)pthread_atfork(have_marks_of_test, NULL, NULL);
}

void
mutate_note(unsigned mutant)
{
	have_marks();
	if (marks != NULL && mutant < MUTANTS_MAX)
		marks[mutant] = 1;
}
