#ifndef ERPSYNC_ENGINE_BASE_CRC_H
#define ERPSYNC_ENGINE_BASE_CRC_H

/* CRC-32 with the polynomial of zlib and Ethernet: against accidents. */

#include <stddef.h>
#include <stdint.h>

/* The CRC of bytes whose first ones have the CRC before (none: 0) and whose
 * last n are at p. */
uint32_t crc_add(uint32_t before, const uint8_t *p, size_t n);

/* The CRC of some bytes with CRC a and n more with CRC b. */
uint32_t crc_join(uint32_t a, uint32_t b, size_t n);

#endif
