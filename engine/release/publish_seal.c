/*
 * Seals on their way into a release: the file beside the update folder.  What
 * a seal must say is engine/seal's to know; this is where it comes from.
 */
#include "engine/release/publish_seal.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/observer.h"
#include "engine/base/path_file.h"
#include "engine/base/text.h"
#include "engine/seal/seal.h"
#include "engine/store/store.h"
#include "engine/tree/manifest.h"

#include <assert.h>
#include <bsd/string.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".minisig"

enum { SHOWN_BYTES = 200, DAY = 86400 };

static struct seal_text
text_of(const struct buf *b)
{
	return (struct seal_text){
	    b->len > 0 ? (const char *)buf_data(b) : NULL, b->len};
}

/* Is it of this release?  The first sixteen digits tell people apart. */
static int
check_release(const struct sealed *s, const struct manifest *m, struct err *e)
{
	char sealed[HASH_HEX_LEN + 1], own[HASH_HEX_LEN + 1];
	struct hash id;
	int rc = manifest_id(m, &id, e);

	if (rc != 0)
		return rc;
	hash_hex(&s->says.release, sealed);
	hash_hex(&id, own);
	if (s->says.os != m->os || strcmp(s->says.build, m->build) != 0)
		return err_set(e, ERP_MIXED,
		    "its seal says %s and build '%s', it is served as %s and "
		    "build '%s'; seal it anew",
		    path_os_name(s->says.os), s->says.build,
		    path_os_name(m->os), m->build);
	if (!hash_equal(&s->says.release, &id))
		return err_set(e, ERP_MIXED,
		    "its seal is of the release %.16s, the folder is %.16s "
		    "now; copy both, or seal it anew",
		    sealed, own);
	return 0;
}

int
publish_seal_follows(const struct publish_source *src, const struct buf *last,
    const struct buf *text, bool again, struct err *e)
{
	struct sealed now;
	uint64_t before;
	int rc = seal_serial_before(text_of(last), text_of(text), &before, e);

	if (rc == 0)
		rc = seal_read(text_of(text), &now, NULL, e);
	if (rc != 0 || now.says.serial > before ||
	    (again && now.says.serial == before))
		return rc;
	return before < SEAL_JUMP_MOST
	    ? err_set(e, ERP_UNSEALED,
		  "%s: the seal has the serial number %" PRIu64
		  ", that before it %" PRIu64
		  "; stations refuse it: seal anew with a higher --serial",
		  src->key, now.says.serial, before)
	    : err_set(e, ERP_UNSEALED,
		  "%s: the seal has the serial number %" PRIu64
		  ", that before it %" PRIu64
		  "; stations refuse it, and no higher one is for all: seal "
		  "anew with a new key, --replaces the old one and --serial 1",
		  src->key, now.says.serial, before);
}

int
publish_seal_check(const struct publish_source *src, const struct manifest *m,
    const struct buf *text, struct err *e)
{
	struct seal_trust trust = {.n = 1};
	struct sealed ignored;

	if (src->seal_key == NULL)
		return 0;
	trust.keys[0] = *src->seal_key;
	return seal_identify_release(&trust, text_of(text), m, &ignored, e);
}

char *
publish_seal_file(const char *folder)
{
	size_t n = strlen(folder), room = n + sizeof(SUFFIX);
	char *out = malloc(room);

	while (n > 1 && folder[n - 1] == '/')
		n--;
	if (out != NULL)
		(void)snprintf(out, room, "%.*s%s", (int)n, folder, SUFFIX);
	return out;
}

static int
take(const struct fs *fs, const struct publish_source *src, const char *file,
    const struct manifest *m, struct buf *out, struct err *e)
{
	char shown[SHOWN_BYTES];
	struct sealed sealed;
	int rc = path_file_read(fs, file, out, e);

	if (rc < 0)
		return rc;
	text_escape(shown, sizeof(shown), file);
	if (rc == 0 && src->seal_key == NULL)
		return 0;
	if (rc == 0)
		return err_set(e, ERP_UNSEALED,
		    "there is no seal %s; seal the folder (erpsync seal)",
		    shown);
	if ((rc = seal_read(text_of(out), &sealed, NULL, e)) != 0 ||
	    (rc = check_release(&sealed, m, e)) != 0)
		return err_context(e, "%s", shown);
	return publish_seal_check(src, m, out, e);
}

