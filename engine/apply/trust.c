/*
 * Seals and a client folder: what is trusted and was seen is read once, asked
 * about what a server offers, and written when a release was let in.  The
 * rules are engine/seal/seal.c's; the files are trust_file.c's.
 */
#include "engine/apply/trust.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/trust_internal.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/tree/manifest.h"

#include <assert.h>
#include <bsd/string.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void
trust_free(struct folder *f)
{
	struct trust *t = f->trust;

	if (t == NULL)
		return;
	kept_seals_release(&t->kept);
	buf_release(&t->offered);
	free(t);
	f->trust = NULL;
}

static int
load(struct folder *f, struct err *e)
{
	struct trust *t;
	int rc;

	if (f->trust != NULL)
		return 0;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return err_nomem(e);
	f->trust = t;
	buf_init(&t->offered, SEAL_TEXT_MAX);
	if ((rc = trust_keys_read(f, t, e)) != 0 ||
	    (rc = trust_seen_read(f, t, e)) != 0)
		trust_free(f);
	return rc;
}

const struct seal_trust *
trust_get(struct folder *f, struct err *e)
{
	return load(f, e) == 0 ? &f->trust->now : NULL;
}

int
trust_is_on(struct folder *f, struct err *e)
{
	int rc = load(f, e);

	return rc != 0 ? rc : f->trust->now.n > 0;
}

int
trust_look(struct folder *f, struct seal_claim *claim, struct err *e)
{
	struct trust *t;
	int rc = trust_is_on(f, e);

	if (rc <= 0)
		return rc;
	t = f->trust;
	t->looked = t->admitted = false;
	t->next = t->now;
	claim->now = clock_s(f->opt.clock);
	if ((rc = seal_check(&t->next, claim, &t->sealed, e)) != 0)
		return rc;
	buf_clear(&t->offered);
	if ((rc = buf_append(&t->offered, claim->text.p, claim->text.n, e)) !=
	    0)
		return rc;
	t->looked = true;
	return 0;
}

int
trust_look_at_none(struct folder *f, struct err *e)
{
	int rc = trust_is_on(f, e);

	if (rc <= 0 || f->trust->kept.n == 0)
		return rc < 0 ? rc : 0;
	return seal_check_none(
	    &f->trust->now, f->trust->kept.v[0], clock_s(f->opt.clock), e);
}

/* Write what changed, or nothing: what was seen first, since a succession may
 * be taken twice, but not half. */
static int
remember(struct folder *f, struct err *e)
{
	struct trust *t = f->trust;
	bool keys = t->next.n != t->now.n ||
	    memcmp(t->next.keys, t->now.keys, sizeof(t->now.keys)) != 0;
	bool seen =
	    memcmp(&t->next.seen, &t->now.seen, sizeof(t->now.seen)) != 0;
	int rc = 0;

	if (f->opt.read_only)
		return 0;
	t->now = t->next;
	if (kept_seals_add(&t->kept, &t->offered, e) != 0)
		return ERP_NOMEM;
	if (seen || t->kept.fresh)
		rc = trust_seen_write(f, t, e);
	if (rc == 0 && keys)
		rc = trust_keys_write(f, t, e);
	return rc;
}

int
trust_admit(struct folder *f, const struct manifest *want, struct err *e)
{
	struct trust *t;
	int rc = trust_is_on(f, e);

	if (rc <= 0)
		return rc;
	t = f->trust;
	assert(t->looked);
	if ((rc = seal_check_release(&t->sealed, want, e)) != 0 ||
	    (rc = remember(f, e)) != 0)
		return rc;
	t->admitted = true;
	return 0;
}

bool
trust_admitted(const struct folder *f, struct sealed *out)
{
	if (f->trust == NULL || !f->trust->admitted)
		return false;
	*out = f->trust->sealed;
	return true;
}

