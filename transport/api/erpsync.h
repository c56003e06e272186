#ifndef ERPSYNC_TRANSPORT_API_ERPSYNC_H
#define ERPSYNC_TRANSPORT_API_ERPSYNC_H

/*
 * erpsync as a library: keep client folders equal to a server's release.
 * This is the header to include (C11, C++11; those beside it come with it)
 * and its only face: the program stands on it too.  Link with `pkg-config
 * --libs erpsync`.
 *
 * Functions that can fail return 0, or a documented value above 0, and on
 * failure a negative enum erpsync_code with its reason in their last argument,
 * which may be NULL.  The library never prints, never exits, reads no
 * environment and has no state but what lies behind its handles.  A handle
 * is used by one thread at a time; different ones by as many as like.
 *
 * Texts are UTF-8.  Paths inside a folder are relative, with '/' between
 * names.  Sizes are bytes, times seconds since 1970 (UTC) with nanoseconds,
 * durations milliseconds.  Arguments are borrowed for the call, what options
 * point to as long as the handle lives that was made with them; texts handed
 * to a callback are valid until it returns.
 *
 * Option structs begin with their size: zero them with erpsync_options_init,
 * or in C with {.size = sizeof(x)}.  Zero is the default of every field.
 */

#include "erpsync_ini.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* The library's version, as "0.1.0". */
const char *erpsync_version(void);

/* Zero an option struct of so many bytes and set its size. */
void erpsync_options_init(void *options, size_t size);

enum {
	ERPSYNC_HASH_LEN = 32, /* bytes of a release's id */
	ERPSYNC_LABEL_MAX = 64, /* bytes of a build code or station id */
	ERPSYNC_ENTRIES_MAX = 250000, /* entries of a release */
	ERPSYNC_KEY_ID = 16, /* characters of a seal key's number */
	ERPSYNC_BACKUPS = 3, /* that a client folder keeps at most */
	ERPSYNC_SYSTEMS = 3 /* of enum erpsync_os */
};

enum erpsync_code {
	ERPSYNC_OK = 0,
	ERPSYNC_IO = -1, /* a system call failed; sys holds errno */
	ERPSYNC_NOSPACE = -2, /* disk or inodes are, or would be, exhausted */
	ERPSYNC_NOTFOUND = -3, /* a named thing does not exist */
	ERPSYNC_PROTO = -4, /* the peer broke the protocol */
	ERPSYNC_CORRUPT = -5, /* stored bytes are not what we wrote */
	ERPSYNC_MISMATCH = -6, /* content is not what was promised */
	ERPSYNC_AUTH = -7, /* not permitted */
	ERPSYNC_TIMEOUT = -8, /* a deadline passed */
	ERPSYNC_BUSY = -9, /* a file is in use, or changes meanwhile */
	ERPSYNC_NOMEM = -10, /* out of memory */
	ERPSYNC_CANCELLED = -11, /* stopped on request */
	ERPSYNC_USAGE = -12, /* something impossible was asked */
	ERPSYNC_INTERNAL = -13, /* our own bug, noticed in time */
	ERPSYNC_HEALTH = -14, /* the health check refused the release */
	ERPSYNC_DELETES = -15, /* more would be deleted than is allowed */
	ERPSYNC_BLOCKED = -16, /* something of the person's is in the way */
	ERPSYNC_LOST = -17, /* the link broke */
	ERPSYNC_UNREACHABLE = -18, /* no connection came about */
	ERPSYNC_UNANSWERED = -19, /* nor did anybody say no to one */
	ERPSYNC_NOVERSION = -20, /* the peer speaks no protocol of ours */
	ERPSYNC_OVERLOAD = -21, /* the server serves others; later again */
	ERPSYNC_HELD = -22, /* another process holds the folder */
	ERPSYNC_SERVER_FULL = -23, /* the server's disk is full */
	ERPSYNC_UNFINISHED = -24, /* an update of the folder has not ended */
	ERPSYNC_NEWER = -25, /* written by a newer version of this library */
	ERPSYNC_UNTRUSTED = -26, /* nobody vouches for the other end */
	/* By its seal a release is not to be installed: */
	ERPSYNC_UNSEALED = -27, /* no seal of a trusted key */
	ERPSYNC_ROLLED_BACK = -28, /* older than one that was seen */
	ERPSYNC_FROZEN = -29, /* the seal has expired */
	ERPSYNC_ENDLESS = -30, /* more is sent than was sealed */
	ERPSYNC_MIXED = -31, /* the seal is of another release */
	ERPSYNC_FORWARDED = -32, /* too far ahead to be true */
	ERPSYNC_OTHER_SOFTWARE = -33, /* of another product or system */
	ERPSYNC_SERVER_FAILED = -34 /* the server could not */
};

