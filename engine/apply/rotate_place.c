/*
 * Which backup makes room for another one, by their records and the states in
 * them: under rotate.c, which moves them.
 */
#include "engine/apply/rotate_internal.h"

#include "engine/apply/backup.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/folder_state.h"
#include "engine/apply/own_names.h"
#include "engine/base/err.h"
#include "engine/tree/kind.h"
#include "engine/tree/manifest.h"

/* A backup, and the state in it. */
struct side {
	const struct backup *b;
	struct folder_state s; /* of b->from, if it is known */
	struct hash gist; /* of that */
};

/* What a backup with a number is to the new one. */
struct slot {
	bool taken;
	bool known; /* of which release it is */
	bool repair;
	bool more; /* it has an edit that the new one has not */
	struct hash gist; /* of that release */
};

static int
side_read(
    struct folder *f, int dir, const char *name, struct side *x, struct err *e)
{
	int rc = backup_state(f->fs, dir, name, x->b, &x->s, e);

	x->gist = x->b->from;
	if (rc == 0 && x->s.known)
		rc = manifest_gist(&x->s.manifest, &x->gist, e);
	return rc;
}

/* Is what its update did away with at path of no release: an edit?  Clients
 * write their INI files at each start, which is none. */
static bool
is_edit(const struct side *x, const char *path)
{
	const struct backup_entry *had, *did;
	const struct entry *was;

	had = backup_list_find(&x->b->files, path);
	did = backup_list_find(&x->b->written, path);
	if (had == NULL || did == NULL || had->type != FS_FILE ||
	    !had->content.known || kind_is_ini(path))
		return false;
	/* The same content, whatever the release calls it. */
	if (!did->gone && did->content.known &&
	    hash_equal(&did->content.hash, &had->content.hash))
		return false;
	was = x->s.known ? manifest_find(&x->s.manifest, path) : NULL;
	return was == NULL || !was->content.known ||
	    !hash_equal(&was->content.hash, &had->content.hash);
}

/* Has x an edit, of a file of which next, if it is not NULL, has none? */
static bool
has_more(const struct side *x, const struct side *next)
{
	const struct backup_list *did = &x->b->written;
	size_t i;

	for (i = 0; i < did->n; i++)
		if (is_edit(x, did->v[i].path) &&
		    (next == NULL || !is_edit(next, did->v[i].path)))
			return true;
	return false;
}

static int
slot_read(struct folder *f, int number, const struct side *next,
    struct slot *out, struct err *e)
{
	char name[ROTATE_NAME_BYTES];
	struct backup b;
	struct side x = {.b = &b};
	int rc;

	backup_init(&b);
	if ((rc = rotate_read(f, number, &b, e)) < 0)
		return rc;
	out->known = rc == 1 && b.has_from;
	out->repair = b.repair;
	rc = 0;
	if (out->known) {
		rotate_name(name, number);
		rc = side_read(f, f->dir, name, &x, e);
		out->gist = x.gist;
		/* What a release put right in itself is kept for a while only.
		 */
		out->more = rc == 0 &&
		    (next != NULL || !hash_equal(&b.from, &b.to)) &&
		    has_more(&x, next);
		state_release(&x.s);
	}
	backup_release(&b);
	return rc;
}

static int
slots_read(struct folder *f, const struct side *next,
    struct slot v[ROTATE_SLOTS + 1], struct err *e)
{
	int k, rc;

	/* What is below all numbers ends the search for one that is taken. */
	v[0] = (struct slot){.taken = true};
	for (k = 1; k <= ROTATE_SLOTS; k++) {
		if ((rc = rotate_is_taken(f, k, e)) < 0)
			return rc;
		v[k] = (struct slot){.taken = rc == 1};
		if (rc == 1 && (rc = slot_read(f, k, next, &v[k], e)) != 0)
			return rc;
	}
	return 0;
}

/* Is the release of backup k the one of another? */
static bool
is_twice(const struct slot v[ROTATE_SLOTS + 1], int k)
{
	int i;

	for (i = 1; i <= ROTATE_SLOTS; i++)
		if (i != k && v[i].known && hash_equal(&v[i].gist, &v[k].gist))
			return true;
	return false;
}

/* What goes for the backup of a repair of live: its number; 0 when one is
 * free; -1 when none may go. */
static int
choose(const struct slot v[ROTATE_SLOTS + 1], const struct hash *live)
{
	int k = ROTATE_SLOTS;

	while (!v[k].taken)
		k--;
	if (v[k].known && v[k].repair && !v[k].more &&
	    hash_equal(&v[k].gist, live))
		return k;
	for (k = 1; k <= ROTATE_SLOTS; k++)
		if (!v[k].taken)
			return 0;
	for (k = 1; k <= ROTATE_SLOTS; k++)
		if (v[k].known && !v[k].more &&
		    (is_twice(v, k) || hash_equal(&v[k].gist, live)))
			return k;
	return -1;
}

/* Did its update only add what was missing?  Then the folder has all that is in
 * the backup, and to bring it back would take that away again. */
static bool
has_only_added(const struct backup *b)
{
	size_t i;

	for (i = 0; i < b->written.n; i++)
		if (!b->written.v[i].added)
			return false;
	return b->written.n > 0;
}

int
rotate_place(struct folder *f, const struct tx_names *names,
    const struct backup *next, struct err *e)
{
	struct slot v[ROTATE_SLOTS + 1];
	struct side x = {.b = next};
	int k, rc;

	if (has_only_added(next))
		return ROTATE_REPAIRED;
	if ((rc = side_read(f, f->own, names->bkp, &x, e)) == 0)
		rc = slots_read(f, &x, v, e);
	if (rc == 0 && (k = choose(v, &x.gist)) >= 0)
		rc = k;
	/* Apart it would go with the next update: what a release of other times
	 * took away is worth a number. */
	else if (rc == 0 &&
	    (hash_equal(&next->from, &next->to) || !has_more(&x, NULL)))
		rc = ROTATE_REPAIRED;
	state_release(&x.s);
	return rc;
}

/* Does one of them say that it is of a repair?  1, 0 or a code. */
static int
has_repair(struct folder *f, struct err *e)
{
	char name[ROTATE_NAME_BYTES];
	struct backup b;
	int k, rc;

	for (k = 1; k <= ROTATE_SLOTS; k++) {
		rotate_name(name, k);
		rc = backup_glance(f->fs, f->dir, name, &b, e);
		if (rc < 0 || (rc == 1 && b.repair))
			return rc;
	}
	return 0;
}

int
rotate_spare(struct folder *f, struct err *e)
{
	struct slot v[ROTATE_SLOTS + 1];
	int k, rc;

	/* Mostly none is, and their lists and states are as large as manifests.
	 */
	if ((rc = has_repair(f, e)) <= 0 ||
	    (rc = slots_read(f, NULL, v, e)) != 0)
		return rc;
	for (k = 1; k <= ROTATE_SLOTS; k++)
		if (v[k].known && v[k].repair && !v[k].more && is_twice(v, k))
			return k;
	return 0;
}
