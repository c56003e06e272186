/*
 * The rules of seals, in the order in which an answer is cheapest and says
 * most.  Above the formats (minisign.c) and the grammar (statement.c).
 */
#include "engine/seal/seal.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/tree/build.h"
#include "engine/tree/manifest.h"

#include <assert.h>
#include <bsd/string.h>
#include <inttypes.h>
#include <string.h>

size_t
seal_find_key(const struct seal_trust *trust, const uint8_t id[MINISIGN_ID])
{
	size_t i;

	for (i = 0; i < trust->n; i++)
		if (memcmp(trust->keys[i].id, id, MINISIGN_ID) == 0)
			break;
	return i;
}

int
seal_read(struct seal_text text, struct sealed *out, struct seal_text *rest,
    struct err *e)
{
	int64_t used;
	int rc;

	if (text.n > SEAL_TEXT_MAX)
		return err_set(e, ERP_CORRUPT, "the seal is too long");
	if ((used = minisign_seal_take(text.p, text.n, &out->seal, e)) < 0)
		return (int)used;
	if ((rc = statement_decode(out->seal.comment, &out->says, e)) != 0)
		return rc;
	if (rest != NULL)
		*rest =
		    (struct seal_text){text.p + used, text.n - (size_t)used};
	return 0;
}

/* Read the seal that came; it is not known yet whose it is. */
static int
read_claimed(struct seal_text text, struct sealed *out, struct seal_text *rest,
    struct err *e)
{
	struct err why;

	if (text.n == 0)
		return err_set(e, ERP_UNSEALED, "the release has no seal");
	if (seal_read(text, out, rest, &why) != 0)
		return err_set(
		    e, ERP_UNSEALED, "the release's seal: %s", why.msg);
	return 0;
}

/* Of which key of ours it is, by its number and by its comment. */
static int
take_maker(const struct seal_trust *t, struct sealed *s, struct err *e)
{
	char id[MINISIGN_ID_HEX + 1];
	size_t i = seal_find_key(t, s->seal.id);
	int rc;

	minisign_id_hex(s->seal.id, id);
	if (i == t->n)
		return err_set(e, ERP_UNSEALED,
		    "the release is sealed with the key %s, which is not "
		    "trusted here",
		    id);
	s->key = t->keys[i];
	if ((rc = minisign_verify_comment(&s->seal, &s->key, e)) < 0)
		return rc;
	return rc == 1 ? 0
		       : err_set(e, ERP_UNSEALED,
			     "the release has a seal that is not of the key "
			     "%s, though it says so",
			     id);
}

/* One succession: 0, also when it is none of ours, or a code. */
static int
succeed(struct seal_trust *t, const struct minisign_key *newer,
    struct seal_text file, const struct minisign_seal *seal, struct err *e)
{
	size_t i = seal_find_key(t, seal->id);
	struct minisign_key *older = &t->keys[i];
	struct successor from;
	int rc;

	if (i == t->n)
		return 0;
	if ((rc = minisign_verify(seal, older, file.p, file.n, e)) < 0)
		return rc;
	if (rc == 0 || successor_decode(seal->comment, &from, NULL) != 0)
		return err_set(e, ERP_UNSEALED,
		    "a statement about a new key is not of the key that it "
		    "replaces");
	if (seal_find_key(t, newer->id) < t->n) {
		*older = t->keys[--t->n];
		return 0;
	}
	*older = *newer;
	/* An old key that was lost may have run ahead. */
	t->seen.serial = from.serial;
	t->seen.issued = from.issued;
	memset(&t->seen.release, 0, sizeof(t->seen.release));
	return 0;
}

/* A key that takes the place of another, as its seal says. */
struct succession {
	struct minisign_key newer;
	struct seal_text file; /* that one's */
	struct minisign_seal seal; /* over it, of the older */
};

/* The next one of this text, which goes behind it; nobody vouches for it. */
static int
next_succession(
    struct seal_text *text, int n, struct succession *out, struct err *e)
{
	int64_t used = minisign_key_take(text->p, text->n, &out->newer, NULL);

