#ifndef ERPSYNC_TRANSPORT_WIRE_PROTO_H
#define ERPSYNC_TRANSPORT_WIRE_PROTO_H

/*
 * The ERP update protocol, version 1: messages and their numbers.
 * docs/protocol.md is the specification; this header is its index.  What comes
 * before the messages is preface.h, what they may weigh limits.h.
 *
 *   station                                server
 *   preface, HELLO            ------>
 *                             <------      preface, WELCOME, [SEAL]
 *                             <------      MANIFEST ...     (see below)
 *   [GET_MANIFEST]            ------>
 *   GROUP, ... WANT, ...      ------>
 *                             <------      OFFER, ASK       an item of one of
 *                                                           them for each file
 *   [SUMS ... or RECALL]      ------>                       what ASK asks for
 *                             <------      OFFER, ASK
 *   FETCH                     ------>                       what is offered
 *                             <------      DATA ...
 *   RESULT                    ------>
 *
 * Nothing waits for anything it does not need: all of them may be on their way
 * before the first OFFER.  The manifest follows WELCOME at once when the
 * station needs it and nobody has to be asked; else after GET_MANIFEST.
 * NOP may come in between: a sign of life.
 * Either side may send ERROR instead of anything else, and then closes.
 *
 * All integers are unsigned, little-endian, of fixed width, but for the
 * varints of GROUP.  Strings are a length (u8) and that many bytes of
 * printable UTF-8.
 */

enum msg_type {
	MSG_NOP = 0,
	MSG_HELLO = 1,
	MSG_WELCOME = 2,
	MSG_GET_MANIFEST = 3,
	MSG_MANIFEST = 4,
	MSG_WANT = 5,
	MSG_OFFER = 6,
	MSG_SUMS = 7,
	MSG_FETCH = 8,
	MSG_DATA = 9,
	MSG_RESULT = 10,
	MSG_ERROR = 11, /* frozen, as HELLO's fields are, like the preface */
	MSG_GROUP = 12,
	MSG_ASK = 13,
	MSG_RECALL = 14,
	MSG_SEAL = 15
};
enum { MSG_TYPES = 16 };

enum welcome_flag {
	WELCOME_RELATIVE = 1, /* the packed manifest leans on HELLO's release */
	WELCOME_HINTS = 2, /* hints follow it; for FEATURE_HINTS only */
	WELCOME_SEAL = 4, /* a SEAL comes next; for FEATURE_SEALS only */
	WELCOME_INI = 8, /* rules for INI files follow; for FEATURE_INI only */
	WELCOME_LEFT_OUT = 16 /* patterns follow; for FEATURE_LEFT_OUT only */
};

enum verdict {
	VERDICT_COMPATIBLE = 1, /* update without a question */
	VERDICT_INCOMPATIBLE = 2, /* ask the person first */
	VERDICT_DISABLED = 3, /* [Update] Enable is not on */
	VERDICT_NO_PACKAGE = 4, /* no release for this system */
	VERDICT_BUSY = 5, /* come back after retry_after seconds */
	/* No update now; in retry_after seconds, or (0) nobody knows when; for
	 * FEATURE_NOT_NOW only. */
	VERDICT_NOT_NOW = 6
};

/* Why a session ends early; a number that is none of these is as the last. */
enum error_code {
	ERROR_VERSION = 1, /* no protocol version in common */
	ERROR_PROTOCOL = 2, /* what came breaks the rules */
	ERROR_TIMEOUT = 3, /* too slow, or silent for too long: come again */
	ERROR_GONE = 4, /* what was asked for is there no more: come again */
	ERROR_FULL = 5, /* the disk is full: in vain until that is mended */
	ERROR_FAILED = 6, /* anything else that its end could not do */
	ERROR_PLAIN = 7 /* only by TLS */
};

/* What a server asks for of a basis that it does not have. */
enum sums_kind {
	SUMS_SIGNATURE = 1, /* as librsync makes it, without the header */
	SUMS_SHORT = 2 /* short_sums.h */
};

enum outcome {
	OUTCOME_CURRENT = 1, /* nothing to do */
	OUTCOME_UPDATED = 2, /* the release is installed and durable */
	OUTCOME_DRY_RUN = 3, /* only looked */
	OUTCOME_DECLINED = 4, /* the person said no */
	OUTCOME_FAILED = 5 /* text says why; the folder is as it was */
};

#endif
