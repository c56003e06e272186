/*
 * Minisign's public keys and seals, made, read and verified.  What is secret
 * is in minisign_secret.c; what a seal says, in statement.c.
 */
#include "engine/seal/minisign.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "engine/seal/base64.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define UNTRUSTED "untrusted comment: "
#define TRUSTED "trusted comment: "

enum {
	KEY_BYTES = 2 + MINISIGN_ID + ED25519_PUBLIC,
	SEAL_BYTES = 2 + MINISIGN_ID + ED25519_SIG,
	GLOBAL_BYTES = ED25519_SIG + MINISIGN_COMMENT_MAX
};

static int
no_key(struct err *e)
{
	return err_set(e, ERP_CORRUPT, "it is no public key of minisign");
}

static int
no_seal(struct err *e)
{
	return err_set(e, ERP_CORRUPT, "it is no seal (a file of minisign)");
}

void
minisign_id_hex(const uint8_t id[MINISIGN_ID], char out[MINISIGN_ID_HEX + 1])
{
	uint64_t v = 0;
	int i;

	for (i = MINISIGN_ID - 1; i >= 0; i--)
		v = v << 8 | id[i];
	(void)snprintf(out, MINISIGN_ID_HEX + 1, "%016" PRIX64, v);
}

bool
minisign_line_take(const char **text, size_t *n, struct minisign_line *out)
{
	const char *end;

	if (*n == 0)
		return false;
	end = memchr(*text, '\n', *n);
	out->p = *text;
	out->n = end != NULL ? (size_t)(end - *text) : *n;
	*n -= end != NULL ? out->n + 1 : out->n;
	*text += end != NULL ? out->n + 1 : out->n;
	if (out->n > 0 && out->p[out->n - 1] == '\r')
		out->n--;
	return true;
}

static bool
begins(const struct minisign_line *line, const char *with)
{
	size_t n = strlen(with);

	return line->n >= n && memcmp(line->p, with, n) == 0;
}

bool
minisign_comment_take(const char **text, size_t *n)
{
	struct minisign_line line;

	return minisign_line_take(text, n, &line) && begins(&line, UNTRUSTED) &&
	    line.n <= MINISIGN_COMMENT_MAX + strlen(UNTRUSTED);
}

int
minisign_put_line(
    struct buf *out, const char *head, const void *p, size_t n, struct err *e)
{
	int rc;

	if ((rc = buf_append(out, head, strlen(head), e)) != 0 ||
	    (rc = buf_append(out, p, n, e)) != 0)
		return rc;
	return buf_append(out, "\n", 1, e);
}

int64_t
minisign_key_take(
    const char *text, size_t n, struct minisign_key *out, struct err *e)
{
	uint8_t raw[KEY_BYTES];
	struct minisign_line line;
	size_t left = n;

	if (n > 0 && text[0] == 'u' && !minisign_comment_take(&text, &left))
		return no_key(e);
	if (!minisign_line_take(&text, &left, &line) ||
	    !base64_decode(line.p, line.n, raw, sizeof(raw)) ||
	    memcmp(raw, "Ed", 2) != 0)
		return no_key(e);
	memcpy(out->id, raw + 2, MINISIGN_ID);
	memcpy(out->public, raw + 2 + MINISIGN_ID, ED25519_PUBLIC);
	return (int64_t)(n - left);
}

int
minisign_key_decode(
    const char *text, size_t n, struct minisign_key *out, struct err *e)
{
	int64_t used = minisign_key_take(text, n, out, e);

	if (used < 0)
		return (int)used;
	return (size_t)used == n ? 0 : no_key(e);
}

int
minisign_key_encode(
    const struct minisign_key *key, struct buf *out, struct err *e)
{
	char line[BASE64_LEN(KEY_BYTES) + 1], id[MINISIGN_ID_HEX + 1];
	uint8_t raw[KEY_BYTES] = {'E', 'd'};
	int rc;

	memcpy(raw + 2, key->id, MINISIGN_ID);
	memcpy(raw + 2 + MINISIGN_ID, key->public, ED25519_PUBLIC);
	base64_encode(raw, sizeof(raw), line);
	minisign_id_hex(key->id, id);
	rc = minisign_put_line(
	    out, UNTRUSTED "minisign public key ", id, MINISIGN_ID_HEX, e);
	return rc != 0 ? rc : minisign_put_line(out, "", line, strlen(line), e);
}

/* The trusted comment, which is shown to people: printable, one line. */
static bool
take_trusted(
    const struct minisign_line *line, char out[MINISIGN_COMMENT_MAX + 1])
{
	size_t head = strlen(TRUSTED), n;

	if (!begins(line, TRUSTED))
		return false;
	n = line->n - head;
	if (n > MINISIGN_COMMENT_MAX || memchr(line->p, '\0', line->n) != NULL)
		return false;
	memcpy(out, line->p + head, n);
	out[n] = '\0';
	return utf8_is_valid(out, n);
}

