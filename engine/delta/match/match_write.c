/*
 * The command stream of a delta: the end of the search in match.c.  Joins
 * copies that continue one another before it writes them.
 */
#include "engine/delta/match/match_write.h"

#include "engine/base/stream.h"

#include <assert.h>
#include <string.h>

/* The commands as rsdelta_check.c reads them. */
enum {
	OP_END = 0x00,
	OP_LITERAL_MAX = 0x40, /* this many and fewer are their own command */
	OP_LITERAL_N1 = 0x41,
	OP_COPY_N1_N1 = 0x45,
	COMMAND_MAX = 17
};

static int
flush(struct match_writer *w, struct err *e)
{
	size_t n = w->len;

	w->len = 0;
	return n == 0 ? 0 : w->out->write(w->out->ctx, w->buf, n, e);
}

static int
put(struct match_writer *w, const uint8_t *p, size_t n, struct err *e)
{
	int rc;

	if (w->out == NULL)
		return 0;
	if (n > sizeof(w->buf) - w->len) {
		if ((rc = flush(w, e)) != 0)
			return rc;
		if (n > sizeof(w->buf))
			return w->out->write(w->out->ctx, p, n, e);
	}
	assert(w->len + n <= sizeof(w->buf));
	memcpy(w->buf + w->len, p, n);
	w->len += n;
	return 0;
}

/* 0 to 3: the logarithm of the bytes that v needs. */
static unsigned
width(uint64_t v)
{
	if (v <= UINT8_MAX)
		return 0;
	if (v <= UINT16_MAX)
		return 1;
	return v <= UINT32_MAX ? 2 : 3;
}

/* Big-endian; returns the place behind. */
static uint8_t *
put_number(uint8_t *p, uint64_t v, unsigned log)
{
	unsigned i;

	for (i = 1u << log; i-- > 0;)
		*p++ = (uint8_t)(v >> (8 * i));
	return p;
}

static int
put_copy(struct match_writer *w, struct err *e)
{
	unsigned at = width(w->copy_at), len = width(w->copy_len);
	uint8_t command[COMMAND_MAX], *p = command;
	uint64_t made = w->made, n = w->copy_len;

	if (n == 0)
		return 0;
	w->made += n;
	w->copy_len = 0;
	if (w->out == NULL)
		return w->copied(w->arg, made, w->copy_at, n, e);
	*p++ = (uint8_t)(OP_COPY_N1_N1 + 4 * at + len);
	p = put_number(p, w->copy_at, at);
	p = put_number(p, n, len);
	assert(p - command <= COMMAND_MAX);
	return put(w, command, (size_t)(p - command), e);
}

void
match_write_begin(struct match_writer *w, const struct sink *out)
{
	static const uint8_t magic[] = {'r', 's', 2, '6'};

	assert(out != NULL);
	w->out = out;
	w->made = w->copy_at = w->copy_len = 0;
	memcpy(w->buf, magic, sizeof(magic));
	w->len = sizeof(magic);
}

void
match_write_tell(struct match_writer *w, match_copy_fn *copied, void *arg)
{
	assert(copied != NULL);
	w->out = NULL;
	w->copied = copied;
	w->arg = arg;
	w->made = w->copy_at = w->copy_len = 0;
	w->len = 0;
}

int
match_write_literal(
    struct match_writer *w, const uint8_t *p, size_t n, struct err *e)
{
	uint8_t command[COMMAND_MAX], *q = command;
	unsigned log = width(n);
	int rc;

	if (n == 0)
		return 0;
	if ((rc = put_copy(w, e)) != 0)
		return rc;
	w->made += n;
	if (n <= OP_LITERAL_MAX) {
		*q++ = (uint8_t)n;
	} else {
		*q++ = (uint8_t)(OP_LITERAL_N1 + log);
		q = put_number(q, n, log);
	}
	rc = put(w, command, (size_t)(q - command), e);
	return rc != 0 ? rc : put(w, p, n, e);
}

int
match_write_copy(
    struct match_writer *w, uint64_t at, uint64_t len, struct err *e)
{
	int rc;

	assert(len > 0);
	if (w->copy_len > 0 && at == w->copy_at + w->copy_len) {
		w->copy_len += len;
		return 0;
	}
	rc = put_copy(w, e);
	w->copy_at = at;
	w->copy_len = len;
	return rc;
}

int
match_write_end(struct match_writer *w, struct err *e)
{
	static const uint8_t end = OP_END;
	int rc = put_copy(w, e);

	assert(w->copy_len == 0);
	if (rc == 0)
		rc = put(w, &end, 1, e);
	return rc != 0 ? rc : flush(w, e);
}
