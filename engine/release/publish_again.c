/*
 * Back to a kept release: hold what is current, seal, save; and a folder that
 * was left stands back.  Beside publish.c, by which contents come into the
 * store; here they are in it.
 */
#include "engine/release/publish_again.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/observer.h"
#include "engine/release/publish_seal.h"
#include "engine/seal/seal.h"
#include "engine/store/store.h"
#include "engine/store/store_hold.h"
#include "engine/store/store_turn.h"
#include "engine/tree/manifest.h"

#include <inttypes.h>
#include <stdio.h>

enum { SHOWN_BYTES = 300 };

struct again {
	struct store *s;
	const struct publish_source *src;
	const struct hash *id;
	const struct manifest *m;
	struct store_kept current;
};

/* Has this release a seal? */
static int
has_seal(const struct again *a, const struct hash *id, struct err *e)
{
	struct buf text;
	int rc;

	buf_init(&text, SEAL_TEXT_MAX);
	rc = store_load_seal(a->s, a->src->os, id, &text, e);
	buf_release(&text);
	return rc;
}

/* Stations have seen the seal of what is current, and take none before it. */
static int
check_serial(const struct again *a, const struct buf *text, struct err *e)
{
	struct buf last;
	int rc;

	buf_init(&last, SEAL_TEXT_MAX);
	rc = store_load_seal(a->s, a->src->os, &a->current.id, &last, e);
	if (rc == 1)
		rc = publish_seal_follows(a->src, &last, text, false, e);
	buf_release(&last);
	return rc;
}

/* There is no new seal: is that right?  1 or a code. */
static int
check_unsealed(const struct again *a, struct err *e)
{
	int rc = has_seal(a, a->id, e);

	if (rc == 0)
		rc = has_seal(a, &a->current.id, e);
	if (rc < 0)
		return rc;
	if (rc == 0 && a->src->seal_key == NULL)
		return 1;
	return err_set(e, ERP_UNSEALED,
	    "it takes a new seal, since stations refuse its old one: give "
	    "--seal-key, or seal its file in the state folder (erpsync seal "
	    "--to) into the seal beside the update folder");
}

/* The text of its new seal; 1: it takes none. */
static int
find_seal(const struct again *a, struct buf *text, struct err *e)
{
	struct publish_source src = *a->src;
	struct publish_sealer sealer;
	int rc;

	if (src.sealer != NULL) {
		/* Whoever goes back means it. */
		sealer = *src.sealer;
		sealer.downgrade = true;
		src.sealer = &sealer;
	}
	rc = publish_seal(store_fs(a->s), &src, a->m, text, e);
	/* The seal beside the folder is of what lies there. */
	if (rc == ERP_MIXED || rc == ERP_UNSEALED ||
	    (rc == 0 && text->len == 0))
		return check_unsealed(a, e);
	return rc != 0 ? rc : check_serial(a, text, e);
}

/* A crash in between leaves nothing on offer, but never the bad one. */
static int
change_places(const struct again *a, const struct buf *text, struct err *e)
{
	enum path_os os = a->src->os;
	int rc = store_hold(a->s, os, &a->current.id, true, e);

	if (rc == 0 && text->len > 0)
		rc = store_keep_seal(a->s, os, a->id, text, e);
	if (rc == 0)
		rc = store_hold(a->s, os, a->id, false, e);
	return rc != 0 ? rc : store_save_again(a->s, os, a->id, e);
}

static int
go_back(const struct again *a, struct err *e)
{
	enum path_os os = a->src->os;
	struct store_kept now;
	struct buf text;
	struct err late;
	int rc;

	buf_init(&text, SEAL_TEXT_MAX);
	if ((rc = find_seal(a, &text, e)) >= 0 &&
	    (rc = store_has_contents(a->s, a->m, e)) == 0 &&
	    (rc = change_places(a, &text, e)) != 0 && !a->current.held &&
	    store_find_current(a->s, os, &now, &late) == 0 &&
	    hash_equal(&now.id, &a->current.id))
		/* It stays on offer. */
		(void)store_hold(a->s, os, &now.id, false, &late);
	buf_release(&text);
	return rc;
}

static int
again_in_turn(struct again *a, struct manifest *out, struct err *e)
{
	enum path_os os = a->src->os;
	struct manifest m;
	int rc;

	if ((rc = store_load_release(a->s, os, a->id, &m, e)) != 0)
		return rc;
	manifest_release(out);
	*out = m;
	if ((rc = store_find_current(a->s, os, &a->current, e)) != 0)
		return rc;
	return hash_equal(&a->current.id, a->id)
	    ? store_hold(a->s, os, a->id, false, e)
	    : go_back(a, e);
}

int
publish_again(struct store *s, const struct publish_source *src,
    const struct hash *id, struct manifest *out, struct err *e)
{
	const struct store_wait wait = {
	    src->sleep_ms, src->sleep_ctx, src->stop};
	struct again a = {.s = s, .src = src, .id = id, .m = out};
	int turn, rc = store_turn_begin(s, &wait, &turn, e);

	if (rc != 0)
		return rc;
	rc = again_in_turn(&a, out, e);
	store_turn_end(s, &turn);
	return rc;
}

int
publish_stand_back(struct store *s, const struct publish_source *src,
    const struct observer *obs, struct manifest *m, struct err *e)
{
	struct store_kept current;
	char text[SHOWN_BYTES], hex[HASH_HEX_LEN + 1];
	struct manifest stays;
	struct hash id, held;
	const struct event ev = {.kind = EVENT_WARN, .text = text};
	int rc;

	if ((rc = store_find_held(s, m, &held, e)) <= 0 ||
	    (rc = manifest_id(m, &id, e)) != 0 ||
	    (rc = store_find_current(s, m->os, &current, e)) != 0)
		return rc;
	if (hash_equal(&current.id, &id) ||
	    (rc = store_load_release(s, m->os, &current.id, &stays, e)) != 0)
		return rc;
	hash_hex(&held, hex);
	(void)snprintf(text, sizeof(text),
	    "%s: the folder is the release %.16s, which is held; release "
	    "%" PRIu64 " stays the current one",
	    src->key, hex, current.number);
	observe(obs, &ev);
	manifest_release(m);
	*m = stays;
	return 1;
}
