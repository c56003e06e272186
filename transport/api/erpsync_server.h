#ifndef ERPSYNC_TRANSPORT_API_ERPSYNC_SERVER_H
#define ERPSYNC_TRANSPORT_API_ERPSYNC_SERVER_H

/*
 * The server's half of erpsync.h, which includes it: the state folder,
 * publishing and serving.  What erpsync.h says of all functions holds here.
 */

#include "erpsync.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* The server's state folder: kept releases, contents and blobs. */
struct erpsync_store;

/*
 * Open or create it (its parent must exist).  blob_bytes limits what is kept
 * of blobs; 0: 2 GiB.  ERPSYNC_HELD when another server holds it,
 * ERPSYNC_USAGE when it is something else's folder.
 */
int erpsync_store_open(const char *path, uint64_t blob_bytes,
    struct erpsync_store **out, struct erpsync_error *e);
void erpsync_store_close(struct erpsync_store *s); /* or NULL */

/*
 * Seals are files of minisign (docs/security.md).  Asked for the passphrase
 * of a secret key: the text into out, which has room for n bytes with its NUL;
 * anew: it is for a key that is made, and "" is none.  0, or a code with its
 * reason in e.
 */
typedef int erpsync_passphrase_fn(void *ctx, const char *file, bool anew,
    char *out, size_t n, struct erpsync_error *e);

struct erpsync_sealing {
	const char *key; /* the file of a secret key */
	const char *older; /* of the key whose place it takes, or NULL */
	const char *product; /* NULL: "smartclient" */
	uint64_t serial; /* 0: one above that of the seal before */
	uint32_t days; /* that the seal is valid, ..400; 0: 90 */
	bool downgrade; /* an older build is meant */
	erpsync_passphrase_fn *passphrase; /* NULL: the keys have none */
	void *ctx;
};

/* An update folder. */
struct erpsync_source {
	enum erpsync_os os;
	const char *key; /* what messages call it, as "PathLinux" */
	const char *path;
	const char *build; /* code of its client, or "" */
	bool lowercase_only; /* refuse upper-case names, else warn */
	int keep; /* releases, ..100; 0: 8 */
	uint32_t settle_ms; /* it must stay the same for so long */
	/* Patterns not to publish; a server tells them to stations, which leave
	 * what they have of it as it is. */
	const char *const *exclude;
	size_t exclude_n;
	/* The file of a public key: nothing is published but what it sealed.
	 * NULL: without a seal too, but with one only what it fits. */
	const char *seal_key;
	/* Seal it, into the file PATH.minisig; NULL: who has the key did.  No
	 * server does it. */
	const struct erpsync_sealing *sealing;
	/* Asked where the folder at path has a smartclient.ini, by a server on
	 * a thread of its own: would stations of this enum erpsync_os take it?
	 * Else false, and why, in cap bytes, for a warning.  May be NULL. */
	bool (*judge_ini)(const char *path, int os, char *why, size_t cap);
	/* The policy of struct erpsync_ini that stations will be told: of a
	 * smartclient.ini that they keep nobody is warned.  NULL: none. */
	const char *ini_policy;
};

struct erpsync_release {
	uint8_t id[ERPSYNC_HASH_LEN];
	uint64_t files;
	uint64_t bytes; /* of their contents */
};

/*
 * Publish a folder as a release, or find that it is the current one.  Warnings
 * go to obs (may be NULL).  ERPSYNC_NOTFOUND, ERPSYNC_USAGE for an empty
 * folder or a name that cannot be published, ERPSYNC_BUSY for a folder that
 * keeps changing; the current release then stays.
 */
int erpsync_publish(struct erpsync_store *s,
    const struct erpsync_source *source, const struct erpsync_observer *obs,
    struct erpsync_release *out, struct erpsync_error *e);

/* A kept release of a state folder. */
struct erpsync_kept {
	uint64_t number; /* each is higher than those before */
	struct erpsync_release release; /* zeroes but for its id: damaged */
	char build[ERPSYNC_LABEL_MAX + 1]; /* or "" */
	int64_t published; /* seconds since 1970 */
	bool current; /* what stations get, unless it is held */
	bool held;
	bool sealed;
	bool damaged;
	/* So many different ones have said that they have it, as the server
	 * kept it within the last minute: 16384 at most. */
	uint32_t stations;
};
struct erpsync_kept_list {
	struct erpsync_kept *v; /* oldest first */
	size_t n;
};

