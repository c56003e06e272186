/*
 * Code of x86 processors of 64 bits: calls, jumps and operands that say how far
 * away they are.  Instructions are not followed from a beginning; what looks
 * like one that has such a number is one.
 */
#include "engine/base/codec.h"
#include "engine/delta/project/project_internal.h"

#include <assert.h>

/* Opcodes of one byte whose ModRM byte can name memory relative to the code,
 * a bit each. */
static const uint32_t has_modrm[8] = {
    0x0f0f0f0f, 0x0f0f0f0f, 0x00000000, 0x00000a08, /* 00 20 40 60 */
    0x0000ffff, 0x00000000, 0x000f00c3, 0xc0c00000, /* 80 a0 c0 e0 */
};

static bool
is_relative(uint8_t modrm)
{
	return (modrm & 0xc7) == 0x05;
}

/* Bytes from p on to the field of 4 bytes that what begins there has, 0: none;
 * n bytes can be read. */
static size_t
field_at(const uint8_t *p, size_t n)
{
	if (n < 6)
		return 0;
	if (p[0] == 0xe8 || p[0] == 0xe9)
		return 1;
	if (p[0] == 0x0f && (p[1] & 0xf0) == 0x80)
		return 2;
	if (p[0] == 0x0f && (p[1] == 0x38 || p[1] == 0x3a))
		return is_relative(p[3]) ? 4 : 0;
	if (p[0] == 0x0f && is_relative(p[2]))
		return 3;
	/* Prefixes of vectors. */
	if (p[0] == 0xc5 && is_relative(p[3]))
		return 4;
	if (p[0] == 0xc4 && is_relative(p[4]))
		return 5;
	if (p[0] == 0x62 && is_relative(p[5]))
		return 6;
	if (is_relative(p[1]) && (has_modrm[p[0] >> 5] >> (p[0] & 31) & 1) != 0)
		return 2;
	return 0;
}

void
project_x86_64(const struct project_piece *p)
{
	size_t i = p->from, field;
	uint32_t near, to;

	assert(p->to <= p->end);
	while (i < p->to) {
		field = field_at(p->old + i, p->end - i);
		if (field == 0 || p->end - i < field + 4) {
			i++;
			continue;
		}
		near = project_address(p, i + field) + 4;
		if (!project_offset(
			p->map, near, project_load(p->old + i + field), &to)) {
			i++;
			continue;
		}
		store_u32(p->new + i + field, to);
		i += field + 4;
	}
}