static int
not_admitted(struct err *e)
{
	return err_set(e, ERP_UNSEALED,
	    "this folder takes sealed releases only, and this one was not let "
	    "in");
}

int
trust_require(struct folder *f, const struct manifest *want, struct err *e)
{
	struct hash id;
	int rc = trust_is_on(f, e);

	if (rc <= 0)
		return rc;
	if (!f->trust->admitted)
		return not_admitted(e);
	if ((rc = manifest_id(want, &id, e)) != 0)
		return rc;
	return hash_equal(&id, &f->trust->sealed.says.release)
	    ? 0
	    : not_admitted(e);
}

/* A kept seal over the release of this state. */
static int
find_kept(struct folder *f, const struct folder_state *state,
    struct sealed *out, struct err *e)
{
	const struct trust *t = f->trust;
	struct sealed one;
	size_t i;
	int rc = state->known
	    ? err_set(e, ERP_UNSEALED, "the release has no seal")
	    : err_set(e, ERP_UNSEALED,
		  "nothing of a server's is there, and so no seal");

	for (i = 0; state->known && rc == ERP_UNSEALED && i < t->kept.n; i++)
		if (seal_read(t->kept.v[i], &one, NULL, NULL) == 0 &&
		    hash_equal(&one.says.release, &state->release))
			rc = seal_identify_release(
			    &t->now, t->kept.v[i], &state->manifest, out, e);
	return rc;
}

int
trust_require_state(
    struct folder *f, const struct folder_state *state, struct err *e)
{
	struct sealed ignored;
	int rc = trust_is_on(f, e);

	if (rc <= 0)
		return rc;
	rc = find_kept(f, state, &ignored, e);
	if (rc != 0)
		(void)err_context(e, "the backup is not of a sealed release");
	return rc;
}

int
trust_identify(struct folder *f, struct sealed *out, struct err *e)
{
	int rc = trust_is_on(f, e);

	if (rc <= 0)
		return rc;
	rc = find_kept(f, &f->state, out, e);
	return rc == 0 ? 1 : rc;
}

int
trust_add(struct folder *f, const struct minisign_key *key, const char *product,
    struct err *e)
{
	struct trust *t;
	char id[MINISIGN_ID_HEX + 1];
	int rc = load(f, e);

	if (rc != 0)
		return rc;
	t = f->trust;
	minisign_id_hex(key->id, id);
	if (seal_find_key(&t->now, key->id) < t->now.n)
		return err_set(
		    e, ERP_USAGE, "the key %s is trusted already", id);
	if (t->now.n == SEAL_KEYS_MAX)
		return err_set(e, ERP_USAGE,
		    "%d keys are trusted already; remove one", SEAL_KEYS_MAX);
	if (product[0] != '\0' &&
	    (rc = statement_check_product(product, e)) != 0)
		return rc;
	t->now.keys[t->now.n++] = *key;
	if (product[0] != '\0') {
		(void)strlcpy(
		    t->now.seen.product, product, sizeof(t->now.seen.product));
		if ((rc = trust_seen_write(f, t, e)) != 0)
			return rc;
	}
	return trust_keys_write(f, t, e);
}

int
trust_remove(struct folder *f, const char *id, struct err *e)
{
	char own[MINISIGN_ID_HEX + 1];
	struct trust *t;
	size_t i;
	int rc = load(f, e);

	if (rc != 0)
		return rc;
	t = f->trust;
	for (i = 0; i < t->now.n; i++) {
		minisign_id_hex(t->now.keys[i].id, own);
		if (strcasecmp(own, id) == 0)
			break;
	}
	if (i == t->now.n)
		return err_path(e, ERP_NOTFOUND, id,
		    "no key of this number is trusted here");
	memmove(&t->now.keys[i], &t->now.keys[i + 1],
	    (t->now.n - i - 1) * sizeof(t->now.keys[0]));
	t->now.n--;
	return t->now.n > 0 ? trust_keys_write(f, t, e) : trust_forget(f, e);
}
