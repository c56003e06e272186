/*
 * What a patch between two files costs and weighs.
 *
 *	bench_patch best|fair|quick OLD NEW
 *
 * One line: bytes of the patch, seconds of processor time to make it and to
 * apply it, highest memory of the process in MiB (both files are in it).
 */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/patch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double
cpu_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint8_t *
read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = NULL;
	long size;

	*len = 0;
	if (f == NULL)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 &&
	    fseek(f, 0, SEEK_SET) == 0 &&
	    (p = malloc((size_t)size + 1)) != NULL)
		*len = fread(p, 1, (size_t)size, f);
	(void)fclose(f);
	return p;
}

/* Takes bytes and compares them with the file that they must be. */
struct compared {
	const uint8_t *p;
	size_t left;
};

static int
compared_write(void *ctx, const void *p, size_t n, struct err *e)
{
	struct compared *c = ctx;

	if (n > c->left || memcmp(p, c->p, n) != 0)
		return err_set(e, ERP_MISMATCH, "rebuilt something else");
	c->p += n;
	c->left -= n;
	return 0;
}

static int
measure(const struct patch_pair *pair, struct err *e)
{
	struct compared compared = {pair->target, pair->target_len};
	struct mem_stream old = {pair->basis, pair->basis_len, 0}, mem;
	struct range_source basis = range_of_mem(&old);
	struct sink check = {compared_write, &compared}, to;
	struct source patch = source_of_mem(&mem);
	double begin, made, applied;
	struct rusage use;
	struct buf out;
	uint64_t size;
	int rc;

	buf_init(&out, SIZE_MAX / 2);
	to = sink_of_buf(&out);
	begin = cpu_s();
	if ((rc = patch_make(pair, &to, e)) != 0)
		goto out;
	made = cpu_s();
	mem = (struct mem_stream){buf_data(&out), out.len, 0};
	if ((rc = patch_apply(
		 &basis, &patch, pair->target_len, &check, &size, e)) != 0)
		goto out;
	applied = cpu_s();
	(void)getrusage(RUSAGE_SELF, &use);
	(void)printf("%zu bytes, make %.2f s, apply %.2f s, %ld MiB\n", out.len,
	    made - begin, applied - made, use.ru_maxrss / 1024);
out:
	buf_release(&out);
	return rc;
}

int
main(int argc, char **argv)
{
	struct patch_pair pair = {.gap_n = 0};
	uint8_t *old, *new;
	struct err e;
	int rc;

	if (argc != 4) {
		(void)fprintf(stderr, "bench_patch best|fair|quick OLD NEW\n");
		return 1;
	}
	pair.effort = strcmp(argv[1], "best") == 0 ? PATCH_BEST
	    : strcmp(argv[1], "fair") == 0         ? PATCH_FAIR
						   : PATCH_QUICK;
	old = read_file(argv[2], &pair.basis_len);
	new = read_file(argv[3], &pair.target_len);
	if (old == NULL || new == NULL) {
		(void)fprintf(stderr, "cannot read %s\n",
		    old == NULL ? argv[2] : argv[3]);
		return 1;
	}
	pair.basis = old;
	pair.target = new;
	if ((rc = measure(&pair, &e)) != 0)
		(void)fprintf(stderr, "bench_patch: %s\n", e.msg);
	free(old);
	free(new);
	return rc == 0 ? 0 : 1;
}
