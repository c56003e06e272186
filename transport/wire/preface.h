#ifndef ERPSYNC_TRANSPORT_WIRE_PREFACE_H
#define ERPSYNC_TRANSPORT_WIRE_PREFACE_H

/*
 * The preface: what each end says first, frozen for ever, so that any two
 * versions can tell why they do not fit.  Pure functions on bytes.
 */

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

enum {
	PROTO_VERSION = 1, /* the only one so far */
	PREFACE_LEN = 16 /* bytes */
};

/* What an end understands beyond the version. */
enum {
	FEATURE_HINTS = 1, /* a WELCOME with hints */
	FEATURE_SEALS = 2, /* a SEAL behind WELCOME */
	FEATURE_INI = 4, /* a WELCOME with rules for INI files */
	FEATURE_NOT_NOW = 8, /* a WELCOME that says so */
	FEATURE_PREVIEW = 16, /* a WANT that is fetched in a dry run */
	FEATURE_LEFT_OUT = 32 /* a WELCOME with names that are left out */
};

struct preface {
	uint16_t min_version;
	uint16_t max_version;
	uint32_t features; /* FEATURE_ bits; others mean nothing */
};

/* Append our preface, of an end that understands these. */
int preface_encode(uint32_t features, struct buf *out, struct err *e);

/* The number of bytes used, 0 when more are needed; ERP_PROTO as soon as they
 * cannot be a preface. */
int64_t preface_decode(
    const uint8_t *p, size_t n, struct preface *out, struct err *e);

/* The version both ends speak, or ERP_NOVERSION naming both ranges: whatever
 * they are, a range that is empty has none. */
int preface_agree(const struct preface *peer, struct err *e);

#endif
