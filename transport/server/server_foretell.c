/*
 * What was said in one session and is as said again in another, and the answer
 * to it before it may count: that of a session which is then forgotten.  Above
 * server.c, for who has a station's words before he knows that it is there.
 */
#include "transport/server/server_internal.h"
#include "transport/wire/preface.h"

int
server_said(const struct server *s, struct buf *out, struct err *e)
{
	int rc;

	assert(s->inbox.has_hello);
	rc = preface_encode(s->inbox.features, out, e);
	return rc != 0 ? rc : hello_encode(&s->inbox.hello, out, e);
}

/* It was none. */
static void
report_nothing(void *ctx, const struct server_report *r)
{
	(void)ctx;
	(void)r;
}

void
server_foretell(const struct server_env *env, const uint8_t *said, size_t n,
    struct buf *out)
{
	struct server_env only = {
	    .store = env->store,
	    .clock = env->clock,
	    .admit = env->admit,
	    .report = report_nothing,
	    .ctx = env->ctx,
	};
	struct server_bytes answer;
	struct server *s;
	struct err e;

	if (server_new(&only, "", &s, &e) != 0)
		return;
	if (server_input(s, said, n, &e) == (int64_t)n &&
	    server_output(s, &answer) && answer.p != NULL)
		(void)buf_append(out, answer.p, answer.n, &e);
	server_free(s);
}
