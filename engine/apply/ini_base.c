/*
 * The bases of merges and the policies, on the disk: written by apply_merge.c
 * before an update that needs them, asked by the next one and by the
 * verification.
 */
#include "engine/apply/ini_base.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/folder_state.h"
#include "engine/apply/own_names.h"
#include "engine/apply/record.h"
#include "engine/apply/rotate.h"
#include "engine/apply/stage_internal.h"
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/ini/ini_file.h"
#include "engine/tree/ini_policy.h"
#include "engine/tree/kind.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BROUGHT "brought." /* and its place: beside the bases */
#define POLICY_MAGIC "ERPINIP1"

enum { POLICY_BYTES = 64 * 1024 };

/* ".erpsync/" + "ini/HASH". */
static int
base_name(char out[OWN_PATH_BYTES], const struct hash *hash, struct err *e)
{
	char name[STAGE_NAME_BYTES];

	stage_name(name, hash, "");
	return own_join(out, OWN_INI, name, e);
}

int
ini_base_find(
    struct folder *f, const struct hash *hash, struct buf *out, struct err *e)
{
	char path[OWN_PATH_BYTES];
	struct hash seen;
	struct buf b;
	int rc;

	if (f->own < 0)
		return 0;
	if ((rc = base_name(path, hash, e)) != 0)
		return rc;
	buf_init(&b, INI_FILE_BYTES);
	if ((rc = file_read(f->fs, f->own, path, &b, e)) == 0)
		rc = hash_bytes(buf_data(&b), b.len, &seen, e);
	if (rc != 0)
		rc = rc == ERP_NOTFOUND || rc == ERP_CORRUPT
		    ? 0
		    : own_failed(rc, e);
	else if (hash_equal(&seen, hash))
		rc = b.len == 0 ||
			(rc = buf_append(out, buf_data(&b), b.len, e)) == 0
		    ? 1
		    : rc;
	buf_release(&b);
	return rc;
}

int
ini_base_keep(struct folder *f, const struct hash *hash, const void *p,
    size_t n, struct err *e)
{
	char path[OWN_PATH_BYTES];
	int rc = fs_mkdir(f->fs, f->own, OWN_INI, 0700);

	if (rc < 0 && rc != -EEXIST)
		return err_sys(e, -rc, "create folder", ".erpsync/" OWN_INI);
	if (rc == 0 && (rc = dir_sync(f->fs, f->own, "", e)) != 0)
		return own_failed(rc, e);
	if ((rc = base_name(path, hash, e)) == 0)
		rc = file_write_durable(f->fs, f->own, path, p, n, e);
	return own_failed(rc, e);
}

static int
brought_name(char out[OWN_PATH_BYTES], int place, struct err *e)
{
	char name[sizeof(BROUGHT) + 11];

	(void)snprintf(name, sizeof(name), BROUGHT "%d", place);
	return own_join(out, OWN_INI, name, e);
}

static int
read_brought(struct folder *f, int place, struct buf *out, struct err *e)
{
	char path[OWN_PATH_BYTES];
	int rc = brought_name(path, place, e);

	if (rc == 0)
		rc = file_read(f->fs, f->own, path, out, e);
	if (rc == ERP_NOTFOUND || rc == ERP_CORRUPT)
		return 0;
	return rc != 0 ? own_failed(rc, e) : 1;
}

int
ini_base_brought(
    struct folder *f, const char *path, struct buf *out, struct err *e)
{
	int place = kind_station_ini(path);

	return place == 0 || f->own < 0 ? 0 : read_brought(f, place, out, e);
}

/* The content becomes the one that was brought there last. */
static int
note_one(struct folder *f, const struct hash *hash, int place, struct err *e)
{
	char path[OWN_PATH_BYTES];
	struct buf now, before;
	int rc;

	buf_init(&now, INI_FILE_BYTES);
	buf_init(&before, INI_FILE_BYTES);
	if ((rc = ini_base_find(f, hash, &now, e)) == 1 &&
	    (read_brought(f, place, &before, NULL) != 1 ||
		!buf_equal(&before, &now)) &&
	    (rc = brought_name(path, place, e)) == 0)
		rc = file_write_durable(
		    f->fs, f->own, path, buf_data(&now), now.len, e);
	buf_release(&before);
	buf_release(&now);
	return rc < 0 ? own_failed(rc, e) : 0;
}

void
ini_base_note(struct folder *f)
{
	const struct manifest *m = &f->state.manifest;
	const struct entry *en;
	struct err why;
	int place;

	for (en = m->v; en != m->v + m->n; en++)
		if (en->content.known &&
		    (place = kind_station_ini(en->path)) != 0 &&
		    note_one(f, &en->content.hash, place, &why) != 0)
			folder_warn(f, NULL, why.msg);
}

/* Has an INI file of the release this content? */
static bool
names_content(const struct manifest *m, const struct hash *hash)
{
	const struct entry *en;

	for (en = m->v; en != m->v + m->n; en++)
		if (en->content.known && hash_equal(&en->content.hash, hash) &&
		    kind_is_ini(en->path))
			return true;
	return false;
}

/* The names of the bases that are no release's, nor the installed one's; v has
 * as many. */
