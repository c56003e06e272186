/*
 * The sections of a Windows program (PE32 and PE32+), for project_find.c:
 * where its addresses are.
 */
#include "engine/base/codec.h"
#include "engine/delta/project/project_make.h"

#include <string.h>

enum { HEADER = 64, SIGNATURE = 4, COFF = 20, SECTION = 40, NAME = 8 };
enum { PE32 = 0x10b, PE32_PLUS = 0x20b };
/* Offsets in the optional header of PE32+, and what stands there. */
enum { DIRECTORIES = 112, DIRECTORY = 8, EXCEPTIONS = 3 };

/* A cursor from offset at on. */
static struct cursor
cursor_at(const struct project_bytes *of, uint64_t at)
{
	struct cursor c;

	cursor_init(&c, of->p, of->n);
	if (at > of->n)
		c.bad = true;
	else
		(void)cursor_bytes(&c, (size_t)at);
	return c;
}

/* A section without bytes moves with what is in front of it. */
static void
add_room(struct project_image *image, const struct project_section *s)
{
	struct project_section *last =
	    image->n > 0 ? &image->v[image->n - 1] : NULL;

	if (last != NULL &&
	    s->address >= (uint64_t)last->address + last->room &&
	    s->room <= UINT32_MAX - s->address)
		last->room = s->address + s->room - last->address;
}

static void
add_section(const struct project_bytes *of, struct cursor *c,
    struct project_image *image)
{
	struct project_section s = {0};
	uint32_t size, raw;

	(void)cursor_bytes(c, NAME);
	size = cursor_u32(c);
	s.address = cursor_u32(c);
	raw = cursor_u32(c);
	s.at = cursor_u32(c);
	(void)cursor_bytes(c, SECTION - NAME - 16);
	if (c->bad || s.at > of->n)
		return;
	if (raw > of->n - s.at)
		raw = (uint32_t)(of->n - s.at);
	s.len = size == 0 || raw < size ? raw : size;
	s.room = size > s.len ? size : s.len;
	if (s.len > 0)
		(void)project_add_section(image, &s);
	else
		add_room(image, &s);
}

/* Where the PE header is, behind its signature; bad: there is none. */
static struct cursor
coff_header(const struct project_bytes *of, uint64_t *at)
{
	struct cursor c = cursor_at(of, HEADER - 4);

	*at = cursor_u32(&c);
	if (of->n < HEADER || memcmp(of->p, "MZ", 2) != 0)
		c.bad = true;
	if (!c.bad)
		c = cursor_at(of, *at);
	if (cursor_u32(&c) != 0x4550)
		c.bad = true;
	return c;
}

bool
project_find_pe(const struct project_bytes *of, struct project_image *image)
{
	uint16_t sections, optional, magic, i;
	uint64_t at;
	struct cursor c = coff_header(of, &at);

	(void)cursor_u16(&c);
	sections = cursor_u16(&c);
	(void)cursor_bytes(&c, 12);
	optional = cursor_u16(&c);
	(void)cursor_u16(&c);
	magic = cursor_u16(&c);
	(void)cursor_bytes(&c, magic == PE32 ? 26 : 22);
	image->base = magic == PE32 ? cursor_u32(&c) : cursor_u64(&c);
	if (c.bad || (magic != PE32 && magic != PE32_PLUS))
		return false;
	c = cursor_at(of, at + SIGNATURE + COFF + optional);
	for (i = 0; i < sections; i++)
		add_section(of, &c, image);
	return true;
}

/* Functions with their ends and what unwinds them (.pdata). */
void
project_list_pe(const struct project_bytes *of, struct project_plan *plan,
    struct project_hints *hints)
{
	static const uint8_t ranges[] = {
	    PROJECT_ADDRESS, PROJECT_END, PROJECT_ADDRESS};
	static const uint8_t absolute = PROJECT_ABSOLUTE;
	uint64_t at;
	struct cursor c = coff_header(of, &at);
	uint32_t start, len;
	uint16_t magic;

	(void)cursor_bytes(&c, COFF);
	magic = cursor_u16(&c);
	if (magic == PE32)
		project_add_pattern(plan, 0, &absolute, 1);
	if (magic != PE32_PLUS)
		return;
	(void)cursor_bytes(&c, DIRECTORIES - 2 + EXCEPTIONS * DIRECTORY);
	start = cursor_u32(&c);
	len = cursor_u32(&c);
	if (c.bad || start == 0)
		return;
	project_add_hint(
	    hints, start, len, (uint8_t)(PROJECT_PATTERN + plan->patterns));
	project_add_pattern(plan, start, ranges, 3);
}
