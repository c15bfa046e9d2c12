#ifndef CK_ELEMENTWISE_H
#define CK_ELEMENTWISE_H

/// A function of one number.
typedef enum {
    ck_unary_exp, ck_unary_log, ck_unary_sqrt, ck_unary_square, ck_unary_abs, ck_unary_negate,
    ck_unary_tanh, ck_unary_sigmoid, ck_unary_log_sigmoid, ck_unary_softplus, ck_unary_relu, ck_unary_silu,
    ck_unary_gelu_erf, ck_unary_gelu_tanh, ck_unary_gelu_quick, ck_unary_erf
} ck_unary_op;

/// y = op(x) for `count` numbers.
void ck_unary(ck_unary_op op, const float *_Nonnull x, float *_Nonnull y, long count);

/// dx = g · op'(x), from the result for exp, sqrt, tanh, sigmoid and relu, from the argument for all others.
void ck_unary_gradient(
    ck_unary_op op, const float *_Nonnull saved, const float *_Nonnull g, float *_Nonnull dx, long count);

/// y = x^exponent.
void ck_power(const float *_Nonnull x, float exponent, float *_Nonnull y, long count);

/// A function of two numbers; `above` is 1 where a > b, ½ where they are equal, else 0.
typedef enum {
    ck_add, ck_subtract, ck_multiply, ck_divide, ck_maximum, ck_minimum, ck_above
} ck_binary_op;

enum { ck_most_axes = 16 };

/// y = a op b, both broadcast to the common shape: aligned at the last axis, missing axes and axes of extent 1 repeat.
/// Both ranks at most `ck_most_axes`.
void ck_binary(
    ck_binary_op op, const float *_Nonnull a, const long *_Nonnull a_shape, long a_rank,
    const float *_Nonnull b, const long *_Nonnull b_shape, long b_rank, float *_Nonnull y);

/// y += x.
void ck_accumulate(const float *_Nonnull x, float *_Nonnull y, long count);

/// y = value.
void ck_fill(float *_Nonnull y, float value, long count);

/// Copies an array of `shape` between two strided layouts (strides in floats, 0 repeats, negative walks back).
void ck_copy(
    const long *_Nonnull shape, long rank, const float *_Nonnull x, const long *_Nonnull x_strides,
    float *_Nonnull y, const long *_Nonnull y_strides);

/// y[i] = x[rows[i]] for rows of `width` floats.
void ck_gather(
    const float *_Nonnull x, const long *_Nonnull rows, long count, long width, float *_Nonnull y);

/// y[rows[i]] += x[i] for rows of `width` floats, in order of i.
void ck_scatter_add(
    const float *_Nonnull x, const long *_Nonnull rows, long count, long width, float *_Nonnull y);

#endif
