#ifndef CK_REDUCE_H
#define CK_REDUCE_H

#include <stdbool.h>

// Reductions over the middle axis of [outer, extent, inner]. Sums are taken in an order that depends on the shape
// alone: short blocks in single precision, blocks in double.

/// y[outer, inner] = Σ x; 0 where extent is 0.
void ck_sum(const float *_Nonnull x, long outer, long extent, long inner, float *_Nonnull y);

/// y[outer, inner] = max x; extent at least 1.
void ck_max(const float *_Nonnull x, long outer, long extent, long inner, float *_Nonnull y);

/// dx = g / (how many equal the maximum) where x equals it, else 0.
void ck_max_gradient(
    const float *_Nonnull x, const float *_Nonnull y, const float *_Nonnull g, long outer, long extent, long inner,
    float *_Nonnull dx);

/// y[outer, inner] = log Σ exp x; -infinity where every x is.
void ck_log_sum_exp(const float *_Nonnull x, long outer, long extent, long inner, float *_Nonnull y);

/// dx = g · exp(x - y), for y from `ck_log_sum_exp`.
void ck_log_sum_exp_gradient(
    const float *_Nonnull x, const float *_Nonnull y, const float *_Nonnull g, long outer, long extent, long inner,
    float *_Nonnull dx);

/// Whether every number is finite.
bool ck_all_finite(const float *_Nonnull x, long count);

/// The first index of the greatest of each row of `extent` numbers.
void ck_arg_max(const float *_Nonnull x, long rows, long extent, long *_Nonnull y);

/// y = softmax(x) along rows of `extent`; a row of nothing but -infinity gives zeros.
void ck_softmax(const float *_Nonnull x, long rows, long extent, float *_Nonnull y);

/// dx = y (g - Σ g y).
void ck_softmax_gradient(
    const float *_Nonnull y, const float *_Nonnull g, long rows, long extent, float *_Nonnull dx);

/// Softmax in place along rows of `extent` after adding a mask, whose rows lie `mask_stride` apart (0 repeats one). The
/// first row sees the first `visible` columns, each next row one more; what a row does not see becomes 0.
void ck_masked_softmax(
    float *_Nonnull x, long rows, long extent, const float *_Nullable mask, long mask_stride, long visible);

/// y = x - log Σ exp x along rows of `extent`.
void ck_log_softmax(const float *_Nonnull x, long rows, long extent, float *_Nonnull y);

/// dx = g - exp(y) Σ g.
void ck_log_softmax_gradient(
    const float *_Nonnull y, const float *_Nonnull g, long rows, long extent, float *_Nonnull dx);

#endif
