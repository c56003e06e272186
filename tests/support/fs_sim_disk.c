/* The simulated disk: inodes, names, and what is durable of them. */
#include "tests/support/fs_sim_disk.h"

#include "engine/base/who.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
grow(void *old, size_t have, size_t want)
{
	void *p = sim_alloc(want);

	if (have > 0)
		memcpy(p, old, have);
	memset((uint8_t *)p + have, 0, want - have);
	free(old);
	return p;
}

/* Names. */

static bool
same_name(const struct sim_disk *d, uint32_t dir, uint32_t a, uint32_t b)
{
	return a == b || (d->v[dir].folds && sim_folded(a) == sim_folded(b));
}

uint32_t
sim_find(const struct sim_disk *d, int face, uint32_t dir, uint32_t name)
{
	const struct sim_view *w = &d->view[face];
	int32_t i;

	for (i = d->v[dir].head[face]; i >= 0; i = w->v[i].next)
		if (same_name(d, dir, w->v[i].name, name))
			return w->v[i].ino;
	return 0;
}

/* The name as it was spelled. */
static uint32_t
name_remove(struct sim_disk *d, int face, uint32_t dir, uint32_t name)
{
	struct sim_view *w = &d->view[face];
	int32_t *at = &d->v[dir].head[face], i;

	while ((i = *at) >= 0 && !same_name(d, dir, w->v[i].name, name))
		at = &w->v[i].next;
	if (i < 0)
		return name;
	d->v[w->v[i].ino].links[face]--;
	d->v[dir].entries[face]--;
	*at = w->v[i].next;
	w->v[i].next = w->spare;
	w->spare = i;
	return w->v[i].name;
}

static void
name_add(struct sim_disk *d, int face, const struct sim_assign *a)
{
	struct sim_view *w = &d->view[face];
	int32_t i = w->spare;

	if (i >= 0) {
		w->spare = w->v[i].next;
	} else {
		if (w->n == w->cap) {
			w->v = grow(w->v, w->n * sizeof(*w->v),
			    (w->cap + 512) * sizeof(*w->v));
			w->cap += 512;
		}
		i = (int32_t)w->n++;
	}
	w->v[i] =
	    (struct sim_name){a->dir, a->name, a->ino, d->v[a->dir].head[face]};
	d->v[a->dir].head[face] = i;
	d->v[a->dir].entries[face]++;
	d->v[a->ino].links[face]++;
}

void
sim_assign(struct sim_disk *d, int face, const struct sim_change *c)
{
	struct sim_assign a;
	uint32_t i, old;

	for (i = 0; i < c->n; i++) {
		a = c->a[i];
		old = sim_find(d, face, a.dir, a.name);
		if (old != 0) {
			/* What takes the place of a name takes its spelling. */
			a.name = name_remove(d, face, a.dir, a.name);
			sim_inode_drop(d, old);
		}
		if (a.ino != 0)
			name_add(d, face, &a);
	}
}

/* Inodes. */

uint32_t
sim_inode_new(struct sim_disk *d, enum fs_type type, uint32_t mode)
{
	struct sim_inode *in;
	uint32_t i;

	/* The lowest free number, as real file systems reuse them. */
	for (i = SIM_ROOT + 1; i < d->n && d->v[i].used; i++)
		;
	if (i >= d->n) {
		if (i >= d->cap) {
			d->v = grow(d->v, d->n * sizeof(*d->v),
			    (d->cap + 512) * sizeof(*d->v));
			d->cap += 512;
		}
		d->n = i + 1;
	}
	in = &d->v[i];
	memset(in, 0, sizeof(*in));
	in->used = true;
	in->type = (uint8_t)type;
	in->head[0] = in->head[1] = -1;
	in->m[SIM_NOW].mode = in->m[SIM_KEPT].mode = mode;
	in->m[SIM_NOW].uid = in->m[SIM_KEPT].uid = who_uid();
	in->m[SIM_NOW].gid = in->m[SIM_KEPT].gid = who_gid();
	in->m[SIM_NOW].mtime.s = in->m[SIM_KEPT].mtime.s = d->tick;
	in->born = in->changed = d->tick;
	return i;
}

