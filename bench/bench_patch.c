/*
 * What a patch between two files costs and weighs.
 *
 *	bench_patch best|viewed|fair|quick OLD NEW [PATCH]
 *
 * PATCH is written, if it is named. One line: bytes of the patch; seconds to
 *make it and to apply it, those of the clock on all processors, and those of
 *processor time on one; highest memory of the process in MiB (both files and
 *the result are in it).
 */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/patch/patch.h"
#include "transport/net/threads.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double
seconds(clockid_t which)
{
	struct timespec t;

	(void)clock_gettime(which, &t);
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

/* Where the patch goes, too; NULL: nowhere. */
static const char *kept;

static int
keep_patch(const struct buf *patch, struct err *e)
{
	FILE *f;
	bool ok;

	if (kept == NULL)
		return 0;
	if ((f = fopen(kept, "wb")) == NULL)
		return err_sys(e, errno, "create", kept);
	ok = fwrite(buf_data(patch), 1, patch->len, f) == patch->len;
	if (fclose(f) != 0 || !ok)
		return err_sys(e, errno, "write", kept);
	return 0;
}

static int
put_at(void *ctx, uint64_t off, const void *p, size_t n, struct err *e)
{
	(void)e;
	memcpy((uint8_t *)ctx + off, p, n);
	return 0;
}

/* One that must be read from its beginning. */
static int
apply_in_order(const struct range_source *basis, struct mem_stream *patch,
    uint8_t *to, size_t n, struct err *e)
{
	struct buf made;
	struct sink out;
	struct source from = source_of_mem(patch);
	uint64_t size;
	int rc;

	buf_init(&made, n);
	out = sink_of_buf(&made);
	rc = patch_apply(basis, &from, n, &out, &size, e);
	if (rc == 0)
		memcpy(to, buf_data(&made), made.len);
	buf_release(&made);
	return rc;
}

static int
apply(const struct patch_pair *pair, const struct buf *patch, uint8_t *to,
    const struct crew *crew, struct err *e)
{
	struct mem_stream old = {pair->basis, pair->basis_len, 0};
	struct mem_stream mem = {buf_data(patch), patch->len, 0};
	struct range_source basis = range_of_mem(&old);
	struct range_source from = range_of_mem(&mem);
	struct range_sink out = {put_at, to};
	const struct patch_files files = {&basis, &from, &out, NULL};
	uint64_t size;
	int rc;

	memset(to, 0, pair->target_len);
	if (patch_is_viewed(&from))
		rc = apply_in_order(&basis, &mem, to, pair->target_len, e);
	else
		rc = patch_apply_spread(
		    &files, pair->target_len, crew, &size, e);
	if (rc == 0 && memcmp(to, pair->target, pair->target_len) != 0)
		rc = err_set(e, ERP_MISMATCH, "rebuilt something else");
	return rc;
}

/* Make, as asked for, and apply with this crew; both times on this clock. */
static int (*make)(const struct patch_pair *pair, const struct sink *out,
    struct err *e) = patch_make;

static int
measure(struct patch_pair *pair, const struct crew *crew, clockid_t which,
    double spent[2], size_t *len, struct err *e)
{
	uint8_t *to = malloc(pair->target_len + 1);
	struct sink out;
	struct buf patch;
	int rc;

	buf_init(&patch, SIZE_MAX / 2);
	out = sink_of_buf(&patch);
	pair->crew = crew;
	spent[0] = seconds(which);
	rc = to == NULL ? err_nomem(e) : make(pair, &out, e);
	spent[1] = seconds(which);
	spent[0] = spent[1] - spent[0];
	if (rc == PATCH_NONE)
		rc = err_set(e, ERP_USAGE, "the files have nothing in common");
	if (rc == 0)
		rc = apply(pair, &patch, to, crew, e);
	spent[1] = seconds(which) - spent[1];
	if (rc == 0)
		rc = keep_patch(&patch, e);
	*len = patch.len;
	buf_release(&patch);
	free(to);
	return rc;
}

static int
run(struct patch_pair *pair, struct err *e)
{
	double wall[2], cpu[2];
	struct rusage use;
	size_t len;
	int rc;

	if ((rc = measure(
		 pair, threads_real(), CLOCK_MONOTONIC, wall, &len, e)) != 0 ||
	    (rc = measure(
		 pair, NULL, CLOCK_PROCESS_CPUTIME_ID, cpu, &len, e)) != 0)
		return rc;
	(void)getrusage(RUSAGE_SELF, &use);
	(void)printf("%zu bytes, make %.2f s (%.2f s on one), "
		     "apply %.2f s (%.2f s on one), %ld MiB\n",
	    len, wall[0], cpu[0], wall[1], cpu[1], use.ru_maxrss / 1024);
	return 0;
}

int
main(int argc, char **argv)
{
	struct patch_pair pair = {.gap_n = 0};
	uint8_t *old, *new;
	struct err e;
	int rc;

	if (argc != 4 && argc != 5) {
		(void)fprintf(stderr,
		    "bench_patch best|viewed|fair|quick OLD NEW [PATCH]\n");
		return 1;
	}
	kept = argv[4];
	if (strcmp(argv[1], "viewed") == 0)
		make = patch_make_viewed;
	pair.effort = strcmp(argv[1], "quick") == 0 ? PATCH_QUICK
	    : strcmp(argv[1], "fair") == 0          ? PATCH_FAIR
						    : PATCH_BEST;
	old = read_file(argv[2], &pair.basis_len);
	new = read_file(argv[3], &pair.target_len);
	if (old == NULL || new == NULL) {
		(void)fprintf(stderr, "cannot read %s\n",
		    old == NULL ? argv[2] : argv[3]);
		return 1;
	}
	pair.basis = old;
	pair.target = new;
	if ((rc = run(&pair, &e)) != 0)
		(void)fprintf(stderr, "bench_patch: %s\n", e.msg);
	free(old);
	free(new);
	return rc == 0 ? 0 : 1;
}
