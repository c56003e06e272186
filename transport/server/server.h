#ifndef ERPSYNC_TRANSPORT_SERVER_SERVER_H
#define ERPSYNC_TRANSPORT_SERVER_SERVER_H

/*
 * The server's side of one session: a step machine without socket, thread
 * or clock of its own.  Bytes go in, bytes come out, and work on disk or CPU
 * leaves as jobs that any thread may run.
 *
 * Life: server_new; then in any order server_input with what arrived,
 * server_output to take what must be sent, server_job_done with finished
 * jobs, server_tick now and then; until server_is_done; then server_free.
 * All of them on one thread; only job_run may be elsewhere.
 */

#include "engine/release/compile.h"
#include "transport/server/live_release.h"
#include "transport/server/verdict.h"
#include "transport/wire/msg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct clock;
struct err;
struct job;
struct server;
struct store;

/* How a session ended, for the log. */
struct server_report {
	const char *peer; /* as given to server_new */
	const struct msg_hello *hello; /* NULL: it never came */
	enum verdict verdict; /* with hello */
	const char *build; /* with hello: what the station was told, or "" */
	const struct live_release *served; /* NULL: it was offered none */
	const struct msg_result *result; /* NULL: it never came */
	const struct err *error; /* NULL: ended well */
	uint64_t received; /* bytes from the station */
	uint64_t sent; /* bytes to it */
};

/* What a session needs of the world; ctx is handed to every call. */
struct server_env {
	struct store *store;
	const struct clock *clock;
	/* May this station come in?  Once in a session. */
	int (*admit)(void *ctx, const struct msg_hello *hello,
	    struct admission *out, struct err *e);
	/* Run job_run(job, ...) somewhere, then server_job_done here. */
	void (*submit)(void *ctx, struct job *job);
	void (*report)(void *ctx, const struct server_report *report);
	/* How many others' jobs, at most, are run before this session's; NULL:
	 * none ever waits. */
	uint32_t (*ahead)(void *ctx);
	/* May it open a blob's file?  If not, it asks again at the next tick;
	 * server_has_blob tells when it has none any more.  NULL: always. */
	bool (*may_open)(void *ctx);
	void *ctx;
};

/* peer is an address for the log. */
int server_new(const struct server_env *env, const char *peer,
    struct server **out, struct err *e);

/* Also with jobs in flight: their results are then thrown away. */
void server_free(struct server *s);

/*
 * Hand over n bytes that arrived.  Returns how many were taken (fewer while
 * server_is_full), or a code: then an ERROR message waits in the output and
 * the session is done once that is sent.
 */
int64_t server_input(
    struct server *s, const uint8_t *p, size_t n, struct err *e);

/* The station closed its side: fine after RESULT, else a failure. */
void server_eof(struct server *s);

/* Too much unfinished work: read no more until a job is done. */
bool server_is_full(const struct server *s);

/* Bytes in memory, or of a file that the session keeps open. */
struct server_bytes {
	const uint8_t *p; /* NULL: n bytes of fd from offset on */
	int fd;
	uint64_t offset;
	size_t n;
	bool more; /* others are ready to follow them */
};

/* What is to be sent next, or false; tell with server_sent how much of it
 * left.  Valid until the next call of another function. */
bool server_output(const struct server *s, struct server_bytes *out);
void server_sent(struct server *s, size_t n);

/*
 * What the station has said, preface and HELLO, as bytes for server_input of
 * another session of this process: appended to out.
 */
int server_said(const struct server *s, struct buf *out, struct err *e);

/*
 * What a new session would answer at once to a station that said this, all of
 * it, appended to out; or nothing, when env.admit fails or out has no room.
 * Nothing comes of it.  env.admit lets in only who has what it is served, so
 * that no job is needed; of the others nothing is asked.
 */
void server_foretell(const struct server_env *env, const uint8_t *said,
    size_t n, struct buf *out);

/* Its output cannot be sent, for this reason: the session ends without last
 * words. */
void server_lost(struct server *s, const struct err *e);

/* Nothing more will happen once the output is sent. */
bool server_is_done(const struct server *s);

/* Check deadlines, about twice a second: ends the session when one passed, and
 * tells a station that waits for us that we are there. */
void server_tick(struct server *s);

/* Milliseconds since which nothing happens but by the station; 0: it waits for
 * us, or what it is sent is on its way. */
uint64_t server_idle_ms(const struct server *s);

/* Bytes of memory that what the station asked for and sent takes. */
size_t server_held(const struct server *s);

/* Is a blob's file open for it, or about to be? */
bool server_has_blob(const struct server *s);

/* Its input is left where it is for now, which is not the station's fault. */
void server_hold(struct server *s, bool on);

/*
 * Jobs.  compile is compile_blob or a wrapper of it that lets equal requests
 * meet.  server_job_done gives the session that should be looked at, or NULL
 * if it is gone; the job is freed.
 */
typedef int job_compile_fn(void *ctx, const struct compile_request *req,
    struct compile_answer *out, struct err *e);
void job_run(struct job *job, job_compile_fn *compile, void *ctx);
struct server *server_job_done(struct job *job);
/* Does it only read from the disk, and never compute or wait for another? */
bool job_only_reads(const struct job *job);
/* Forget a job that will never be run (at shutdown). */
void job_drop(struct job *job);

#endif
