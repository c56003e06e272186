/*
 * Payloads of the single messages: structs of both sessions to bytes and back,
 * every value checked.  Lists are in msg_list.c, groups in msg_group.c.
 */
#include "transport/wire/msg.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "engine/tree/manifest.h"
#include "transport/wire/frame.h"
#include "transport/wire/msg_internal.h"

#include <assert.h>
#include <string.h>

enum { RETRY_AFTER_MAX = 3600 };
enum { LANG_MAX = 3 };

int
decoded(const struct cursor *c, const char *what, struct err *e)
{
	if (cursor_end(c))
		return 0;
	return err_set(e, ERP_PROTO, "%s %s", what,
	    c->bad ? "is cut short" : "has bytes too many");
}

int
decoded_known(const struct cursor *c, const char *what, struct err *e)
{
	return c->bad ? decoded(c, what, e) : 0;
}

static int
illegal(const char *what, const char *field, struct err *e)
{
	return err_set(e, ERP_PROTO, "%s with an illegal %s", what, field);
}

static int
put_text(struct buf *b, const char *text, size_t max, struct err *e)
{
	size_t len = strlen(text);
	int rc;

	assert(len <= max);
	(void)max;
	if ((rc = put_u8(b, (uint8_t)len, e)) != 0)
		return rc;
	return buf_append(b, text, len, e);
}

/* Text without controls; out has room for max + 1 bytes. */
static bool
get_text(struct cursor *c, char *out, size_t max)
{
	size_t len = cursor_u8(c);
	const uint8_t *p = cursor_bytes(c, len);

	out[0] = '\0';
	if (p == NULL)
		return true; /* the cursor knows */
	if (len > max || !utf8_is_printable((const char *)p, len))
		return false;
	memcpy(out, p, len);
	out[len] = '\0';
	return true;
}

/* Build codes and the like: printable ASCII only. */
static bool
get_ascii(struct cursor *c, char *out, size_t max)
{
	const char *p;

	if (!get_text(c, out, max))
		return false;
	for (p = out; *p != '\0'; p++)
		if ((unsigned char)*p > 0x7e)
			return false;
	return true;
}

