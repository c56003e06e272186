/* How scenes are judged. */
#include "tests/prove/scene.h"

#include "engine/apply/record.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"

#include <stdio.h>
#include <string.h>

#define CLIENT "/client"

/* The bytes of the state: whether others may read it is no matter here. */
static uint64_t
state_of(const struct sim *s)
{
	uint32_t ino = sim_walk(s, CLIENT "/.erpsync/state");

	return ino == 0 ? 0 : sim_blob_hash(s->disk.v[ino].m[SIM_NOW].data);
}

/* What the record of the state names: behind magic, version and length. */
static uint64_t
release_of(const struct sim *s)
{
	enum { AT = 20, LEN = 32 };
	uint32_t ino = sim_walk(s, CLIENT "/.erpsync/state"), i;
	const struct sim_blob *b =
	    ino == 0 ? NULL : s->disk.v[ino].m[SIM_NOW].data;
	uint64_t h = 1;

	for (i = AT; b != NULL && i < AT + LEN && i < b->len; i++)
		h = (h ^ b->b[i]) * 0x9e3779b97f4a7c15u;
	return h;
}

/* A damaged one counts as none. */
static bool
is_refused(const struct sim *s)
{
	uint32_t ino = sim_walk(s, CLIENT "/.erpsync/refused");
	const struct sim_blob *b =
	    ino == 0 ? NULL : s->disk.v[ino].m[SIM_NOW].data;
	struct cursor c;

	return b != NULL &&
	    record_open(b->b, b->len, "ERPREFU1", &c, NULL) == 0;
}

/* The backup that waits for its number: its name, or NULL. */
static const char *
waiting(const struct sim *s)
{
	uint32_t own = sim_walk(s, CLIENT "/.erpsync");
	const struct sim_view *w = &s->disk.view[SIM_NOW];
	int32_t i;

	if (own == 0 || sim_walk(s, CLIENT "/.erpsync/rotating") == 0)
		return NULL;
	for (i = s->disk.v[own].head[SIM_NOW]; i >= 0; i = w->v[i].next)
		if (strncmp(sim_text(w->v[i].name), "bkp.", 4) == 0)
			return sim_text(w->v[i].name);
	return NULL;
}

bool
scene_waits(const struct scene *c)
{
	return waiting(&c->start) != NULL || c->after.backup[4] != 0;
}

void
scene_look(const struct sim *s, struct sight *out)
{
	char path[64];
	int k;

	out->live = sim_digest(s, CLIENT, SIM_LIVE);
	out->state = state_of(s);
	out->release = release_of(s);
	out->refused = is_refused(s);
	for (k = 0; k < 3; k++) {
		(void)snprintf(
		    path, sizeof(path), CLIENT "/bkp_remote.00%d", k + 1);
		out->backup[k] = sim_digest(s, path, SIM_BACKUP);
	}
	out->bases = sim_digest(s, CLIENT "/.erpsync/ini", SIM_BYTES);
	out->backup[3] = sim_digest(s, CLIENT "/.erpsync/repaired", SIM_BACKUP);
	out->backup[4] = 0;
	if (waiting(s) == NULL)
		return;
	(void)snprintf(path, sizeof(path), CLIENT "/.erpsync/%s", waiting(s));
	out->backup[4] = sim_digest(s, path, SIM_BACKUP);
}

bool
sight_equal(const struct sight *a, const struct sight *b)
{
	return a->live == b->live && a->state == b->state &&
	    memcmp(a->backup, b->backup, sizeof(a->backup)) == 0 &&
	    a->refused == b->refused;
}

/* Does it begin as one of these? */
static bool
is_one_of(const char *const v[], size_t n, const char *name)
{
	while (n > 0 && strncmp(name, v[n - 1], strlen(v[n - 1])) != 0)
		n--;
	return n > 0;
}

