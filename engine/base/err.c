/* Errors: the closed list of codes and the one place that writes messages. */
#include "engine/base/err.h"

#include "engine/base/text.h"

#include <bsd/string.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef err_set

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
	case ENOMEM:
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
	char shown[SHOWN_MAX];
	int code = code_of_errno(sys);

	text_escape(shown, sizeof(shown), path);
	(void)err_set(e, code, "%s %s: %s", verb, shown, strerror(sys));
	if (e != NULL)
		e->sys = sys;
	return code;
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

const char *
err_name(int code)
{
	static const char *const names[] = {"ok", "io", "nospace", "notfound",
	    "proto", "corrupt", "mismatch", "auth", "timeout", "busy", "nomem",
	    "cancelled", "usage", "internal", "health", "deletes", "blocked"};
	size_t i = code <= 0 ? (size_t)-code : sizeof(names);

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : "unknown";
}
