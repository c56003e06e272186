#ifndef ERPSYNC_TRANSPORT_SERVER_SERVER_INTERNAL_H
#define ERPSYNC_TRANSPORT_SERVER_SERVER_INTERNAL_H

/*
 * The inside of a server session.  server.c has bytes and states and calls the
 * others, below which are server_job.c (what runs on workers) and
 * server_books.c.  A session's parts are each changed by one of them.
 */

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "transport/server/server.h"
#include "transport/server/server_books.h"
#include "transport/server/server_job_internal.h"

#include <assert.h>

struct frame;
struct fs;

enum {
	OUT_MAX = 128 * 1024, /* output never holds more */
	OUT_HIGH = 32 * 1024 /* no work that adds to it is begun above this */
};
enum server_state {
	SERVER_PREFACE, /* nothing is there yet */
	SERVER_HELLO, /* the preface is */
	SERVER_PREPARING, /* HELLO is there, WELCOME waits for a job */
	SERVER_REFUSED, /* verdict leaves nothing but RESULT */
	SERVER_READY, /* serving */
	SERVER_CLOSING /* output, then the end */
};

/* What came from the station: bytes, and what they said. */
struct inbox {
	uint32_t features; /* of its preface */
	struct buf bytes; /* of a frame that is not whole, or has to wait */
	uint64_t received;
	bool has_hello, has_result;
	struct msg_hello hello;
	struct msg_result result;
};

/* A frame whose last bytes are sent from where they are: MANIFEST or DATA. */
struct bulk {
	uint8_t head[BULK_HEAD_MAX];
	size_t head_n;
	const uint8_t *p; /* or NULL: of the blob that is being sent */
	uint64_t offset; /* in it */
	size_t len; /* 0: there is no such frame */
	size_t sent; /* of head and bytes */
};

/* What leaves. */
struct outbox {
	struct buf words; /* whole frames, and what is left of a first one */
	struct bulk bulk; /* begun, it comes before words, else after */
	uint64_t sent;
	const uint8_t *manifest; /* in the form that is sent */
	size_t manifest_len, manifest_pos;
	bool sending_manifest;
	int fd; /* of the blob that is being sent, or -1 */
	/* Its pieces from its offset on that are ready to be sent. */
	uint32_t crcs[WINDOW_PIECES];
	size_t crcs_at, crcs_n;
	bool served_pieces; /* of any blob */
};

/* Deadlines, by server_deadlines.c alone: monotonic ms, and bytes both ways. */
struct pace {
	uint64_t born, last_moved, slow_since, slow_moved;
	uint64_t last_word; /* a message that says something, or output taken */
};

struct server {
	struct server_env env;
	char *peer;
	enum server_state state;
	struct inbox inbox;
	/* What the station was told, see server_welcome.c. */
	enum verdict verdict;
	char build[MANIFEST_MAX_BUILD + 1];
	struct live_release *served; /* from then on; NULL: none */
	struct msg_ini ini; /* likewise */
	struct books books;
	struct outbox outbox;
	struct pace pace;
	struct job *compiling, *reading; /* in flight, or NULL: server_job.c */
	bool held; /* see server_hold */
	bool must_wait; /* for a descriptor, see may_open */
	bool reported, failed;
	struct err error; /* when it failed */
};

/* A session only ever goes forward. */
static inline void
server_become(struct server *s, enum server_state next)
{
	assert(next > s->state);
	s->state = next;
}

/* server_welcome.c */
int hello_receive(struct server *s, const struct frame *f, struct err *e);
/* Say WELCOME: nothing has to be waited for any more. */
int welcome(struct server *s, struct err *e);
/* server_want.c */
int want_receive(struct server *s, const struct frame *f, struct err *e);
int sums_receive(struct server *s, const struct frame *f, struct err *e);
int recall_receive(struct server *s, const struct frame *f, struct err *e);
int fetch_receive(struct server *s, const struct frame *f, struct err *e);
int compile_next(struct server *s, struct err *e);
int compile_done(struct server *s, struct job *job, struct err *e);
/* server_group.c */
int group_receive(struct server *s, const struct frame *f, struct err *e);
int group_run(struct job *job, job_compile_fn *compile, void *ctx);
/* What is offered for the group is noted: settle the rest of it, or, if sums
 * were asked for, take it back from the job until they are there. */
void group_settle(struct books *b, struct compile_job *job);
/* server_send.c */
void outbox_init(struct outbox *o);
void outbox_release(struct outbox *o, const struct fs *fs);
bool outbox_is_empty(const struct outbox *o);
/* Is so much waiting that no work that adds to it is begun? */
bool outbox_is_high(const struct outbox *o);
int outbox_say_preface(struct outbox *o, struct err *e);
int outbox_say_welcome(
    struct outbox *o, const struct msg_welcome *m, struct err *e);
int outbox_say_seal(struct outbox *o, const struct buf *seal, struct err *e);
int outbox_say_nop(struct outbox *o, const struct msg_nop *m, struct err *e);
int outbox_say_ask(struct outbox *o, enum sums_kind kind, const struct asked *a,
    struct err *e); /* none: nothing is said */
int outbox_say_offers(
    struct outbox *o, const struct msg_offer *v, size_t n, struct err *e);
/* Nothing follows but what is begun and these last words (NULL: none). */
void outbox_end(struct outbox *o, const struct msg_error *m);
void outbox_drop(struct outbox *o); /* not even those */
/* The form in which the manifest is sent, borrowed, and: send it now. */
void outbox_use_manifest(struct outbox *o, const uint8_t *p, size_t n);
int outbox_send_manifest(struct outbox *o, struct err *e);
/* Put up the next frame in bulk, if it is ready. */
void outbox_next(struct outbox *o, struct books *books);
/* n bytes of the output left. */
void outbox_sent(
    struct outbox *o, struct books *books, const struct fs *fs, size_t n);
int read_next(struct server *s, struct err *e);
int read_done(struct server *s, struct job *job, struct err *e);
/* server_deadlines.c */
void pace_init(struct pace *p, uint64_t now); /* of zeroes */
void pace_moved(struct pace *p, uint64_t now); /* bytes, either way */
void pace_word(struct pace *p, uint64_t now);
/* Does the station wait for us, and have we been silent for a while? */
bool pace_wants_nop(const struct server *s, uint64_t now);
uint64_t pace_idle_ms(const struct server *s, uint64_t now);
/* Which deadline has passed, in words, or NULL. */
const char *pace_late(struct server *s, uint64_t now);

#endif
