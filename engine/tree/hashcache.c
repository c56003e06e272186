/*
 * Hashes remembered from earlier runs.  The file: "ERPH", version u16, 0 u16,
 * count u32, then by path: length u16 and path, size u64, raw time u64,
 * its ns u32, inode u64, hash; at the end the hash of all before.
 */
#include "engine/tree/hashcache.h"

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/codec.h"
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"
#include "engine/base/stream.h"
#include "engine/tree/manifest.h"
#include "engine/tree/scan.h"

#include <assert.h>
#include <bsd/sys/tree.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char magic[4] = {'E', 'R', 'P', 'H'};

/*
 * SETTLE_S: a file must be older than this when it is hashed.  What is dated
 * further ahead than AHEAD_S, which no clock of another machine is wrong by,
 * got that date from somebody; a write would give it another one.
 */
enum {
	VERSION = 1,
	SETTLE_S = 2,
	AHEAD_S = 26 * 3600,
	FILE_MAX = 256 * 1024 * 1024
};

/* A file that was hashed. */
struct node {
	RB_ENTRY(node) link;
	char *path;
	uint64_t size, ino;
	struct stamp raw;
	struct hash hash;
	bool used; /* looked up since the cache was opened */
};
RB_HEAD(nodes, node);

struct hashcache {
	const struct fs *fs;
	const struct clock *clock;
	int dir; /* < 0: in memory only */
	char *path;
	struct nodes nodes;
	struct arena memory; /* of the nodes and their paths */
	size_t n;
	bool changed;
};

static int
compare_nodes(const struct node *a, const struct node *b)
{
	return strcmp(a->path, b->path);
}

/* RB_GENERATE_STATIC needs a macro __unused that is not there. */
RB_GENERATE_INTERNAL(
    nodes, node, link, compare_nodes, __attribute__((unused)) static)

static struct node *
find(struct hashcache *c, char *path)
{
	struct node key;

	key.path = path;
	return RB_FIND(nodes, &c->nodes, &key);
}

/* Is this what was seen then? */
static bool
is_same_file(
    const struct entry *en, uint64_t size, struct stamp raw, uint64_t ino)
{
	return en->content.size == size && stamp_equal(en->raw, raw) &&
	    en->ino == ino;
}

/* A new one of this path, or NULL. */
static struct node *
add(struct hashcache *c, const char *path)
{
	struct node *node;

	if (c->n >= MANIFEST_MAX_ENTRIES ||
	    (node = arena_take(&c->memory, sizeof(*node))) == NULL)
		return NULL;
	memset(node, 0, sizeof(*node));
	if ((node->path = arena_text(&c->memory, path, strlen(path))) == NULL)
		return NULL;
	(void)RB_INSERT(nodes, &c->nodes, node);
	c->n++;
	return node;
}

/* Remember an entry with its hash; without memory it is just forgotten. */
static struct node *
remember(struct hashcache *c, const struct entry *en)
{
	struct node *node = find(c, en->path);

	assert(en->content.known);
	if (node == NULL && (node = add(c, en->path)) == NULL)
		return NULL;
	node->size = en->content.size;
	node->ino = en->ino;
	node->raw = en->raw;
	node->hash = en->content.hash;
	return node;
}

static void
forget_all(struct hashcache *c)
{
	RB_INIT(&c->nodes);
	c->n = 0;
	arena_release(&c->memory);
}

static bool
read_node(struct hashcache *c, struct cursor *cur)
{
	char path[PATH_MAX_BYTES + 1];
	struct entry en;
	size_t len = cursor_u16(cur);

	memset(&en, 0, sizeof(en));
	if (len > PATH_MAX_BYTES)
		return false;
	cursor_copy(cur, path, len);
	path[len] = '\0';
	en.path = path;
	en.type = ENTRY_FILE;
	en.content.size = cursor_u64(cur);
	en.raw.s = (int64_t)cursor_u64(cur);
	en.raw.ns = cursor_u32(cur);
	en.ino = cursor_u64(cur);
	cursor_copy(cur, en.content.hash.b, HASH_LEN);
	en.content.known = true;
	return !cur->bad && remember(c, &en) != NULL;
}

