#ifndef ERPSYNC_TRANSPORT_NET_LOG_H
#define ERPSYNC_TRANSPORT_NET_LOG_H

/* Lines for the server's log; their form is the owner's of the log. */

enum log_level { LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

struct log {
	/* One line without newline, safe to show; enum log_level. */
	void (*line)(void *ctx, int level, const char *text);
	void *ctx;
};

void log_line(const struct log *log, enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