/*
 * Those below take the path of a state folder, which a server may be using: it
 * knows within a second.  which names a release: its number, or at least the
 * first 8 digits of its id; NULL: the current one.  ERPSYNC_NOTFOUND.
 */
int erpsync_releases(const char *state, enum erpsync_os os,
    struct erpsync_kept_list *out, struct erpsync_error *e);
void erpsync_releases_free(struct erpsync_kept_list *list);

/*
 * Hold a release back, or let it go.  While the current one is held, stations
 * keep what they have; an update folder that is a held release, be it with
 * other times or another build, is not published over another.  out (may be
 * NULL) is what it is then.
 */
int erpsync_hold(const char *state, enum erpsync_os os, const char *which,
    bool held, struct erpsync_kept *out, struct erpsync_error *e);

/*
 * Make a kept release the current one again, under a new number, and hold the
 * one that was.  Of source the system, path and what is said of seals count.
 * ERPSYNC_UNSEALED: it takes a new seal.
 */
int erpsync_publish_again(const char *state,
    const struct erpsync_source *source, const char *which,
    struct erpsync_kept *out, struct erpsync_error *e);

/*
 * Seal a folder, or a release by its file in a state folder, without one: the
 * seal is written to the file to (NULL: PATH.minisig).  Where it was laid
 * beside the folder, a server publishes it.
 */
int erpsync_seal_folder(const struct erpsync_source *source, const char *to,
    struct erpsync_release *out, struct erpsync_error *e);

/* Make a key: NAME.key, which is secret, and NAME.pub.  ERPSYNC_BLOCKED when
 * either is there.  id gets the key's number. */
int erpsync_seal_key_make(const char *name, erpsync_passphrase_fn *passphrase,
    void *ctx, char id[ERPSYNC_KEY_ID + 1], struct erpsync_error *e);

/* What is being compiled: a group of small files, or one large file. */
struct erpsync_compiling {
	bool group;
	size_t number; /* from 1 */
	size_t of; /* large files; 0 for groups: not known before */
	size_t files; /* of the group */
	uint64_t bytes; /* of its contents */
};
typedef void erpsync_compiling_fn(void *ctx, const struct erpsync_compiling *c);

/* Make all blobs that stations on kept releases of a system will ask for;
 * each is told before it is made. */
int erpsync_compile(struct erpsync_store *s, enum erpsync_os os,
    erpsync_compiling_fn *told, void *ctx, struct erpsync_error *e);

/* The server. */
struct erpsync_policy {
	bool enabled; /* else every station is told that it is not */
	const char *build; /* of the server, or NULL */
	const char *min_client_build; /* still compatible, or NULL */
	const char *acceptable; /* as are these, patterns; or NULL */
	/* Hours in which stations may update, as erpsync.conf(5) says of
	 * Window; NULL: always. */
	const char *window;
	/* For the INI files of stations that have no rules of their own for
	 * them; a station that asks for seals does not go by it. */
	struct erpsync_ini ini;
	/* Of erpsync_serve_stream alone: what those who published excluded, so
	 * that stations do not delete it.  A server goes by its sources. */
	const char *const *exclude;
	size_t exclude_n;
};
/* Are these such hours?  ERPSYNC_USAGE. */
int erpsync_window_check(const char *window, struct erpsync_error *e);
/* Is the list of acceptable builds short enough?  ERPSYNC_USAGE. */
int erpsync_acceptable_check(const char *builds, struct erpsync_error *e);
/* Order two builds by the rule of min_client_build: <0, 0, >0. */
int erpsync_build_compare(const char *a, const char *b);

/* Is this address, a name or a number, "" for all, one of this machine's, so
 * that a server can listen there?  Whether the port is free is not looked at.
 */
int erpsync_listen_check(
    const char *address, uint16_t port, struct erpsync_error *e);

/* What it shows in TLS (PEM files), and who need not use that. */
struct erpsync_server_security {
	const char *certificate, *key; /* NULL: its own, in the state folder */
	const char *client_ca; /* stations must show certificates of it */
	bool insecure; /* other machines may come without TLS, too */
};

