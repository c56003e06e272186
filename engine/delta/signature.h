#ifndef ERPSYNC_ENGINE_DELTA_SIGNATURE_H
#define ERPSYNC_ENGINE_DELTA_SIGNATURE_H

/*
 * Block signatures of a basis file, in librsync's format (magic
 * RS_RK_BLAKE2_SIG_MAGIC, block length, strong length, then a weak and a
 * strong sum for each block).  Both lengths follow from the size of the
 * basis by librsync's rs_sig_args with the smallest safe strong sum, on both
 * ends, so they never have to be believed.
 */

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct sink;
struct source;

struct sig_params {
	uint32_t block_len; /* bytes, 256 .. 1 MiB */
	uint32_t strong_len; /* bytes, 5 .. 32 */
};

enum { SIG_HEADER_LEN = 12, SIG_WEAK_LEN = 4 };

/* The parameters for a basis of this many bytes.  ERP_USAGE above 64 GiB. */
int sig_params_for(uint64_t size, struct sig_params *out, struct err *e);

/* Number of blocks, and bytes of the signature with its header. */
uint64_t sig_block_count(uint64_t size, const struct sig_params *p);
uint64_t sig_length(uint64_t size, const struct sig_params *p);

/* Write the signature of basis to out. */
int signature_make(const struct source *basis, const struct sig_params *p,
    const struct sink *out, struct err *e);

struct signature; /* loaded and indexed, for making deltas; about 40 bytes of
		     memory a block */

/*
 * Load signature bytes (with header) of any rdiff-compatible signature.
 * Every field is checked before librsync sees it: ERP_CORRUPT.
 */
int signature_load(
    const void *p, size_t n, struct signature **out, struct err *e);
void signature_free(struct signature *s);

/* The header's 12 bytes for these parameters. */
void signature_header(const struct sig_params *p, uint8_t out[SIG_HEADER_LEN]);

#endif
