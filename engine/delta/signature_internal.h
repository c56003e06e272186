#ifndef ERPSYNC_ENGINE_DELTA_SIGNATURE_INTERNAL_H
#define ERPSYNC_ENGINE_DELTA_SIGNATURE_INTERNAL_H

/* What a loaded signature is; for rsdelta.c. */

#include <librsync.h>

struct signature {
	rs_signature_t *sums; /* indexed; a search changes its statistics */
};

#endif
