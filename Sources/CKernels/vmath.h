#ifndef CK_VMATH_H
#define CK_VMATH_H

// exp, log, tanh and erf without branches or calls, so that loops over them vectorise. Polynomials are weighted
// minimax fits of our own; bounds are tested against double precision in Tests/TensorsTests/FunctionsTests.swift:
// exp and log 2 ulp, tanh and erf 4 ulp. NaN in gives NaN out.

#include <stdint.h>
#include <string.h>

#define CK_INLINE static inline __attribute__((always_inline))

CK_INLINE uint32_t ck_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

CK_INLINE float ck_float(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/// exp x / 2^n, n being x / ln 2 rounded.
CK_INLINE float ck_exp_rest(float x, int32_t *n) {
    const float shift = 12582912.f;  // 1.5 · 2^23: adding it leaves round(x / ln 2) in the low bits
    float t = x * 1.44269504f + shift;
    float whole = t - shift;
    float r = x - whole * 0.693145751953125f - whole * 1.42860682e-6f;  // ln 2 in two parts; the first product is exact
    *n = (int32_t)(ck_bits(t) - ck_bits(shift));
    float p = 0.00139505544f;
    p = p * r + 0.00836892892f;
    p = p * r + 0.041666206f;
    p = p * r + 0.166665182f;
    p = p * r + 0.5f;
    return p * (r * r) + r + 1.f;
}

CK_INLINE float ck_exp(float x) {
    x = x < -104.f ? -104.f : x;  // below, the result is 0; above 89 it is infinite
    x = x > 89.f ? 89.f : x;
    int32_t n;
    float p = ck_exp_rest(x, &n);
    // 2^n in two factors, so that neither leaves the range of normal floats.
    int32_t half = n >> 1;
    return p * ck_float((uint32_t)(half + 127) << 23) * ck_float((uint32_t)(n - half + 127) << 23);
}

/// exp x for -87 ≤ x ≤ 88.
CK_INLINE float ck_exp_near(float x) {
    int32_t n;
    float p = ck_exp_rest(x, &n);
    return p * ck_float((uint32_t)(n + 127) << 23);
}

/// log(1 + f) for f in [-0.3, 1].
CK_INLINE float ck_log_near_one(float f) {
    float z = f / (2.f + f), s = z * z;  // log(1 + f) = 2 atanh(z) = 2z + z s Q(s), and 2z = f - z f
    float q = 0.217924014f;
    q = q * s + 0.17147848f;
    q = q * s + 0.22301501f;
    q = q * s + 0.28568396f;
    q = q * s + 0.400000542f;
    q = q * s + 0.666666687f;
    return f - z * (f - s * q);
}

CK_INLINE float ck_log(float x) {
    float tiny = x < 1.17549435e-38f ? 1.f : 0.f;
    float scaled = tiny != 0.f ? x * 8388608.f : x;
    uint32_t bits = ck_bits(scaled);
    int32_t e = (int32_t)(bits - 0x3f3504f3u) >> 23;  // the exponent after the mantissa is put into [√½, √2)
    float f = ck_float(bits - ((uint32_t)e << 23)) - 1.f;
    float n = (float)e - 23.f * tiny;
    float y = n * 0.693145751953125f + (ck_log_near_one(f) + n * 1.42860682e-6f);
    y = x == 0.f ? -__builtin_inff() : y;
    y = x < 0.f ? __builtin_nanf("") : y;
    return x < __builtin_inff() ? y : x;
}

CK_INLINE float ck_tanh(float x) {
    float s = x * x, t = __builtin_fabsf(x);
    float p = 0.00212273863f;
    p = p * s - 0.00815627165f;
    p = p * s + 0.0216926038f;
    p = p * s - 0.0539453775f;
    p = p * s + 0.133331954f;
    p = p * s - 0.333333313f;
    float near = x + x * (s * p);
    float far = __builtin_copysignf(1.f - 2.f / (ck_exp(2.f * t) + 1.f), x);
    return s < 0.4f ? near : far;
}

CK_INLINE float ck_erf(float x) {
    float s = x * x, t = __builtin_fabsf(x);
    float p = -9.68013228e-06f;
    p = p * s + 0.000112705427f;
    p = p * s - 0.000848471129f;
    p = p * s + 0.00522107491f;
    p = p * s - 0.0268654451f;
    p = p * s + 0.112837829f;
    p = p * s - 0.376126379f;
    p = p * s + 0.128379166f;
    float near = x + x * p;
    t = t > 4.f ? 4.f : t;  // erf(4) rounds to 1
    float q = -2.16869521e-05f;  // log(1 - erf t)
    q = q * t + 0.000441337615f;
    q = q * t - 0.00420456845f;
    q = q * t + 0.0252082758f;
    q = q * t - 0.108418606f;
    q = q * t - 0.633219838f;
    q = q * t - 1.12957847f;
    q = q * t + 0.000188043676f;
    float far = __builtin_copysignf(1.f - ck_exp_near(q), x);
    return s < 1.f ? near : far;
}

/// Φ(-t) of the normal distribution for 0 ≤ t ≤ 6.5, by a polynomial for its logarithm.
CK_INLINE float ck_normal_tail(float t) {
    float q = -1.38066868e-06f;
    q = q * t + 2.02897681e-05f;
    q = q * t - 9.57151351e-05f;
    q = q * t - 0.000175670066f;
    q = q * t + 0.00500202226f;
    q = q * t - 0.0364616588f;
    q = q * t - 0.318273932f;
    q = q * t - 0.797888458f;
    q = q * t - 0.693147123f;
    return ck_exp_near(q);
}

CK_INLINE float ck_normal(float x) {
    float t = __builtin_fabsf(x);
    float tail = ck_normal_tail(t > 6.5f ? 6.5f : t);
    return x < 0.f ? tail : 1.f - tail;
}

/// x Φ(x) = max(x, 0) - |x| Φ(-|x|), whose second part has become 3e-10 at 6.5.
CK_INLINE float ck_gelu(float x) {
    float t = __builtin_fabsf(x);
    t = t > 6.5f ? 6.5f : t;
    return (x < 0.f ? 0.f : x) - t * ck_normal_tail(t);
}

CK_INLINE float ck_sigmoid(float x) { return 1.f / (1.f + ck_exp(-x)); }

/// log(1 + exp x), exact on both sides.
CK_INLINE float ck_softplus(float x) {
    return (x < 0.f ? 0.f : x) + ck_log_near_one(ck_exp(-__builtin_fabsf(x)));
}

#endif
