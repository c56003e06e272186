/* Shelves: their making, running and judging. */
#include "tests/prove/shelf.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/fs.h"
#include "engine/base/fs_file.h"
#include "engine/base/stream.h"
#include "engine/delta/pack.h"
#include "engine/release/compile.h"
#include "engine/release/publish.h"
#include "engine/release/publish_again.h"
#include "engine/store/store.h"
#include "engine/store/store_hold.h"
#include "engine/tree/manifest.h"
#include "tests/prove/power.h"
#include "tests/prove/release.h"

#include <stdio.h>
#include <string.h>

enum { KEEP = 2, CONTENT_MAX = 1 << 16 };

/* A server's process. */
struct keeper {
	struct store *store;
	int64_t now;
	uint64_t ms;
	struct clock clock;
};

static uint64_t
keeper_ms(void *ctx)
{
	struct keeper *k = ctx;

	/* No lease outlives a look. */
	return k->ms += STORE_LEASE_MS;
}

static int64_t
keeper_s(void *ctx)
{
	struct keeper *k = ctx;

	return k->now++;
}

static int
keeper_open(struct keeper *k, struct sim *s, struct err *e)
{
	int rc;

	k->now = ++s->disk.tick + 100000000;
	k->clock = (struct clock){keeper_ms, keeper_s, k};
	if ((rc = store_open(&s->fs, "/state", &k->store, e)) == 0)
		store_set_clock(k->store, &k->clock);
	return rc;
}

static int
keeper_publish(
    struct keeper *k, int version, struct manifest *out, struct err *e)
{
	char path[] = "/v0";
	const struct publish_source src = {.os = PATH_OS_LINUX,
	    .key = "PathLinux",
	    .path = path,
	    .build = "",
	    .clock = &k->clock,
	    .keep = KEEP};

	path[2] = (char)('0' + version);
	manifest_init(out, PATH_OS_LINUX);
	return publish_folder(k->store, &src, NULL, out, e);
}

static const struct entry *
entry_of(const struct manifest *m, const char *path)
{
	const struct entry *x = manifest_find(m, path);

	must(x == NULL ? ERP_INTERNAL : 0, NULL);
	return x;
}

/* What stations ask: a whole file, and the way from an older one. */
static void
question(struct compile_request *req, const struct entry *target,
    const struct entry *basis)
{
	memset(req, 0, sizeof(*req));
	req->one.target = target->content.hash;
	req->one.target_size = target->content.size;
	if (basis == NULL)
		return;
	req->one.has_basis = true;
	req->one.basis = basis->content.hash;
	req->one.basis_size = basis->content.size;
}

static const char asked[] = "big.bin";

/* Make the answers; older is an empty manifest if there is no older release. */
static void
make_answers(
    struct store *s, const struct manifest *m, const struct manifest *older)
{
	struct compile_answer answer;
	struct compile_request req;
	struct err e;

	question(&req, entry_of(m, asked), NULL);
	(void)compile_blob(s, &req, &answer, &e);
	if (older->n == 0)
		return;
	question(&req, entry_of(m, asked), entry_of(older, asked));
	(void)compile_best(s, &req, NULL, &e);
}

/* As a command does it beside a server. */
static void
run_again(const struct shelf *c, struct sim *s, struct shelved *out)
{
	const struct publish_source src = {.os = PATH_OS_LINUX,
	    .key = "PathLinux",
	    .path = "/v1",
	    .build = ""};
	struct store *store;
	struct manifest m;

	manifest_init(&m, PATH_OS_LINUX);
	out->rc = store_open_beside(&s->fs, "/state", &store, &out->e);
	if (out->rc == 0)
		out->rc = publish_again(store, &src, &c->after, &m, &out->e);
	out->published = out->rc == 0;
	manifest_release(&m);
	store_close(store);
}

void
shelf_run(const struct shelf *c, struct sim *s, struct shelved *out)
{
	struct manifest m, older;
	struct keeper k = {.store = NULL};
	struct err e;

	memset(out, 0, sizeof(*out));
	if (c->again) {
		run_again(c, s, out);
		return;
	}
	manifest_init(&m, PATH_OS_LINUX);
	manifest_init(&older, PATH_OS_LINUX);
	if ((out->rc = keeper_open(&k, s, &out->e)) == 0 &&
	    (out->rc = keeper_publish(&k, c->version, &m, &out->e)) == 0) {
		out->published = true;
		(void)store_load_older(k.store, PATH_OS_LINUX, 1, &older, &e);
		make_answers(k.store, &m, &older);
	}
	manifest_release(&older);
	manifest_release(&m);
	store_close(k.store);
}

/* Judging. */