int64_t
minisign_seal_take(
    const char *text, size_t n, struct minisign_seal *out, struct err *e)
{
	struct minisign_line sig, comment, global;
	uint8_t raw[SEAL_BYTES];
	size_t left = n;

	if (!minisign_comment_take(&text, &left) ||
	    !minisign_line_take(&text, &left, &sig) ||
	    !minisign_line_take(&text, &left, &comment) ||
	    !minisign_line_take(&text, &left, &global) ||
	    !base64_decode(sig.p, sig.n, raw, sizeof(raw)) ||
	    !base64_decode(
		global.p, global.n, out->global, sizeof(out->global)) ||
	    !take_trusted(&comment, out->comment))
		return no_seal(e);
	out->prehashed = memcmp(raw, "ED", 2) == 0;
	if (!out->prehashed && memcmp(raw, "Ed", 2) != 0)
		return no_seal(e);
	memcpy(out->id, raw + 2, MINISIGN_ID);
	memcpy(out->sig, raw + 2 + MINISIGN_ID, ED25519_SIG);
	return (int64_t)(n - left);
}

int
minisign_seal_decode(
    const char *text, size_t n, struct minisign_seal *out, struct err *e)
{
	int64_t used = minisign_seal_take(text, n, out, e);

	if (used < 0)
		return (int)used;
	return (size_t)used == n ? 0 : no_seal(e);
}

int
minisign_seal_encode(
    const struct minisign_seal *seal, struct buf *out, struct err *e)
{
	char line[BASE64_LEN(SEAL_BYTES) + 1], id[MINISIGN_ID_HEX + 1];
	char global[BASE64_LEN(ED25519_SIG) + 1];
	uint8_t raw[SEAL_BYTES] = {'E', seal->prehashed ? 'D' : 'd'};
	int rc;

	memcpy(raw + 2, seal->id, MINISIGN_ID);
	memcpy(raw + 2 + MINISIGN_ID, seal->sig, ED25519_SIG);
	base64_encode(raw, sizeof(raw), line);
	base64_encode(seal->global, ED25519_SIG, global);
	minisign_id_hex(seal->id, id);
	if ((rc = minisign_put_line(out,
		 UNTRUSTED "sealed by erpsync with key ", id, MINISIGN_ID_HEX,
		 e)) != 0 ||
	    (rc = minisign_put_line(out, "", line, strlen(line), e)) != 0 ||
	    (rc = minisign_put_line(
		 out, TRUSTED, seal->comment, strlen(seal->comment), e)) != 0)
		return rc;
	return minisign_put_line(out, "", global, strlen(global), e);
}

/* What the global signature is over; its length. */
static size_t
global_of(const struct minisign_seal *seal, uint8_t out[GLOBAL_BYTES])
{
	size_t n = strlen(seal->comment);

	assert(n <= MINISIGN_COMMENT_MAX);
	memcpy(out, seal->sig, ED25519_SIG);
	memcpy(out + ED25519_SIG, seal->comment, n);
	return ED25519_SIG + n;
}

int
minisign_sign(const struct minisign_secret *secret, const void *p, size_t n,
    const char *comment, struct minisign_seal *out, struct err *e)
{
	uint8_t hash[BLAKE2B512_LEN], global[GLOBAL_BYTES];
	size_t len = strlen(comment);
	int rc;

	assert(len <= MINISIGN_COMMENT_MAX && text_is_plain(comment));
	out->prehashed = true;
	memcpy(out->id, secret->key.id, MINISIGN_ID);
	memcpy(out->comment, comment, len + 1);
	if ((rc = blake2b512(p, n, hash, e)) != 0 ||
	    (rc = ed25519_sign(
		 secret->seed, hash, sizeof(hash), out->sig, e)) != 0)
		return rc;
	len = global_of(out, global);
	return ed25519_sign(secret->seed, global, len, out->global, e);
}

int
minisign_verify_comment(const struct minisign_seal *seal,
    const struct minisign_key *key, struct err *e)
{
	uint8_t global[GLOBAL_BYTES];
	size_t n;

	if (memcmp(seal->id, key->id, MINISIGN_ID) != 0)
		return 0;
	n = global_of(seal, global);
	return ed25519_verify(key->public, global, n, seal->global, e);
}

int
minisign_verify(const struct minisign_seal *seal,
    const struct minisign_key *key, const void *p, size_t n, struct err *e)
{
	uint8_t hash[BLAKE2B512_LEN];
	int rc = minisign_verify_comment(seal, key, e);

	if (rc != 1)
		return rc;
	if (!seal->prehashed)
		return ed25519_verify(key->public, p, n, seal->sig, e);
	rc = blake2b512(p, n, hash, e);
	return rc != 0
	    ? rc
	    : ed25519_verify(key->public, hash, sizeof(hash), seal->sig, e);
}
