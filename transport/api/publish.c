/*
 * The server's state folder for the library's callers: opened, filled with
 * releases (engine/release/publish), and with the blobs that stations will
 * ask for (engine/release/lineage says which, compile makes them).
 */
#include "transport/api/api_server_internal.h"

#include "engine/base/clock.h"
#include "engine/base/fs.h"
#include "engine/release/compile.h"
#include "engine/release/lineage.h"
#include "engine/seal/minisign.h"
#include "engine/store/store.h"
#include "engine/tree/build.h"
#include "engine/tree/ini_policy.h"
#include "engine/tree/manifest.h"
#include "transport/net/threads.h"

#include <assert.h>
#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

enum { KEEP_DEFAULT = 8 }; /* releases */

int
erpsync_store_open(const char *path, uint64_t blob_bytes,
    struct erpsync_store **out, struct erpsync_error *error)
{
	struct erpsync_store *store = calloc(1, sizeof(*store));
	struct err e;
	int rc;

	*out = NULL;
	if (store == NULL)
		rc = err_nomem(&e);
	else
		rc = store_open(fs_real(), path, &store->s, &e);
	if (rc != 0) {
		free(store);
		return api_fail(error, &e);
	}
	if (blob_bytes > 0)
		store_set_blob_budget(store->s, blob_bytes);
	*out = store;
	return 0;
}

void
erpsync_store_close(struct erpsync_store *store)
{
	if (store == NULL)
		return;
	store_close(store->s);
	free(store);
}

int
api_source(
    struct api_source *out, const struct erpsync_source *from, struct err *e)
{
	int rc;

	memset(&out->ini, 0, sizeof(out->ini));
	out->source = (struct publish_source){
	    .os = (enum path_os)from->os,
	    .key = from->key != NULL ? from->key : "folder",
	    .path = from->path,
	    .build = from->build != NULL ? from->build : "",
	    .lowercase_only = from->lowercase_only,
	    .keep = from->keep > 0 ? from->keep : KEEP_DEFAULT,
	    .settle_ms = from->settle_ms,
	    .sleep_ms = clock_sleep_ms,
	    .filter = &out->filter,
	    .judge_ini = from->judge_ini,
	    .ini = &out->ini,
	};
	if ((rc = api_filter(
		 &out->filter, from->exclude, from->exclude_n, e)) != 0)
		return rc;
	if (from->ini_policy != NULL &&
	    (rc = ini_policies_add(&out->ini, from->ini_policy, e)) != 0)
		return rc;
	return api_source_keys(out, from, e);
}

void
api_source_release(struct api_source *s)
{
	filter_release(&s->filter);
	ini_policies_release(&s->ini);
	secret_wipe(&s->secret, sizeof(s->secret));
	secret_wipe(&s->older, sizeof(s->older));
}

/* The rules for stations' INI files; a list without any is none. */
static int
set_rules(struct msg_ini *out, const struct erpsync_ini *from, struct err *e)
{
	struct ini_policies p = {NULL, 0, false, 0};
	int rc =
	    from->policy == NULL ? 0 : ini_policies_add(&p, from->policy, e);

	if (rc == 0 && p.n > 0) {
		out->conflict = (uint8_t)from->conflict;
		(void)strlcpy(out->rules, from->policy, sizeof(out->rules));
	}
	ini_policies_release(&p);
	return rc;
}

static int
check_acceptable(const char *builds, struct err *e)
{
	return strlen(builds) <= ACCEPTABLE_MAX
	    ? 0
	    : err_set(e, ERP_USAGE,
		  "a list of builds has at most %d bytes; shorten it with "
		  "patterns, as 7.00.19*",
		  ACCEPTABLE_MAX);
}

int
api_policy(
    struct server_policy *out, const struct erpsync_policy *from, struct err *e)
{
	const char *build = from->build != NULL ? from->build : "";
	const char *least =
	    from->min_client_build != NULL ? from->min_client_build : "";
	int rc;

	memset(out, 0, sizeof(*out));
	out->enabled = from->enabled;
	if (strlcpy(out->build, build, sizeof(out->build)) >=
		sizeof(out->build) ||
	    strlcpy(out->min_client_build, least,
		sizeof(out->min_client_build)) >= sizeof(out->min_client_build))
		return err_set(e, ERP_USAGE, "a build code is too long");
	if (from->acceptable != NULL) {
		if ((rc = check_acceptable(from->acceptable, e)) != 0)
			return rc;
		(void)strlcpy(
		    out->acceptable, from->acceptable, sizeof(out->acceptable));
	}
	if (from->window != NULL &&
	    (rc = timetable_parse(from->window, &out->window, e)) != 0)
		return rc;
	return set_rules(&out->ini, &from->ini, e);
}

