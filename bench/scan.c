/* scan: seconds that one scan of a folder takes, N times: scan DIR N */
#include "engine/tree/scan.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/tree/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	struct scan_options opt = {.skip_unmanageable = true};
	const struct fs *fs = fs_real();
	struct manifest m;
	struct err e = {0};
	int dir;

	if (argc != 3 || (dir = fs_open_root(fs, argv[1])) < 0)
		return 1;
	for (int i = atoi(argv[2]); i > 0; i--) {
		double begin = seconds();

		manifest_init(&m, PATH_OS_LINUX);
		if (scan_folder(fs, dir, &opt, &m, &e) != 0)
			return 1;
		printf("%.4f\n", seconds() - begin);
		manifest_release(&m);
	}
	return 0;
}
