#ifndef CK_SEARCH_H
#define CK_SEARCH_H

#include <stdint.h>

// The rows of a matrix with the greatest products with queries: exact, ties to the lower row. Results are
// [queries, k], best first; rows that do not exist are -1 with a score of -infinity.

/// A matrix [count, width] in single precision or, where that is NULL, in half.
typedef struct {
    const float *_Nullable single;
    const uint16_t *_Nullable half;
    long count, width;
} ck_rows;

void ck_top_k(
    const ck_rows *_Nonnull rows, const float *_Nonnull queries, long count, long k, long *_Nonnull found,
    float *_Nonnull scores);

/// Rows in six bits for every number: x ≈ middle + scale · (code - 32), at a Euclidean distance of at most `error` and no
/// further than `norm` from the middle.
typedef struct {
    float *_Nonnull middle;                                           // [width]
    uint8_t *_Nonnull codes;                                          // [rows, ck_coded_width]
    float *_Nonnull scales, *_Nonnull errors, *_Nonnull norms;        // [rows]
} ck_codes;

/// How many bytes the codes of a row take.
long ck_coded_width(long width);

void ck_make_codes(const ck_rows *_Nonnull rows, const ck_codes *_Nonnull codes);

/// The same as `ck_top_k`, reading only those rows whose codes leave a chance; returns how many those were.
long ck_top_k_codes(
    const ck_codes *_Nonnull codes, const ck_rows *_Nonnull rows, const float *_Nonnull queries, long count, long k,
    long *_Nonnull found, float *_Nonnull scores);

#endif
