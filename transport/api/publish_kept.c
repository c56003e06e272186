/*
 * The kept releases of a state folder for the library's callers, beside the
 * server that may be using it: listed, held back, made current again.
 */
#include "transport/api/api_server_internal.h"

#include "engine/base/buf.h"
#include "engine/base/fs.h"
#include "engine/release/publish_again.h"
#include "engine/seal/seal.h"
#include "engine/store/store.h"
#include "engine/store/store_hold.h"
#include "engine/store/store_stations.h"
#include "engine/tree/manifest.h"

#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

/* Of a name: more digits are of an id, which has at least so many. */
enum { NUMBER_MAX = 10, ID_MIN = 8 };

static bool
is_number(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n > 0 && n <= NUMBER_MAX && text[n] == '\0';
}

static bool
is_named(const struct store_kept *k, const char *which)
{
	char hex[HASH_HEX_LEN + 1];

	if (is_number(which))
		return strtoull(which, NULL, 10) == k->number;
	hash_hex(&k->id, hex);
	return strncmp(hex, which, strlen(which)) == 0;
}

/* The one that which names, or NULL: none, or several. */
static const struct store_kept *
find(const struct store_list *list, const char *which)
{
	const struct store_kept *found = NULL;
	size_t i;

	if (which == NULL)
		return list->n > 0 ? &list->v[list->n - 1] : NULL;
	if (!is_number(which) && strlen(which) < ID_MIN)
		return NULL;
	for (i = 0; i < list->n; i++) {
		if (!is_named(&list->v[i], which))
			continue;
		if (found != NULL)
			return NULL;
		found = &list->v[i];
	}
	return found;
}

static int
need(const struct store *s, enum path_os os, const char *which,
    struct store_kept *out, struct err *e)
{
	const struct store_kept *found = NULL;
	struct store_list list;
	int rc;

	if (which != NULL && which[0] == '\0')
		return err_set(e, ERP_USAGE,
		    "an empty text names no release; give its number or the "
		    "first 8 digits of its id, as erpsync releases lists them");
	rc = store_list_releases(s, os, &list, e);
	if (rc == 0 && (found = find(&list, which)) != NULL)
		*out = *found;
	else if (rc == 0 && which == NULL)
		rc = err_set(e, ERP_NOTFOUND, "no such release for %s",
		    path_os_name(os));
	else if (rc == 0)
		rc = err_set(e, ERP_NOTFOUND,
		    "no release of %s is %.70s; give its number or the first 8 "
		    "digits of its id, as erpsync releases lists them",
		    path_os_name(os), which);
	free(list.v);
	return rc;
}

static int
tell(struct store *s, enum path_os os, const struct store_kept *k,
    struct erpsync_kept *out, struct err *e)
{
	struct manifest m;
	struct buf seal;
	int rc;

	memset(out, 0, sizeof(*out));
	out->number = k->number;
	out->published = k->saved_s;
	out->held = k->held;
	out->stations = (uint32_t)store_count_stations(s, os, &k->id);
	memcpy(out->release.id, k->id.b, sizeof(out->release.id));
	buf_init(&seal, SEAL_TEXT_MAX);
	rc = store_load_seal(s, os, &k->id, &seal, e);
	buf_release(&seal);
	if (rc < 0)
		return rc;
	out->sealed = rc == 1;
	manifest_init(&m, os);
	rc = store_load_release(s, os, &k->id, &m, e);
	out->damaged = rc == ERP_CORRUPT;
	if (rc == 0 && (rc = api_release(&m, &out->release, e)) == 0)
		(void)strlcpy(out->build, m.build, sizeof(out->build));
	manifest_release(&m);
	return out->damaged ? 0 : rc;
}

static int
tell_all(struct store *s, enum path_os os, const struct store_list *from,
    struct erpsync_kept_list *out, struct err *e)
{
	size_t i;
	int rc = 0;

	if (from->n > 0 && (out->v = calloc(from->n, sizeof(*out->v))) == NULL)
		return err_nomem(e);
	for (i = 0; rc == 0 && i < from->n; i++) {
		rc = tell(s, os, &from->v[i], &out->v[out->n], e);
		/* It went away meanwhile. */
		if (rc == ERP_NOTFOUND) {
			rc = 0;
			continue;
		}
		out->v[out->n].current = i + 1 == from->n;
		out->n++;
	}
	return rc;
}

int
erpsync_releases(const char *state, enum erpsync_os system,
    struct erpsync_kept_list *out, struct erpsync_error *error)
{
	enum path_os os = (enum path_os)system;
	struct store_list list = {NULL, 0};
	struct store *s;
	struct err e;
	int rc;

	*out = (struct erpsync_kept_list){NULL, 0};
	if ((rc = store_open_beside(fs_real(), state, &s, &e)) == 0 &&
	    (rc = store_list_releases(s, os, &list, &e)) == 0)
		rc = tell_all(s, os, &list, out, &e);
	free(list.v);
	store_close(s);
	if (rc == 0)
		return 0;
	erpsync_releases_free(out);
	return api_fail(error, &e);
}

void
erpsync_releases_free(struct erpsync_kept_list *list)
{
	free(list->v);
	*list = (struct erpsync_kept_list){NULL, 0};
}

/* What the release is now. */
static int
tell_now(struct store *s, enum path_os os, const struct hash *id,
    struct erpsync_kept *out, struct err *e)
{
	struct store_list list;
	size_t i;
	int rc = store_list_releases(s, os, &list, e);

	for (i = 0; rc == 0 && i < list.n; i++) {
		if (!hash_equal(&list.v[i].id, id))
			continue;
		rc = tell(s, os, &list.v[i], out, e);
		out->current = i + 1 == list.n;
	}
	free(list.v);
	return rc;
}

int
erpsync_hold(const char *state, enum erpsync_os system, const char *which,
    bool held, struct erpsync_kept *out, struct erpsync_error *error)
{
	enum path_os os = (enum path_os)system;
	struct erpsync_kept told;
	struct store_kept k;
	struct store *s;
	struct err e;
	int rc;

	if ((rc = store_open_beside(fs_real(), state, &s, &e)) == 0 &&
	    (rc = need(s, os, which, &k, &e)) == 0 &&
	    (rc = store_hold(s, os, &k.id, held, &e)) == 0)
		rc = tell_now(s, os, &k.id, out != NULL ? out : &told, &e);
	store_close(s);
	return rc != 0 ? api_fail(error, &e) : 0;
}

int
erpsync_publish_again(const char *state, const struct erpsync_source *source,
    const char *which, struct erpsync_kept *out, struct erpsync_error *error)
{
	enum path_os os = (enum path_os)source->os;
	struct api_source src;
	struct store_kept k;
	struct manifest m;
	struct store *s;
	struct err e;
	int rc;

	memset(&src, 0, sizeof(src));
	manifest_init(&m, os);
	if ((rc = store_open_beside(fs_real(), state, &s, &e)) == 0 &&
	    (rc = need(s, os, which, &k, &e)) == 0 &&
	    (rc = api_source(&src, source, &e)) == 0 &&
	    (rc = publish_again(s, &src.source, &k.id, &m, &e)) == 0)
		rc = tell_now(s, os, &k.id, out, &e);
	api_source_release(&src);
	manifest_release(&m);
	store_close(s);
	return rc != 0 ? api_fail(error, &e) : 0;
}