void
sim_make_lower(struct sim_disk *d)
{
	uint32_t i;

	for (i = SIM_ROOT; i < d->n; i++)
		d->v[i].lower = d->v[i].used && d->v[i].type == FS_DIR;
}

void
sim_inode_drop(struct sim_disk *d, uint32_t ino)
{
	static const struct sim_meta nothing;
	struct sim_inode *in = &d->v[ino];

	if (!in->used || ino == SIM_ROOT || in->links[0] > 0 ||
	    in->links[1] > 0 || in->pins > 0 || in->opens > 0)
		return;
	sim_meta_set(&in->m[SIM_NOW], &nothing);
	sim_meta_set(&in->m[SIM_KEPT], &nothing);
	memset(in, 0, sizeof(*in));
	in->head[0] = in->head[1] = -1;
}

static void
pin(struct sim_disk *d, const struct sim_change *c, bool on)
{
	uint32_t i, k, who[5] = {c->emptied, 0, 0, 0, 0};

	for (i = 0; i < c->n; i++) {
		who[1 + 2 * i] = c->a[i].dir;
		who[2 + 2 * i] = c->a[i].ino;
	}
	for (k = 0; k < 5; k++) {
		if (who[k] == 0)
			continue;
		if (on) {
			d->v[who[k]].pins++;
		} else {
			d->v[who[k]].pins--;
			sim_inode_drop(d, who[k]);
		}
	}
}

void
sim_log(struct sim_disk *d, uint32_t ino)
{
	d->v[ino].logged = ++d->logged;
	d->v[ino].changed = d->tick;
}

void
sim_change(struct sim_disk *d, const struct sim_change *c)
{
	uint32_t i;

	if (d->pending_n == SIM_PENDING) {
		(void)fprintf(stderr, "simulated disk: too many changes\n");
		abort();
	}
	pin(d, c, true);
	d->pending[d->pending_n] = *c;
	d->pending[d->pending_n++].logged = ++d->logged;
	for (i = 0; i < c->n; i++) {
		sim_log(d, c->a[i].dir);
		d->v[c->a[i].dir].m[SIM_NOW].mtime.s = d->tick;
		d->v[c->a[i].dir].m[SIM_NOW].mtime.ns = 0;
		/* What has the name, and what gets it; 0 is nobody's. */
		d->v[sim_find(d, SIM_NOW, c->a[i].dir, c->a[i].name)].changed =
		    d->tick;
		d->v[c->a[i].ino].changed = d->tick;
	}
	sim_assign(d, SIM_NOW, c);
}

void
sim_settle_doomed(struct sim_disk *d, uint32_t ino)
{
	const struct sim_inode *in = &d->v[ino];
	struct sim_change c = {
	    .n = 1, .a[0] = {in->doomed_dir, in->doomed_name, 0}};

	if (!in->used || !in->doomed || in->opens > 0)
		return;
	d->v[ino].doomed = false;
	c.emptied = in->type == FS_DIR ? ino : 0;
	sim_change(d, &c);
}

/* Durability. */

/* Was i made to the same name as j, or in the folder that j removes? */
static bool
follows(const struct sim_disk *d, const struct sim_change *j,
    const struct sim_change *i)
{
	uint32_t a, b;

	for (a = 0; a < j->n; a++)
		for (b = 0; b < i->n; b++)
			if ((j->a[a].dir == i->a[b].dir &&
				same_name(d, j->a[a].dir, j->a[a].name,
				    i->a[b].name)) ||
			    (j->emptied != 0 && j->emptied == i->a[b].dir))
				return true;
	return false;
}

/* Must i survive for j to? */
static bool
depends(const struct sim_disk *d, const struct sim_change *j,
    const struct sim_change *i)
{
	uint32_t a, b;

	for (a = 0; a < j->n; a++)
		for (b = 0; b < i->n; b++)
			if (d->ntfs || j->a[a].dir == i->a[b].ino)
				return true;
	return follows(d, j, i);
}

