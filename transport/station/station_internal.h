#ifndef ERPSYNC_TRANSPORT_STATION_STATION_INTERNAL_H
#define ERPSYNC_TRANSPORT_STATION_STATION_INTERNAL_H

/*
 * The inside of a station session.  From the top: station.c (bytes and
 * states) stands on station_plan.c (scan, hash, plan), station_want.c (what
 * is asked for), station_offer.c (what is answered), station_fetch.c (what
 * arrives), station_sums.c and station_preview.c (what a dry run looks into);
 * those on station_group.c (much at once), station_local.c (what is here),
 * station_blob.c (bytes that arrive), and all on the books, station_transfer.c,
 * and on station_say.c (what leaves). station_earlier.c: what came before the
 * link broke; station_recall.c: the sums of it.  station_signs.c: what shows
 * that the server is there; station_fetched.c: contents that are only fetched;
 * station_end.c: how it ends.
 */

#include "engine/base/buf.h"
#include "engine/base/stream.h"
#include "engine/tree/hints.h"
#include "engine/tree/ini_policy.h"
#include "engine/tree/left_out.h"
#include "engine/tree/manifest.h"
#include "engine/tree/spelling.h"
#include "transport/station/station.h"
#include "transport/station/station_account_internal.h"
#include "transport/station/station_preview_internal.h"
#include "transport/station/station_transfer_internal.h"

struct frame;
struct hashcache;

enum {
	STATION_OUT_HIGH = 256 * 1024, /* no sums are made above this */
	BLOB_IN_MEMORY = 1024 * 1024 /* a larger blob becomes a part file */
};

enum station_state {
	STATE_PREFACE, /* the server's preface is awaited */
	STATE_WELCOME, /* its WELCOME */
	STATE_SEAL, /* the SEAL behind it */
	STATE_MANIFEST, /* the manifest */
	STATE_PLAN, /* scan, hash, plan: local work */
	STATE_ASK, /* the person's answer */
	STATE_TRANSFER, /* wants, offers, data */
	STATE_PREVIEW, /* of a dry run: what INI files are to become */
	STATE_APPLY, /* local work */
	STATE_END /* output leaves, then done */
};

/* The release that is wanted. */
struct manifest_in {
	struct buf packed; /* while it arrives, with hints behind it */
	struct hints hints; /* of its files, to those of the installed one */
	struct manifest want; /* received, or the installed one's copy */
	struct spelling spelling; /* how the folder names it */
};

struct station {
	struct station_options opt;
	enum station_state state;
	struct buf in;
	struct buf opening; /* what came before contents, if only they come */
	struct buf out; /* station_say.c's */
	bool eof;
	bool asks_for_seal; /* its preface says so */
	bool blames_server; /* it failed at what that said */
	struct station_signs signs; /* but gained, which transfers have */
	uint64_t born; /* monotonic ms */
	struct manifest_in manifest;
	struct rate_in rate;
	struct manifest have;
	struct ini_policies ini; /* its own, then the server's */
	struct left_out left_out; /* by the server */
	struct hashcache *cache;
	struct plan plan;
	struct stage *stage; /* NULL in a dry run */
	struct transfers transfers;
	struct previews previews;
	struct account account;
	struct recalls recalls;
	struct station_report report;
};

/* station_say.c: each message that a station has, as a whole, after all that
 * waits.  A preface comes before HELLO.  ERP_NOMEM, or the output is full. */
void say_init(struct station *s);
void say_release(struct station *s);
int say_hello(struct station *s, const struct msg_hello *m, struct err *e);
int say_get_manifest(struct station *s, struct err *e);
int say_wants(
    struct station *s, const struct msg_want *v, size_t n, struct err *e);
int say_group(
    struct station *s, const struct msg_want *v, size_t n, struct err *e);
int say_fetches(
    struct station *s, const struct msg_fetch *v, size_t n, struct err *e);
