#include "clones.h"
#include "ckernels.h"
#include "vmath.h"

// The arithmetic follows PyTorch's order, so that ten steps agree to the last digits:
//   p ← p − rate·decay·p;  m ← m + (1 − β1)(g − m);  v ← β2 v + (1 − β2) g²;  p ← p − (rate / c1) · m / (√v / √c2 + ε)
typedef struct {
    float *parameter, *first, *second;
    const float *gradient;
    ck_adamw_step step;
    float gradient_scale;
    double *squares;  // of every piece
} update;

enum { piece = 65536, lanes = 16 };

// What is the same for every number of a tensor.
typedef struct {
    float keep, size, root, new1, new2, beta2, epsilon, gradient_scale;
} constants;

CK_INLINE void update_one(float *p, float g, float *m, float *v, constants c) {
    float gradient = g * c.gradient_scale;
    float first = *m + c.new1 * (gradient - *m);
    float second = c.beta2 * *v + c.new2 * gradient * gradient;
    *m = first;
    *v = second;
    *p = *p * c.keep - c.size * (first / (__builtin_elementwise_sqrt(second) * c.root + c.epsilon));
}

// Σ g² on the way, in single precision within a piece.
CK_CLONES static float update_range(
    float *restrict p, const float *restrict g, float *restrict m, float *restrict v, long n, ck_adamw_step s,
    float gradient_scale) {
    const constants c = {
        .keep = 1.0f - s.rate * s.decay, .size = s.rate / s.correction1,
        .root = 1 / __builtin_elementwise_sqrt(s.correction2), .new1 = 1.0f - s.beta1, .new2 = 1.0f - s.beta2,
        .beta2 = s.beta2, .epsilon = s.epsilon, .gradient_scale = gradient_scale};
    float sums[lanes] = {0};
    long i = 0;
    for (; i + lanes <= n; i += lanes)
        for (int k = 0; k < lanes; k++) {
            sums[k] += g[i + k] * g[i + k];
            update_one(p + i + k, g[i + k], m + i + k, v + i + k, c);
        }
    for (; i < n; i++) {
        sums[0] += g[i] * g[i];
        update_one(p + i, g[i], m + i, v + i, c);
    }
    float sum = 0;
    for (int k = 0; k < lanes; k++) sum += sums[k];
    return sum;
}

static void update_piece(void *context, long begin, long end) {
    const update *u = context;
    u->squares[begin / piece] = update_range(
        u->parameter + begin, u->gradient + begin, u->first + begin, u->second + begin, end - begin, u->step,
        u->gradient_scale);
}

double ck_adamw(
    float *parameter, const float *gradient, float *first, float *second, long count, float gradient_scale,
    ck_adamw_step step) {
    long pieces = (count + piece - 1) / piece;
    size_t bytes = (size_t)pieces * sizeof(double);
    update u = {parameter, first, second, gradient, step, gradient_scale, ck_allocate(bytes)};
    ck_parallel_for(count, piece, update_piece, &u);
    double sum = 0;
    for (long i = 0; i < pieces; i++) sum += u.squares[i];
    ck_release(u.squares, bytes);
    return sum;
}
