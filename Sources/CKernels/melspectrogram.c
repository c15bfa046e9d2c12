#include "melspectrogram.h"

#include <stdint.h>
#include <string.h>

#include "clones.h"

CK_CLONES void ck_window(const float *x, const double *window, double *restrict target, long count) {
    for (long i = 0; i < count; i++) target[i] = (double)x[i] * window[i];
}

CK_CLONES void ck_condition(double *x, const double *window, long count, bool remove_mean, double emphasis) {
    CK_FAST
    if (count == 0) return;
    if (remove_mean) {
        double sum = 0;
        for (long i = 0; i < count; i++) sum += x[i];
        double mean = sum / (double)count;
        for (long i = 0; i < count; i++) x[i] -= mean;
    }
    if (emphasis != 0) {
        for (long i = count - 1; i > 0; i--) x[i] -= emphasis * x[i - 1];
        x[0] -= emphasis * x[0];
    }
    for (long i = 0; i < count; i++) x[i] *= window[i];
}

// With E and O the transforms of the even and the odd samples: Z = E + iO, and X[k] = E[k] + e^(−iπk/half) O[k].
// Everything stays within one frame, so a silent frame is exactly zero beside a loud one.
CK_CLONES void ck_spectrum(const double *z, const double *turns, long half, bool is_power, float *restrict target) {
    CK_FAST
    for (long k = 0; k <= half; k++) {
        double a = z[2 * k], b = z[2 * k + 1];
        double c = z[2 * (half - k)], d = z[2 * (half - k) + 1];
        double even_re = a + c, even_im = b - d, odd_re = b + d, odd_im = c - a;
        double cosine = turns[2 * k], sine = turns[2 * k + 1];
        double re = even_re + cosine * odd_re - sine * odd_im;
        double im = even_im + cosine * odd_im + sine * odd_re;
        target[k] = (float)(0.25 * (re * re + im * im));
    }
    if (!is_power) {
        for (long k = 0; k <= half; k++) target[k] = __builtin_sqrtf(target[k]);
    }
}

CK_CLONES void ck_mel(
    const float *spectrum, long filters, const int *first, const int *blocks, const float *weights,
    float *restrict target) {
    CK_FAST
    for (long m = 0; m < filters; m++) {
        const float *x = spectrum + first[m];
        float sums[CK_MEL_BLOCK] = {0};
        for (int block = 0; block < blocks[m]; block++) {
            for (int i = 0; i < CK_MEL_BLOCK; i++) sums[i] += weights[i] * x[i];
            weights += CK_MEL_BLOCK;
            x += CK_MEL_BLOCK;
        }
        float sum = 0;
        for (int i = 0; i < CK_MEL_BLOCK; i++) sum += sums[i];
        target[m] = sum;
    }
}

// x = m·2^e with m in [√½, √2); ln m = 2 artanh s with s = (m − 1) / (m + 1), |s| < 0.172: the terms left out of the
// series are below 1e-9 of it.
static inline float natural_log(float x) {
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    int32_t exponent = (bits - 0x3f3504f3) >> 23;
    int32_t mantissa_bits = bits - exponent * (1 << 23);
    float m;
    memcpy(&m, &mantissa_bits, sizeof m);
    float s = (m - 1.0f) / (m + 1.0f);
    float s2 = s * s;
    float series = 1.0f / 3.0f + s2 * (1.0f / 5.0f + s2 * (1.0f / 7.0f + s2 * (1.0f / 9.0f)));
    return (float)exponent * 0.693147181f + 2.0f * (s + s * s2 * series);
}

CK_CLONES void ck_log(float *x, long count, float scale, float floor, float lowest) {
    for (long i = 0; i < count; i++) {
        float value = scale * natural_log(x[i]);
        x[i] = x[i] > floor ? value : lowest;
    }
}

CK_CLONES void ck_limit_range(float *x, long count, float range) {
    if (count == 0) return;
    float largest = x[0];
    for (long i = 1; i < count; i++) largest = x[i] > largest ? x[i] : largest;
    float least = largest - range;
    for (long i = 0; i < count; i++) x[i] = x[i] > least ? x[i] : least;
}
