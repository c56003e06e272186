/*
 * The names that a server leaves out, as a WELCOME has them: strings one
 * behind the other.
 */
#include "transport/wire/msg_left_out.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"

#include <string.h>

/* A string has its length in a byte. */
_Static_assert((int)LEFT_OUT_BYTES == (int)UINT8_MAX, "bytes of a pattern");

int
left_out_put(struct buf *out, const char *pattern, struct err *e)
{
	size_t len = strlen(pattern);
	int rc;

	if (!left_out_is_legal(pattern) || out->len + 1 + len > LEFT_OUT_ALL)
		return 0;
	if ((rc = put_u8(out, (uint8_t)len, e)) != 0 ||
	    (rc = buf_append(out, pattern, len, e)) != 0)
		return rc;
	return 1;
}

bool
left_out_next(struct msg_left_out *rest, char out[LEFT_OUT_BYTES + 1])
{
	const uint8_t *p;
	struct cursor c;
	size_t len;

	cursor_init(&c, rest->p, rest->len);
	len = cursor_u8(&c);
	p = cursor_bytes(&c, len);
	if (c.bad || p == NULL || memchr(p, '\0', len) != NULL)
		return false;
	memcpy(out, p, len);
	out[len] = '\0';
	rest->p = c.p;
	rest->len = c.len;
	return true;
}

bool
left_out_are_legal(struct msg_left_out told)
{
	char pattern[LEFT_OUT_BYTES + 1];

	if (told.len == 0 || told.len > LEFT_OUT_ALL)
		return false;
	while (told.len > 0)
		if (!left_out_next(&told, pattern) ||
		    !left_out_is_legal(pattern))
			return false;
	return true;
}
