/*
 * BLAKE2b-512 by the implementation that librsync brings along, which has to
 * be there anyway.  Below hash.c, in programs without OpenSSL.
 */
#include "engine/base/hash.h"

#include "engine/base/err.h"

#include <assert.h>
#include <blake2.h>
#include <stdlib.h>
#include <string.h>

enum { FULL_LEN = 64 };

struct hasher {
	blake2b_state state;
};

int
hasher_new(struct hasher **out, struct err *e)
{
	struct hasher *h = calloc(1, sizeof(*h));

	*out = h;
	return h == NULL ? err_nomem(e) : hasher_reset(h, e);
}

void
hasher_free(struct hasher *h)
{
	free(h);
}

int
hasher_reset(struct hasher *h, struct err *e)
{
	(void)e;
	(void)blake2b_init(&h->state, FULL_LEN);
	return 0;
}

int
hasher_update(struct hasher *h, const void *p, size_t n, struct err *e)
{
	(void)e;
	(void)blake2b_update(&h->state, p, n);
	return 0;
}

int
hasher_final(struct hasher *h, struct hash *out, struct err *e)
{
	uint8_t full[FULL_LEN];

	_Static_assert((int)HASH_LEN <= (int)FULL_LEN, "a part of it");
	if (blake2b_final(&h->state, full, FULL_LEN) != 0)
		return err_set(e, ERP_INTERNAL, "BLAKE2b final failed");
	memcpy(out->b, full, HASH_LEN);
	return 0;
}
