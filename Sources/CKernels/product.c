#include "product.h"

#include <string.h>

#include "elementwise.h"
#include "isa.h"
#include "vmath.h"

#pragma clang diagnostic ignored "-Wpsabi"

typedef void (*panel_product)(
    long m, long columns, long k, const float *a, long a_row, long a_step, const float *b, long b_step, float *c,
    long c_row, bool adding);
typedef void (*panel_finish)(
    float *c, long c_row, long rows, long columns, const float *bias, int activation, const float *residual,
    long residual_row);

#define CK_NAME(name) CK_JOIN(name, base)
#define CK_LANES 4
#define CK_ROWS 4
#include "product_loops.h"
#undef CK_NAME
#undef CK_LANES
#undef CK_ROWS

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define CK_NAME(name) CK_JOIN(name, avx2)
#define CK_LANES 8
#define CK_ROWS 6
#include "product_loops.h"
#undef CK_NAME
#undef CK_LANES
#undef CK_ROWS
#pragma clang attribute pop

#pragma clang attribute push(                                                                                    \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))), apply_to = function)
#define CK_NAME(name) CK_JOIN(name, avx512)
#define CK_LANES 16
#define CK_ROWS 14
#include "product_loops.h"
#undef CK_NAME
#undef CK_LANES
#undef CK_ROWS
#pragma clang attribute pop
static const panel_product panels[] = {panel_base, panel_avx2, panel_avx512};
static const panel_finish finishes[] = {finish_base, finish_avx2, finish_avx512};
#else
static const panel_product panels[] = {panel_base, panel_base, panel_base};
static const panel_finish finishes[] = {finish_base, finish_base, finish_base};
#endif

void ck_panel_product(
    long m, long columns, long k, const float *a, long a_row, long a_step, const float *b, long b_step, float *c,
    long c_row, bool adding) {
    panels[ck_isa()](m, columns, k, a, a_row, a_step, b, b_step, c, c_row, adding);
}

// Packing.

typedef float four __attribute__((ext_vector_type(4), aligned(4)));

/// target[i · CK_PANEL + o] = b[o · row + i] for 4 × 4 numbers.
static inline void turn_four(const float *b, long row, float *target) {
    four r0 = *(const four *)b, r1 = *(const four *)(b + row), r2 = *(const four *)(b + 2 * row);
    four r3 = *(const four *)(b + 3 * row);
    four low01 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5), high01 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
    four low23 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5), high23 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
    *(four *)target = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
    *(four *)(target + CK_PANEL) = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
    *(four *)(target + 2 * CK_PANEL) = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
    *(four *)(target + 3 * CK_PANEL) = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
}

void ck_pack_panel(const float *b, long columns, long k, long column_step, long k_step, float *packed) {
    long i = 0;
    if (k_step == 1 && columns == CK_PANEL) {
        for (; i + 4 <= k; i += 4)
            for (long o = 0; o < CK_PANEL; o += 4)
                turn_four(b + o * column_step + i, column_step, packed + i * CK_PANEL + o);
    }
    if (column_step == 1 && columns == CK_PANEL)
        for (; i < k; i++) memcpy(packed + i * CK_PANEL, b + i * k_step, CK_PANEL * sizeof(float));
    for (; i < k; i++) {
        float *row = packed + i * CK_PANEL;
        for (long o = 0; o < columns; o++) row[o] = b[o * column_step + i * k_step];
        for (long o = columns; o < CK_PANEL; o++) row[o] = 0;
    }
}

typedef struct {
    const float *b;
    long n, k, column_step, k_step;
    float *packed;
} pack_job;

static void run_pack(void *context, long begin, long end) {
    const pack_job *j = context;
    for (long panel = begin; panel < end; panel++) {
        long first = panel * CK_PANEL, columns = j->n - first < CK_PANEL ? j->n - first : CK_PANEL;
        ck_pack_panel(
            j->b + first * j->column_step, columns, j->k, j->column_step, j->k_step,
            j->packed + panel * j->k * CK_PANEL);
    }
}

long ck_packed_count(long n, long k) { return (n + CK_PANEL - 1) / CK_PANEL * CK_PANEL * k; }

void ck_pack(const float *b, long n, long k, long column_step, long k_step, float *packed) {
    pack_job j = {b, n, k, column_step, k_step, packed};
    ck_parallel_for((n + CK_PANEL - 1) / CK_PANEL, ck_grain_for(k * CK_PANEL), run_pack, &j);
}

// The whole product: pieces of `block` rows by `group` panels. Rows are copied when their step would put them all
// into one set of the cache, which has less room than a tile has rows.

enum { block_rows = 112, block_depth = 1024, tight = 1024 };

typedef struct {
    long m, n, k;
    const float *a;
    long a_row;
    const float *packed, *b;
    long column_step, k_step;
    ck_product_finish f;
    float *c;
    long c_row, blocks, groups, panels;
} product_job;

