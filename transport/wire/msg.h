#ifndef ERPSYNC_TRANSPORT_WIRE_MSG_H
#define ERPSYNC_TRANSPORT_WIRE_MSG_H

/*
 * Payloads of the messages: plain structs, encoded as whole frames onto a
 * buffer, decoded from a frame's payload by pure functions that check every
 * length and every value (ERP_PROTO).  Pointers in decoded structs point
 * into the payload.  HELLO, WELCOME, RESULT and ERROR may go on behind the
 * fields we know: that is of a version to come, and not looked at.
 */

#include "engine/base/hash.h"
#include "engine/base/path.h"
#include "transport/wire/limits.h"
#include "transport/wire/msg_left_out.h"
#include "transport/wire/proto.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

enum {
	TEXT_SHORT = 64, /* station id, build, arch: bytes without NUL */
	TEXT_LONG = 255 /* error and result texts: bytes without NUL */
};

/* With the last contents are fetched, and nothing is changed. */
enum { HELLO_DRY_RUN = 1, HELLO_AGREED = 2, HELLO_DOWNLOAD = 4 };

struct msg_hello {
	char station[TEXT_SHORT + 1]; /* 1..64 of [A-Za-z0-9._-] */
	char arch[TEXT_SHORT + 1];
	char build[TEXT_SHORT + 1]; /* the client's build code, or "" */
	enum path_os os;
	uint8_t lang; /* 0 not said, 1 pt, 2 es, 3 en; others are as 0 */
	uint8_t flags; /* HELLO_ bits; others are not decoded */
	struct hash release; /* what it has, or zero */
};

/* A server's rules for INI files of stations (engine/tree/ini_policy.h). */
enum { CONFLICT_STATION = 1, CONFLICT_RELEASE = 2 };
struct msg_ini {
	uint8_t conflict; /* whose value counts; 0: not said */
	char rules[TEXT_LONG + 1]; /* a list; "": there are none */
};

struct msg_welcome {
	enum verdict verdict;
	/* Seconds: BUSY 1..3600, NOT_NOW ..NOT_NOW_MAX, else 0. */
	uint32_t retry_after;
	char build[TEXT_SHORT + 1]; /* the server's build code, or "" */
	struct hash release; /* zero when there is none */
	uint32_t manifest_len; /* canonical bytes */
	uint32_t packed_len; /* what is sent: the same compressed, and hints */
	uint8_t flags; /* WELCOME_ bits */
	uint32_t hints_len; /* with HINTS: the last of them, compressed */
	struct msg_ini ini; /* with INI */
	struct msg_left_out left_out; /* with LEFT_OUT */
};

enum { WANT_HAS_BASIS = 1, WANT_WHOLE = 2, WANT_HAS_PART = 4 };
enum { WANT_PREVIEW = 8 }; /* a dry run that will fetch it */
enum { PART_PREFIX = 8 }; /* bytes of a blob's id */

struct msg_want {
	uint32_t index; /* of the entry in the manifest */
	uint8_t flags; /* WANT_ bits; WHOLE and PREVIEW exclude others */
	uint64_t basis_size; /* with HAS_BASIS */
	struct hash basis;
	uint8_t part[PART_PREFIX]; /* with HAS_PART: of a blob begun before */
};

struct msg_offer {
	uint32_t index;
	uint8_t codec; /* enum codec */
	struct hash blob;
	uint64_t len; /* bytes of the blob, > 0 */
};

struct msg_fetch {
	uint32_t index;
	uint64_t offset; /* into the blob offered for it */
};

struct msg_data {
	uint32_t index;
	const uint8_t *p;
	size_t len;
};

struct msg_result {
	enum outcome outcome;
	uint32_t files; /* changed on the station */
	uint32_t elapsed_ms;
	uint64_t sent; /* by the station, before this message */
	uint64_t received;
	char text[TEXT_LONG + 1];
};

/*
 * A sign of life.  From a server: it works on what the station asked for, or
 * will when so many others, at most, have had their turn.
 */
struct msg_nop {
	bool says_ahead;
	uint32_t ahead; /* with says_ahead; 0: it is being worked on */
};

struct msg_error {
	uint16_t code; /* enum error_code, or one we do not know */
	char text[TEXT_LONG + 1];
};

