/*
 * Syncs left out, one place at a time: where the argument needs one, the power
 * cuts must find that it is missing; else the proof proves nothing.
 */
#include "tests/prove/power.h"
#include "tests/prove/shelf.h"
#include "tests/prove/site.h"

#include <stdio.h>
#include <string.h>

/* What is known of a site whose name begins so. */
struct known {
	const char *site;
	const char *scene; /* the one that notices, or NULL: search all */
	const char *spared; /* why nothing must, or NULL */
};

#define AGAIN "the record comes back and finds nothing to do"
#define WITH_TMP "the folder of the transaction is synced before the journal"

static const struct known known[] = {
    {"apply/folder.c folder_write_shared.1 < txn_state.1 names", NULL,
	WITH_TMP},
    {"apply/disk_attrs.c", NULL, "a cache: losing it costs a look"},
    {"apply/own_names.c own_forget.1 < fetched_forget", NULL,
	"what was fetched is installed: it comes back and finds nothing to do"},
    {"apply/own_names.c own_forget.1 < write_all", "forced", NULL},
    {"apply/own_names.c own_forget.1 < unchecked_clear", "small-well", NULL},
    {"apply/recover.c close_record", NULL, AGAIN},
    {"apply/recover.c forget.1 < close_record", NULL, AGAIN},
    {"apply/recover.c forget.1 < recover_undo", "written-to", NULL},
    {"apply/recover.c forget.1 < rotate_waiting", "waiting", NULL},
    {"apply/recover.c recover_run", "small", NULL},
    {"apply/recover.c settle_names", "small-unwell", NULL},
    {"apply/refused.c write_all.2 < add.1 bytes", "rollback", NULL},
    {"apply/refused.c write_all.2 < add.1 names", NULL,
	"the journal of the way back is synced in the same folder, and of a "
	"rollback the folder of the transaction"},
    {"apply/renew.c empty", "lower-repair", NULL},
    {"apply/renew.c renew_file", "lower-no-links", NULL},
    {"apply/renew.c renew_settle.1 < settle.1", NULL,
	"recovery begins with a sync of the same folder"},
    {"apply/renew.c renew_settle.1 < settle_backups", "lower-waiting", NULL},
    {"apply/rotate.c drop_repaired.1 < make_room", "repaired-goes", NULL},
    {"apply/rotate.c drop_repaired.1 < run_repair", "repair-first", NULL},
    {"apply/rotate_unwind.c", "small-unwell", NULL},
    {"apply/swap.c swap_remove_emptied", "update-0", NULL},
    {"apply/swap.c swap_sync_dirs.2 < swap_undo", "update-3", NULL},
    {"apply/swap_undo.c dress_folder", "lower-owned", NULL},
    {"apply/txn_commit.c prepare", "first-empty", NULL},
    {"apply/txn_commit.c sync_fresh.1 < prepare.1 names", "owned", NULL},
    {"apply/txn_commit.c sync_fresh.2", NULL,
	"the next state was synced in the same folder; a rollback without one "
	"needs it, of links"},
    {"apply/unchecked.c unchecked_write.1 < update.1 names", NULL,
	"the journal of the update is synced in the same folder"},
    {"store/store_release.c kept_sync.1 < drop_old", "collect", NULL},
    {"store/store_release.c kept_sync.1 < store_hold", "again", NULL},
    {"store/store_save.c write_kept.1 < save_again.1 names", NULL,
	"what comes back is there, and its folder was synced with it"},
};
enum { KNOWN = sizeof(known) / sizeof(known[0]) };

/* Several at once. */
static const struct {
	const char *name, *starts[3]; /* of their sites */
	const char *scene; /* or NULL */
} together[] = {
    {"names of new files",
	{"apply/folder.c folder_write_shared.1 < txn_state.1 names",
	    "apply/txn_commit.c sync_fresh.2", NULL},
	"renumbers"},
    {"swap before the backup is durable",
	{"apply/backup.c", "apply/txn_commit.c prepare", NULL}, NULL},
    {"swap before the journal is durable", {"apply/journal.c", NULL}, NULL},
    {"no sync at all on a station", {"apply/", NULL}, NULL},
    {"no sync at all on a server", {"store/", NULL}, NULL},
};
enum { TOGETHER = sizeof(together) / sizeof(together[0]) };

/* What is left out now, of this process and its children. */
static struct sites sites;
static const struct known *hint;
static uint64_t reached; /* scenes that have it */

static bool
is_shelf(void)
{
	size_t i;

	for (i = 0; i < sites.n; i++)
		if (sites.v[i].left_out)
			return strncmp(sites.v[i].name, "store/", 6) == 0;
	return false;
}

/* One scene or shelf whose number is given. */
static bool
is_wanted(const struct proof *p, const char *name, size_t number)
{
	if (p->only != NULL)
		return strcmp(name, p->only) == 0;
	if (hint->scene != NULL)
		return strcmp(name, hint->scene) == 0;
	return (reached >> number & 1) != 0;
}

