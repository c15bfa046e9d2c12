#ifndef CK_SEARCH_H
#define CK_SEARCH_H

#include <stdint.h>

// The rows of a matrix with the greatest products with queries: exact, ties to the lower row. Results are
// [queries, k], best first; rows that do not exist are -1 with a score of -infinity.

/// Over rows x [rows, width] of single precision.
void ck_top_k(
    const float *_Nonnull x, long rows, long width, const float *_Nonnull queries, long count, long k,
    long *_Nonnull found, float *_Nonnull scores);

/// Over rows of half precision.
void ck_top_k_half(
    const uint16_t *_Nonnull x, long rows, long width, const float *_Nonnull queries, long count, long k,
    long *_Nonnull found, float *_Nonnull scores);

/// Rows in one byte per number: x ≈ scale · code, at a Euclidean distance of at most `error`, with length `norm`.
typedef struct {
    const int8_t *_Nonnull codes;
    const float *_Nonnull scales;
    const float *_Nonnull errors;
    const float *_Nonnull norms;
} ck_codes;

/// Makes codes [rows, width], scales, errors and norms [rows].
void ck_make_codes(
    const float *_Nonnull x, long rows, long width, int8_t *_Nonnull codes, float *_Nonnull scales,
    float *_Nonnull errors, float *_Nonnull norms);

/// The same as `ck_top_k`, reading only those rows of x whose codes leave a chance; returns how many those were.
long ck_top_k_codes(
    const ck_codes *_Nonnull codes, const float *_Nonnull x, long rows, long width, const float *_Nonnull queries,
    long count, long k, long *_Nonnull found, float *_Nonnull scores);

#endif
