/*
 * How fast the rolling-checksum road is: signature, delta and patch of two
 * files, ours and librsync's, in the same run.
 *
 *	bench_delta OLD NEW [RUNS]
 *
 * Figures are megabytes (10^6) of the file read in a second of processor time,
 * the median of the runs.  "plain" is ours without AVX2.
 */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/match/match.h"
#include "engine/delta/match/match_weak.h"
#include "engine/delta/rsdelta.h"
#include "engine/delta/rsjob.h"
#include "engine/delta/signature.h"
#include "engine/delta/signature_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RUNS_DEFAULT = 5, RUNS_MAX = 99 };

struct job {
	struct mem_stream old, new;
	struct sig_params params;
	struct buf sums, delta, out;
	struct signature *sig;
	rs_signature_t *theirs;
};

static int
rs_run(
    rs_job_t *job, struct mem_stream *in, const struct sink *out, struct err *e)
{
	struct source src = source_of_mem(in);
	rs_result result = RS_MEM_ERROR;
	int rc =
	    job == NULL ? ERP_NOMEM : rsjob_run(job, &src, out, &result, e);

	(void)rs_job_free(job);
	return rc != 0 ? rc : result == RS_DONE ? 0 : ERP_INTERNAL;
}

static int
make_sums(struct job *j, bool vector, struct err *e)
{
	struct source src = source_of_mem(&j->old);
	struct sink to = sink_of_buf(&j->sums);

	buf_clear(&j->sums);
	return signature_make_by(vector, &src, &j->params, &to, e);
}

static int
sums_vector(struct job *j, struct err *e)
{
	return make_sums(j, match_has_avx2(), e);
}

static int
sums_plain(struct job *j, struct err *e)
{
	return make_sums(j, false, e);
}

static int
sums_librsync(struct job *j, struct err *e)
{
	struct sink to = sink_of_buf(&j->sums);

	buf_clear(&j->sums);
	return rs_run(rs_sig_begin(j->params.block_len, j->params.strong_len,
			  RS_RK_BLAKE2_SIG_MAGIC),
	    &j->old, &to, e);
}

static int
load_sums(struct job *j, struct err *e)
{
	signature_free(j->sig);
	return signature_load(buf_data(&j->sums), j->sums.len, &j->sig, e);
}

static int
load_librsync(struct job *j, struct err *e)
{
	struct mem_stream mem = {buf_data(&j->sums), j->sums.len, 0};
	int rc;

	if (j->theirs != NULL)
		rs_free_sumset(j->theirs);
	rc = rs_run(rs_loadsig_begin(&j->theirs), &mem, NULL, e);
	return rc != 0                                  ? rc
	    : rs_build_hash_table(j->theirs) == RS_DONE ? 0
							: ERP_NOMEM;
}

static int
make_delta(struct job *j, bool vector, struct err *e)
{
	struct source src = source_of_mem(&j->new);
	struct sink to = sink_of_buf(&j->delta);

	buf_clear(&j->delta);
	return match_delta(j->sig->index, vector, &src, &to, e);
}

static int
delta_vector(struct job *j, struct err *e)
{
	return make_delta(j, match_has_avx2(), e);
}

static int
delta_plain(struct job *j, struct err *e)
{
	return make_delta(j, false, e);
}

static int
delta_librsync(struct job *j, struct err *e)
{
	struct sink to = sink_of_buf(&j->delta);

	buf_clear(&j->delta);
	return rs_run(rs_delta_begin(j->theirs), &j->new, &to, e);
}

static int
patch(struct job *j, struct err *e)
{
	struct mem_stream delta = {buf_data(&j->delta), j->delta.len, 0};
	struct range_source basis = range_of_mem(&j->old);
	struct source src = source_of_mem(&delta);
	struct sink to = sink_of_buf(&j->out);
	uint64_t size;
	int rc;

	buf_clear(&j->out);
	rc = rsdelta_apply(&basis, &src, j->new.len, &to, &size, e);
	if (rc == 0 &&
	    (size != j->new.len ||
		memcmp(buf_data(&j->out), j->new.p, j->new.len) != 0))
		rc = err_set(e, ERP_MISMATCH, "the delta gives another file");
	return rc;
}

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
compare_double(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

struct step {
	const char *name;
	int (*run)(struct job *j, struct err *e);
	bool of_old; /* reads the old file, else the new one */
	size_t (*bytes)(const struct job *j); /* of its result, or NULL */
};

static int
measure(struct job *j, const struct step *step, int runs)
{
	double took[RUNS_MAX], start;
	size_t len = step->of_old ? j->old.len : j->new.len;
	struct err e;
	int i;

	for (i = 0; i < runs; i++) {
		j->old.pos = j->new.pos = 0;
		start = now();
		if (step->run(j, &e) != 0) {
			fprintf(stderr, "%s: %s\n", step->name, e.msg);
			return 1;
		}
		took[i] = now() - start;
	}
	qsort(took, (size_t)runs, sizeof(took[0]), compare_double);
	printf(
	    "%-20s %8.1f MB/s", step->name, (double)len / 1e6 / took[runs / 2]);
	if (step->bytes != NULL)
		printf(" %12zu bytes", step->bytes(j));
	printf("\n");
	return 0;
}

static size_t
sums_bytes(const struct job *j)
{
	return j->sums.len;
}

static size_t
delta_bytes(const struct job *j)
{
	return j->delta.len;
}

/* In this order: each uses what one before has made. */
static const struct step steps[] = {
    {"signature librsync", sums_librsync, true, sums_bytes},
    {"signature plain", sums_plain, true, sums_bytes},
    {"signature", sums_vector, true, sums_bytes},
    {"load librsync", load_librsync, true, NULL},
    {"load", load_sums, true, NULL},
    {"delta librsync", delta_librsync, false, delta_bytes},
    {"delta plain", delta_plain, false, delta_bytes},
    {"delta", delta_vector, false, delta_bytes}, {"patch", patch, false, NULL}};

static int
read_all(const char *path, struct mem_stream *out)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p;
	long n;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (n = ftell(f)) < 0) {
		perror(path);
		return 1;
	}
	rewind(f);
	if ((p = malloc((size_t)n + 1)) == NULL ||
	    fread(p, 1, (size_t)n, f) != (size_t)n) {
		perror(path);
		return 1;
	}
	(void)fclose(f);
	*out = (struct mem_stream){p, (size_t)n, 0};
	return 0;
}

int
main(int argc, char **argv)
{
	struct job j;
	struct err e;
	size_t i;
	long runs = argc > 3 ? strtol(argv[3], NULL, 10) : RUNS_DEFAULT;

	if (argc < 3 || runs < 1 || runs > RUNS_MAX) {
		fprintf(stderr, "usage: %s OLD NEW [RUNS]\n", argv[0]);
		return 1;
	}
	memset(&j, 0, sizeof(j));
	rsjob_silence();
	buf_init(&j.sums, SIZE_MAX);
	buf_init(&j.delta, SIZE_MAX);
	buf_init(&j.out, SIZE_MAX);
	if (read_all(argv[1], &j.old) != 0 || read_all(argv[2], &j.new) != 0)
		return 1;
	if (sig_params_for(j.old.len, &j.params, &e) != 0) {
		fprintf(stderr, "%s\n", e.msg);
		return 1;
	}
	printf("%zu -> %zu bytes, blocks of %u, sums of %u, %ld runs\n",
	    j.old.len, j.new.len, j.params.block_len, j.params.strong_len,
	    runs);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (measure(&j, &steps[i], (int)runs) != 0)
			return 1;
	return 0;
}
