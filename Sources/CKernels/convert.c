#include "convert.h"

#include <stdint.h>
#include <string.h>

#include "clones.h"

static inline float from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// A half has 5 exponent bits of bias 15; a float 8 of bias 127. The three classes are computed for every number and
// one is selected, so that the loop has no branches; subnormals go through an integer, which no denormal mode flushes.
static inline float from_half(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13;
    uint32_t exponent = half & 0x7c00;
    float small = (float)(int32_t)(half & 0x03ff) * 0x1p-24f;
    uint32_t small_bits;
    memcpy(&small_bits, &small, sizeof small_bits);
    uint32_t bits = magnitude + (exponent == 0x7c00 ? (uint32_t)224 << 23 : (uint32_t)112 << 23);
    return from_bits(sign | (exponent == 0 ? small_bits : bits));
}

#define CONVERSION(name, type, expression)                                                    \
    CK_CLONES void name(const char *source, long stride, float *target, long count) {         \
        if (stride == 1) {                                                                    \
            for (long i = 0; i < count; i++) {                                                \
                type x;                                                                       \
                memcpy(&x, source + i * (long)sizeof x, sizeof x);                            \
                target[i] = expression;                                                       \
            }                                                                                 \
        } else {                                                                              \
            for (long i = 0; i < count; i++) {                                                \
                type x;                                                                       \
                memcpy(&x, source + i * stride * (long)sizeof x, sizeof x);                   \
                target[i] = expression;                                                       \
            }                                                                                 \
        }                                                                                     \
    }

// Not static: the loader resolves clones by symbol.
#define DECLARATION(name) void name(const char *, long, float *, long);
DECLARATION(ck_convert_f64)
DECLARATION(ck_convert_f32)
DECLARATION(ck_convert_f16)
DECLARATION(ck_convert_bf16)
DECLARATION(ck_convert_i64)
DECLARATION(ck_convert_i32)
DECLARATION(ck_convert_i16)
DECLARATION(ck_convert_i8)
DECLARATION(ck_convert_u8)
DECLARATION(ck_convert_bool)

CONVERSION(ck_convert_f64, double, (float)x)
CONVERSION(ck_convert_f32, float, x)
CONVERSION(ck_convert_f16, uint16_t, from_half(x))
CONVERSION(ck_convert_bf16, uint16_t, from_bits((uint32_t)x << 16))
CONVERSION(ck_convert_i64, int64_t, (float)x)
CONVERSION(ck_convert_i32, int32_t, (float)x)
CONVERSION(ck_convert_i16, int16_t, (float)x)
CONVERSION(ck_convert_i8, int8_t, (float)x)
CONVERSION(ck_convert_u8, uint8_t, (float)x)
CONVERSION(ck_convert_bool, uint8_t, x != 0 ? 1.0f : 0.0f)

void ck_to_floats(ck_type type, const void *source, long stride, float *target, long count) {
    switch (type) {
        case ck_f64: ck_convert_f64(source, stride, target, count); break;
        case ck_f32: ck_convert_f32(source, stride, target, count); break;
        case ck_f16: ck_convert_f16(source, stride, target, count); break;
        case ck_bf16: ck_convert_bf16(source, stride, target, count); break;
        case ck_i64: ck_convert_i64(source, stride, target, count); break;
        case ck_i32: ck_convert_i32(source, stride, target, count); break;
        case ck_i16: ck_convert_i16(source, stride, target, count); break;
        case ck_i8: ck_convert_i8(source, stride, target, count); break;
        case ck_u8: ck_convert_u8(source, stride, target, count); break;
        case ck_bool: ck_convert_bool(source, stride, target, count); break;
    }
}
