#ifndef ERPSYNC_TRANSPORT_HOST_NET_LOG_H
#define ERPSYNC_TRANSPORT_HOST_NET_LOG_H

/* Lines for the server's log; their form is the owner's of the log. */

enum net_log_level { NET_LOG_INFO, NET_LOG_WARN, NET_LOG_ERROR };

struct net_log {
	/* One line without newline, safe to show; enum net_log_level. */
	void (*line)(void *ctx, int level, const char *text);
	void *ctx;
};

void net_log_line(const struct net_log *log, enum net_log_level level,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
