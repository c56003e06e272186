/*
 * The checker of deltas: a reader of librsync's command stream that keeps
 * nothing but the command at hand.  It runs in front of librsync, which has
 * had trouble with hostile lengths and ends the process on some.
 */
#include "engine/delta/rsdelta.h"

#include "engine/base/err.h"

#include <assert.h>
#include <librsync.h>
#include <string.h>

/* Commands: 0 ends, 1..64 are literals of that length, then come literals
 * and copies with big-endian arguments of 1, 2, 4 or 8 bytes. */
enum {
	OP_END = 0x00,
	OP_LITERAL_64 = 0x40,
	OP_LITERAL_N1 = 0x41,
	OP_LITERAL_N8 = 0x44,
	OP_COPY_N1_N1 = 0x45,
	OP_COPY_N8_N8 = 0x54
};

enum check_state {
	CHECK_MAGIC, /* reading the four magic bytes as an argument */
	CHECK_COMMAND, /* at a command byte */
	CHECK_ARGS, /* reading its arguments */
	CHECK_LITERAL, /* passing literal bytes */
	CHECK_ENDED /* nothing may follow */
};

void
rsdelta_check_init(struct rsdelta_check *c, uint64_t basis_size, uint64_t limit)
{
	memset(c, 0, sizeof(*c));
	c->basis_size = basis_size;
	/* librsync counts in signed 64 bits. */
	c->limit = limit > INT64_MAX ? INT64_MAX : limit;
	c->commands_max = UINT64_MAX;
	c->state = CHECK_MAGIC;
	c->arg_need = 4;
}

static uint64_t
argument(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

static int
corrupt(const struct rsdelta_check *c, const char *what, struct err *e)
{
	return err_set(e, ERP_CORRUPT, "delta: %s in command %llu", what,
	    (unsigned long long)c->commands);
}

/* Account for output of a command. */
static int
produce(struct rsdelta_check *c, uint64_t len, struct err *e)
{
	assert(c->produced <= c->limit);
	if (len == 0)
		return corrupt(c, "a length of zero", e);
	if (len > c->limit - c->produced)
		return corrupt(c, "more output than allowed", e);
	c->produced += len;
	return 0;
}

static int
begin_literal(struct rsdelta_check *c, uint64_t len, struct err *e)
{
	c->skip = len;
	c->state = CHECK_LITERAL;
	return produce(c, len, e);
}

static int
check_copy(struct rsdelta_check *c, struct err *e)
{
	size_t off_len = (size_t)1 << ((c->op - OP_COPY_N1_N1) >> 2);
	uint64_t off = argument(c->arg, off_len);
	uint64_t len = argument(c->arg + off_len, c->arg_need - off_len);

	if (off > c->basis_size || len > c->basis_size - off)
		return corrupt(c, "a copy from outside the basis", e);
	c->state = CHECK_COMMAND;
	return produce(c, len, e);
}

/* A command byte: what does it need? */
static int
begin_command(struct rsdelta_check *c, uint8_t op, struct err *e)
{
	c->op = op;
	c->arg_len = 0;
	if (op == OP_END) {
		c->state = CHECK_ENDED;
		return 0;
	}
	if (++c->commands > c->commands_max)
		return corrupt(c, "more commands than allowed", e);
	if (op <= OP_LITERAL_64)
		return begin_literal(c, op, e);
	if (op > OP_COPY_N8_N8)
		return corrupt(c, "an unknown code", e);
	if (op <= OP_LITERAL_N8) {
		c->arg_need = (uint8_t)(1 << (op - OP_LITERAL_N1));
	} else {
		op = (uint8_t)(op - OP_COPY_N1_N1);
		c->arg_need = (uint8_t)((1 << (op >> 2)) + (1 << (op & 3)));
	}
	c->state = CHECK_ARGS;
	return 0;
}

/* All bytes of the magic or of a command's arguments are there. */
static int
end_args(struct rsdelta_check *c, struct err *e)
{
	assert(c->arg_len == c->arg_need && c->arg_need <= sizeof(c->arg));
	if (c->state == CHECK_MAGIC) {
		c->state = CHECK_COMMAND;
		return argument(c->arg, c->arg_need) == RS_DELTA_MAGIC
		    ? 0
		    : err_set(e, ERP_CORRUPT,
			  "not a delta: it begins with %08llx",
			  (unsigned long long)argument(c->arg, c->arg_need));
	}
	if (c->op <= OP_LITERAL_N8)
		return begin_literal(c, argument(c->arg, c->arg_need), e);
	return check_copy(c, e);
}

/* Use up at least one of the n > 0 bytes at p: how many goes to *used. */
static int
step(struct rsdelta_check *c, const uint8_t *p, size_t n, size_t *used,
    struct err *e)
{
	assert(n > 0);
	*used = 1;
	switch ((enum check_state)c->state) {
	case CHECK_MAGIC:
	case CHECK_ARGS:
		c->arg[c->arg_len++] = *p;
		return c->arg_len < c->arg_need ? 0 : end_args(c, e);
	case CHECK_COMMAND:
		return begin_command(c, *p, e);
	case CHECK_LITERAL:
		*used = c->skip < n ? (size_t)c->skip : n;
		c->skip -= *used;
		if (c->skip == 0)
			c->state = CHECK_COMMAND;
		return 0;
	case CHECK_ENDED:
		return corrupt(c, "bytes behind the end", e);
	}
	return err_set(e, ERP_INTERNAL, "delta: state %d", c->state);
}

int
rsdelta_check_feed(
    struct rsdelta_check *c, const void *p, size_t n, struct err *e)
{
	const uint8_t *at = p;
	size_t used;
	int rc;

	for (; n > 0; at += used, n -= used)
		if ((rc = step(c, at, n, &used, e)) != 0)
			return rc;
	return 0;
}

int
rsdelta_check_end(const struct rsdelta_check *c, struct err *e)
{
	if (c->state == CHECK_ENDED)
		return 0;
	return corrupt(c, "it is cut off", e);
}
