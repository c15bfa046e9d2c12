#ifndef CK_NORM_H
#define CK_NORM_H

#include <stdbool.h>

/// y = (x - mean) · scale · weight + bias along rows of `width`, with scale = 1 / √(variance + epsilon), the variance
/// divided by `width`. Writes mean and scale of every row; weight and bias may be NULL.
void ck_layer_norm(
    const float *_Nonnull x, long rows, long width, const float *_Nullable weight, const float *_Nullable bias,
    float epsilon, float *_Nonnull y, float *_Nonnull mean, float *_Nonnull scale);

/// dx = scale (h - mean(h) - n · mean(h n)), with h = g · weight and n = (x - mean) · scale.
void ck_layer_norm_gradient(
    const float *_Nonnull x, const float *_Nonnull g, const float *_Nullable weight, const float *_Nonnull mean,
    const float *_Nonnull scale, long rows, long width, float *_Nonnull dx);

/// sums[width] = Σ g n and sums[width ..< 2 width] = Σ g over rows, with n = (x - mean) · scale; mean and scale hold
/// one number per row or, when `by_column`, one per column.
void ck_norm_sums(
    const float *_Nonnull x, const float *_Nonnull g, const float *_Nonnull mean, const float *_Nonnull scale,
    bool by_column, long rows, long width, float *_Nonnull sums);

/// The mean and the variance, divided by `rows`, of every column.
void ck_column_moments(
    const float *_Nonnull x, long rows, long width, float *_Nonnull mean, float *_Nonnull variance);

/// y = (x - center) · scale + shift per column; shift may be NULL.
void ck_column_affine(
    const float *_Nonnull x, const float *_Nonnull center, const float *_Nonnull scale,
    const float *_Nullable shift, long rows, long width, float *_Nonnull y);

/// y = a · g + b · (x - center) + c per column.
void ck_column_combine(
    const float *_Nonnull g, const float *_Nonnull a, const float *_Nonnull x, const float *_Nonnull center,
    const float *_Nonnull b, const float *_Nonnull c, long rows, long width, float *_Nonnull y);

/// y = x / max(‖x‖, epsilon) along rows of `width`; writes the divisors, negative where epsilon was the greater.
void ck_unit_rows(
    const float *_Nonnull x, long rows, long width, float epsilon, float *_Nonnull y, float *_Nonnull divisor);

/// dx = (g - y Σ g y) / ‖x‖, or g / epsilon where that was the divisor.
void ck_unit_rows_gradient(
    const float *_Nonnull y, const float *_Nonnull g, const float *_Nonnull divisor, long rows, long width,
    float *_Nonnull dx);

#endif
