#ifndef CK_RANDOM_H
#define CK_RANDOM_H

#include <stdint.h>

// Philox4x32-10 (Salmon et al. 2011): block `i` of a stream is a function of the seed, the stream and i alone, so that
// any part can be made on any thread, again, and on any machine with the same bits.

/// The four words of one block.
void ck_random_block(uint64_t seed, uint64_t stream, uint64_t block, uint32_t *_Nonnull words);

/// Numbers in low ..< high, four per block.
void ck_random_uniform(
    uint64_t seed, uint64_t stream, uint64_t block, float low, float high, float *_Nonnull y, long count);

/// Normally distributed numbers, four per block (Box and Muller 1958).
void ck_random_normal(
    uint64_t seed, uint64_t stream, uint64_t block, float mean, float deviation, float *_Nonnull y, long count);

/// y = x · scale where the number's word is at least `threshold`, else 0.
void ck_dropout(
    uint64_t seed, uint64_t stream, uint64_t block, uint32_t threshold, float scale, const float *_Nonnull x,
    float *_Nonnull y, long count);

#endif
