#ifndef ERPSYNC_ENGINE_DELTA_SIGNATURE_INTERNAL_H
#define ERPSYNC_ENGINE_DELTA_SIGNATURE_INTERNAL_H

/* What a loaded signature is; for rsdelta.c and measurements. */

#include "engine/delta/signature.h"

#include <stdbool.h>

struct match_index;

struct signature {
	struct match_index *index;
};

/* signature_make with AVX2, which the CPU must have, or without it. */
int signature_make_by(bool vector, const struct source *basis,
    const struct sig_params *p, const struct sink *out, struct err *e);

#endif