int
erpsync_window_check(const char *window, struct erpsync_error *error)
{
	struct timetable ignored;
	struct err e;
	int rc = timetable_parse(window, &ignored, &e);

	return rc != 0 ? api_fail(error, &e) : 0;
}

int
erpsync_acceptable_check(const char *builds, struct erpsync_error *error)
{
	struct err e;

	return check_acceptable(builds, &e) != 0 ? api_fail(error, &e) : 0;
}

int
erpsync_build_compare(const char *a, const char *b)
{
	return build_compare(a, b);
}

int
api_release(
    const struct manifest *m, struct erpsync_release *out, struct err *e)
{
	struct hash id;
	size_t i;
	int rc;

	memset(out, 0, sizeof(*out));
	if ((rc = manifest_id(m, &id, e)) != 0)
		return rc;
	memcpy(out->id, id.b, sizeof(out->id));
	for (i = 0; i < m->n; i++)
		out->files += m->v[i].type == ENTRY_FILE;
	out->bytes = manifest_total(m);
	return 0;
}

int
erpsync_publish(struct erpsync_store *store,
    const struct erpsync_source *source, const struct erpsync_observer *obs,
    struct erpsync_release *out, struct erpsync_error *error)
{
	struct erpsync_observer to = {NULL, NULL};
	struct api_source src;
	struct observer told;
	struct manifest m;
	struct err e;
	int rc;

	if (obs != NULL)
		to = *obs;
	told = api_observer(&to);
	manifest_init(&m, (enum path_os)source->os);
	if ((rc = api_source(&src, source, &e)) == 0) {
		src.source.crew = threads_real();
		rc = publish_folder(store->s, &src.source, &told, &m, &e);
	}
	if (rc == 0)
		rc = api_release(&m, out, &e);
	api_source_release(&src);
	manifest_release(&m);
	return rc != 0 ? api_fail(error, &e) : 0;
}

/* What is being compiled, and who is told. */
struct compiling {
	struct store *s;
	erpsync_compiling_fn *told;
	void *ctx;
	size_t groups; /* so far */
	int rc; /* of the last group */
};

static void
tell(const struct compiling *c, const struct erpsync_compiling *what)
{
	if (c->told != NULL)
		c->told(c->ctx, what);
}

static int
compile_group(void *ctx, const struct compile_request *req, struct err *e)
{
	struct compiling *c = ctx;
	struct erpsync_compiling what = {
	    .group = true, .number = ++c->groups, .files = req->group.n};
	size_t i;

	assert(req->is_group && c->rc == 0);
	for (i = 0; i < req->group.n; i++)
		what.bytes += req->group.members[i].target_size;
	tell(c, &what);
	c->rc = compile_best(c->s, req, NULL, e);
	return c->rc == 0 ? 0 : ERP_CANCELLED;
}

/* The groups that stations on any kept release will ask for. */
static int
compile_groups(struct compiling *c, const struct manifest *m, struct err *e)
{
	const struct lineage_visitor visitor = {compile_group, c};
	size_t back;
	int rc = 0;

	/* A damaged release is passed over. */
	for (back = 1;
	     back <= STORE_RELEASES_MAX && (rc == 0 || rc == ERP_CORRUPT);
	     back++)
		rc = lineage_groups(c->s, m, back, &visitor, e);
	if (rc == ERP_CANCELLED)
		return c->rc;
	return rc == ERP_NOTFOUND || rc == ERP_CORRUPT ? 0 : rc;
}

/* The large files that they will ask for one by one. */
static int
compile_singles(struct compiling *c, const struct manifest *m, struct err *e)
{
	struct erpsync_compiling what = {.group = false};
	struct compile_request *v;
	size_t i, n = 0;
	int rc = lineage_requests(c->s, m, &v, &n, e);

	for (i = 0; rc == 0 && i < n; i++) {
		if (compile_is_small(&v[i].one))
			continue;
		what.number = i + 1;
		what.of = n;
		what.files = 1;
		what.bytes = v[i].one.target_size;
		tell(c, &what);
		rc = compile_best(c->s, &v[i], NULL, e);
	}
	free(v);
	return rc;
}

int
erpsync_compile(struct erpsync_store *store, enum erpsync_os os,
    erpsync_compiling_fn *told, void *ctx, struct erpsync_error *error)
{
	struct compiling c = {.s = store->s, .told = told, .ctx = ctx};
	struct manifest m;
	struct err e;
	int rc;

	manifest_init(&m, (enum path_os)os);
	if ((rc = store_load_current(c.s, (enum path_os)os, &m, &e)) == 0 &&
	    (rc = compile_groups(&c, &m, &e)) == 0)
		rc = compile_singles(&c, &m, &e);
	manifest_release(&m);
	return rc != 0 ? api_fail(error, &e) : 0;
}
