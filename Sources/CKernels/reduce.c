#include "reduce.h"
#include "ckernels.h"
#include "clones.h"
#include "rows.h"

#include <string.h>

enum { columns_at_once = 256, rows_at_once = 64, chunk = 65536 };

CK_CLONES static void sum_rows(const float *x, long rows, long extent, float *y) {
    for (long row = 0; row < rows; row++) y[row] = (float)ck_row_sum(x + row * extent, extent);
}

// Columns first ..< first + n of `extent` rows that lie `stride` apart.
CK_CLONES static void sum_columns(const float *x, long extent, long stride, long n, float *y) {
    for (long first = 0; first < n; first += columns_at_once) {
        long width = n - first < columns_at_once ? n - first : columns_at_once;
        double total[columns_at_once];
        for (long c = 0; c < width; c++) total[c] = 0;
        for (long row = 0; row < extent; row += rows_at_once) {
            long end = row + rows_at_once < extent ? row + rows_at_once : extent;
            float part[columns_at_once];
            memcpy(part, x + row * stride + first, (size_t)width * sizeof(float));
            for (long r = row + 1; r < end; r++) {
                const float *restrict from = x + r * stride + first;
                for (long c = 0; c < width; c++) part[c] += from[c];
            }
            for (long c = 0; c < width; c++) total[c] += part[c];
        }
        for (long c = 0; c < width; c++) y[first + c] = (float)total[c];
    }
}

// Work is cut three ways: the outer axis, chunks of the reduced axis, blocks of columns.
typedef struct {
    const float *x;
    long outer, extent, inner, step, chunks, blocks, block;
    float *y;
} sum_job;

static void run_sum(void *context, long begin, long end) {
    const sum_job *j = context;
    if (j->inner == 1 && j->chunks == 1) {
        sum_rows(j->x + begin * j->extent, end - begin, j->extent, j->y + begin);
        return;
    }
    for (long item = begin; item < end; item++) {
        long column = item % j->blocks * j->block, part = item / j->blocks % j->chunks;
        long outer = item / j->blocks / j->chunks, row = part * j->step;
        long rows = j->extent - row < j->step ? j->extent - row : j->step;
        long columns = j->inner - column < j->block ? j->inner - column : j->block;
        const float *x = j->x + (outer * j->extent + row) * j->inner + column;
        float *y = j->y + (outer * j->chunks + part) * j->inner + column;
        if (j->inner == 1) sum_rows(x, 1, rows, y);
        else sum_columns(x, rows, j->inner, columns, y);
    }
}

void ck_sum(const float *x, long outer, long extent, long inner, float *y) {
    if (outer * inner == 0) return;
    if (extent == 0) {
        memset(y, 0, (size_t)(outer * inner) * sizeof(float));
        return;
    }
    sum_job j = {x, outer, extent, inner, extent, 1, 1, inner, y};
    if (inner > 4 * columns_at_once) {
        j.block = 4 * columns_at_once;
        j.blocks = (inner + j.block - 1) / j.block;
    }
    long rows = chunk / j.block < 64 ? 64 : chunk / j.block;
    if (extent >= 2 * rows) {
        j.step = rows;
        j.chunks = (extent + rows - 1) / rows;
    }
    size_t bytes = (size_t)(outer * j.chunks * inner) * sizeof(float);
    float *parts = j.chunks > 1 ? ck_allocate(bytes) : NULL;
    if (!parts) {
        j.step = extent;
        j.chunks = 1;
    } else {
        j.y = parts;
    }
    ck_parallel_for(outer * j.chunks * j.blocks, ck_grain_for(j.step * j.block), run_sum, &j);
    if (!parts) return;
    ck_sum(parts, outer, j.chunks, inner, y);
    ck_release(parts, bytes);
}

// The rest go by rows when the reduced axis is the last, by columns otherwise.
typedef struct {
    const float *x, *y, *g;
    long outer, extent, inner;
    float *result;
} job;

CK_CLONES static void max_rows(const float *x, long rows, long extent, float *y) {
    for (long row = 0; row < rows; row++) y[row] = ck_row_max(x + row * extent, extent);
}

CK_CLONES static void max_columns(const float *restrict x, long extent, long inner, float *restrict y) {
    memcpy(y, x, (size_t)inner * sizeof(float));
    for (long row = 1; row < extent; row++)
        for (long c = 0; c < inner; c++) {
            float v = x[row * inner + c];
            y[c] = y[c] < v ? v : y[c];
        }
}

static void run_max(void *context, long begin, long end) {
    const job *j = context;
    if (j->inner == 1) {
        max_rows(j->x + begin * j->extent, end - begin, j->extent, j->result + begin);
        return;
    }
    for (long o = begin; o < end; o++)
        max_columns(j->x + o * j->extent * j->inner, j->extent, j->inner, j->result + o * j->inner);
}

void ck_max(const float *x, long outer, long extent, long inner, float *y) {
    if (outer * inner == 0) return;
    job j = {x, NULL, NULL, outer, extent, inner, y};
    ck_parallel_for(outer, ck_grain_for(extent * inner), run_max, &j);
}