void
sim_needs(const struct sim_disk *d, struct sim_needs *out)
{
	uint32_t words = (d->pending_n + 63) / 64, i, j, k;

	for (j = 0; j < d->pending_n; j++) {
		memset(out->w[j], 0, words * sizeof(out->w[j][0]));
		out->w[j][j / 64] |= (uint64_t)1 << j % 64;
		for (i = 0; i < j; i++)
			if (depends(d, &d->pending[j], &d->pending[i]))
				for (k = 0; k < words; k++)
					out->w[j][k] |= out->w[i][k];
	}
}

/* A rename between two folders is durable when both are synced, and what is
 * in a folder says nothing of the folder's own name: no more than fsync(2)
 * promises. */
static void
sync_names(struct sim_disk *d, uint32_t dir)
{
	bool want[SIM_PENDING] = {false};
	struct sim_change *c;
	uint32_t i, j, kept = 0;

	for (i = 0; i < d->pending_n; i++) {
		c = &d->pending[i];
		for (j = 0; j < c->n; j++)
			c->synced[j] |= c->a[j].dir == dir;
		want[i] = c->synced[0] && (c->n == 1 || c->synced[1]);
	}
	for (j = d->pending_n; j > 0; j--)
		for (i = 0; want[j - 1] && i < j - 1; i++)
			want[i] |=
			    follows(d, &d->pending[j - 1], &d->pending[i]);
	for (i = 0; i < d->pending_n; i++)
		if (want[i])
			sim_assign(d, SIM_KEPT, &d->pending[i]);
	for (i = 0; i < d->pending_n; i++) {
		struct sim_change done = d->pending[i];

		if (want[i])
			pin(d, &done, false);
		else
			d->pending[kept++] = done;
	}
	d->pending_n = kept;
}

/* All that the log of an NTFS has. */
static void
flush_log(struct sim_disk *d)
{
	struct sim_change done;
	struct sim_meta m;
	uint32_t i;

	for (i = 0; i < d->pending_n; i++) {
		done = d->pending[i];
		sim_assign(d, SIM_KEPT, &done);
		pin(d, &done, false);
	}
	d->pending_n = 0;
	for (i = SIM_ROOT; i < d->n; i++) {
		m = d->v[i].m[SIM_NOW];
		m.data = d->v[i].m[SIM_KEPT].data;
		if (d->v[i].used)
			sim_meta_set(&d->v[i].m[SIM_KEPT], &m);
	}
	d->durable = d->logged;
}

void
sim_sync(struct sim_disk *d, uint32_t ino)
{
	const struct sim_view *w = &d->view[SIM_NOW];
	struct sim_inode *in = &d->v[ino], *link;
	int32_t i;

	if (d->ntfs)
		flush_log(d);
	if (!in->lost)
		sim_meta_set(&in->m[SIM_KEPT], &in->m[SIM_NOW]);
	if (in->type != FS_DIR)
		return;
	sync_names(d, ino);
	/* A link cannot be synced by itself; its folder stands for it. */
	for (i = in->head[SIM_NOW]; i >= 0; i = w->v[i].next) {
		link = &d->v[w->v[i].ino];
		if (link->type == FS_SYMLINK)
			sim_meta_set(&link->m[SIM_KEPT], &link->m[SIM_NOW]);
	}
}

void
sim_sync_all(struct sim_disk *d)
{
	uint32_t i;

	d->durable = d->logged;
	for (i = SIM_ROOT; i < d->n; i++)
		if (d->v[i].used && d->v[i].type == FS_DIR)
			sync_names(d, i);
	for (i = SIM_ROOT; i < d->n; i++)
		if (d->v[i].used) {
			d->v[i].lost = false;
			sim_meta_set(&d->v[i].m[SIM_KEPT], &d->v[i].m[SIM_NOW]);
		}
}

bool
sim_is_dirty(const struct sim_inode *in)
{
	return in->m[0].data != in->m[1].data ||
	    in->m[0].attrs != in->m[1].attrs ||
	    in->m[0].mode != in->m[1].mode || in->m[0].uid != in->m[1].uid ||
	    in->m[0].gid != in->m[1].gid ||
	    !stamp_equal(in->m[0].mtime, in->m[1].mtime);
}

/* Copies. */

