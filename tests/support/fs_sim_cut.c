/* What a power cut leaves of the simulated disk. */
#include "tests/support/fs_sim_disk.h"

#include <stdlib.h>
#include <string.h>

/* What is left of the bytes of an inode that was not synced. */
static void
damage(struct sim_disk *d, uint32_t ino, unsigned fate)
{
	struct sim_inode *in = &d->v[ino];
	struct sim_meta m = in->m[fate & FATE_META_KEPT ? SIM_KEPT : SIM_NOW];
	uint32_t i, len;

	/* A name and the target of a link come together. */
	if (in->type != FS_FILE)
		fate = FATE_FULL | (fate & FATE_META_KEPT);
	switch ((enum sim_fate)(fate & (FATE_META_KEPT - 1))) {
	case FATE_KEPT:
		m.data = in->m[SIM_KEPT].data;
		break;
	case FATE_FULL:
	case FATES:
		m.data = in->m[SIM_NOW].data;
		break;
	case FATE_EMPTY:
		sim_resize(d, ino, 0);
		m.data = in->m[SIM_NOW].data;
		break;
	case FATE_GARBAGE:
	case FATE_PREFIX:
		len =
		    in->m[SIM_NOW].data == NULL ? 0 : in->m[SIM_NOW].data->len;
		sim_resize(d, ino, len + 1); /* its own copy */
		sim_resize(d, ino, (fate & 7) == FATE_PREFIX ? len / 2 : len);
		m.data = in->m[SIM_NOW].data;
		for (i = 0; (fate & 7) == FATE_GARBAGE && i < len; i++)
			m.data->b[i] ^= 0x5a;
		break;
	}
	sim_meta_set(&in->m[SIM_NOW], &m);
	sim_meta_set(&in->m[SIM_KEPT], &m);
}

/* Modes, times and size as the log has them; bytes that were not synced are
 * zeros, or what was there before. */
static void
damage_ntfs(struct sim_disk *d, uint32_t ino, unsigned fate)
{
	struct sim_inode *in = &d->v[ino];
	const struct sim_blob *old = in->m[SIM_KEPT].data, *new;
	uint32_t len, sound;

	if ((fate & FATE_META_KEPT) != 0)
		sim_meta_set(&in->m[SIM_NOW], &in->m[SIM_KEPT]);
	new = in->m[SIM_NOW].data;
	len = new == NULL ? 0 : new->len;
	fate &= FATE_META_KEPT - 1;
	sound = fate == FATE_FULL ? len : fate == FATE_PREFIX ? len / 2 : 0;
	if (new != old && sound < len) {
		sim_resize(d, ino, len + 1); /* its own copy */
		sim_resize(d, ino, sound);
		sim_resize(d, ino, len);
		if (fate == FATE_KEPT && old != NULL)
			memcpy(in->m[SIM_NOW].data->b, old->b,
			    old->len < len ? old->len : len);
	}
	sim_meta_set(&in->m[SIM_KEPT], &in->m[SIM_NOW]);
}

/* How far the log of an NTFS came: what happened until then, and what did not
 * since. */
struct log_end {
	uint64_t sure, perhaps;
};

static struct log_end
log_end(const struct sim_disk *d, const uint64_t persist[SIM_WORDS])
{
	struct log_end end = {d->durable, d->logged};
	uint64_t at;
	uint32_t i;

	for (i = 0; i < d->pending_n; i++) {
		at = d->pending[i].logged;
		if (persist[i / 64] >> i % 64 & 1)
			end.sure = at;
		else if (at <= end.perhaps)
			end.perhaps = at - 1;
	}
	return end;
}

static void
damage_logged(
    struct sim_disk *d, uint32_t ino, unsigned fate, const struct log_end *end)
{
	if (d->v[ino].logged <= end->sure)
		fate &= FATE_META_KEPT - 1;
	else if (d->v[ino].logged > end->perhaps)
		fate |= FATE_META_KEPT;
	damage_ntfs(d, ino, fate);
}

void
sim_power_cut(struct sim_disk *to, const struct sim_disk *from,
    const uint64_t persist[SIM_WORDS], sim_fate_fn *fate, void *arg)
{
	const struct log_end end = log_end(from, persist);
	struct sim_inode *in;
	uint32_t i;

	sim_disk_copy(to, from);
	to->program = to->program_dir = 0;
	to->durable = to->logged;
	for (i = 0; i < to->pending_n; i++)
		if (persist[i / 64] >> i % 64 & 1)
			sim_assign(to, SIM_KEPT, &to->pending[i]);
	to->pending_n = 0;
	free(to->view[SIM_NOW].v);
	sim_view_copy(&to->view[SIM_NOW], &to->view[SIM_KEPT]);
	for (i = SIM_ROOT; i < to->n; i++) {
		in = &to->v[i];
		in->links[SIM_NOW] = in->links[SIM_KEPT];
		in->entries[SIM_NOW] = in->entries[SIM_KEPT];
		in->head[SIM_NOW] = in->head[SIM_KEPT];
		in->pins = in->opens = 0;
		in->lost = in->doomed = false;
		if (in->used && sim_is_dirty(in) && to->ntfs)
			damage_logged(to, i, fate(arg, i), &end);
		else if (in->used && sim_is_dirty(in))
			damage(to, i, fate(arg, i));
		sim_inode_drop(to, i);
	}
}