	if (used > 0) {
		out->file = (struct seal_text){text->p, (size_t)used};
		text->p += used;
		text->n -= out->file.n;
		used = minisign_seal_take(text->p, text->n, &out->seal, NULL);
	}
	if (used < 0 || n == SEAL_SUCCESSIONS_MAX)
		return err_set(e, ERP_UNSEALED,
		    "the statements about new keys cannot be read");
	text->p += used;
	text->n -= (size_t)used;
	return 0;
}

static int
take_successions(struct seal_trust *t, struct seal_text text, struct err *e)
{
	struct succession s;
	int n, rc;

	for (n = 0; text.n > 0; n++)
		if ((rc = next_succession(&text, n, &s, e)) != 0 ||
		    (rc = succeed(t, &s.newer, s.file, &s.seal, e)) != 0)
			return rc;
	return 0;
}

int
seal_serial_before(struct seal_text last, struct seal_text next,
    uint64_t *serial, struct err *e)
{
	uint8_t id[MINISIGN_ID];
	struct seal_text text;
	struct sealed was, is;
	struct successor from;
	struct succession s;
	int n, rc;

	if ((rc = seal_read(last, &was, NULL, e)) != 0 ||
	    (rc = seal_read(next, &is, &text, e)) != 0)
		return rc;
	memcpy(id, was.seal.id, sizeof(id));
	*serial = was.says.serial;
	for (n = 0; text.n > 0; n++) {
		if ((rc = next_succession(&text, n, &s, e)) != 0)
			return rc;
		if (memcmp(s.seal.id, id, sizeof(id)) != 0 ||
		    successor_decode(s.seal.comment, &from, NULL) != 0)
			continue;
		memcpy(id, s.newer.id, sizeof(id));
		*serial = from.serial;
	}
	return 0;
}

/* Is it about what was asked for? */
static int
check_subject(const struct seal_seen *seen, const struct seal_claim *claim,
    const struct statement *says, struct err *e)
{
	if (!hash_equal(&says->release, &claim->release))
		return err_set(e, ERP_MIXED,
		    "the seal is of another release than the one that came "
		    "with it");
	if (says->os != claim->os)
		return err_set(e, ERP_OTHER_SOFTWARE,
		    "the seal is of files of %s, not of %s",
		    path_os_name(says->os), path_os_name(claim->os));
	if (seen->product[0] != '\0' &&
	    strcmp(seen->product, says->product) != 0)
		return err_set(e, ERP_OTHER_SOFTWARE,
		    "the seal is of the product %s, this folder has %s",
		    says->product, seen->product);
	if (says->size != claim->size)
		return err_set(e, ERP_ENDLESS,
		    "the server announces a list of files of %" PRIu64
		    " bytes, the sealed one has %" PRIu64,
		    claim->size, says->size);
	return 0;
}

static int
check_serial(
    const struct seal_seen *seen, const struct statement *says, struct err *e)
{
	if (says->serial < seen->serial)
		return err_set(e, ERP_ROLLED_BACK,
		    "the release has the serial number %" PRIu64
		    ", here %" PRIu64 " was seen before",
		    says->serial, seen->serial);
	if (says->serial - seen->serial > SEAL_JUMP_MOST)
		return err_set(e, ERP_FORWARDED,
		    "the release has the serial number %" PRIu64
		    ", too far above %" PRIu64,
		    says->serial, seen->serial);
	if (says->serial == seen->serial && !hash_is_zero(&seen->release) &&
	    !hash_equal(&says->release, &seen->release))
		return err_set(e, ERP_MIXED,
		    "two releases have the serial number %" PRIu64,
		    says->serial);
	if (seen->build[0] != '\0' && says->build[0] != '\0' &&
	    says->serial != seen->serial && !says->downgrade &&
	    build_compare(says->build, seen->build) < 0)
		return err_set(e, ERP_ROLLED_BACK,
		    "the release is of the older build %s, and its seal does "
		    "not say that this is meant",
		    says->build);
	return 0;
}

/* Our clock may be wrong, but never before what was seen. */
static int64_t
set_right(const struct seal_seen *seen, int64_t now)
{
	return now < seen->issued ? seen->issued : now;
}

