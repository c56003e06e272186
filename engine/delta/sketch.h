#ifndef ERPSYNC_ENGINE_DELTA_SKETCH_H
#define ERPSYNC_ENGINE_DELTA_SKETCH_H

/*
 * What a content looks like, in 256 bytes: hashes of some of its windows of 64
 * bytes, chosen by the bytes themselves, so that two contents that share much
 * share many of them, wherever it stands.  The hash rolls as in content-defined
 * chunking (gear; Xia et al., Ddelta, 2014), of the windows it chooses those
 * with the least hashes stay (bottom-k min-hash; Broder, On the resemblance
 * and containment of documents, 1997).  Not a check of anything: a server looks
 * by it for a basis, and a bad one only costs bytes.
 */

#include <stddef.h>
#include <stdint.h>

enum { SKETCH_MAX = 64 };

struct sketch {
	uint64_t gear; /* of the last 64 bytes */
	size_t n;
	uint32_t v[SKETCH_MAX]; /* ascending, without doubles */
};

/* Begins empty: zeroes.  Takes the next n bytes of the content. */
void sketch_add(struct sketch *s, const uint8_t *p, size_t n);

#endif
