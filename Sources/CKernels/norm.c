#include "norm.h"
#include "ckernels.h"
#include "clones.h"
#include "reduce.h"
#include "rows.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const float *x, *g, *weight, *bias, *mean, *scale;
    float epsilon;
    long width;
    float *y, *means, *scales;
} layer_job;

CK_CLONES static void layer_norm_row(
    const float *restrict x, const float *restrict weight, const float *restrict bias, float epsilon, long n,
    float *restrict y, float *restrict mean, float *restrict scale) {
    CK_FAST
    float center = (float)(ck_row_sum(x, n) / (double)n);
    for (long i = 0; i < n; i++) y[i] = x[i] - center;
    float factor = (float)(1 / __builtin_sqrt(ck_row_dot(y, y, n) / (double)n + epsilon));
    if (weight && bias)
        for (long i = 0; i < n; i++) y[i] = y[i] * factor * weight[i] + bias[i];
    else if (weight)
        for (long i = 0; i < n; i++) y[i] = y[i] * factor * weight[i];
    else if (bias)
        for (long i = 0; i < n; i++) y[i] = y[i] * factor + bias[i];
    else
        for (long i = 0; i < n; i++) y[i] *= factor;
    *mean = center;
    *scale = factor;
}

static void run_layer_norm(void *context, long begin, long end) {
    const layer_job *j = context;
    for (long row = begin; row < end; row++)
        layer_norm_row(
            j->x + row * j->width, j->weight, j->bias, j->epsilon, j->width, j->y + row * j->width, j->means + row,
            j->scales + row);
}

void ck_layer_norm(
    const float *x, long rows, long width, const float *weight, const float *bias, float epsilon, float *y,
    float *mean, float *scale) {
    layer_job j = {x, NULL, weight, bias, NULL, NULL, epsilon, width, y, mean, scale};
    ck_parallel_for(rows, ck_grain_for(width), run_layer_norm, &j);
}

// Inlined twice, so that neither loop asks whether there are weights.
CK_INLINE void layer_norm_gradient_of_row(
    const float *restrict x, const float *restrict g, const float *restrict weight, bool weighted, float mean,
    float scale, long n, float *restrict dx) {
    CK_FAST
    double h_sum = 0, hn_sum = 0;
    for (long first = 0; first < n; first += ck_row_block) {
        long end = n - first < ck_row_block ? n : first + ck_row_block;
        float h_part = 0, hn_part = 0;
        for (long i = first; i < end; i++) {
            float h = weighted ? g[i] * weight[i] : g[i];
            h_part += h;
            hn_part += h * ((x[i] - mean) * scale);
        }
        h_sum += h_part;
        hn_sum += hn_part;
    }
    float h_mean = (float)(h_sum / (double)n), hn_mean = (float)(hn_sum / (double)n);
    for (long i = 0; i < n; i++) {
        float h = weighted ? g[i] * weight[i] : g[i];
        dx[i] = scale * (h - h_mean - (x[i] - mean) * scale * hn_mean);
    }
}

CK_CLONES static void layer_norm_gradient_row(
    const float *restrict x, const float *restrict g, const float *restrict weight, float mean, float scale, long n,
    float *restrict dx) {
    if (weight) layer_norm_gradient_of_row(x, g, weight, true, mean, scale, n, dx);
    else layer_norm_gradient_of_row(x, g, weight, false, mean, scale, n, dx);
}

static void run_layer_norm_gradient(void *context, long begin, long end) {
    const layer_job *j = context;
    for (long row = begin; row < end; row++)
        layer_norm_gradient_row(
            j->x + row * j->width, j->g + row * j->width, j->weight, j->mean[row], j->scale[row], j->width,
            j->y + row * j->width);
}

void ck_layer_norm_gradient(
    const float *x, const float *g, const float *weight, const float *mean, const float *scale, long rows, long width,
    float *dx) {
    layer_job j = {x, g, weight, NULL, mean, scale, 0, width, dx, NULL, NULL};
    ck_parallel_for(rows, ck_grain_for(width), run_layer_norm_gradient, &j);
}

