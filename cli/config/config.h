#ifndef ERPSYNC_CLI_CONFIG_CONFIG_H
#define ERPSYNC_CLI_CONFIG_CONFIG_H

/*
 * Settings out of the ERP's own files: AppServer.ini for the server,
 * smartclient.ini for a station.  What is not set has the default that is
 * noted here.  Errors and warnings name file and line and say what to do.
 */

#include "engine/base/fs_file.h"
#include "engine/base/path.h"
#include "transport/api/erpsync.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum { CONFIG_MAX_HOST = 253, CONFIG_MAX_LABEL = 64 };

/* The key of a system's folder, "PathWindows"; NULL for a number that is no
 * enum path_os. */
const char *config_os_key(enum path_os os);

/* How a server is known, and whom it serves. */
struct tls_config {
	char *certificate, *key; /* PEM files, CertificateServer and KeyServer;
				    NULL: the server's own */
	char *client_ca; /* NULL: stations need no certificates */
	bool insecure; /* no */
};

/* What becomes of INI files, by IniPolicy and IniConflict. */
struct ini_config {
	char *policy; /* a list of rules, or NULL */
	int conflict; /* enum erpsync_ini_conflict; 0: not in the file */
};

/* When and how stations are served; texts that the library checked, NULL: not
 * in the file. */
struct server_terms {
	char *acceptable; /* builds */
	char *window; /* hours of updates */
	char *max_rate; /* what leaves */
	bool compile_ahead; /* from CompileAhead; yes */
};

struct server_config {
	char *file; /* the AppServer.ini */
	/* [Update] */
	bool enable; /* default: no, as for a blank value */
	char *path[PATH_OS_N]; /* by enum path_os; NULL: none for it.
				    Relative ones start at the INI's folder */
	/* Where to listen: [ErpSync] Listen or Port, else the Port of the
	 * section that [DRIVERS] Active names. */
	char listen[CONFIG_MAX_HOST + 1]; /* address; "": all */
	uint16_t port; /* 0: none found; see server_config_need_port */
	/* [ErpSync] */
	char *state; /* state folder; erpsync-state beside the INI */
	char *log_file; /* NULL: standard error */
	char build[CONFIG_MAX_LABEL + 1]; /* "" */
	char min_client_build[CONFIG_MAX_LABEL + 1]; /* "" */
	struct server_terms terms;
	bool lowercase_only; /* no */
	int keep; /* releases, 8; 1..100 */
	int workers; /* 0: as many as processors; ..64 */
	int max_stations; /* 1000; 1..12000 */
	int max_per_address; /* 0, not in the file: the network's default */
	struct tls_config tls; /* [ErpSync] */
	bool sandbox; /* yes */
	char *seal_key; /* a public key's file; NULL: seals are not demanded */
	struct ini_config ini; /* for the INI files of stations */
	uint64_t blob_cache_bytes; /* from BlobCacheMB, 2048; 64..1048576 */
	uint32_t settle_ms; /* from Settle in seconds, 2; 0..3600 */
	struct names exclude; /* names not to publish; none */
	struct names warnings; /* complete lines */
};

/*
 * Read AppServer.ini.  ERP_USAGE for a value that cannot be, ERP_NOTFOUND
 * for a missing file.  c holds nothing after a failure.
 */
int server_config_load(
    const char *path, struct server_config *c, struct err *e);
void server_config_release(struct server_config *c);

/* A warning of a secret key that others than its owner may read; false: there
 * is no need for one. */
bool config_warn_key(const char *file, char *line, size_t n);

/*
 * Fresh settings for a server that runs with these: what it takes only when it
 * is started adds to the warnings of fresh.
 */
int server_config_compare(const struct server_config *now,
    struct server_config *fresh, struct err *e);

/* The update folder of a system that has one; strings are c's. */
struct erpsync_source config_source(
    const struct server_config *c, enum path_os os);

/* ERP_USAGE with what to write where when no port was found. */
int server_config_need_port(const struct server_config *c, struct err *e);

enum config_language {
	LANGUAGE_UNSET = 0,
	LANGUAGE_PT = 1, /* the numbers of smartclient.ini */
	LANGUAGE_ES = 2,
	LANGUAGE_EN = 3
};

/* What of a salvaged one is not all known: what it leaves alone, whom it
 * trusts.  And what a release brought, by station_job_drop_brought. */
struct station_doubt {
	bool vague, unproven;
	struct erpsync_brought brought;
};

struct station_config {
	char server[CONFIG_MAX_HOST + 1]; /* "": not in the file */
	uint16_t port; /* 0: not in the file */
	enum config_language language;
	/* [ErpSync] HealthCheck; NULL: none.  Whether to believe it depends
	 * on who can write the file. */
	char *health_check;
	/* [ErpSync]; zero or empty: not in the file */
	int system; /* 1 + enum path_os */
	struct names exclude; /* names to leave alone */
	char station_id[CONFIG_MAX_LABEL + 1];
	uint64_t bwlimit; /* bytes a second */
	uint32_t timeout_ms, connect_timeout_ms, health_timeout_ms;
	int retries; /* 1 + how many */
	int window; /* 1 + enum window_wish */
	bool secure, insecure; /* SecureConnection, Insecure */
	char *ca, *pin; /* NULL: not in the file */
	char *certificate, *key; /* likewise */
	struct ini_config ini; /* for its INI files */
	struct names backup_exclude; /* names to leave out of backups */
	struct names warnings; /* complete lines */
	bool is_erp; /* the server or its port is the ERP's own, of [drivers] */
	struct station_doubt doubt;
};

/*
 * Read a station's INI, the open file fd: [ErpSync] has Server and Port, else
 * [drivers] active names a section which has; [config] has language.
 * ERP_USAGE when active leads nowhere or a value cannot be, and of c only the
 * language counts, in which to say so; a file without either only leaves server
 * empty.
 */
int station_config_load(
    int fd, const char *name, struct station_config *c, struct err *e);
void station_config_release(struct station_config *c);

/* The same of a file that has these n bytes. */
int station_config_read(const void *p, size_t n, const char *name,
    struct station_config *c, struct err *e);

/*
 * Is one of all its faults such a one as is_it says?  c becomes all else of it,
 * and is the caller's to release.
 */
bool station_config_has_fault(const void *p, size_t n, struct station_config *c,
    bool (*is_it)(const struct err *fault, const void *ctx), const void *ctx);

/*
 * The same of a file that station_config_load failed on: each row of
 * [ErpSync] that can be taken by itself and loosens nothing, so not Insecure;
 * never a server.  Whatever c becomes, it is the caller's to release.
 */
void station_config_salvage(int fd, struct station_config *c);

/*
 * Split "HOST:PORT", "[IPV6]:PORT", "HOST", ":PORT" or a port alone.  *port
 * stays as it is when there is none.  least is 1, or 0 where that may stand
 * for any port that is free: not in a file, which is to tell stations where
 * the server is.  ERP_USAGE without a file's name.
 */
int config_parse_address(const char *text, uint16_t least,
    char host[CONFIG_MAX_HOST + 1], uint16_t *port, struct err *e);

/* That a port is missing beside this host, which it found: ERP_USAGE. */
int config_lacks_port(const char *host, struct err *e);

#endif
