#ifndef ERPSYNC_ENGINE_DELTA_RSJOB_H
#define ERPSYNC_ENGINE_DELTA_RSJOB_H

/*
 * librsync's jobs between our streams: buffers, the loop around rs_job_iter
 * and the translation of its results.  Only engine/delta includes this.
 */

#include <librsync.h>

struct err;
struct sink;
struct source;

/*
 * Bytes librsync gets and gives at a time.  Measured with 100 MB files: from
 * 64 KiB to 1 MiB speed is the same, at 16 KiB deltas become slower.
 */
enum { RSJOB_BUF_LEN = 128 * 1024 };

/*
 * Keep librsync from writing to stderr; to be called before any other call
 * of it, any number of times, from any thread.
 */
void rsjob_silence(void);

/*
 * Run job until it is done or fails.  out may be NULL for a job without
 * output.  Input is handed over in whole buffers whatever pieces the source
 * yields, so the result does not depend on them.  Returns 0 with librsync's
 * verdict in *result, or the code of a stream that failed.
 */
int rsjob_run(rs_job_t *job, const struct source *in, const struct sink *out,
    rs_result *result, struct err *e);

/* The code for a verdict other than RS_DONE; what names the input. */
int rsjob_error(rs_result result, const char *what, struct err *e);

#endif