struct erpsync_error {
	int code; /* enum erpsync_code */
	int sys; /* errno behind it, or 0 */
	char message[480]; /* what and where, one line, safe to show */
};

enum erpsync_os { ERPSYNC_WINDOWS, ERPSYNC_LINUX, ERPSYNC_MACOSX };

/* Facts, as they happen, on the thread of the call that they belong to. */
enum erpsync_event_kind {
	ERPSYNC_EVENT_SCAN, /* a folder is being scanned; done entries */
	ERPSYNC_EVENT_HASH, /* path is being hashed; done of total bytes */
	ERPSYNC_EVENT_PLAN, /* what will arrive: done files, total bytes */
	ERPSYNC_EVENT_RECEIVE, /* done bytes came, of about total */
	ERPSYNC_EVENT_BACKUP, /* the backup is made; done of total files */
	ERPSYNC_EVENT_SWAP, /* files are swapped; done of total files */
	ERPSYNC_EVENT_COMMIT, /* the new release is durable */
	ERPSYNC_EVENT_RECOVER, /* an update was recovered; text says how */
	ERPSYNC_EVENT_RETRY, /* trying again, done of total; text says why */
	ERPSYNC_EVENT_WARN /* text is for the administrator */
};

struct erpsync_event {
	enum erpsync_event_kind kind;
	const char *path; /* or NULL */
	const char *text; /* one line, or NULL */
	uint64_t done;
	uint64_t total;
};

struct erpsync_observer {
	void (*event)(void *ctx, const struct erpsync_event *ev);
	void *ctx;
};

/*
 * A byte stream of the caller's between a station and a server, used by one
 * thread.  Neither function may wait longer than wait_ms, since the other
 * direction may have to move first.  They return how many bytes were moved,
 * 0 when none could be in that time, ERPSYNC_STREAM_END when the peer has
 * closed in order, or ERPSYNC_IO when the stream is broken.
 */
enum { ERPSYNC_STREAM_END = -100 };
struct erpsync_stream {
	int64_t (*read)(void *ctx, void *p, size_t n, uint32_t wait_ms);
	int64_t (*write)(void *ctx, const void *p, size_t n, uint32_t wait_ms);
	void *ctx;
};

/*
 * Names to leave out are shell patterns: one with a slash is of the whole
 * path, one without of the last name in it; a folder takes all below with it.
 * ERPSYNC_USAGE for a pattern that cannot be.
 */
int erpsync_exclude_check(const char *pattern, struct erpsync_error *e);

/* Do these n patterns, which were checked, leave out this path, which is
 * relative?  No, without the memory to tell. */
bool erpsync_is_excluded(
    const char *const *patterns, size_t n, const char *path);

/* Is it 1 to 64 of A-Z a-z 0-9 . _ - ? */
bool erpsync_station_id_is_valid(const char *id);

/* Is it "sha256//" and 44 digits of base64, as a server's key is named? */
bool erpsync_pin_is_valid(const char *pin);

/* A client folder, held by one updater at a time. */
struct erpsync_folder;

struct erpsync_folder_options {
	size_t size;
	struct erpsync_observer observer; /* also of what is done later */
	/* Look only: no lock, no recovery, nothing created.  An interrupted
	 * update is ERPSYNC_UNFINISHED then. */
	bool read_only;
	/* The same where another holds it, or where this user or disk cannot
	 * update it: the folder's info tells why. */
	bool or_read_only;
	/*
	 * Asked after an update is in place: is the client fit for use?  0, or
	 * a code with its reason in e (ERPSYNC_HEALTH: it is not, and is
	 * refused from now on; another: it could not be asked), and the
	 * update is taken back.  folder is as it was opened.
	 */
	int (*health)(void *ctx, const char *folder, struct erpsync_error *e);
	void *health_ctx;
	/* Patterns of files that no release has and no update writes: they are
	 * not copied into backups, and no rollback touches them. */
	const char *const *backup_exclude;
	size_t backup_exclude_n;
};

