#include "waveform.h"

#include "clones.h"

CK_CLONES long ck_first_outside(const float *x, long count, float most) {
    for (long begin = 0; begin < count; begin += 4096) {
        long end = begin + 4096 < count ? begin + 4096 : count;
        int bad = 0;
        for (long i = begin; i < end; i++) bad |= !(__builtin_fabsf(x[i]) <= most);
        if (!bad) continue;
        for (long i = begin; i < end; i++) {
            if (!(__builtin_fabsf(x[i]) <= most)) return i;
        }
    }
    return count;
}

CK_CLONES void ck_mix_down(const float *source, long channels, long frames, float *target) {
    if (channels == 1) {
        for (long i = 0; i < frames; i++) target[i] = source[i];
    } else if (channels == 2) {
        for (long i = 0; i < frames; i++) target[i] = (source[2 * i] + source[2 * i + 1]) * 0.5f;
    } else {
        for (long i = 0; i < frames; i++) {
            float sum = 0;
            for (long c = 0; c < channels; c++) sum += source[i * channels + c];
            target[i] = sum / (float)channels;
        }
    }
}

CK_CLONES void ck_polyphase(
    const float *x, long first, long step, const float *taps, long tap_count, float *target, long stride, long count) {
    CK_FAST
    for (long i = 0; i < count; i++) {
        const float *at = x + first + i * step;
        float sum = 0;
        for (long j = 0; j < tap_count; j++) sum += taps[j] * at[j];
        target[i * stride] = sum;
    }
}
