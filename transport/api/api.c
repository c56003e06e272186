/*
 * The ground of the library's face: errors, options, events and patterns on
 * their way between erpsync.h and the engine.  Public enums have the engine's
 * values, which is asserted here and in no other place.
 */
#include "transport/api/api_internal.h"

#include "engine/base/path.h"
#include "engine/tree/filter.h"
#include "engine/tree/ini_policy.h"
#include "engine/tree/manifest.h"
#include "transport/net/channel_tls.h"
#include "transport/wire/msg.h"

#include <assert.h>
#include <string.h>

SAME(ERPSYNC_OK, ERP_OK);
SAME(ERPSYNC_IO, ERP_IO);
SAME(ERPSYNC_NOSPACE, ERP_NOSPACE);
SAME(ERPSYNC_NOTFOUND, ERP_NOTFOUND);
SAME(ERPSYNC_PROTO, ERP_PROTO);
SAME(ERPSYNC_CORRUPT, ERP_CORRUPT);
SAME(ERPSYNC_MISMATCH, ERP_MISMATCH);
SAME(ERPSYNC_AUTH, ERP_AUTH);
SAME(ERPSYNC_TIMEOUT, ERP_TIMEOUT);
SAME(ERPSYNC_BUSY, ERP_BUSY);
SAME(ERPSYNC_NOMEM, ERP_NOMEM);
SAME(ERPSYNC_CANCELLED, ERP_CANCELLED);
SAME(ERPSYNC_USAGE, ERP_USAGE);
SAME(ERPSYNC_INTERNAL, ERP_INTERNAL);
SAME(ERPSYNC_HEALTH, ERP_HEALTH);
SAME(ERPSYNC_DELETES, ERP_DELETES);
SAME(ERPSYNC_BLOCKED, ERP_BLOCKED);
SAME(ERPSYNC_LOST, ERP_LOST);
SAME(ERPSYNC_UNREACHABLE, ERP_UNREACHABLE);
SAME(ERPSYNC_UNANSWERED, ERP_UNANSWERED);
SAME(ERPSYNC_NOVERSION, ERP_NOVERSION);
SAME(ERPSYNC_OVERLOAD, ERP_OVERLOAD);
SAME(ERPSYNC_HELD, ERP_HELD);
SAME(ERPSYNC_SERVER_FULL, ERP_SERVER_FULL);
SAME(ERPSYNC_SERVER_FAILED, ERP_SERVER_FAILED);
SAME(ERPSYNC_UNFINISHED, ERP_UNFINISHED);
SAME(ERPSYNC_NEWER, ERP_NEWER);
SAME(ERPSYNC_UNTRUSTED, ERP_UNTRUSTED);
SAME(ERPSYNC_UNSEALED, ERP_UNSEALED);
SAME(ERPSYNC_ROLLED_BACK, ERP_ROLLED_BACK);
SAME(ERPSYNC_FROZEN, ERP_FROZEN);
SAME(ERPSYNC_ENDLESS, ERP_ENDLESS);
SAME(ERPSYNC_MIXED, ERP_MIXED);
SAME(ERPSYNC_FORWARDED, ERP_FORWARDED);
SAME(ERPSYNC_OTHER_SOFTWARE, ERP_OTHER_SOFTWARE);
SAME(1 - ERP_CODES, ERPSYNC_SERVER_FAILED); /* the last: each is public */
SAME(ERPSYNC_WINDOWS, PATH_OS_WINDOWS);
SAME(ERPSYNC_LINUX, PATH_OS_LINUX);
SAME(ERPSYNC_MACOSX, PATH_OS_MACOSX);
SAME(ERPSYNC_EVENT_SCAN, EVENT_SCAN);
SAME(ERPSYNC_EVENT_HASH, EVENT_HASH);
SAME(ERPSYNC_EVENT_PLAN, EVENT_PLAN);
SAME(ERPSYNC_EVENT_RECEIVE, EVENT_RECEIVE);
SAME(ERPSYNC_EVENT_BACKUP, EVENT_BACKUP);
SAME(ERPSYNC_EVENT_SWAP, EVENT_SWAP);
SAME(ERPSYNC_EVENT_COMMIT, EVENT_COMMIT);
SAME(ERPSYNC_EVENT_RECOVER, EVENT_RECOVER);
SAME(ERPSYNC_EVENT_RETRY, EVENT_RETRY);
SAME(ERPSYNC_EVENT_WARN, EVENT_WARN);
SAME(ERPSYNC_HASH_LEN, HASH_LEN);
SAME(ERPSYNC_LABEL_MAX, MANIFEST_MAX_BUILD);
SAME(ERPSYNC_LABEL_MAX, TEXT_SHORT);
SAME(ERPSYNC_ENTRIES_MAX, MANIFEST_MAX_ENTRIES);
SAME(sizeof(struct erpsync_error), sizeof(struct err));
SAME(sizeof(struct erpsync_event), sizeof(struct event));

