#include "best.h"

#include <math.h>
#include <string.h>

#include "isa.h"

// Codes of one byte. With x = s c + u, |u| ≤ e, and the query q = t d + v, |v| ≤ f:
//     q·x = s t (c·d) + t d·u + v·x, so |q·x - s t (c·d)| ≤ |t d| e + f |x|.
// All lengths are bounded from above, and a share of |q||x| covers the rounding in products of single precision, ours and
// that of `ck_row_products`: one unit for every addition there that follows another, and some for ours.

static double rounding(long width) { return ((double)width / 32 + 160) * 0x1p-24; }

/// Whether products with such steps can neither vanish nor overflow.
static bool ordinary(double step) { return step >= 0x1p-40 && step <= 0x1p40; }

enum { most_coded_width = 1 << 20 };

/// The greatest of |x|; infinite where some are not numbers. Without their signs numbers lie in the order of their bits,
/// and what is none above them.
CK_CLONES static float greatest(const float *x, long count) {
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

typedef struct {
    const float *x;
    long width;
    int8_t *codes;
    float *scales, *errors, *norms;
} code_job;

CK_CLONES static void code_row(const float *restrict x, long width, float inverse, int8_t *restrict codes) {
    for (long i = 0; i < width; i++) {
        float v = x[i] * inverse;
        codes[i] = (int8_t)(int)(v + (v < 0 ? -0.5f : 0.5f));
    }
}

CK_CLONES static void measure_row(
    const float *restrict x, const int8_t *restrict codes, long width, float scale, double *restrict sums) {
    CK_FAST
    double error = 0, norm = 0;
    for (long i = 0; i < width; i++) {
        double u = (double)x[i] - (double)scale * (double)codes[i];
        error += u * u;
        norm += (double)x[i] * (double)x[i];
    }
    sums[0] = error;
    sums[1] = norm;
}

static void run_codes(void *context, long begin, long end) {
    const code_job *j = context;
    for (long r = begin; r < end; r++) {
        const float *x = j->x + r * j->width;
        float most = greatest(x, j->width);
        // Any other row is never ruled out.
        bool known = most == 0 || ordinary((double)most / 127);
        float scale = known ? most / 127 : 0;
        int8_t *codes = j->codes + r * j->width;
        if (scale > 0) code_row(x, j->width, 1 / scale, codes);
        else memset(codes, 0, (size_t)j->width);
        double sums[2] = {INFINITY, INFINITY};
        if (known) measure_row(x, codes, j->width, scale, sums);
        j->scales[r] = scale;
        j->errors[r] = (float)(sqrt(sums[0]) * 1.000001);
        j->norms[r] = (float)(sqrt(sums[1]) * 1.000001);
    }
}

void ck_make_codes(
    const float *x, long rows, long width, int8_t *codes, float *scales, float *errors, float *norms) {
    code_job j = {x, width, codes, scales, errors, norms};
    ck_parallel_for(rows, ck_grain_for(width), run_codes, &j);
}

CK_CLONES static void code_dots(
    const int8_t *restrict codes, long rows, long width, const int16_t *restrict q, int *restrict y) {
    for (long r = 0; r < rows; r++) {
        const int8_t *c = codes + r * width;
        int sum = 0;
#pragma clang loop vectorize_width(32) interleave_count(2)
        for (long i = 0; i < width; i++) sum += (int)c[i] * (int)q[i];
        y[r] = sum;
    }
}

/// score ± doubt of some rows; returns the greatest of all.
CK_CLONES static float judge(
    const int *restrict dots, const float *restrict scales, const float *restrict errors,
    const float *restrict norms, long rows, float step, float length, float doubt, float *restrict high,
    float *restrict low) {
    enum { lanes = 16 };
    for (long r = 0; r < rows; r++) {
        float score = step * scales[r] * (float)dots[r];
        float around = length * errors[r] + doubt * norms[r];
        high[r] = score + around;
        low[r] = score - around;
    }
    float most[lanes];
    for (long l = 0; l < lanes; l++) most[l] = -INFINITY;
    long r = 0;
    for (; r + lanes <= rows; r += lanes)
        for (long l = 0; l < lanes; l++) most[l] = high[r + l] > most[l] ? high[r + l] : most[l];
    for (; r < rows; r++) most[0] = high[r] > most[0] ? high[r] : most[0];
    for (long l = 1; l < lanes; l++) most[0] = most[l] > most[0] ? most[l] : most[0];
    return most[0];
}

// Rows of codes are judged in batches that lie in the nearest cache with what is known of them.
enum { batch_rows = 256, piece_batches = piece_rows / batch_rows, most_coded_queries = 8 };

typedef struct {
    long first, rows;
    float high[batch_rows], low[batch_rows];
} batch;

static long batches_of(long rows) { return (rows + batch_rows - 1) / batch_rows; }

static float judge_batch(const job *j, long number, long q, batch *b) {
    const ck_codes *c = j->codes;
    int products[batch_rows];
    b->first = number * batch_rows;
    b->rows = j->rows - b->first < batch_rows ? j->rows - b->first : batch_rows;
    code_dots(c->codes + b->first * j->width, b->rows, j->width, j->coarse + q * j->width, products);
    return judge(
        products, c->scales + b->first, c->errors + b->first, c->norms + b->first, b->rows, j->steps[q],
        j->lengths[q], j->doubts[q], b->high, b->low);
}

/// The greatest upper bound of every batch, and the k best lower bounds of the piece.
static void run_bounds(void *context, long begin, long end) {
    const job *j = context;
    long batches = batches_of(j->rows);
    batch b;
    for (long piece = begin; piece < end; piece++) {
        best kept[most_coded_queries];
        for (long q = 0; q < j->count; q++) kept[q] = of_piece(j, piece, q);
        long start = piece * piece_batches;
        for (long number = start; number < start + piece_batches && number < batches; number++) {
            for (long q = 0; q < j->count; q++) {
                float high = judge_batch(j, number, q, &b), bar = least(&kept[q]);
                j->highs[q * batches + number] = high;
                if (!(high > bar)) continue;
                for (long r = 0; r < b.rows; r++)
                    if (b.low[r] > bar) {
                        offer(&kept[q], b.first + r, b.low[r]);
                        bar = least(&kept[q]);
                    }
            }
        }
        for (long q = 0; q < j->count; q++) finish(&kept[q]);
    }
}

/// The exact products of the rows whose upper bound reaches the k-th best lower bound of all. Few batches hold one, so
/// those are judged again: the bounds of all rows would cost more to write and read.
static void run_candidates(void *context, long begin, long end) {
    const job *j = context;
    long batches = batches_of(j->rows);
    batch b;
    for (long piece = begin; piece < end; piece++) {
        long start = piece * piece_batches;
        j->read[piece] = 0;
        for (long q = 0; q < j->count; q++) {
            best kept = of_piece(j, piece, q);
            for (long number = start; number < start + piece_batches && number < batches; number++) {
                if (!(j->highs[q * batches + number] >= j->bars[q])) continue;
                judge_batch(j, number, q, &b);
                for (long r = 0; r < b.rows; r++) {
                    if (!(b.high[r] >= j->bars[q])) continue;
                    float score;
                    ck_row_products(j->x + (b.first + r) * j->width, 1, j->width, j->queries + q * j->width, &score);
                    if (score > least(&kept)) offer(&kept, b.first + r, score);
                    j->read[piece]++;
                }
            }
            finish(&kept);
        }
    }
}

long ck_top_k_codes(
    const ck_codes *codes, const float *x, long rows, long width, const float *queries, long count, long k,
    long *found, float *scores) {
    if (count == 0 || k == 0) return 0;
    bool fit = width <= most_coded_width;
    for (long q = 0; q < count && fit; q++) fit = ordinary((double)greatest(queries + q * width, width) / 127);
    if (!fit) {
        ck_top_k(x, rows, width, queries, count, k, found, scores);
        return rows * count;
    }
    job j = {
        .x = x, .codes = codes, .rows = rows, .width = width, .count = count, .k = k, .queries = queries};
    long pieces = (rows + piece_rows - 1) / piece_rows;
    size_t bytes = (size_t)(3 * count) * sizeof(float) + (size_t)(count * width) * sizeof(int16_t)
                   + (size_t)pieces * sizeof(long);
    long *read = ck_allocate(bytes);
    float *steps = (float *)(read + pieces), *doubts = steps + count, *lengths = doubts + count;
    int16_t *coarse = (int16_t *)(lengths + count);
    // As many steps as keep the sum of `width` products below 2³¹.
    double levels = 2147483647.0 / 127 / (double)(width < 1 ? 1 : width);
    if (levels > 32767) levels = 32767;
    levels = floor(levels);
    for (long q = 0; q < count; q++) {
        const float *query = queries + q * width;
        double norm = 0, distance = 0, length = 0;
        steps[q] = (float)((double)greatest(query, width) / levels);
        for (long i = 0; i < width; i++) {
            double value = rint((double)query[i] / (double)steps[q]);
            if (value > levels) value = levels;
            if (value < -levels) value = -levels;
            coarse[q * width + i] = (int16_t)value;
            double near = value * (double)steps[q], rest = (double)query[i] - near;
            distance += rest * rest;
            length += near * near;
            norm += (double)query[i] * (double)query[i];
        }
        lengths[q] = (float)(sqrt(length) * 1.000001);
        doubts[q] = (float)((sqrt(distance) + rounding(width) * sqrt(norm)) * 1.000001);
    }
    j.read = read;
    long batches = batches_of(rows), most = count < most_coded_queries ? count : most_coded_queries;
    size_t high_bytes = (size_t)(most * (batches + 1)) * sizeof(float);
    float *highs = ck_allocate(high_bytes);
    long total = 0;
    for (long first = 0; first < count; first += most_coded_queries) {
        j.count = count - first < most_coded_queries ? count - first : most_coded_queries;
        j.steps = steps + first;
        j.doubts = doubts + first;
        j.lengths = lengths + first;
        j.coarse = coarse + first * width;
        j.queries = queries + first * width;
        j.highs = highs;
        j.bars = highs + j.count * batches;
        ck_search_pieces(&j, run_bounds, found + first * k, scores + first * k);
        for (long q = 0; q < j.count; q++) j.bars[q] = scores[(first + q) * k + k - 1];
        ck_search_pieces(&j, run_candidates, found + first * k, scores + first * k);
        for (long i = 0; i < pieces; i++) total += read[i];
    }
    ck_release(highs, high_bytes);
    ck_release(read, bytes);
    return total;
}
