/*
 * librsync's jobs between our streams: buffers, the loop and its results as
 * our errors.  Under rsdelta.c and the signatures; its log is silenced once
 * for the process.
 */
#include "engine/delta/rsjob.h"

#include "engine/base/err.h"
#include "engine/base/stream.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void
set_level(void)
{
	rs_trace_set_level(RS_LOG_EMERG);
}

void
rsjob_silence(void)
{
	/* The level is a plain variable of the library: written once. */
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, set_level);
}

/* Refill the empty input side. */
static int
feed(rs_buffers_t *b, char *mem, const struct source *in, struct err *e)
{
	int64_t n = source_read_full(in, mem, RSJOB_BUF_LEN, e);

	assert(b->avail_in == 0);
	if (n < 0)
		return (int)n;
	b->next_in = mem;
	b->avail_in = (size_t)n;
	b->eof_in = n < RSJOB_BUF_LEN;
	return 0;
}

/* One call of librsync and what comes of it; made = it gave output. */
static int
iterate(rs_job_t *job, rs_buffers_t *b, char *mem, const struct sink *out,
    rs_result *result, struct err *e)
{
	size_t had = b->avail_in, made;

	b->next_out = mem;
	b->avail_out = out == NULL ? 0 : RSJOB_BUF_LEN;
	*result = rs_job_iter(job, b);
	made = (size_t)(b->next_out - mem);
	assert(made <= RSJOB_BUF_LEN && b->avail_in <= had);
	if (*result == RS_BLOCKED && b->eof_in && had == b->avail_in &&
	    made == 0)
		return err_set(e, ERP_INTERNAL, "librsync makes no progress");
	if (out != NULL && made > 0)
		return out->write(out->ctx, mem, made, e);
	return 0;
}

int
rsjob_run(rs_job_t *job, const struct source *in, const struct sink *out,
    rs_result *result, struct err *e)
{
	char *mem = malloc(2 * (size_t)RSJOB_BUF_LEN);
	bool full = false;
	rs_buffers_t b;
	int rc = 0;

	if (mem == NULL)
		return err_nomem(e);
	memset(&b, 0, sizeof(b));
	do {
		/* A job that waits for room to write gets no more input: it
		 * would hoard it. */
		if (b.avail_in == 0 && !b.eof_in && !full)
			rc = feed(&b, mem, in, e);
		if (rc == 0)
			rc = iterate(
			    job, &b, mem + RSJOB_BUF_LEN, out, result, e);
		full = out != NULL && b.avail_out == 0;
	} while (rc == 0 && *result == RS_BLOCKED);
	free(mem);
	return rc;
}

int
rsjob_error(rs_result result, const char *what, struct err *e)
{
	const char *text = rs_strerror(result);

	switch ((int)result) {
	case RS_MEM_ERROR:
		return err_set(e, ERP_NOMEM, "%s: out of memory", what);
	case RS_INPUT_ENDED:
	case RS_BAD_MAGIC:
	case RS_CORRUPT:
		return err_set(e, ERP_CORRUPT, "%s: %s", what, text);
	default:
		return err_set(e, ERP_INTERNAL, "%s: %s", what, text);
	}
}
