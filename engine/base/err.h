#ifndef ERPSYNC_ENGINE_BASE_ERR_H
#define ERPSYNC_ENGINE_BASE_ERR_H

/*
 * Errors.  A fallible function returns 0 (or a documented value >= 0) on
 * success and a negative enum erp_code on failure.  Its last parameter is a
 * struct err that is filled exactly once, where the fault is seen; callers
 * pass the code on and may add context in front of the message.
 * Paths and texts of peers are escaped when they enter a message.
 */

#include <stdbool.h>

enum erp_code {
	ERP_OK = 0,
	ERP_IO = -1, /* a system call failed; err.sys holds errno */
	ERP_NOSPACE = -2, /* disk or inodes are, or would be, exhausted */
	ERP_NOTFOUND = -3, /* a named thing does not exist */
	ERP_PROTO = -4, /* the peer broke the protocol */
	ERP_CORRUPT = -5, /* stored bytes are not what we wrote */
	ERP_MISMATCH = -6, /* content differs from its hash or its promise */
	ERP_AUTH = -7, /* not permitted, by rights or by signature */
	ERP_TIMEOUT = -8, /* a deadline passed */
	ERP_BUSY = -9, /* a file is in use, or changes meanwhile */
	ERP_NOMEM = -10, /* out of memory */
	ERP_CANCELLED = -11, /* stopped on request */
	ERP_USAGE = -12, /* the person asked for something impossible */
	ERP_INTERNAL = -13, /* our own bug, noticed in time */
	ERP_HEALTH = -14, /* the station's health check refused the release */
	ERP_DELETES = -15, /* more would be deleted than is allowed */
	ERP_BLOCKED = -16, /* something of the person's is in the way */
	ERP_LOST = -17, /* the link broke */
	ERP_UNREACHABLE = -18, /* no connection came about */
	ERP_UNANSWERED = -19, /* nor did anybody say no to one */
	ERP_NOVERSION = -20, /* the peer speaks no protocol version of ours */
	ERP_OVERLOAD = -21, /* the server serves others; try again later */
	ERP_HELD = -22, /* another process holds the folder */
	ERP_SERVER_FULL = -23, /* the server's disk is full */
	ERP_UNFINISHED = -24, /* an update of the folder has not ended */
	ERP_NEWER = -25, /* written by a newer version of this program */
	ERP_UNTRUSTED = -26, /* nobody vouches for the other end of the link */
	/* A release is not to be installed, by its seal (engine/seal/seal.h):
	 * one for each attack. */
	ERP_UNSEALED =
	    -27, /* arbitrary installation: no seal of a key we trust */
	ERP_ROLLED_BACK = -28, /* rollback: older than what was seen */
	ERP_FROZEN = -29, /* indefinite freeze: the seal has expired */
	ERP_ENDLESS = -30, /* endless data: more than was sealed */
	ERP_MIXED = -31, /* mix-and-match: the seal is of another release */
	ERP_FORWARDED = -32, /* fast-forward: too far ahead to be true */
	ERP_OTHER_SOFTWARE = -33, /* wrong software: other product or system */
	ERP_SERVER_FAILED = -34 /* the server could not; its log says why */
};
enum { ERP_CODES = 35 }; /* how many there are, ERP_OK among them */

struct err {
	int code; /* enum erp_code */
	int sys; /* errno behind it, or 0 */
	char msg[480]; /* what and where, one line, no newline */
};

/* Fill e and return code.  e may be NULL. */
int err_set(struct err *e, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Fill e for a failed system call: sys is a positive errno, verb what was
 * tried, path what it was tried on.  Returns the code that fits sys:
 * NOSPACE (ENOSPC, EDQUOT), NOTFOUND (ENOENT, ENOTDIR), NOMEM, AUTH (EACCES,
 * EPERM, EROFS), BUSY (ETXTBSY, EBUSY, EAGAIN), else IO.
 */
int err_sys(struct err *e, int sys, const char *verb, const char *path);

/* Fill e: out of memory; returns ERP_NOMEM. */
int err_nomem(struct err *e);

/* Fill e with "path: what", the path escaped; returns code. */
int err_path(struct err *e, int code, const char *path, const char *what);

/* err_sys for whoever knows better than the errno what it means: returns
 * code. */
int err_sys_as(
    struct err *e, int code, int sys, const char *verb, const char *path);

/* Put "prefix: " in front of the message of e; returns e->code. */
int err_context(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The one-word name of a code's class, for logs: a code that was split from
 * another goes by the other's name. */
const char *err_name(int code);

/* Does a session that ended so concern the link alone, so that another
 * connection may do better? */
bool err_is_of_link(int code);

#ifdef __clang_analyzer__
/* So that the analyzer sees that these return what they are given. */
#define err_set(e, code, ...) ((void)(e), (code))
#define err_nomem(e) ((void)(e), ERP_NOMEM)
#endif

#endif
