#ifndef ERPSYNC_ENGINE_RELEASE_PUBLISH_CHECK_H
#define ERPSYNC_ENGINE_RELEASE_PUBLISH_CHECK_H

/*
 * What an administrator has to be told about an update folder before it is
 * published.  Looks at a scanned manifest only.
 */

#include <stdbool.h>
#include <stddef.h>

struct err;
struct manifest;
struct names;
struct observer;
struct publish_source;

/* A warning names at most this many examples, then says how many more. */
enum { PUBLISH_SHOWN_MAX = 10 };

/*
 * Names and files that cannot be published, so that all of them can be put
 * right at once: more than one go to obs as warnings, the first ones each by
 * itself and the others as a number.
 */
enum { PUBLISH_REFUSED_MAX = 20 };
struct refusals {
	const struct observer *obs; /* may be NULL */
	const char *key; /* of the INI */
	size_t n;
	char first[400];
};
void refusals_add(struct refusals *r, const char *text);
/* 0 if there was none, else code: ERP_USAGE, or ERP_AUTH where all of them are
 * for want of rights. */
int refusals_end(const struct refusals *r, int code, struct err *e);

bool publish_has_file(const struct manifest *m);

/* The errors of publish_folder that a manifest shows. */
int publish_check_errors(const struct manifest *m,
    const struct publish_source *src, const struct observer *obs,
    struct err *e);

/* The warnings; top are the names directly in the folder, our reserved ones
 * among them. */
void publish_check_warnings(const struct manifest *m,
    const struct publish_source *src, const struct names *top,
    const struct observer *obs);

#endif
