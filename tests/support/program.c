/* Code, then tables, at addresses that are not their offsets. */
#include "tests/support/program.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD = 1024, TEXT = 0x1000, STEP = 24, BASE_LOG = 22 };

struct program {
	struct buf *out;
	size_t at; /* where it begins in out */
	size_t n; /* functions */
	uint32_t *start; /* address of each, and their end */
	uint32_t data; /* address of the tables */
	uint64_t base;
};

static uint32_t
mix(uint32_t a, uint32_t b)
{
	uint64_t x =
	    a * UINT64_C(0x9e3779b97f4a7c15) + b * UINT64_C(0xc2b2ae3d27d4eb4f);

	x ^= x >> 29;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	return (uint32_t)(x >> 32);
}

static void
check(int rc)
{
	if (rc != 0)
		abort();
}

static void
pad(struct program *p, size_t to)
{
	while (p->out->len - p->at < to)
		check(put_u8(p->out, 0, NULL));
}

/* The piece of function f at address a: a call, or a load of data. */
static void
put_piece(struct program *p, uint32_t f, uint32_t k, uint32_t a)
{
	uint32_t i, to = p->start[mix(f, k) % p->n];

	if (k % 3 == 1) {
		check(buf_append(p->out, "\x48\x8d\x05", 3, NULL));
		check(put_u32(
		    p->out, p->data + mix(f, k) % 64 * 8 - (a + 7), NULL));
		i = 7;
	} else {
		check(put_u8(p->out, 0xe8, NULL));
		check(put_u32(p->out, to - (a + 5), NULL));
		i = 5;
	}
	for (; i < STEP; i++)
		check(put_u8(p->out, (uint8_t)mix(f * 64 + k, i), NULL));
}

static void
put_code(struct program *p)
{
	uint32_t f, a, k;

	for (f = 0; f < p->n; f++)
		for (k = 0, a = p->start[f]; a < p->start[f + 1]; a += STEP)
			put_piece(p, f, k++, a);
}

static void
put_tables(struct program *p)
{
	size_t f;

	for (f = 0; f < p->n; f++)
		check(put_u64(p->out, p->base + p->start[f * 7 % p->n], NULL));
	for (f = 0; f < p->n; f++)
		check(put_u32(p->out, p->start[f * 5 % p->n], NULL));
}

static void
put_pe_section(struct buf *out, const uint32_t v[4])
{
	size_t i;

	check(put_u64(out, 0x747865742e, NULL));
	for (i = 0; i < 4; i++)
		check(put_u32(out, v[i], NULL));
	for (i = 0; i < 4; i++)
		check(put_u32(out, 0, NULL));
}

static void
put_pe(struct program *p, uint32_t text, uint32_t tables)
{
	const uint32_t sections[2][4] = {{text, TEXT, text, HEAD},
	    {tables + 64, p->data, tables, HEAD + text}};
	size_t i;

	check(put_u16(p->out, 0x5a4d, NULL));
	pad(p, 60);
	check(put_u32(p->out, 64, NULL));
	check(put_u32(p->out, 0x4550, NULL));
	check(put_u16(p->out, 0x8664, NULL));
	check(put_u16(p->out, 2, NULL));
	pad(p, 64 + 20);
	check(put_u16(p->out, 240, NULL));
	check(put_u16(p->out, 0, NULL));
	check(put_u16(p->out, 0x20b, NULL));
	pad(p, 64 + 24 + 24);
	check(put_u64(p->out, p->base, NULL));
	pad(p, 64 + 24 + 240);
	for (i = 0; i < 2; i++)
		put_pe_section(p->out, sections[i]);
}

static void
put_elf_segment(struct buf *out, uint64_t at, uint64_t address, uint64_t len)
{
	check(put_u32(out, 1, NULL));
	check(put_u32(out, 5, NULL));
	check(put_u64(out, at, NULL));
	check(put_u64(out, address, NULL));
	check(put_u64(out, address, NULL));
	check(put_u64(out, len, NULL));
	check(put_u64(out, len + 32, NULL));
	check(put_u64(out, 4096, NULL));
}

static void
put_elf(struct program *p, uint32_t text, uint32_t tables)
{
	check(buf_append(p->out, "\177ELF\2\1\1", 7, NULL));
	pad(p, 32);
	check(put_u64(p->out, 64, NULL));
	pad(p, 54);
	check(put_u16(p->out, 56, NULL));
	check(put_u16(p->out, 3, NULL));
	pad(p, 64);
	put_elf_segment(p->out, 0, p->base, 240);
	put_elf_segment(p->out, HEAD, p->base + TEXT, text);
	put_elf_segment(p->out, HEAD + text, p->base + p->data, tables);
}

static void
put_macho_segment(struct buf *out, uint64_t at, uint64_t address, uint64_t len)
{
	check(put_u32(out, 0x19, NULL));
	check(put_u32(out, 72, NULL));
	check(buf_append(out, "__SEGMENT\0\0\0\0\0\0", 16, NULL));
	check(put_u64(out, address, NULL));
	check(put_u64(out, len + 48, NULL));
	check(put_u64(out, at, NULL));
	check(put_u64(out, len, NULL));
	check(put_u64(out, 0x500000005, NULL));
	check(put_u64(out, 0, NULL));
}

static void
put_macho(struct program *p, uint32_t text, uint32_t tables)
{
	check(put_u32(p->out, 0xfeedfacf, NULL));
	pad(p, 16);
	check(put_u32(p->out, 5, NULL));
	pad(p, 32);
	/* A segment without bytes, and a command that is none. */
	put_macho_segment(p->out, 0, 0, 0);
	check(put_u32(p->out, 0x1b, NULL));
	check(put_u32(p->out, 24, NULL));
	pad(p, 32 + 72 + 24);
	put_macho_segment(p->out, 0, p->base, 240);
	put_macho_segment(p->out, HEAD, p->base + TEXT, text);
	put_macho_segment(p->out, HEAD + text, p->base + p->data, tables);
}

void
program_put(
    struct buf *out, enum program_format format, size_t functions, int build)
{
	struct program p = {.out = out,
	    .at = out->len,
	    .n = functions,
	    .base = (uint64_t)(5 + build) << BASE_LOG};
	static void (*const put_head[PROGRAM_FORMATS])(struct program * p,
	    uint32_t text, uint32_t tables) = {put_pe, put_elf, put_macho};
	uint32_t f, a = TEXT, text;

	if ((p.start = calloc(functions + 1, sizeof(*p.start))) == NULL)
		abort();
	for (f = 0; f < functions; f++) {
		p.start[f] = a;
		a += STEP * (2 + mix(f, 1) % 8);
		a += build == 1 && f % 40 == 3 ? STEP * 2 : 0;
	}
	p.start[f] = a;
	text = (a - TEXT + 63) / 64 * 64;
	p.data = (a + 8191) / 4096 * 4096;
	put_head[format](&p, text, (uint32_t)functions * 12);
	pad(&p, HEAD);
	put_code(&p);
	pad(&p, HEAD + text);
	put_tables(&p);
	free(p.start);
}
