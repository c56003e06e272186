/*
 * Minisign's secret keys: 158 bytes, of which those that are secret may be
 * under a passphrase (scrypt, with libsodium's way to name its cost).
 */
#include "engine/seal/minisign.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/delta/match/match_blake2b.h"
#include "engine/seal/base64.h"

#include <assert.h>
#include <string.h>

#define HEAD "untrusted comment: minisign encrypted secret key"

enum {
	SALT = 32,
	HIDDEN = MINISIGN_ID + ED25519_SEED + ED25519_PUBLIC + BLAKE2B_LEN,
	SECRET_BYTES = 2 + 2 + 2 + SALT + 8 + 8 + HIDDEN
};

/* What minisign takes by itself is 1 GiB; an eighth of it is a second here,
 * and fits on small machines. */
static const uint64_t ops_made = 33554432 / 8, memory_made = 1073741824 / 8,
		      memory_most = UINT64_C(2) << 30;
enum { SCRYPT_P_MOST = 16 };

struct secret_file {
	bool locked;
	uint8_t salt[SALT];
	uint64_t ops, memory; /* libsodium's limits */
	uint8_t hidden[HIDDEN];
};

static int
no_secret(struct err *e)
{
	return err_set(e, ERP_CORRUPT, "it is no secret key of minisign");
}

static int
file_decode(const char *text, size_t n, struct secret_file *out, struct err *e)
{
	uint8_t raw[SECRET_BYTES];
	struct minisign_line line;
	struct cursor c;
	const uint8_t *kinds;

	if (!minisign_comment_take(&text, &n) ||
	    !minisign_line_take(&text, &n, &line) || n > 0 ||
	    !base64_decode(line.p, line.n, raw, sizeof(raw)))
		return no_secret(e);
	cursor_init(&c, raw, sizeof(raw));
	kinds = cursor_bytes(&c, 6);
	cursor_copy(&c, out->salt, SALT);
	out->ops = cursor_u64(&c);
	out->memory = cursor_u64(&c);
	cursor_copy(&c, out->hidden, HIDDEN);
	assert(cursor_end(&c));
	out->locked = memcmp(kinds + 2, "Sc", 2) == 0;
	if (memcmp(kinds, "Ed", 2) != 0 || memcmp(kinds + 4, "B2", 2) != 0 ||
	    (!out->locked && memcmp(kinds + 2, "\0\0", 2) != 0)) {
		secret_wipe(raw, sizeof(raw));
		return no_secret(e);
	}
	secret_wipe(raw, sizeof(raw));
	return 0;
}

/* The largest power of two that is at most v / 2, and 2 at least. */
static uint64_t
power_for(uint64_t v)
{
	uint64_t n = 2;

	while (n <= v / 2 && n < UINT64_C(1) << 62)
		n <<= 1;
	return n;
}

/* What libsodium makes of its two limits; false: more than we spend. */
static bool
cost_of(const struct secret_file *f, struct scrypt_cost *out)
{
	uint64_t ops = f->ops < 32768 ? 32768 : f->ops, p;

	out->r = 8;
	out->p = 1;
	if (f->memory > memory_most)
		return false;
	if (ops < f->memory / 32) {
		out->n = power_for(ops / 32);
		return true;
	}
	out->n = power_for(f->memory / 1024);
	p = ops / 4 / out->n / 8;
	if (p > SCRYPT_P_MOST)
		return false;
	out->p = (uint32_t)p;
	return true;
}

/* Put the passphrase on, or take it off. */
static int
turn(struct secret_file *f, const char *passphrase, struct err *e)
{
	struct scrypt_cost cost;
	uint8_t stream[HIDDEN];
	size_t i;
	int rc;

	if (!cost_of(f, &cost))
		return err_set(e, ERP_CORRUPT,
		    "its passphrase would take more work or memory than is "
		    "reasonable");
	rc = scrypt_key(passphrase, f->salt, &cost, stream, sizeof(stream), e);
	for (i = 0; rc == 0 && i < HIDDEN; i++)
		f->hidden[i] ^= stream[i];
	secret_wipe(stream, sizeof(stream));
	return rc;
}

/* The checksum over what the hidden bytes begin with. */
static void
checksum(const struct secret_file *f, uint8_t out[BLAKE2B_LEN])
{
	uint8_t all[2 + HIDDEN - BLAKE2B_LEN] = {'E', 'd'};

	memcpy(all + 2, f->hidden, HIDDEN - BLAKE2B_LEN);
	blake2b_sum(all, sizeof(all), out);
	secret_wipe(all, sizeof(all));
}