/* False when the bytes are not a whole cache file of this version. */
static bool
parse(struct hashcache *c, const uint8_t *p, size_t n)
{
	struct hash sum;
	struct cursor cur;
	const uint8_t *head;
	uint32_t count;

	if (n < HASH_LEN || hash_bytes(p, n - HASH_LEN, &sum, NULL) != 0 ||
	    memcmp(sum.b, p + n - HASH_LEN, HASH_LEN) != 0)
		return false;
	cursor_init(&cur, p, n - HASH_LEN);
	head = cursor_bytes(&cur, sizeof(magic));
	if (head == NULL || memcmp(head, magic, sizeof(magic)) != 0 ||
	    cursor_u16(&cur) != VERSION || cursor_u16(&cur) != 0)
		return false;
	for (count = cursor_u32(&cur); count > 0; count--)
		if (!read_node(c, &cur))
			return false;
	return cursor_end(&cur);
}

int
hashcache_open(const struct fs *fs, int dir, const char *path,
    const struct clock *clock, struct hashcache **out, struct err *e)
{
	struct hashcache *c = calloc(1, sizeof(*c));
	struct buf b;

	*out = NULL;
	if (c == NULL || (c->path = strdup(path)) == NULL) {
		free(c);
		return err_nomem(e);
	}
	c->fs = fs;
	c->clock = clock;
	c->dir = dir;
	RB_INIT(&c->nodes);
	buf_init(&b, FILE_MAX);
	if (dir >= 0 && file_read(fs, dir, path, &b, NULL) == 0 &&
	    !parse(c, buf_data(&b), b.len))
		forget_all(c);
	buf_release(&b);
	*out = c;
	return 0;
}

void
hashcache_free(struct hashcache *c)
{
	if (c == NULL)
		return;
	forget_all(c);
	free(c->path);
	free(c);
}

static int
write_node(const struct node *node, struct buf *out, struct err *e)
{
	size_t len = strlen(node->path);
	int rc;

	assert(len <= PATH_MAX_BYTES);
	if ((rc = put_u16(out, (uint16_t)len, e)) != 0 ||
	    (rc = buf_append(out, node->path, len, e)) != 0 ||
	    (rc = put_u64(out, node->size, e)) != 0 ||
	    (rc = put_u64(out, (uint64_t)node->raw.s, e)) != 0 ||
	    (rc = put_u32(out, node->raw.ns, e)) != 0 ||
	    (rc = put_u64(out, node->ino, e)) != 0)
		return rc;
	return buf_append(out, node->hash.b, HASH_LEN, e);
}

static int
write_nodes(struct hashcache *c, struct buf *out, struct err *e)
{
	struct node *node;
	struct hash sum;
	uint32_t count = 0;
	int rc;

	RB_FOREACH(node, nodes, &c->nodes)
	count += node->used;
	if ((rc = buf_append(out, magic, sizeof(magic), e)) != 0 ||
	    (rc = put_u16(out, VERSION, e)) != 0 ||
	    (rc = put_u16(out, 0, e)) != 0 ||
	    (rc = put_u32(out, count, e)) != 0)
		return rc;
	RB_FOREACH(node, nodes, &c->nodes)
	if (node->used && (rc = write_node(node, out, e)) != 0)
		return rc;
	if ((rc = hash_bytes(buf_data(out), out->len, &sum, e)) != 0)
		return rc;
	return buf_append(out, sum.b, HASH_LEN, e);
}

int
hashcache_save(struct hashcache *c, struct err *e)
{
	struct buf b;
	int rc;

	if (c->dir < 0 || !c->changed)
		return 0;
	buf_init(&b, FILE_MAX);
	rc = write_nodes(c, &b, e);
	if (rc == 0)
		rc = file_write_durable(
		    c->fs, c->dir, c->path, buf_data(&b), b.len, e);
	buf_release(&b);
	if (rc == 0)
		c->changed = false;
	return rc;
}

/* A file being read for its hash: told to the observer, never read further
 * than the size it should have. */
struct reading {
	struct file_stream file;
	const struct observer *obs;
	uint64_t size;
};

static int64_t
reading_read(void *ctx, void *p, size_t n, struct err *e)
{
	struct reading *r = ctx;
	struct source src = source_of_file(&r->file);
	struct event ev = {EVENT_HASH, r->file.path, NULL, 0, r->size};
	uint64_t left = r->size - r->file.pos;
	int64_t got;
	int rc;

	assert(r->file.pos <= r->size);
	got = src.read(src.ctx, p, n < left ? n : (size_t)left, e);
	ev.done = r->file.pos;
	if (got <= 0)
		return got;
	observe(r->obs, &ev);
	return (rc = observer_asks(r->obs, e)) != 0 ? rc : got;
}

