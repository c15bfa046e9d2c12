#ifndef CK_MELSPECTROGRAM_H
#define CK_MELSPECTROGRAM_H

#include <stdbool.h>

/// The width that filters of `ck_mel` are padded to; a spectrum needs as many readable numbers after its last.
#define CK_MEL_BLOCK 8

/// target[i] = x[i] · window[i].
void ck_window(const float *_Nonnull x, const double *_Nonnull window, double *_Nonnull target, long count);

/// Kaldi's steps on one frame: subtracts its mean when asked, then x[i] − emphasis·x[i−1], where x[−1] is x[0], then
/// the window.
void ck_condition(
    double *_Nonnull x, const double *_Nonnull window, long count, bool remove_mean, double emphasis);

/// The spectrum of 2·half real numbers, |X[k]|² or |X[k]| for k in 0 ... half, from the complex transform Z of `half`
/// pairs of neighbours, interleaved, with Z[half] = Z[0]. `turns` holds cos and −sin of πk/half, interleaved.
void ck_spectrum(
    const double *_Nonnull z, const double *_Nonnull turns, long half, bool is_power, float *_Nonnull target);

/// target[m] = Σ_j weights[m][j] · spectrum[first[m] + j], where filter m has blocks[m] blocks of CK_MEL_BLOCK weights
/// and the filters' weights follow each other.
void ck_mel(
    const float *_Nonnull spectrum, long filters, const int *_Nonnull first, const int *_Nonnull blocks,
    const float *_Nonnull weights, float *_Nonnull target);

/// x ← scale · ln x where x > floor, else `lowest`; floor is a normal positive number.
void ck_log(float *_Nonnull x, long count, float scale, float floor, float lowest);

/// x ← max(x, max(x) − range).
void ck_limit_range(float *_Nonnull x, long count, float range);

#endif
