#ifndef CK_NARROW_H
#define CK_NARROW_H

#include <stdbool.h>

#include "window.h"

// Convolutions with stride and dilation 1 to a few channels, read straight from the picture: a row of the window is one
// run of memory, so that nothing is unfolded. Padding is less than the kernel.

/// y = convolution + bias with a weight [out, channels, kh, kw]; with `turned` the weight is [channels, out, kh, kw] with
/// both kernel axes reversed: the convolution that carries gradients back.
void ck_narrow_forward(
    const ck_window2d *_Nonnull w, long out, const float *_Nonnull x, const float *_Nonnull weight, bool turned,
    const float *_Nullable bias, float *_Nonnull y);

/// dweight [out, channels, kh, kw] from x and the gradient g of the result.
void ck_narrow_weight_gradient(
    const ck_window2d *_Nonnull w, long out, const float *_Nonnull x, const float *_Nonnull g,
    float *_Nonnull dweight);

#endif
