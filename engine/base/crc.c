/*
 * CRC-32, by zlib: of frames on the wire and of the pieces of blobs.  Joined
 * from parts, so that bytes are summed once, wherever they pass.
 */
#include "engine/base/crc.h"

#include <zlib.h>

uint32_t
crc_add(uint32_t before, const uint8_t *p, size_t n)
{
	return (uint32_t)crc32_z(before, p, n);
}

uint32_t
crc_join(uint32_t a, uint32_t b, size_t n)
{
	return (uint32_t)crc32_combine(a, b, (z_off_t)n);
}
