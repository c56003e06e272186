/*
 * The segments of a Mac's program or library (Mach-O, 64 bits, little-endian),
 * for project_find.c.
 */
#include "engine/base/codec.h"
#include "engine/delta/project/project_make.h"

enum { HEADER = 32, SEGMENT_64 = 0x19 };

static void
add_segment(const struct project_bytes *of, struct cursor *c,
    struct project_image *image)
{
	struct project_segment s;

	(void)cursor_bytes(c, 16);
	s.address = cursor_u64(c);
	s.room = cursor_u64(c);
	s.at = cursor_u64(c);
	s.len = cursor_u64(c);
	if (!c->bad)
		project_add_segment(image, of, &s);
}

bool
project_find_macho(const struct project_bytes *of, struct project_image *image)
{
	struct cursor c, command;
	uint32_t n, i, what, len;

	cursor_init(&c, of->p, of->n);
	if (cursor_u32(&c) != 0xfeedfacf)
		return false;
	(void)cursor_bytes(&c, 12);
	n = cursor_u32(&c);
	(void)cursor_bytes(&c, HEADER - 20);
	for (i = 0; i < n && !c.bad; i++) {
		command = c;
		what = cursor_u32(&command);
		len = cursor_u32(&command);
		/* Each has these two numbers: else it would take for ever. */
		if (len < 8)
			c.bad = true;
		if (what == SEGMENT_64)
			add_segment(of, &command, image);
		(void)cursor_bytes(&c, len);
	}
	return !c.bad;
}

/* Pointers of a chain: an address, and in the other half what is next. */
void
project_list_macho(const struct project_bytes *of, struct project_plan *plan,
    struct project_hints *hints)
{
	static const uint8_t chained[] = {PROJECT_ADDRESS, PROJECT_NOTHING};

	(void)of;
	(void)hints;
	project_add_pattern(plan, 0, chained, 2);
}
