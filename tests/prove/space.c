/*
 * A disk that is full: of every size from "nothing free" to "just enough",
 * in bytes and in inodes, with the check up front and without it.  It ends
 * with the old folder, says so, and gives back what it took.
 */
#include "tests/prove/prove.h"

#include <string.h>

struct sizes {
	uint64_t bytes, inodes; /* free ones; 0: endless, as on an NTFS */
	bool no_preflight;
};

/* Refused, and no room to go back: it is tried again at the next start. */
static bool
stays_unchecked(const struct ended *out)
{
	return out->committed &&
	    strstr(out->e.msg, "going back failed") != NULL;
}

static const char *
judge_unchecked(const struct sim *s)
{
	return sim_walk(s, "/client/.erpsync/unchecked") != 0
	    ? NULL
	    : "nobody will check the release again";
}

static enum ending
allowed(const struct scene *c, const struct ended *out)
{
	if (out->rc != c->rc)
		return ENDING_BEFORE;
	/* The oldest backup may have made room for going back. */
	return c->health == UNWELL ? ENDING_AFTER : scene_allows(c, out);
}

static const char *
full_one(const struct scene *c, const struct sizes *z, bool *fits)
{
	struct scene as = *c;
	static struct ended out; /* its message is returned */
	enum ending which;
	const char *why;
	uint64_t bytes = sim_bytes_used(&c->start.disk);
	uint64_t inodes = sim_inodes_used(&c->start.disk);
	struct sim s;

	as.no_preflight = z->no_preflight;
	scene_copy_start(&s, c);
	s.bytes_most = z->bytes == 0 ? 0 : bytes + z->bytes - 1;
	s.inodes_most = z->inodes == 0 ? 0 : inodes + z->inodes - 1;
	scene_run(&as, &s, &out);
	*fits = out.rc == c->rc && !stays_unchecked(&out);
	if (stays_unchecked(&out))
		why = judge_unchecked(&s);
	else if (*fits && scene_recover(c, &s, &out.e) != 0)
		why = out.e.msg;
	else
		why = scene_judge(c, &s, allowed(c, &out), &which);
	if (out.rc == c->rc) {
		sim_close(&s);
		return why;
	}
	if (why == NULL && out.rc != ERP_NOSPACE)
		why = out.e.msg;
	if (why == NULL && strstr(out.e.msg, "space") == NULL &&
	    strstr(out.e.msg, "inodes") == NULL)
		why = "the message does not speak of space";
	/* What a program has open goes when it ends. */
	/* A base of merges stays for the next try. */
	if (why == NULL && s.disk.program == 0 && !c->merges &&
	    (sim_bytes_used(&s.disk) > bytes ||
		sim_inodes_used(&s.disk) > inodes))
		why = "it uses more of the disk than before";
	sim_close(&s);
	return why;
}

static void
full_try(
    struct proof *p, const struct scene *c, const struct sizes *z, bool *fits)
{
	const char *why = full_one(c, z, fits);

	p->t->points++;
	if (why != NULL)
		prove_bad(p, "%s: %lu bytes, %lu inodes free%s: %s", c->name,
		    (unsigned long)z->bytes, (unsigned long)z->inodes,
		    z->no_preflight ? ", not checked" : "", why);
}

void
prove_space(struct proof *p)
{
	uint64_t step = (uint64_t)(p->quick ? 4 : 1) * SIM_BLOCK, i;
	const struct scene *c = NULL;
	struct sizes z;
	bool fits;

	while ((c = prove_next(p, c)) != NULL) {
		/* The first start leaves .erpsync with its lock and recv. */
		if (scene_waits(c) || strncmp(c->name, "first", 5) == 0 ||
		    strcmp(c->name, "unwell-empty") == 0)
			continue;
		for (i = 0, fits = false; !fits; i++) {
			z = (struct sizes){i * step + 1, 0, true};
			full_try(p, c, &z, &fits);
		}
		for (i = 0, fits = c->start.disk.ntfs; !fits; i++) {
			z = (struct sizes){0, i * (p->quick ? 5 : 1) + 1, true};
			full_try(p, c, &z, &fits);
		}
		if (c->act == ACT_ROLLBACK)
			continue;
		for (i = 0, fits = false; !fits; i++) {
			z = (struct sizes){i * 4 * step + 1, 0, false};
			full_try(p, c, &z, &fits);
		}
		for (i = 0, fits = c->start.disk.ntfs; !fits; i++) {
			z = (struct sizes){0, i * 5 + 1, false};
			full_try(p, c, &z, &fits);
		}
	}
}
