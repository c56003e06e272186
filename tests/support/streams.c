/* Streams that behave badly within their contract. */
#include "tests/support/streams.h"

#include "engine/base/err.h"

#include <stdbool.h>
#include <string.h>

struct drip
drip_of(const void *p, size_t len, size_t most)
{
	struct drip d = {p, len, 0, most, SIZE_MAX};

	return d;
}

static int64_t
drip_read_at(void *ctx, uint64_t off, void *p, size_t n, struct err *e)
{
	struct drip *d = ctx;

	if (off >= d->fail_at)
		return err_set(e, ERP_IO, "the drip fails");
	if (off >= d->len)
		return 0;
	if (n > d->len - off)
		n = d->len - (size_t)off;
	if (n > d->most)
		n = d->most;
	if (n > d->fail_at - off)
		n = d->fail_at - (size_t)off;
	memcpy(p, d->p + off, n);
	return (int64_t)n;
}

static int64_t
drip_read(void *ctx, void *p, size_t n, struct err *e)
{
	struct drip *d = ctx;
	int64_t got = drip_read_at(ctx, d->pos, p, n, e);

	if (got > 0)
		d->pos += (size_t)got;
	return got;
}

struct source
source_of_drip(struct drip *d)
{
	struct source s = {drip_read, d};

	return s;
}

struct range_source
range_of_drip(struct drip *d)
{
	struct range_source r = {drip_read_at, d, d->len};

	return r;
}

static int
narrow_write(void *ctx, const void *p, size_t n, struct err *e)
{
	struct narrow_sink *s = ctx;

	(void)p;
	if (n > s->room - s->taken)
		return err_set(e, ERP_NOSPACE, "the sink is full");
	s->taken += n;
	return 0;
}

struct sink
sink_of_narrow(struct narrow_sink *n)
{
	struct sink s = {narrow_write, n};

	return s;
}

void
fill_noise(uint8_t *p, size_t n, uint32_t seed)
{
	uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	size_t i;

	for (i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		p[i] = (uint8_t)(x >> 32);
	}
}

static bool
is_due(struct one_fails *when)
{
	return ++when->calls == when->at;
}

static int64_t
failing_read(void *ctx, void *p, size_t n, struct err *e)
{
	struct failing *f = ctx;

	return is_due(f->when) ? err_set(e, ERP_AUTH, "it failed")
			       : f->source.read(f->source.ctx, p, n, e);
}

struct source
failing_source(struct failing *f)
{
	return (struct source){failing_read, f};
}

static int64_t
failing_read_at(void *ctx, uint64_t off, void *p, size_t n, struct err *e)
{
	struct failing *f = ctx;

	return is_due(f->when) ? err_set(e, ERP_AUTH, "it failed")
			       : f->range.read_at(f->range.ctx, off, p, n, e);
}

struct range_source
failing_range(struct failing *f)
{
	return (struct range_source){failing_read_at, f, f->range.size};
}

static int
failing_write(void *ctx, const void *p, size_t n, struct err *e)
{
	struct failing *f = ctx;

	return is_due(f->when) ? err_set(e, ERP_AUTH, "it failed")
			       : f->sink.write(f->sink.ctx, p, n, e);
}

struct sink
failing_sink(struct failing *f)
{
	return (struct sink){failing_write, f};
}
