/*
 * Which kind each region is best seen as: each is tried against the target
 * where the covers are.  Then the cheapest way through all regions is chosen,
 * as a change of kind costs bytes, too.
 */
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/project/project_internal.h"
#include "engine/delta/project/project_make.h"

#include <assert.h>
#include <stdlib.h>

enum {
	/* A gain is counted in parts of a byte that agrees; one that differs
	 * either way is one part of the first covers' gain. */
	BYTE = 4,
	/* A change of kind is worth it from so much more on. */
	CHANGE = 3 * BYTE,
	/* Of a region that a hint is of. */
	HINTED = 32 * BYTE,
	/* With less to gain, in bytes and as a part of the target, nothing is
	 * tried. */
	DIFFER_MIN = 256,
	DIFFER_PART = 4096,
	/* A kind is tried on each cover if it made one byte of so many agree
	 * on some of them. */
	SOME = 8,
	SOME_FROM = 512, /* covers */
	WORTH_PART = 1024
};

/* Kinds are tried as candidates: 0 is plain. */
enum { CANDIDATES_MAX = 4 + PROJECT_PATTERNS_MAX };

struct choice {
	const struct project_pair *pair;
	const struct project_cover *cover;
	size_t n;
	struct project_plan *plan;
	struct project_reader reader;
	uint64_t differ; /* bytes within covers */
	uint8_t candidate[CANDIDATES_MAX]; /* kinds */
	size_t candidates;
	int16_t *gain[CANDIDATES_MAX]; /* of each region; NULL: not tried */
	uint8_t *came; /* candidate of the region before, for each */
};

/* How much better bytes agree by a kind in what a cover has of the region at
 * offset `at` of the basis and what its fields end in. */
static int
region_gain(const struct choice *c, const struct project_cover *v, size_t at,
    uint8_t kind)
{
	const uint8_t *old = c->pair->basis + at, *target;
	uint8_t new[PROJECT_REGION + PROJECT_SPILL];
	struct project_window w = {old, new, at, sizeof(new)};
	int vain = c->pair->hints != NULL;
	size_t i = v->basis > at ? v->basis - at : 0, end;
	int gain = 0;

	if (w.n > c->pair->basis_len - at)
		w.n = c->pair->basis_len - at;
	memcpy(new, old, w.n);
	project_region(&c->reader, &w, 0, kind);
	end = v->basis + (size_t)v->len - at;
	if (end > w.n)
		end = w.n;
	target = c->pair->target + v->target + (at + i - v->basis);
	for (; i < end; i++, target++)
		if (new[i] != old[i])
			gain += new[i] == *target ? BYTE
			    : old[i] == *target   ? -BYTE
						  : vain;
	return gain;
}

static void
add_gain(int16_t *gain, int by)
{
	if (*gain + by <= INT16_MAX && *gain + by >= INT16_MIN)
		*gain = (int16_t)(*gain + by);
}

/* Is it all the same in what a cover has of the region at offset `at`? */
static bool
is_equal(const struct choice *c, const struct project_cover *v, size_t at)
{
	size_t from = v->basis > at ? v->basis : at,
	       end = v->basis + (size_t)v->len;

	if (end > at + PROJECT_REGION)
		end = at + PROJECT_REGION;
	return memcmp(c->pair->basis + from,
		   c->pair->target + v->target + (from - v->basis),
		   end - from) == 0;
}

/* The bytes that agree better by a kind where they do, in every so many-th
 * cover; region by region in gain, unless that is NULL. */
static uint64_t
try_kind(const struct choice *c, uint8_t kind, size_t step, int16_t *gain)
{
	const struct project_cover *v;
	uint64_t better = 0;
	size_t i, at;
	int by;

	for (i = 0; i < c->n; i += step) {
		v = &c->cover[i];
		at = v->basis / PROJECT_REGION * PROJECT_REGION;
		for (; at < v->basis + (size_t)v->len; at += PROJECT_REGION) {
			if ((step > 1 || c->pair->is_hasty) &&
			    is_equal(c, v, at))
				continue;
			by = region_gain(c, v, at, kind);
			better += by > 0 ? (uint64_t)by : 0;
			if (gain != NULL)
				add_gain(&gain[at / PROJECT_REGION], by);
		}
	}
	return better;
}

/* Prefer a kind where hints say that it is. */
static bool
take_hints(const struct choice *c, uint8_t kind, int16_t *gain)
{
	const struct project_hints *h = c->pair->hints;
	const struct project_section *s;
	bool any = false;
	uint64_t at, end;
	size_t i, k;

	for (i = 0; h != NULL && i < h->n; i++)
		for (k = 0; h->v[i].kind == kind && k < c->plan->from.n; k++) {
			s = &c->plan->from.v[k];
			if (h->v[i].address < s->address ||
			    h->v[i].address - s->address >= s->len)
				continue;
			any = true;
			at = s->at + (h->v[i].address - s->address);
			end = at + h->v[i].len;
			if (end > s->at + (uint64_t)s->len)
				end = s->at + (uint64_t)s->len;
			for (; gain != NULL && at < end; at += PROJECT_REGION)
				add_gain(&gain[at / PROJECT_REGION], HINTED);
		}
	return any;
}

