#ifndef ERPSYNC_TRANSPORT_API_API_INTERNAL_H
#define ERPSYNC_TRANSPORT_API_API_INTERNAL_H

/*
 * What the parts of the library's face share: the handles, and the way of
 * errors, options and events between the public types and the engine's.
 */

#include "engine/base/err.h"
#include "engine/base/observer.h"
#include "engine/tree/filter.h"
#include "transport/api/erpsync.h"

#include <assert.h>

struct folder;

/* A public constant, or the place of a field, is the engine's. */
#define SAME(ours, engines)                                                    \
	static_assert((int)(ours) == (int)(engines), #ours " is " #engines)

struct erpsync_folder {
	struct folder *f;
	struct erpsync_folder_options opt;
	struct observer obs; /* tells opt.observer */
	struct filter backup_exclude; /* of opt */
	char *path; /* as it was opened */
};

/* The engine's error becomes the caller's; returns its code. */
int api_fail(struct erpsync_error *to, const struct err *from);

/* A callback's error becomes the engine's; returns code. */
int api_take(struct err *to, const struct erpsync_error *from, int code);

/*
 * The caller's options, which may be an older and shorter struct, into the
 * library's own of so many bytes; from NULL: the defaults.  ERP_USAGE for
 * those of a newer library.
 */
int api_options(void *to, size_t own, const void *from, struct err *e);

/* An observer that tells to, which outlives it; without an event: nobody. */
struct observer api_observer(struct erpsync_observer *to);

/* Whose seal it is, and what it says (folder_seal.c). */
struct sealed;
struct erpsync_seal;
void api_seal(struct erpsync_seal *out, const struct sealed *from);

/* The n patterns as a filter, which is the caller's to release in any case. */
int api_filter(
    struct filter *out, const char *const *v, size_t n, struct err *e);

#endif
