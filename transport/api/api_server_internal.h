#ifndef ERPSYNC_TRANSPORT_API_API_SERVER_INTERNAL_H
#define ERPSYNC_TRANSPORT_API_API_SERVER_INTERNAL_H

/*
 * What the parts of the library's face share that serve: the store, update
 * folders and the policy as the engine and the server want them.
 */

#include "engine/release/publish.h"
#include "engine/tree/filter.h"
#include "engine/tree/ini_policy.h"
#include "transport/api/api_internal.h"
#include "transport/server/verdict.h"

struct manifest;
struct store;

struct erpsync_store {
	struct store *s;
};

/* An update folder, with the filter that it points to. */
struct api_source {
	struct publish_source source;
	struct filter filter;
	struct ini_policies ini;
	struct minisign_key seal_key;
	struct minisign_secret secret, older;
	struct publish_sealer sealer;
};

/* from is borrowed; release it in any case. */
int api_source(
    struct api_source *out, const struct erpsync_source *from, struct err *e);
void api_source_release(struct api_source *s);

/* publish_keys.c: the keys of from, where it names some. */
int api_source_keys(
    struct api_source *out, const struct erpsync_source *from, struct err *e);

/* What there is to be told of a release. */
int api_release(
    const struct manifest *m, struct erpsync_release *out, struct err *e);

/* ERP_USAGE for build codes that are too long. */
int api_policy(struct server_policy *out, const struct erpsync_policy *from,
    struct err *e);

#endif