/* Can these be shown?  0 and the pin of their key, "" where the server has its
 * own, and in e->message that the certificate expires within 30 days, else "";
 * ERPSYNC_NOTFOUND or ERPSYNC_USAGE naming what is wrong: it has expired, or is
 * not valid yet, too, with the pin. */
int erpsync_security_check(const struct erpsync_server_security *security,
    char pin[ERPSYNC_PIN_MAX + 1], struct erpsync_error *e);

/* A key of its own making, for a server whose certificate no CA issued. */
struct erpsync_key_options {
	size_t size;
	const char *certificate, *key; /* paths of new PEM files */
	const char *const *names; /* DNS names or addresses of the server */
	size_t names_n; /* at least one */
	uint32_t days; /* that it is valid; 0: 3650 */
};
/* Write both, the key for this user alone, and tell the pin.  ERPSYNC_USAGE:
 * one of the files is there. */
int erpsync_make_key(const struct erpsync_key_options *opt,
    char pin[ERPSYNC_PIN_MAX + 1], struct erpsync_error *e);

struct erpsync_offer { /* may change while the server runs */
	struct erpsync_policy policy;
	struct erpsync_server_security security;
	const struct erpsync_source *sources; /* each system once */
	size_t sources_n;
	bool no_compile_ahead; /* answers stay what the first station got */
	/* Bytes a second that leave, as erpsync.conf(5) says of MaxRate; NULL:
	 * no limit. */
	const char *max_rate;
};
/* Are these such rates?  1: not even one station does with one of them, 2 KiB a
 * second being the least.  ERPSYNC_USAGE. */
int erpsync_max_rate_check(const char *rates, struct erpsync_error *e);

enum erpsync_log_level {
	ERPSYNC_LOG_INFO,
	ERPSYNC_LOG_WARN,
	ERPSYNC_LOG_ERROR
};

struct erpsync_server_options {
	size_t size;
	const char *address; /* to listen on; NULL or "": all */
	uint16_t port; /* 0: any free one */
	unsigned max_stations; /* served at once; 0: 1000 */
	unsigned max_per_address; /* likewise of one address, 0: 64, without
				   * limit from this machine */
	unsigned workers; /* 0: two for each processor */
	uint32_t settle_ms; /* quiet before publishing; 0: 2 s */
	uint32_t drain_ms; /* for sessions at the end; 0: 30 s */
	struct erpsync_offer offer; /* is copied */
	/* The process is the server's: SIGTERM and SIGINT stop it, SIGHUP
	 * reloads, SIGPIPE is ignored, the limit of open files is raised as
	 * far as it may, and libevent logs nothing.  Without, none of them is
	 * touched. */
	bool owns_process;
	/* What is offered now; copied before the next call.  May be NULL. */
	int (*reload)(
	    void *ctx, struct erpsync_offer *out, struct erpsync_error *e);
	/* A line for the log; from the thread that runs it.  May be NULL. */
	void (*log)(void *ctx, enum erpsync_log_level level, const char *text);
	void *ctx;
	/* With owns_process: from opening on the process writes nothing but in
	 * the state folder and in the one that confined_to names, which may be
	 * NULL, starts no program and calls nobody, as far as its kernel can
	 * see to that.  A thread that is there before can write elsewhere. */
	bool confine;
	const char *confined_to;
	/* Told about twice a second that it lives, from that thread.  May be
	 * NULL. */
	void (*alive)(void *ctx);
};

struct erpsync_server;

/* Listen, and offer what the store has; folders are published, and again
 * whenever they change, while it runs.  s outlives the server. */
int erpsync_server_open(struct erpsync_store *s,
    const struct erpsync_server_options *opt, struct erpsync_server **out,
    struct erpsync_error *e);
uint16_t erpsync_server_port(const struct erpsync_server *s);
/* Serve until it is stopped; ERPSYNC_CANCELLED: sessions were cut off. */
int erpsync_serve(struct erpsync_server *s, struct erpsync_error *e);
/* First: no more connections, sessions may finish.  Again: at once.  From any
 * thread. */
void erpsync_server_stop(struct erpsync_server *s);
void erpsync_server_close(struct erpsync_server *s); /* or NULL */

/* Serve one station over a stream, on this thread, from what the store has.
 * 0 when it got what it came for. */
int erpsync_serve_stream(struct erpsync_store *s,
    const struct erpsync_policy *policy, const struct erpsync_stream *stream,
    struct erpsync_error *e);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
