#ifndef ERPSYNC_TRANSPORT_SERVER_SERVER_INTERNAL_H
#define ERPSYNC_TRANSPORT_SERVER_SERVER_INTERNAL_H

/*
 * The inside of a server session: server.c (bytes and states),
 * server_deadline.c, server_books.c (what is wanted), server_want.c (wants,
 * sums, offers), server_group.c, server_send.c (fetches, data) and
 * server_job.c (what runs on workers).
 */

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "transport/server/server.h"

#include <bsd/sys/queue.h>
#include <bsd/sys/tree.h>
#include <stdatomic.h>

struct frame;
enum {
	OUT_MAX = 128 * 1024, /* output never holds more */
	OUT_HIGH = 32 * 1024, /* no work that adds to it is begun above this */
	SMALL_BLOB = 16 * 1024, /* read and put into the output as a whole */
	WINDOW_PIECES = 128, /* of a larger one, that one read job prepares */
	BATCHES_MAX = 64 /* WANTs and sums waiting to be compiled */
};
#define SUMS_MAX ((size_t)64 * 1024 * 1024) /* of the largest basis */
/* Sums that wait to be compiled: above this no more input is read. */
#define SUMS_HELD_MAX ((size_t)4 * 1024 * 1024)

enum server_state {
	SERVER_PREFACE, /* nothing is there yet */
	SERVER_HELLO, /* the preface is */
	SERVER_PREPARING, /* HELLO is there, WELCOME waits for a job */
	SERVER_REFUSED, /* verdict leaves nothing but RESULT */
	SERVER_READY, /* serving */
	SERVER_CLOSING /* output, then the end */
};

/* A file between WANT and the last byte of its DATA. */
enum pending_state {
	PENDING_WANTED,
	PENDING_SUMS,
	PENDING_OFFERED,
	PENDING_FETCH
};
struct pending {
	RB_ENTRY(pending) tree; /* by index */
	TAILQ_ENTRY(pending) list; /* in sums or fetches */
	uint32_t index;
	enum pending_state state;
	struct msg_want want;
	struct msg_offer offer;
	uint64_t offset; /* next byte to read of the blob */
	/* PENDING_SUMS: which, how many bytes, and the group whose they are. */
	bool short_sums;
	uint64_t owed;
	struct batch *group; /* or NULL: the file's own */
};
RB_HEAD(pending_tree, pending);
TAILQ_HEAD(pending_list, pending);

/* Wants (n >= 1) or one file's sums, waiting for the compile lane. */
struct batch {
	TAILQ_ENTRY(batch) list;
	bool group; /* the wants are to be answered by one blob */
	bool short_sums; /* which sums */
	struct buf sums; /* not empty: of the basis, or of members' bases */
	size_t n;
	struct msg_want want[];
};
TAILQ_HEAD(batch_list, batch);

/* Flags of wants of a group, beside those on the wire. */
enum {
	MEMBER_SUMMED = 1 << 6, /* its short sums are in the batch's */
	MEMBER_LEFT = 1 << 7 /* it goes on alone */
};

enum job_kind { JOB_COMPILE, JOB_READ, JOB_RELATIVE };
struct job {
	enum job_kind kind;
	struct server *session; /* NULL: gone; loop thread only */
	atomic_bool cancelled; /* seen by the worker */
	struct store *store;
	int rc;
	struct err err;
	/* JOB_COMPILE */
	struct live_release *served;
	struct batch *batch; /* or NULL: the session took it back */
	struct msg_offer *offers; /* room for one of each want */
	size_t offers_n;
	/* JOB_RELATIVE; served too */
	struct hash from;
	struct buf packed;
	/* JOB_READ */
	struct hash blob;
	int fd; /* -1: to be opened */
	uint64_t offset;
	uint64_t len; /* of the whole blob */
	uint8_t *bytes; /* of a small one, from offset to its end */
	uint32_t crcs[WINDOW_PIECES]; /* of a larger one, from offset on */
	size_t crcs_n;
};

