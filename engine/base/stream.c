/*
 * Byte streams over memory, files and hashes: what the delta engine reads from
 * and writes to, so that it knows neither files nor sockets.
 */
#include "engine/base/stream.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/sparse.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { COPY_BYTES = 128 * 1024 };

int64_t
source_read_full(const struct source *s, void *p, size_t n, struct err *e)
{
	size_t done = 0;
	int64_t got;

	while (done < n) {
		got = s->read(s->ctx, (uint8_t *)p + done, n - done, e);
		if (got < 0)
			return got;
		if (got == 0)
			break;
		assert((size_t)got <= n - done);
		done += (size_t)got;
	}
	return (int64_t)done;
}

int64_t
stream_copy(const struct source *from, const struct sink *to, struct err *e)
{
	uint8_t *chunk = malloc(COPY_BYTES);
	int64_t got, total = 0;
	int rc;

	if (chunk == NULL)
		return err_nomem(e);
	while ((got = from->read(from->ctx, chunk, COPY_BYTES, e)) > 0) {
		assert(got <= COPY_BYTES);
		if ((rc = to->write(to->ctx, chunk, (size_t)got, e)) != 0) {
			got = rc;
			break;
		}
		total += got;
	}
	free(chunk);
	return got < 0 ? got : total;
}

static int64_t
mem_read(void *ctx, void *p, size_t n, struct err *e)
{
	struct mem_stream *m = ctx;
	size_t left = m->len - m->pos;

	(void)e;
	assert(m->pos <= m->len);
	if (n > left)
		n = left;
	if (n > 0)
		memcpy(p, m->p + m->pos, n);
	m->pos += n;
	return (int64_t)n;
}

static int64_t
mem_read_at(void *ctx, uint64_t off, void *p, size_t n, struct err *e)
{
	struct mem_stream *m = ctx;

	(void)e;
	if (off >= m->len)
		return 0;
	if (n > m->len - off)
		n = m->len - (size_t)off;
	memcpy(p, m->p + off, n);
	return (int64_t)n;
}

struct source
source_of_mem(struct mem_stream *m)
{
	struct source s = {mem_read, m};

	return s;
}

struct range_source
range_of_mem(struct mem_stream *m)
{
	struct range_source r = {mem_read_at, m, m->len};

	return r;
}

static int64_t
range_read(void *ctx, void *p, size_t n, struct err *e)
{
	struct range_reader *r = ctx;
	int64_t got;

	assert(r->at <= r->end);
	if (n > r->end - r->at)
		n = (size_t)(r->end - r->at);
	if (n == 0)
		return 0;
	got = r->from->read_at(r->from->ctx, r->at, p, n, e);
	assert(got <= (int64_t)n);
	if (got > 0)
		r->at += (uint64_t)got;
	return got;
}

struct source
source_of_range(struct range_reader *r)
{
	struct source s = {range_read, r};

	return s;
}

static int
buf_write(void *ctx, const void *p, size_t n, struct err *e)
{
	return buf_append(ctx, p, n, e);
}

struct sink
sink_of_buf(struct buf *b)
{
	struct sink s = {buf_write, b};

	return s;
}

static int
expected_write(void *ctx, const void *p, size_t n, struct err *e)
{
	struct expected *x = ctx;

	(void)e;
	if (n > x->left || memcmp(p, x->p, n) != 0)
		return ERP_MISMATCH;
	x->p += n;
	x->left -= n;
	return 0;
}

struct sink
sink_of_expected(struct expected *x)
{
	return (struct sink){expected_write, x};
}

static int64_t
file_read_at(void *ctx, uint64_t off, void *p, size_t n, struct err *e)
{
	struct file_stream *f = ctx;
	int64_t got = fs_pread(f->fs, f->fd, p, n, off);

	if (got < 0)
		return err_sys(e, (int)-got, "read", f->path);
	return got;
}

static int64_t
file_stream_read(void *ctx, void *p, size_t n, struct err *e)
{
	struct file_stream *f = ctx;
	int64_t got = file_read_at(ctx, f->pos, p, n, e);

	if (got > 0)
		f->pos += (uint64_t)got;
	return got;
}

static int
file_write_at(void *ctx, uint64_t off, const void *p, size_t n, struct err *e)
{
	struct file_stream *f = ctx;
	int rc = sparse_pwrite(f->fs, f->fd, p, n, off);

	return rc < 0 ? err_sys(e, -rc, "write", f->path) : 0;
}

static int
file_stream_write(void *ctx, const void *p, size_t n, struct err *e)
{
	struct file_stream *f = ctx;
	int rc = file_write_at(f, f->pos, p, n, e);

	if (rc == 0)
		f->pos += n;
	return rc;
}

struct source
source_of_file(struct file_stream *f)
{
	struct source s = {file_stream_read, f};

	return s;
}

struct range_source
range_of_file(struct file_stream *f, uint64_t size)
{
	struct range_source r = {file_read_at, f, size};

	return r;
}

struct sink
sink_of_file(struct file_stream *f)
{
	struct sink s = {file_stream_write, f};

	return s;
}

struct range_sink
range_sink_of_file(struct file_stream *f)
{
	struct range_sink s = {file_write_at, f};

	return s;
}

static int
hash_write(void *ctx, const void *p, size_t n, struct err *e)
{
	struct hash_sink *h = ctx;
	int rc;

	if ((rc = hasher_update(h->hasher, p, n, e)) != 0)
		return rc;
	h->count += n;
	return h->next == NULL ? 0 : h->next->write(h->next->ctx, p, n, e);
}

struct sink
sink_of_hash(struct hash_sink *h)
{
	struct sink s = {hash_write, h};

	return s;
}

int
hash_source(
    const struct source *src, struct hash *out, uint64_t *size, struct err *e)
{
	struct hash_sink h = {NULL, NULL, 0};
	struct sink to = sink_of_hash(&h);
	int64_t n;
	int rc;

	if ((rc = hasher_new(&h.hasher, e)) != 0)
		return rc;
	n = stream_copy(src, &to, e);
	rc = n < 0 ? (int)n : hasher_final(h.hasher, out, e);
	hasher_free(h.hasher);
	if (size != NULL)
		*size = h.count;
	return rc;
}
