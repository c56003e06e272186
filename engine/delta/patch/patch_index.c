/*
 * Finding long matches of the target in the basis, by a suffix array.  Under
 * the careful way to choose covers (patch_parse.c); the only file that needs
 * libdivsufsort.
 */
#include "engine/base/err.h"
#include "engine/delta/patch/patch_make_internal.h"

#include <assert.h>
#include <divsufsort.h>
#include <stdlib.h>
#include <string.h>

/*
 * MATCH_MIN: shorter matches cost about as much as they save.
 * FILTER_BITS for each place of the basis answer most questions for what is
 * not there with one look at memory.
 */
enum { MATCH_MIN = 12, FILTER_BITS = 4, SAMPLES = 4096 };

/* What a prefix is made of: not all of its bits, whose table would have 64 MiB.
 */
enum { PREFIX_BYTES = 3 };

/* Bytes of the basis between looks whether to go on. */
enum { LOOK_AGAIN = 1 << 18 };

struct patch_index {
	const uint8_t *basis, *target;
	size_t basis_len, target_len;
	unsigned log; /* of the filter's bits */
	uint64_t *filter; /* a bit for each hash of MATCH_MIN bytes */
	int32_t *suffixes; /* sorted */
	uint32_t *first; /* the first suffix with this prefix or above */
	unsigned prefix_bits;
};

/* A number below 2^log from MATCH_MIN bytes. */
static uint64_t
hash_short(const uint8_t *p, unsigned log)
{
	uint64_t h =
	    patch_load_u64(p) ^ patch_load_u64(p + MATCH_MIN - 8) << 29;

	h *= 0x9e3779b97f4a7c15u;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93u;
	return h >> (64 - log);
}

size_t
patch_equal_len(const uint8_t *p, size_t p_len, const uint8_t *q, size_t q_len)
{
	size_t most = p_len < q_len ? p_len : q_len, n = 0;

	while (n + 8 <= most && patch_load_u64(p + n) == patch_load_u64(q + n))
		n += 8;
	while (n < most && p[n] == q[n])
		n++;
	return n;
}

/* Logarithm of the smallest power of two that is at least n, at least 10. */
static unsigned
log_above(size_t n)
{
	unsigned log = 10;

	while ((size_t)1 << log < n)
		log++;
	return log;
}

static int
fill_filter(struct patch_index *x, const struct patch_pair *pair, struct err *e)
{
	uint64_t h;
	size_t i;
	int rc;

	x->log = log_above(x->basis_len * FILTER_BITS);
	x->filter = calloc((size_t)1 << (x->log - 6), sizeof(*x->filter));
	if (x->filter == NULL)
		return err_nomem(e);
	for (i = 0; i + MATCH_MIN <= x->basis_len; i++) {
		if (i % LOOK_AGAIN == 0 && (rc = patch_go_on(pair, e)) != 0)
			return rc;
		h = hash_short(x->basis + i, x->log);
		x->filter[h >> 6] |= (uint64_t)1 << (h & 63);
	}
	return 0;
}

static bool
is_filtered(const struct patch_index *x, size_t at)
{
	uint64_t h = hash_short(x->target + at, x->log);

	return (x->filter[h >> 6] >> (h & 63) & 1) == 0;
}

/* The first bits of a key of three bytes. */
static uint32_t
prefix_of(const struct patch_index *x, uint32_t key)
{
	return (key & 0xffffff) >> (8 * PREFIX_BYTES - x->prefix_bits);
}

/*
 * The suffixes with each prefix are neighbours in the suffix array; a suffix
 * shorter than the prefix counts as followed by zeroes, which is where it
 * sorts.
 */
static int
fill_prefixes(struct patch_index *x, struct err *e)
{
	size_t i, keys, sum = 0, n;
	uint32_t key = 0;

	x->prefix_bits = x->basis_len < ((size_t)32 << 20) ? 16 : 22;
	keys = (size_t)1 << x->prefix_bits;
	x->first = calloc(keys + 1, sizeof(*x->first));
	if (x->first == NULL)
		return err_nomem(e);
	for (i = 0; i < x->basis_len + PREFIX_BYTES - 1; i++) {
		key = key << 8 | (i < x->basis_len ? x->basis[i] : 0);
		if (i + 1 >= PREFIX_BYTES)
			x->first[prefix_of(x, key)]++;
	}
	for (i = 0; i <= keys; i++) {
		n = x->first[i];
		x->first[i] = (uint32_t)sum;
		sum += n;
	}
	return 0;
}

