#ifndef ERPSYNC_TRANSPORT_NET_LOOKUP_H
#define ERPSYNC_TRANSPORT_NET_LOOKUP_H

/*
 * From the name of a server to its addresses, within a time.  The resolver
 * can neither be hurried nor stopped: it works on a thread of its own, which
 * is left to itself when nobody waits for it any longer.  A number needs
 * neither.
 */

#include <stdint.h>

struct dial_options;
struct err;
struct sock_addresses;

/*
 * 0 and at least one address; ERP_UNREACHABLE no such name; ERP_UNANSWERED
 * not until the clock's monotonic time until; ERP_CANCELLED.  shown is the
 * server, for messages.
 */
int lookup(const struct dial_options *opt, const char *shown, uint64_t until,
    struct sock_addresses *out, struct err *e);

#endif
