#include <math.h>
#include <string.h>

#include "codes.h"
#include "isa.h"

// With a row x = m + s c + u and a query q = t d + v:
//     q·x = q·m + s t (c·d) + t d·u + v·(x - m), so |q·x - q·m - s t (c·d)| ≤ |t d| |u| + |v| |x - m|.
// The rows that look best by their codes are worked out exactly; the k-th of their scores is the bar, and rows whose bound
// lies below it are ruled out. All lengths are bounded from above, and a share of |q||x| covers the rounding in products
// of single precision: of `ck_row_products` one unit for every addition that follows another; of ours, whose codes lie
// above zero and sum up to the query's |q|₁ ≤ √width |q| times the row's greatest number, five for that, and some.

static double rounding(long width) { return ((double)width / 32 + 5 * sqrt((double)width) + 160) * 0x1p-24; }

typedef void (*code_products)(const uint8_t *codes, long rows, long groups, const int8_t *q, int *y);

static void code_products_base(const uint8_t *codes, long rows, long groups, const int8_t *q, int *y) {
    for (long r = 0; r < rows; r++) {
        int sum = 0;
        for (long g = 0; g < groups; g++, codes += group_bytes)
            for (long i = 0; i < group_step; i++) {
                const int8_t *d = q + g * group_numbers + i;
                int a = codes[i], b = codes[i + group_step], c = codes[i + 2 * group_step];
                sum += (a & 63) * d[0] + (b & 63) * d[group_step] + (c & 63) * d[2 * group_step]
                       + (a >> 6 | (b >> 4 & 12) | (c >> 2 & 48)) * d[3 * group_step];
            }
        y[r] = sum;
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

/// Four products of at most 63 · 127 fit in sixteen bits.
__attribute__((target("avx2"))) static void code_products_avx2(
    const uint8_t *codes, long rows, long groups, const int8_t *q, int *y) {
    const __m256i six = _mm256_set1_epi8(63), first = _mm256_set1_epi8(3), second = _mm256_set1_epi8(12),
                  third = _mm256_set1_epi8(48), one = _mm256_set1_epi16(1);
    for (long r = 0; r < rows; r++) {
        __m256i sum = _mm256_setzero_si256();
        for (long g = 0; g < groups; g++, codes += group_bytes) {
            const __m256i *p = (const void *)codes, *d = (const void *)(q + g * group_numbers);
            __m256i a = _mm256_loadu_si256(p), b = _mm256_loadu_si256(p + 1), c = _mm256_loadu_si256(p + 2);
            __m256i last = _mm256_or_si256(
                _mm256_or_si256(
                    _mm256_and_si256(_mm256_srli_epi16(a, 6), first),
                    _mm256_and_si256(_mm256_srli_epi16(b, 4), second)),
                _mm256_and_si256(_mm256_srli_epi16(c, 2), third));
            a = _mm256_maddubs_epi16(_mm256_and_si256(a, six), _mm256_loadu_si256(d));
            b = _mm256_maddubs_epi16(_mm256_and_si256(b, six), _mm256_loadu_si256(d + 1));
            c = _mm256_maddubs_epi16(_mm256_and_si256(c, six), _mm256_loadu_si256(d + 2));
            last = _mm256_maddubs_epi16(last, _mm256_loadu_si256(d + 3));
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_add_epi16(a, b), one));
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_add_epi16(c, last), one));
        }
        __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
        four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
        four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xB1));
        y[r] = _mm_cvtsi128_si32(four);
    }
}
static const code_products products[] = {code_products_base, code_products_avx2, code_products_avx2};
#else
static const code_products products[] = {code_products_base, code_products_base, code_products_base};
#endif

// Rows of codes are judged in batches that lie in the nearest caches with what is known of them.
enum { batch_rows = 64, piece_batches = piece_rows / batch_rows, most_queries = 8 };

/// A query in whole bytes, and what of a row's measures its bounds are made of.
typedef struct {
    const int8_t *levels;
    float step;    // t
    float rest;    // t times the sum of d times the code of zero
    float middle;  // q·m
    float slack;   // of all rows
    float length;  // |t d|
    float doubt;   // of |x - m|
} coded_query;

typedef struct {
    job search;
    const ck_codes *codes;
    long groups;
    code_products products;
    const coded_query *queries;
    float *highs;  // what no score of a batch lies above [queries, batches]
    float *bars;   // what k scores reach [queries]
    long *read;    // full rows read [pieces]
} coded_job;

