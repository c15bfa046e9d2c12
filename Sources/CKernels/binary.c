#include "ckernels.h"
#include "clones.h"
#include "elementwise.h"

// Axes are merged until the innermost run is as long as it can be; inside a run each operand either advances by one
// or stays, so three loops per function cover every broadcast.

#define LOOP(name, kind, left, right, expression)                                                                \
    CK_CLONES static void name##_##kind(const float *restrict a, const float *restrict b, float *restrict y, long n) { \
        for (long i = 0; i < n; i++) {                                                                           \
            float l = left, r = right;                                                                           \
            y[i] = (expression);                                                                                 \
        }                                                                                                        \
    }

#define BINARY(name, expression)                                                                                 \
    LOOP(name, both, a[i], b[i], expression)                                                                     \
    LOOP(name, right_stays, a[i], *b, expression)                                                                \
    LOOP(name, left_stays, *a, b[i], expression)

BINARY(add, l + r)
BINARY(subtract, l - r)
BINARY(multiply, l *r)
BINARY(divide, l / r)
BINARY(maximum, l < r ? r : l)
BINARY(minimum, r < l ? r : l)
BINARY(above, l > r ? 1.f : l == r ? 0.5f : 0.f)

typedef void (*loop)(const float *, const float *, float *, long);

#define PICK(name)                                                                                               \
    case ck_##name:                                                                                              \
        return a_step == b_step ? name##_both : b_step == 0 ? name##_right_stays : name##_left_stays;

static loop pick(ck_binary_op op, long a_step, long b_step) {
    switch (op) {
        PICK(add)
        PICK(subtract)
        PICK(multiply)
        PICK(divide)
        PICK(maximum)
        PICK(minimum)
        PICK(above)
    }
    return NULL;
}

// Axes outermost first; the last one is the run.
typedef struct {
    long rank, shape[ck_most_axes], a_strides[ck_most_axes], b_strides[ck_most_axes];
    loop loop;
    const float *a, *b;
    float *y;
} job;

static void run(void *context, long begin, long end) {
    const job *j = context;
    long last = j->rank - 1, run = j->shape[last];
    long index[ck_most_axes], a = 0, b = 0, row = begin / run, column = begin % run;
    for (long axis = last - 1; axis >= 0; axis--) {
        index[axis] = row % j->shape[axis];
        row /= j->shape[axis];
        a += index[axis] * j->a_strides[axis];
        b += index[axis] * j->b_strides[axis];
    }
    while (begin < end) {
        long n = run - column < end - begin ? run - column : end - begin;
        j->loop(j->a + a + column * j->a_strides[last], j->b + b + column * j->b_strides[last], j->y + begin, n);
        begin += n;
        column = 0;
        for (long axis = last - 1; axis >= 0; axis--) {
            a += j->a_strides[axis];
            b += j->b_strides[axis];
            if (++index[axis] < j->shape[axis]) break;
            a -= index[axis] * j->a_strides[axis];
            b -= index[axis] * j->b_strides[axis];
            index[axis] = 0;
        }
    }
}

void ck_binary(
    ck_binary_op op, const float *a, const long *a_shape, long a_rank, const float *b, const long *b_shape,
    long b_rank, float *y) {
    job j = {.rank = 0, .a = a, .b = b, .y = y};
    long shape[ck_most_axes], a_strides[ck_most_axes], b_strides[ck_most_axes];
    long axes = 0, count = 1, a_size = 1, b_size = 1;  // innermost first while axes are merged
    for (long back = 1; back <= a_rank || back <= b_rank; back++) {
        long a_extent = back <= a_rank ? a_shape[a_rank - back] : 1;
        long b_extent = back <= b_rank ? b_shape[b_rank - back] : 1;
        long extent = a_extent == 1 ? b_extent : a_extent;
        long a_stride = a_extent == 1 ? 0 : a_size, b_stride = b_extent == 1 ? 0 : b_size;
        count *= extent;
        a_size *= a_extent;
        b_size *= b_extent;
        if (extent == 1) continue;
        long inner = axes - 1;
        if (axes > 0 && a_stride == a_strides[inner] * shape[inner] && b_stride == b_strides[inner] * shape[inner]) {
            shape[inner] *= extent;
        } else {
            shape[axes] = extent;
            a_strides[axes] = a_stride;
            b_strides[axes] = b_stride;
            axes++;
        }
    }
    if (count == 0) return;
    if (axes == 0) {
        shape[0] = a_strides[0] = b_strides[0] = 1;
        axes = 1;
    }
    j.rank = axes;
    for (long axis = 0; axis < axes; axis++) {
        j.shape[axis] = shape[axes - 1 - axis];
        j.a_strides[axis] = a_strides[axes - 1 - axis];
        j.b_strides[axis] = b_strides[axes - 1 - axis];
    }
    j.loop = pick(op, j.a_strides[axes - 1], j.b_strides[axes - 1]);
    ck_parallel_for(count, ck_grain, run, &j);
}

typedef struct {
    const float *x;
    float *y;
} sum_job;

CK_CLONES static void add_to(const float *restrict x, float *restrict y, long n) {
    for (long i = 0; i < n; i++) y[i] += x[i];
}

static void run_sum(void *context, long begin, long end) {
    const sum_job *j = context;
    add_to(j->x + begin, j->y + begin, end - begin);
}

void ck_accumulate(const float *x, float *y, long count) {
    sum_job j = {x, y};
    ck_parallel_for(count, ck_grain, run_sum, &j);
}
