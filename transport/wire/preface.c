/*
 * The first bytes of a connection, before any frame: each end says which
 * protocol versions it speaks, and here is decided which one both do.
 */
#include "transport/wire/preface.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"

#include <string.h>

/* How a record of TLS begins, where one is expected. */
enum { TLS_ALERT = 0x15, TLS_HANDSHAKE = 0x16 };

static const uint8_t magic[8] = {'E', 'R', 'P', 's', 'y', 'n', 'c', '\n'};

int
preface_encode(uint32_t features, struct buf *out, struct err *e)
{
	int rc;

	if ((rc = buf_append(out, magic, sizeof(magic), e)) != 0 ||
	    (rc = put_u16(out, PROTO_VERSION, e)) != 0 ||
	    (rc = put_u16(out, PROTO_VERSION, e)) != 0)
		return rc;
	return put_u32(out, features, e);
}

int64_t
preface_decode(const uint8_t *p, size_t n, struct preface *out, struct err *e)
{
	struct cursor c;

	if (n > 0 && (p[0] == TLS_ALERT || p[0] == TLS_HANDSHAKE))
		return err_set(e, ERP_UNTRUSTED,
		    "the other end answers in TLS, and this one spoke without "
		    "it: leave out --insecure or Insecure=1, or say --tls");
	if (memcmp(p, magic, n < sizeof(magic) ? n : sizeof(magic)) != 0)
		return err_set(e, ERP_PROTO,
		    "the other end does not speak the update protocol");
	if (n < PREFACE_LEN)
		return 0;
	cursor_init(&c, p + sizeof(magic), PREFACE_LEN - sizeof(magic));
	out->min_version = cursor_u16(&c);
	out->max_version = cursor_u16(&c);
	out->features = cursor_u32(&c);
	return PREFACE_LEN;
}

int
preface_agree(const struct preface *peer, struct err *e)
{
	if (peer->min_version <= PROTO_VERSION &&
	    peer->max_version >= PROTO_VERSION)
		return PROTO_VERSION;
	return err_set(e, ERP_NOVERSION,
	    "the other end speaks protocol versions %u to %u, this program "
	    "only %d",
	    peer->min_version, peer->max_version, PROTO_VERSION);
}