/* A crew_fn: try the i-th candidate behind the plain one. */
static int
try_candidate(void *arg, size_t i, bool here, struct err *e)
{
	struct choice *c = arg;
	uint8_t kind = c->candidate[i + 1];
	int16_t *gain;

	(void)here;
	if (c->n >= SOME_FROM && !take_hints(c, kind, NULL) &&
	    try_kind(c, kind, SOME, NULL) * SOME <
		c->differ * BYTE / WORTH_PART)
		return 0;
	if ((gain = calloc(c->plan->regions + 1, sizeof(*gain))) == NULL)
		return err_nomem(e);
	(void)try_kind(c, kind, 1, gain);
	(void)take_hints(c, kind, gain);
	c->gain[i + 1] = gain;
	return 0;
}

/* Make the kinds of all regions, from the last to the first; what agrees by
 * them is returned. */
static uint64_t
walk_back(struct choice *c, size_t best)
{
	size_t i = c->plan->regions, n = c->candidates;
	int64_t sum = 0;

	while (i-- > 0) {
		c->plan->kind[i] = c->candidate[best];
		sum += best > 0 ? c->gain[best][i] : 0;
		best = c->came[i * n + best];
	}
	return sum > 0 ? (uint64_t)sum / BYTE : 0;
}

/* Drop the candidates that were not tried. */
static void
keep_tried(struct choice *c)
{
	size_t i, n = 1;

	for (i = 1; i < c->candidates; i++) {
		if (c->gain[i] == NULL)
			continue;
		c->candidate[n] = c->candidate[i];
		c->gain[n++] = c->gain[i];
	}
	c->candidates = n;
}

/* The best way through all regions. */
static int
choose_ways(struct choice *c, uint64_t *gain, struct err *e)
{
	size_t i, k, best = 0, before, n = c->candidates;
	int64_t sum[CANDIDATES_MAX] = {0}, from;

	if ((c->came = malloc(n * c->plan->regions + 1)) == NULL)
		return err_nomem(e);
	for (i = 0; i < c->plan->regions; i++) {
		before = best;
		from = sum[before] - CHANGE;
		for (k = best = 0; k < n; k++) {
			c->came[i * n + k] = (uint8_t)k;
			if (sum[k] < from) {
				sum[k] = from;
				c->came[i * n + k] = (uint8_t)before;
			}
			sum[k] += k > 0 ? c->gain[k][i] : 0;
			best = sum[k] > sum[best] ? k : best;
		}
	}
	*gain = walk_back(c, best);
	return 0;
}

static uint64_t
count_differ(const struct choice *c)
{
	const struct project_cover *v;
	const uint8_t *old, *new;
	uint64_t differ = 0;
	size_t i, k;

	for (i = 0; i < c->n; i++) {
		v = &c->cover[i];
		old = c->pair->basis + v->basis;
		new = c->pair->target + v->target;
		for (k = 0; k < v->len; k++)
			differ += old[k] != new[k];
	}
	return differ;
}

static int
choose(struct choice *c, struct project_gain *gain, struct err *e)
{
	size_t k;
	int rc;

	c->candidate[c->candidates++] = PROJECT_PLAIN;
	for (k = PROJECT_X86_64; k <= PROJECT_ARM64; k++)
		c->candidate[c->candidates++] = (uint8_t)k;
	for (k = 0; k < c->plan->patterns; k++)
		c->candidate[c->candidates++] = (uint8_t)(PROJECT_PATTERN + k);
	rc = crew_run(c->pair->crew, try_candidate, c, c->candidates - 1, e);
	if (rc == 0) {
		keep_tried(c);
		rc = choose_ways(c, &gain->gain, e);
	}
	for (k = 1; k < c->candidates; k++)
		free(c->gain[k]);
	free(c->came);
	return rc;
}

int
project_choose(const struct project_pair *pair,
    const struct project_cover *covers, size_t n, struct project_plan *plan,
    struct project_gain *gain, struct err *e)
{
	struct choice c = {.pair = pair, .cover = covers, .n = n, .plan = plan};
	struct project_map *map;
	int rc;

	*gain = (struct project_gain){count_differ(&c), 0};
	plan->regions = project_regions(pair->basis_len);
	free(plan->kind);
	if ((plan->kind = calloc(plan->regions + 1, 1)) == NULL)
		return err_nomem(e);
	c.differ = gain->differ;
	if (c.differ < DIFFER_MIN || c.differ < pair->target_len / DIFFER_PART)
		return 0;
	if ((rc = project_map_new(plan, covers, n, &map, e)) != 0)
		return rc;
	c.reader = (struct project_reader){plan, map, NULL};
	rc = choose(&c, gain, e);
	project_map_free(map);
	return rc;
}