const char *
scene_leftover(const struct sim *s)
{
	/* What a program keeps until it ends. */
	static const char *const held[] = {"tmp.", "bkp.", "trash.", "anew."};
	/* policy, ini: where there are merges. */
	static const char *const ok[] = {"policy", "ini", "lock", "state",
	    "hashes", "recv", "refused", "repaired", "held", "fetched",
	    "spare"};
	const size_t n = sizeof(ok) / sizeof(ok[0]);
	uint32_t own = sim_walk(s, CLIENT "/.erpsync");
	const struct sim_view *w = &s->disk.view[SIM_NOW];
	const char *name, *waits = waiting(s);
	int32_t i;
	size_t k;

	if (own == 0)
		return NULL;
	for (i = s->disk.v[own].head[SIM_NOW]; i >= 0; i = w->v[i].next) {
		name = sim_text(w->v[i].name);
		for (k = 0; k < n && strcmp(name, ok[k]) != 0; k++)
			;
		if (s->disk.program != 0 && is_one_of(held, 4, name))
			continue;
		if (k == n &&
		    (waits == NULL ||
			(strcmp(name, waits) != 0 &&
			    strcmp(name, "rotating") != 0)))
			return name;
	}
	return NULL;
}

enum ending
scene_allows(const struct scene *c, const struct ended *out)
{
	bool open = strstr(out->e.msg, "not known") != NULL ||
	    strstr(out->e.msg, "recovery required") != NULL;

	if (c->intruded)
		return ENDING_ANY;
	if (c->health == UNWELL && out->committed)
		return out->warned ? ENDING_ANY
		    : strstr(out->e.msg, "in place again") != NULL
		    ? ENDING_DONE
		    : ENDING_AFTER;
	if (out->rc == 0 && !out->warned)
		return ENDING_DONE;
	if (out->rc == 0 || out->committed)
		return ENDING_AFTER;
	/* Only the commit itself may leave it open. */
	return open ? ENDING_ANY : ENDING_BEFORE;
}

bool
scene_is_backed_up(const struct scene *c, const struct sim *s)
{
	char path[64] = CLIENT "/.erpsync/repaired";
	int k = 3;

	if (sim_digest(s, path, SIM_LIVE) == c->before.live)
		return true;
	do
		(void)snprintf(
		    path, sizeof(path), CLIENT "/bkp_remote.00%d", k);
	while (sim_walk(s, path) == 0 && --k > 0);
	if (waiting(s) != NULL)
		(void)snprintf(
		    path, sizeof(path), CLIENT "/.erpsync/%s", waiting(s));
	return sim_digest(s, path, SIM_LIVE) == c->before.live;
}

/* What lies in each backup, in their order, whoever made it. */
static int
contents_of(const struct sim *s, uint64_t out[3])
{
	char path[64];
	int k, n = 0;

	for (k = 1; k <= 3; k++) {
		(void)snprintf(
		    path, sizeof(path), CLIENT "/bkp_remote.00%d", k);
		if ((out[n] = sim_digest(s, path, SIM_LIVE)) != 0)
			n++;
	}
	return n;
}

/*
 * While an update is taken back: its backups were those of before, then one of
 * the old folder and one of the new one.  Some of the oldest may be lost.
 */
static const char *
judge_backups(const struct scene *c, const struct sim *s, bool exact)
{
	uint64_t was[5], now[3];
	int n = contents_of(&c->start, was), m = contents_of(s, now), i, k = 0;
	int newest = n - 1;
	bool has_newest = n == 0;

	was[n] = c->before.live;
	was[n + 1] = c->refused.live;
	for (i = 0; i < m; i++, k++) {
		while (k < n + 2 && was[k] != now[i])
			k++;
		/* That of going back, perhaps with what could not go. */
		if (k == n + 2 && (exact || i < m - 1))
			return "a backup is damaged or out of order";
		has_newest |= k == newest;
	}
	return has_newest ? NULL : "the newest backup of before is lost";
}

/* Was a repair refused?  That says nothing of the release, which ran here. */
static bool
is_repair(const struct scene *c)
{
	return c->refused.release == c->before.release;
}