static long batches_of(long rows) { return (rows + batch_rows - 1) / batch_rows; }

typedef struct {
    long first, rows;
    float guesses[batch_rows], bounds[batch_rows];
} batch;

/// Scores by codes, and what the scores cannot lie above.
CK_CLONES static void judge(
    const int *restrict dots, const float *restrict scales, const float *restrict errors, const float *restrict norms,
    const coded_query *restrict q, batch *restrict b) {
    float step = q->step, rest = q->rest, middle = q->middle, slack = q->slack, length = q->length, doubt = q->doubt;
    for (long r = 0; r < b->rows; r++) {
        b->guesses[r] = middle + scales[r] * (step * (float)dots[r] - rest);
        b->bounds[r] = b->guesses[r] + (length * errors[r] + doubt * norms[r] + slack);
    }
}

/// The greatest of some numbers, which are at least one.
CK_CLONES static float greatest(const float *x, long count) {
    enum { lanes = 16 };
    float most[lanes];
    for (long l = 0; l < lanes; l++) most[l] = x[0];
    long i = 0;
    for (; i + lanes <= count; i += lanes)
        for (long l = 0; l < lanes; l++) most[l] = x[i + l] > most[l] ? x[i + l] : most[l];
    for (; i < count; i++) most[0] = x[i] > most[0] ? x[i] : most[0];
    for (long l = 1; l < lanes; l++) most[0] = most[l] > most[0] ? most[l] : most[0];
    return most[0];
}

static void judge_batch(const coded_job *j, long number, long q, batch *b) {
    const ck_codes *c = j->codes;
    long rows = j->search.rows->count;
    int dots[batch_rows];
    b->first = number * batch_rows;
    b->rows = rows - b->first < batch_rows ? rows - b->first : batch_rows;
    j->products(c->codes + b->first * j->groups * group_bytes, b->rows, j->groups, j->queries[q].levels, dots);
    judge(dots, c->scales + b->first, c->errors + b->first, c->norms + b->first, &j->queries[q], b);
}

/// Bounds the scores of every batch, and keeps the rows that look best.
static void run_guesses(void *context, long begin, long end) {
    const coded_job *j = context;
    const job *s = &j->search;
    long batches = batches_of(s->rows->count);
    batch b;
    for (long piece = begin; piece < end; piece++) {
        best kept[most_queries];
        for (long q = 0; q < s->count; q++) kept[q] = of_piece(s, piece, q);
        long start = piece * piece_batches;
        for (long number = start; number < start + piece_batches && number < batches; number++)
            for (long q = 0; q < s->count; q++) {
                judge_batch(j, number, q, &b);
                j->highs[q * batches + number] = greatest(b.bounds, b.rows);
                if (!(greatest(b.guesses, b.rows) > least(&kept[q]))) continue;
                for (long r = 0; r < b.rows; r++)
                    if (b.guesses[r] > least(&kept[q])) offer(&kept[q], b.first + r, b.guesses[r]);
            }
        for (long q = 0; q < s->count; q++) finish(&kept[q]);
    }
}

static float row_score(const job *s, long row, long q, float *scratch) {
    long width = s->rows->width;
    float score;
    ck_row_products(ck_single_rows(s->rows, row, 1, scratch), 1, width, s->queries + q * width, &score);
    return score;
}

/// The exact products of the rows that may reach the bar. Few batches hold one, so those are judged again: the bounds
/// of all rows would cost more to write and read.
static void run_candidates(void *context, long begin, long end) {
    const coded_job *j = context;
    const job *s = &j->search;
    long batches = batches_of(s->rows->count);
    size_t bytes = (size_t)s->rows->width * sizeof(float);
    float *scratch = ck_allocate(bytes);
    batch b;
    for (long piece = begin; piece < end; piece++) {
        long start = piece * piece_batches;
        j->read[piece] = 0;
        for (long q = 0; q < s->count; q++) {
            best kept = of_piece(s, piece, q);
            for (long number = start; number < start + piece_batches && number < batches; number++) {
                if (j->highs[q * batches + number] < j->bars[q]) continue;
                judge_batch(j, number, q, &b);
                for (long r = 0; r < b.rows; r++) {
                    if (b.bounds[r] < j->bars[q]) continue;
                    float score = row_score(s, b.first + r, q, scratch);
                    if (score > least(&kept)) offer(&kept, b.first + r, score);
                    j->read[piece]++;
                }
            }
            finish(&kept);
        }
    }
    ck_release(scratch, bytes);
}

