#ifndef CKERNELS_PICTURES_H
#define CKERNELS_PICTURES_H

// Loops over 8-bit pixels (resample.c, pixels.c). Rows are contiguous, channels interleaved.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One axis of a resampling: output i is the sum over t in 0 ..< counts[i] of input[starts[i] + t] times
/// weights[i * taps + t], where a weight of 1 is 1 << 22.
typedef struct {
    long outputs, taps;
    const int32_t *_Nonnull starts, *_Nonnull counts, *_Nonnull weights;
} ck_resample_axis;

/// Resamples `height` rows of `width` pixels along x, rounds to 8 bits, then along y, rounding again; the other way round
/// when `vertical_first`. An axis that is NULL keeps its size. `target` holds vertical outputs (or height) times
/// horizontal outputs (or width) pixels. False when there is no memory for the rows between the passes.
bool ck_resample_u8(
    const uint8_t *_Nonnull source, long width, long height, long channels,
    const ck_resample_axis *_Nullable horizontal, const ck_resample_axis *_Nullable vertical, bool vertical_first,
    uint8_t *_Nonnull target);

/// target[i] = table[(i % channels) * 256 + source[i]] for `pixels` pixels.
void ck_look_up_u8(
    const uint8_t *_Nonnull source, long pixels, long channels, const float *_Nonnull table, float *_Nonnull target);

/// Inverted CMYK, as Adobe's encoders store it, to RGB.
void ck_inverted_cmyk_to_rgb(const uint8_t *_Nonnull cmyk, long pixels, uint8_t *_Nonnull rgb);

/// RGB to ITU-R 601-2 luma in 16-bit fixed point.
void ck_rgb_to_luma(const uint8_t *_Nonnull rgb, long pixels, uint8_t *_Nonnull luma);

#ifdef __cplusplus
}
#endif
#endif
