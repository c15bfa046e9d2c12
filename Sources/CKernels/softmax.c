#include "ckernels.h"
#include "clones.h"
#include "reduce.h"
#include "rows.h"

typedef struct {
    const float *x, *g;
    long extent;
    float *y;
} job;

// x and y are the same or apart.
CK_INLINE void softmax_of_row(const float *x, long n, float *y) {
    CK_FAST
    float most = ck_row_max(x, n);
    if (most == -__builtin_inff()) {
        for (long i = 0; i < n; i++) y[i] = 0;
        return;
    }
    double total = 0;
    for (long first = 0; first < n; first += ck_row_block) {
        long end = n - first < ck_row_block ? n : first + ck_row_block;
        float part = 0;
        for (long i = first; i < end; i++) {
            float e = ck_exp(x[i] - most);
            y[i] = e;
            part += e;
        }
        total += part;
    }
    float scale = (float)(1 / total);
    for (long i = 0; i < n; i++) y[i] *= scale;
}

CK_CLONES static void softmax_row(const float *x, long n, float *y) { softmax_of_row(x, n, y); }

CK_CLONES void ck_masked_softmax(
    float *x, long rows, long extent, const float *mask, long mask_stride, long visible) {
    for (long row = 0; row < rows; row++, x += extent, visible++) {
        long n = visible < extent ? visible : extent;
        if (mask)
            for (long i = 0; i < n; i++) x[i] += mask[row * mask_stride + i];
        if (n > 0) softmax_of_row(x, n, x);
        for (long i = n; i < extent; i++) x[i] = 0;
    }
}

static void run_softmax(void *context, long begin, long end) {
    const job *j = context;
    for (long row = begin; row < end; row++) softmax_row(j->x + row * j->extent, j->extent, j->y + row * j->extent);
}

void ck_softmax(const float *x, long rows, long extent, float *y) {
    if (extent == 0) return;
    job j = {x, NULL, extent, y};
    ck_parallel_for(rows, ck_grain_for(extent), run_softmax, &j);
}

CK_CLONES static void softmax_gradient_row(
    const float *restrict y, const float *restrict g, long n, float *restrict dx) {
    float dot = (float)ck_row_dot(g, y, n);
    for (long i = 0; i < n; i++) dx[i] = y[i] * (g[i] - dot);
}

static void run_softmax_gradient(void *context, long begin, long end) {
    const job *j = context;
    for (long row = begin; row < end; row++) {
        long at = row * j->extent;
        softmax_gradient_row(j->x + at, j->g + at, j->extent, j->y + at);
    }
}

void ck_softmax_gradient(const float *y, const float *g, long rows, long extent, float *dx) {
    job j = {y, g, extent, dx};
    ck_parallel_for(rows, ck_grain_for(extent), run_softmax_gradient, &j);
}

CK_CLONES static void log_softmax_row(const float *restrict x, long n, float *restrict y) {
    float most = ck_row_max(x, n), rest = ck_log((float)ck_row_exp_sum(x, most, n));
    for (long i = 0; i < n; i++) y[i] = (x[i] - most) - rest;
}

static void run_log_softmax(void *context, long begin, long end) {
    const job *j = context;
    for (long row = begin; row < end; row++)
        log_softmax_row(j->x + row * j->extent, j->extent, j->y + row * j->extent);
}

void ck_log_softmax(const float *x, long rows, long extent, float *y) {
    if (extent == 0) return;
    job j = {x, NULL, extent, y};
    ck_parallel_for(rows, ck_grain_for(extent), run_log_softmax, &j);
}

CK_CLONES static void log_softmax_gradient_row(
    const float *restrict y, const float *restrict g, long n, float *restrict dx) {
    float sum = (float)ck_row_sum(g, n);
    for (long i = 0; i < n; i++) dx[i] = g[i] - ck_exp(y[i]) * sum;
}

static void run_log_softmax_gradient(void *context, long begin, long end) {
    const job *j = context;
    for (long row = begin; row < end; row++) {
        long at = row * j->extent;
        log_softmax_gradient_row(j->x + at, j->g + at, j->extent, j->y + at);
    }
}

void ck_log_softmax_gradient(const float *y, const float *g, long rows, long extent, float *dx) {
    job j = {y, g, extent, dx};
    ck_parallel_for(rows, ck_grain_for(extent), run_log_softmax_gradient, &j);
}
