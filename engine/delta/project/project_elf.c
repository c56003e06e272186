/*
 * The segments of a Linux program or library (ELF, little-endian), for
 * project_find.c: where its addresses are.
 */
#include "engine/base/codec.h"
#include "engine/delta/project/project_make.h"

#include <string.h>

enum { IDENT = 16, CLASS_32 = 1, CLASS_64 = 2, LITTLE = 1 };
enum { LOAD = 1, DYNAMIC = 2, UNWIND = 0x6474e550 }; /* types of segments */
enum { RELOCATIONS = 7, RELOCATIONS_LEN = 8 }; /* tags of a dynamic one */

/* Numbers of a program header. */
struct segment {
	uint32_t type;
	struct project_segment in;
};

/* A number that is as wide as the addresses. */
static uint64_t
number(struct cursor *c, bool wide)
{
	return wide ? cursor_u64(c) : cursor_u32(c);
}

static struct segment
read_segment(struct cursor *c, bool wide)
{
	struct segment s;

	s.type = cursor_u32(c);
	if (wide)
		(void)cursor_u32(c);
	s.in.at = number(c, wide);
	s.in.address = number(c, wide);
	(void)number(c, wide);
	s.in.len = number(c, wide);
	s.in.room = number(c, wide);
	(void)cursor_u64(c);
	return s;
}

/* The program headers: a cursor on them and how many; bad: there are none. */
static struct cursor
segments(const struct project_bytes *of, uint16_t *n, bool *wide)
{
	struct cursor c;
	uint16_t size;
	uint64_t at;

	*n = 0;
	*wide = false;
	cursor_init(&c, of->p, of->n);
	if (of->n < 64 || memcmp(of->p, "\177ELF", 4) != 0 ||
	    of->p[5] != LITTLE || of->p[4] < CLASS_32 || of->p[4] > CLASS_64) {
		c.bad = true;
		return c;
	}
	*wide = of->p[4] == CLASS_64;
	(void)cursor_bytes(&c, IDENT + 8);
	(void)number(&c, *wide);
	at = number(&c, *wide);
	(void)number(&c, *wide);
	(void)cursor_bytes(&c, 6);
	size = cursor_u16(&c);
	*n = cursor_u16(&c);
	cursor_init(&c, of->p, of->n);
	if (size != (*wide ? 56 : 32) || at > of->n)
		c.bad = true;
	else
		(void)cursor_bytes(&c, (size_t)at);
	return c;
}

bool
project_find_elf(const struct project_bytes *of, struct project_image *image)
{
	struct segment s;
	uint16_t n, i;
	bool wide;
	struct cursor c = segments(of, &n, &wide);

	for (i = 0; i < n; i++) {
		s = read_segment(&c, wide);
		if (!c.bad && s.type == LOAD)
			project_add_segment(image, of, &s.in);
	}
	return !c.bad;
}

/* Relocations of a dynamic segment are pairs of addresses with a type between
 * them. */
static void
hint_relocations(const struct project_bytes *of, const struct segment *s,
    struct project_hints *hints, uint64_t base)
{
	uint64_t tag, value, address = 0, len = 0;
	struct cursor c;

	if (s->in.at > of->n || s->in.len > of->n - s->in.at)
		return;
	cursor_init(&c, of->p + s->in.at, (size_t)s->in.len);
	do {
		tag = cursor_u64(&c);
		value = cursor_u64(&c);
		address = tag == RELOCATIONS ? value : address;
		len = tag == RELOCATIONS_LEN ? value : len;
	} while (tag != 0 && !c.bad);
	if (address > base && address - base <= UINT32_MAX && len <= UINT32_MAX)
		project_add_hint(hints, (uint32_t)(address - base),
		    (uint32_t)len, PROJECT_LONG_KIND);
}

/* The table of what unwinds which function counts from itself. */
static void
list_unwind(const struct segment *s, struct project_plan *plan,
    struct project_hints *hints)
{
	uint32_t start = (uint32_t)(s->in.address - plan->from.base);
	uint8_t role;

	if (s->in.address < plan->from.base ||
	    s->in.address - plan->from.base > UINT32_MAX ||
	    s->in.len > UINT32_MAX)
		return;
	role = project_add_anchor(plan, start);
	project_add_hint(hints, start, (uint32_t)s->in.len,
	    (uint8_t)(PROJECT_PATTERN + plan->patterns));
	project_add_pattern(plan, start, &role, 1);
}

void
project_list_elf(const struct project_bytes *of, struct project_plan *plan,
    struct project_hints *hints)
{
	struct segment s;
	uint16_t n, i;
	bool wide;
	struct cursor c = segments(of, &n, &wide);

	for (i = 0; i < n; i++) {
		s = read_segment(&c, wide);
		if (!c.bad && s.type == UNWIND)
			list_unwind(&s, plan, hints);
		if (!c.bad && s.type == DYNAMIC && wide)
			hint_relocations(of, &s, hints, plan->from.base);
	}
}
