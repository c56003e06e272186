/* A played disk that folds names. */
#include "tests/support/folding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "folding disk: %s\n", what);
	abort();
}

void
folding_open(struct folding *f)
{
	int root;

	sim_open(&f->disk);
	f->disk.disk.v[SIM_ROOT].folds = true;
	root = fs_open_root(&f->disk.fs, "/");
	must(fs_mkdir(&f->disk.fs, root, "client", 0755) == 0, "client");
	must(fs_close(&f->disk.fs, root) == 0, "close");
	f->client = fs_open_root(&f->disk.fs, "/client");
}

void
folding_close(struct folding *f)
{
	must(fs_close(&f->disk.fs, f->client) == 0, "close");
	must(sim_open_fds(&f->disk) == 0, "descriptors are left open");
	sim_close(&f->disk);
}

void
folding_put(struct folding *f, const char *path, const char *text)
{
	const struct fs *fs = &f->disk.fs;
	int fd = fs_open(fs, f->client, path, FS_WRITE | FS_CREATE, 0644);

	must(fd >= 0, path);
	must(fs_pwrite(fs, fd, text, strlen(text), 0) == 0, path);
	must(fs_close(fs, fd) == 0, path);
}

bool
folding_holds(struct folding *f, const char *path, const char *text)
{
	const struct fs *fs = &f->disk.fs;
	char got[64];
	int fd = fs_open(fs, f->client, path, FS_READ, 0);
	int64_t n;

	if (fd < 0)
		return false;
	n = fs_pread(fs, fd, got, sizeof(got), 0);
	must(fs_close(fs, fd) == 0, path);
	return n == (int64_t)strlen(text) && memcmp(got, text, (size_t)n) == 0;
}