/*
 * Open, lock and recover: an update that a crash interrupted is finished or
 * undone.  ERPSYNC_AUTH for a folder that cannot be written or is not to be
 * trusted, ERPSYNC_HELD naming who holds it, ERPSYNC_NEWER when a newer version
 * was the last here, ERPSYNC_CORRUPT when what lies there of ours cannot be
 * explained: then nothing was changed and a person has to look.
 */
int erpsync_folder_open(const char *path,
    const struct erpsync_folder_options *opt, struct erpsync_folder **out,
    struct erpsync_error *e);
void erpsync_folder_close(struct erpsync_folder *f); /* or NULL */

/* What recovery did when the folder was opened. */
enum erpsync_recovery {
	ERPSYNC_RECOVERY_NONE,
	ERPSYNC_RECOVERY_UNDONE,
	ERPSYNC_RECOVERY_FINISHED
};

struct erpsync_folder_info {
	size_t size; /* the caller's to set */
	enum erpsync_recovery recovery;
	/* An update or rollback ended so that only opening the folder anew
	 * can settle it; until then it may be neither old nor new. */
	bool stuck;
	bool known; /* a release was installed by us; else the rest is zero */
	uint8_t release[ERPSYNC_HASH_LEN]; /* its id */
	char build[ERPSYNC_LABEL_MAX + 1]; /* "": it has none */
	int64_t installed_at;
	/* With or_read_only: why it is only looked at; code 0: it is not. */
	struct erpsync_error why_read_only;
	/* And that is for a person to mend, in a folder that this user updates:
	 * until then no update comes. */
	bool needs_person;
};
void erpsync_folder_info(
    const struct erpsync_folder *f, struct erpsync_folder_info *out);

/* Whose files does it have: enum erpsync_os, of the installed release or else
 * of the client's program that lies there; or one of these. */
enum {
	ERPSYNC_OS_UNKNOWN = -1,
	ERPSYNC_OS_SEVERAL = -2 /* programs of several */
};
int erpsync_folder_system(const struct erpsync_folder *f);
/* Is the folder of one release?  0, or a code: ERPSYNC_UNFINISHED while an
 * update is changing its names, or was interrupted at that. */
int erpsync_folder_check_whole(
    const struct erpsync_folder *f, struct erpsync_error *e);
/* Would this user be let update the folder, which may be read-only?  0, or
 * ERPSYNC_AUTH: it is another user's, others can change it or a folder above
 * it, or what is ours in it does not open.  No trace is left. */
int erpsync_folder_check_user(
    const struct erpsync_folder *f, struct erpsync_error *e);

/* Is there such a path, whatever its case, in the installed release? */
bool erpsync_folder_has(const struct erpsync_folder *f, const char *path);
/* And is what is there what that release brought: a file byte for byte, a link
 * to the same, or a folder, whatever is in it? */
bool erpsync_folder_is_as_installed(
    const struct erpsync_folder *f, const char *path);
/* What that release brought as the INI file of this path, or where it brought
 * none the last one that did, of which the one that lies there may be merged:
 * *len bytes for the caller to free; NULL: it is empty, or not kept. */
void *erpsync_folder_ini_base(
    const struct erpsync_folder *f, const char *path, size_t *len);
/* Is a key of this server remembered, so that it has to have that one? */
bool erpsync_folder_knows(
    const struct erpsync_folder *f, const char *host, uint16_t port);

/*
 * Bring back backup number (1..3, a higher one is newer; 0: the newest), as
 * safely as an update; the folder as it is becomes a backup.  Files that only
 * the person touched stay, unless all: then the folder becomes what the
 * backup is.  1: it has nothing to bring back, so nothing was done.
 * ERPSYNC_NOTFOUND, ERPSYNC_MISMATCH naming what the backup does
 * not have as it was made; ERPSYNC_USAGE where a backup got its number when
 * the folder was opened or since, so that others may have moved, and
 * erpsync_history has not shown them.
 */
int erpsync_rollback(
    struct erpsync_folder *f, int number, bool all, struct erpsync_error *e);

/* A finding: path in the folder and what is wrong with it. */
typedef void erpsync_finding_fn(void *ctx, const char *path, const char *what);

/*
 * Compare the folder with the installed release by content, but for what the
 * n patterns exclude: the number of findings.  ERPSYNC_NOTFOUND: nothing was
 * installed by us.
 */
int erpsync_verify(struct erpsync_folder *f, const char *const *exclude,
    size_t n, erpsync_finding_fn *found, void *ctx, struct erpsync_error *e);

