#include "ckernels.h"
#include "clones.h"
#include "elementwise.h"
#include "vmath.h"

#include <math.h>

// One loop forward and one back per function. `v` is the argument; `s` is what the gradient is computed from.

#define UNARY(name, forward, backward)                                                                           \
    CK_CLONES static void name##_forward(const float *restrict x, float *restrict y, long n) {                   \
        for (long i = 0; i < n; i++) {                                                                           \
            float v = x[i];                                                                                      \
            y[i] = (forward);                                                                                    \
        }                                                                                                        \
    }                                                                                                            \
    CK_CLONES static void name##_backward(                                                                       \
        const float *restrict saved, const float *restrict g, float *restrict dx, long n) {                      \
        for (long i = 0; i < n; i++) {                                                                           \
            float s = saved[i];                                                                                  \
            dx[i] = g[i] * (backward);                                                                           \
        }                                                                                                        \
    }

CK_INLINE float sigmoid_slope(float x) {
    float y = ck_sigmoid(x);
    return y * (1.f - y);
}

// Both GELU approximations are x σ(u(x)), because ½(1 + tanh u) = σ(2u).
CK_INLINE float gelu_tanh_argument(float x) { return 1.59576912f * (x + 0.044715f * x * x * x); }
CK_INLINE float gelu_tanh_argument_slope(float x) { return 1.59576912f * (1.f + 0.134145f * x * x); }
CK_INLINE float normal_density(float x) { return 0.398942280f * ck_exp(-0.5f * x * x); }

UNARY(exp, ck_exp(v), s)
UNARY(log, ck_log(v), 1.f / s)
UNARY(sqrt, __builtin_elementwise_sqrt(v), 0.5f / s)
UNARY(square, v * v, 2.f * s)
UNARY(abs, __builtin_fabsf(v), s > 0.f ? 1.f : s < 0.f ? -1.f : 0.f)
UNARY(negate, -v, -1.f + 0.f * s)
UNARY(tanh, ck_tanh(v), 1.f - s * s)
UNARY(sigmoid, ck_sigmoid(v), s * (1.f - s))
UNARY(log_sigmoid, -ck_softplus(-v), ck_sigmoid(-s))
UNARY(softplus, ck_softplus(v), ck_sigmoid(s))
UNARY(relu, v < 0.f ? 0.f : v, s > 0.f ? 1.f : 0.f)
UNARY(silu, v * ck_sigmoid(v), ck_sigmoid(s) + s * sigmoid_slope(s))
UNARY(gelu_erf, ck_gelu(v), ck_normal(s) + s * normal_density(s))
UNARY(
    gelu_tanh, v * ck_sigmoid(gelu_tanh_argument(v)),
    ck_sigmoid(gelu_tanh_argument(s)) + s * sigmoid_slope(gelu_tanh_argument(s)) * gelu_tanh_argument_slope(s))
UNARY(gelu_quick, v * ck_sigmoid(1.702f * v), ck_sigmoid(1.702f * s) + 1.702f * s * sigmoid_slope(1.702f * s))
UNARY(erf, ck_erf(v), 1.12837917f * ck_exp(-s * s))

typedef void (*forward_loop)(const float *, float *, long);
typedef void (*backward_loop)(const float *, const float *, float *, long);

#define EACH(use)                                                                                                \
    use(exp) use(log) use(sqrt) use(square) use(abs) use(negate) use(tanh) use(sigmoid) use(log_sigmoid)         \
    use(softplus) use(relu) use(silu) use(gelu_erf) use(gelu_tanh) use(gelu_quick) use(erf)

typedef struct {
    ck_unary_op op;
    const float *saved, *g;
    float *result;
} job;

static void run_forward(void *context, long begin, long end) {
    const job *j = context;
    switch (j->op) {
#define CASE(name)                                                                                               \
    case ck_unary_##name:                                                                                        \
        name##_forward(j->saved + begin, j->result + begin, end - begin);                                        \
        break;
        EACH(CASE)
#undef CASE
    }
}

static void run_backward(void *context, long begin, long end) {
    const job *j = context;
    switch (j->op) {
#define CASE(name)                                                                                               \
    case ck_unary_##name:                                                                                        \
        name##_backward(j->saved + begin, j->g + begin, j->result + begin, end - begin);                         \
        break;
        EACH(CASE)
#undef CASE
    }
}

void ck_unary(ck_unary_op op, const float *x, float *y, long count) {
    job j = {op, x, NULL, y};
    ck_parallel_for(count, ck_grain, run_forward, &j);
}

void ck_unary_gradient(ck_unary_op op, const float *saved, const float *g, float *dx, long count) {
    job j = {op, saved, g, dx};
    ck_parallel_for(count, ck_grain, run_backward, &j);
}

typedef struct {
    const float *x;
    float exponent, *y;
} power_job;

static void run_power(void *context, long begin, long end) {
    const power_job *j = context;
    for (long i = begin; i < end; i++) j->y[i] = powf(j->x[i], j->exponent);
}

void ck_power(const float *x, float exponent, float *y, long count) {
    power_job j = {x, exponent, y};
    ck_parallel_for(count, ck_grain, run_power, &j);
}