static void run_product(void *context, long begin, long end) {
    const product_job *j = context;
    panel_product product = panels[ck_isa()];
    panel_finish finish = finishes[ck_isa()];
    const ck_product_finish *f = &j->f;
    bool copies = j->a_row % tight == 0;
    long depth = j->k < block_depth ? j->k : block_depth, copy_row = (depth + 15) / 16 * 16 + 16;
    size_t bytes = (size_t)((copies ? block_rows * copy_row : 0) + (j->packed ? 0 : depth * CK_PANEL)) * sizeof(float);
    float *panel_here = bytes ? ck_allocate(bytes) : NULL, *copy = panel_here + (j->packed ? 0 : depth * CK_PANEL);
    for (long item = begin; item < end; item++) {
        long block = item / j->groups, group = item % j->groups;
        long row = j->m * block / j->blocks, rows = j->m * (block + 1) / j->blocks - row;
        long first = j->panels * group / j->groups, last = j->panels * (group + 1) / j->groups;
        for (long i = 0; i < j->k; i += depth) {
            long count = j->k - i < depth ? j->k - i : depth;
            const float *a = j->a + row * j->a_row + i;
            long a_row = j->a_row;
            if (copies) {
                for (long r = 0; r < rows; r++)
                    memcpy(copy + r * copy_row, a + r * a_row, (size_t)count * sizeof(float));
                a = copy;
                a_row = copy_row;
            }
            for (long panel = first; panel < last; panel++) {
                long column = panel * CK_PANEL, columns = j->n - column < CK_PANEL ? j->n - column : CK_PANEL;
                float *c = j->c + row * j->c_row + column;
                const float *b = panel_here;
                if (j->packed) b = j->packed + (panel * j->k + i) * CK_PANEL;
                else
                    ck_pack_panel(
                        j->b + column * j->column_step + i * j->k_step, columns, count, j->column_step, j->k_step,
                        panel_here);
                product(rows, columns, count, a, a_row, 1, b, CK_PANEL, c, j->c_row, i > 0);
                if (i + count == j->k)
                    finish(
                        c, j->c_row, rows, columns, f->bias ? f->bias + column : NULL, f->activation,
                        f->residual ? f->residual + row * f->residual_row + column : NULL, f->residual_row);
            }
        }
    }
    if (bytes) ck_release(panel_here, bytes);
}

/// Everything of `j` but its pieces is set; rows of a that do not lie dense are copied.
static void multiply(product_job j, long a_step) {
    long m = j.m, n = j.n, k = j.k, c_row = j.c_row;
    float *c = j.c;
    const ck_product_finish *finish = &j.f;
    if (m <= 0 || n <= 0) return;
    if (k == 0) {
        for (long r = 0; r < m; r++) {
            memset(c + r * c_row, 0, (size_t)n * sizeof(float));
            finishes[ck_isa()](
                c + r * c_row, c_row, 1, n, finish->bias, finish->activation,
                finish->residual ? finish->residual + r * finish->residual_row : NULL, 0);
        }
        return;
    }
    j.panels = (n + CK_PANEL - 1) / CK_PANEL;
    j.blocks = (m + block_rows - 1) / block_rows;
    // About 2^21 multiplications to a piece, and sixteen pieces where there is enough to share.
    long piece = (m < block_rows ? m : block_rows) * k * CK_PANEL;
    long per_piece = piece > 1 << 21 ? 1 : (1 << 21) / piece;
    long wanted = (j.panels + per_piece - 1) / per_piece;
    long most = (16 + j.blocks - 1) / j.blocks;
    j.groups = wanted < most ? wanted : most;
    // Few rows are copied once for all pieces.
    bool copies = a_step != 1 || (j.blocks == 1 && j.a_row % tight == 0 && j.groups > 1);
    long copy_row = (k + 15) / 16 * 16 + 16;
    size_t bytes = copies ? (size_t)(m * copy_row) * sizeof(float) : 0;
    float *copy = copies ? ck_allocate(bytes) : NULL;
    if (copy) {
        ck_copy((long[]){m, k}, 2, j.a, (long[]){j.a_row, a_step}, copy, (long[]){copy_row, 1});
        j.a = copy;
        j.a_row = copy_row;
    }
    ck_parallel_for(j.blocks * j.groups, 1, run_product, &j);
    if (copy) ck_release(copy, bytes);
}

void ck_packed_product(
    long m, long n, long k, const float *a, long a_row, const float *packed, const ck_product_finish *finish,
    float *c, long c_row) {
    product_job j = {
        .m = m, .n = n, .k = k, .a = a, .a_row = a_row, .packed = packed, .f = *finish, .c = c, .c_row = c_row};
    multiply(j, 1);
}

void ck_plain_product(
    long m, long n, long k, const float *a, long a_row, long a_step, const float *b, long column_step, long k_step,
    const ck_product_finish *finish, float *c, long c_row) {
    product_job j = {
        .m = m, .n = n, .k = k, .a = a, .a_row = a_row, .b = b, .column_step = column_step, .k_step = k_step,
        .f = *finish, .c = c, .c_row = c_row};
    // What several blocks of rows read is packed once.
    size_t bytes = m > block_rows ? (size_t)ck_packed_count(n, k) * sizeof(float) : 0;
    float *packed = bytes ? ck_allocate(bytes) : NULL;
    if (packed) ck_pack(b, n, k, column_step, k_step, packed);
    j.packed = packed;
    multiply(j, a_step);
    if (packed) ck_release(packed, bytes);
}
