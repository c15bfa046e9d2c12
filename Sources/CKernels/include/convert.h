#ifndef CK_CONVERT_H
#define CK_CONVERT_H

/// How a number is stored in a file of weights, little-endian.
typedef enum {
    ck_f64, ck_f32, ck_f16, ck_bf16, ck_i64, ck_i32, ck_i16, ck_i8, ck_u8, ck_bool
} ck_type;

/// Reads `count` numbers of `type`, `stride` numbers apart (0 repeats one), from memory of any alignment, as floats.
/// Exact for the 16-bit floats; nearest for doubles and wide integers.
void ck_to_floats(
    ck_type type, const void *_Nonnull source, long stride, float *_Nonnull target, long count);

#endif