// Sums over rows: each chunk of rows into its own line of partial sums, short enough for single precision.

enum { step = 128 };

typedef struct {
    const float *x, *g, *mean, *scale;
    bool by_column;
    long rows, width;
    float *parts;
} sums_job;

CK_CLONES static void add_norm_row(
    const float *restrict x, const float *restrict g, float mean, float scale, long n, float *restrict gn_sum,
    float *restrict g_sum) {
    for (long i = 0; i < n; i++) {
        gn_sum[i] += g[i] * ((x[i] - mean) * scale);
        g_sum[i] += g[i];
    }
}

CK_CLONES static void add_norm_columns(
    const float *restrict x, const float *restrict g, const float *restrict mean, const float *restrict scale, long n,
    float *restrict gn_sum, float *restrict g_sum) {
    for (long i = 0; i < n; i++) {
        gn_sum[i] += g[i] * ((x[i] - mean[i]) * scale[i]);
        g_sum[i] += g[i];
    }
}

static void run_norm_sums(void *context, long begin, long end) {
    const sums_job *j = context;
    for (long chunk = begin; chunk < end; chunk++) {
        float *sums = j->parts + chunk * 2 * j->width;
        memset(sums, 0, (size_t)(2 * j->width) * sizeof(float));
        long first = chunk * step, last = first + step < j->rows ? first + step : j->rows;
        for (long row = first; row < last; row++) {
            const float *x = j->x + row * j->width, *g = j->g + row * j->width;
            if (j->by_column) add_norm_columns(x, g, j->mean, j->scale, j->width, sums, sums + j->width);
            else add_norm_row(x, g, j->mean[row], j->scale[row], j->width, sums, sums + j->width);
        }
    }
}

void ck_norm_sums(
    const float *x, const float *g, const float *mean, const float *scale, bool by_column, long rows, long width,
    float *sums) {
    long chunks = (rows + step - 1) / step;
    size_t bytes = (size_t)(chunks * 2 * width) * sizeof(float);
    float *parts = ck_allocate(bytes);
    if (!parts) abort();
    sums_job j = {x, g, mean, scale, by_column, rows, width, parts};
    ck_parallel_for(chunks, ck_grain_for(step * width), run_norm_sums, &j);
    ck_sum(parts, 1, chunks, 2 * width, sums);
    ck_release(parts, bytes);
}

typedef struct {
    const float *x, *mean;
    long rows, width;
    float *parts;
} moment_job;

CK_CLONES static void add_squares(const float *restrict x, const float *restrict mean, long n, float *restrict sum) {
    for (long i = 0; i < n; i++) sum[i] += (x[i] - mean[i]) * (x[i] - mean[i]);
}

static void run_squares(void *context, long begin, long end) {
    const moment_job *j = context;
    for (long chunk = begin; chunk < end; chunk++) {
        float *sum = j->parts + chunk * j->width;
        memset(sum, 0, (size_t)j->width * sizeof(float));
        long first = chunk * step, last = first + step < j->rows ? first + step : j->rows;
        for (long row = first; row < last; row++) add_squares(j->x + row * j->width, j->mean, j->width, sum);
    }
}

void ck_column_moments(const float *x, long rows, long width, float *mean, float *variance) {
    ck_sum(x, 1, rows, width, mean);
    for (long i = 0; i < width; i++) mean[i] /= (float)rows;
    long chunks = (rows + step - 1) / step;
    size_t bytes = (size_t)(chunks * width) * sizeof(float);
    float *parts = ck_allocate(bytes);
    if (!parts) abort();
    moment_job j = {x, mean, rows, width, parts};
    ck_parallel_for(chunks, ck_grain_for(step * width), run_squares, &j);
    ck_sum(parts, 1, chunks, width, variance);
    ck_release(parts, bytes);
    for (long i = 0; i < width; i++) variance[i] /= (float)rows;
}