static void run_max_gradient(void *context, long begin, long end) {
    const job *j = context;
    for (long o = begin; o < end; o++)
        for (long c = 0; c < j->inner; c++) {
            const float *x = j->x + o * j->extent * j->inner + c;
            float *dx = j->result + o * j->extent * j->inner + c;
            float y = j->y[o * j->inner + c], ties = 0;
            for (long row = 0; row < j->extent; row++) ties += x[row * j->inner] == y;
            float share = j->g[o * j->inner + c] / ties;
            for (long row = 0; row < j->extent; row++) dx[row * j->inner] = x[row * j->inner] == y ? share : 0.f;
        }
}

void ck_max_gradient(
    const float *x, const float *y, const float *g, long outer, long extent, long inner, float *dx) {
    job j = {x, y, g, outer, extent, inner, dx};
    ck_parallel_for(outer, ck_grain_for(extent * inner), run_max_gradient, &j);
}

CK_CLONES static void log_sum_exp_rows(const float *x, long rows, long extent, float *y) {
    for (long row = 0; row < rows; row++) y[row] = ck_row_log_sum_exp(x + row * extent, extent);
}

CK_CLONES static void log_sum_exp_columns(const float *x, long extent, long inner, float *y) {
    for (long first = 0; first < inner; first += columns_at_once) {
        long width = inner - first < columns_at_once ? inner - first : columns_at_once;
        float most[columns_at_once];
        double total[columns_at_once];
        for (long c = 0; c < width; c++) {
            most[c] = -__builtin_inff();
            total[c] = 0;
        }
        for (long row = 0; row < extent; row++)
            for (long c = 0; c < width; c++) {
                float v = x[row * inner + first + c];
                most[c] = most[c] < v ? v : most[c];
            }
        for (long c = 0; c < width; c++) most[c] = most[c] == -__builtin_inff() ? 0.f : most[c];
        for (long row = 0; row < extent; row++)
            for (long c = 0; c < width; c++) total[c] += ck_exp(x[row * inner + first + c] - most[c]);
        for (long c = 0; c < width; c++) y[first + c] = most[c] + ck_log((float)total[c]);
    }
}

static void run_log_sum_exp(void *context, long begin, long end) {
    const job *j = context;
    if (j->inner == 1) {
        log_sum_exp_rows(j->x + begin * j->extent, end - begin, j->extent, j->result + begin);
        return;
    }
    for (long o = begin; o < end; o++)
        log_sum_exp_columns(j->x + o * j->extent * j->inner, j->extent, j->inner, j->result + o * j->inner);
}

void ck_log_sum_exp(const float *x, long outer, long extent, long inner, float *y) {
    if (outer * inner == 0) return;
    job j = {x, NULL, NULL, outer, extent, inner, y};
    ck_parallel_for(outer, ck_grain_for(extent * inner), run_log_sum_exp, &j);
}

CK_CLONES static void log_sum_exp_gradient_row(
    const float *restrict x, float y, float g, long extent, float *restrict dx) {
    for (long i = 0; i < extent; i++) dx[i] = g * ck_exp(x[i] - y);
}

CK_CLONES static void log_sum_exp_gradient_columns(
    const float *restrict x, const float *restrict y, const float *restrict g, long inner, float *restrict dx) {
    for (long c = 0; c < inner; c++) dx[c] = g[c] * ck_exp(x[c] - y[c]);
}

static void run_log_sum_exp_gradient(void *context, long begin, long end) {
    const job *j = context;
    for (long o = begin; o < end; o++) {
        const float *y = j->y + o * j->inner, *g = j->g + o * j->inner;
        if (j->inner == 1) {
            log_sum_exp_gradient_row(j->x + o * j->extent, *y, *g, j->extent, j->result + o * j->extent);
            continue;
        }
        for (long row = 0; row < j->extent; row++) {
            long at = (o * j->extent + row) * j->inner;
            log_sum_exp_gradient_columns(j->x + at, y, g, j->inner, j->result + at);
        }
    }
}

void ck_log_sum_exp_gradient(
    const float *x, const float *y, const float *g, long outer, long extent, long inner, float *dx) {
    job j = {x, y, g, outer, extent, inner, dx};
    ck_parallel_for(outer, ck_grain_for(extent * inner), run_log_sum_exp_gradient, &j);
}

typedef struct {
    const float *x;
    long extent, *y;
} arg_job;

static void run_arg_max(void *context, long begin, long end) {
    const arg_job *j = context;
    for (long row = begin; row < end; row++) {
        const float *x = j->x + row * j->extent;
        float most;
        max_rows(x, 1, j->extent, &most);
        long index = 0;
        while (index < j->extent - 1 && x[index] != most) index++;
        j->y[row] = index;
    }
}

void ck_arg_max(const float *x, long rows, long extent, long *y) {
    arg_job j = {x, extent, y};
    ck_parallel_for(rows, ck_grain_for(extent), run_arg_max, &j);
}

CK_CLONES bool ck_all_finite(const float *x, long count) {
    CK_FAST
    float sum = 0;
    for (long i = 0; i < count; i++) sum += x[i] * 0.f;  // NaN where x is not finite
    return sum == 0.f;
}
