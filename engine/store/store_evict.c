/*
 * What is known of each blob: its length, its last use, its standing.  When the
 * space is used up, those go that were not used for longest.  Old releases, and
 * what only they needed, go in store_release_drop.c.
 */
#include "engine/store/store_internal.h"

#include "engine/base/clock.h"
#include "engine/base/fs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK_BYTES = 4096, /* what a small file takes on most disks */
	LONE_PART = 4, /* lone blobs have the 4th part of the budget */
	LEASE_PART = 4 /* leased ones may take so much more of either */
};

static int
compare_entries(struct blob_entry *a, struct blob_entry *b)
{
	return memcmp(a->id.b, b->id.b, HASH_LEN);
}

RB_GENERATE(blob_tree, blob_entry, node, compare_entries)

/* A blob's share of the disk, with its key. */
static uint64_t
disk_bytes(uint64_t len)
{
	return (len + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES +
	    BLOCK_BYTES;
}

struct blob_entry *
entry_find(struct blobs *b, const struct hash *id)
{
	struct blob_entry like;

	like.id = *id;
	return RB_FIND(blob_tree, &b->tree, &like);
}

static struct blob_ages *
line_of(struct blobs *b, const struct blob_entry *entry)
{
	return entry->lone ? &b->lone : &b->ages;
}

/* Take it into account, or out of it. */
static void
entry_count(struct blobs *b, const struct blob_entry *entry, bool in)
{
	uint64_t n = disk_bytes(entry->len);

	assert(in || b->bytes >= n);
	assert(in || !entry->lone || b->lone_bytes >= n);
	b->bytes += in ? n : 0 - n;
	if (entry->lone)
		b->lone_bytes += in ? n : 0 - n;
}

void
entry_touch(struct store *s, struct blob_entry *entry)
{
	struct blobs *b = s->blobs;

	assert(entry->used <= b->clock);
	entry->used = ++b->clock;
	entry->used_ms = clock_ms(s->clock);
	TAILQ_REMOVE(line_of(b, entry), entry, age);
	TAILQ_INSERT_TAIL(line_of(b, entry), entry, age);
}

bool
entry_is_leased(const struct store *s, const struct blob_entry *entry)
{
	return entry->used_ms != 0 &&
	    clock_ms(s->clock) - entry->used_ms < STORE_LEASE_MS;
}

void
entry_set_lone(struct blobs *b, struct blob_entry *entry, bool lone)
{
	TAILQ_REMOVE(line_of(b, entry), entry, age);
	entry_count(b, entry, false);
	entry->lone = lone;
	entry_count(b, entry, true);
	TAILQ_INSERT_TAIL(line_of(b, entry), entry, age);
}

void
entry_remove(struct blobs *b, struct blob_entry *entry)
{
	RB_REMOVE(blob_tree, &b->tree, entry);
	TAILQ_REMOVE(line_of(b, entry), entry, age);
	entry_count(b, entry, false);
	assert(b->blob_n > 0);
	b->blob_n--;
	free(entry->crcs);
	free(entry);
}

struct blob_entry *
entry_add(struct blobs *b, const struct hash *id, uint64_t len)
{
	struct blob_entry *entry = entry_find(b, id);

	if (entry == NULL) {
		if ((entry = calloc(1, sizeof(*entry))) == NULL)
			return NULL;
		entry->id = *id;
		(void)RB_INSERT(blob_tree, &b->tree, entry);
		TAILQ_INSERT_TAIL(&b->ages, entry, age);
		b->blob_n++;
	} else {
		entry_count(b, entry, false);
	}
	entry->len = len;
	entry_count(b, entry, true);
	return entry;
}

void
entry_drop(struct store *s, struct blob_entry *entry)
{
	char path[STORE_PATH_BYTES];

	store_path(path, "blob", &entry->id);
	(void)fs_unlink(s->fs, s->root, path);
	entry_remove(s->blobs, entry);
}

/* Of so many bytes on disk, must this blob, the next to go, make room? */
static bool
is_over(const struct store *s, const struct blob_entry *entry, uint64_t bytes,
    uint64_t budget)
{
	if (entry == NULL || bytes <= budget)
		return false;
	return bytes > budget + budget / LEASE_PART ||
	    !entry_is_leased(s, entry);
}

/* The next to go, or NULL: the one not used for longest, of all or, if they
 * have too much, of the lone. */
static struct blob_entry *
next_victim(const struct store *s)
{
	struct blobs *b = s->blobs;
	struct blob_entry *entry = TAILQ_FIRST(&b->ages);
	struct blob_entry *lone = TAILQ_FIRST(&b->lone);

	if (is_over(s, lone, b->lone_bytes, b->budget / LONE_PART)) {
		entry = lone;
	} else {
		if (entry == NULL || (lone != NULL && lone->used < entry->used))
			entry = lone;
		if (!is_over(s, entry, b->bytes, b->budget))
			return NULL;
	}
	/* Not the one that was used last. */
	return entry->used == b->clock ? NULL : entry;
}

void
entry_evict(struct store *s)
{
	struct blob_entry *entry;

	while ((entry = next_victim(s)) != NULL) {
		entry_drop(s, entry);
		s->blobs->stats.evicted++;
	}
}

enum { RECENT_USES = 64 };

uint64_t
store_make_room(struct store *s, uint64_t bytes)
{
	struct blob_entry *entry, *lone;
	uint64_t freed = 0;

	store_lock(s);
	while (freed < bytes) {
		entry = TAILQ_FIRST(&s->blobs->ages);
		lone = TAILQ_FIRST(&s->blobs->lone);
		if (entry == NULL || (lone != NULL && lone->used < entry->used))
			entry = lone;
		/* The latest may be promised to sessions, and not sent. */
		if (entry == NULL ||
		    entry->used + RECENT_USES > s->blobs->clock)
			break;
		freed += entry->len;
		entry_drop(s, entry);
		s->blobs->stats.evicted++;
	}
	store_unlock(s);
	return freed;
}

void
blob_share(struct store *s, const struct hash *id)
{
	struct blob_entry *entry;

	store_lock(s);
	if ((entry = entry_find(s->blobs, id)) != NULL && entry->lone)
		entry_set_lone(s->blobs, entry, false);
	store_unlock(s);
}

void
store_set_blob_budget(struct store *s, uint64_t bytes)
{
	store_lock(s);
	s->blobs->budget = bytes;
	entry_evict(s);
	store_unlock(s);
}

unsigned
store_blob_room(const struct store *s)
{
	enum { PARTS = 16 };
	const struct blobs *b = s->blobs;
	uint64_t used, budget, part;

	store_lock(s);
	used = b->bytes;
	budget = b->budget;
	store_unlock(s);
	part = budget > PARTS ? budget / PARTS : 1;
	return used >= budget ? 0 : (unsigned)((budget - used) / part);
}

void
store_stats(const struct store *s, struct store_stats *out)
{
	const struct blobs *b = s->blobs;

	store_lock(s);
	*out = b->stats;
	out->blobs = b->blob_n;
	out->keys = b->key_n;
	out->bytes = b->bytes;
	out->budget = b->budget;
	store_unlock(s);
}