bool
station_id_is_valid(const char *text)
{
	static const char legal[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t len = strlen(text);

	return len >= 1 && len <= TEXT_SHORT && strspn(text, legal) == len;
}

int
hello_encode(const struct msg_hello *m, struct buf *out, struct err *e)
{
	size_t mark;
	int rc;

	assert(station_id_is_valid(m->station));
	if ((rc = frame_begin(out, &mark, e)) != 0 ||
	    (rc = put_text(out, m->station, TEXT_SHORT, e)) != 0 ||
	    (rc = put_text(out, m->arch, TEXT_SHORT, e)) != 0 ||
	    (rc = put_text(out, m->build, TEXT_SHORT, e)) != 0 ||
	    (rc = put_u8(out, (uint8_t)m->os, e)) != 0 ||
	    (rc = put_u8(out, m->lang, e)) != 0 ||
	    (rc = put_u8(out, m->flags, e)) != 0 ||
	    (rc = buf_append(out, m->release.b, HASH_LEN, e)) != 0)
		return rc;
	return frame_end(out, mark, MSG_HELLO, e);
}

int
hello_decode(const uint8_t *p, size_t n, struct msg_hello *m, struct err *e)
{
	static const char what[] = "HELLO";
	struct cursor c;
	uint8_t os;
	int rc;

	cursor_init(&c, p, n);
	memset(m, 0, sizeof(*m));
	if (!get_ascii(&c, m->station, TEXT_SHORT))
		return illegal(what, "station id", e);
	if (!get_ascii(&c, m->arch, TEXT_SHORT) ||
	    !get_ascii(&c, m->build, TEXT_SHORT))
		return illegal(what, "architecture or build", e);
	os = cursor_u8(&c);
	m->lang = cursor_u8(&c);
	m->flags = cursor_u8(&c);
	cursor_copy(&c, m->release.b, HASH_LEN);
	if ((rc = decoded_known(&c, what, e)) != 0)
		return rc;
	if (!station_id_is_valid(m->station))
		return illegal(what, "station id", e);
	if (os >= PATH_OS_N)
		return illegal(what, "system", e);
	/* A station says HELLO before it knows which version we speak. */
	if (m->lang > LANG_MAX)
		m->lang = 0;
	m->flags &= HELLO_DRY_RUN | HELLO_AGREED | HELLO_DOWNLOAD;
	m->os = (enum path_os)os;
	return 0;
}

int
welcome_encode(const struct msg_welcome *m, struct buf *out, struct err *e)
{
	size_t mark;
	int rc;

	if ((rc = frame_begin(out, &mark, e)) != 0 ||
	    (rc = put_u8(out, (uint8_t)m->verdict, e)) != 0 ||
	    (rc = put_u32(out, m->retry_after, e)) != 0 ||
	    (rc = put_text(out, m->build, TEXT_SHORT, e)) != 0 ||
	    (rc = buf_append(out, m->release.b, HASH_LEN, e)) != 0 ||
	    (rc = put_u32(out, m->manifest_len, e)) != 0 ||
	    (rc = put_u32(out, m->packed_len, e)) != 0 ||
	    (rc = put_u8(out, m->flags, e)) != 0 ||
	    ((m->flags & WELCOME_HINTS) != 0 &&
		(rc = put_u32(out, m->hints_len, e)) != 0) ||
	    ((m->flags & WELCOME_INI) != 0 &&
		((rc = put_u8(out, m->ini.conflict, e)) != 0 ||
		    (rc = put_text(out, m->ini.rules, TEXT_LONG, e)) != 0)) ||
	    ((m->flags & WELCOME_LEFT_OUT) != 0 &&
		((rc = put_u16(out, (uint16_t)m->left_out.len, e)) != 0 ||
		    (rc = buf_append(out, m->left_out.p, m->left_out.len, e)) !=
			0)))
		return rc;
	return frame_end(out, mark, MSG_WELCOME, e);
}

/* Do the fields of a WELCOME fit its verdict? */
static bool
welcome_is_consistent(const struct msg_welcome *m)
{
	bool offers = m->verdict == VERDICT_COMPATIBLE ||
	    m->verdict == VERDICT_INCOMPATIBLE;

	if (m->manifest_len > MANIFEST_MAX_BYTES ||
	    m->packed_len > MANIFEST_MAX_BYTES)
		return false;
	if (offers &&
	    (hash_is_zero(&m->release) || m->manifest_len == 0 ||
		m->packed_len == 0))
		return false;
	if ((m->flags & WELCOME_HINTS) != 0 &&
	    (m->hints_len == 0 || m->hints_len >= m->packed_len))
		return false;
	if ((m->flags & (WELCOME_SEAL | WELCOME_INI | WELCOME_LEFT_OUT)) != 0 &&
	    !offers)
		return false;
	if (m->verdict == VERDICT_BUSY)
		return m->retry_after >= 1 && m->retry_after <= RETRY_AFTER_MAX;
	if (m->verdict == VERDICT_NOT_NOW)
		return m->retry_after <= NOT_NOW_MAX;
	return m->retry_after == 0;
}

int
welcome_decode(const uint8_t *p, size_t n, struct msg_welcome *m, struct err *e)
{
	static const char what[] = "WELCOME";
	struct cursor c;
	uint8_t verdict;
	int rc;

	cursor_init(&c, p, n);
	memset(m, 0, sizeof(*m));
	verdict = cursor_u8(&c);
	m->retry_after = cursor_u32(&c);
	if (!get_ascii(&c, m->build, TEXT_SHORT))
		return illegal(what, "build", e);
	cursor_copy(&c, m->release.b, HASH_LEN);
	m->manifest_len = cursor_u32(&c);
	m->packed_len = cursor_u32(&c);
	m->flags = cursor_u8(&c);
	if ((m->flags & WELCOME_HINTS) != 0)
		m->hints_len = cursor_u32(&c);
	if ((m->flags & WELCOME_INI) != 0) {
		m->ini.conflict = cursor_u8(&c);
		if (!get_text(&c, m->ini.rules, TEXT_LONG) ||
		    (!c.bad &&
			(m->ini.conflict > CONFLICT_RELEASE ||
			    m->ini.rules[0] == '\0')))
			return illegal(what, "rule for INI files", e);
	}
	if ((m->flags & WELCOME_LEFT_OUT) != 0) {
		m->left_out.len = cursor_u16(&c);
		m->left_out.p = cursor_bytes(&c, m->left_out.len);
		if (!c.bad && !left_out_are_legal(m->left_out))
			return illegal(what, "pattern of names", e);
	}
	if ((rc = decoded_known(&c, what, e)) != 0)
		return rc;
	if (verdict < VERDICT_COMPATIBLE || verdict > VERDICT_NOT_NOW)
		return illegal(what, "verdict", e);
	if (m->flags > (WELCOME_RELATIVE | WELCOME_HINTS | WELCOME_SEAL |
			   WELCOME_INI | WELCOME_LEFT_OUT))
		return illegal(what, "flag", e);
	m->verdict = (enum verdict)verdict;
	if (!welcome_is_consistent(m))
		return illegal(what, "release or length", e);
	return 0;
}

int
get_manifest_encode(struct buf *out, struct err *e)
{
	size_t mark;
	int rc;

	if ((rc = frame_begin(out, &mark, e)) != 0)
		return rc;
	return frame_end(out, mark, MSG_GET_MANIFEST, e);
}

int
result_encode(const struct msg_result *m, struct buf *out, struct err *e)
{
	size_t mark;
	int rc;

	if ((rc = frame_begin(out, &mark, e)) != 0 ||
	    (rc = put_u8(out, (uint8_t)m->outcome, e)) != 0 ||
	    (rc = put_u32(out, m->files, e)) != 0 ||
	    (rc = put_u32(out, m->elapsed_ms, e)) != 0 ||
	    (rc = put_u64(out, m->sent, e)) != 0 ||
	    (rc = put_u64(out, m->received, e)) != 0 ||
	    (rc = put_text(out, m->text, TEXT_LONG, e)) != 0)
		return rc;
	return frame_end(out, mark, MSG_RESULT, e);
}

int
result_decode(const uint8_t *p, size_t n, struct msg_result *m, struct err *e)
{
	static const char what[] = "RESULT";
	struct cursor c;
	uint8_t outcome;
	int rc;

	cursor_init(&c, p, n);
	memset(m, 0, sizeof(*m));
	outcome = cursor_u8(&c);
	m->files = cursor_u32(&c);
	m->elapsed_ms = cursor_u32(&c);
	m->sent = cursor_u64(&c);
	m->received = cursor_u64(&c);
	if (!get_text(&c, m->text, TEXT_LONG))
		return illegal(what, "text", e);
	if ((rc = decoded_known(&c, what, e)) != 0)
		return rc;
	if (outcome < OUTCOME_CURRENT || outcome > OUTCOME_FAILED)
		return illegal(what, "outcome", e);
	m->outcome = (enum outcome)outcome;
	return 0;
}

int
nop_encode(const struct msg_nop *m, struct buf *out, struct err *e)
{
	size_t mark;
	int rc;

	if ((rc = frame_begin(out, &mark, e)) != 0 ||
	    (m->says_ahead && (rc = put_u32(out, m->ahead, e)) != 0))
		return rc;
	return frame_end(out, mark, MSG_NOP, e);
}

void
nop_decode(const uint8_t *p, size_t n, struct msg_nop *m)
{
	struct cursor c;

	memset(m, 0, sizeof(*m));
	cursor_init(&c, p, n);
	if ((m->says_ahead = n >= sizeof(m->ahead)))
		m->ahead = cursor_u32(&c);
}

int
error_encode(const struct msg_error *m, struct buf *out, struct err *e)
{
	size_t mark;
	int rc;

	if ((rc = frame_begin(out, &mark, e)) != 0 ||
	    (rc = put_u16(out, m->code, e)) != 0 ||
	    (rc = put_text(out, m->text, TEXT_LONG, e)) != 0)
		return rc;
	return frame_end(out, mark, MSG_ERROR, e);
}

int
error_decode(const uint8_t *p, size_t n, struct msg_error *m, struct err *e)
{
	static const char what[] = "ERROR";
	struct cursor c;

	cursor_init(&c, p, n);
	memset(m, 0, sizeof(*m));
	m->code = cursor_u16(&c);
	if (!get_text(&c, m->text, TEXT_LONG))
		return illegal(what, "text", e);
	return decoded_known(&c, what, e);
}

int
data_encode(const struct msg_data *m, struct buf *out, struct err *e)
{
	size_t mark;
	int rc;

	assert(m->len > 0 && m->len <= BULK_PIECE);
	if ((rc = frame_begin(out, &mark, e)) != 0 ||
	    (rc = put_u32(out, m->index, e)) != 0 ||
	    (rc = buf_append(out, m->p, m->len, e)) != 0)
		return rc;
	return frame_end(out, mark, MSG_DATA, e);
}

int
sums_encode(const uint8_t *p, size_t n, struct buf *out, struct err *e)
{
	size_t mark;
	int rc;

	assert(n > 0 && n <= BULK_PIECE);
	if ((rc = frame_begin(out, &mark, e)) != 0 ||
	    (rc = buf_append(out, p, n, e)) != 0)
		return rc;
	return frame_end(out, mark, MSG_SUMS, e);
}

int
recall_encode(const struct hash *sums, struct buf *out, struct err *e)
{
	size_t mark;
	int rc;

	if ((rc = frame_begin(out, &mark, e)) != 0 ||
	    (rc = buf_append(out, sums->b, HASH_LEN, e)) != 0)
		return rc;
	return frame_end(out, mark, MSG_RECALL, e);
}

int
recall_decode(const uint8_t *p, size_t n, struct hash *sums, struct err *e)
{
	struct cursor c;

	cursor_init(&c, p, n);
	cursor_copy(&c, sums->b, HASH_LEN);
	return decoded(&c, "RECALL", e);
}

int
seal_encode(const void *p, size_t n, struct buf *out, struct err *e)
{
	size_t mark;
	int rc;

	if ((rc = frame_begin(out, &mark, e)) != 0 ||
	    (rc = buf_append(out, p, n, e)) != 0)
		return rc;
	return frame_end(out, mark, MSG_SEAL, e);
}

size_t
bulk_head(uint8_t out[BULK_HEAD_MAX], enum msg_type type, uint32_t index,
    size_t len, uint32_t crc)
{
	size_t n = FRAME_HEADER_LEN;

	assert(len > 0 && len <= BULK_PIECE);
	if (type != MSG_MANIFEST) {
		store_u32(out + n, index);
		n += DATA_HEADER_LEN;
	}
	frame_head(out, n, (uint8_t)type, len, crc);
	return n;
}

int
data_decode(const uint8_t *p, size_t n, struct msg_data *m, struct err *e)
{
	struct cursor c;

	cursor_init(&c, p, n);
	m->index = cursor_u32(&c);
	m->p = c.p;
	m->len = c.len;
	if (c.bad || m->len == 0)
		return err_set(e, ERP_PROTO, "DATA without bytes");
	return 0;
}
