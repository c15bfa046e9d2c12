#include "search.h"

#include <math.h>
#include <string.h>

#include "convert.h"
#include "isa.h"
#include "product.h"
#include "vmath.h"

// Rows are taken in fixed pieces; every piece keeps the k best of each query, and the pieces are put together in order.

enum { piece_rows = 8192, tile_rows = 112, few_queries = 3 };

/// The k best so far, best first.
typedef struct {
    long *rows;
    float *scores;
    long k, count;
} best;

static float least(const best *b) { return b->count < b->k ? -INFINITY : b->scores[b->k - 1]; }

/// Later rows with an equal score go behind, so rows have to come in order.
static void offer(best *b, long row, float score) {
    if (b->count == b->k && !(score > b->scores[b->k - 1])) return;
    long place = b->count < b->k ? b->count++ : b->k - 1;
    for (; place > 0 && b->scores[place - 1] < score; place--) {
        b->scores[place] = b->scores[place - 1];
        b->rows[place] = b->rows[place - 1];
    }
    b->scores[place] = score;
    b->rows[place] = row;
}

/// Marks the places that no row took.
static void finish(best *b) {
    for (long i = b->count; i < b->k; i++) {
        b->rows[i] = -1;
        b->scores[i] = -INFINITY;
    }
}

typedef struct {
    const float *x;
    const uint16_t *half;
    const ck_codes *codes;
    const int16_t *coarse;           // the queries in sixteen bits
    const float *steps, *doubts, *lengths;  // of the queries: size of a step, distance to them, length
    long rows, width, count, k;
    const float *queries, *packed;
    long *found;                     // [pieces, count, k]
    float *scores;
    float *highs, *bars;             // the greatest upper bound of every batch [count, batches]; what it has to reach
    long *read;                      // [pieces]
} job;

typedef float floats16 __attribute__((vector_size(64), aligned(4)));

/// The sum of a vector by halves: four steps, where one number after the other takes sixteen.
#define CK_TOTAL(v, total)                                                                         \
    do {                                                                                           \
        floats16 a = (v);                                                                          \
        a += __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7); \
        a += __builtin_shufflevector(a, a, 4, 5, 6, 7, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7);       \
        a += __builtin_shufflevector(a, a, 2, 3, 0, 1, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7);       \
        (total) = a[0] + a[1];                                                                     \
    } while (0)

/// The products of rows with a query, those of the first half beside those of the second: two streams of memory are what
/// the hardware fetches fastest, and they keep up only where much of a row stands in one pass of the loop. For 2 GB the
/// compiler's own loop takes 96 ms, one stream in passes of 64 numbers 78, of 128 66, two streams 63.
CK_CLONES static void dots(const float *x, long rows, long width, const float *q, float *restrict y) {
    CK_FAST
    long half = (rows + 1) / 2;
    for (long r = 0; r < half; r++) {
        long other = r + half < rows ? r + half : r;
        const float *u = x + r * width, *v = x + other * width;
        floats16 us[2] = {0}, vs[2] = {0};
        float first, second;
        long i = 0;
        for (; i + 128 <= width; i += 128)
            for (int k = 0; k < 8; k++) {
                floats16 part = *(const floats16 *)(q + i + 16 * k);
                us[k & 1] += *(const floats16 *)(u + i + 16 * k) * part;
                vs[k & 1] += *(const floats16 *)(v + i + 16 * k) * part;
            }
        CK_TOTAL(us[0] + us[1], first);
        CK_TOTAL(vs[0] + vs[1], second);
        for (; i < width; i++) {
            first += u[i] * q[i];
            second += v[i] * q[i];
        }
        y[r] = first;
        y[other] = second;
    }
}

/// Whether any score of a row reaches its query's bar.
CK_CLONES static int any_above(const float *scores, const float *bars, long count) {
    int any = 0;
    for (long i = 0; i < count; i++) any |= scores[i] > bars[i];
    return any;
}

static best of_piece(const job *j, long piece, long query) {
    long at = (piece * j->count + query) * j->k;
    return (best){j->found + at, j->scores + at, j->k, 0};
}

/// Some rows of single precision that lie in the cache or come from memory.
static void scan(const job *j, const float *x, long first, long rows, best *kept, float *bars, float *scratch) {
    if (j->count <= few_queries) {
        for (long q = 0; q < j->count; q++) {
            dots(x, rows, j->width, j->queries + q * j->width, scratch);
            for (long r = 0; r < rows; r++)
                if (scratch[r] > bars[q]) {
                    offer(&kept[q], first + r, scratch[r]);
                    bars[q] = least(&kept[q]);
                }
        }
        return;
    }
    long panels = (j->count + CK_PANEL - 1) / CK_PANEL, row = panels * CK_PANEL + 16;
    for (long p = 0; p < panels; p++)
        ck_panel_product(
            rows, CK_PANEL, j->width, x, j->width, 1, j->packed + p * CK_PANEL * j->width, CK_PANEL,
            scratch + p * CK_PANEL, row, false);
    for (long r = 0; r < rows; r++) {
        const float *y = scratch + r * row;
        if (!any_above(y, bars, j->count)) continue;
        for (long q = 0; q < j->count; q++)
            if (y[q] > bars[q]) {
                offer(&kept[q], first + r, y[q]);
                bars[q] = least(&kept[q]);
            }
    }
}

