/* Bytes and texts of the simulated disk. */
#include "tests/support/fs_sim_disk.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INTERN_SLOTS = 1 << 14 };

void *
sim_alloc(size_t n)
{
	/* aligned_alloc wants a multiple of the alignment. */
	void *p = aligned_alloc(16, (n + 15) / 16 * 16);

	if (p == NULL) {
		(void)fprintf(stderr, "simulated disk: out of memory\n");
		abort();
	}
	return p;
}

static const char *interned[INTERN_SLOTS];

uint32_t
sim_intern(const char *text)
{
	uint32_t h = 2166136261u;
	const char *p;
	char *copy;

	for (p = text; *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * 16777619u;
	for (h %= INTERN_SLOTS; interned[h] != NULL; h = (h + 1) % INTERN_SLOTS)
		if (strcmp(interned[h], text) == 0)
			return h;
	copy = sim_alloc(strlen(text) + 1);
	memcpy(copy, text, strlen(text) + 1);
	interned[h] = copy;
	return h;
}

const char *
sim_text(uint32_t name)
{
	return interned[name];
}

uint32_t
sim_folded(uint32_t name)
{
	static uint32_t known[INTERN_SLOTS]; /* and 1 more */
	char *text, *p;

	if (known[name] != 0)
		return known[name] - 1;
	text = sim_alloc(strlen(interned[name]) + 1);
	strcpy(text, interned[name]);
	for (p = text; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	known[name] = sim_intern(text) + 1;
	free(text);
	return known[name] - 1;
}

struct sim_blob *
sim_blob_new(const void *p, size_t n)
{
	struct sim_blob *b = sim_alloc(sizeof(*b) + n);

	b->refs = 1;
	b->len = b->cap = (uint32_t)n;
	b->hashed = false;
	memcpy(b->b, p, n);
	return b;
}

struct sim_blob *
sim_blob_keep(struct sim_blob *b)
{
	if (b != NULL)
		b->refs++;
	return b;
}

void
sim_blob_drop(struct sim_blob *b)
{
	if (b != NULL && --b->refs == 0)
		free(b);
}

void
sim_meta_set(struct sim_meta *to, const struct sim_meta *from)
{
	struct sim_blob *old = to->data, *attrs = to->attrs;

	*to = *from;
	(void)sim_blob_keep(to->data);
	(void)sim_blob_keep(to->attrs);
	sim_blob_drop(old);
	sim_blob_drop(attrs);
}

void
sim_resize(struct sim_disk *d, uint32_t ino, size_t n)
{
	struct sim_blob **at = &d->v[ino].m[SIM_NOW].data, *old = *at, *b;
	size_t have = old == NULL ? 0 : old->len;

	if (old != NULL && old->refs == 1 && n <= old->cap) {
		b = old;
	} else {
		b = sim_alloc(sizeof(*b) + n + n / 2 + 32);
		b->refs = 1;
		b->cap = (uint32_t)(n + n / 2 + 32);
		if (have > 0)
			memcpy(b->b, old->b, have < n ? have : n);
		sim_blob_drop(old);
		*at = b;
	}
	if (n > have)
		memset(b->b + have, 0, n - have);
	b->len = (uint32_t)n;
	b->hashed = false;
}

uint64_t
sim_blob_hash(struct sim_blob *b)
{
	uint64_t h = 1469598103934665603u;
	uint32_t i;

	if (b == NULL)
		return 1;
	if (!b->hashed) {
		for (i = 0; i < b->len; i++)
			h = (h ^ b->b[i]) * 1099511628211u;
		b->hash = h ^ b->len;
		b->hashed = true;
	}
	return b->hash;
}
