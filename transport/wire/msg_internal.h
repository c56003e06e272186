#ifndef ERPSYNC_TRANSPORT_WIRE_MSG_INTERNAL_H
#define ERPSYNC_TRANSPORT_WIRE_MSG_INTERNAL_H

/* What msg.c and msg_list.c share. */

#include <stddef.h>

struct cursor;
struct err;

/* 0 when the cursor ended exactly, else ERP_PROTO naming the message. */
int decoded(const struct cursor *c, const char *what, struct err *e);
/* The same of a message that may go on behind what is known of it. */
int decoded_known(const struct cursor *c, const char *what, struct err *e);

#endif
