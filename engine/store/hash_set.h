#ifndef ERPSYNC_ENGINE_STORE_HASH_SET_H
#define ERPSYNC_ENGINE_STORE_HASH_SET_H

/*
 * A set of hashes.  Its user owns the struct: zeroed, it is empty;
 * hash_set_release frees what it holds.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct hash;

struct hash_set {
	struct hash *v; /* each once */
	size_t n;
	size_t cap;
	bool unsorted; /* it was changed since it was sorted */
	uint32_t *slots; /* where in v each is; NULL: not known, or none */
};

/* Add one, which may be in it already; ERP_NOMEM. */
int hash_set_add(struct hash_set *set, const struct hash *h, struct err *e);
/* Sort v, in the order of bytes; it stays so until one is added or dropped. */
void hash_set_sort(struct hash_set *set);
bool hash_set_has(struct hash_set *set, const struct hash *h);
/* Take the i-th of v out; the last of v comes into its place. */
void hash_set_drop(struct hash_set *set, size_t i);
/* It is empty then. */
void hash_set_release(struct hash_set *set);

#endif
