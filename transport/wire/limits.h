#ifndef ERPSYNC_TRANSPORT_WIRE_LIMITS_H
#define ERPSYNC_TRANSPORT_WIRE_LIMITS_H

/*
 * How long frames, and how many the files in them, may be; both ends refuse
 * more.  Each message type's own is in the table of frame.c.
 */

#include "engine/tree/missing.h" /* the limits of a GROUP: GROUP_MAX, ... */

enum {
	FRAME_HEADER_LEN = 8, /* type u8, length u24, CRC-32 u32 */
	FRAME_MAX = 256 * 1024, /* payload bytes of any frame */
	CONTROL_MAX = 16 * 1024, /* payload bytes of other frames */
	NOP_MAX = 16, /* payload bytes of a NOP */
	NOPS_MAX = 100 * 1000, /* of them in a session; two a second are 43,200
				  in its six hours */
	GROUP_BYTES = 32 * 1024, /* payload bytes of a GROUP */
	BULK_PIECE = 64 * 1024, /* bulk bytes in one MANIFEST, SUMS or DATA */
	WANT_MAX = 256, /* files in one WANT */
	WANT_BYTES =
	    8 * 1024 * 1024, /* a WANT ends when its targets reach it */
	WINDOW = 4096, /* files wanted but not yet received */
	NOT_NOW_MAX = 8 * 24 * 3600, /* seconds that a WELCOME may name */
	GROUP_PREFIX = 4 /* bytes of a basis's hash that name it */
};

#endif
