/*
 * Lines for the log: one way from any part of the server to its owner's log,
 * which chooses the form.
 */
#include "transport/host/net_log.h"

#include <stdarg.h>
#include <stdio.h>

enum { LINE_MAX_BYTES = 2048 };

void
net_log_line(
    const struct net_log *log, enum net_log_level level, const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (log->line != NULL)
		log->line(log->ctx, (int)level, text);
}
