/* make prove: the table. */
#include "tests/prove/prove.h"

#include <bsd/stdlib.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
	const char *name;
	prove_fn *fn;
	bool of_server; /* which is no Windows' */
} classes[] = {
    {"kill", prove_kill, false},
    {"power-loss", prove_power, false},
    {"failing-calls", prove_fail, false},
    {"failing-syncs", prove_lost, false},
    {"short-io", prove_short_io, false},
    {"station-memory", prove_alloc, false},
    {"server-memory", prove_server_alloc, true},
    {"server-store", prove_server_store, true},
    {"full-disk", prove_space, false},
    {"hundred-failures", prove_hundred, false},
    {"rotation", prove_rotation, false},
};
enum { CLASSES = sizeof(classes) / sizeof(classes[0]) };

static double
seconds(void)
{
	struct timespec ts = {0, 0};

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
print_line(const char *name, const struct tally *t, double took)
{
	(void)printf("%-22s %10lu %10lu %6lu %7.1fs\n", name,
	    (unsigned long)t->points, (unsigned long)t->nested,
	    (unsigned long)t->bad, took);
	if (t->bad > 0)
		(void)printf("  first: %s\n", t->first);
	(void)fflush(stdout);
}

/* All classes, or the one called only; how many failed. */
static unsigned
prove_classes(
    struct proof *p, enum disk disk, const char *only, unsigned *passed)
{
	unsigned failed = 0;
	struct tally t;
	double start;
	char name[32];
	int i;

	for (i = 0; i < CLASSES; i++) {
		if ((only != NULL && strcmp(only, classes[i].name) != 0) ||
		    (disk == DISK_NTFS && classes[i].of_server))
			continue;
		start = seconds();
		prove_run(p, classes[i].fn, &t);
		(void)snprintf(name, sizeof(name), "%s%s", classes[i].name,
		    disk == DISK_NTFS ? ", NTFS" : "");
		print_line(name, &t, seconds() - start);
		if (t.bad > 0)
			failed++;
		else
			++*passed;
	}
	return failed;
}

/* prove [--short] [--seed N] [--commit ID] [--scene NAME] [--site TEXT]
 * [--first] [--ntfs] [CLASS] */
int
main(int argc, char **argv)
{
	struct proof p = {.seed = 1, .parts = 2};
	const char *only = NULL, *commit = "unknown";
	unsigned passed = 0, failed = 0;
	int i, disk, last = DISK_LINUX;

	setprogname("prove");
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--short") == 0)
			p.quick = true;
		else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
			p.seed = strtoull(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--commit") == 0 && i + 1 < argc)
			commit = argv[++i];
		else if (strcmp(argv[i], "--scene") == 0 && i + 1 < argc)
			p.only = argv[++i];
		else if (strcmp(argv[i], "--site") == 0 && i + 1 < argc)
			p.site = argv[++i];
		else if (strcmp(argv[i], "--ntfs") == 0)
			last = DISK_NTFS;
		else if (strcmp(argv[i], "--first") == 0)
			p.until_bad = true;
		else if (only == NULL && argv[i][0] != '-')
			only = argv[i];
		else
			errx(2, "%s: one class, or all", argv[i]);
	}
	(void)printf("seed %lu, commit %s, %s form\n", (unsigned long)p.seed,
	    commit, p.quick ? "short" : "long");
	(void)printf(
	    "%-22s %10s %10s %6s\n", "class", "points", "nested", "bad");
	for (disk = DISK_NTFS; disk >= last; disk--) {
		p.scenes = scenes_make((enum disk)disk);
		failed += prove_classes(&p, (enum disk)disk, only, &passed);
	}
	if (last == DISK_LINUX &&
	    (only == NULL || strcmp(only, "mutations") == 0)) {
		if (prove_mutations(&p) > 0)
			failed++;
		else
			passed++;
	}
	(void)printf("%u passed, %u failed\n", passed, failed);
	if (passed + failed == 0)
		errx(2, "no class was proved: there is none called %s", only);
	return failed > 0;
}