static int
sort_suffixes(struct patch_index *x, struct err *e)
{
	x->suffixes = malloc((x->basis_len + 1) * sizeof(*x->suffixes));
	if (x->suffixes == NULL ||
	    (x->basis_len > 0 &&
		divsufsort(x->basis, x->suffixes, (saidx_t)x->basis_len) != 0))
		return err_nomem(e);
	return 0;
}

int
patch_index_new(
    const struct patch_task *task, struct patch_index **index, struct err *e)
{
	struct patch_index *x = calloc(1, sizeof(*x));
	int rc;

	*index = NULL;
	if (x == NULL)
		return err_nomem(e);
	x->basis = task->basis;
	x->basis_len = task->basis_len;
	x->target = task->target;
	x->target_len = task->target_len;
	if ((rc = fill_filter(x, task->pair, e)) != 0) {
		patch_index_free(x);
		return rc;
	}
	*index = x;
	return 0;
}

int
patch_index_sort(struct patch_index *x, struct err *e)
{
	int rc;

	assert(x->suffixes == NULL && x->first == NULL);
	rc = sort_suffixes(x, e);
	return rc != 0 ? rc : fill_prefixes(x, e);
}

void
patch_index_free(struct patch_index *index)
{
	if (index == NULL)
		return;
	free(index->filter);
	free(index->suffixes);
	free(index->first);
	free(index);
}

static size_t
equal_at(const struct patch_index *x, size_t suffix, size_t at, size_t known)
{
	size_t s = suffix + known, t = at + known;

	return known +
	    patch_equal_len(x->basis + s, x->basis_len - s, x->target + t,
		x->target_len - t);
}

/* Does the suffix, equal for n bytes, sort in front of the target's rest? */
static bool
is_in_front(const struct patch_index *x, size_t suffix, size_t at, size_t n)
{
	if (suffix + n >= x->basis_len)
		return true;
	return at + n < x->target_len &&
	    x->basis[suffix + n] < x->target[at + n];
}

/* The longest match is a neighbour of the place where the target's rest would
 * be sorted in; equal bytes at both ends are equal between them. */
static size_t
search_suffixes(const struct patch_index *x, size_t at, size_t *place)
{
	size_t low, high, mid, n, low_n, high_n;
	uint32_t key = 0;
	unsigned i;

	for (i = 0; i < PREFIX_BYTES; i++)
		key = key << 8 | x->target[at + i];
	key = prefix_of(x, key);
	low = x->first[key];
	high = x->first[key + 1];
	if (low == high)
		return 0;
	high--;
	low_n = equal_at(x, (size_t)x->suffixes[low], at, 0);
	high_n = equal_at(x, (size_t)x->suffixes[high], at, 0);
	while (high - low > 1) {
		mid = low + (high - low) / 2;
		n = equal_at(x, (size_t)x->suffixes[mid], at,
		    low_n < high_n ? low_n : high_n);
		if (is_in_front(x, (size_t)x->suffixes[mid], at, n)) {
			low = mid;
			low_n = n;
		} else {
			high = mid;
			high_n = n;
		}
	}
	*place = (size_t)x->suffixes[low_n > high_n ? low : high];
	return low_n > high_n ? low_n : high_n;
}

size_t
patch_index_find(const struct patch_index *x, size_t at, size_t *place)
{
	size_t n;

	assert(x->first != NULL && at <= x->target_len);
	if (x->target_len - at < MATCH_MIN || is_filtered(x, at))
		return 0;
	n = search_suffixes(x, at, place);
	return n < MATCH_MIN ? 0 : n;
}

/* Hits of the filter that mean nothing, of SAMPLES: as many as bits set. */
static unsigned
chance_hits(const struct patch_index *x)
{
	size_t words = (size_t)1 << (x->log - 6), step, i;
	uint64_t w;
	unsigned set = 0;

	step = words < SAMPLES ? 1 : words / SAMPLES;
	for (i = 0; i < SAMPLES; i++)
		for (w = x->filter[i * step % words]; w != 0; w &= w - 1)
			set++;
	return set / 64;
}

unsigned
patch_index_likeness(const struct patch_index *x)
{
	size_t places, i, place;
	unsigned hits = 0, chance = chance_hits(x);

	if (x->target_len < SAMPLES)
		return 1024;
	places = x->target_len - MATCH_MIN;
	for (i = 0; i < SAMPLES; i++) {
		/* Places on no grid that the content may share. */
		place =
		    (size_t)((uint64_t)places * i / SAMPLES + i % 64) % places;
		hits += !is_filtered(x, place);
	}
	return hits < chance ? 0 : (hits - chance) * 1024 / SAMPLES;
}
