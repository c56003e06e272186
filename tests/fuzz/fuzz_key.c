/*
 * Any bytes as files of minisign's keys.  A public key that is read is written
 * as one that reads the same; a secret key that is read seals.
 */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/seal/minisign.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
public_key(const char *text, size_t n)
{
	struct minisign_key key, again;
	struct buf out;
	struct err e;

	if (minisign_key_decode(text, n, &key, &e) != 0)
		return;
	buf_init(&out, MINISIGN_FILE_MAX);
	if (minisign_key_encode(&key, &out, &e) != 0 ||
	    minisign_key_decode(
		(const char *)buf_data(&out), out.len, &again, &e) != 0 ||
	    memcmp(&key, &again, sizeof(key)) != 0)
		abort();
	buf_release(&out);
}

static void
secret_key(const char *text, size_t n)
{
	struct minisign_secret secret;
	struct minisign_seal seal;
	struct err e;
	bool locked;

	/* A passphrase takes its time: only those without one are opened. */
	if (minisign_secret_is_locked(text, n, &locked, &e) != 0 || locked ||
	    minisign_secret_decode(text, n, NULL, &secret, &e) != 0)
		return;
	if (minisign_sign(&secret, "bytes", 5, "c", &seal, &e) != 0 ||
	    minisign_verify(&seal, &secret.key, "bytes", 5, &e) != 1)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	public_key((const char *)p, n);
	secret_key((const char *)p, n);
	return 0;
}
