/*
 * The search for streams: heads of zip members, of gzip and of zlib, and what
 * behind one can be unpacked to its end.
 */
#include "engine/delta/view/view_scan.h"

#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/compress/deflate.h"

#include <assert.h>
#include <bsd/stdlib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	WINDOW = 64 * 1024,
	HEAD = 30, /* bytes that tell whether there is a head */
	GZIP_HEAD = 10,
	GZIP_NAMED = 8, /* the flag */
	GZIP_NAME_MAX = 256,
	LOOK = HEAD + GZIP_NAME_MAX,
	ZIP_DEFLATED = 8
};

/* A part of the content, in memory. */
struct window {
	const struct range_source *content;
	uint64_t at;
	size_t n;
	uint8_t p[WINDOW];
};

/* See to it that what a head can have from at on is in the window; how many
 * bytes are, or a code. */
static int64_t
look(struct window *w, uint64_t at, struct err *e)
{
	struct range_reader reader = {w->content, at, w->content->size};
	struct source from = source_of_range(&reader);
	int64_t got;

	assert(at <= w->content->size);
	if (at < w->at || at + LOOK > w->at + w->n) {
		if ((got = source_read_full(&from, w->p, WINDOW, e)) < 0)
			return got;
		w->at = at;
		w->n = (size_t)got;
	}
	return (int64_t)(w->at + w->n - at);
}

static unsigned
u16_at(const uint8_t *p)
{
	return p[0] | (unsigned)p[1] << 8;
}

/* How many bytes of a gzip head are in front of its stream, or 0. */
static size_t
gzip_head(const uint8_t *p, size_t n)
{
	const uint8_t *end;
	size_t most = n - GZIP_HEAD;

	if (p[3] == 0)
		return GZIP_HEAD;
	if (p[3] != GZIP_NAMED)
		return 0;
	end = memchr(
	    p + GZIP_HEAD, 0, most < GZIP_NAME_MAX ? most : GZIP_NAME_MAX);
	return end == NULL ? 0 : (size_t)(end + 1 - p);
}

/* The same of any head that begins at p, with n bytes from there on. */
static size_t
head_len(const uint8_t *p, size_t n)
{
	static const uint8_t zip[] = {'P', 'K', 3, 4}, gzip[] = {31, 139, 8};

	if (n < HEAD)
		return 0;
	if (memcmp(p, zip, sizeof(zip)) == 0)
		return u16_at(p + 8) == ZIP_DEFLATED && (p[6] & 1) == 0
		    ? (size_t)HEAD + u16_at(p + 26) + u16_at(p + 28)
		    : 0;
	if (memcmp(p, gzip, sizeof(gzip)) == 0)
		return gzip_head(p, n);
	/* zlib: method 8, window 32 KiB, no dictionary, and its check. */
	if (p[0] == 0x78 && (p[1] & 32) == 0 && (0x7800 + p[1]) % 31 == 0)
		return 2;
	return 0;
}

static int
add(struct view_streams *s, const struct view_stream *found, struct err *e)
{
	size_t cap = s->cap == 0 ? 64 : 2 * s->cap;
	struct view_stream *v;

	if (s->n == s->cap) {
		if ((v = reallocarray(s->v, cap, sizeof(*v))) == NULL)
			return err_nomem(e);
		s->v = v;
		s->cap = cap;
	}
	s->v[s->n++] = *found;
	return 0;
}

/* What may still be spent. */
struct budget {
	uint64_t raw; /* bytes of streams */
	size_t vain; /* see VIEW_VAIN_MAX */
};

/* Is there a stream at this place?  1 with it, 0, or a code. */
static int
measure(const struct range_source *content, uint64_t at, struct budget *left,
    struct view_stream *found, struct err *e)
{
	size_t most =
	    left->raw < VIEW_STREAM_MAX ? (size_t)left->raw : VIEW_STREAM_MAX;
	struct deflate_size size;
	uint64_t cost;
	int rc = deflate_unpack(content, at, most, NULL, &size, e);

	if (rc < 0)
		return rc;
	if (rc == 0 || size.raw < VIEW_STREAM_MIN || size.packed > UINT32_MAX) {
		/* How much of a piece came out behind the end says nothing. */
		size.raw = size.raw < most ? size.raw : most;
		cost = (rc == 0 ? VIEW_VAIN_NONE : VIEW_VAIN_SHORT) +
		    (size.raw + size.packed) / VIEW_VAIN_PIECE;
		left->vain -= cost < left->vain ? (size_t)cost : left->vain;
		return 0;
	}
	*found =
	    (struct view_stream){at, (uint32_t)size.packed, (uint32_t)size.raw};
	return 1;
}

/* The first place from at on where a head may begin; or where the window no
 * longer tells. */
static uint64_t
next_head(const struct window *w, uint64_t at)
{
	size_t i = (size_t)(at - w->at);

	while (i + HEAD <= w->n && w->p[i] != 'P' && w->p[i] != 31 &&
	    w->p[i] != 0x78)
		i++;
	return w->at + i;
}

/* The stream behind a head at this very place: 1, 0 or a code. */
static int
stream_at(struct window *w, uint64_t at, size_t n, struct budget *left,
    struct view_stream *found, struct err *e)
{
	size_t head = head_len(w->p + (at - w->at), n);

	return head == 0 ? 0 : measure(w->content, at + head, left, found, e);
}

static int
scan(struct window *w, struct view_streams *out, struct err *e)
{
	struct budget left = {VIEW_RAW_MAX(w->content->size), VIEW_VAIN_MAX};
	struct view_stream found;
	uint64_t at = 0, next;
	int64_t n;
	int rc;

	while (left.vain > 0 && out->n < VIEW_STREAMS_MAX &&
	    at < w->content->size) {
		if ((n = look(w, at, e)) < 0)
			return (int)n;
		if (n < HEAD)
			break;
		if ((next = next_head(w, at)) != at) {
			at = next;
			continue;
		}
		if ((rc = stream_at(w, at, (size_t)n, &left, &found, e)) < 0)
			return rc;
		if (rc == 0) {
			at++;
			continue;
		}
		if ((rc = add(out, &found, e)) != 0)
			return rc;
		left.raw -= found.raw;
		at = found.at + found.packed;
	}
	return 0;
}

int
view_scan(
    const struct range_source *content, struct view_streams *out, struct err *e)
{
	struct window *w = calloc(1, sizeof(*w));
	int rc;

	*out = (struct view_streams){.v = NULL};
	if (w == NULL)
		return err_nomem(e);
	w->content = content;
	rc = scan(w, out, e);
	free(w);
	if (rc != 0)
		view_streams_release(out);
	return rc;
}

void
view_streams_release(struct view_streams *s)
{
	free(s->v);
	*s = (struct view_streams){.v = NULL};
}
