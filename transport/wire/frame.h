#ifndef ERPSYNC_TRANSPORT_WIRE_FRAME_H
#define ERPSYNC_TRANSPORT_WIRE_FRAME_H

/*
 * Frames, as pure functions on bytes.  The decoder answers the number of
 * bytes used, 0 when more are needed, or a negative code.  How long a frame
 * may be is in limits.h.
 */

#include "transport/wire/limits.h"

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

struct frame {
	uint8_t type; /* enum msg_type */
	const uint8_t *payload; /* inside the decoded bytes */
	size_t len;
};

/* The frame at p; ERP_PROTO for a length above the limit of its type or an
 * unknown type, ERP_LOST for a wrong CRC: the line damages what passes. */
int64_t frame_decode(
    const uint8_t *p, size_t n, struct frame *out, struct err *e);

/*
 * Append a frame.  The payload is written by the caller between begin and
 * end: begin remembers in *mark where the frame starts, end fills in length
 * and CRC.
 */
int frame_begin(struct buf *out, size_t *mark, struct err *e);
int frame_end(struct buf *out, size_t mark, uint8_t type, struct err *e);

/*
 * Fill in the header of a frame whose last payload bytes are somewhere else:
 * head has n bytes, room for the header and then the payload's first bytes;
 * len more bytes with this CRC follow it.
 */
void frame_head(
    uint8_t *head, size_t n, uint8_t type, size_t len, uint32_t crc);

#endif