/* Is the content there, and has it the bytes of its hash? */
static const char *
content_wrong(struct store *s, const struct entry *x)
{
	struct err e;
	struct hash h;
	uint64_t size;
	int fd = store_open_content(s, &x->content.hash, &size, &e), rc;

	if (fd < 0)
		return "a content of a release is gone";
	rc = file_hash(store_fs(s), fd, x->path, &h, &e);
	must(rc, &e);
	must(fs_close(store_fs(s), fd), NULL);
	return size == x->content.size && hash_equal(&h, &x->content.hash)
	    ? NULL
	    : "a content of a release is damaged";
}

static const char *
contents_wrong(struct store *s, const struct manifest *m)
{
	const char *why = NULL;
	size_t i;

	for (i = 0; why == NULL && i < m->n; i++)
		if (m->v[i].type == ENTRY_FILE)
			why = content_wrong(s, &m->v[i]);
	return why;
}

/* Does the question have an answer, and is it right? */
static const char *
answer_wrong(
    struct store *s, const struct entry *target, const struct entry *basis)
{
	struct compile_answer answer;
	struct compile_request req;
	struct file_stream blob, old = {store_fs(s), -1, 0, "basis"};
	struct range_source from;
	struct source src;
	struct unpack_task task = {
	    .size = target->content.size, .want = &target->content.hash};
	struct buf out;
	struct sink to = sink_of_buf(&out);
	struct err e;
	uint64_t size, len;
	int fd, rc;

	question(&req, target, basis);
	if (compile_blob(s, &req, &answer, &e) != 0 || answer.need_sums)
		return "there is no answer";
	if ((fd = store_open_blob(s, &answer.blob.id, &len, &e)) < 0)
		return "the answer is gone";
	buf_init(&out, CONTENT_MAX);
	blob = (struct file_stream){store_fs(s), fd, 0, "blob"};
	src = source_of_file(&blob);
	task.codec = answer.blob.codec;
	if (basis != NULL) {
		old.fd = store_open_content(s, &basis->content.hash, &size, &e);
		must(old.fd, &e);
		from = range_of_file(&old, size);
		task.basis = &from;
	}
	rc = unpack(&task, &src, &to, &e);
	buf_release(&out);
	fs_close_quietly(store_fs(s), &fd);
	fs_close_quietly(store_fs(s), &old.fd);
	return rc == 0 ? NULL : "the answer is wrong";
}

static const char *
answers_wrong(
    struct store *s, const struct manifest *m, const struct manifest *older)
{
	const char *why = answer_wrong(s, entry_of(m, asked), NULL);

	if (why != NULL || older->n == 0)
		return why;
	return answer_wrong(s, entry_of(m, asked), entry_of(older, asked));
}

/* Each kept release, the current one first, is whole. */
static const char *
releases_wrong(struct store *s, struct hash *current, bool *has)
{
	struct manifest m[2];
	const char *why = NULL;
	struct err e;
	size_t back;
	int rc = 0;

	*has = false;
	manifest_init(&m[0], PATH_OS_LINUX);
	manifest_init(&m[1], PATH_OS_LINUX);
	for (back = 0; why == NULL && rc == 0; back++) {
		struct manifest *one = &m[back > 0];

		manifest_release(one);
		manifest_init(one, PATH_OS_LINUX);
		rc = store_load_older(s, PATH_OS_LINUX, back, one, &e);
		if (rc == ERP_NOTFOUND)
			break;
		why = rc != 0 ? "a release is damaged" : contents_wrong(s, one);
		if (why == NULL && back == 0) {
			*has = true;
			must(manifest_id(one, current, &e), &e);
		} else if (why == NULL && back == 1) {
			why = answers_wrong(s, &m[0], &m[1]);
		}
	}
	manifest_release(&m[0]);
	manifest_release(&m[1]);
	return why;
}

/* Is the release that is current one of those that may be? */
static const char *
current_wrong(
    const struct shelf *c, const struct hash *id, bool has, bool published)
{
	if (has && hash_equal(id, &c->after))
		return NULL;
	if (published)
		return "a release that was reported is lost";
	if (!c->has_before)
		return has ? "a release that never was" : NULL;
	if (!has)
		return "the release that was current is lost";
	return hash_equal(id, &c->before) ? NULL : "a release that never was";
}

/* What was left is held wherever the way back was gone: else its folder, which
 * is still there, would be published over it. */
static const char *
held_wrong(const struct shelf *c, struct store *s, const struct hash *id)
{
	struct err e;

	if (!c->again || !hash_equal(id, &c->after))
		return NULL;
	return store_is_held(s, PATH_OS_LINUX, &c->before, &e) == 1
	    ? NULL
	    : "what was left is not held";
}

