#include "attention.h"

#include <string.h>

#include "isa.h"
#include "product.h"
#include "vmath.h"

enum { most_rows = 84 };

typedef struct {
    const ck_attention *a;
    long blocks;
} job;

/// scale · x + mask becomes exp(… - its maximum); returns one over the sum, 0 when all is masked.
CK_CLONES static float soften(float *restrict x, const float *restrict mask, long count, float scale) {
    CK_FAST
    float lane[16], most = -__builtin_inff();
    for (int i = 0; i < 16; i++) lane[i] = most;
    if (mask)
        for (long i = 0; i < count; i++) x[i] = x[i] * scale + mask[i];
    else
        for (long i = 0; i < count; i++) x[i] *= scale;
    long first = 0;
    for (; first + 16 <= count; first += 16)
        for (int i = 0; i < 16; i++) lane[i] = x[first + i] > lane[i] ? x[first + i] : lane[i];
    for (int i = 0; i < 16; i++) most = lane[i] > most ? lane[i] : most;
    for (; first < count; first++) most = x[first] > most ? x[first] : most;
    if (most == -__builtin_inff()) {
        for (long i = 0; i < count; i++) x[i] = 0;
        return 0;
    }
    float sum = 0;
    for (long i = 0; i < count; i++) {
        float e = ck_exp(x[i] - most);
        x[i] = e;
        sum += e;
    }
    return 1 / sum;
}

static void run(void *context, long begin, long end) {
    const job *j = context;
    const ck_attention *a = j->a;
    long panels = (a->columns + CK_PANEL - 1) / CK_PANEL;
    long most = a->rows < most_rows ? a->rows : most_rows;
    long score_row = panels * CK_PANEL + 16;
    bool packs_v = a->value_width % CK_PANEL != 0;
    long keys = panels * CK_PANEL * a->width, values = packs_v ? ck_packed_count(a->value_width, a->columns) : 0;
    size_t bytes = (size_t)(keys + values + most * score_row + most) * sizeof(float);
    float *k = ck_allocate(bytes), *v = k + keys, *scores = v + values, *shares = scores + most * score_row;
    long packed_for = -1;
    for (long item = begin; item < end; item++) {
        long head = item / j->blocks % a->heads, entry = item / j->blocks / a->heads;
        long first = a->rows * (item % j->blocks) / j->blocks;
        long rows = a->rows * (item % j->blocks + 1) / j->blocks - first;
        const float *values_here = a->v + entry * a->v_steps.batch + head * a->v_steps.head;
        if (packed_for != item / j->blocks) {
            const float *source = a->k + entry * a->k_steps.batch + head * a->k_steps.head;
            for (long p = 0; p < panels; p++) {
                long column = p * CK_PANEL, few = a->columns - column < CK_PANEL ? a->columns - column : CK_PANEL;
                ck_pack_panel(
                    source + column * a->k_steps.row, few, a->width, a->k_steps.row, 1, k + column * a->width);
            }
            for (long c = 0; packs_v && c < a->value_width; c += CK_PANEL)
                ck_pack_panel(
                    values_here + c, a->value_width - c < CK_PANEL ? a->value_width - c : CK_PANEL, a->columns, 1,
                    a->v_steps.row, v + c * a->columns);
            packed_for = item / j->blocks;
        }
        long seen = a->causal ? first + rows + a->columns - a->rows : a->columns;
        const float *q = a->q + entry * a->q_steps.batch + head * a->q_steps.head + first * a->q_steps.row;
        for (long c = 0; c < seen; c += CK_PANEL)
            ck_panel_product(
                rows, CK_PANEL, a->width, q, a->q_steps.row, 1, k + c * a->width, CK_PANEL, scores + c, score_row,
                false);
        for (long r = 0; r < rows; r++) {
            float *x = scores + r * score_row;
            long count = a->causal ? first + r + 1 + a->columns - a->rows : a->columns;
            const float *mask =
                a->mask ? a->mask + entry * a->mask_steps.batch + head * a->mask_steps.head
                              + (first + r) * a->mask_steps.row
                        : NULL;
            shares[r] = soften(x, mask, count, a->scale);
            for (long i = count; i < seen; i++) x[i] = 0;
        }
        float *y = a->y + entry * a->y_steps.batch + head * a->y_steps.head + first * a->y_steps.row;
        for (long c = 0; c < a->value_width; c += CK_PANEL)
            ck_panel_product(
                rows, a->value_width - c < CK_PANEL ? a->value_width - c : CK_PANEL, seen, scores, score_row, 1,
                packs_v ? v + c * a->columns : values_here + c, packs_v ? CK_PANEL : a->v_steps.row, y + c,
                a->y_steps.row, false);
        for (long r = 0; r < rows; r++)
            for (long i = 0; i < a->value_width; i++) y[r * a->y_steps.row + i] *= shares[r];
    }
    ck_release(k, bytes);
}

void ck_attend(const ck_attention *attention) {
    const ck_attention *a = attention;
    if (a->batch * a->heads * a->rows == 0) return;
    if (a->columns == 0) {
        for (long i = 0; i < a->batch * a->heads * a->rows; i++) {
            long row = i % a->rows, head = i / a->rows % a->heads, entry = i / a->rows / a->heads;
            memset(
                a->y + entry * a->y_steps.batch + head * a->y_steps.head + row * a->y_steps.row, 0,
                (size_t)a->value_width * sizeof(float));
        }
        return;
    }
    job j = {a, (a->rows + most_rows - 1) / most_rows};
    long work = a->rows / j.blocks * a->columns * (a->width + a->value_width);
    long grain = work > 1 << 19 ? 1 : (1 << 19) / (work < 1 ? 1 : work);
    ck_parallel_for(a->batch * a->heads * j.blocks, grain < 1 ? 1 : grain, run, &j);
}
