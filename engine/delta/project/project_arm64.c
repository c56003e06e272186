/*
 * Code of ARM processors of 64 bits: words of 4 bytes.  Branches say how far
 * away they go; for other places a word names the page of 4 KiB, and one that
 * soon follows the rest.
 */
#include "engine/base/codec.h"
#include "engine/delta/project/project_internal.h"

#include <assert.h>

enum { PAGE_LOG = 12, PAGE_REST = (1 << PAGE_LOG) - 1, REGISTER = 31 };

/* A number with a sign that has bits of a word. */
struct field {
	unsigned at, bits;
};

static uint32_t
get_field(uint32_t word, struct field f)
{
	uint32_t sign = UINT32_C(1) << (f.bits - 1);
	uint32_t v = word >> f.at & (2 * sign - 1);

	return (v ^ sign) - sign;
}

/* False: it does not fit. */
static bool
set_field(uint32_t *word, struct field f, uint32_t v)
{
	uint32_t mask = ((UINT32_C(1) << f.bits) - 1) << f.at;
	uint32_t to = (*word & ~mask) | (v << f.at & mask);

	if (get_field(to, f) != v)
		return false;
	*word = to;
	return true;
}

/* The field of a word that goes to, or reads, a place that is so many words
 * away; no bits: it has none. */
static struct field
branch_field(uint32_t word)
{
	if ((word & 0x7c000000) == 0x14000000) /* b, bl */
		return (struct field){0, 26};
	if ((word & 0xff000000) == 0x54000000 || /* b.cond */
	    (word & 0x7e000000) == 0x34000000 || /* cbz, cbnz */
	    (word & 0x3b000000) == 0x18000000) /* ldr */
		return (struct field){5, 19};
	if ((word & 0x7e000000) == 0x36000000) /* tbz, tbnz */
		return (struct field){5, 14};
	return (struct field){0, 0};
}

static void
project_branch(
    const struct project_piece *p, size_t i, uint32_t word, struct field f)
{
	uint32_t far = get_field(word, f) << 2, to;

	if (!project_offset(p->map, project_address(p, i), far, &to) ||
	    to % 4 != 0)
		return;
	to = to >> 2 | ((to & 0x80000000) != 0 ? 0xc0000000 : 0);
	if (set_field(&word, f, to))
		store_u32(p->new + i, word);
}

/* adr and adrp have their number in two parts. */
static uint32_t
get_split(uint32_t word)
{
	return get_field(word, (struct field){5, 19}) << 2 | (word >> 29 & 3);
}

static bool
set_split(uint32_t *word, uint32_t v)
{
	uint32_t to = (*word & ~UINT32_C(0x60000000)) | (v & 3) << 29;

	v = v >> 2 | ((v & 0x80000000) != 0 ? 0xc0000000 : 0);
	if (!set_field(&to, (struct field){5, 19}, v))
		return false;
	*word = to;
	return true;
}

static void
project_near(const struct project_piece *p, size_t i, uint32_t word)
{
	uint32_t to;

	if (project_offset(
		p->map, project_address(p, i), get_split(word), &to) &&
	    set_split(&word, to))
		store_u32(p->new + i, word);
}

/* Does the word add the rest of a place to what register r has?  The rest
 * counts units of 1 << *log bytes. */
static bool
has_rest(uint32_t word, uint32_t r, unsigned *log)
{
	if ((word >> 5 & REGISTER) != r)
		return false;
	*log = 0;
	if ((word & 0xffc00000) == 0x91000000) /* add */
		return true;
	if ((word & 0x3b000000) != 0x39000000) /* ldr, str */
		return false;
	*log = (word & 0x04800000) == 0x04800000 ? 4 : word >> 30;
	return true;
}

/* What the word at i has for the rest of a place in this page becomes; the
 * new place is given, or false. */
static bool
project_rest(const struct project_piece *p, size_t i, uint32_t page,
    unsigned log, uint32_t *to)
{
	const struct field rest = {10, 12};
	uint32_t word = project_load(p->old + i), units;

	units = get_field(word, rest) & PAGE_REST;
	if (!project_map_find(p->map, page + (units << log), to))
		return false;
	units = *to & PAGE_REST;
	if (units % (UINT32_C(1) << log) == 0) {
		units >>= log;
		word = (word & ~((uint32_t)PAGE_REST << 10)) | units << 10;
		store_u32(p->new + i, word);
	}
	return true;
}

static void
project_page(const struct project_piece *p, size_t i, uint32_t word)
{
	uint32_t near = project_address(p, i), page, place, to, w;
	size_t k;
	unsigned log;
	bool found = false;

	page = ((near >> PAGE_LOG) + get_split(word)) << PAGE_LOG;
	if (!project_map_find(p->map, near, &near))
		return;
	for (k = i + 4; p->end - k >= 4; k += 4) {
		w = project_load(p->old + k);
		if (has_rest(w, word & REGISTER, &log) &&
		    project_rest(p, k, page, log, &place) && !found) {
			found = true;
			to = place;
		}
		if ((w & REGISTER) == (word & REGISTER))
			break;
	}
	if (!found && !project_map_find(p->map, page, &to))
		return;
	to = (to >> PAGE_LOG) - (near >> PAGE_LOG);
	if (set_split(&word, to))
		store_u32(p->new + i, word);
}

void
project_arm64(const struct project_piece *p)
{
	size_t i = p->from + (4 - p->address % 4) % 4;
	struct field f;
	uint32_t word;

	assert(p->to <= p->end);
	for (; i < p->to && p->end - i >= 4; i += 4) {
		word = project_load(p->old + i);
		if ((word & 0x9f000000) == 0x90000000)
			project_page(p, i, word);
		else if ((word & 0x9f000000) == 0x10000000)
			project_near(p, i, word);
		else if ((f = branch_field(word)).bits > 0)
			project_branch(p, i, word, f);
	}
}
