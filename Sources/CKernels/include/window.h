#ifndef CK_WINDOW_H
#define CK_WINDOW_H

#include <stdbool.h>

/// A window that slides over channels-last pictures [batch, height, width, channels] and gives
/// [batch, out_height, out_width, …]; what it covers outside a picture is zero, or nothing for pooling.
typedef struct {
    long batch, height, width, channels;
    long out_height, out_width;
    long kernel_height, kernel_width;
    long stride_y, stride_x;
    long pad_y, pad_x;
    long dilation_y, dilation_x;
} ck_window2d;

/// Writes what the window sees at the places `first` ..< `first + count`, counted through the whole batch: one row per
/// place, of the kernel positions `position` ..< `position + positions`, each with the channels
/// `channel` ..< `channel + channels`.
void ck_unfold(
    const ck_window2d *_Nonnull w, const float *_Nonnull x, long first, long count, long position, long positions,
    long channel, long channels, float *_Nonnull rows);

/// Adds rows such as `ck_unfold` writes, of all kernel positions, back to where they came from.
void ck_fold_add(
    const ck_window2d *_Nonnull w, const float *_Nonnull rows, long first, long count, long channel, long channels,
    float *_Nonnull x);

/// y = Σ x · weight over the window, each channel with its own weights [kernel_height · kernel_width, channels].
void ck_depthwise(
    const ck_window2d *_Nonnull w, const float *_Nonnull x, const float *_Nonnull weight, const float *_Nullable bias,
    float *_Nonnull y);

/// dx for `ck_depthwise`.
void ck_depthwise_gradient(
    const ck_window2d *_Nonnull w, const float *_Nonnull g, const float *_Nonnull weight, float *_Nonnull dx);

/// dweight [batch, kernel_height · kernel_width, channels] for `ck_depthwise`, one part per picture.
void ck_depthwise_weight_gradient(
    const ck_window2d *_Nonnull w, const float *_Nonnull g, const float *_Nonnull x, float *_Nonnull parts);

/// y = the mean over the window; what lies outside counts as zeros when `count_outside`, not at all otherwise.
void ck_average_pool(const ck_window2d *_Nonnull w, const float *_Nonnull x, bool count_outside, float *_Nonnull y);
void ck_average_pool_gradient(
    const ck_window2d *_Nonnull w, const float *_Nonnull g, bool count_outside, float *_Nonnull dx);

/// y = the maximum over the window.
void ck_max_pool(const ck_window2d *_Nonnull w, const float *_Nonnull x, float *_Nonnull y);

/// The gradient goes to the first element that equals the maximum.
void ck_max_pool_gradient(
    const ck_window2d *_Nonnull w, const float *_Nonnull x, const float *_Nonnull y, const float *_Nonnull g,
    float *_Nonnull dx);

#endif
