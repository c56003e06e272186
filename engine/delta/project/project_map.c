/*
 * From covers to the map of addresses.  A byte of the basis went where the
 * longest cover that has it says; what no cover has went with what is in front
 * of it.  Below the kinds, which ask for single addresses.
 */
#include "engine/base/err.h"
#include "engine/delta/project/project_internal.h"

#include <assert.h>
#include <stdlib.h>

/* From this place on, up to the next entry's, this is added; or nothing is
 * known of these places.  Places are offsets in the basis, then addresses. */
struct entry {
	uint32_t at;
	uint32_t add; /* modulo 2^32 */
};
#define NOWHERE 0x80000000u

struct entries {
	struct entry *v;
	size_t n, room;
};

/* Entries are found by the address's upper bits: at most so many buckets. */
enum { BUCKET_LOG_MIN = 8, BUCKETS_MAX = 1 << 19 };

struct project_map {
	struct entries all;
	uint32_t *before; /* entries that begin in front of each bucket */
	size_t buckets;
	unsigned log; /* of a bucket's addresses */
};

/* A sweep over the basis: covers that have the place, the longest on top. */
struct sweep {
	const struct project_cover *cover;
	size_t n;
	uint64_t *order; /* offset in the basis << 32 | number of the cover */
	uint32_t *heap;
	size_t heaped;
};

/*
 * Sort numbers by their upper half, least digits first; equal ones stay in
 * order.  Not qsort: some take for ever with what a peer puts in its way.
 */
static void
sort_numbers(uint64_t *v, uint64_t *other, size_t n)
{
	enum { BITS = 8, DIGITS = 1 << BITS };
	size_t at[DIGITS], i, sum, count;
	uint64_t *swap;
	unsigned shift;

	for (shift = 32; shift < 64; shift += BITS) {
		memset(at, 0, sizeof(at));
		for (i = 0; i < n; i++)
			at[v[i] >> shift & (DIGITS - 1)]++;
		for (i = sum = 0; i < DIGITS; i++) {
			count = at[i];
			at[i] = sum;
			sum += count;
		}
		for (i = 0; i < n; i++)
			other[at[v[i] >> shift & (DIGITS - 1)]++] = v[i];
		swap = v;
		v = other;
		other = swap;
	}
}

/* Is cover a above b in the heap? */
static bool
is_above(const struct sweep *s, uint32_t a, uint32_t b)
{
	if (s->cover[a].len != s->cover[b].len)
		return s->cover[a].len > s->cover[b].len;
	return a < b;
}

static void
heap_push(struct sweep *s, uint32_t which)
{
	size_t i = s->heaped++;

	for (; i > 0 && is_above(s, which, s->heap[(i - 1) / 2]);
	     i = (i - 1) / 2)
		s->heap[i] = s->heap[(i - 1) / 2];
	s->heap[i] = which;
}

static void
heap_pop(struct sweep *s)
{
	uint32_t last = s->heap[--s->heaped];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < s->heaped) {
		if (child + 1 < s->heaped &&
		    is_above(s, s->heap[child + 1], s->heap[child]))
			child++;
		if (!is_above(s, s->heap[child], last))
			break;
		s->heap[i] = s->heap[child];
		i = child;
	}
	s->heap[i] = last;
}

static int
add_entry(struct entries *all, uint32_t at, uint32_t add, struct err *e)
{
	size_t room = all->room == 0 ? 1024 : 2 * all->room;
	struct entry *v;

	if (all->n > 0 && all->v[all->n - 1].add == add)
		return 0;
	if (all->n > 0 && all->v[all->n - 1].at == at) {
		all->v[all->n - 1].add = add;
		return 0;
	}
	if (all->n == PROJECT_ENTRIES_MAX)
		return err_set(e, ERP_CORRUPT, "patch: bad projection");
	if (all->n == all->room) {
		if ((v = reallocarray(all->v, room, sizeof(*v))) == NULL)
			return err_nomem(e);
		all->v = v;
		all->room = room;
	}
	assert(all->n == 0 || all->v[all->n - 1].at < at);
	all->v[all->n++] = (struct entry){at, add};
	return 0;
}

static uint64_t
cover_end(const struct project_cover *c)
{
	return (uint64_t)c->basis + c->len;
}

/* Where offsets of the basis went, by the longest cover that has them. */
static int
sweep_covers(struct sweep *s, struct entries *out, struct err *e)
{
	const struct project_cover *top;
	uint64_t at = 0, next;
	size_t i = 0;
	int rc = 0;

	while (rc == 0 && (i < s->n || s->heaped > 0)) {
		next = i < s->n ? s->order[i] >> 32 : UINT64_MAX;
		if (s->heaped == 0)
			at = next;
		if (next <= at) {
			heap_push(s, (uint32_t)s->order[i++]);
			continue;
		}
		top = &s->cover[s->heap[0]];
		if (cover_end(top) <= at) {
			heap_pop(s);
			continue;
		}
		rc = add_entry(out, (uint32_t)at, top->target - top->basis, e);
		at = next < cover_end(top) ? next : cover_end(top);
	}
	return rc;
}

/* Sort the covers by their places in the basis, and sweep. */
static int
places_of(const struct project_plan *plan, struct sweep *s, struct entries *out,
    struct err *e)
{
	uint64_t *other = calloc(s->n + 1, sizeof(*other));
	size_t i, n = 0;
	int rc;