static void
drop_named(struct names *v, const struct manifest *m)
{
	struct hash hash;
	size_t i, n = 0;

	for (i = 0; i < v->n; i++)
		if (strncmp(v->v[i], BROUGHT, strlen(BROUGHT)) == 0 ||
		    (stage_name_parse(v->v[i], "", &hash) &&
			names_content(m, &hash)))
			free(v->v[i]);
		else
			v->v[n++] = v->v[i];
	v->n = n;
}

/* The same of the releases in backups; a damaged one names nothing. */
static int
drop_named_by_backups(struct folder *f, struct names *v, struct err *e)
{
	char name[ROTATE_NAME_BYTES], path[OWN_PATH_BYTES];
	struct folder_state state;
	int k, rc = 0;

	for (k = 1; rc == 0 && k <= ROTATE_SLOTS && v->n > 0; k++) {
		rotate_name(name, k);
		if ((rc = own_join(path, name, FOLDER_OWN "/" OWN_STATE, e)) !=
		    0)
			break;
		rc = state_read(f->fs, f->dir, path, &state, e);
		if (rc == 0)
			drop_named(v, &state.manifest);
		state_release(&state);
		if (rc == ERP_NOTFOUND || rc == ERP_CORRUPT)
			rc = 0;
	}
	return rc;
}

int
ini_base_trim(struct folder *f, struct err *e)
{
	struct names v = {NULL, 0, 0};
	char path[OWN_PATH_BYTES];
	size_t i;
	int rc = own_exists(f->fs, f->own, OWN_INI, e);

	if (rc <= 0)
		return rc;
	/* A backup without its number yet has a base, too. */
	if ((rc = own_exists(f->fs, f->own, OWN_ROTATING, e)) != 0 ||
	    (rc = own_exists(f->fs, f->own, OWN_COMMITTED, e)) != 0)
		return rc < 0 ? rc : 0;
	if ((rc = names_read(f->fs, f->own, OWN_INI, &v, e)) == 0) {
		drop_named(&v, &f->state.manifest);
		rc = drop_named_by_backups(f, &v, e);
	}
	for (i = 0; rc == 0 && i < v.n; i++)
		if ((rc = own_join(path, OWN_INI, v.v[i], e)) == 0)
			rc = tree_remove(f->fs, f->own, path, e);
	names_release(&v);
	return own_failed(rc, e);
}

static int
encode(const struct ini_policies *p, struct buf *out, struct err *e)
{
	struct ini_policies one = {.n = 1};
	struct buf text;
	size_t i;
	int rc = record_begin(out, POLICY_MAGIC, e);

	if (rc == 0)
		rc = put_u32(out, (uint32_t)p->n, e);
	for (i = 0; rc == 0 && i < p->n; i++) {
		one.v = &p->v[i];
		buf_init(&text, 2 * INI_POLICY_MAX);
		if ((rc = ini_policies_text(&one, &text, e)) == 0 &&
		    (rc = buf_append(&text, "", 1, e)) == 0)
			rc = record_put_text(
			    out, (const char *)buf_data(&text), e);
		buf_release(&text);
	}
	return rc != 0 ? rc : record_end(out, e);
}

/* Does the file say this already? */
static bool
is_noted(const struct folder *f, const struct buf *b)
{
	struct err why;
	struct buf old;
	bool same;

	buf_init(&old, POLICY_BYTES);
	same = file_read(f->fs, f->own, OWN_POLICY, &old, &why) == 0 &&
	    buf_equal(&old, b);
	buf_release(&old);
	return same;
}

int
ini_policies_note(struct folder *f, const struct ini_policies *p, struct err *e)
{
	struct buf b;
	int rc;

	if (p == NULL || p->n == 0) {
		rc = own_exists(f->fs, f->own, OWN_POLICY, e);
		return rc <= 0 ? rc : own_forget(f->fs, f->own, OWN_POLICY, e);
	}
	buf_init(&b, POLICY_BYTES);
	if ((rc = encode(p, &b, e)) == 0 && !is_noted(f, &b))
		rc = folder_write_shared(f, OWN_POLICY, &b, e);
	buf_release(&b);
	return rc;
}

static int
decode(struct cursor *c, struct ini_policies *p, struct err *e)
{
	uint32_t n = cursor_u32(c);
	char *text;
	int rc = 0;

	for (; rc == 0 && n > 0; n--) {
		if ((rc = record_get_text(c, INI_POLICY_MAX, &text, e)) != 0)
			break;
		rc = ini_policies_add(p, text, e);
		free(text);
	}
	return rc;
}

int
ini_policies_recall(
    const struct folder *f, struct ini_policies *p, struct err *e)
{
	struct cursor c;
	struct err why;
	struct buf b;
	int rc;

	if (f->own < 0)
		return 0;
	buf_init(&b, POLICY_BYTES);
	rc = record_find(
	    f->fs, (struct at){f->own, OWN_POLICY}, POLICY_MAGIC, &b, &c, e);
	if (rc == 1 && (rc = decode(&c, p, &why)) != 0) {
		ini_policies_release(p);
		rc = rc == ERP_NOMEM ? err_nomem(e) : 0;
	}
	buf_release(&b);
	return rc;
}
