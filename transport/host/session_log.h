#ifndef ERPSYNC_TRANSPORT_HOST_SESSION_LOG_H
#define ERPSYNC_TRANSPORT_HOST_SESSION_LOG_H

/* The line that the log gets for each session, when it ends. */

#include <stdint.h>

struct net_log;
struct server_report;

void session_log(const struct net_log *log, const struct server_report *r,
    uint64_t elapsed_ms);

#endif