	s->order = calloc(s->n + 1, sizeof(*s->order));
	s->heap = calloc(s->n + 1, sizeof(*s->heap));
	if (other == NULL || s->order == NULL || s->heap == NULL) {
		free(other);
		return err_nomem(e);
	}
	for (i = 0; i < s->n; i++)
		if (s->cover[i].len >= plan->cover_min)
			s->order[n++] = (uint64_t)s->cover[i].basis << 32 | i;
	s->n = n;
	sort_numbers(s->order, other, n);
	free(other);
	if ((rc = sweep_covers(s, out, e)) != 0 || out->n > 0)
		return rc;
	return add_entry(out, 0, 0, e);
}

/* The part of a section from offset x on that went to one section of the
 * target: its end is returned, at most `end`. */
static uint64_t
part_of(const struct project_plan *plan, const struct project_section *old,
    uint64_t x, uint64_t end, uint32_t *add)
{
	const struct project_image *to = &plan->to;
	uint32_t target = (uint32_t)x + *add;
	uint32_t left;
	size_t i;

	*add = NOWHERE;
	if (to->n == 0)
		return end;
	for (i = 0; i < to->n && to->v[i].at + to->v[i].len <= target; i++)
		;
	if (i == to->n || to->v[i].at > target) {
		/* In front of a section, perhaps below 0. */
		left = to->v[i % to->n].at - target;
	} else {
		left = to->v[i].at + to->v[i].len - target;
		*add = to->v[i].address + (target - to->v[i].at) -
		    (old->address + (uint32_t)(x - old->at));
	}
	return left < end - x ? x + left : end;
}

/* From offsets of a section to its addresses.  *k is the place that its first
 * byte is in, or that follows it. */
static int
address_section(const struct project_plan *plan,
    const struct project_section *old, const struct entries *places, size_t *k,
    struct entries *out, struct err *e)
{
	uint64_t x = old->at, end = x + old->len, to;
	uint32_t add;
	int rc = 0;

	while (rc == 0 && x < end) {
		while (*k + 1 < places->n && places->v[*k + 1].at <= x)
			++*k;
		to = *k + 1 < places->n && places->v[*k + 1].at < end
		    ? places->v[*k + 1].at
		    : end;
		add = places->v[*k].add;
		to = part_of(plan, old, x, to, &add);
		rc = add_entry(
		    out, old->address + (uint32_t)(x - old->at), add, e);
		x = to;
	}
	return rc != 0 ? rc
		       : add_entry(out, old->address + old->room, NOWHERE, e);
}

/* How many entries begin in front of each bucket. */
static int
fill_buckets(struct project_map *m, struct err *e)
{
	uint32_t last = m->all.v[m->all.n - 1].at;
	size_t i, k = 0;

	m->log = BUCKET_LOG_MIN;
	while (last >> m->log >= BUCKETS_MAX)
		m->log++;
	m->buckets = (last >> m->log) + 1;
	m->before = calloc(m->buckets + 1, sizeof(*m->before));
	if (m->before == NULL)
		return err_nomem(e);
	for (i = 0; i < m->buckets; i++) {
		while (m->all.v[k].at >> m->log < i)
			k++;
		m->before[i] = (uint32_t)k;
	}
	m->before[i] = (uint32_t)m->all.n;
	return 0;
}

int
project_map_new(const struct project_plan *plan,
    const struct project_cover *covers, size_t n, struct project_map **map,
    struct err *e)
{
	struct project_map *m = calloc(1, sizeof(*m));
	struct sweep s = {.cover = covers, .n = n};
	struct entries places = {.n = 0};
	size_t i, k = 0;
	int rc;

	assert(n <= PROJECT_COVERS_MAX);
	*map = NULL;
	if (m == NULL)
		return err_nomem(e);
	rc = places_of(plan, &s, &places, e);
	free(s.order);
	free(s.heap);
	if (rc == 0)
		rc = add_entry(&m->all, 0, NOWHERE, e);
	for (i = 0; rc == 0 && i < plan->from.n; i++)
		rc = address_section(
		    plan, &plan->from.v[i], &places, &k, &m->all, e);
	free(places.v);
	if (rc == 0 && (rc = fill_buckets(m, e)) == 0)
		*map = m;
	else
		project_map_free(m);
	return rc;
}

void
project_map_free(struct project_map *map)
{
	if (map == NULL)
		return;
	free(map->all.v);
	free(map->before);
	free(map);
}

size_t
project_map_size(const struct project_map *map)
{
	return map->all.room * sizeof(*map->all.v) +
	    map->buckets * sizeof(*map->before);
}

bool
project_map_find(const struct project_map *map, uint32_t address, uint32_t *to)
{
	size_t bucket = address >> map->log, low, high, mid;

	/* Behind the last entry there is nothing. */
	if (bucket >= map->buckets)
		return false;
	/* How many entries begin at or in front of the address. */
	low = map->before[bucket];
	high = map->before[bucket + 1];
	while (low < high) {
		mid = low + (high - low) / 2;
		if (map->all.v[mid].at <= address)
			low = mid + 1;
		else
			high = mid;
	}
	assert(low > 0);
	if (map->all.v[low - 1].add == NOWHERE)
		return false;
	*to = address + map->all.v[low - 1].add;
	return true;
}