enum erpsync_backup_state {
	ERPSYNC_BACKUP_GOOD, /* all of it is there as it was made */
	ERPSYNC_BACKUP_BAD, /* something is not, or its record is damaged */
	ERPSYNC_BACKUP_FOREIGN /* a folder that erpsync did not make */
};

struct erpsync_backup {
	int number; /* 1..3; a higher one is newer */
	enum erpsync_backup_state state;
	/* The rest is zero without a readable record. */
	int64_t date;
	bool has_from, has_to; /* were the releases known? */
	/* Ids and builds that the update led from and to. */
	uint8_t from[ERPSYNC_HASH_LEN], to[ERPSYNC_HASH_LEN];
	char from_build[ERPSYNC_LABEL_MAX + 1];
	char to_build[ERPSYNC_LABEL_MAX + 1];
	uint64_t files; /* and links */
	uint64_t bytes; /* of their contents, shared or not */
};

struct erpsync_history {
	struct erpsync_backup v[ERPSYNC_BACKUPS]; /* oldest first */
	int n;
	bool waits; /* one newer than these has no number yet */
};

/* List the backups and compare each with its record, findings to found (may
 * be NULL): how many are bad. */
int erpsync_history(struct erpsync_folder *f, erpsync_finding_fn *found,
    void *ctx, struct erpsync_history *out, struct erpsync_error *e);

/* Open, so recover, and close: enum erpsync_recovery, or a code. */
int erpsync_recover(const char *path, struct erpsync_error *e);

/* An update: the folder becomes the server's release, or stays as it is. */
struct erpsync_connection {
	const char *host; /* name or number */
	uint16_t port;
	uint32_t connect_timeout_ms; /* 0: 15 s */
	uint32_t timeout_ms; /* of silence, or next to it; 0: 60 s */
	uint32_t answer_ms; /* until the server greets; 0: timeout_ms */
	/* Without progress towards an update, all tries; 0: no limit. */
	uint32_t total_ms;
	uint64_t bwlimit; /* bytes a second each way; 0: no limit */
	unsigned retries; /* tries in a row that may come to nothing */
	/* Instead of a port: the stream of one conversation, which is not
	 * tried again; host is for messages. */
	const struct erpsync_stream *stream;
};

struct erpsync_rules {
	bool checksum; /* compare by content, not by size and time */
	bool whole_file; /* no deltas */
	bool remove; /* delete what the previous release had */
	/* Also a release that was refused, and of another system than the
	 * folder's. */
	bool force;
	uint32_t modify_window; /* seconds that times may differ by */
	/* Files that may be deleted; NULL: 10, or a fifth of the release. */
	const uint64_t *max_delete;
	const char *const *exclude; /* patterns to leave alone */
	size_t exclude_n;
};

/*
 * How the server is known.  Nothing said: a connection within this machine is
 * plain; any other is TLS, with the key that the server had when the folder
 * was updated from it first.  docs/security.md.
 */
enum erpsync_wish { ERPSYNC_AUTO, ERPSYNC_TLS, ERPSYNC_PLAIN };
enum { ERPSYNC_PIN_MAX = 55 }; /* bytes of the text of a pin */
struct erpsync_security {
	enum erpsync_wish wish; /* plain never where TLS was before */
	const char *ca; /* PEM file: who issues servers' certificates */
	const char *pin; /* the server's key, "sha256//..." */
	const char *certificate, *key; /* of the station: PEM files */
	bool accept_key; /* the server may have another key than before */
};

/*
 * Would the files that it names load, as they are now?  ERPSYNC_NOTFOUND or
 * ERPSYNC_USAGE: one is not there, or has nothing of use in it; any other code:
 * it could not be looked at.
 */
int erpsync_station_files_check(
    const struct erpsync_security *security, struct erpsync_error *e);

/*
 * What of the options a release brought, in a smartclient.ini that no person
 * has written so.  It never keeps the next release away, nor its
 * smartclient.ini: the patterns do not leave that out, to keep it is to merge
 * it, and beside the pin the key counts that the server had before.
 */
struct erpsync_brought {
	size_t exclude_n; /* so many of the first of rules.exclude */
	bool ini_policy; /* ini.policy */
	bool pin; /* security.pin */
};

