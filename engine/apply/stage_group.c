/*
 * The blob of a group: live files joined to one basis, the result cut up into
 * contents of the stage.  What station_group.c hands over when the blob is
 * whole.
 */
#include "engine/apply/stage.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/stage_internal.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_at.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * The live files one behind the other.  Each has the bytes it was announced
 * with: what is missing of one reads as zeroes, so that the others stay where
 * they are.
 */
struct bases {
	struct stage *s;
	const struct stage_member *v;
	size_t n;
	uint64_t *start; /* of each, and the end of all */
	struct file_stream in; /* the one read last; fd -1: it is missing */
	size_t at; /* its number, or n */
};

/* Open the i-th live file; that there is none is no error. */
static int
basis_open(struct bases *b, size_t i, struct err *e)
{
	const struct fs *fs = b->s->fs;
	const char *path = b->v[i].basis_path;
	struct fs_stat st;
	int rc;

	fs_close_quietly(fs, &b->in.fd);
	b->at = i;
	b->in = (struct file_stream){fs, -1, 0, path};
	b->in.fd = fs_open(fs, b->s->f->dir, path, FS_READ, 0);
	if (b->in.fd < 0) {
		rc = b->in.fd;
		b->in.fd = -1;
		return rc == -ENOENT || rc == -ENOTDIR || rc == -ELOOP
		    ? 0
		    : err_sys(e, -rc, "open", path);
	}
	if ((rc = at_fstat(fs, b->in.fd, path, &st, e)) != 0)
		return rc;
	if (st.type != FS_FILE)
		fs_close_quietly(fs, &b->in.fd);
	return 0;
}

/* The member whose basis has the byte at off, which is below the end. */
static size_t
basis_at(const struct bases *b, uint64_t off)
{
	size_t low = 0, high = b->n, middle;

	assert(b->n > 0 && off < b->start[b->n]);
	if (b->at < b->n && b->start[b->at] <= off && off < b->start[b->at + 1])
		return b->at;
	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (b->start[middle] <= off)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static int64_t
bases_read_at(void *ctx, uint64_t off, void *p, size_t n, struct err *e)
{
	struct bases *b = ctx;
	uint8_t *to = p;
	int64_t got = 0;
	size_t i;
	int rc;

	if (off >= b->start[b->n])
		return 0;
	i = basis_at(b, off);
	if (i != b->at && (rc = basis_open(b, i, e)) != 0)
		return rc;
	if (n > b->start[i + 1] - off)
		n = (size_t)(b->start[i + 1] - off);
	if (b->in.fd >= 0)
		got = fs_pread(b->s->fs, b->in.fd, to, n, off - b->start[i]);
	if (got < 0)
		return err_sys(e, (int)-got, "read", b->in.path);
	memset(to + got, 0, n - (size_t)got);
	return (int64_t)n;
}

static int
bases_init(struct bases *b, struct stage *s, const struct stage_member *v,
    size_t n, struct err *e)
{
	size_t i;

	memset(b, 0, sizeof(*b));
	b->s = s;
	b->v = v;
	b->n = b->at = n;
	b->in.fd = -1;
	if ((b->start = calloc(n + 1, sizeof(*b->start))) == NULL)
		return err_nomem(e);
	for (i = 0; i < n; i++)
		b->start[i + 1] = b->start[i] +
		    (v[i].basis_path == NULL ? 0 : v[i].basis_size);
	return 0;
}

static void
bases_release(struct bases *b)
{
	fs_close_quietly(b->s->fs, &b->in.fd);
	free(b->start);
}

/* A sink that cuts what comes into the members' contents. */
struct cutter {
	struct stage *s;
	struct stage_member *v;
	size_t n, at; /* the member that is written */
	bool open;
	uint64_t left; /* bytes it still lacks */
	struct stage_file file;
	struct sink to; /* file */
	struct hasher *hasher;
};

static int
cutter_begin(struct cutter *c, struct err *e)
{
	const struct stage_member *m = &c->v[c->at];
	int rc;

	/* A blob unpacks to no more than the members have together. */
	assert(!c->open && c->at < c->n);
	assert(m->size > 0);
	if ((rc = hasher_reset(c->hasher, e)) != 0 ||
	    (rc = stage_file_begin(c->s, &c->file, m->want, m->size, e)) != 0)
		return rc;
	c->to = sink_of_file(&c->file.out);
	c->left = m->size;
	c->open = true;
	return 0;
}

/* The member has all its bytes: it stays if they are right. */
static int
cutter_end(struct cutter *c, struct err *e)
{
	struct stage_member *m = &c->v[c->at++];
	struct hash got;
	int rc = hasher_final(c->hasher, &got, e);

	assert(c->open && c->left == 0);
	if (rc == 0 && !hash_equal(&got, m->want))
		rc = ERP_MISMATCH;
	rc = stage_file_end(c->s, &c->file, rc, e);
	c->open = false;
	m->done = rc == 0;
	return rc == ERP_MISMATCH ? 0 : rc;
}

static int
cutter_write(void *ctx, const void *p, size_t n, struct err *e)
{
	struct cutter *c = ctx;
	const uint8_t *from = p;
	size_t part;
	int rc;

	while (n > 0) {
		if (!c->open && (rc = cutter_begin(c, e)) != 0)
			return rc;
		part = n < c->left ? n : (size_t)c->left;
		if ((rc = hasher_update(c->hasher, from, part, e)) != 0 ||
		    (rc = c->to.write(c->to.ctx, from, part, e)) != 0)
			return rc;
		from += part;
		n -= part;
		c->left -= part;
		if (c->left == 0 && (rc = cutter_end(c, e)) != 0)
			return rc;
	}
	return 0;
}

int
stage_put_group(struct stage *s, enum codec codec, const struct source *blob,
    struct stage_member *v, size_t n, struct err *e)
{
	struct cutter c = {.s = s, .v = v, .n = n};
	struct sink out = {cutter_write, &c};
	struct range_source basis = {bases_read_at, NULL, 0};
	struct unpack_task task = {codec, &basis, 0, NULL};
	struct bases b;
	size_t i;
	int rc;

	for (i = 0; i < n; i++) {
		v[i].done = false;
		task.size += v[i].size;
	}
	if ((rc = bases_init(&b, s, v, n, e)) != 0)
		return rc;
	basis.ctx = &b;
	basis.size = b.start[n];
	if ((rc = hasher_new(&c.hasher, e)) == 0)
		rc = unpack_unverified(&task, blob, &out, e);
	if (c.open)
		(void)stage_file_end(s, &c.file, rc != 0 ? rc : ERP_CORRUPT, e);
	hasher_free(c.hasher);
	bases_release(&b);
	return stage_give_back(s, rc);
}
