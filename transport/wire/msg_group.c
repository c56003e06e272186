/*
 * GROUP: many small files asked for in a few bytes each.  Part of the messages
 * (msg.h): a station encodes it, the server decodes and checks it.
 */
#include "transport/wire/msg.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/tree/manifest.h"
#include "transport/wire/frame.h"
#include "transport/wire/msg_internal.h"

#include <assert.h>
#include <string.h>

/* Files between member i and the one before; the first counts from 0. */
static uint64_t
gap_before(const struct msg_want *v, size_t i)
{
	assert(i == 0 || v[i].index > v[i - 1].index);
	return i == 0 ? v[0].index : v[i].index - v[i - 1].index - 1;
}

static uint64_t
basis_size_of(const struct msg_want *m)
{
	return m->flags & WANT_HAS_BASIS ? m->basis_size : 0;
}

int
group_encode(const struct msg_want *v, size_t n, struct buf *out, struct err *e)
{
	size_t mark, i;
	int rc;

	assert(n >= 2 && n <= GROUP_MAX);
	if ((rc = frame_begin(out, &mark, e)) != 0)
		return rc;
	for (i = 0; i < n; i++) {
		if ((rc = put_varint(out, gap_before(v, i), e)) != 0 ||
		    (rc = put_varint(out, basis_size_of(&v[i]), e)) != 0)
			return rc;
		if (basis_size_of(&v[i]) == 0)
			continue;
		if ((rc = buf_append(out, v[i].basis.b, GROUP_PREFIX, e)) != 0)
			return rc;
	}
	return frame_end(out, mark, MSG_GROUP, e);
}

size_t
group_member_len(const struct msg_want *v, size_t i)
{
	uint64_t basis = basis_size_of(&v[i]);

	return varint_len(gap_before(v, i)) + varint_len(basis) +
	    (basis == 0 ? 0 : GROUP_PREFIX);
}

/* One member, whose index is least or above. */
static int
member_decode(
    struct cursor *c, uint64_t least, struct msg_want *m, struct err *e)
{
	uint64_t gap = cursor_varint(c);

	memset(m, 0, sizeof(*m));
	m->basis_size = cursor_varint(c);
	if (m->basis_size > 0)
		cursor_copy(c, m->basis.b, GROUP_PREFIX);
	if (c->bad)
		return 0; /* told at the end */
	if (gap >= MANIFEST_MAX_ENTRIES - least)
		return err_set(e, ERP_PROTO, "GROUP with an illegal index");
	if (m->basis_size > GROUP_BASIS)
		return err_set(e, ERP_PROTO,
		    "GROUP with a basis above %d bytes", GROUP_BASIS);
	m->index = (uint32_t)(least + gap);
	m->flags = m->basis_size > 0 ? WANT_HAS_BASIS : 0;
	return 0;
}

int
group_decode(const uint8_t *p, size_t n, struct msg_want *v, struct err *e)
{
	uint64_t bases = 0, least = 0;
	struct cursor c;
	size_t i;
	int rc;

	cursor_init(&c, p, n);
	for (i = 0; i < GROUP_MAX && c.len > 0 && !c.bad; i++) {
		if (least >= MANIFEST_MAX_ENTRIES)
			return err_set(
			    e, ERP_PROTO, "GROUP with an illegal index");
		if ((rc = member_decode(&c, least, &v[i], e)) != 0)
			return rc;
		least = (uint64_t)v[i].index + 1;
		bases += v[i].basis_size;
	}
	if ((rc = decoded(&c, "GROUP", e)) != 0)
		return rc;
	if (i < 2)
		return err_set(e, ERP_PROTO, "GROUP of less than two files");
	if (bases > GROUP_BASES)
		return err_set(e, ERP_PROTO, "GROUP with bases above %d bytes",
		    GROUP_BASES);
	return (int)i;
}
