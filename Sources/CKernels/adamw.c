#include "clones.h"
#include "ckernels.h"

#include <math.h>

// The arithmetic follows PyTorch's order, so that ten steps agree to the last digits:
//   p ← p − rate·decay·p;  m ← m + (1 − β1)(g − m);  v ← β2 v + (1 − β2) g²;  p ← p − (rate / c1) · m / (√v / √c2 + ε)
typedef struct {
    float *parameter, *first, *second;
    const float *gradient;
    ck_adamw_step step;
    float gradient_scale;
} update;

CK_CLONES static void update_range(
    float *restrict p, const float *restrict g, float *restrict m, float *restrict v, long n, ck_adamw_step s,
    float gradient_scale) {
    const float keep = 1.0f - s.rate * s.decay;
    const float size = s.rate / s.correction1;
    const float root = sqrtf(s.correction2);
    const float new1 = 1.0f - s.beta1, new2 = 1.0f - s.beta2;
    for (long i = 0; i < n; i++) {
        float gradient = g[i] * gradient_scale;
        float first = m[i] + new1 * (gradient - m[i]);
        float second = s.beta2 * v[i] + new2 * gradient * gradient;
        m[i] = first;
        v[i] = second;
        p[i] = p[i] * keep - size * (first / (sqrtf(second) / root + s.epsilon));
    }
}

static void update_piece(void *context, long begin, long end) {
    const update *u = context;
    update_range(
        u->parameter + begin, u->gradient + begin, u->first + begin, u->second + begin, end - begin, u->step,
        u->gradient_scale);
}

void ck_adamw(
    float *parameter, const float *gradient, float *first, float *second, long count, float gradient_scale,
    ck_adamw_step step) {
    update u = {parameter, first, second, gradient, step, gradient_scale};
    ck_parallel_for(count, 65536, update_piece, &u);
}