/* A frame whose last bytes are sent from where they are: MANIFEST or DATA. */
struct bulk {
	uint8_t head[BULK_HEAD_MAX];
	size_t head_n;
	const uint8_t *p; /* or NULL: of the blob that fetch_fd is */
	uint64_t offset; /* in it */
	size_t len; /* 0: there is no such frame */
	size_t sent; /* of head and bytes */
};

struct server {
	struct server_env env;
	char *peer;
	enum server_state state;
	struct buf in;
	struct buf out; /* whole frames, and what is left of a first one */
	struct bulk bulk; /* once it is begun it comes before out, else after */
	uint64_t received, sent;
	/* Deadlines, in monotonic milliseconds. */
	uint64_t born, last_moved, slow_since, slow_moved;
	/* What was said. */
	bool has_hello, has_result, reported, failed;
	struct msg_hello hello;
	char build[MANIFEST_MAX_BUILD + 1]; /* that the station is told */
	struct msg_result result;
	enum verdict verdict;
	struct err error;
	/* Manifest. */
	struct live_release *served; /* of this session, from WELCOME on */
	const struct buf *packed; /* which form of its manifest is sent */
	bool sending_manifest;
	size_t manifest_pos;
	/* Files. */
	struct pending_tree pending;
	size_t pending_n;
	struct pending_list sums; /* PENDING_SUMS, in the order asked */
	struct buf sums_in; /* of the first of them */
	struct pending_list fetches; /* PENDING_FETCH, in the order asked */
	int fetch_fd; /* of the first of them, or -1 */
	/* Its pieces from its offset on that are ready to be sent. */
	uint32_t crcs[WINDOW_PIECES];
	size_t crcs_at, crcs_n;
	bool served_pieces; /* of any blob */
	struct batch_list batches;
	size_t batches_n;
	size_t sums_held; /* bytes of sums in batches */
	/* Blobs offered, and files wanted whole since one came out wrong. */
	uint64_t deltas, wholes;
	bool *was_whole; /* of each entry: it was wanted whole; NULL: none */
	struct job *compiling, *reading; /* in flight, or NULL */
};

RB_PROTOTYPE(pending_tree, pending, tree, pending_compare)

/* server.c */
uint64_t server_now(const struct server *s);
/* The session ends so; the station is told, if it listens. */
void server_fail(struct server *s, const struct err *e);

/* server_books.c */
void pending_remove(struct server *s, struct pending *p);
/* So many bytes of sums are awaited under p. */
void sums_owe(struct server *s, struct pending *p, uint64_t owed);
int batch_new(size_t n, struct batch **out, struct err *e);
void batch_free(struct batch *b);
int batch_queue(struct server *s, struct batch *b);
/* Take one wanted file into the books. */
int want_add(struct server *s, struct msg_want *want, struct err *e);

/* server_want.c */
int want_receive(struct server *s, const struct frame *f, struct err *e);
int sums_receive(struct server *s, const struct frame *f, struct err *e);
int compile_next(struct server *s, struct err *e);
int compile_done(struct server *s, struct job *job, struct err *e);

/* server_group.c */
int group_receive(struct server *s, const struct frame *f, struct err *e);
int group_run(struct job *job, job_compile_fn *compile, void *ctx);
/* What is offered for the group is noted: forget the rest of it, or, if sums
 * were asked for, take the group back from the job until they are there. */
void group_settle(struct server *s, struct job *job);

/* server_send.c */
int relative_find(struct server *s, struct err *e);
int fetch_receive(struct server *s, const struct frame *f, struct err *e);
void bulk_next(struct server *s); /* put it up, if it is ready */
void bulk_sent(struct server *s, size_t n); /* n bytes of it */
int read_next(struct server *s, struct err *e);
int read_done(struct server *s, struct job *job, struct err *e);

/* server_job.c */
struct job *job_new(struct server *s, enum job_kind kind, struct err *e);
/* Bytes of the piece of a blob that begins here, and how many begin. */
size_t piece_len(uint64_t offset, uint64_t len);
size_t pieces_between(uint64_t offset, uint64_t len);
void job_free(struct job *job);

#endif
