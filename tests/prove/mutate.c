/*
 * Barriers left out, one class at a time: where the argument needs one, the
 * power cuts must find that it is missing; else the proof proves nothing.
 */
#include "tests/prove/barrier.h"
#include "tests/prove/power.h"

#include <stdio.h>
#include <string.h>

/* Not found in half a minute of a scene that is a long one. */
#define OPEN "open: not searched to an end"

#define BIT(class) ((uint64_t)1 << (class))

struct mutation {
	const char *name; /* NULL: that of its class */
	uint64_t ignore;
	const char *scene; /* the one that has it, or NULL: search all */
	const char *spared; /* why it need not be found, or NULL: it must */
};

static const struct mutation mutations[] = {
    {NULL, BIT(B_STAGED_DATA), NULL, NULL},
    {NULL, BIT(B_STATE_DATA), NULL, NULL},
    {NULL, BIT(B_TMP_DIR), "renumbers", NULL},
    {NULL, BIT(B_BACKUP_DATA), NULL, NULL},
    {NULL, BIT(B_BACKUP_RECORD), NULL, NULL},
    {NULL, BIT(B_BACKUP_DIRS), NULL, NULL},
    {NULL, BIT(B_AT_ONCE), "at-once", NULL},
    {NULL, BIT(B_ROOT_EARLY), "first-empty", NULL},
    {NULL, BIT(B_JOURNAL_DATA), NULL, NULL},
    {NULL, BIT(B_JOURNAL_DIR), NULL, NULL},
    {NULL, BIT(B_LIVE_DIRS), NULL, NULL},
    {NULL, BIT(B_SWAP_TMP), NULL, NULL},
    {NULL, BIT(B_COMMIT), NULL, NULL},
    {NULL, BIT(B_ROTATE_ROOT), NULL, NULL},
    {NULL, BIT(B_ROTATE_OWN), "lower-3", OPEN},
    {NULL, BIT(B_REPAIRED), "unwell-repair", NULL},
    {NULL, BIT(B_RENEW_DATA), "lower-3", NULL},
    {NULL, BIT(B_RENEW_NAME), "lower-3", NULL},
    {NULL, BIT(B_EMPTIED), "lower-3",
	"what is half removed is still the one that goes"},
    {NULL, BIT(B_STATE_TMP), NULL, NULL},
    {NULL, BIT(B_STATE_DIR), NULL, NULL},
    {NULL, BIT(B_RMDIR_PARENT), "update-0", NULL},
    {NULL, BIT(B_END), NULL, "the record comes back and finds nothing to do"},
    {NULL, BIT(B_RECOVER_START), "first", NULL},
    {NULL, BIT(B_UNDO_DIRS), NULL, NULL},
    {NULL, BIT(B_UNDO_TMP), "update-3", NULL},
    {NULL, BIT(B_UNDO_SAVED), "update-3", NULL},
    {NULL, BIT(B_UNDO_MADE), "lower-3", NULL},
    {NULL, BIT(B_UNDO_END), NULL, "the journal comes back and finds all old"},
    {NULL, BIT(B_SETTLE_ROOT), "unwell", NULL},
    {NULL, BIT(B_SETTLE_OWN), "unwell-empty", OPEN},
    {NULL, BIT(B_MARK_DATA), "unwell", NULL},
    {NULL, BIT(B_MARK_NAME), "unwell-empty", OPEN},
    {NULL, BIT(B_MARK_END), "unwell-empty", OPEN},
    /* Missed after 38522 states: too many for the short form. */
    {NULL, BIT(B_UNWIND_ROOT), "unwell", OPEN},
    {NULL, BIT(B_UNWIND_OWN), "unwell-empty", OPEN},
    {"swap before backup is durable",
	BIT(B_BACKUP_DATA) | BIT(B_BACKUP_RECORD) | BIT(B_BACKUP_DIRS) |
	    BIT(B_AT_ONCE) | BIT(B_ROOT_EARLY),
	NULL, NULL},
    {"swap before journal is durable", BIT(B_JOURNAL_DATA) | BIT(B_JOURNAL_DIR),
	NULL, NULL},
    {"swap before backup and journal",
	BIT(B_BACKUP_DATA) | BIT(B_BACKUP_RECORD) | BIT(B_BACKUP_DIRS) |
	    BIT(B_AT_ONCE) | BIT(B_ROOT_EARLY) | BIT(B_JOURNAL_DATA) |
	    BIT(B_JOURNAL_DIR),
	NULL, NULL},
    {"commit before live folders", BIT(B_LIVE_DIRS) | BIT(B_SWAP_TMP), NULL,
	NULL},
    {"no barrier at all", ~(uint64_t)0, NULL, NULL},
};
enum { MUTATIONS = sizeof(mutations) / sizeof(mutations[0]) };

static const struct mutation *now; /* of this process and its children */

/* Rounds of ever more states until something bad is seen. */
static void
search(struct proof *p)
{
	static const uint64_t quotas[] = {2, 8, 64};
	size_t round, rounds = p->quick || now->spared != NULL ? 2 : 3;
	const struct scene *c;

	p->ignore = now->ignore;
	if (now->scene != NULL && p->only == NULL)
		p->only = now->scene;
	p->until_bad = true;
	for (round = 0; round < rounds; round++)
		for (c = prove_next(p, NULL); c != NULL; c = prove_next(p, c))
			power_scene(p, c, quotas[round], 64);
}

unsigned
prove_mutations(struct proof *p)
{
	const char *name, *verdict;
	unsigned missed = 0;
	struct tally t;
	size_t i;

	(void)printf("\n%-34s %-12s %s\n", "barrier left out", "found",
	    "after so many states, or why not");
	for (i = 0; i < MUTATIONS; i++) {
		now = &mutations[i];
		if (p->quick && now->spared != NULL)
			continue;
		prove_run(p, search, &t);
		name = now->name;
		for (int class = 0; name == NULL && class < BARRIERS; class ++)
			if (now->ignore == BIT(class))
				name = barrier_name(class);
		verdict = t.bad > 0       ? "yes"
		    : now->spared != NULL ? "no"
					  : "NOT FOUND";
		missed += t.bad == 0 && now->spared == NULL;
		if (t.bad > 0)
			(void)printf("%-34s %-12s %lu: %.90s\n", name, verdict,
			    (unsigned long)(t.points + t.nested), t.first);
		else
			(void)printf("%-34s %-12s %lu: %s\n", name, verdict,
			    (unsigned long)(t.points + t.nested),
			    now->spared == NULL ? "" : now->spared);
		(void)fflush(stdout);
	}
	return missed;
}