int nop_encode(const struct msg_nop *m, struct buf *out, struct err *e);
/* Of the payload only what is known is read. */
void nop_decode(const uint8_t *p, size_t n, struct msg_nop *m);
int hello_encode(const struct msg_hello *m, struct buf *out, struct err *e);
int hello_decode(
    const uint8_t *p, size_t n, struct msg_hello *m, struct err *e);
int welcome_encode(const struct msg_welcome *m, struct buf *out, struct err *e);
int welcome_decode(
    const uint8_t *p, size_t n, struct msg_welcome *m, struct err *e);
int get_manifest_encode(struct buf *out, struct err *e);
int result_encode(const struct msg_result *m, struct buf *out, struct err *e);
int result_decode(
    const uint8_t *p, size_t n, struct msg_result *m, struct err *e);
int error_encode(const struct msg_error *m, struct buf *out, struct err *e);
int error_decode(
    const uint8_t *p, size_t n, struct msg_error *m, struct err *e);
int data_encode(const struct msg_data *m, struct buf *out, struct err *e);
int data_decode(const uint8_t *p, size_t n, struct msg_data *m, struct err *e);
/* SUMS are n bytes and nothing else, at most BULK_PIECE. */
int sums_encode(const uint8_t *p, size_t n, struct buf *out, struct err *e);

/* Sums that were sent in another session: their hash instead of them. */
int recall_encode(const struct hash *sums, struct buf *out, struct err *e);
int recall_decode(const uint8_t *p, size_t n, struct hash *sums, struct err *e);

/* A SEAL is the n bytes of a seal's file (engine/seal/seal.h) and nothing
 * else, at most CONTROL_MAX. */
int seal_encode(const void *p, size_t n, struct buf *out, struct err *e);

/*
 * The beginning of a MANIFEST, which has no index, or DATA whose len bytes,
 * with this CRC, are sent from where they are.  Returns its length.
 */
enum { BULK_HEAD_MAX = 12 };
size_t bulk_head(uint8_t out[BULK_HEAD_MAX], enum msg_type type, uint32_t index,
    size_t len, uint32_t crc);

/*
 * Lists of 1..WANT_MAX items.  Decoding fills v, which has room for WANT_MAX,
 * and returns the count.
 */
int wants_encode(
    const struct msg_want *v, size_t n, struct buf *out, struct err *e);
int wants_decode(const uint8_t *p, size_t n, struct msg_want *v, struct err *e);
int offers_encode(
    const struct msg_offer *v, size_t n, struct buf *out, struct err *e);
int offers_decode(
    const uint8_t *p, size_t n, struct msg_offer *v, struct err *e);
int fetches_encode(
    const struct msg_fetch *v, size_t n, struct buf *out, struct err *e);
int fetches_decode(
    const uint8_t *p, size_t n, struct msg_fetch *v, struct err *e);

/*
 * A group: 2..GROUP_MAX files by ascending index.  Of a basis only its size
 * and the first GROUP_PREFIX bytes of its hash travel, the rest is decoded as
 * zeroes; WANT_HAS_BASIS is the only flag.
 */
int group_encode(
    const struct msg_want *v, size_t n, struct buf *out, struct err *e);
int group_decode(const uint8_t *p, size_t n, struct msg_want *v, struct err *e);
/* Encoded bytes of member i of v. */
size_t group_member_len(const struct msg_want *v, size_t i);

/*
 * A question: 1..GROUP_MAX files of whose bases sums of one kind are asked.
 * Decoding fills v, which has room for GROUP_MAX, and returns the count.
 */
int ask_encode(enum sums_kind kind, const uint32_t *v, size_t n,
    struct buf *out, struct err *e);
int ask_decode(const uint8_t *p, size_t n, enum sums_kind *kind, uint32_t *v,
    struct err *e);

/* Encoded bytes of one item, for exact predictions. */
size_t want_len(const struct msg_want *m);
enum { OFFER_LEN = 45, FETCH_LEN = 12, ASK_LEN = 4, DATA_HEADER_LEN = 4 };

/* Bytes of the DATA frames that carry len bytes. */
uint64_t data_frames_len(uint64_t len);

/* Is text a legal station id? */
bool station_id_is_valid(const char *text);

#endif