typedef struct {
    const float *g, *a, *x, *center, *b, *c;
    long width;
    float *y;
} column_job;

CK_CLONES static void affine_row(
    const float *restrict x, const float *restrict center, const float *restrict scale, const float *restrict shift,
    long n, float *restrict y) {
    if (shift)
        for (long i = 0; i < n; i++) y[i] = (x[i] - center[i]) * scale[i] + shift[i];
    else
        for (long i = 0; i < n; i++) y[i] = (x[i] - center[i]) * scale[i];
}

static void run_affine(void *context, long begin, long end) {
    const column_job *j = context;
    for (long row = begin; row < end; row++)
        affine_row(j->x + row * j->width, j->center, j->b, j->c, j->width, j->y + row * j->width);
}

void ck_column_affine(
    const float *x, const float *center, const float *scale, const float *shift, long rows, long width, float *y) {
    column_job j = {NULL, NULL, x, center, scale, shift, width, y};
    ck_parallel_for(rows, ck_grain_for(width), run_affine, &j);
}

CK_CLONES static void combine_row(
    const float *restrict g, const float *restrict a, const float *restrict x, const float *restrict center,
    const float *restrict b, const float *restrict c, long n, float *restrict y) {
    for (long i = 0; i < n; i++) y[i] = a[i] * g[i] + b[i] * (x[i] - center[i]) + c[i];
}

static void run_combine(void *context, long begin, long end) {
    const column_job *j = context;
    for (long row = begin; row < end; row++) {
        long at = row * j->width;
        combine_row(j->g + at, j->a, j->x + at, j->center, j->b, j->c, j->width, j->y + at);
    }
}

void ck_column_combine(
    const float *g, const float *a, const float *x, const float *center, const float *b, const float *c, long rows,
    long width, float *y) {
    column_job j = {g, a, x, center, b, c, width, y};
    ck_parallel_for(rows, ck_grain_for(width), run_combine, &j);
}

typedef struct {
    const float *x, *g, *divisor;
    float epsilon;
    long width;
    float *y, *divisors;
} unit_job;

CK_CLONES static void unit_row(const float *restrict x, float epsilon, long n, float *restrict y, float *divisor) {
    float norm = (float)__builtin_sqrt(ck_row_dot(x, x, n));
    float by = norm < epsilon ? epsilon : norm;
    for (long i = 0; i < n; i++) y[i] = x[i] / by;
    *divisor = norm < epsilon ? -epsilon : norm;
}

static void run_unit(void *context, long begin, long end) {
    const unit_job *j = context;
    for (long row = begin; row < end; row++)
        unit_row(j->x + row * j->width, j->epsilon, j->width, j->y + row * j->width, j->divisors + row);
}

void ck_unit_rows(const float *x, long rows, long width, float epsilon, float *y, float *divisor) {
    unit_job j = {x, NULL, NULL, epsilon, width, y, divisor};
    ck_parallel_for(rows, ck_grain_for(width), run_unit, &j);
}

CK_CLONES static void unit_gradient_row(
    const float *restrict y, const float *restrict g, float divisor, long n, float *restrict dx) {
    float dot = divisor < 0 ? 0 : (float)ck_row_dot(g, y, n);
    float by = __builtin_fabsf(divisor);
    for (long i = 0; i < n; i++) dx[i] = (g[i] - y[i] * dot) / by;
}

static void run_unit_gradient(void *context, long begin, long end) {
    const unit_job *j = context;
    for (long row = begin; row < end; row++) {
        long at = row * j->width;
        unit_gradient_row(j->x + at, j->g + at, j->divisor[row], j->width, j->y + at);
    }
}

void ck_unit_rows_gradient(
    const float *y, const float *g, const float *divisor, long rows, long width, float *dx) {
    unit_job j = {y, g, divisor, 0, width, dx, NULL};
    ck_parallel_for(rows, ck_grain_for(width), run_unit_gradient, &j);
}