static int
check_time(const struct seal_seen *seen, const struct statement *says,
    int64_t now, struct err *e)
{
	now = set_right(seen, now);
	if (says->issued < seen->issued)
		return err_set(e, ERP_ROLLED_BACK,
		    "the seal is older than one that was seen here");
	if (says->issued > now + SEAL_AHEAD_MOST)
		return err_set(e, ERP_FORWARDED,
		    "the seal is of a day to come by this machine's clock; is "
		    "the clock right?");
	if (says->expires < now)
		return err_set(e, ERP_FROZEN,
		    "days since the seal expired, by this machine's clock: "
		    "%" PRId64,
		    (now - says->expires) / 86400);
	return 0;
}

static void
remember(struct seal_seen *seen, const struct statement *says)
{
	assert(says->serial >= seen->serial && says->issued >= seen->issued);
	seen->serial = says->serial;
	seen->issued = says->issued;
	seen->release = says->release;
	(void)strlcpy(seen->product, says->product, sizeof(seen->product));
	(void)strlcpy(seen->build, says->build, sizeof(seen->build));
}

int
seal_check(struct seal_trust *trust, const struct seal_claim *claim,
    struct sealed *out, struct err *e)
{
	struct seal_trust next = *trust;
	struct seal_text successions;
	int rc;

	if ((rc = read_claimed(claim->text, out, &successions, e)) != 0 ||
	    (rc = take_successions(&next, successions, e)) != 0 ||
	    (rc = take_maker(&next, out, e)) != 0 ||
	    (rc = check_subject(&next.seen, claim, &out->says, e)) != 0 ||
	    (rc = check_serial(&next.seen, &out->says, e)) != 0 ||
	    (rc = check_time(&next.seen, &out->says, claim->now, e)) != 0)
		return rc;
	remember(&next.seen, &out->says);
	*trust = next;
	return 0;
}

int
seal_check_bytes(const struct sealed *s, const void *p, size_t n, struct err *e)
{
	int rc = minisign_verify(&s->seal, &s->key, p, n, e);

	if (rc < 0)
		return rc;
	return rc == 1 ? 0
		       : err_set(e, ERP_MIXED,
			     "the list of files is not the one that was "
			     "sealed");
}

int
seal_check_none(const struct seal_trust *trust, struct seal_text newest,
    int64_t now, struct err *e)
{
	struct sealed last;
	int rc = seal_read(newest, &last, NULL, e);

	now = set_right(&trust->seen, now);
	if (rc != 0 || last.says.expires >= now)
		return rc;
	return err_set(e, ERP_FROZEN,
	    "the server offers nothing; days since the last seal that came "
	    "expired, by this machine's clock: %" PRId64,
	    (now - last.says.expires) / 86400);
}

int
seal_identify(const struct seal_trust *trust, struct seal_text text,
    struct seal_text bytes, struct sealed *out, struct err *e)
{
	int rc = read_claimed(text, out, NULL, e);

	if (rc == 0)
		rc = take_maker(trust, out, e);
	return rc != 0 ? rc : seal_check_bytes(out, bytes.p, bytes.n, e);
}

/* The canonical bytes of a release, appended to out. */
static int
bytes_of(const struct manifest *m, struct buf *out, struct seal_text *bytes,
    struct err *e)
{
	int rc = manifest_encode(m, out, e);

	if (rc == 0)
		*bytes =
		    (struct seal_text){(const char *)buf_data(out), out->len};
	return rc;
}

int
seal_check_release(
    const struct sealed *s, const struct manifest *m, struct err *e)
{
	struct seal_text bytes;
	struct buf raw;
	int rc;

	buf_init(&raw, MANIFEST_MAX_BYTES);
	if ((rc = bytes_of(m, &raw, &bytes, e)) == 0)
		rc = seal_check_bytes(s, bytes.p, bytes.n, e);
	buf_release(&raw);
	return rc;
}

int
seal_identify_release(const struct seal_trust *trust, struct seal_text text,
    const struct manifest *m, struct sealed *out, struct err *e)
{
	struct seal_text bytes;
	struct buf raw;
	int rc;

	buf_init(&raw, MANIFEST_MAX_BYTES);
	if ((rc = bytes_of(m, &raw, &bytes, e)) == 0)
		rc = seal_identify(trust, text, bytes, out, e);
	buf_release(&raw);
	return rc;
}
