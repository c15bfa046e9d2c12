#include "ckernels.h"
#include "clones.h"
#include "elementwise.h"

#include <string.h>

// Copies between strided layouts. Axes are merged where both layouts allow; the last axis is the one that is dense in
// the target and the one before it, where possible, the one that is dense in the source, so that a transposition
// walks tiles of whole cache lines on both sides.

enum { tile = 16 };

typedef struct {
    long rank, shape[ck_most_axes], x_strides[ck_most_axes], y_strides[ck_most_axes];
    const float *x;
    float *y;
} job;

static void copy_rows(const job *j, const float *x, float *y, long rows) {
    long r = j->rank - 2, c = j->rank - 1, columns = j->shape[c];
    long xr = j->x_strides[r], xc = j->x_strides[c], yr = j->y_strides[r], yc = j->y_strides[c];
    if (xc == 1 && yc == 1) {
        for (long row = 0; row < rows; row++) memcpy(y + row * yr, x + row * xr, (size_t)columns * sizeof(float));
        return;
    }
    for (long first = 0; first < columns; first += tile) {
        long last = first + tile < columns ? first + tile : columns;
        for (long row = 0; row < rows; row++)
            for (long column = first; column < last; column++)
                y[row * yr + column * yc] = x[row * xr + column * xc];
    }
}

static void run(void *context, long begin, long end) {
    const job *j = context;
    long rows = j->shape[j->rank - 2], blocks = (rows + tile - 1) / tile;
    for (long item = begin; item < end; item++) {
        long first = item % blocks * tile, outer = item / blocks;
        const float *x = j->x + first * j->x_strides[j->rank - 2];
        float *y = j->y + first * j->y_strides[j->rank - 2];
        for (long axis = j->rank - 3; axis >= 0; axis--) {
            x += outer % j->shape[axis] * j->x_strides[axis];
            y += outer % j->shape[axis] * j->y_strides[axis];
            outer /= j->shape[axis];
        }
        copy_rows(j, x, y, rows - first < tile ? rows - first : tile);
    }
}

static void move_axis(job *j, long from, long to) {
    long shape = j->shape[from], x = j->x_strides[from], y = j->y_strides[from];
    for (long axis = from; axis < to; axis++) {
        j->shape[axis] = j->shape[axis + 1];
        j->x_strides[axis] = j->x_strides[axis + 1];
        j->y_strides[axis] = j->y_strides[axis + 1];
    }
    j->shape[to] = shape;
    j->x_strides[to] = x;
    j->y_strides[to] = y;
}

static void push_axis(job *j, long shape, long x_stride, long y_stride) {
    j->shape[j->rank] = shape;
    j->x_strides[j->rank] = x_stride;
    j->y_strides[j->rank++] = y_stride;
}

void ck_copy(
    const long *shape, long rank, const float *x, const long *x_strides, float *y, const long *y_strides) {
    job j = {.rank = 0, .x = x, .y = y};
    for (long axis = 0; axis < rank; axis++) {
        if (shape[axis] == 0) return;
        if (shape[axis] == 1) continue;
        long before = j.rank - 1;
        if (before >= 0 && j.x_strides[before] == x_strides[axis] * shape[axis]
            && j.y_strides[before] == y_strides[axis] * shape[axis]) {
            j.shape[before] *= shape[axis];
            j.x_strides[before] = x_strides[axis];
            j.y_strides[before] = y_strides[axis];
        } else {
            push_axis(&j, shape[axis], x_strides[axis], y_strides[axis]);
        }
    }
    if (j.rank == 0) push_axis(&j, 1, 1, 1);
    if (j.rank == 1) {
        // A long single run becomes rows of its own, so that it can be shared out.
        long columns = j.shape[0] > ck_grain && j.shape[0] % 1024 == 0 ? 1024 : j.shape[0];
        long xs = j.x_strides[0], ys = j.y_strides[0], rows = j.shape[0] / columns;
        j.rank = 0;
        push_axis(&j, rows, columns * xs, columns * ys);
        push_axis(&j, columns, xs, ys);
    }
    for (long axis = j.rank - 1; axis >= 0; axis--)
        if (j.y_strides[axis] == 1) {
            move_axis(&j, axis, j.rank - 1);
            break;
        }
    if (j.x_strides[j.rank - 1] != 1)
        for (long axis = j.rank - 2; axis >= 0; axis--)
            if (j.x_strides[axis] == 1) {
                move_axis(&j, axis, j.rank - 2);
                break;
            }
    long items = (j.shape[j.rank - 2] + tile - 1) / tile;
    for (long axis = 0; axis < j.rank - 2; axis++) items *= j.shape[axis];
    ck_parallel_for(items, ck_grain_for(tile * j.shape[j.rank - 1]), run, &j);
}

typedef struct {
    const float *x;
    const long *rows;
    long count, width;
    float *y;
} row_job;

static void run_gather(void *context, long begin, long end) {
    const row_job *j = context;
    for (long i = begin; i < end; i++)
        memcpy(j->y + i * j->width, j->x + j->rows[i] * j->width, (size_t)j->width * sizeof(float));
}

void ck_gather(const float *x, const long *rows, long count, long width, float *y) {
    row_job j = {x, rows, count, width, y};
    ck_parallel_for(count, ck_grain_for(width), run_gather, &j);
}

// Pieces are ranges of columns, so that rows that occur twice are added in order.
static void run_scatter(void *context, long begin, long end) {
    const row_job *j = context;
    for (long i = 0; i < j->count; i++) {
        const float *restrict x = j->x + i * j->width;
        float *restrict y = j->y + j->rows[i] * j->width;
        for (long column = begin; column < end; column++) y[column] += x[column];
    }
}

void ck_scatter_add(const float *x, const long *rows, long count, long width, float *y) {
    row_job j = {x, rows, count, width, y};
    ck_parallel_for(width, 128, run_scatter, &j);
}

typedef struct {
    float *y, value;
} fill_job;

static void run_fill(void *context, long begin, long end) {
    const fill_job *j = context;
    for (long i = begin; i < end; i++) j->y[i] = j->value;
}

void ck_fill(float *y, float value, long count) {
    fill_job j = {y, value};
    ck_parallel_for(count, ck_grain, run_fill, &j);
}
