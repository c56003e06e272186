/*
 * Any bytes as a seal and the statements about new keys in front of it, for a
 * station that trusts one key.  What is read as a seal is written as one that
 * reads the same; nothing is taken that the key did not seal.
 */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/seal/seal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
round_trip(const char *text, size_t n)
{
	struct minisign_seal seal, again;
	struct buf out;
	struct err e;

	if (minisign_seal_decode(text, n, &seal, &e) != 0)
		return;
	buf_init(&out, MINISIGN_FILE_MAX);
	if (minisign_seal_encode(&seal, &out, &e) != 0 ||
	    minisign_seal_decode(
		(const char *)buf_data(&out), out.len, &again, &e) != 0 ||
	    strcmp(seal.comment, again.comment) != 0 ||
	    memcmp(seal.sig, again.sig, sizeof(seal.sig)) != 0 ||
	    memcmp(seal.global, again.global, sizeof(seal.global)) != 0)
		abort();
	buf_release(&out);
}

static void
statements(const char *text, size_t n)
{
	char copy[MINISIGN_COMMENT_MAX + 1], again[MINISIGN_COMMENT_MAX + 1];
	struct statement of_release;
	struct successor of_key;
	struct err e;

	if (n > MINISIGN_COMMENT_MAX)
		n = MINISIGN_COMMENT_MAX;
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (statement_decode(copy, &of_release, &e) == 0 &&
	    (statement_encode(&of_release, again, &e) != 0 ||
		strcmp(copy, again) != 0))
		abort();
	if (successor_decode(copy, &of_key, &e) == 0) {
		successor_encode(&of_key, again);
		if (strcmp(copy, again) != 0)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const char *text = (const char *)p;
	struct seal_trust trust = {.n = 1};
	struct seal_claim claim = {.now = 1700000000};
	struct sealed sealed;
	struct err e;

	memset(trust.keys, 'k', sizeof(trust.keys));
	claim.text = (struct seal_text){text, n};
	if (seal_check(&trust, &claim, &sealed, &e) == 0)
		abort();
	if (trust.n != 1 || trust.seen.serial != 0)
		abort();
	round_trip(text, n);
	statements(text, n);
	return 0;
}