void
sim_disk_init(struct sim_disk *d)
{
	memset(d, 0, sizeof(*d));
	d->view[0].spare = d->view[1].spare = -1;
	d->tick = 1500000000;
	d->cap = 512;
	d->v = grow(NULL, 0, d->cap * sizeof(*d->v));
	d->n = SIM_ROOT + 1;
	d->v[SIM_ROOT].used = true;
	d->v[SIM_ROOT].type = FS_DIR;
	d->v[SIM_ROOT].head[0] = d->v[SIM_ROOT].head[1] = -1;
	d->v[SIM_ROOT].m[0].mode = d->v[SIM_ROOT].m[1].mode = 0755;
	d->v[SIM_ROOT].m[0].uid = d->v[SIM_ROOT].m[1].uid = who_uid();
	d->v[SIM_ROOT].m[0].gid = d->v[SIM_ROOT].m[1].gid = who_gid();
}

void
sim_disk_release(struct sim_disk *d)
{
	static const struct sim_meta nothing;
	uint32_t i;

	for (i = 0; i < d->n; i++) {
		sim_meta_set(&d->v[i].m[0], &nothing);
		sim_meta_set(&d->v[i].m[1], &nothing);
	}
	free(d->v);
	free(d->view[0].v);
	free(d->view[1].v);
	memset(d, 0, sizeof(*d));
}

void
sim_view_copy(struct sim_view *to, const struct sim_view *from)
{
	*to = *from;
	to->cap = from->n + 64;
	to->v = sim_alloc(to->cap * sizeof(*to->v));
	if (from->n > 0)
		memcpy(to->v, from->v, from->n * sizeof(*to->v));
}

void
sim_disk_copy(struct sim_disk *to, const struct sim_disk *from)
{
	uint32_t i;

	to->n = from->n;
	to->cap = from->n + 64;
	to->tick = from->tick;
	to->ntfs = from->ntfs;
	to->logged = from->logged;
	to->durable = from->durable;
	to->program = from->program;
	to->program_dir = from->program_dir;
	to->pending_n = from->pending_n;
	memcpy(to->pending, from->pending,
	    from->pending_n * sizeof(to->pending[0]));
	to->v = sim_alloc(to->cap * sizeof(*to->v));
	memcpy(to->v, from->v, from->n * sizeof(*to->v));
	for (i = 0; i < to->n; i++) {
		(void)sim_blob_keep(to->v[i].m[0].data);
		(void)sim_blob_keep(to->v[i].m[1].data);
		(void)sim_blob_keep(to->v[i].m[0].attrs);
		(void)sim_blob_keep(to->v[i].m[1].attrs);
	}
	sim_view_copy(&to->view[0], &from->view[0]);
	sim_view_copy(&to->view[1], &from->view[1]);
}

/* No process is left: its descriptors and their inodes are gone. */
static void
close_all(struct sim_disk *d)
{
	uint32_t i;

	for (i = SIM_ROOT; i < d->n; i++) {
		d->v[i].opens = 0;
		sim_settle_doomed(d, i);
		sim_inode_drop(d, i);
	}
}

void
sim_killed(struct sim_disk *to, const struct sim_disk *from)
{
	sim_disk_copy(to, from);
	close_all(to);
}

/* Deleted, and only not yet surely so? */
static bool
takes_room(const struct sim_inode *in)
{
	return in->used && (in->links[SIM_NOW] > 0 || in->opens > 0);
}

uint64_t
sim_bytes_used(const struct sim_disk *d)
{
	const struct sim_inode *in;
	uint64_t blocks = 0;
	uint32_t i;

	for (i = SIM_ROOT; i < d->n; i++) {
		in = &d->v[i];
		if (!takes_room(in))
			continue;
		if (in->type == FS_DIR)
			blocks += 1 + in->entries[SIM_NOW] / 64;
		else if (in->type == FS_FILE && in->m[SIM_NOW].data != NULL)
			blocks += (in->m[SIM_NOW].data->len + SIM_BLOCK - 1) /
			    SIM_BLOCK;
	}
	return blocks * SIM_BLOCK;
}

uint64_t
sim_inodes_used(const struct sim_disk *d)
{
	uint64_t n = 0;
	uint32_t i;

	for (i = SIM_ROOT; i < d->n; i++)
		n += takes_room(&d->v[i]);
	return n;
}