int
publish_seal(const struct fs *fs, const struct publish_source *src,
    const struct manifest *m, struct buf *out, struct err *e)
{
	char *file = publish_seal_file(src->path);
	int rc;

	assert(out->len == 0);
	if (file == NULL)
		return err_nomem(e);
	if (src->sealer != NULL && src->seal_key != NULL &&
	    memcmp(&src->sealer->secret->key, src->seal_key,
		sizeof(*src->seal_key)) != 0) {
		free(file);
		return err_set(e, ERP_UNSEALED,
		    "the secret key is not that of [ErpSync] SealKey");
	}
	rc = src->sealer == NULL
	    ? take(fs, src, file, m, out, e)
	    : publish_seal_make(fs, file, src->sealer, m, out, e);
	free(file);
	return rc;
}

/* The seal that is there, and its serial number: 0 where there is none. */
static int
read_before(const struct fs *fs, const char *file, struct buf *out,
    uint64_t *serial, struct err *e)
{
	char shown[SHOWN_BYTES];
	struct sealed old;
	int rc = path_file_read(fs, file, out, e);

	*serial = 0;
	if (rc < 0 || out->len == 0)
		return rc < 0 ? rc : 0;
	text_escape(shown, sizeof(shown), file);
	if ((rc = seal_read(text_of(out), &old, NULL, e)) != 0)
		return err_context(e, "%s", shown);
	*serial = old.says.serial;
	return 0;
}

static int
state_it(const struct publish_sealer *sealer, uint64_t before,
    const struct manifest *m, struct statement *out, struct err *e)
{
	memset(out, 0, sizeof(*out));
	out->serial = sealer->serial;
	if (out->serial == 0)
		out->serial = before + (before < UINT64_MAX);
	if (out->serial > SEAL_JUMP_MOST)
		return err_set(e, ERP_USAGE,
		    "the seal would have the serial number %" PRIu64
		    ", and a station that has seen none takes none above %d; "
		    "seal with a new key, --replaces the old one and "
		    "--serial 1",
		    out->serial, (int)SEAL_JUMP_MOST);
	out->os = m->os;
	out->issued = clock_s(clock_real());
	out->expires = out->issued + (int64_t)sealer->days * DAY;
	out->downgrade = sealer->downgrade;
	(void)strlcpy(out->product, sealer->product, sizeof(out->product));
	(void)strlcpy(out->build, m->build, sizeof(out->build));
	return 0;
}

int
publish_seal_make(const struct fs *fs, const char *file,
    const struct publish_sealer *sealer, const struct manifest *m,
    struct buf *out, struct err *e)
{
	struct seal_order order = {
	    .secret = sealer->secret, .older = sealer->older};
	struct buf before, raw;
	uint64_t serial;
	int rc;

	buf_init(&before, SEAL_TEXT_MAX);
	buf_init(&raw, MANIFEST_MAX_BYTES);
	if ((rc = read_before(fs, file, &before, &serial, e)) != 0 ||
	    (rc = state_it(sealer, serial, m, &order.says, e)) != 0 ||
	    (rc = manifest_encode(m, &raw, e)) != 0 ||
	    (rc = hash_bytes(
		 buf_data(&raw), raw.len, &order.says.release, e)) != 0)
		goto out;
	order.says.size = raw.len;
	order.bytes = text_of(&raw);
	order.before = text_of(&before);
	if ((rc = seal_make(&order, out, e)) == 0)
		rc = path_file_write(fs, file, 0644, out, e);
out:
	buf_release(&before);
	buf_release(&raw);
	return rc;
}

void
publish_seal_warn(struct store *s, const struct publish_source *src,
    const struct hash *id, const struct buf *text, const struct observer *obs)
{
	struct manifest old;
	struct hash old_id;
	struct buf last;
	struct event ev = {.kind = EVENT_WARN};
	struct err e;

	if (store_load_current(s, src->os, &old, &e) != 0)
		return;
	buf_init(&last, SEAL_TEXT_MAX);
	if (manifest_id(&old, &old_id, &e) == 0 &&
	    store_load_seal(s, src->os, &old_id, &last, &e) == 1 &&
	    publish_seal_follows(src, &last, text, hash_equal(id, &old_id),
		&e) == ERP_UNSEALED) {
		ev.text = e.msg;
		observe(obs, &ev);
	}
	buf_release(&last);
	manifest_release(&old);
}