int say_sums(struct station *s, const struct buf *piece, struct err *e);
int say_recall(struct station *s, const struct hash *sums, struct err *e);
int say_result(struct station *s, const struct msg_result *m, struct err *e);
int say_error(struct station *s, const struct msg_error *m, struct err *e);

/* station_manifest.c: it is wanted, and comes by itself or is asked for. */
int manifest_begin(struct station *s, bool by_itself, struct err *e);
/* One message of it.  1 when it is known, or a code. */
int manifest_receive(struct station *s, const struct frame *f, struct err *e);
/* n bytes came, of it while it is awaited; bytes a second, or 0. */
void manifest_measure(struct station *s, size_t n);
uint64_t manifest_rate(const struct station *s);

/* station_seal.c: is a release with this seal (none: n is 0) worth fetching?
 * Its manifest is here: is it let in? */
int seal_look(struct station *s, const uint8_t *p, size_t n, struct err *e);
int seal_admit(struct station *s, struct err *e);

/* station_signs.c: the server is there; perhaps it says how long our turn may
 * take. */
int nop_receive(struct station *s, const struct frame *f, struct err *e);

/* station_fetched.c: the first n bytes of the input were eaten in this state;
 * all contents are there that were only to be fetched: end. */
int fetched_note(
    struct station *s, enum station_state state, size_t n, struct err *e);
int fetched_end(struct station *s, struct err *e);

/* station_end.c: say how it went, and end; the session fails with what is in e,
 * whose code comes back: tell the server, if it is listening for that; the
 * server fails.  Milliseconds since the session began. */
int station_finish(
    struct station *s, enum outcome outcome, const char *text, struct err *e);
int station_fail(struct station *s, struct err *e);
/* The same of what was heard, for which the server may be to blame. */
int station_fail_heard(struct station *s, struct err *e);
int error_receive(struct station *s, const struct frame *f, struct err *e);
uint64_t station_elapsed_ms(const struct station *s);

/* station_plan.c: the wanted release under the folder's names; the plan; and
 * whether it may be carried out. */
const struct manifest *station_wanted(const struct station *s);
int station_plan(struct station *s, struct err *e);
/* Go by the server's rules for INI files, too, and by what it leaves out. */
int station_take_rules(struct station *s, struct err *e);
int station_check_plan(struct station *s, struct err *e);
/* ERP_HEALTH: not this release, which was refused here. */
int station_check_refused(struct station *s, struct err *e);
/* Is the folder of the release's build by what it has, whoever put it there? */
bool station_holds_build(const struct station *s);
/* Is the folder the release, and known to be? */
bool station_is_current(const struct station *s);
/* What the merge of action i with this file of the release would make, into
 * out and the plan (apply_merge_foretell). */
int station_foretell_merge(struct station *s, size_t i,
    const struct buf *release, struct buf *out, struct err *e);
/* Hash a file of the folder that the plan had no need to; it may fail. */
void station_hash(struct station *s, struct entry *have);

/* station_local.c.  locals_find: the file that has the wanted content under
 * another name, or NULL. */
struct locals;
int locals_make(struct station *s, struct locals **out, struct err *e);
void locals_free(struct locals *l);
const struct entry *locals_find(
    const struct locals *l, const struct entry *want);

/*
 * station_recall.c: the sums of n transfers that go together, from first on,
 * are about this; some that are were sent before (not said twice), or NULL;
 * they are sent now.  Take those of the station before.
 */
int recall_about(const struct transfer *first, size_t n,
    const struct station *s, struct hash *about, struct err *e);
const struct hash *recall_find(struct station *s, const struct hash *about);
int recall_note(struct station *s, const struct recall *r, struct err *e);
void recalls_take(struct station *s, struct station *before);
void recalls_release(struct station *s);

/* station_earlier.c: begin with what the one before has, which may be NULL
 * and is of no further use; give each file of the plan its part. */
int earlier_take(struct station *s, struct station *before, struct err *e);
void earlier_give(struct station *s);
void earlier_release(struct station *s);

#endif
