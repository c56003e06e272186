/*
 * Errors: the closed list of codes and the one place that writes messages.
 * Filled where a fault is seen, handed upward untouched, worded for people by
 * cli.
 */
#include "engine/base/err.h"

#include "engine/base/text.h"

#include <assert.h>
#include <bsd/string.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef err_set
#undef err_nomem

/* Longest path shown in a message; a longer one is cut, never overflows. */
enum { SHOWN_MAX = 300 };

int
err_set(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return code;
	e->code = code;
	e->sys = 0;
	va_start(ap, fmt);
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	return code;
}

static int
code_of_errno(int sys)
{
	switch (sys) {
	case ENOSPC:
	case EDQUOT:
		return ERP_NOSPACE;
	case ENOENT:
	case ENOTDIR:
		return ERP_NOTFOUND;
	/* More than the system or its limits have, and not of disk. */
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return ERP_NOMEM;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERP_AUTH;
	case ETXTBSY:
	case EBUSY:
	case EAGAIN:
		return ERP_BUSY;
	default:
		return ERP_IO;
	}
}

int
err_sys(struct err *e, int sys, const char *verb, const char *path)
{
	return err_sys_as(e, code_of_errno(sys), sys, verb, path);
}

int
err_sys_as(struct err *e, int code, int sys, const char *verb, const char *path)
{
	char shown[SHOWN_MAX];

	assert(code < 0 && sys > 0);
	text_escape(shown, sizeof(shown), path);
	(void)err_set(e, code, "%s %s: %s", verb, shown, strerror(sys));
	if (e != NULL)
		e->sys = sys;
	return code;
}

int
err_nomem(struct err *e)
{
	return err_set(e, ERP_NOMEM, "out of memory");
}

int
err_path(struct err *e, int code, const char *path, const char *what)
{
	char shown[SHOWN_MAX];

	text_escape(shown, sizeof(shown), path);
	return err_set(e, code, "%s: %s", shown, what);
}

int
err_context(struct err *e, const char *fmt, ...)
{
	char old[sizeof(e->msg)];
	va_list ap;

	if (e == NULL)
		return ERP_INTERNAL;
	(void)strlcpy(old, e->msg, sizeof(old));
	va_start(ap, fmt);
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	(void)strlcat(e->msg, ": ", sizeof(e->msg));
	(void)strlcat(e->msg, old, sizeof(e->msg));
	return e->code;
}

/* What is true of each code wherever it comes from; what a person is told of
 * it is in cli/exit.c. */
static const struct trait {
	const char *name;
	bool of_link;
} traits[ERP_CODES] = {
    [ERP_OK] = {"ok", false},
    [-ERP_IO] = {"io", false},
    [-ERP_NOSPACE] = {"nospace", false},
    [-ERP_NOTFOUND] = {"notfound", false},
    [-ERP_PROTO] = {"proto", false},
    [-ERP_CORRUPT] = {"corrupt", false},
    [-ERP_MISMATCH] = {"mismatch", false},
    [-ERP_AUTH] = {"auth", false},
    [-ERP_TIMEOUT] = {"timeout", true},
    [-ERP_BUSY] = {"busy", false},
    [-ERP_NOMEM] = {"nomem", false},
    [-ERP_CANCELLED] = {"cancelled", false},
    [-ERP_USAGE] = {"usage", false},
    [-ERP_INTERNAL] = {"internal", false},
    [-ERP_HEALTH] = {"health", false},
    [-ERP_DELETES] = {"deletes", false},
    [-ERP_BLOCKED] = {"blocked", false},
    [-ERP_LOST] = {"io", true},
    [-ERP_UNREACHABLE] = {"io", true},
    [-ERP_UNANSWERED] = {"timeout", true},
    [-ERP_NOVERSION] = {"proto", false},
    [-ERP_OVERLOAD] = {"busy", false},
    [-ERP_HELD] = {"busy", false},
    [-ERP_UNFINISHED] = {"busy", false},
    [-ERP_NEWER] = {"version", false},
    [-ERP_SERVER_FULL] = {"nospace", false},
    [-ERP_UNTRUSTED] = {"untrusted", false},
    [-ERP_UNSEALED] = {"seal", false},
    [-ERP_ROLLED_BACK] = {"seal", false},
    [-ERP_FROZEN] = {"seal", false},
    [-ERP_ENDLESS] = {"seal", false},
    [-ERP_MIXED] = {"seal", false},
    [-ERP_FORWARDED] = {"seal", false},
    [-ERP_OTHER_SOFTWARE] = {"seal", false},
    [-ERP_SERVER_FAILED] = {"server", false},
};

static const struct trait *
trait_of(int code)
{
	static const struct trait unknown = {"unknown", false};

	return code <= 0 && code > -ERP_CODES ? &traits[-code] : &unknown;
}

const char *
err_name(int code)
{
	return trait_of(code)->name;
}

bool
err_is_of_link(int code)
{
	return trait_of(code)->of_link;
}