int
minisign_secret_new(struct minisign_secret *out, struct err *e)
{
	int rc;

	if ((rc = random_bytes(out->key.id, MINISIGN_ID, e)) != 0 ||
	    (rc = random_bytes(out->seed, ED25519_SEED, e)) != 0)
		return rc;
	return ed25519_public(out->seed, out->key.public, e);
}

int
minisign_secret_is_locked(
    const char *text, size_t n, bool *locked, struct err *e)
{
	struct secret_file f;
	int rc = file_decode(text, n, &f, e);

	if (rc == 0)
		*locked = f.locked;
	secret_wipe(&f, sizeof(f));
	return rc;
}

/* The key out of what is no longer hidden. */
static int
take_key(
    const struct secret_file *f, struct minisign_secret *out, struct err *e)
{
	const uint8_t *at = f->hidden;
	uint8_t sum[BLAKE2B_LEN], public[ED25519_PUBLIC];
	int rc;

	/* Minisign writes none where there is no passphrase to be told. */
	checksum(f, sum);
	if (f->locked &&
	    memcmp(sum, f->hidden + HIDDEN - BLAKE2B_LEN, BLAKE2B_LEN) != 0)
		return err_set(e, ERP_USAGE, "this is not its passphrase");
	memcpy(out->key.id, at, MINISIGN_ID);
	at += MINISIGN_ID;
	memcpy(out->seed, at, ED25519_SEED);
	at += ED25519_SEED;
	memcpy(out->key.public, at, ED25519_PUBLIC);
	/* A public half that is not the seed's gives the seed away. */
	if ((rc = ed25519_public(out->seed, public, e)) != 0)
		return rc;
	return memcmp(public, out->key.public, ED25519_PUBLIC) == 0
	    ? 0
	    : no_secret(e);
}

int
minisign_secret_decode(const char *text, size_t n, const char *passphrase,
    struct minisign_secret *out, struct err *e)
{
	struct secret_file f;
	int rc = file_decode(text, n, &f, e);

	if (rc == 0 && f.locked)
		rc = passphrase != NULL
		    ? turn(&f, passphrase, e)
		    : err_set(e, ERP_USAGE, "its passphrase is needed");
	if (rc == 0)
		rc = take_key(&f, out, e);
	secret_wipe(&f, sizeof(f));
	return rc;
}

static int
file_encode(const struct secret_file *f, struct buf *out, struct err *e)
{
	char line[BASE64_LEN(SECRET_BYTES) + 1];
	uint8_t raw[SECRET_BYTES], *at = raw;
	int rc;

	memcpy(at, f->locked ? "EdScB2" : "Ed\0\0B2", 6);
	at += 6;
	memcpy(at, f->salt, SALT);
	at += SALT;
	store_u64(at, f->ops);
	store_u64(at + 8, f->memory);
	memcpy(at + 16, f->hidden, HIDDEN);
	base64_encode(raw, sizeof(raw), line);
	if ((rc = minisign_put_line(out, HEAD, "", 0, e)) == 0)
		rc = minisign_put_line(out, "", line, strlen(line), e);
	secret_wipe(raw, sizeof(raw));
	secret_wipe(line, sizeof(line));
	return rc;
}

int
minisign_secret_encode(const struct minisign_secret *secret,
    const char *passphrase, struct buf *out, struct err *e)
{
	struct secret_file f = {.locked = passphrase != NULL};
	uint8_t *at = f.hidden;
	int rc = 0;

	memcpy(at, secret->key.id, MINISIGN_ID);
	at += MINISIGN_ID;
	memcpy(at, secret->seed, ED25519_SEED);
	at += ED25519_SEED;
	memcpy(at, secret->key.public, ED25519_PUBLIC);
	if (f.locked) {
		checksum(&f, f.hidden + HIDDEN - BLAKE2B_LEN);
		f.ops = ops_made;
		f.memory = memory_made;
		if ((rc = random_bytes(f.salt, SALT, e)) == 0)
			rc = turn(&f, passphrase, e);
	}
	if (rc == 0)
		rc = file_encode(&f, out, e);
	secret_wipe(&f, sizeof(f));
	return rc;
}