static void run_scan(void *context, long begin, long end) {
    const job *j = context;
    long panels = (j->count + CK_PANEL - 1) / CK_PANEL;
    // One query reads every row once, so it needs no tiles that stay in the cache.
    long tile = j->count == 1 && !j->half ? piece_rows : tile_rows;
    size_t scratch = (size_t)(j->count == 1 ? tile : tile * (panels * CK_PANEL + 16));
    size_t rows = (size_t)(j->half ? tile * j->width : 0);
    size_t bytes = (scratch + rows + (size_t)j->count) * sizeof(float) + (size_t)j->count * sizeof(best);
    best *kept = ck_allocate(bytes);
    float *y = (float *)(kept + j->count), *bars = y + scratch, *x = bars + j->count;
    for (long piece = begin; piece < end; piece++) {
        for (long q = 0; q < j->count; q++) {
            kept[q] = of_piece(j, piece, q);
            bars[q] = -INFINITY;
        }
        long last = (piece + 1) * piece_rows < j->rows ? (piece + 1) * piece_rows : j->rows;
        for (long first = piece * piece_rows; first < last; first += tile) {
            long count = last - first < tile ? last - first : tile;
            if (j->half) ck_to_floats(ck_f16, j->half + first * j->width, 1, x, count * j->width);
            scan(j, j->half ? x : j->x + first * j->width, first, count, kept, bars, y);
        }
        for (long q = 0; q < j->count; q++) finish(&kept[q]);
    }
    ck_release(kept, bytes);
}

/// Runs over the pieces and puts their results together.
static void search(job *j, ck_task run, long *found, float *scores) {
    long pieces = (j->rows + piece_rows - 1) / piece_rows, each = j->count * j->k;
    size_t size = (size_t)(pieces * each), bytes = size * (sizeof(long) + sizeof(float));
    j->found = ck_allocate(bytes + 64);
    j->scores = (float *)(j->found + size);
    ck_parallel_for(pieces, 1, run, j);
    for (long q = 0; q < j->count; q++) {
        best b = {found + q * j->k, scores + q * j->k, j->k, 0};
        for (long piece = 0; piece < pieces; piece++) {
            best part = of_piece(j, piece, q);
            for (long i = 0; i < j->k && part.rows[i] >= 0; i++) offer(&b, part.rows[i], part.scores[i]);
        }
        finish(&b);
    }
    ck_release(j->found, bytes + 64);
}

static void search_plain(job *j, long *found, float *scores) {
    if (j->count == 0 || j->k == 0) return;
    size_t bytes = j->count > few_queries ? (size_t)ck_packed_count(j->count, j->width) * sizeof(float) : 0;
    float *packed = bytes ? ck_allocate(bytes) : NULL;
    if (packed) ck_pack(j->queries, j->count, j->width, j->width, 1, packed);
    j->packed = packed;
    search(j, run_scan, found, scores);
    if (packed) ck_release(packed, bytes);
}

void ck_top_k(
    const float *x, long rows, long width, const float *queries, long count, long k, long *found, float *scores) {
    job j = {.x = x, .rows = rows, .width = width, .count = count, .k = k, .queries = queries};
    search_plain(&j, found, scores);
}

void ck_top_k_half(
    const uint16_t *x, long rows, long width, const float *queries, long count, long k, long *found,
    float *scores) {
    job j = {.half = x, .rows = rows, .width = width, .count = count, .k = k, .queries = queries};
    search_plain(&j, found, scores);
}

// Codes of one byte. With x = s c + u, |u| ≤ e, and the query q = t d + v, |v| ≤ f:
//     q·x = s t (c·d) + t d·u + v·x, so |q·x - s t (c·d)| ≤ |t d| e + f |x|.
// Both lengths are bounded from above, and a share of |q||x| covers the rounding of the product itself.

static const double rounding = 4e-6;


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
        float most = 0;
        for (long i = 0; i < j->width; i++) most = fabsf(x[i]) > most ? fabsf(x[i]) : most;
        float scale = most / 127;
        code_row(x, j->width, scale > 0 ? 1 / scale : 0, j->codes + r * j->width);
        double sums[2];
        measure_row(x, j->codes + r * j->width, j->width, scale, sums);
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
                    dots(j->x + (b.first + r) * j->width, 1, j->width, j->queries + q * j->width, &score);
                    offer(&kept, b.first + r, score);
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
        double most = 0, norm = 0, distance = 0, length = 0;
        for (long i = 0; i < width; i++) most = fabs((double)query[i]) > most ? fabs((double)query[i]) : most;
        steps[q] = (float)(most / levels);
        for (long i = 0; i < width; i++) {
            double value = steps[q] > 0 ? rint((double)query[i] / (double)steps[q]) : 0;
            if (value > levels) value = levels;
            if (value < -levels) value = -levels;
            coarse[q * width + i] = (int16_t)value;
            double near = value * (double)steps[q], rest = (double)query[i] - near;
            distance += rest * rest;
            length += near * near;
            norm += (double)query[i] * (double)query[i];
        }
        lengths[q] = (float)(sqrt(length) * 1.000001);
        doubts[q] = (float)((sqrt(distance) + rounding * sqrt(norm)) * 1.000001);
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
        search(&j, run_bounds, found + first * k, scores + first * k);
        for (long q = 0; q < j.count; q++) j.bars[q] = scores[(first + q) * k + k - 1];
        search(&j, run_candidates, found + first * k, scores + first * k);
        for (long i = 0; i < pieces; i++) total += read[i];
    }
    ck_release(highs, high_bytes);
    ck_release(read, bytes);
    return total;
}
