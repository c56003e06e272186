#ifndef ERPSYNC_ENGINE_APPLY_SERVERS_H
#define ERPSYNC_ENGINE_APPLY_SERVERS_H

/*
 * The servers that a client folder was updated from, with the key that each
 * had: ".erpsync/servers", a text with a line "HOST:PORT PIN" for each, which
 * a person may change.  What a pin is is the caller's to know; here it is a
 * word of at most SERVERS_PIN_MAX bytes.
 */

#include <stdint.h>

struct err;
struct folder;

enum { SERVERS_PIN_MAX = 100 };

/* The number of this server's line, and its pin; 0 and "" if it is not there;
 * ERP_BLOCKED for a text that is not one of ours, as then nobody knows. */
int servers_find(struct folder *f, const char *server,
    char pin[SERVERS_PIN_MAX + 1], struct err *e);

/* What was found there is no pin: the error that tells it. */
int servers_blame(int line, struct err *e);

/* From now on it is this pin.  f is not only looked at. */
int servers_keep(
    struct folder *f, const char *server, const char *pin, struct err *e);

/* This host (at most 255 bytes) served the folder last: ".erpsync/
 * last-server.ini", an INI as stations have, which is written where it says
 * something else.  f is not only looked at. */
int servers_keep_last(
    struct folder *f, const char *host, uint16_t port, struct err *e);

#endif