/* What was refused is known, once it came. */
static const char *
judge_refusal(
    const struct scene *c, const struct sight *now, enum ending must_be)
{
	if (must_be == ENDING_BEFORE && now->refused && !c->before.refused)
		return "a release was refused that never came";
	if (is_repair(c))
		return now->refused ? "a release that ran here is refused"
				    : NULL;
	return must_be >= ENDING_AFTER && !now->refused
	    ? "nobody knows that the release was refused"
	    : NULL;
}

/* The old folder in any case. */
static const char *
judge_refused(const struct scene *c, const struct sim *s,
    const struct sight *now, enum ending must_be, enum ending *which)
{
	const char *why;

	*which = now->refused || is_repair(c) ? ENDING_AFTER : ENDING_BEFORE;
	if (now->live != c->before.live || now->release != c->before.release)
		return now->live == c->refused.live
		    ? "the refused release is in place"
		    : "mixed, after a refused release";
	if ((why = judge_refusal(c, now, must_be)) != NULL)
		return why;
	if (must_be == ENDING_DONE &&
	    memcmp(now->backup, c->before.backup, sizeof(now->backup)) != 0)
		return "the backups are not what they were";
	return judge_backups(c, s, must_be != ENDING_ANY);
}

static const char *
mixed(const struct scene *c, const struct sight *now)
{
	static char text[200];
	int b = memcmp(now->backup, c->before.backup, sizeof(now->backup));
	int a = memcmp(now->backup, c->after.backup, sizeof(now->backup));

	(void)snprintf(text, sizeof(text),
	    "mixed: live %s, state %s, backups %s, %s refused",
	    now->live == c->before.live      ? "old"
		: now->live == c->after.live ? "new"
					     : "neither",
	    now->state == c->before.state      ? "old"
		: now->state == c->after.state ? "new"
					       : "neither",
	    b == 0       ? "old"
		: a == 0 ? "new"
			 : "neither",
	    now->refused ? "something" : "nothing");
	return text;
}

/* The same once the program has ended that runs. */
static const char *
judge_ended(const struct scene *c, const struct sim *s, enum ending *which)
{
	static struct err e; /* its message is returned */
	enum ending must_be = *which;
	struct sim next;
	const char *why;

	scene_copy(&next, s);
	sim_end_program(&next);
	why = scene_recover(c, &next, &e) == 0
	    ? scene_judge(c, &next, must_be, which)
	    : e.msg;
	sim_close(&next);
	return why;
}

const char *
scene_judge(const struct scene *c, const struct sim *s, enum ending must_be,
    enum ending *which)
{
	static char text[200];
	const char *name;
	struct sight now;

	if ((name = scene_leftover(s)) != NULL) {
		(void)snprintf(text, sizeof(text), "left over: %s", name);
		return text;
	}
	if (sim_open_fds(s) != 0)
		return "descriptors are left open";
	scene_look(s, &now);
	if (c->health == UNWELL)
		return judge_refused(c, s, &now, must_be, which);
	/* Without a check the old refusal goes right after the update. */
	if (must_be != ENDING_DONE && c->act == ACT_UPDATE &&
	    now.live == c->after.live && c->health == NOT_ASKED)
		now.refused = c->after.refused;
	if (must_be == ENDING_DONE)
		must_be = ENDING_AFTER;
	*which = ENDING_ANY;
	if (sight_equal(&now, &c->before))
		*which = ENDING_BEFORE;
	else if (sight_equal(&now, &c->after))
		*which = ENDING_AFTER;
	if (*which == ENDING_ANY)
		return mixed(c, &now);
	/* A base may be there before its release is. */
	if (*which == ENDING_AFTER && now.bases != c->after.bases)
		return "what the next merge begins with is lost";
	if (must_be != ENDING_ANY && must_be != *which)
		return must_be == ENDING_AFTER
		    ? "success was reported, but the folder is the old one"
		    : "the folder is the new one though it must be the old";
	return s->disk.program != 0 ? judge_ended(c, s, which) : NULL;
}
