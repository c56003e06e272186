#ifndef ERPSYNC_ENGINE_DELTA_SIGNATURE_H
#define ERPSYNC_ENGINE_DELTA_SIGNATURE_H

/*
 * Block signatures of a basis file, in librsync's formats (magic, block
 * length, strong length, then a weak and a strong sum for each block).  Ours
 * is RS_RK_BLAKE2_SIG_MAGIC; the others are made for those who ask for them
 * as with rdiff.  Both lengths follow from the size of the
 * basis by docs/protocol.md, on both ends, so they never have to be believed;
 * they are what librsync chooses with the smallest safe strong sum.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct sink;
struct source;

struct sig_params {
	uint32_t block_len; /* bytes, 256 .. 1 MiB when chosen by size */
	uint32_t strong_len; /* bytes, 5 .. 32 when chosen by size */
	bool rollsum; /* the weak sums, else RabinKarp */
	bool md4; /* the strong sums, of 16 bytes at most, else BLAKE2b */
};

enum {
	SIG_HEADER_LEN = 12,
	SIG_WEAK_LEN = 4,
	SIG_BLOCK_MAX = 16 << 20, /* longest block made or loaded */
	SIG_STRONG_MAX = 32,
	SIG_MD4_MAX = 16,
	SIG_COUNT_MAX = 16 << 20, /* most blocks loaded */
	SIG_CHAIN_MAX = 64 /* see signature_load */
};

/* The parameters for a basis of this many bytes (short sums have their own,
 * short_sums.h).  ERP_USAGE above 64 GiB. */
int sig_params_for(uint64_t size, struct sig_params *out, struct err *e);

/* What a person asks for, as with rdiff's options. */
struct sig_wish {
	uint64_t size; /* of the basis; UINT64_MAX: not known */
	uint32_t block_len; /* 0: librsync's choice */
	int strong_len; /* 0: the longest, -1: the smallest safe one */
	bool rollsum, md4;
};

/* The parameters for a wish; ERP_USAGE when it is out of range. */
int sig_params_choose(
    const struct sig_wish *wish, struct sig_params *out, struct err *e);

/* Number of blocks, and bytes of the signature with its header. */
uint64_t sig_block_count(uint64_t size, const struct sig_params *p);
uint64_t sig_length(uint64_t size, const struct sig_params *p);

/* Write the signature of basis to out. */
int signature_make(const struct source *basis, const struct sig_params *p,
    const struct sink *out, struct err *e);

struct signature; /* loaded and indexed, for making deltas; about 60 bytes of
		     memory a block */

/*
 * Load signature bytes (with header) of any rdiff-compatible signature.
 * Every field is checked: ERP_CORRUPT.  Of blocks
 * that share a weak sum only SIG_CHAIN_MAX different ones are used, so a
 * forged signature cannot make the search slow; a match not found only makes
 * the delta longer.
 */
int signature_load(
    const void *p, size_t n, struct signature **out, struct err *e);
void signature_free(struct signature *s);

/* The header's 12 bytes for these parameters. */
void signature_header(const struct sig_params *p, uint8_t out[SIG_HEADER_LEN]);

#endif