/// Works out the rows that look best: the k-th of their scores is the bar.
static void find_bars(coded_job *j, long *found, float *scores) {
    job *s = &j->search;
    long k = s->k, more = 2 * k + 16 < s->rows->count ? 2 * k + 16 : s->rows->count;
    size_t bytes = (size_t)(s->count * more) * (sizeof(long) + sizeof(float))
                   + (size_t)s->rows->width * sizeof(float);
    long *rows = ck_allocate(bytes);
    float *guesses = (float *)(rows + s->count * more), *scratch = guesses + s->count * more;
    s->k = more;
    ck_search_pieces(s, run_guesses, rows, guesses);
    s->k = k;
    for (long q = 0; q < s->count; q++) {
        best kept = {found + q * k, scores + q * k, k, 0};
        for (long i = 0; i < more && rows[q * more + i] >= 0; i++) {
            float score = row_score(s, rows[q * more + i], q, scratch);
            if (score > least(&kept)) offer(&kept, rows[q * more + i], score);
        }
        j->bars[q] = least(&kept);
    }
    ck_release(rows, bytes);
}

static coded_query code_query(const float *q, const float *middle, long width, int8_t *levels) {
    double step = (double)ck_greatest(q, width) / 127;
    double norm = 0, length = 0, distance = 0, product = 0, middle_norm = 0, sum = 0;
    for (long i = 0; i < width; i++) {
        double value = (double)q[i], m = (double)middle[i], level = rint(value / step), near = step * level;
        levels[i] = (int8_t)level;
        sum += level;
        norm += value * value;
        length += near * near;
        distance += (value - near) * (value - near);
        product += value * m;
        middle_norm += m * m;
    }
    double share = rounding(width) * sqrt(norm), more = above(width);
    return (coded_query){
        .levels = levels, .step = (float)step, .rest = (float)(step * sum * code_zero), .middle = (float)product,
        .slack = (float)(share * sqrt(middle_norm) * more), .length = (float)(sqrt(length) * more),
        .doubt = (float)((sqrt(distance) + share) * more)};
}

/// At most `most_queries` of them; returns how many full rows were read.
static long search_few(coded_job *j, long *found, float *scores) {
    const job *s = &j->search;
    long pieces = pieces_of(s), width = s->rows->width, batches = batches_of(s->rows->count), total = 0;
    size_t levels = (size_t)(s->count * j->groups * group_numbers);
    size_t bytes = (size_t)pieces * sizeof(long) + (size_t)s->count * sizeof(coded_query)
                   + (size_t)(s->count * (batches + 1)) * sizeof(float) + levels;
    j->read = ck_allocate(bytes);
    coded_query *queries = (coded_query *)(j->read + pieces);
    j->bars = (float *)(queries + s->count);
    j->highs = j->bars + s->count;
    int8_t *coded = (int8_t *)(j->highs + s->count * batches);
    memset(coded, 0, levels);
    for (long q = 0; q < s->count; q++, coded += j->groups * group_numbers)
        queries[q] = code_query(s->queries + q * width, j->codes->middle, width, coded);
    j->queries = queries;
    find_bars(j, found, scores);
    ck_search_pieces(&j->search, run_candidates, found, scores);
    for (long i = 0; i < pieces; i++) total += j->read[i];
    ck_release(j->read, bytes);
    return total;
}

long ck_top_k_codes(
    const ck_codes *codes, const ck_rows *rows, const float *queries, long count, long k, long *found, float *scores) {
    if (count == 0 || k == 0) return 0;
    long width = rows->width, total = 0;
    bool fit = width <= most_coded_width;
    for (long q = 0; q < count && fit; q++) fit = ordinary((double)ck_greatest(queries + q * width, width) / 127);
    if (!fit) {
        ck_top_k(rows, queries, count, k, found, scores);
        return rows->count * count;
    }
    coded_job j = {
        .search = {.rows = rows, .k = k}, .codes = codes, .groups = groups_of(width), .products = products[ck_isa()]};
    for (long first = 0; first < count; first += most_queries) {
        j.search.count = count - first < most_queries ? count - first : most_queries;
        j.search.queries = queries + first * width;
        total += search_few(&j, found + first * k, scores + first * k);
    }
    return total;
}
