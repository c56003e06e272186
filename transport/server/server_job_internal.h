#ifndef ERPSYNC_TRANSPORT_SERVER_SERVER_JOB_INTERNAL_H
#define ERPSYNC_TRANSPORT_SERVER_SERVER_JOB_INTERNAL_H

/* The jobs of a server session, server_job.c: what runs on workers. */

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/store/store.h"
#include "transport/server/server.h"
#include "transport/server/server_books.h"

#include <stdatomic.h>

enum {
	SMALL_BLOB = 16 * 1024, /* read and put into the output as a whole */
	WINDOW_PIECES = 128 /* of a larger one, that one read job prepares */
};

/* Files of whose bases sums are to be asked. */
struct asked {
	uint32_t *v; /* indexes; room for each want */
	size_t n;
};

static inline void
asked_add(struct asked *a, uint32_t index)
{
	a->v[a->n++] = index;
}

static inline void
asked_clear(struct asked *a)
{
	a->n = 0;
}

/* What a worker computes: offers for a batch, and questions, ... */
struct compile_job {
	struct batch *batch; /* or NULL: the session took it back */
	struct msg_offer *offers; /* room for one of each want */
	size_t offers_n;
	struct asked signatures, shorts;
};

static inline void
offer_add(struct compile_job *c, uint32_t index, const struct blob *blob)
{
	c->offers[c->offers_n++] = (struct msg_offer){.index = index,
	    .codec = (uint8_t)blob->codec,
	    .blob = blob->id,
	    .len = blob->len};
}

/* ... or the next bytes of a blob. */
struct read_job {
	struct hash blob;
	int fd; /* -1: to be opened */
	uint64_t offset;
	uint64_t len; /* of the whole blob */
	uint8_t *bytes; /* of a small one, from offset to its end */
	uint32_t crcs[WINDOW_PIECES]; /* of a larger one, from offset on */
	size_t crcs_n;
};

enum job_kind { JOB_COMPILE, JOB_RELATIVE, JOB_READ };
struct job {
	enum job_kind kind;
	struct server *session; /* NULL: gone; loop thread only */
	atomic_bool cancelled; /* seen by the worker */
	struct store *store;
	struct live_release *served; /* NULL in JOB_READ */
	int rc;
	struct err err;
	union {
		struct compile_job compile;
		struct relative relative; /* ... for stations on another, ... */
		struct read_job read;
	};
};

struct job *job_new(struct server *s, enum job_kind kind, struct err *e);
/* For the next batch of the books, of which there is one: it is the job's, if
 * there is memory for it. */
struct job *job_new_compile(struct server *s, struct err *e);
void job_free(struct job *job); /* NULL is fine */
void job_submit(struct job *job); /* on its way to a worker */
void job_land(struct job *job); /* and back */
void jobs_orphan(struct server *s); /* their results are of no use */
/* Bytes of the piece of a blob that begins here, and how many begin. */
size_t piece_len(uint64_t offset, uint64_t len);
size_t pieces_between(uint64_t offset, uint64_t len);

#endif