/* Rounds of ever more states until something bad is seen. */
static void
search(struct proof *p)
{
	static const uint64_t quotas[] = {2, 8, 64};
	const struct shelf *h;
	const struct scene *c;
	size_t round, rounds = hint->spared != NULL ? 2 : 3;

	p->sites = &sites;
	p->until_bad = true;
	for (round = 0; round < rounds && !prove_is_done(p); round++) {
		if (is_shelf()) {
			for (h = shelves_make();
			     h->name != NULL && !prove_is_done(p); h++)
				if (is_wanted(p, h->name,
					(size_t)(h - shelves_make())))
					shelf_cut(p, h, quotas[round]);
			continue;
		}
		for (c = p->scenes; c->name != NULL && !prove_is_done(p); c++)
			if (is_wanted(p, c->name, (size_t)(c - p->scenes)))
				power_scene(p, c, quotas[round], 64);
	}
}

static int
note(void *arg, struct sim *s, struct sim_call *call)
{
	sites_note(&sites, s, call, *(unsigned *)arg);
	return 0;
}

struct looker {
	const struct scene *c;
	unsigned number;
};

/* Who asks for a sync here, and in the recovery from a kill. */
static int
look(void *arg, struct sim *s, struct sim_call *call)
{
	struct looker *l = arg;
	struct sim after;
	struct err e;

	if (call->changes && s->changes % 4 == 0) {
		scene_copy(&after, s);
		after.hook = note;
		after.hook_arg = &l->number;
		(void)scene_recover(l->c, &after, &e);
		sim_close(&after);
	}
	return note(&l->number, s, call);
}

static void
survey(const struct proof *p)
{
	struct looker l = {.number = 0};
	const struct shelf *h;
	struct shelved kept;
	struct ended out;
	struct sim s;

	for (l.c = p->scenes; l.c->name != NULL; l.c++, l.number++) {
		scene_copy_start(&s, l.c);
		s.hook = look;
		s.hook_arg = &l;
		scene_run(l.c, &s, &out);
		sim_close(&s);
	}
	l.number = 0;
	for (h = shelves_make(); h->name != NULL; h++, l.number++) {
		scene_copy(&s, &h->start);
		s.hook = note;
		s.hook_arg = &l.number;
		shelf_run(h, &s, &kept);
		(void)shelf_judge(h, &s, kept.published);
		sim_close(&s);
	}
	sites_name(&sites);
}

static const struct known *
known_of(const char *name)
{
	static const struct known none = {NULL, NULL, NULL};
	size_t i;

	for (i = 0; i < KNOWN; i++)
		if (strncmp(known[i].site, name, strlen(known[i].site)) == 0)
			return &known[i];
	return &none;
}

/* Leave out what is marked: is that noticed, where it must be? */
static bool
miss(struct proof *p, const char *name, const char *where)
{
	struct tally t;
	size_t i;

	reached = 0;
	for (i = 0; i < sites.n; i++)
		if (sites.v[i].left_out)
			reached |= sites.v[i].scenes;
	prove_run(p, search, &t);
	(void)printf("%-64s %-20s %-9s %lu: %.90s\n", name, where,
	    t.bad > 0                  ? "yes"
		: hint->spared != NULL ? "no"
				       : "NOT FOUND",
	    (unsigned long)(t.points + t.nested),
	    t.bad > 0                  ? t.first
		: hint->spared != NULL ? hint->spared
				       : "");
	(void)fflush(stdout);
	return t.bad > 0 || hint->spared != NULL;
}

static bool
is_asked(const struct proof *p, const char *name)
{
	return p->site == NULL || strstr(name, p->site) != NULL;
}

unsigned
prove_mutations(struct proof *p)
{
	unsigned missed = 0;
	size_t i, k, j;

	survey(p);
	(void)printf("\n%-64s %-20s %-9s %s\n", "sync left out", "line",
	    "found", "after so many states, or why not");
	for (i = 0; i < sites.n; i++) {
		hint = known_of(sites.v[i].name);
		if ((p->quick && hint->spared != NULL) ||
		    !is_asked(p, sites.v[i].name))
			continue;
		sites.v[i].left_out = true;
		missed += !miss(p, sites.v[i].name, sites.v[i].where);
		sites.v[i].left_out = false;
	}
	for (k = 0; k < TOGETHER; k++) {
		if (!is_asked(p, together[k].name))
			continue;
		for (i = 0; i < sites.n; i++)
			for (j = 0; together[k].starts[j] != NULL; j++)
				sites.v[i].left_out |=
				    strncmp(sites.v[i].name,
					together[k].starts[j],
					strlen(together[k].starts[j])) == 0;
		hint = &(struct known){"", together[k].scene, NULL};
		missed += !miss(p, together[k].name, "");
		for (i = 0; i < sites.n; i++)
			sites.v[i].left_out = false;
	}
	sites_release(&sites);
	return missed;
}
