/*
 * What leaves: the output of a station session, made of whole messages.  The
 * lowest file of the folder; who has something to say says it here, and nobody
 * else changes the output.
 */
#include "transport/station/station_internal.h"
#include "transport/wire/preface.h"

#include <assert.h>

enum { OUT_MAX = 64 * 1024 * 1024 /* output never holds more */ };

void
say_init(struct station *s)
{
	buf_init(&s->out, OUT_MAX);
}

void
say_release(struct station *s)
{
	buf_release(&s->out);
}

int
say_hello(struct station *s, const struct msg_hello *m, struct err *e)
{
	int rc;

	assert(s->out.len == 0 && s->account.sent == 0);
	if ((rc = preface_encode(FEATURE_HINTS | FEATURE_NOT_NOW |
		     FEATURE_LEFT_OUT |
		     (s->asks_for_seal ? FEATURE_SEALS : FEATURE_INI),
		 &s->out, e)) != 0)
		return rc;
	return hello_encode(m, &s->out, e);
}

int
say_get_manifest(struct station *s, struct err *e)
{
	return get_manifest_encode(&s->out, e);
}

int
say_wants(struct station *s, const struct msg_want *v, size_t n, struct err *e)
{
	return wants_encode(v, n, &s->out, e);
}

int
say_group(struct station *s, const struct msg_want *v, size_t n, struct err *e)
{
	return group_encode(v, n, &s->out, e);
}

int
say_fetches(
    struct station *s, const struct msg_fetch *v, size_t n, struct err *e)
{
	return fetches_encode(v, n, &s->out, e);
}

int
say_sums(struct station *s, const struct buf *piece, struct err *e)
{
	return sums_encode(buf_data(piece), piece->len, &s->out, e);
}

int
say_recall(struct station *s, const struct hash *sums, struct err *e)
{
	return recall_encode(sums, &s->out, e);
}

int
say_result(struct station *s, const struct msg_result *m, struct err *e)
{
	return result_encode(m, &s->out, e);
}

int
say_error(struct station *s, const struct msg_error *m, struct err *e)
{
	return error_encode(m, &s->out, e);
}

const struct buf *
station_output(const struct station *s)
{
	return &s->out;
}

void
station_sent(struct station *s, size_t n)
{
	assert(n <= s->out.len);
	buf_consume(&s->out, n);
	s->account.sent += n;
}