struct erpsync_update_options {
	size_t size;
	struct erpsync_connection server;
	struct erpsync_rules rules;
	enum erpsync_os os; /* whose files */
	const char *station_id; /* NULL: the host's name */
	const char *build; /* the client's; NULL: the installed release's */
	uint8_t lang; /* of the person: 0 not said, 1 pt, 2 es, 3 en */
	bool agreed; /* do not ask, the answer is yes */
	/* The server has a build that this client does not fit: update all
	 * the same?  A build is "" when it is not known.  NULL: no. */
	bool (*ask)(void *ctx, const char *from_build, const char *to_build);
	/* Asked often: not 0 gives up as soon as that is safe.  Or NULL. */
	int (*interrupted)(void *ctx);
	void *ctx;
	struct erpsync_security security; /* not of a stream */
	/* For the next one; at all hours, unasked.  Of erpsync_check only at
	 * all hours; without, it is told whether an update may be now. */
	bool download_only;
	/* What the one before downloaded only, without a server, which does
	 * not hear of it. */
	bool apply_only;
	struct erpsync_ini ini;
	/* Only this release (ERPSYNC_HASH_LEN bytes, as a report of a check has
	 * it), else ERPSYNC_OVERLOAD; NULL: whichever is offered. */
	const uint8_t *release;
	struct erpsync_brought brought;
};

struct erpsync_report; /* erpsync_report.h */

/*
 * Update f; or, with or_read_only, only find out whether there is something
 * to do.  Broken connections are tried again; what came before is not
 * fetched twice.  0 when the conversation came to its end: the report says
 * which.  *report (may be NULL) is also given after a failure, as far as it
 * came, and is the caller's to free.  After any failure the folder is as it
 * was, unless it is stuck (erpsync_folder_info).
 */
int erpsync_update(struct erpsync_folder *f,
    const struct erpsync_update_options *opt, struct erpsync_report **report,
    struct erpsync_error *e);

/* The same as a dry run: read-only is enough for f, nothing is changed. */
int erpsync_check(struct erpsync_folder *f,
    const struct erpsync_update_options *opt, struct erpsync_report **report,
    struct erpsync_error *e);

/*
 * The file engine: signatures and deltas in librsync's formats.  Callbacks
 * that fail return a code with its reason in e.
 */
struct erpsync_reader {
	/* Up to n bytes into p; 0 at the end. */
	int64_t (*read)(void *ctx, void *p, size_t n, struct erpsync_error *e);
	void *ctx;
};
struct erpsync_range {
	/* Up to n bytes at off; 0 past the end. */
	int64_t (*read_at)(void *ctx, uint64_t off, void *p, size_t n,
	    struct erpsync_error *e);
	void *ctx;
	uint64_t size; /* bytes in all */
};
struct erpsync_writer {
	/* Take all n bytes: 0. */
	int (*write)(
	    void *ctx, const void *p, size_t n, struct erpsync_error *e);
	void *ctx;
};

enum { ERPSYNC_BLOCK_MAX = 16 << 20, ERPSYNC_SUM_MAX = 32 };
struct erpsync_sizes {
	uint64_t size; /* of the basis; UINT64_MAX: not known */
	uint32_t block_len; /* ..ERPSYNC_BLOCK_MAX; 0: by the size */
	int sum_len; /* ..ERPSYNC_SUM_MAX; 0: the longest; -1: smallest safe */
	/* rdiff's other formats: the weak sums of old, MD4 for strong ones. */
	bool rollsum, md4;
};

/* Write the signature of basis.  ERPSYNC_USAGE for sizes that cannot be. */
int erpsync_signature(const struct erpsync_reader *basis,
    const struct erpsync_sizes *sizes, const struct erpsync_writer *out,
    struct erpsync_error *e);

/* Write what turns the basis of a signature into target.  ERPSYNC_CORRUPT:
 * it is no signature. */
int erpsync_delta(const struct erpsync_reader *signature,
    const struct erpsync_reader *target, const struct erpsync_writer *out,
    struct erpsync_error *e);

/*
 * Rebuild the target: all of basis, delta and out.  ERPSYNC_CORRUPT: no such
 * delta; ERPSYNC_MISMATCH: the basis became shorter.  Bytes that were written
 * before a failure are to be thrown away.
 */
int erpsync_patch(const struct erpsync_range *basis,
    const struct erpsync_reader *delta, const struct erpsync_writer *out,
    struct erpsync_error *e);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#include "erpsync_report.h"
#include "erpsync_seal.h"
#include "erpsync_server.h"

#endif