/* Publishing brings the new release from whatever there is. */
static const char *
publish_wrong(const struct shelf *c, struct keeper *k)
{
	static char text[200];
	struct manifest m;
	struct hash id;
	struct err e;
	bool same;

	if (keeper_publish(k, c->version, &m, &e) != 0) {
		(void)snprintf(
		    text, sizeof(text), "publishing then fails: %.150s", e.msg);
		return text;
	}
	must(manifest_id(&m, &id, &e), &e);
	same = hash_equal(&id, &c->after);
	manifest_release(&m);
	return same ? NULL : "publishing then brings another release";
}

/* Look at all that is there; again: and publish. */
static const char *
look(const struct shelf *c, struct sim *s, bool published, bool again)
{
	static char text[200];
	struct keeper k = {.store = NULL};
	const char *why;
	struct hash id;
	struct err e;
	bool has;

	if (keeper_open(&k, s, &e) != 0) {
		(void)snprintf(text, sizeof(text), "open: %.150s", e.msg);
		return text;
	}
	why = releases_wrong(k.store, &id, &has);
	if (why == NULL)
		why = current_wrong(c, &id, has, published);
	if (why == NULL && again && has)
		why = held_wrong(c, k.store, &id);
	if (why == NULL && again)
		why = publish_wrong(c, &k);
	store_close(k.store);
	if (why == NULL && sim_open_fds(s) != 0)
		why = "descriptors are left open";
	return why;
}

const char *
shelf_judge(const struct shelf *c, struct sim *s, bool published)
{
	const char *why = look(c, s, published, true);
	struct sim cut;

	if (why != NULL)
		return why;
	power_forget(&cut, s);
	if ((why = look(c, &cut, true, false)) != NULL)
		why = "published again, and lost at a power cut";
	sim_close(&cut);
	return why;
}

bool
shelf_is_as_before(const struct shelf *c, struct sim *s)
{
	struct manifest m;
	struct keeper k = {.store = NULL};
	struct sim copy;
	struct hash id;
	struct err e;
	bool same;
	int rc;

	scene_copy(&copy, s);
	copy.bytes_most = 0;
	manifest_init(&m, PATH_OS_LINUX);
	if ((rc = keeper_open(&k, &copy, &e)) == 0 &&
	    (rc = store_load_current(k.store, PATH_OS_LINUX, &m, &e)) == 0)
		must(manifest_id(&m, &id, &e), &e);
	same = rc == 0 ? c->has_before && hash_equal(&id, &c->before)
		       : rc == ERP_NOTFOUND && !c->has_before;
	manifest_release(&m);
	store_close(k.store);
	sim_close(&copy);
	return same;
}

/* Making. */

static struct shelf shelves[] = {
    {.name = "first", .history = "", .version = 1},
    {.name = "next", .history = "1", .version = 2, .no_clone = true},
    {.name = "collect", .history = "12", .version = 3},
    {.name = "back", .history = "12", .version = 1},
    {.name = "same", .history = "12", .version = 2},
    {.name = "again", .history = "12", .version = 1, .again = true},
    {.name = "at-once", .history = "12", .version = 3, .syncfs_files = 2},
    {.name = NULL},
};

static struct hash
publish_now(struct sim *s, int version)
{
	struct keeper k = {.store = NULL};
	struct manifest m;
	struct hash id;
	struct err e;

	must(keeper_open(&k, s, &e), &e);
	must(keeper_publish(&k, version, &m, &e), &e);
	must(manifest_id(&m, &id, &e), &e);
	manifest_release(&m);
	store_close(k.store);
	return id;
}

static void
shelf_make(struct shelf *c)
{
	char folder[] = "v0";
	const char *h;
	struct shelved out;
	struct sim s;
	int v;

	sim_open(&c->start);
	c->start.no_clone = c->no_clone;
	for (v = 1; v <= 3; v++) {
		folder[1] = (char)('0' + v);
		release_put(&c->start.fs, folder, v);
	}
	for (h = c->history; *h != '\0'; h++) {
		c->before = publish_now(&c->start, *h - '0');
		c->has_before = true;
	}
	sim_sync_all(&c->start.disk);
	c->start.syncfs_files = c->syncfs_files;
	scene_copy(&s, &c->start);
	c->after = publish_now(&s, c->version);
	sim_close(&s);
	scene_copy(&s, &c->start);
	shelf_run(c, &s, &out);
	must(out.rc, &out.e);
	must(shelf_judge(c, &s, true) == NULL ? 0 : ERP_INTERNAL, NULL);
	sim_close(&s);
}

const struct shelf *
shelves_make(void)
{
	struct shelf *c;

	for (c = shelves; c->name != NULL; c++)
		if (c->start.disk.v == NULL)
			shelf_make(c);
	return shelves;
}