/* Is the open file still what the entry says? */
static int
check_file(const struct fs *fs, int fd, const struct entry *en, struct err *e)
{
	struct entry now;
	struct fs_stat st;
	int rc = at_fstat(fs, fd, en->path, &st, e);

	if (rc != 0)
		return rc;
	scan_set_stat(&now, &st);
	if (st.type == FS_FILE &&
	    is_same_file(en, now.content.size, now.raw, now.ino))
		return 0;
	return err_path(e, ERP_BUSY, en->path, "changed while it was read");
}

static int
hash_file(const struct hashcache *c, int root, struct entry *en,
    const struct observer *obs, struct err *e)
{
	struct reading r = {{c->fs, -1, 0, en->path}, obs, en->content.size};
	struct source src = {reading_read, &r};
	uint64_t size = 0;
	int rc, fd = fs_open(c->fs, root, en->path, FS_READ, 0);

	/* Gone, or its place taken by a folder or a link. */
	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
		return err_path(e, ERP_BUSY, en->path, "is gone meanwhile");
	if (fd < 0)
		return at_failed(fd, "open", en->path, e);
	r.file.fd = fd;
	if ((rc = check_file(c->fs, fd, en, e)) == 0 &&
	    (rc = hash_source(&src, &en->content.hash, &size, e)) == 0 &&
	    (rc = check_file(c->fs, fd, en, e)) == 0 &&
	    size != en->content.size)
		rc = err_path(e, ERP_BUSY, en->path, "ended while it was read");
	fs_close_quietly(c->fs, &fd);
	return rc;
}

/* May it be written to again without getting another time? */
static bool
is_fresh(const struct entry *en, int64_t now)
{
	return en->raw.s >= now - SETTLE_S && en->raw.s <= now + AHEAD_S;
}

/* From the cache, or not. */
static bool
recall(struct hashcache *c, struct entry *en)
{
	struct node *node = find(c, en->path);

	if (node == NULL || !is_same_file(en, node->size, node->raw, node->ino))
		return false;
	node->used = true;
	en->content.known = true;
	en->content.hash = node->hash;
	return true;
}

/* A crew at work on a batch; the cache itself is left alone meanwhile. */
struct filling {
	const struct hashcache *c;
	int root;
	const struct hashcache_batch *b;
};

static int
fill_one(void *arg, size_t i, bool here, struct err *e)
{
	const struct filling *f = arg;
	struct entry *en = f->b->v[i];
	int rc;

	assert(i < f->b->n);
	if (en->content.known)
		return 0;
	rc = hash_file(f->c, f->root, en, here ? f->b->obs : NULL, e);
	en->content.known = rc == 0;
	if (f->b->may_change && (rc == ERP_BUSY || rc == ERP_NOTFOUND))
		return 0;
	return rc;
}

int
hashcache_fill_all(struct hashcache *c, int root,
    const struct hashcache_batch *b, struct err *e)
{
	struct filling f = {c, root, b};
	/* Before all hashing, so that nothing too fresh is remembered. */
	int64_t now = clock_s(c->clock);
	struct node *node;
	size_t i, unknown = 0;
	int rc = 0;

	for (i = 0; i < b->n; i++) {
		b->v[i]->content.known = false;
		unknown += !recall(c, b->v[i]);
	}
	if (unknown > 0)
		rc = crew_run(b->crew, fill_one, &f, b->n, e);
	for (i = 0; unknown > 0 && i < b->n; i++) {
		if (!b->v[i]->content.known || is_fresh(b->v[i], now) ||
		    recall(c, b->v[i]) || (node = remember(c, b->v[i])) == NULL)
			continue;
		node->used = true; /* the tree owns it */
		c->changed = true;
	}
	return rc;
}

int
hashcache_fill(struct hashcache *c, int root, struct entry *entry,
    const struct observer *obs, struct err *e)
{
	const struct hashcache_batch one = {.v = &entry, .n = 1, .obs = obs};

	return hashcache_fill_all(c, root, &one, e);
}
