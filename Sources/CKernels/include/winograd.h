#ifndef CK_WINOGRAD_H
#define CK_WINOGRAD_H

#include <stdbool.h>

/// A 3 × 3 convolution with stride 1 over channels-last pictures [batch, height, width, channels], computed in tiles of
/// tile_y × tile_x results (Winograd 1980; Lavin and Gray 2016), each 2 or 4.
///
/// The result is [batch, height + 2 · pad_y - 2, width + 2 · pad_x - 2, out]. Padding is 0, 1 or 2.
typedef struct {
    long batch, height, width, channels, out;
    long pad_y, pad_x;
    long tile_y, tile_x;
} ck_winograd;

/// How many floats the transformed weight takes.
long ck_winograd_weight_count(const ck_winograd *_Nonnull w);

/// Transforms weight [out, channels, 3, 3], each output channel multiplied by its `scale` unless NULL. With `turned` the
/// weight is [channels, out, 3, 3] with both kernel axes reversed: the convolution that carries gradients back.
void ck_winograd_weight(
    const ck_winograd *_Nonnull w, const float *_Nonnull weight, const float *_Nullable scale, bool turned,
    float *_Nonnull transformed);

/// y = convolution + bias, then the maximum with 0 when `rectified`, then the mean over 2 × 2 windows when `pooled`
/// (the last row and column of odd extents are dropped). `transformed` is what `ck_winograd_weight` made; when NULL,
/// `weight` is transformed on the way, piece by piece.
void ck_winograd_forward(
    const ck_winograd *_Nonnull w, const float *_Nonnull x, const float *_Nullable transformed,
    const float *_Nullable weight, bool turned, const float *_Nullable bias, bool rectified, bool pooled,
    float *_Nonnull y);

/// dweight [out, channels, 3, 3] from x and the gradient g of the result.
void ck_winograd_weight_gradient(
    const ck_winograd *_Nonnull w, const float *_Nonnull x, const float *_Nonnull g, float *_Nonnull dweight);

#endif
