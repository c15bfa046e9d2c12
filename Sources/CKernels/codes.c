#include "codes.h"

#include <math.h>
#include <string.h>

#include "isa.h"

/// Without their signs numbers lie in the order of their bits, and what is none above them.
CK_CLONES float ck_greatest(const float *x, long count) {
    uint32_t most = 0;
    for (long i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        bits &= 0x7FFFFFFF;
        most = bits > most ? bits : most;
    }
    float value;
    memcpy(&value, &most, sizeof value);
    return isfinite(value) ? value : INFINITY;
}

long ck_coded_width(long width) { return groups_of(width) * group_bytes; }

CK_CLONES static void code_row(const float *restrict x, long width, float inverse, uint8_t *restrict codes) {
    for (long i = 0; i < width; i++) {
        float v = x[i] * inverse;
        codes[i] = (uint8_t)((int)(v + (v < 0 ? -0.5f : 0.5f)) + code_zero);
    }
}

CK_CLONES static void pack_row(const uint8_t *restrict codes, long groups, uint8_t *restrict packed) {
    for (long g = 0; g < groups; g++, codes += group_numbers, packed += group_bytes)
        for (long i = 0; i < group_step; i++) {
            uint8_t last = codes[i + 3 * group_step];
            packed[i] = (uint8_t)(codes[i] | last << 6);
            packed[i + group_step] = (uint8_t)(codes[i + group_step] | (last & 12) << 4);
            packed[i + 2 * group_step] = (uint8_t)(codes[i + 2 * group_step] | (last & 48) << 2);
        }
}

/// The squares of a row's length and of its distance to its codes.
CK_CLONES static void measure_row(
    const float *restrict x, const uint8_t *restrict codes, long width, float scale, float *restrict squares) {
    CK_FAST
    float norm = 0, error = 0;
    for (long i = 0; i < width; i++) {
        float u = x[i] - scale * (float)(codes[i] - code_zero);
        norm += x[i] * x[i];
        error += u * u;
    }
    squares[0] = norm;
    squares[1] = error;
}

CK_CLONES static void subtract(const float *x, const float *middle, long width, float *restrict rest) {
    for (long i = 0; i < width; i++) rest[i] = x[i] - middle[i];
}

typedef struct {
    const ck_rows *rows;
    const ck_codes *codes;
} code_job;

static void run_codes(void *context, long begin, long end) {
    const code_job *j = context;
    const ck_codes *c = j->codes;
    long width = j->rows->width, groups = groups_of(width);
    size_t numbers = (size_t)(groups * group_numbers), bytes = (size_t)width * sizeof(float) + numbers;
    float *rest = ck_allocate(bytes);
    uint8_t *codes = (uint8_t *)(rest + width);
    memset(codes, code_zero, numbers);
    for (long r = begin; r < end; r++) {
        subtract(ck_single_rows(j->rows, r, 1, rest), c->middle, width, rest);
        float most = ck_greatest(rest, width), squares[2] = {INFINITY, INFINITY};
        // Any other row is never ruled out.
        bool known = most == 0 || ordinary((double)most / most_level);
        float scale = known ? most / most_level : 0;
        if (scale > 0) code_row(rest, width, 1 / scale, codes);
        else memset(codes, code_zero, (size_t)width);
        pack_row(codes, groups, c->codes + r * groups * group_bytes);
        if (known) measure_row(rest, codes, width, scale, squares);
        // A share of the length covers the rounding of differences.
        double norm = sqrt((double)squares[0]) * above(width);
        c->scales[r] = scale;
        c->norms[r] = (float)norm;
        c->errors[r] = (float)((sqrt((double)squares[1]) + norm * 0x1p-16) * above(width));
    }
    ck_release(rest, bytes);
}

/// The mean of rows here and there. Any point will do; the nearer to the rows, the finer their codes.
static void find_middle(const ck_rows *rows, float *middle) {
    enum { most_rows = 4096 };
    long width = rows->width, step = rows->count / most_rows + 1, count = 0;
    size_t bytes = (size_t)width * (sizeof(double) + sizeof(float));
    double *sums = ck_allocate(bytes);
    float *scratch = (float *)(sums + width);
    for (long i = 0; i < width; i++) sums[i] = 0;
    for (long r = 0; r < rows->count; r += step) {
        const float *x = ck_single_rows(rows, r, 1, scratch);
        if (!ordinary((double)ck_greatest(x, width))) continue;
        for (long i = 0; i < width; i++) sums[i] += (double)x[i];
        count++;
    }
    for (long i = 0; i < width; i++) middle[i] = count ? (float)(sums[i] / (double)count) : 0;
    ck_release(sums, bytes);
}

void ck_make_codes(const ck_rows *rows, const ck_codes *codes) {
    find_middle(rows, codes->middle);
    code_job j = {rows, codes};
    ck_parallel_for(rows->count, ck_grain_for(rows->width), run_codes, &j);
}