const char *
erpsync_version(void)
{
	return ERPSYNC_VERSION;
}

void
erpsync_options_init(void *options, size_t size)
{
	assert(size >= sizeof(size));
	memset(options, 0, size);
	memcpy(options, &size, sizeof(size));
}

int
api_fail(struct erpsync_error *to, const struct err *from)
{
	assert(from->code < 0);
	if (to != NULL) {
		to->code = from->code;
		to->sys = from->sys;
		memcpy(to->message, from->msg, sizeof(to->message));
	}
	return from->code;
}

int
api_take(struct err *to, const struct erpsync_error *from, int code)
{
	assert(code < 0);
	(void)err_set(
	    to, code, "%.*s", (int)sizeof(from->message) - 1, from->message);
	if (to != NULL)
		to->sys = from->sys;
	return code;
}

int
api_options(void *to, size_t own, const void *from, struct err *e)
{
	size_t size = 0;

	if (from != NULL) {
		memcpy(&size, from, sizeof(size));
		if (size < sizeof(size) || size > own)
			return err_set(e, ERP_USAGE,
			    "options of %zu bytes, this library knows %zu",
			    size, own);
	}
	erpsync_options_init(to, own);
	if (from != NULL)
		memcpy((uint8_t *)to + sizeof(size),
		    (const uint8_t *)from + sizeof(size), size - sizeof(size));
	return 0;
}

static void
tell(void *ctx, const struct event *ev)
{
	const struct erpsync_observer *to = ctx;
	const struct erpsync_event told = {
	    .kind = (enum erpsync_event_kind)ev->kind,
	    .path = ev->path,
	    .text = ev->text,
	    .done = ev->done,
	    .total = ev->total,
	};

	if (to->event != NULL)
		to->event(to->ctx, &told);
}

struct observer
api_observer(struct erpsync_observer *to)
{
	struct observer obs = {.event = tell, .ctx = to};

	return obs;
}

int
api_filter(struct filter *out, const char *const *v, size_t n, struct err *e)
{
	size_t i;
	int rc = 0;

	filter_init(out);
	for (i = 0; i < n && rc == 0; i++)
		rc = filter_add(out, v[i], e);
	return rc;
}

int
erpsync_exclude_check(const char *pattern, struct erpsync_error *error)
{
	struct filter f;
	struct err e;
	int rc = api_filter(&f, &pattern, 1, &e);

	filter_release(&f);
	return rc != 0 ? api_fail(error, &e) : 0;
}

bool
erpsync_is_excluded(const char *const *patterns, size_t n, const char *path)
{
	struct filter f;
	bool is =
	    api_filter(&f, patterns, n, NULL) == 0 && filter_excludes(&f, path);

	filter_release(&f);
	return is;
}

int
erpsync_ini_policy_check(const char *policy, struct erpsync_error *error)
{
	struct ini_policies p = {NULL, 0, false, 0};
	struct err e;
	int rc = ini_policies_add(&p, policy, &e);

	ini_policies_release(&p);
	return rc != 0 ? api_fail(error, &e) : 0;
}

bool
erpsync_ini_policy_keeps(const char *policy, const char *path)
{
	struct ini_policies p = {NULL, 0, false, 0};
	bool keeps = ini_policies_add(&p, policy, NULL) == 0 &&
	    ini_policy_of(&p, path) == INI_KEEP;

	ini_policies_release(&p);
	return keeps;
}

bool
erpsync_station_id_is_valid(const char *id)
{
	return station_id_is_valid(id);
}

bool
erpsync_pin_is_valid(const char *pin)
{
	return tls_pin_is_valid(pin);
}

int
erpsync_station_files_check(
    const struct erpsync_security *security, struct erpsync_error *error)
{
	struct err e;
	int rc = tls_check_files(
	    security->ca, security->certificate, security->key, &e);

	return rc != 0 ? api_fail(error, &e) : 0;
}
