#ifndef CK_WAVEFORM_H
#define CK_WAVEFORM_H

/// The index of the first number that is not within ±most (NaN is not), or `count` when there is none.
long ck_first_outside(const float *_Nonnull x, long count, float most);

/// The mean over the channels of interleaved frames: target[i] = Σ_c source[i·channels + c] / channels.
void ck_mix_down(const float *_Nonnull source, long channels, long frames, float *_Nonnull target);

/// Correlates a signal with the taps of one phase of a resampler: target[i·stride] = Σ_j taps[j] · x[first + i·step + j]
/// for i in 0 ..< count; everything read must exist.
void ck_polyphase(
    const float *_Nonnull x, long first, long step, const float *_Nonnull taps, long tap_count, float *_Nonnull target,
    long stride, long count);

#endif
